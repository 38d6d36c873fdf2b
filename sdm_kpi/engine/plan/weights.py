"""What part of a goal somebody gets: by history, potential, capacity, evenly, or by a mix of these."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from statistics import median

from ....sdm_segmentation.engine.options import OUT_OF_RANGE, WRONG_NUMBER, require
from ..periods import MONTHS

HISTORY, POTENTIAL, CAPACITY, EQUAL = "history", "potential", "capacity", "equal"
METHODS = (HISTORY, POTENTIAL, CAPACITY, EQUAL)

OWN, PART_OF_YEAR, LIKE_GROUP, LIKE_COMPANY, NOTHING = "own", "part", "group", "company", "none"
HUNDRED = 100


@dataclass(frozen=True)
class Seat:
    """A place from which somebody sells in a group.

    :param key: of the place; :param group: whose it is in, None: in none
    :param history: what the person sold in the months of history
    :param known: part of those months' working days that the person was there, 0..1
    :param potential: what the person's customers could buy; :param post: share of a full post
    :param presence: {month: part of its working days that the person is there}, months without any left out
    :param entered: month in which the person began, None for long ago
    """

    key: Hashable
    group: Hashable | None = None
    history: Decimal | Fraction | int = 0
    known: Fraction | int = 1
    potential: Decimal | Fraction | int = 0
    post: Decimal | Fraction | int = 1
    presence: Mapping[date, Fraction | int] = field(default_factory=dict)
    entered: date | None = None


@dataclass(frozen=True)
class Weights:
    """Who gets which part.

    :param seats: {seat key: {month: weight}}; :param groups: {group: {month: weight}} that a group has beyond its
        people, by what those sold who left it
    :param bases: {seat key: (sales of a whole year, where they come from)}: ``own``, ``part`` (of a part of the year,
        made a whole one), ``group`` or ``company`` (new: the median of the others), ``none``
    :param missing: methods that say nothing of anybody: capacity takes their place
    """

    seats: Mapping[Hashable, Mapping[date, Fraction]]
    groups: Mapping[Hashable, Mapping[date, Fraction]]
    bases: Mapping[Hashable, tuple[Fraction, str]]
    missing: tuple[str, ...] = ()


def parse_curve(text: str) -> tuple[Fraction, ...]:
    """The parts of a full result in the first months of somebody new, from percents in a row.

    >>> parse_curve("25, 50, 75")
    (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))

    :raise OptionError: something that is no number from 0 to 100
    """
    parts = []
    for word in filter(None, (text or "").replace(";", ",").replace("%", "").split(",")):
        try:
            percent = Decimal(word.strip())
        except InvalidOperation:
            percent = None
        require(percent is not None and 0 <= percent <= HUNDRED, "curve", WRONG_NUMBER, word.strip())
        parts.append(Fraction(percent) / HUNDRED)
    return tuple(parts)


def ramp_on(month: date, entered: date | None, curve: Sequence[Fraction]) -> Fraction:
    """What part of a full result somebody brings in a month, by how long the person has been there.

    >>> ramp_on(date(2026, 3, 1), date(2026, 2, 1), (Fraction(1, 4), Fraction(1, 2)))
    Fraction(1, 2)
    """
    if entered is None:
        return Fraction(1)
    since = (month.year - entered.year) * MONTHS + month.month - entered.month
    return curve[since] if 0 <= since < len(curve) else Fraction(1)


def weights_of(
    seats: Sequence[Seat],
    mix: Mapping[str, Decimal | Fraction | int],
    curve: Sequence[Fraction] = (),
    left: Mapping[Hashable, Decimal] | None = None,
    least_known: Fraction = Fraction(0),
) -> Weights:
    """The weight of each seat in each month of its presence.

    What somebody sold in a part of the year counts as for the whole of it. Who was there for less than ``least_known``,
    or for a part of the year without selling anything, counts like the median of the group, less in the first months by
    the curve; the mean would give a beginner the part of the one great seller. What those sold who are no
    longer there stays with their group.

    :param mix: weights of the methods, not all 0; :param curve: parts of a full result in somebody's first months
    :param left: {group: what those sold who are in no seat}
    :raise OptionError: a mix that is all 0 or has a weight below 0
    """
    require(all(weight >= 0 for weight in mix.values()) and any(mix.values()), "mix", OUT_OF_RANGE, dict(mix))
    bases = _find_bases(seats, least_known)
    left = {group: max(Fraction(amount), Fraction(0)) for group, amount in (left or {}).items()}
    raw = {method: _weigh(method, seats, bases, curve) for method in METHODS if mix.get(method)}
    missing = tuple(method for method, weights in raw.items() if not any(map(any, map(dict.values, weights.values()))))
    for method in missing:
        raw[method] = _weigh(CAPACITY, seats, bases, curve)
    months = sorted({month for seat in seats for month in seat.presence})
    extra = {HISTORY: left} if HISTORY not in missing else {}
    found = {seat.key: defaultdict(Fraction) for seat in seats}
    groups = {group: defaultdict(Fraction) for group in left}
    for method, weights in raw.items():
        for month in months:
            of_left = extra.get(method, {})
            whole = sum(weight.get(month, 0) for weight in weights.values()) + sum(of_left.values())
            part = Fraction(mix[method]) / whole if whole else Fraction(0)
            for key, weight in weights.items():
                if month in weight:
                    found[key][month] += part * weight[month]
            for group, amount in of_left.items():
                groups[group][month] += part * amount
    return Weights(found, groups, bases, missing)


def _find_bases(seats: Iterable[Seat], least_known: Fraction) -> dict[Hashable, tuple[Fraction, str]]:
    """What each would sell in a whole year, and how that is known."""
    bases, by_group, novices = {}, defaultdict(list), []
    for seat in seats:
        amount = max(Fraction(seat.history), Fraction(0))
        if seat.known and seat.known >= least_known and (amount or seat.known == 1):
            bases[seat.key] = (amount / Fraction(seat.known), OWN if seat.known == 1 else PART_OF_YEAR)
            if amount:
                by_group[seat.group].append(bases[seat.key][0])
        else:
            novices.append(seat)
    everybody = [rate for rates in by_group.values() for rate in rates]
    for seat in novices:
        for rates, where in ((by_group[seat.group], LIKE_GROUP), (everybody, LIKE_COMPANY), ([0], NOTHING)):
            if rates:
                bases[seat.key] = (Fraction(median(rates)), where)
                break
    return bases


def _weigh(method, seats, bases, curve):
    """{seat: {month: weight}} by one method."""
    size = {
        HISTORY: lambda seat: bases[seat.key][0],
        POTENTIAL: lambda seat: max(Fraction(seat.potential), Fraction(0)),
        CAPACITY: lambda seat: Fraction(seat.post),
        EQUAL: lambda seat: Fraction(1),
    }[method]
    return {
        seat.key: {
            month: size(seat)
            * Fraction(presence)
            * (ramp_on(month, seat.entered, curve) if method != EQUAL else Fraction(1))
            for month, presence in seat.presence.items()
        }
        for seat in seats
    }

"""What people sell: how a target falls to segments and product categories, and to products that are new."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

HUNDRED = 100


@dataclass(frozen=True)
class Sale:
    """What was sold in a month, by whom (None: nobody) in whose group, of which segment and category."""

    person: Hashable | None
    head: Hashable | None
    segment: Hashable | None
    category: Hashable | None
    month: date
    amount: Decimal


@dataclass(frozen=True)
class Analogue:
    """A category that is new and will sell like another one.

    :param category: the new one; :param like: the one that it is like
    :param percent: of what that one sold; :param start: first month of the new one, None: from the beginning
    """

    category: Hashable
    like: Hashable
    percent: Decimal | int = HUNDRED
    start: date | None = None


def mixes_of(
    sales: Iterable[Sale],
    seats: Sequence[tuple],
    analogues: Sequence[Analogue],
    months: Sequence[date],
    has_year: bool = True,
) -> dict[tuple, dict[tuple, Fraction]]:
    """The weights of segments and categories of each person in each month.

    What a person sold counts; who sold nothing sells as the group, else as all together. In a month each thing weighs
    by its own season, where there is a whole year of facts. What sold less than nothing weighs nothing.

    :param seats: list of (person, head)
    :return: {((person, head), month): {(segment, category): weight}}; empty where nothing was sold at all
    """
    people, groups, whole, by_season = (defaultdict(lambda: defaultdict(Fraction)) for _kind in range(4))
    for sale in _with_new(sales, analogues):
        what = (sale.segment, sale.category)
        people[sale.person][what] += Fraction(sale.amount)
        groups[sale.head][what] += Fraction(sale.amount)
        whole[None][what] += Fraction(sale.amount)
        by_season[what][sale.month.month] += Fraction(sale.amount)
    starts = {new.category: new.start for new in analogues}
    found = {}
    for seat in seats:
        own = _positive(people[seat[0]]) or _positive(groups[seat[1]]) or _positive(whole[None])
        if not own:
            continue
        for month in months:
            there = {what: weight for what, weight in own.items() if not _is_before(month, starts.get(what[1]))}
            in_season = {what: weight * _season(by_season[what], month, has_year) for what, weight in there.items()}
            if there:
                found[seat, month] = _positive(in_season) or there
    return found


def _with_new(sales, analogues):
    for sale in sales:
        yield sale
        for new in analogues:
            if new.like == sale.category:
                amount = Fraction(sale.amount) * Fraction(new.percent) / HUNDRED
                yield Sale(sale.person, sale.head, sale.segment, new.category, sale.month, amount)


def _positive(weights: Mapping) -> dict:
    return {what: weight for what, weight in weights.items() if weight > 0}


def _is_before(month, start):
    return start is not None and month < start


def _season(by_month, month, has_year):
    """What part of its year a thing sells in a month."""
    positive = {number: max(amount, Fraction(0)) for number, amount in by_month.items()}
    whole = sum(positive.values())
    return positive.get(month.month, Fraction(0)) / whole if has_year and whole else Fraction(1)

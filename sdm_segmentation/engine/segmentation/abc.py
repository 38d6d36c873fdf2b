"""ABC: customers by their share of the whole, after V. Pareto (Cours d'économie politique, 1897) and H. F. Dickie
(ABC inventory analysis shoots for dollars, not pennies; Factory Management and Maintenance 109, 1951, pp. 92-94).

Customers are put in falling order of a value (revenue, margin, payments) and cut where the running share reaches the
limits. Two rules are in use and differ by one customer at each limit:

* ``crossing``: the share BEFORE the customer decides, so the customer who crosses a limit still belongs to the class
  before it, and one with exactly 80 % before is the first B;
* ``inclusive``: the share WITH the customer decides; the largest customer always is in the first class.

Values of zero and below stand outside: they neither add to the total nor take a place in the order.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from ..options import NOT_HUNDRED, OUT_OF_RANGE, WRONG_NUMBER, require, require_choice, require_distinct, require_rising
from .exact import HUNDRED, exact, ratio

CROSSING = "crossing"
INCLUSIVE = "inclusive"
LAST = "last"
NONE = "none"


@dataclass(frozen=True)
class Options:
    """Settings of an ABC.

    :param classes: codes of the classes, the best first
    :param limits: upper limit of each class in percent of the total, the last one 100
    :param rule: ``crossing`` or ``inclusive``; :param outside: class of customers with nothing or less: ``last``, or
        ``none`` for no class at all
    :raise OptionError: limits that overlap or do not end at 100, or another number of classes
    """

    classes: tuple[Hashable, ...] = ("A", "B", "C")
    limits: tuple[Decimal, ...] = (Decimal(80), Decimal(95), Decimal(100))
    rule: str = CROSSING
    outside: str = LAST

    def __post_init__(self):
        require(len(self.classes) == len(self.limits) > 0, "limits", WRONG_NUMBER, len(self.limits))
        require_distinct(self.classes, "classes")
        require_rising(self.limits, "limits")
        require(self.limits[0] > 0, "limits", OUT_OF_RANGE, self.limits[0])
        require(self.limits[-1] == HUNDRED, "limits", NOT_HUNDRED, self.limits[-1])
        require_choice(self.rule, (CROSSING, INCLUSIVE), "rule")
        require_choice(self.outside, (LAST, NONE), "outside")


@dataclass(frozen=True)
class Place:
    """Why a customer is in a class.

    :param code: the class, None for no class; :param value: what the customer was judged by
    :param rank: 1 for the largest, None outside; :param before: sum of all larger customers, None outside
    :param share: own part of the total; :param share_before: part of the larger ones; :param share_with: both
        together. Shares are 0..1, rounded to 28 digits to be shown (the class is decided without rounding), and None
        outside.
    """

    key: Hashable
    code: Hashable | None
    value: Decimal
    rank: int | None = None
    before: Decimal | None = None
    share: Decimal | None = None
    share_before: Decimal | None = None
    share_with: Decimal | None = None


@dataclass(frozen=True)
class ClassSum:
    """One class as a whole.

    :param code: the class, None for customers without one; :param customers: how many
    :param value: sum of their values; over all classes it is the net sum of all customers
    :param counted: sum of the positive values alone; over all classes it is the total of the shares
    """

    code: Hashable | None
    customers: int
    value: Decimal
    counted: Decimal


@dataclass(frozen=True)
class Result:
    """An ABC with its explanation.

    :param places: one for each customer, the largest first, those outside at the end
    :param sums: one for each class in order, and one for no class where somebody has none
    :param total: sum of the positive values, the whole of all shares
    """

    places: tuple[Place, ...]
    sums: tuple[ClassSum, ...]
    total: Decimal

    @property
    def classes(self) -> dict:
        """Class of each customer by key."""
        return {place.key: place.code for place in self.places}


def classify(values: Iterable[tuple[Hashable, Decimal]], options: Options | None = None) -> Result:
    """Class customers by their share of the total.

    :param values: (key, value) of each customer, each key once, in one currency
    :return: places, sums by class, total
    :raise OptionError: a customer is there twice

    >>> [place.code for place in classify([("big", Decimal(80)), ("next", Decimal(15)), ("small", Decimal(5))]).places]
    ['A', 'B', 'C']
    """
    options = options or Options()
    values = list(values)
    require_distinct([key for key, _value in values], "customers")
    ordered = sorted(sorted(values, key=lambda item: item[0]), key=lambda item: item[1], reverse=True)
    inside = sum(value > 0 for _key, value in ordered)
    with exact():
        running = list(accumulate((value for _key, value in ordered[:inside]), initial=Decimal(0)))
        positions = _positions(running, options)
    total = running[-1]
    places = [
        Place(
            key,
            options.classes[position],
            value,
            rank,
            before,
            ratio(value, total),
            ratio(before, total),
            ratio(after, total),
        )
        for rank, ((key, value), position, before, after) in enumerate(
            zip(ordered, positions, running, running[1:], strict=False), start=1
        )
    ]
    beyond = options.classes[-1] if options.outside == LAST else None
    places += [Place(key, beyond, value) for key, value in ordered[inside:]]
    return Result(tuple(places), _sums(places, options.classes), total)


def _positions(running, options):
    """Number of the class of each customer, by the running sums before and with it; it only ever grows."""
    positions = []
    position = 0
    bounds = [limit * running[-1] for limit in options.limits[:-1]]
    for before, after in zip(running, running[1:], strict=False):
        if options.rule == CROSSING:
            while position < len(bounds) and before * HUNDRED >= bounds[position]:
                position += 1
        elif before:
            while position < len(bounds) and after * HUNDRED > bounds[position]:
                position += 1
        positions.append(position)
    return positions


def _sums(places, classes):
    rows = {code: (0, Decimal(0), Decimal(0)) for code in classes}
    with exact():
        for place in places:
            customers, value, counted = rows.get(place.code, (0, Decimal(0), Decimal(0)))
            rows[place.code] = (customers + 1, value + place.value, counted + max(place.value, Decimal(0)))
    return tuple(ClassSum(code, *row) for code, row in rows.items())

"""Life cycle: new, active, sleeping, lost, by each customer's own interval between orders.

A customer who buys weekly is silent after a month, one who buys twice a year is not. So silence is measured in the
customer's own intervals (the median or mean gap between days with orders); who has ordered too rarely to have one is
measured by a default. The next order is expected one interval after the last; with the usual settings a customer sleeps
when half an interval more has passed (1.5 in all) and is lost when two more have (3 in all).

A seasonal customer buys in few months of the year, and again in the same ones in another year. Once it has bought in
a season, it is active until the next one begins; then it is expected by the end of the season's first month, and
sleeping and lost count from there.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

from ..options import NOT_RISING, OUT_OF_RANGE, require, require_choice, require_distinct
from .exact import to_decimal

NEW = "new"
ACTIVE = "active"
SLEEPING = "sleeping"
LOST = "lost"
STATES = (NEW, ACTIVE, SLEEPING, LOST)

MEDIAN = "median"
MEAN = "mean"
OWN = "own"
DEFAULT = "default"

DAY = timedelta(days=1)
YEAR = 12


@dataclass(frozen=True)
class Options:
    """Settings of a life cycle.

    :param average: ``median`` or ``mean`` of the gaps
    :param sleeping_after: intervals of silence after which a customer sleeps; :param lost_after: is lost; 1 at least
    :param default_interval: days, for customers with fewer than ``minimum_orders`` days with orders
    :param minimum_orders: days with orders that make an own interval, 2 at least
    :param minimum_interval: days; a shorter own interval counts as this, so that three orders in one week do not make
        a customer lost in the next
    :param new_days: a customer is new for so many days from the first order on
    :param season_months: a customer who buys in more months of the year is not seasonal; 0: nobody is
    :raise OptionError: lost before sleeping, and other settings without meaning
    """

    average: str = MEDIAN
    sleeping_after: Decimal = Decimal("1.5")
    lost_after: Decimal = Decimal(3)
    default_interval: int = 90
    minimum_orders: int = 3
    minimum_interval: int = 7
    new_days: int = 90
    season_months: int = 4

    def __post_init__(self):
        require_choice(self.average, (MEDIAN, MEAN), "average")
        require(self.sleeping_after >= 1, "sleeping_after", OUT_OF_RANGE, self.sleeping_after)
        require(self.lost_after > self.sleeping_after, "lost_after", NOT_RISING, self.lost_after)
        require(self.default_interval > 0, "default_interval", OUT_OF_RANGE, self.default_interval)
        require(self.minimum_orders >= 2, "minimum_orders", OUT_OF_RANGE, self.minimum_orders)
        require(self.minimum_interval > 0, "minimum_interval", OUT_OF_RANGE, self.minimum_interval)
        require(self.new_days >= 0, "new_days", OUT_OF_RANGE, self.new_days)
        require(0 <= self.season_months < YEAR, "season_months", OUT_OF_RANGE, self.season_months)


@dataclass(frozen=True)
class Place:
    """Why a customer is in a state.

    :param code: one of ``STATES``, None without orders
    :param orders: days with orders; :param first: the first of them; :param last: the last one
    :param interval: days between orders; :param basis: ``own`` or ``default``
    :param silence: days since the last order
    :param expected: day until which the next order is expected
    :param sleeps_from: first day on which the customer sleeps if nothing comes; :param lost_from: is lost
    :param season: months of the year in which a seasonal customer buys; empty for others
    """

    key: Hashable
    code: str | None
    orders: int = 0
    first: date | None = None
    last: date | None = None
    interval: Decimal | None = None
    basis: str | None = None
    silence: int | None = None
    expected: date | None = None
    sleeps_from: date | None = None
    lost_from: date | None = None
    season: tuple[int, ...] = ()


def classify(
    customers: Iterable[tuple[Hashable, Iterable[date]]], day: date, options: Options | None = None
) -> tuple[Place, ...]:
    """State of each customer at the end of a day.

    :param customers: (key, days of orders) of each; orders after the day are left out, two on one day are one
    :return: a place for each customer in order of key
    """
    options = options or Options()
    customers = sorted(((key, tuple(dates)) for key, dates in customers), key=lambda item: item[0])
    require_distinct([key for key, _dates in customers], "customers")
    return tuple(
        _judge(key, sorted({order for order in dates if order <= day}), day, options) for key, dates in customers
    )


def _judge(key, orders, day, options):
    if not orders:
        return Place(key, None)
    first, last = orders[0], orders[-1]
    interval, basis = _interval(orders, options)
    season = _season(orders, options)
    expected = _expected(last, interval, season)
    sleeps_from = _after(expected, (Fraction(options.sleeping_after) - 1) * interval)
    lost_from = _after(expected, (Fraction(options.lost_after) - 1) * interval)
    if day >= lost_from:
        code = LOST
    elif day >= sleeps_from:
        code = SLEEPING
    elif (day - first).days < options.new_days:
        code = NEW
    else:
        code = ACTIVE
    return Place(
        key,
        code,
        len(orders),
        first,
        last,
        to_decimal(interval),
        basis,
        (day - last).days,
        expected,
        sleeps_from,
        lost_from,
        season,
    )


def _interval(orders, options):
    if len(orders) < options.minimum_orders:
        return Fraction(options.default_interval), DEFAULT
    gaps = [Fraction((later - earlier).days) for earlier, later in zip(orders, orders[1:], strict=False)]
    gap = median(gaps) if options.average == MEDIAN else sum(gaps) / len(gaps)
    return max(gap, Fraction(options.minimum_interval)), OWN


def _after(day, days):
    """The first day on which more than ``days`` have passed since a day."""
    return day + timedelta(days=int(days)) + DAY


def _season(orders, options):
    """Months in which a customer buys, where that says something: few months, and all seasons seen in two years."""
    months = {order.month for order in orders}
    if len(orders) < options.minimum_orders or len(months) > options.season_months:
        return ()
    for start in months:
        if _previous(start) in months:
            continue
        run = _run(start, months)
        # a season over the turn of the year belongs to the year in which it begins
        years = {order.year - (order.month < start) for order in orders if order.month in run}
        if len(years) < 2:
            return ()
    return tuple(sorted(months))


def _previous(month):
    return (month - 2) % YEAR + 1


def _run(start, months):
    """Months that follow each other from a first one on."""
    run = []
    while start in months:
        run.append(start)
        start = start % YEAR + 1
    return run


def _expected(last, interval, season):
    if not season:
        return last + timedelta(days=int(interval))
    day = last.replace(day=1)
    in_run = True
    while True:
        day = _next_month(day)
        if day.month not in season:
            in_run = False
        elif not in_run:
            return _next_month(day) - DAY


def _next_month(day):
    return date(day.year + day.month // YEAR, day.month % YEAR + 1, 1)

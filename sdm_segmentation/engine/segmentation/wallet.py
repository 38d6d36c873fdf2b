"""Potential and share of wallet: what a customer could buy, and how much of it is bought from us.

The potential is what somebody entered, with source, date and confidence, as long as it is fresh; else the largest year
that the customer ever bought from us. It is never below what we sell now: who buys more than the potential said has
outgrown it. Four quadrants follow: ``loyal`` (high value, high share), ``cultivate`` (high value, low share),
``maintain`` (low value, high share), ``minor`` (low on both).
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..options import OUT_OF_RANGE, require, require_choice, require_distinct
from .exact import HUNDRED, exact, ratio

LOYAL = "loyal"
CULTIVATE = "cultivate"
MAINTAIN = "maintain"
MINOR = "minor"
QUADRANTS = {(True, True): LOYAL, (True, False): CULTIVATE, (False, True): MAINTAIN, (False, False): MINOR}

POTENTIAL = "potential"
SALES = "sales"

ENTERED = "entered"
BEST_YEAR = "best_year"
PRESENT = "present"


@dataclass(frozen=True)
class Options:
    """Settings of the quadrants.

    :param value_limit: money from which on a customer's value is high; the limit itself is high
    :param share_limit: percent of the potential from which on our share is high; the limit itself is high
    :param value: what the value is: ``potential`` or ``sales``
    :param valid_days: an entered potential is good for so many days; None: for ever
    """

    value_limit: Decimal
    share_limit: Decimal = Decimal(50)
    value: str = POTENTIAL
    valid_days: int | None = 365

    def __post_init__(self):
        require(self.value_limit > 0, "value_limit", OUT_OF_RANGE, self.value_limit)
        require(0 < self.share_limit <= HUNDRED, "share_limit", OUT_OF_RANGE, self.share_limit)
        require_choice(self.value, (POTENTIAL, SALES), "value")
        require(self.valid_days is None or self.valid_days > 0, "valid_days", OUT_OF_RANGE, self.valid_days)


@dataclass(frozen=True)
class Entered:
    """A potential as somebody knows it.

    :param amount: money a year; :param day: as of when; :param source: where it comes from
    :param confidence: how sure it is, in percent; None where nobody said
    """

    amount: Decimal
    day: date
    source: str = ""
    confidence: Decimal | None = None


@dataclass(frozen=True)
class Values:
    """What is known of a customer.

    :param sales: bought from us in the last twelve months; :param years: bought from us by year
    :param entered: potentials that were entered
    """

    key: Hashable
    sales: Decimal
    years: Mapping[int, Decimal]
    entered: tuple[Entered, ...] = ()


@dataclass(frozen=True)
class Place:
    """Why a customer is in a quadrant.

    :param code: the quadrant; None where there is no potential at all
    :param potential: money a year; :param basis: ``entered``, ``best_year`` or ``present`` (our sales exceed it)
    :param year: the best year, where that is the basis; :param entered: the entered potential that was looked at
    :param stale: the entered potential is too old and was not used
    :param share: our part of the potential, 0..1; :param gap: money that others sell
    :param high_value: value at the limit or above; :param high_share: share at the limit or above
    """

    key: Hashable
    code: str | None
    sales: Decimal
    potential: Decimal = Decimal(0)
    basis: str | None = None
    year: int | None = None
    entered: Entered | None = None
    stale: bool = False
    share: Decimal | None = None
    gap: Decimal = Decimal(0)
    high_value: bool = False
    high_share: bool = False


def classify(customers: Iterable[Values], day: date, options: Options) -> tuple[Place, ...]:
    """Quadrant of each customer on a day, in order of key; potentials entered for a later day are left out."""
    customers = sorted(customers, key=lambda values: values.key)
    require_distinct([values.key for values in customers], "customers")
    return tuple(_judge(values, day, options) for values in customers)


def _judge(values, day, options):
    known = [entered for entered in values.entered if entered.day <= day]
    entered = max(known, key=lambda entered: (entered.day, entered.amount), default=None)
    stale = entered is not None and options.valid_days is not None and (day - entered.day).days > options.valid_days
    year = max(values.years, key=lambda number: (values.years[number], number), default=None)
    if entered is not None and not stale:
        potential, basis, year = entered.amount, ENTERED, None
    elif year is not None:
        potential, basis = values.years[year], BEST_YEAR
    else:
        potential, basis = Decimal(0), None
    if values.sales > potential:
        potential, basis, year = values.sales, PRESENT, None
    if potential <= 0:
        return Place(values.key, None, values.sales, entered=entered, stale=stale)
    sales = max(values.sales, Decimal(0))
    high_value = (potential if options.value == POTENTIAL else sales) >= options.value_limit
    with exact():
        gap = potential - sales
        high_share = sales * HUNDRED >= options.share_limit * potential
    return Place(
        values.key,
        QUADRANTS[high_value, high_share],
        values.sales,
        potential,
        basis,
        year,
        entered,
        stale,
        ratio(sales, potential),
        gap,
        high_value,
        high_share,
    )

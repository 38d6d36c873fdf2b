"""Where a month ends, and which factor makes the difference to its plan."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from ....sdm_segmentation.engine.options import OptionError
from ..periods import add_months
from .decomposition import decompose
from .seasonality import profile_of

CUSTOMERS, ORDERS, AMOUNT = "customers", "orders", "amount"
RETURNS, CORRECTIONS = "returns", "corrections"
RECENT = 3


def seasonal(
    history: Mapping[date, Decimal], month: date, months: Iterable[date] | None = None, recent: int = RECENT
) -> Fraction | None:
    """Months by what the last ones say of the level of a year, and by each month's share of a year.

    :param history: amount by month, without gaps; months from ``month`` on are not looked at
    :param month: the first one that is not known; :param months: those wanted together, None: that one
    :param recent: how many months before it say the level
    :return: None where history has no whole year, or none of the last months ever has sales
    """
    past = {known: amount for known, amount in history.items() if known < month}
    try:
        profile = profile_of(past)
    except OptionError:
        return None
    before = [add_months(month, -count) for count in range(1, recent + 1)]
    share = sum(profile[known.month] for known in before)
    if not share:
        return None
    level = sum(Fraction(past.get(known, 0)) for known in before) / share
    return level * sum(profile[wanted.month] for wanted in (months or [month]))


def add_up(months: Iterable[date], known: Mapping[date, Decimal], expected: Mapping[date, Decimal]) -> Decimal | None:
    """What a quarter or a year comes to: what was, and what is expected of each month that is left.

    >>> add_up([date(2025, 1, 1), date(2025, 2, 1)], {date(2025, 1, 1): Decimal(3)}, {date(2025, 2, 1): Decimal(4)})
    Decimal('7')

    :param months: all of them; :param known: amounts of those that are over; :param expected: of the others
    :return: None where nobody has said what to expect of one of them
    """
    left = [month for month in months if month not in known]
    if any(month not in expected for month in left):
        return None
    return sum((known[month] for month in months if month in known), Decimal(0)) + sum(
        (expected[month] for month in left), Decimal(0)
    )


@dataclass(frozen=True)
class Sales:
    """What was sold in a time: customers who bought, their orders, and the amount."""

    customers: Fraction | Decimal | int
    orders: Fraction | Decimal | int
    amount: Fraction | Decimal | int

    def factors(self) -> dict[str, Fraction] | None:
        """Customers, orders of each, and the average order; None where there was nothing to take them from."""
        if self.customers <= 0 or self.orders <= 0:
            return None
        customers, orders, amount = Fraction(self.customers), Fraction(self.orders), Fraction(self.amount)
        return {CUSTOMERS: customers, ORDERS: orders / customers, AMOUNT: amount / orders}


@dataclass(frozen=True)
class Driver:
    """A factor: what it is, what the plan takes it to be, and what the difference adds to the gap.

    What is no factor of sales, such as a correction, has a part only.
    """

    name: str
    actual: Fraction | None
    needed: Fraction | None
    part: Fraction


def drivers_of_gap(
    target: Decimal | Fraction,
    actual: Sales,
    before: Sales,
    customers: Decimal | Fraction | None = None,
    corrections: Decimal | Fraction | int = 0,
) -> list[Driver] | None:
    """Why sales differ from a plan: by customers, by their orders, by the average order; the parts add up to the gap.

    What the plan says nothing about is taken as it was before, so that the plan takes as many customers as give it.
    Where the number of customers is planned as well, it takes as many orders of each. Corrections of earlier months
    and returns in a time without any sale are no work of these factors, and parts of their own.

    :param target: amount planned; :param actual: sold, without corrections
    :param before: sold in a time to compare with
    :param customers: number of customers planned, None where it is not
    :param corrections: what counts besides what was sold
    :return: parts that add up to the amount sold with corrections, less the target; None where nothing was sold
        before, or less than nothing
    """
    usual = before.factors()
    if usual is None or usual[AMOUNT] <= 0 or target <= 0:
        return None
    needed = dict(usual)
    if customers:
        needed[CUSTOMERS] = Fraction(customers)
        needed[ORDERS] = Fraction(target) / (needed[CUSTOMERS] * needed[AMOUNT])
    else:
        needed[CUSTOMERS] = Fraction(target) / (needed[ORDERS] * needed[AMOUNT])
    sold = actual.factors()
    # without customers the other two are as they would have been
    found = sold or {**needed, CUSTOMERS: Fraction(0)}
    parts = decompose(needed, found)
    drivers = [Driver(name, found[name], needed[name], parts[name]) for name in (CUSTOMERS, ORDERS, AMOUNT)]
    others = {RETURNS: Fraction(0 if sold else actual.amount), CORRECTIONS: Fraction(corrections)}
    return drivers + [Driver(name, None, None, part) for name, part in others.items() if part]


def round_parts(parts: Mapping[Hashable, Decimal | Fraction | int], whole: int) -> dict[Hashable, int]:
    """Parts in whole numbers that add up to a whole, by the largest remainder; parts may be below 0.

    >>> round_parts({"a": Fraction(-3, 2), "b": Fraction(5, 2), "c": 0}, 1)
    {'a': -1, 'b': 2, 'c': 0}
    """
    rounded = {name: floor(part) for name, part in parts.items()}
    missing = whole - sum(rounded.values())
    by_remainder = sorted(parts, key=lambda name: rounded[name] - parts[name])
    each, more = divmod(missing, len(parts))
    for number, name in enumerate(by_remainder):
        rounded[name] += each + (number < more)
    return rounded

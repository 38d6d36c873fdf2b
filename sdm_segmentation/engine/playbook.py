"""Contact norms: when the next contact is due, how much of the norm was kept, and what the facts say about the norm.

A norm counts working days from the LAST contact, not from a calendar grid: after the ideal interval a contact is due
(yellow), after the maximum one it is overdue (red). Coverage is capped for each customer: two visits more to one do not
make up for another without a visit.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

from .calendar import Calendar, add_working_days, count_working_days
from .options import NOT_RISING, OUT_OF_RANGE, require, require_distinct

FINE = "fine"
DUE = "due"
OVERDUE = "overdue"

FEW = "few"
SAME = "same"
SHORTER = "shorter"
LONGER = "longer"

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Norm:
    """How often a customer is contacted by a channel.

    :param channel: what the norm is about; :param ideal: working days after which the next contact is due
    :param maximum: working days after which it is overdue; :param minutes: length of a contact, None where open
    :param counts: further channels whose contacts keep the norm too: who was met need not be called
    """

    channel: Hashable
    ideal: int
    maximum: int
    minutes: int | None = None
    counts: tuple = ()

    def __post_init__(self):
        require(self.ideal >= 1, "ideal", OUT_OF_RANGE, self.channel)
        require(self.maximum >= self.ideal, "maximum", NOT_RISING, self.channel)
        require(self.minutes is None or self.minutes > 0, "minutes", OUT_OF_RANGE, self.channel)

    def keeps(self, contact: "Contact") -> bool:
        """Whether a contact counts for the norm."""
        return contact.channel == self.channel or contact.channel in self.counts


@dataclass(frozen=True)
class Contact:
    """A contact that took place."""

    channel: Hashable
    day: date


@dataclass(frozen=True)
class Account:
    """A customer with the norms that it is worked by.

    :param since: first day of the norms (the customer came, or the playbook began): they run from here at first
    :param until: last day of the norms, None for no end; :param contacts: all that are known, in any order
    """

    key: Hashable
    since: date
    norms: tuple[Norm, ...]
    contacts: tuple[Contact, ...] = ()
    until: date | None = None

    def __post_init__(self):
        require_distinct([norm.channel for norm in self.norms], "norms")


@dataclass(frozen=True)
class Demand:
    """What a norm asks for on a day.

    :param last: day of the last contact that counts, None without one (then the norm runs from its first day)
    :param due: day from which the next one is due; :param latest: last day before it is overdue
    :param state: ``fine``, ``due`` or ``overdue``; :param late: working days since it is due, 0 before
    """

    customer: Hashable
    channel: Hashable
    last: date | None
    due: date
    latest: date
    state: str
    late: int


def demands(account: Account, calendar: Calendar, day: date) -> tuple[Demand, ...]:
    """What each norm of a customer asks for on a day, the most pressing first."""
    found = [_demand(account, norm, calendar, day) for norm in account.norms]
    pressure = (OVERDUE, DUE, FINE)
    return tuple(sorted(found, key=lambda demand: (pressure.index(demand.state), demand.due, str(demand.channel))))


def _demand(account, norm, calendar, day):
    last = _last_contact(account, norm, day)
    start = account.since if last is None else last
    due = add_working_days(calendar, start, norm.ideal)
    latest = add_working_days(calendar, start, norm.maximum)
    state = FINE if day < due else DUE if day <= latest else OVERDUE
    late = count_working_days(calendar, due + DAY, day) if state != FINE else 0
    return Demand(account.key, norm.channel, last, due, latest, state, late)


def _last_contact(account, norm, day):
    return max(
        (contact.day for contact in account.contacts if norm.keeps(contact) and contact.day <= day), default=None
    )


@dataclass(frozen=True)
class Coverage:
    """How a norm of a customer was kept in a period.

    :param required: contacts that fell due; :param done: days with contacts that count
    :param counted: of these no more than required; :param overdue: red at the end of the period
    """

    customer: Hashable
    channel: Hashable
    required: int
    done: int
    counted: int
    overdue: bool

    @property
    def surplus(self) -> int:
        """Contacts beyond the norm, which make up for nobody else."""
        return self.done - self.counted


@dataclass(frozen=True)
class Total:
    """Coverage of many customers.

    :param required: contacts that fell due; :param done: all that took place; :param counted: capped for each customer
    :param overdue: norms that are red at the end; :param customers: with something due
    :param covered: of these, customers of whom all was done
    """

    required: int = 0
    done: int = 0
    counted: int = 0
    overdue: int = 0
    customers: int = 0
    covered: int = 0

    @property
    def share(self) -> Fraction | None:
        """Part of the required contacts that were done, 0..1; None where nothing was due."""
        return Fraction(self.counted, self.required) if self.required else None

    @property
    def share_of_customers(self) -> Fraction | None:
        """Part of the customers with something due of whom all was done, 0..1; None where nothing was due."""
        return Fraction(self.covered, self.customers) if self.customers else None


def cover(account: Account, calendar: Calendar, first: date, last: date) -> tuple[Coverage, ...]:
    """How the norms of a customer were kept from a day to a day, both included.

    The first contact falls due one ideal interval after the last one before the period, but not before it begins;
    each further one an interval later.

    :return: one row for each norm, none for a customer whose norms hold on no day of the period
    """
    first = max(first, account.since)
    last = last if account.until is None else min(last, account.until)
    if first > last:
        return ()
    return tuple(_cover(account, norm, calendar, first, last) for norm in account.norms)


def _cover(account, norm, calendar, first, last):
    before = _last_contact(account, norm, first - DAY)
    due = max(add_working_days(calendar, account.since if before is None else before, norm.ideal), first)
    required = 0
    while due <= last:
        required += 1
        due = add_working_days(calendar, due, norm.ideal)
    days = {contact.day for contact in account.contacts if norm.keeps(contact) and first <= contact.day <= last}
    overdue = _demand(account, norm, calendar, last).state == OVERDUE
    return Coverage(account.key, norm.channel, required, len(days), min(len(days), required), overdue)


def total(rows: Iterable[Coverage]) -> Total:
    """Coverage of the customers of a seller, a group or a segment together."""
    rows = list(rows)
    required, counted = {}, {}
    for row in rows:
        required[row.customer] = required.get(row.customer, 0) + row.required
        counted[row.customer] = counted.get(row.customer, 0) + row.counted
    due = [customer for customer, number in required.items() if number]
    return Total(
        sum(required.values()),
        sum(row.done for row in rows),
        sum(counted.values()),
        sum(row.overdue for row in rows),
        len(due),
        sum(counted[customer] == required[customer] for customer in due),
    )


@dataclass(frozen=True)
class Proposal:
    """What the facts say about a figure of a norm.

    :param present: the figure in force; :param proposed: what is observed, None with too few observations
    :param observed: the median before rounding, None without observations; :param base: observations it is taken from
    :param reason: ``few`` (too few observations), ``same`` (within the tolerance), ``shorter`` or ``longer``
    """

    present: int
    proposed: int | None
    observed: Fraction | None
    base: int
    reason: str


def propose(present: int, observed: Sequence[Fraction | int], minimum: int, tolerance: Decimal) -> Proposal:
    """Hold a figure of a norm (an interval in working days, a length in minutes) against observed ones.

    :param minimum: observations that a proposal needs
    :param tolerance: percent of the present figure within which it stays; the limit itself stays
    """
    middle = Fraction(median(observed)) if observed else None
    if middle is None or len(observed) < minimum:
        return Proposal(present, None, middle, len(observed), FEW)
    if abs(middle - present) * 100 <= Fraction(tolerance) * present:
        return Proposal(present, present, middle, len(observed), SAME)
    proposed = max(1, int(middle + Fraction(1, 2)))
    return Proposal(present, proposed, middle, len(observed), SHORTER if middle < present else LONGER)


def observed_interval(account: Account, norm: Norm, calendar: Calendar, minimum_gaps: int = 3) -> Fraction | None:
    """Median of the working days between contacts of a customer; None with fewer gaps than asked for."""
    days = sorted({contact.day for contact in account.contacts if norm.keeps(contact)})
    gaps = [count_working_days(calendar, earlier + DAY, later) for earlier, later in zip(days, days[1:], strict=False)]
    return Fraction(median(gaps)) if len(gaps) >= max(minimum_gaps, 1) else None


def propose_interval(
    norm: Norm,
    accounts: Iterable[Account],
    calendar: Calendar,
    minimum_customers: int = 10,
    minimum_gaps: int = 3,
    tolerance: Decimal = Decimal(20),
) -> Proposal:
    """Hold the ideal interval of a norm against how customers who do well are contacted.

    Each customer counts once, with the median of its own intervals, so that one with a hundred contacts does not
    outweigh the others.

    :param accounts: customers who do well: bought at least as much as before, by the caller's judgement
    """
    intervals = [observed_interval(account, norm, calendar, minimum_gaps) for account in accounts]
    known = [interval for interval in intervals if interval is not None]
    return propose(norm.ideal, known, minimum_customers, tolerance)

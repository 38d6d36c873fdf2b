"""What exists in the demo company, as plain data. Made by `demo_company.planning`, written by `demo_company.writing`.

People are named by their keys in `cast.PEOPLE`, everything else by a key of its own or its place in a list. Moments are
UTC. Money is in whole roubles without tax. A date that ends something is its last day; None: it goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

ANCHOR_PARAMETER = "sdm.demo_anchor"  # where a database keeps the anchor date of its demo company
WON, LOST, OPEN = "won", "lost", "open"
FIRST, CHANGE, NEXT = "first", "change", "next"  # the plan of the year, as it was changed, and that of the next one
STAGES = ("New", "Qualified", "Proposition", "Won")


@dataclass(frozen=True)
class Position:
    """A person's place: under a head, in a group, with a job, from a day to a day."""

    person: str
    head: str
    team: str
    job: str
    start: date
    end: date | None = None


@dataclass(frozen=True)
class Absence:
    """Days on which somebody is away, both included, and who stands in; empty: nobody yet."""

    person: str
    start: date
    end: date
    substitute: str = ""


@dataclass(frozen=True)
class Contact:
    """A person at a customer."""

    name: str
    function: str
    email: str
    phone: str


@dataclass(frozen=True)
class Customer:
    """A company that buys or may buy.

    :param tier: A, B or C by what it buys; P: a prospect, which has not bought yet
    :param industry: see catalogue.INDUSTRIES; empty when nobody has entered it
    :param parent: the holding company, empty without one
    :param habit: how it pays: "on time", "late", "very late", "prepaid", "in parts"
    :param since: when it was entered
    :param first, last: between which days it buys
    :param rate: orders a month; :param amount: of a usual order
    :param story: the name in planted.STORIES that is told by how it buys, or empty
    """

    key: str
    name: str
    tier: str
    team: str
    industry: str
    city: str
    tax_number: str
    email: str
    phone: str
    parent: str
    habit: str
    since: date
    first: date
    last: date
    rate: float
    amount: int
    contacts: tuple[Contact, ...] = ()
    story: str = ""


@dataclass(frozen=True)
class Ownership:
    """A customer belongs to a seller from a day to a day."""

    customer: str
    person: str
    start: date
    end: date | None = None


@dataclass(frozen=True)
class Line:
    """A line of an order: product by its place in catalogue.PRODUCTS, price before discount, cost of one."""

    product: int
    quantity: int
    price: int
    discount: int
    cost: int

    @property
    def amount(self) -> float:
        """Without tax, after the discount."""
        return self.quantity * self.price * (1 - self.discount / 100)


@dataclass(frozen=True)
class Order:
    """A quotation or order. `state` is Odoo's: sent, sale, cancel. `deal`: the key of its deal, or empty."""

    key: str
    customer: str
    person: str
    team: str
    at: datetime
    lines: tuple[Line, ...]
    state: str = "sale"
    deal: str = ""

    @property
    def amount(self) -> float:
        """Without tax, after discounts."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True)
class Deal:
    """A lead or an opportunity.

    :param is_lead: not qualified, or given up before it was
    :param customer: empty while unknown
    :param converted: when the lead became an opportunity, None if it began as one
    :param moves: stage (its place in STAGES) and since when, the first one included
    :param closed: when it was won or lost
    :param reason: why it was lost, where the seller says so
    """

    key: str
    name: str
    customer: str
    person: str
    team: str
    source: str
    amount: int
    created: datetime
    moves: tuple[tuple[int, datetime], ...]
    outcome: str = OPEN
    closed: datetime | None = None
    reason: str = ""
    deadline: date | None = None
    is_lead: bool = False
    converted: datetime | None = None
    contact_name: str = ""


@dataclass(frozen=True)
class Activity:
    """Something done or planned on a deal or, without one, on a customer.

    :param kind: call, email, meeting or todo
    :param done: when it was done; None: it is planned
    """

    person: str
    customer: str
    deal: str
    kind: str
    summary: str
    due: date
    done: datetime | None = None


@dataclass(frozen=True)
class Meeting:
    """A meeting in the calendar."""

    person: str
    customer: str
    deal: str
    name: str
    start: datetime
    minutes: int = 60


@dataclass(frozen=True)
class Mail:
    """A logged e-mail, from the customer or to it."""

    person: str
    customer: str
    deal: str
    subject: str
    at: datetime
    is_incoming: bool


@dataclass(frozen=True)
class Invoice:
    """An invoice of an order, or a refund of an invoice.

    :param lines: places of the order's lines with quantities
    :param refunds: key of the invoice that goods came back from, or empty
    :param person: the salesperson on the document
    """

    key: str
    order: str
    day: date
    lines: tuple[tuple[int, int], ...]
    person: str
    refunds: str = ""


@dataclass(frozen=True)
class Payment:
    """Money received: for invoices with the share of each that it pays, or for nothing known (then `amount` is it)."""

    customer: str
    day: date
    invoices: tuple[tuple[str, float], ...] = ()
    amount: int = 0


@dataclass(frozen=True)
class Potential:
    """What a customer could buy in a year, as a seller wrote it down on a day.

    :param source, confidence: values of Odoo's fields
    """

    customer: str
    amount: int
    source: str
    confidence: str
    person: str
    day: date


@dataclass(frozen=True)
class Target:
    """Revenue that a person is to reach in a month; person empty: nobody's part of the goal of the head's group.

    :param version: FIRST, CHANGE or NEXT
    """

    version: str
    person: str
    head: str
    month: date
    amount: int


@dataclass(frozen=True)
class Commitment:
    """Revenue that a person commits to in a month of the next year."""

    person: str
    month: date
    amount: int


@dataclass(frozen=True)
class Closing:
    """The last month that is closed, and what happened to its documents afterwards.

    :param month: its first day
    :param late: key of the invoice that was posted after it was closed
    :param changed: key of the invoice whose prices were too high, and were corrected
    :param doubled: key of the won deal that was entered twice, and is there once
    """

    month: date
    late: str
    changed: str
    doubled: str


@dataclass(frozen=True)
class Company:
    """The whole demo company."""

    anchor: date
    start: date
    positions: tuple[Position, ...]
    customers: tuple[Customer, ...]
    ownerships: tuple[Ownership, ...]
    deals: tuple[Deal, ...]
    orders: tuple[Order, ...]
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    activities: tuple[Activity, ...]
    meetings: tuple[Meeting, ...]
    mails: tuple[Mail, ...]
    absences: tuple[Absence, ...]
    potentials: tuple[Potential, ...]
    targets: tuple[Target, ...]
    commitments: tuple[Commitment, ...]
    closing: Closing

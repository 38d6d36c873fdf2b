"""Invoices, refunds and payments of the orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from demo_company.days import DAY, add_months, working_day
from demo_company.plan import Customer, Invoice, Order, Payment
from demo_company.planning.customers import Base
from demo_company.planning.sales import Sales
from demo_company.planted import STORIES

# Days that a customer has to pay, by tier
TERMS = {"A": 30, "B": 30, "C": 14, "P": 14}
IN_TWO_PARTS = 0.05
# Large customers pay on these days of a month
PAYING_DAYS = (5, 15, 25)


@dataclass
class Money:
    """Documents in the order of their days."""

    invoices: list[Invoice] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


def make(anchor: date, seed: int, base: Base, sales: Sales) -> Money:
    """Plan invoices and payments up to the day before the anchor date."""
    maker = _Maker(anchor, seed, base)
    for order in sales.orders:
        if order.state == "sale":
            maker.invoice(order)
    maker.receive_unallocated()
    return maker.money()


class _Maker:
    def __init__(self, anchor: date, seed: int, base: Base) -> None:
        self.anchor, self.seed, self.base = anchor, seed, base
        self.last = working_day(anchor - DAY, -1)
        self.invoices: list[Invoice] = []
        self.paid: dict[tuple[str, date, str], list[tuple[str, float]]] = {}
        self.unallocated: list[Payment] = []

    def money(self) -> Money:
        """What was made, in order of days."""
        payments = [Payment(customer, day, tuple(shares)) for (customer, day, _purpose), shares in self.paid.items()]
        return Money(
            sorted(self.invoices, key=lambda invoice: (invoice.day, invoice.key)),
            sorted([*payments, *self.unallocated], key=lambda payment: (payment.day, payment.customer)),
        )

    def invoice(self, order: Order) -> None:
        """The invoices of an order, with what comes back and what is paid."""
        random = Random(f"{self.seed}/money/{order.key}")
        customer = self.base.by_key[order.customer]
        whole = tuple((place, line.quantity) for place, line in enumerate(order.lines))
        parts = [whole]
        if len(whole) > 1 and random.random() < IN_TWO_PARTS:
            parts = [whole[:1], whole[1:]]
        day = order.at.date()
        for number, lines in enumerate(parts):
            day = working_day(day + random.choice((0, 1, 1, 2, 3, 5, 8)) * DAY + number * 9 * DAY)
            if day > self.last:
                return
            story = STORIES["integration"]
            person = story.people[0] if random.random() < story.size else order.person
            invoice = Invoice(f"{order.key}/{number + 1}", order.key, day, lines, person)
            self.invoices.append(invoice)
            free = self._take_back(random, invoice, customer)
            self._pay(random, invoice, customer, free)

    def _take_back(self, random: Random, invoice: Invoice, customer: Customer) -> date:
        """Perhaps goods come back; returns the first day on which the invoice can be paid."""
        if random.random() >= STORIES["returns"].size or customer.habit in ("prepaid", "in parts"):
            return invoice.day
        day = working_day(invoice.day + random.randint(3, 16) * DAY)
        # some of several pieces, so that something remains to be paid
        several = [(place, quantity) for place, quantity in invoice.lines if quantity > 1]
        if day > self.last or not several:
            return invoice.day
        place, quantity = random.choice(several)
        back = ((place, random.randint(1, quantity // 2)),)
        self.invoices.append(Invoice(f"{invoice.key}/refund", invoice.order, day, back, invoice.person, invoice.key))
        return day

    def _pay(self, random: Random, invoice: Invoice, customer: Customer, free: date) -> None:
        due = invoice.day + TERMS[customer.tier] * DAY
        if customer.habit == "prepaid":
            self._receive(customer, invoice, invoice.day - random.randint(2, 6) * DAY, 1)
        elif customer.habit == "in parts":
            first = due + random.randint(-4, 4) * DAY
            self._receive(customer, invoice, max(first, free), 0.5)
            self._receive(customer, invoice, first + 30 * DAY, 0.5)
        else:
            late = {
                "on time": lambda: random.randint(-9, 2),
                "late": lambda: random.randint(3, 32),
                "very late": lambda: round(STORIES["late_payer"].size) + random.randint(-10, 12),
            }[customer.habit]()
            day = max(due + late * DAY, free)
            if customer.tier == "A":
                day = self._paying_day(day)
            self._receive(customer, invoice, day, 1)

    def _receive(self, customer: Customer, invoice: Invoice, day: date, share: float) -> None:
        day = working_day(day)
        if day <= self.last:
            # one transfer a day, except for who pays in parts
            purpose = invoice.key if share < 1 else ""
            self.paid.setdefault((customer.key, day, purpose), []).append((invoice.key, share))

    @staticmethod
    def _paying_day(day: date) -> date:
        days = [add_months(day, months, on=number) for months in (0, 1) for number in PAYING_DAYS]
        return next(each for each in days if each >= day)

    def receive_unallocated(self) -> None:
        """Money that nobody has matched yet."""
        random = Random(f"{self.seed}/unallocated")
        buyers = [each for each in self.base.customers if each.tier in "AB" and not each.story]
        for customer in random.sample(buyers, round(STORIES["unallocated"].size)):
            day = working_day(self.last - timedelta(days=random.randint(3, 60)), -1)
            self.unallocated.append(Payment(customer.key, day, amount=random.randrange(60_000, 300_000, 1_000)))

"""What the large database holds: how many of each, over which days, in which mix. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

FIRST_DAY = date(2024, 10, 1)
ANCHOR = date(2026, 9, 30)  # the last day with documents: "today" of whoever measures
DAYS = (ANCHOR - FIRST_DAY).days

PRODUCTS = 100
LINES = 3  # of an invoice, of an order
CITIES = ("Moscow", "Kazan", "Samara", "Ufa", "Perm", "Omsk", "Tver", "Tula", "Sochi", "Tomsk", "Orel", "Pskov")
STAGES = ("Needs analysis", "Negotiation")  # beside those that Odoo brings
QUIET_STAGE = "On hold"  # nothing has come into it in the last QUIET_DAYS
QUIET_DAYS = 60
LOST_REASONS = ("Competitor", "No decision", "Postponed")

# The larger, the more the documents gather on a few customers: with 2.5 a fifth of them has half of the documents.
CUSTOMER_PREFERENCE = 2.5

SHARES = {
    "customer without owner": 0.08,
    "customer without email": 0.12,
    "customer without phone": 0.15,
    "customer without tax number": 0.20,
    "customer with industry": 0.60,
    "customer entered twice": 0.015,
    "customer with message": 0.55,
    "contact archived": 0.10,
    "lead without seller": 0.03,
    "lead without customer": 0.12,
    "lead without revenue": 0.06,
    "lead without deadline": 0.30,
    "lead with done activity": 0.30,
    "lead with message": 0.35,
    "open lead with activity": 0.60,
    "open lead of unknown stage date": 0.02,
    "quiet open lead on hold": 0.25,
    "won lead entered afterwards": 0.04,
    "lost lead with reason": 0.70,
    "refund": 0.04,
    "draft invoice": 0.02,
    "confirmed order": 0.75,
    "discounted order line": 0.20,
}


@dataclass(frozen=True)
class Sizes:
    """How many of each there are."""

    sellers: int
    teams: int
    customers: int
    leads: int
    invoices: int
    orders: int

    @classmethod
    def at(cls, scale: float, customers: int, leads: int, invoices: int) -> Sizes:
        """The sizes at a scale; `customers`, `leads` and `invoices` are numbers at scale 1. The smallest has teams."""

        def scaled(count: int, least: int) -> int:
            return max(least, round(count * scale))

        return cls(
            sellers=scaled(200, 6),
            teams=scaled(20, 2),
            customers=scaled(customers, 20),
            leads=scaled(leads, 100),
            invoices=scaled(invoices, 50),
            orders=scaled(50_000, 20),
        )

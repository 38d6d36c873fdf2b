"""What customers could buy in a year, as their sellers wrote it down."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

from demo_company.days import add_months, some_working_day
from demo_company.plan import Potential
from demo_company.planning.customers import Base
from demo_company.planning.sales import Sales
from demo_company.planted import STORIES

KNOWN = {"A": 0.8, "B": 0.45}  # of customers by tier, for how many somebody knows it
SHARES = (0.3, 0.95)  # of the wallet that is ours, between
ROUNDING = 50_000  # nobody estimates to the rouble
SOURCES = {"estimate": 50, "customer": 30, "tender": 12, "public": 8}
CONFIDENCES = {"estimate": "25", "customer": "75", "tender": "75", "public": "50"}
FRESH = timedelta(days=300)


def make(anchor: date, seed: int, base: Base, sold: Sales) -> tuple[Potential, ...]:
    """Plan the potentials of the larger customers; those of the story were entered too long ago to count."""
    random = Random(f"{seed}/wallets")
    year = add_months(anchor, -12)
    bought: Counter[str] = Counter()
    for order in sold.orders:
        if order.state == "sale" and order.at.date() >= year:
            bought[order.customer] += round(order.amount)
    story = STORIES["stale_potentials"]
    stale = int(story.size)
    potentials = []
    for customer in base.customers:
        owner = base.owner(customer.key, anchor)
        if not owner or not bought[customer.key] or random.random() > KNOWN.get(customer.tier, 0):
            continue
        share = random.uniform(*SHARES)
        amount = max(round(bought[customer.key] / share / ROUNDING), 1) * ROUNDING
        source = random.choices(list(SOURCES), SOURCES.values())[0]
        day = some_working_day(random, anchor - FRESH, anchor)
        if len(potentials) < stale:
            day = story.date(anchor)
        potentials.append(Potential(customer.key, amount, source, CONFIDENCES[source], owner, day))
    return tuple(potentials)

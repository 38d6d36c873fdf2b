"""The plan of the demo company: a pure function of an anchor date and a seed."""

from __future__ import annotations

from datetime import date

from demo_company.days import add_months
from demo_company.plan import Company
from demo_company.planning import absences, closing, customers, money, sales, targets, wallets, work
from demo_company.planning.structure import Structure

MONTHS = 24
SMALLEST, LARGEST = 0.05, 1.0


def make(anchor: date, seed: int = 1, scale: float = LARGEST) -> Company:
    """Plan the company.

    :param anchor: the day as of which it is; everything has happened before it, some is planned for after it
    :param seed: another number gives another company with the same stories
    :param scale: its size, SMALLEST to LARGEST; what is planted is there at any size
    """
    start = add_months(anchor, -MONTHS)
    structure = Structure(anchor, start, seed)
    base = customers.make(anchor, start, seed, scale, structure)
    sold = sales.make(anchor, start, seed, scale, structure, base)
    paid = money.make(anchor, seed, base, sold)
    planned, committed = targets.make(anchor, structure.positions, sold)
    done = work.make(anchor, start, seed, structure, base, sold)
    return Company(
        anchor=anchor,
        start=start,
        positions=structure.positions,
        customers=base.customers,
        ownerships=base.ownerships,
        deals=tuple(sold.deals),
        orders=tuple(sold.orders),
        invoices=tuple(paid.invoices),
        payments=tuple(paid.payments),
        activities=tuple(done.activities),
        meetings=tuple(done.meetings),
        mails=tuple(done.mails),
        absences=absences.make(anchor, seed, structure),
        potentials=wallets.make(anchor, seed, base, sold),
        targets=planned,
        commitments=committed,
        closing=closing.make(anchor, paid, sold),
    )

"""Which month is closed last, and which of its documents changed afterwards."""

from __future__ import annotations

from datetime import date

from demo_company.plan import WON, Closing
from demo_company.planning.money import Money
from demo_company.planning.sales import Sales
from demo_company.planted import STORIES


def make(anchor: date, paid: Money, sold: Sales) -> Closing:
    """Choose the documents: the month's last invoice, the largest one of the others, and its largest won deal."""
    month = STORIES["closed_month"].date(anchor)
    amounts = {order.key: order.amount for order in sold.orders}
    taken_back = {invoice.refunds for invoice in paid.invoices}
    invoices = [
        invoice
        for invoice in paid.invoices
        if invoice.day.replace(day=1) == month and not invoice.refunds and invoice.key not in taken_back
    ]
    *others, late = sorted(invoices, key=lambda invoice: (invoice.day, invoice.key))
    changed = max(others, key=lambda invoice: (amounts[invoice.order], invoice.key))
    won = [
        deal
        for deal in sold.deals
        if deal.outcome == WON and deal.closed and deal.closed.date().replace(day=1) == month
    ]
    doubled = max(won, key=lambda deal: (deal.amount, deal.key))
    return Closing(month, late.key, changed.key, doubled.key)

"""Invoices, refunds and payments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from odoo import models
from odoo.fields import Command

from demo_company.plan import Invoice, Payment
from demo_company.writing.records import Records, batches

RECEIVABLE = "asset_receivable"


def write_invoices(records: Records) -> None:
    """Create invoices and refunds from the orders as Odoo prepares them, and post them on their days.

    Refunds come after all invoices: they name theirs, with which Odoo matches them when they are posted. Both are
    numbered apart.
    """
    for title, invoices in (
        ("invoices", [invoice for invoice in records.company.invoices if not invoice.refunds]),
        ("refunds", [invoice for invoice in records.company.invoices if invoice.refunds]),
    ):
        done = 0
        for batch in batches(invoices):
            # read together, not order by order
            orders = records.env["sale.order"].browse([records.orders[invoice.order] for invoice in batch])
            moves = records.env["account.move"].create(
                [_prepare_invoice(records, invoice, order) for invoice, order in zip(batch, orders, strict=True)]
            )
            moves.action_post()
            records.invoices |= dict(zip((invoice.key for invoice in batch), moves.ids, strict=True))
            records.forget()
            done += len(batch)
            records.progress.part(f"{title}, {done:,} of {len(invoices):,}")


def write_payments(records: Records) -> None:
    """Register payments and match them with what they pay."""
    with _without_news(records):
        _write_payments(records)


@contextmanager
def _without_news(records: Records) -> Iterator[None]:
    """Odoo would note on each order today that its invoice is paid, whenever that was."""
    orders = type(records.env["sale.order"])
    with patch.object(orders, "message_post", lambda self, **kwargs: self.env["mail.message"]):
        yield


def _write_payments(records: Records) -> None:
    payments = records.company.payments
    left = _open_amounts(records)
    total = dict(left)
    journal = records.env["account.journal"].search([("type", "=", "bank")], limit=1).id
    done = 0
    for batch in batches(payments):
        values = []
        for payment in batch:
            amount = payment.amount + sum(_part(key, share, total, left) for key, share in payment.invoices)
            values.append(_prepare_payment(records, payment, amount, journal))
        created = records.env["account.payment"].create(values)
        created.action_post()
        records.payments += created.ids
        _match(records, batch, created)
        records.forget()
        done += len(batch)
        records.progress.part(f"payments, {done:,} of {len(payments):,}")


def _prepare_invoice(records: Records, invoice: Invoice, order: models.BaseModel) -> dict:
    lines = [
        # no analytic accounts: Odoo would look for rules that give one, line by line
        order.order_line[place]._prepare_invoice_line(quantity=quantity, sequence=place, analytic_distribution=False)
        for place, quantity in invoice.lines
    ]
    values = order._prepare_invoice() | {
        "invoice_date": invoice.day,
        "invoice_user_id": records.users[invoice.person],
        "invoice_line_ids": [Command.create(line) for line in lines],
    }
    if invoice.refunds:
        values |= {"move_type": "out_refund", "reversed_entry_id": records.invoices[invoice.refunds]}
    return values


def _prepare_payment(records: Records, payment: Payment, amount: float, journal: int) -> dict:
    return {
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": records.customers[payment.customer],
        "amount": amount,
        "date": payment.day,
        "journal_id": journal,
    }


def _open_amounts(records: Records) -> dict[str, float]:
    """What is to be paid of each invoice."""
    ids = {records.invoices[invoice.key]: invoice.key for invoice in records.company.invoices if not invoice.refunds}
    moves = records.env["account.move"].browse(ids)
    return {ids[move.id]: move.amount_residual for move in moves}


def _part(key: str, share: float, total: dict[str, float], left: dict[str, float]) -> float:
    """The money of a share. An invoice is paid in at most two parts: the second one takes what is left."""
    amount = round(total[key] * share, 2) if left[key] == total[key] else left[key]
    left[key] -= amount
    return amount


def _receivable(moves: models.BaseModel) -> models.BaseModel:
    return moves.line_ids.filtered(lambda line: line.account_type == RECEIVABLE)


def _match(records: Records, payments: list[Payment], created: models.BaseModel) -> None:
    keys = dict.fromkeys(key for payment in payments for key, _share in payment.invoices)
    moves = records.env["account.move"].browse([records.invoices[key] for key in keys])
    (moves | created.move_id).line_ids.mapped("account_type")  # read together, not move by move
    invoices = dict(zip(keys, moves, strict=True))
    plan = []
    for payment, record in zip(payments, created, strict=True):
        if payment.invoices:
            paid = moves.browse().union(*(invoices[key] for key, _share in payment.invoices))
            plan.append(_receivable(record.move_id | paid))
    records.env["account.move.line"]._reconcile_plan(plan)

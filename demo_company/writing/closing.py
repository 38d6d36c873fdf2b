"""A closed month, what happened to its documents afterwards, and what the accounting says of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from odoo import models
from odoo.fields import Command

from demo_company.cast import DIRECTOR, PEOPLE
from demo_company.days import add_months
from demo_company.planted import STORIES
from demo_company.writing.money import RECEIVABLE
from demo_company.writing.records import Records

CLOSED_ON = 5  # of the month after
NOTE = "The accounting has closed the month, too."
REASON = "The discount that was agreed had been forgotten; the customer has paid the right amount."
FILE = "Revenue by accounting.xlsx"


def write_closing(records: Records) -> None:
    """Close the month and change its documents, unless the company stops before KPI."""
    if "sdm.period" not in records.env:
        return
    plan = records.company.closing
    late, changed = (records.env["account.move"].browse(records.invoices[key]) for key in (plan.late, plan.changed))
    prices = {line: line.price_unit for line in changed.invoice_line_ids.filtered("product_id")}
    payments = {move: _unpost(move) for move in late | changed}
    _set_prices(prices, 1 + STORIES["corrected_invoice"].size)
    changed.action_post()
    double = _enter_again(records, plan.doubled)
    _close(records)
    changed.button_draft()
    _set_prices(prices, 1)
    for move, paid in payments.items():
        move.action_post()
        # Odoo keeps what a draft is matched with as long as its amount stays
        (_receivable(move) | paid).filtered(lambda line: not line.reconciled).reconcile()
    double.unlink()
    records.forget()
    _find_differences(records)
    _restate(records, changed)
    _write_control_totals(records)
    _write_drafts(records, late)
    records.forget()


def _receivable(move: models.BaseModel) -> models.BaseModel:
    return move.line_ids.filtered(lambda line: line.account_type == RECEIVABLE)


def _unpost(move: models.BaseModel) -> models.BaseModel:
    """Make a draft of an invoice again; returns the lines that have paid it."""
    paid = _receivable(move).matched_credit_ids.credit_move_id
    move.button_draft()
    return paid


def _set_prices(prices: dict[models.BaseModel, float], factor: float) -> None:
    for line, price in prices.items():
        line.price_unit = price * factor


def _enter_again(records: Records, key: str) -> models.BaseModel:
    deal = records.env["crm.lead"].browse(records.deals[key])
    double = deal.copy({"name": deal.name, "stage_id": deal.stage_id.id, "order_ids": False})
    double.date_closed = deal.date_closed
    return double


def _close(records: Records) -> None:
    closing = records.company.closing
    period = _period(records, closing.month)
    period._close(NOTE)
    closed = datetime.combine(add_months(closing.month, 1, on=CLOSED_ON), time(9))
    months = period.search([("state", "=", "closed")])
    months.sudo().write({"closed_on": closed})
    months.sudo().message_ids.date = closed


def _period(records: Records, month: date) -> models.BaseModel:
    """A month as the director sees it: nobody else closes and restates."""
    director = records.users[next(person.key for person in PEOPLE.values() if person.job == DIRECTOR)]
    return records.env["sdm.period"].with_user(director).search([("date", "=", month)], limit=1)


def _find_differences(records: Records) -> None:
    month = records.company.closing.month
    records.env["sdm.kpi.run"]._start(records.env["sdm.perimeter"]._get_default(), month, month)._run()
    records.forget()


def _restate(records: Records, changed: models.BaseModel) -> None:
    month = _period(records, records.company.closing.month)
    domain = [("period_id", "=", month.id), ("res_model", "=", changed._name), ("res_id", "=", changed.id)]
    differences = month.env["sdm.period.difference"].search(domain)
    month.env["sdm.period.restatement"]._decide(differences, "restated", REASON)


def _write_control_totals(records: Records) -> None:
    """What the accounting has told of the last closed months, the late invoice included."""
    last = records.company.closing.month
    months = [add_months(last, -number, on=1) for number in range(round(STORIES["control_totals"].size))]
    rows = records.env["sdm.reconciliation"]._read_group([("date", "in", months)], ["date:month"], ["accounting:sum"])
    records.env["sdm.control.total"]._replace(
        [
            {
                "perimeter_id": records.env["sdm.perimeter"]._get_default().id,
                "company_id": records.env.company.id,
                "date": month,
                "amount": amount,
            }
            for month, amount in rows
        ],
        FILE,
    )


def _write_drafts(records: Records, example: models.BaseModel) -> None:
    """Invoices like another one, at the end of the month before, which nobody has posted."""
    story = STORIES["draft_invoice"]
    end = add_months(story.date(records.company.anchor), 1, on=1) - timedelta(days=1)
    line = example.invoice_line_ids.filtered("product_id")[:1]
    for number in range(round(story.size)):
        records.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": example.partner_id.id,
                "invoice_user_id": example.invoice_user_id.id,
                "team_id": example.team_id.id,
                "invoice_date": end - timedelta(days=number),
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": line.product_id.id, "quantity": number + 1, "price_unit": line.price_unit}
                    )
                ],
            }
        )

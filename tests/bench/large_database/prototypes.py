"""One document of each kind, made through Odoo and read back as it lies in the table."""

from __future__ import annotations

from typing import Any

from odoo.fields import Command
from odoo.tools import SQL

from .masters import Masters
from .shape import ANCHOR


def read_prototypes(env: Any, masters: Masters) -> dict[str, str]:
    """Make the documents; return each one's row as JSON text, by kind. The caller rolls the transaction back."""
    seller, _partner, team = masters.sellers[0]
    product = env["product.product"].browse(masters.products[0][0])
    customer, contact = _make_customer(env, seller)
    documents = {
        "customer": customer,
        "contact": contact,
        **_make_leads(env, customer, seller, team, masters.reasons[0]),
        **_make_invoices(env, customer, seller, product),
        **_make_orders(env, customer, seller, product),
        "message customer": _post(customer),
    }
    env.flush_all()
    return {kind: _read_row(env, record) for kind, record in documents.items()}


def _read_row(env: Any, record: Any) -> str:
    table = SQL.identifier(record._table)
    [(row,)] = env.execute_query(SQL("SELECT to_jsonb(t)::text FROM %s t WHERE id = %s", table, record.id))
    return row


def _make_customer(env: Any, seller: int) -> tuple[Any, Any]:
    customer = env["res.partner"].create(
        {
            "name": "Prototype",
            "is_company": True,
            "city": "City",
            "country_id": env.ref("base.ru").id,
            "email": "office@prototype.example",
            "phone": "+74951234567",
            "user_id": seller,
            "customer_rank": 1,
        }
    )
    contact = env["res.partner"].create(
        {"name": "Contact", "parent_id": customer.id, "email": "contact@prototype.example"}
    )
    return customer, contact


def _make_leads(env: Any, customer: Any, seller: int, team: int, reason: int) -> dict[str, Any]:
    lead = env["crm.lead"].create(
        {
            "name": "Prototype",
            "type": "opportunity",
            "partner_id": customer.id,
            "user_id": seller,
            "team_id": team,
            "expected_revenue": 100,
            "probability": 10,
        }
    )
    won, lost = lead.copy(), lead.copy()
    won.action_set_won()
    lost.action_set_lost(lost_reason_id=reason)
    planned, done = (lead.activity_schedule("mail.mail_activity_data_call", user_id=seller) for _number in range(2))
    done.action_feedback(feedback="Done")
    return {
        "lead open": lead,
        "lead won": won,
        "lead lost": lost,
        "activity planned": planned,
        "activity done": done,
        "message lead": _post(lead),
    }


def _post(record: Any) -> Any:
    return record.message_post(body="Text", message_type="comment", subtype_xmlid="mail.mt_comment")


def _make_invoices(env: Any, customer: Any, seller: int, product: Any) -> dict[str, Any]:
    line = Command.create({"product_id": product.id, "quantity": 1, "price_unit": 10})
    draft, invoice, refund = env["account.move"].create(
        [
            {
                "move_type": move_type,
                "partner_id": customer.id,
                "invoice_date": ANCHOR,
                "invoice_user_id": seller,
                "invoice_line_ids": [line],
            }
            for move_type in ("out_invoice", "out_invoice", "out_refund")
        ]
    )
    (invoice | refund).action_post()
    found = {}
    for kind, move in (("draft", draft), ("invoice", invoice), ("refund", refund)):
        found[f"move {kind}"] = move
        found[f"move line {kind}"] = move.line_ids.filtered(lambda line: line.display_type == "product")
        found[f"move term {kind}"] = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
    return found


def _make_orders(env: Any, customer: Any, seller: int, product: Any) -> dict[str, Any]:
    line = Command.create({"product_id": product.id, "product_uom_qty": 1})
    values = {"partner_id": customer.id, "user_id": seller, "order_line": [line]}
    draft, sale = env["sale.order"].create([values, values])
    sale.action_confirm()
    return {
        "order draft": draft,
        "order line draft": draft.order_line,
        "order sale": sale,
        "order line sale": sale.order_line,
    }

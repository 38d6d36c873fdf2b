"""Deals and orders."""

from __future__ import annotations

from odoo.fields import Command

from demo_company import catalogue
from demo_company.plan import LOST, OPEN, STAGES, WON, Deal, Order
from demo_company.writing.records import Records


def write_deals(records: Records) -> None:
    """Create leads and opportunities as they are now; history.py dates them."""
    env = records.env
    records.stages = [_stage(records, name) for name in STAGES]
    sources = {name: _by_name(records, "utm.source", name) for name in catalogue.SOURCES}
    reasons = {name: _by_name(records, "crm.lost.reason", name) for name in catalogue.LOST_REASONS}
    names = {customer.key: customer.name for customer in records.company.customers}
    values = [_prepare_deal(records, deal, names, sources, reasons) for deal in records.company.deals]
    env["res.config.settings"].create({"group_use_lead": True}).execute()
    ids = records.create("crm.lead", "deals", values)
    records.deals = dict(zip((deal.key for deal in records.company.deals), ids, strict=True))


def write_orders(records: Records) -> None:
    """Create quotations and orders; those that were confirmed are confirmed by Odoo."""
    deals = {deal.key: deal for deal in records.company.deals}
    sources = {source.name: source.id for source in records.env["utm.source"].search([])}
    values = [
        _prepare_order(records, order, sources.get(deals[order.deal].source) if order.deal else None)
        for order in records.company.orders
    ]
    ids = records.create("sale.order", "orders", values)
    records.orders = dict(zip((order.key for order in records.company.orders), ids, strict=True))
    confirmed = [records.orders[order.key] for order in records.company.orders if order.state == "sale"]
    for orders in records.each("sale.order", "orders confirmed", confirmed):
        orders.action_confirm()


def finish_deals(records: Records) -> None:
    """Have Odoo learn its forecasts from the deals, which are dated by now."""
    records.env["crm.lead"]._cron_update_automated_probabilities()
    records.forget()


def _stage(records: Records, name: str) -> int:
    return records.env["crm.stage"].search([("name", "=", name)], limit=1).id


def _by_name(records: Records, model: str, name: str) -> int:
    found = records.env[model].search([("name", "=", name)], limit=1)
    return (found or records.env[model].create({"name": name})).id


def _prepare_deal(
    records: Records, deal: Deal, names: dict[str, str], sources: dict[str, int], reasons: dict[str, int]
) -> dict:
    values = {
        "name": f"{deal.name}, {names[deal.customer].rpartition(' ')[0]}" if deal.customer else deal.name,
        "type": "lead" if deal.is_lead else "opportunity",
        "partner_id": records.customers.get(deal.customer),
        "contact_name": deal.contact_name,
        "email_from": f"{deal.contact_name.lower().replace(' ', '.')}@example.com" if deal.contact_name else False,
        "user_id": records.users[deal.person],
        "team_id": records.teams[deal.team],
        "stage_id": records.stages[deal.moves[-1][0]],
        "expected_revenue": deal.amount,
        "date_deadline": deal.deadline,
        "source_id": sources.get(deal.source),
        "priority": "2" if deal.amount >= 800_000 else "1" if deal.amount >= 300_000 else "0",
    }
    if deal.outcome == WON:
        values["probability"] = 100
    if deal.outcome == LOST:
        values |= {"active": False, "probability": 0, "lost_reason_id": reasons.get(deal.reason)}
    if deal.outcome != OPEN:
        values["date_closed"] = deal.closed
    return values


def _prepare_order(records: Records, order: Order, source: int | None) -> dict:
    return {
        "partner_id": records.customers[order.customer],
        "user_id": records.users[order.person],
        "team_id": records.teams[order.team],
        "date_order": order.at,
        "opportunity_id": records.deals.get(order.deal),
        "source_id": source,
        "state": "draft" if order.state == "sale" else order.state,
        "order_line": [
            Command.create(
                {
                    "product_id": records.products[line.product],
                    "product_uom_qty": line.quantity,
                    "price_unit": line.price,
                    "discount": line.discount,
                    "purchase_price": line.cost,
                    # no analytic accounts: Odoo would look for rules that give one, line by line
                    "analytic_distribution": False,
                }
            )
            for line in order.lines
        ],
    }

"""Invoices with refunds and drafts, orders with quotations; each with its lines."""

from __future__ import annotations

from .customers_and_leads import customer_name
from .noise import chance, noise, pick, working_day
from .shape import CUSTOMER_PREFERENCE, FIRST_DAY, LINES, PRODUCTS
from .tables import Tables


def insert_invoices(tables: Tables) -> int:
    """Posted invoices, numbered within their year, with some refunds and drafts; three product lines each."""
    refund, draft = chance("refund"), chance("draft invoice")
    _make_documents(
        tables,
        "invoice",
        tables.sizes.invoices,
        state=f"CASE WHEN {refund} THEN 'refund' WHEN {draft} THEN 'draft' ELSE 'invoice' END",
        discount="0",
    )
    for state, sign in (("invoice", 1), ("refund", -1), ("draft", 1)):
        _insert_moves(tables, state, sign)
    return tables.sizes.invoices


def insert_orders(tables: Tables) -> int:
    """Confirmed orders and quotations; three lines each, some with a discount."""
    _make_documents(
        tables,
        "order",
        tables.sizes.orders,
        state=f"CASE WHEN {chance('confirmed order')} THEN 'sale' ELSE 'draft' END",
        discount=f"CASE WHEN {chance('discounted order line', 'i * 4 + k')} THEN 10 ELSE 0 END",
    )
    for state in ("sale", "draft"):
        _insert_orders(tables, state)
    return tables.sizes.orders


def _make_documents(tables: Tables, kind: str, count: int, state: str, discount: str) -> None:
    """Make temporary tables of documents and of their lines, for a kind that is "invoice" or "order".

    <kind>_line: i, k (1 to LINES), product_id, quantity, price, discount (%), subtotal, unit_cost
    <kind>_document: i, state, number (within state and year), day, customer, partner_id, user_id, team_id, total, cost
    """
    line = "i * 4 + k"  # the number of the line, as `noise` wants it
    tables.make(
        f"{kind}_line",
        f"""
        SELECT n.i, n.k, p.product_id, n.quantity, n.price, n.discount, p.cost AS unit_cost,
               round(n.quantity * n.price * (1 - n.discount / 100), 2) AS subtotal
          FROM (
            SELECT i, k, p.place, ({discount})::numeric AS discount,
                   (1 + {pick(f"{kind}.quantity", 9, line, preference=2)})::numeric AS quantity,
                   round((p.price * (0.85 + 0.3 * {noise(f"{kind}.price", line)}))::numeric, 2) AS price
              FROM generate_series(1, {count}) i
             CROSS JOIN generate_series(1, {LINES}) k
              JOIN product p ON p.place = {pick(f"{kind}.product", PRODUCTS, line, preference=1.5)}
          ) n JOIN product p USING (place)
        """,
    )
    customer = pick(f"{kind}.customer", tables.sizes.customers, preference=CUSTOMER_PREFERENCE)
    tables.make(
        f"{kind}_document",
        f"""
        SELECT n.i, n.state, n.day, n.customer, c.partner_id, s.user_id, s.team_id, t.total, t.cost,
               row_number() OVER (PARTITION BY n.state, extract(year FROM n.day) ORDER BY n.day, n.i)::int AS number
          FROM (
            SELECT i, {state} AS state, date '{FIRST_DAY}' + {working_day(f"{kind}.day")} AS day,
                   1 + {customer} AS customer
              FROM generate_series(1, {count}) i
          ) n
          JOIN customer c ON c.i = n.customer
          JOIN seller s USING (place)
          JOIN (
            SELECT i, sum(subtotal) AS total, sum(quantity * unit_cost) AS cost FROM {kind}_line GROUP BY i
          ) t ON t.i = n.i
        """,
    )


def _insert_moves(tables: Tables, state: str, sign: int) -> None:
    """Invoices of a state with their product lines and the line of what is due."""
    first, first_line = tables.first["account_move"], tables.first["account_move_line"]
    moment, due = "s.day + interval '9 hours'", "s.day + 30"
    prefix = "regexp_replace(p.sequence_prefix, '[0-9]{4}', extract(year FROM s.day)::text)"
    number = f"{prefix} || lpad(s.number::text, 6, '0')"
    every = {
        "partner_id": "s.partner_id",
        "date": "s.day",
        "invoice_date": "s.day",
        "create_date": moment,
        "write_date": moment,
    }
    columns = every | {
        "id": f"{first} + s.i",
        "commercial_partner_id": "s.partner_id",
        "partner_shipping_id": "s.partner_id",
        "invoice_partner_display_name": customer_name("s.customer"),
        "invoice_user_id": "s.user_id",
        "team_id": "s.team_id",
        "invoice_date_due": due,
        **dict.fromkeys(("amount_untaxed", "amount_total", "amount_residual"), "s.total"),
    }
    signed = ("amount_untaxed_signed", "amount_total_signed", "amount_residual_signed")
    signed += ("amount_total_in_currency_signed", "amount_untaxed_in_currency_signed")
    columns |= dict.fromkeys(signed, f"{sign} * s.total")
    line_columns = every | {"move_id": f"{first} + s.i"}
    if state != "draft":  # a draft has no number yet
        columns |= {"name": number, "payment_reference": number}
        columns |= {"sequence_prefix": prefix, "sequence_number": "s.number"}
        line_columns["move_name"] = "s.name"
    tables.copy("account_move", f"move {state}", f"SELECT * FROM invoice_document WHERE state = '{state}'", columns)

    moves = f"""
        SELECT d.*, m.name FROM invoice_document d JOIN account_move m ON m.id = {first} + d.i
         WHERE d.state = '{state}'
    """
    tables.copy(
        "account_move_line",
        f"move line {state}",
        "SELECT d.*, l.k, l.product_id, l.quantity, l.price, l.subtotal "
        f"FROM ({moves}) d JOIN invoice_line l USING (i)",
        line_columns
        | {
            "id": f"{first_line} + s.i * {LINES + 1} + s.k - 1",
            "product_id": "s.product_id",
            "quantity": "s.quantity",
            "price_unit": "s.price",
            "price_subtotal": "s.subtotal",
            "price_total": "s.subtotal",
        }
        | _balance(f"{-sign} * s.subtotal", open_amount="0"),
    )
    tables.copy(
        "account_move_line",
        f"move term {state}",
        moves,
        line_columns
        | {"id": f"{first_line} + s.i * {LINES + 1} + {LINES}", "date_maturity": due}
        | _balance(f"{sign} * s.total", open_amount=f"{sign} * s.total"),
    )


def _balance(balance: str, open_amount: str) -> dict[str, str]:
    """The columns of a journal item that follow from its balance and from what of it is open."""
    return {
        "balance": balance,
        "amount_currency": balance,
        "debit": f"greatest({balance}, 0)",
        "credit": f"greatest(-({balance}), 0)",
        "amount_residual": open_amount,
        "amount_residual_currency": open_amount,
    }


def _insert_orders(tables: Tables, state: str) -> None:
    """Orders of a state with their lines."""
    first, first_line = tables.first["sale_order"], tables.first["sale_order_line"]
    moment = "s.day + interval '9 hours'"
    moments = dict.fromkeys(("create_date", "write_date"), moment)
    tables.copy(
        "sale_order",
        f"order {state}",
        f"SELECT * FROM order_document WHERE state = '{state}'",
        moments
        | {
            "id": f"{first} + s.i",
            "name": "'B' || lpad(s.i::text, 7, '0')",
            "partner_id": "s.partner_id",
            "partner_invoice_id": "s.partner_id",
            "partner_shipping_id": "s.partner_id",
            "user_id": "s.user_id",
            "team_id": "s.team_id",
            "date_order": moment,
            "validity_date": "s.day + 30",
            "amount_untaxed": "s.total",
            "amount_total": "s.total",
            "margin": "s.total - s.cost",
            "margin_percent": "(s.total - s.cost) / nullif(s.total, 0)",
        },
    )
    cost = "s.quantity * s.unit_cost"
    columns = moments | {
        "id": f"{first_line} + s.i * {LINES} + s.k - 1",
        "order_id": f"{first} + s.i",
        "order_partner_id": "s.partner_id",
        "salesman_id": "s.user_id",
        "product_id": "s.product_id",
        "product_uom_qty": "s.quantity",
        "price_unit": "s.price",
        "technical_price_unit": "s.price",
        "discount": "s.discount",
        "price_subtotal": "s.subtotal",
        "price_total": "s.subtotal",
        "purchase_price": "s.unit_cost",
        "margin": f"s.subtotal - {cost}",
        "margin_percent": f"(s.subtotal - {cost}) / nullif(s.subtotal, 0)",
    }
    reduced = "round(s.price * (1 - s.discount / 100), 2)"
    columns |= dict.fromkeys(("price_reduce_taxexcl", "price_reduce_taxinc"), reduced)
    if state == "sale":
        columns |= {"qty_to_invoice": "s.quantity", "untaxed_amount_to_invoice": "s.subtotal"}
    tables.copy(
        "sale_order_line",
        f"order line {state}",
        "SELECT d.*, l.k, l.product_id, l.quantity, l.price, l.discount, l.subtotal, l.unit_cost "
        f"FROM order_document d JOIN order_line l USING (i) WHERE d.state = '{state}'",
        columns,
    )

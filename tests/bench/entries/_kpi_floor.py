"""The leanest SQL that writes the same facts: one statement for each source.

It is written from the definitions that users read, for one company in one currency without credit by hand, which is
what the large database holds. A source is its documents (id, date, user_id, team_id, partner_id, company_id and what
its KPI add up), and where documents have lines those by product category.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.bench.entries._kpi_company import KPIS, add_months

KEYS = "employee_id, head_id, team_id, segment_id, category_id, company_id, partner_id"
COLUMNS = f"kpi_id, date, {KEYS}"


@dataclass(frozen=True)
class Source:
    """A source of the floor.

    documents  SQL of its documents from :first to before :end; in WITH is what they need besides
    sums       {KPI: (what is added up, by product category: of lines)}
    customers  {KPI: (which entries, by product category)} of those that count customers
    lines      SQL of (doc_id, category_id, what is added up) where documents have lines with products
    is_state   who has nothing left is at zero in the month after
    """

    documents: str
    sums: dict[str, tuple[str, bool]]
    customers: dict[str, tuple[str, bool]]
    lines: str = ""
    is_state: bool = False


OPENED = "LEAST(lead.create_date, lead.date_open, lead.date_closed)::date"
DEAL = """
    SELECT lead.id, {date} AS date, lead.user_id, lead.team_id, partner.commercial_partner_id AS partner_id,
           COALESCE(lead.company_id, 1) AS company_id, lead.expected_revenue AS amount, {more}
      FROM crm_lead lead LEFT JOIN res_partner partner ON partner.id = lead.partner_id {join}
     WHERE {condition} AND {date} >= %(first)s AND {date} < %(end)s
"""
CLOSED = "lead.date_closed::date"
MONTH_ENDS = """
    (SELECT (month + interval '1 month')::date - 1 AS day
       FROM generate_series(%(first)s::date, %(last)s::date, interval '1 month') month) month
"""
INVOICES = """
    SELECT id, invoice_date AS date, invoice_user_id AS user_id, team_id, commercial_partner_id AS partner_id,
           company_id, (move_type = 'out_invoice')::int AS is_invoice
      FROM account_move
     WHERE move_type IN ('out_invoice', 'out_refund') AND state = 'posted'
       AND invoice_date >= %(first)s AND invoice_date < %(end)s
"""
INVOICE_LINES = """
    SELECT line.move_id AS doc_id, template.categ_id AS category_id, -line.balance AS amount,
           CASE WHEN line.balance > 0 THEN -line.quantity ELSE line.quantity END AS quantity
      FROM account_move_line line
      JOIN product_product product ON product.id = line.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
     WHERE line.display_type = 'product' AND line.parent_state = 'posted'
       AND line.invoice_date >= %(first)s AND line.invoice_date < %(end)s
"""
ORDERS = """
    SELECT sale.id, {date}::date AS date, sale.user_id, sale.team_id, partner.commercial_partner_id AS partner_id,
           sale.company_id
      FROM sale_order sale JOIN res_partner partner ON partner.id = sale.partner_id
     WHERE {condition} AND {date} >= %(first)s AND {date} < %(end)s
"""
ORDER_LINES = """
    SELECT line.order_id AS doc_id, template.categ_id AS category_id, line.price_subtotal AS amount, line.margin,
           line.product_uom_qty AS quantity, 1 AS lines,
           CASE WHEN line.discount > 0
                THEN line.price_subtotal * line.discount::numeric / (100 - line.discount::numeric)
                ELSE 0 END AS discount
      FROM sale_order_line line
      JOIN product_product product ON product.id = line.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
     WHERE line.display_type IS NULL
"""
SALE_DAYS = """
    SELECT partner_id, date, LEAD(date) OVER by_date AS next,
           CASE WHEN ROW_NUMBER() OVER by_date >= 3
                THEN GREATEST((date - FIRST_VALUE(date) OVER by_date)::numeric / (ROW_NUMBER() OVER by_date - 1), 7)
                ELSE 90 END AS gap
      FROM (SELECT DISTINCT commercial_partner_id AS partner_id, invoice_date AS date FROM account_move
             WHERE move_type IN ('out_invoice', 'out_refund') AND state = 'posted' AND amount_untaxed_signed > 0
               AND invoice_date < %(end)s) sold
    WINDOW by_date AS (PARTITION BY partner_id ORDER BY date)
"""
CUSTOMER = "NULL::int AS user_id, NULL::int AS team_id, partner_id, 1 AS company_id"
YEARLY = f"""
    SELECT partner_id AS id, day AS date, {CUSTOMER}, amount,
           CASE WHEN amount > 0.3 * SUM(amount) OVER (PARTITION BY day) THEN amount ELSE 0 END AS concentrated
      FROM (
        SELECT sold.partner_id, month.day, SUM(sold.amount) AS amount
          FROM (SELECT commercial_partner_id AS partner_id, date_trunc('month', invoice_date)::date AS month,
                       SUM(amount_untaxed_signed) AS amount
                  FROM account_move
                 WHERE move_type IN ('out_invoice', 'out_refund') AND state = 'posted'
                   AND invoice_date >= %(first)s::date - interval '11 months' AND invoice_date < %(end)s
                 GROUP BY 1, 2) sold
          JOIN {MONTH_ENDS} ON sold.month <= month.day
               AND sold.month > date_trunc('month', month.day) - interval '1 year'
         GROUP BY 1, 2
      ) yearly
     WHERE amount <> 0
"""
IS_WON = "lead.type = 'opportunity' AND lead.won_status = 'won'"
IS_LOST = "lead.type = 'opportunity' AND lead.won_status = 'lost'"
ALL = "TRUE"
SOURCES = {
    "revenue": Source(INVOICES, {"revenue": ("amount", True)}, {"active_customers": (ALL, True)}, INVOICE_LINES),
    "new_customer": Source(
        """SELECT * FROM (
            SELECT DISTINCT ON (commercial_partner_id) id, invoice_date AS date, invoice_user_id AS user_id, team_id,
                   commercial_partner_id AS partner_id, company_id
              FROM account_move
             WHERE move_type IN ('out_invoice', 'out_refund') AND state = 'posted' AND amount_untaxed_signed >= 0
               AND invoice_date < %(end)s
             ORDER BY commercial_partner_id, invoice_date, id) first_sale WHERE date >= %(first)s""",
        {},
        {"new_customers": (ALL, False)},
    ),
    "invoice": Source(
        INVOICES,
        {
            "invoiced": ("amount", True),
            "invoices": ("is_invoice", False),
            "invoiced_quantity": ("quantity", True),
            "invoiced_gross": ("amount * is_invoice", True),
            "refunds": ("amount * (1 - is_invoice)", True),
        },
        {"invoiced_customers": ("is_invoice = 1", True)},
        INVOICE_LINES,
    ),
    "order": Source(
        ORDERS.format(date="sale.date_order", condition="sale.state = 'sale'"),
        {
            "order_amount": ("amount", True),
            "orders": ("1", False),
            "order_quantity": ("quantity", True),
            "order_lines": ("lines", True),
            "order_margin": ("margin", True),
            "order_discount": ("discount", True),
        },
        {"order_customers": (ALL, True)},
        ORDER_LINES,
    ),
    "offer": Source(
        ORDERS.format(date="LEAST(sale.create_date, sale.date_order)", condition="sale.state <> 'draft'"),
        {"offers": ("1", False), "offer_amount": ("amount", True)},
        {"offer_customers": (ALL, True)},
        ORDER_LINES,
    ),
    "lead": Source(
        DEAL.format(date=OPENED, condition=ALL, join="", more="(lead.type = 'opportunity')::int AS is_deal"),
        {
            "new_leads": ("1", False),
            "new_deals": ("is_deal", False),
            "new_deal_amount": ("amount * is_deal", False),
        },
        {},
    ),
    "won": Source(
        DEAL.format(date=CLOSED, condition=IS_WON, join="", more=f"{CLOSED} - {OPENED} AS days"),
        {"won_deals": ("1", False), "won_amount": ("amount", False), "won_days": ("days", False)},
        {"won_customers": (ALL, False)},
    ),
    "lost": Source(
        DEAL.format(date=CLOSED, condition=IS_LOST, join="", more="(lead.lost_reason_id IS NULL)::int AS no_reason"),
        {"lost_deals": ("1", False), "lost_amount": ("amount", False), "lost_without_reason": ("no_reason", False)},
        {},
    ),
    "open": Source(
        DEAL.format(
            date="month.day",
            condition=f"""lead.type = 'opportunity' AND {OPENED} <= month.day AND (
                lead.won_status = 'pending' AND lead.active
                OR lead.won_status <> 'pending' AND {CLOSED} > month.day)""",
            join=f"CROSS JOIN {MONTH_ENDS}",
            more="lead.expected_revenue * lead.probability::numeric / 100 AS weighted",
        ),
        {
            "open_deals": ("1", False),
            "pipeline": ("amount", False),
            "weighted_pipeline": ("weighted", False),
        },
        {"pipeline_customers": (ALL, False)},
        is_state=True,
    ),
    "activity": Source(
        """SELECT activity.id, activity.date_done AS date, activity.user_id,
                  COALESCE(lead.team_id, sale.team_id) AS team_id, partner.commercial_partner_id AS partner_id,
                  COALESCE(lead.company_id, sale.company_id, worker.company_id) AS company_id,
                  (type.category = 'phonecall')::int AS is_call
             FROM mail_activity activity
             JOIN res_users worker ON worker.id = activity.user_id
             LEFT JOIN mail_activity_type type ON type.id = activity.activity_type_id
             LEFT JOIN crm_lead lead ON activity.res_model = 'crm.lead' AND lead.id = activity.res_id
             LEFT JOIN sale_order sale ON activity.res_model = 'sale.order' AND sale.id = activity.res_id
             LEFT JOIN res_partner partner ON partner.id = COALESCE(lead.partner_id, sale.partner_id,
                  CASE WHEN activity.res_model = 'res.partner' THEN activity.res_id END)
            WHERE NOT activity.active AND activity.date_done >= %(first)s AND activity.date_done < %(end)s
              AND activity.res_model IN ('crm.lead', 'sale.order', 'res.partner')""",
        {"activities": ("1", False), "calls": ("is_call", False)},
        {"worked_customers": (ALL, False)},
    ),
    "silent": Source(
        f"""SELECT partner_id AS id, month.day AS date, {CUSTOMER}
              FROM ({SALE_DAYS}) sold
              JOIN {MONTH_ENDS} ON date + floor(gap)::int + floor(gap * 0.5)::int + 1 <= month.day
                   AND date + floor(gap)::int + floor(gap * 2)::int + 1 > month.day
                   AND (next IS NULL OR next > month.day)""",
        {"silent_customers": ("1", False)},
        {},
        is_state=True,
    ),
    "lost_customer": Source(
        f"""SELECT partner_id AS id, lost_from AS date, {CUSTOMER}
              FROM (SELECT *, date + floor(gap)::int + floor(gap * 2)::int + 1 AS lost_from FROM ({SALE_DAYS}) day) sold
             WHERE (next IS NULL OR next > lost_from) AND lost_from >= %(first)s AND lost_from < %(end)s""",
        {"lost_customers": ("1", False)},
        {},
    ),
    "yearly": Source(
        YEARLY,
        {"yearly_revenue": ("amount", False), "concentrated_revenue": ("concentrated", False)},
        {},
        is_state=True,
    ),
}
# Whose documents are: of the seller with a card; else of the owners on the day, and what they leave of nobody.
ENTRIES = """
    person AS MATERIALIZED (SELECT user_id, MIN(id) AS employee_id FROM hr_employee
                             WHERE user_id IS NOT NULL GROUP BY user_id),
    document AS MATERIALIZED ({documents}),
    open_one AS MATERIALIZED (
        SELECT * FROM document WHERE NOT EXISTS (SELECT FROM person WHERE person.user_id = document.user_id)
    ),
    owned AS MATERIALIZED (
        SELECT open_one.*, owner.employee_id, owner.share
          FROM open_one JOIN sdm_ownership owner ON owner.partner_id = open_one.partner_id AND owner.share > 0
               AND open_one.date BETWEEN owner.date_from AND COALESCE(owner.date_to, 'infinity')
    ),
    credited AS (
        SELECT document.*, person.employee_id, 1::numeric AS share
          FROM document JOIN person ON person.user_id = document.user_id
         UNION ALL
        TABLE owned
         UNION ALL
        SELECT open_one.*, NULL, 1 - COALESCE(taken.share, 0)
          FROM open_one
          LEFT JOIN (SELECT id, date, SUM(share) AS share FROM owned GROUP BY id, date) taken
            ON taken.id = open_one.id AND taken.date = open_one.date
         WHERE COALESCE(taken.share, 0) < 1
    ),
    membership AS (
        SELECT partner_id, segment_id, COALESCE(date_to, 'infinity') AS date_to,
               CASE WHEN LAG(date_from) OVER (PARTITION BY partner_id ORDER BY date_from) IS NULL
                    THEN '-infinity' ELSE date_from END AS date_from
          FROM sdm_segment_membership WHERE scheme_id = (SELECT id FROM sdm_scheme WHERE is_primary)
    ),
    placed AS (
        SELECT credited.*, date_trunc('month', credited.date)::date AS month, position.head_id, membership.segment_id,
               COALESCE(position.team_id, credited.team_id) AS place_id
          FROM credited
          LEFT JOIN sdm_position position ON position.employee_id = credited.employee_id
               AND credited.date BETWEEN position.date_from AND COALESCE(position.date_to, 'infinity')
          LEFT JOIN membership ON membership.partner_id = credited.partner_id
               AND credited.date BETWEEN membership.date_from AND membership.date_to
    ),
    entry AS (SELECT * FROM placed {lines})
"""
WRITE_ALL = f"""
    INSERT INTO sdm_kpi_fact (perimeter_id, value, {COLUMNS}) SELECT %(perimeter)s, value, {COLUMNS} FROM found
"""
SAME = " AND ".join(f"COALESCE(fact.{key}, 0) = COALESCE(found.{key}, 0)" for key in KEYS.split(", "))
SCOPE = "fact.perimeter_id = %(perimeter)s AND fact.kpi_id = ANY(%(kpis)s) AND fact.date BETWEEN %(first)s AND %(last)s"
# of what differs: a full join, as two anti joins are slower and may be planned badly
WRITE_DIFFERENCES = f"""
    , difference AS MATERIALIZED (
        SELECT fact.id, found.*
          FROM (SELECT * FROM sdm_kpi_fact fact WHERE {SCOPE}) fact
          FULL JOIN found ON fact.kpi_id = found.kpi_id AND fact.date = found.date AND {SAME}
         WHERE fact.value IS DISTINCT FROM found.value
    ), gone AS (
        DELETE FROM sdm_kpi_fact WHERE id = ANY(ARRAY(SELECT id FROM difference WHERE kpi_id IS NULL))
    ), other AS (
        UPDATE sdm_kpi_fact fact SET value = difference.value FROM difference
         WHERE {SCOPE} AND fact.id = difference.id AND difference.kpi_id IS NOT NULL
    )
    INSERT INTO sdm_kpi_fact (perimeter_id, value, {COLUMNS})
    SELECT %(perimeter)s, value, {COLUMNS} FROM difference WHERE id IS NULL
"""


def write(env: Any, perimeter: Any, first: Any, last: Any, codes: tuple[str, ...], is_first: bool) -> None:
    """Write the facts of KPI between two months.

    :param env: environment; :param perimeter: sdm.perimeter; :param codes: of KPI
    :param is_first: no facts are there
    """
    kpis = {kpi.code: kpi.id for kpi in env["sdm.kpi"].search([("code", "in", codes)])}
    values = {"perimeter": perimeter.id, "first": first, "last": last, "end": add_months(last, 1)}
    for name in SOURCES:
        asked = {code: kpis[code] for code in KPIS[name] if code in kpis}
        if asked:
            states = [asked[code] for code in SOURCES[name].sums if code in asked]
            query = statement(name, asked, is_first)
            env.cr.execute(query, values | {"kpis": list(asked.values()), "states": states})


def statement(name: str, kpis: dict[str, int], is_first: bool) -> str:
    """The statement of a source. Its parameters are perimeter, kpis, states, first, last and end.

    :param kpis: ids by code; :param is_first: no facts are there
    """
    source = SOURCES[name]
    sums = {code: source.sums[code] for code in kpis if code in source.sums}
    customers = {code: source.customers[code] for code in kpis if code in source.customers}
    parts = [_customers(kpis[code], *asked) for code, asked in customers.items()]
    for by_category in (True, False):
        if asked := {kpis[code]: what for code, (what, by) in sums.items() if by == by_category}:
            parts.append(_sums(asked, by_category, source.is_state))
    entries = ENTRIES.format(
        documents=source.documents,
        lines=f"JOIN ({source.lines}) line ON line.doc_id = placed.id" if source.lines else "",
    )
    return f"WITH {entries}, found AS ({' UNION ALL '.join(parts)}) {WRITE_ALL if is_first else WRITE_DIFFERENCES}"


def _customers(kpi: int, condition: str, by_category: bool) -> str:
    """SQL of the customers of a KPI, each once a leaf."""
    category = "category_id" if by_category else "NULL::int"
    return f"""
        SELECT DISTINCT {kpi} AS kpi_id, month AS date, 1::numeric AS value, employee_id, head_id, place_id AS team_id,
               segment_id, {category} AS category_id, company_id, partner_id
          FROM {"entry" if by_category else "placed"} WHERE partner_id IS NOT NULL AND share > 0 AND ({condition})
    """


def _sums(kpis: dict[int, str], by_category: bool, is_state: bool) -> str:
    """SQL of the sums of KPI, all in one pass; by category of lines, else of documents."""
    sums = ", ".join(f"SUM(({what}) * share) AS value_{kpi}" for kpi, what in kpis.items())
    values = ", ".join(f"({kpi}, value_{kpi})" for kpi in kpis)
    leaf = f"""
        SELECT kpi_id, month AS date, value, employee_id, head_id, team_id, segment_id, category_id, company_id,
               NULL::int AS partner_id
          FROM (
            SELECT month, employee_id, head_id, place_id AS team_id, segment_id, company_id,
                   {"category_id" if by_category else "NULL::int AS category_id"}, {sums}
              FROM {"entry" if by_category else "placed"} GROUP BY 1, 2, 3, 4, 5, 6, 7
          ) grouped
         CROSS JOIN LATERAL (VALUES {values}) of_kpi (kpi_id, value)
         WHERE value <> 0
    """
    if not is_state:
        return leaf
    keys = f"kpi_id, date, {KEYS}"
    return f"""
        SELECT kpi_id, date, SUM(value) AS value, {KEYS}
          FROM (
            WITH leaf AS MATERIALIZED ({leaf}),
            before AS (
                SELECT {keys} FROM leaf
                 UNION ALL
                SELECT {keys} FROM sdm_kpi_fact
                 WHERE perimeter_id = %(perimeter)s AND kpi_id = ANY(%(states)s) AND value <> 0
                   AND date = %(first)s::date - interval '1 month'
            )
            SELECT * FROM leaf
             UNION ALL
            SELECT kpi_id, (date + interval '1 month')::date, 0, {KEYS} FROM before WHERE date < %(last)s
          ) state
         GROUP BY {keys}
    """

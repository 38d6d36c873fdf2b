from functools import cached_property

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import credit, periods

SOURCES = [
    ("revenue", "Revenue, by what the perimeter counts it"),
    ("invoice", "Posted invoices and refunds"),
    ("order", "Confirmed orders"),
    ("offer", "Offers made"),
    ("lead", "New leads and deals"),
    ("won", "Won deals"),
    ("lost", "Lost deals"),
    ("open", "Open deals at the end of the month"),
    ("standing", "Open deals at the end of the month, by stage and next step"),
    ("stage", "Stages that deals came to"),
    ("new_customer", "First sale to a customer"),
    ("silent", "Silent customers at the end of the month"),
    ("lost_customer", "Customers lost"),
    ("yearly", "Customers by their revenue of twelve months, at the end of the month"),
    ("promised", "Orders by the day promised"),
    ("payment", "Money received"),
    ("receivable", "Receivables at the end of the month"),
    ("activity", "Done activities"),
    ("meeting", "Meetings"),
    ("coverage", "Contacts due by the playbooks"),
    ("time", "Working days of sellers"),
    ("value", "Values entered or imported"),
    ("history", "History from before Odoo"),
]
# What an entry counts as. All but customers are added up.
MEASURES = [
    ("documents", "Number of documents"),
    ("customers", "Number of customers"),
    ("amount", "Amount"),
    ("weighted", "Amount by probability"),
    ("margin", "Margin"),
    ("discount", "Discount given"),
    ("quantity", "Quantity"),
    ("lines", "Number of lines"),
    ("days", "Days"),
    ("due", "Contacts due"),
    ("done", "Contacts done"),
    ("counted", "Contacts done of those due"),
    ("hours", "Hours of contacts due"),
]
DEAL_MEASURES = ("documents", "customers", "amount", "days")
ORDER_MEASURES = ("documents", "customers", "amount", "margin", "discount", "quantity", "lines")
MEASURES_OF = {
    "revenue": ("documents", "customers", "amount"),
    "invoice": ("documents", "customers", "amount", "quantity", "lines"),
    "order": ORDER_MEASURES,
    "offer": ORDER_MEASURES,
    "lead": ("documents", "customers", "amount"),
    "won": DEAL_MEASURES,
    "lost": DEAL_MEASURES,
    "open": ("documents", "customers", "amount", "weighted", "days"),
    "standing": ("documents", "customers", "amount", "weighted"),
    "stage": ("documents", "customers", "amount"),
    "new_customer": ("customers", "documents"),
    "silent": ("documents", "customers"),
    "lost_customer": ("documents", "customers"),
    "yearly": ("amount", "documents", "customers"),
    "promised": ("documents", "customers", "amount"),
    "payment": ("documents", "customers", "amount"),
    "receivable": ("documents", "customers", "amount"),
    "activity": ("documents", "customers"),
    "meeting": ("documents", "customers"),
    "coverage": ("due", "done", "counted", "hours", "documents", "customers"),
    "time": ("days",),
    "value": ("amount",),
    "history": ("documents", "customers", "amount", "quantity"),
}
STOCKS = {"open", "standing", "silent", "yearly", "receivable"}
# What they count comes from invoices; of the others it does where revenue is counted by invoices.
BY_INVOICE = {"invoice", "payment", "receivable"}
BY_REVENUE = {"revenue", "new_customer", "lost_customer", "silent", "yearly"}
# Their documents have lines with a product; counts of documents have no product category all the same.
WITH_LINES = {"revenue", "invoice", "order", "offer", "history"}
SUMS = tuple(key for key, _label in MEASURES if key != "customers")
# The model whose records of a source can be credited by hand, and the column with the record.
CREDITED_BY = {
    "lead": ("crm.lead", "lead_id"),
    "won": ("crm.lead", "lead_id"),
    "lost": ("crm.lead", "lead_id"),
    "open": ("crm.lead", "lead_id"),
    "standing": ("crm.lead", "lead_id"),
    "stage": ("crm.lead", "lead_id"),
    "offer": ("sale.order", "order_id"),
    "order": ("sale.order", "order_id"),
    "promised": ("sale.order", "order_id"),
    "invoice": ("account.move", "move_id"),
    "payment": ("account.move", "move_id"),
}
# What is credited by hand holds along this way.
CHAIN = ("crm.lead", "sale.order", "account.move")
COLUMNS = {
    "doc_id": "int8",
    "line_id": "int8",
    "date": "date",
    "company_id": "int4",
    "user_id": "int4",
    "employee_id": "int4",
    "team_id": "int4",
    "partner_id": "int4",
    "segment_id": "int4",
    "product_id": "int4",
    "category_id": "int4",
    "lead_id": "int4",
    "order_id": "int4",
    "move_id": "int4",
    "activity_id": "int4",
    "meeting_id": "int4",
    "value_id": "int4",
    "history_id": "int4",
    "stage_id": "int4",
    "stage_number": "int4",
    "age": "int4",
    "is_passed": "bool",
    "is_late": "bool",
    "has_next": "bool",
    "part": "numeric",
    **dict.fromkeys(SUMS, "numeric"),
}
# Facts go back to the first document, but no further than this.
MOST_MONTHS = 240
MONEY = ("amount", "weighted", "margin", "discount")
# The number of an entry ends with that of its source, the last of them is that of closed months.
SOURCE_NUMBERS = 32
# Where revenue is counted by one kind of document and then by another, lines of each are numbered from here on
PART_FROM = 2**38


class Scope:
    """What the SQL of every source of a perimeter has to know, looked up once.

    :param perimeter: sdm.perimeter
    """

    def __init__(self, perimeter):
        env = perimeter.env
        self.env = env
        self.perimeter = perimeter
        self.companies = perimeter._get_companies()
        self.main = perimeter._get_main_company()
        self.zone = perimeter._get_zone()
        self.currency = perimeter.currency_id
        self.own = self.companies.partner_id.commercial_partner_id
        rules = env["sdm.credit.rule"].sudo()._get_rules(perimeter)
        self.orders = rules._get_orders()
        self.ignored = rules.ignored_user_ids
        # the scheme by which customers have the segment that facts are told apart by
        primary = [("is_primary", "=", True), ("perimeter_id", "=", perimeter.id)]
        self.scheme = env["sdm.scheme"].sudo().search(primary, limit=1)

    @cached_property
    def kept(self):
        """The counted KPI whose facts are kept."""
        return self.env["sdm.kpi"]._get_kept()

    @cached_property
    def revenue_source(self):
        """What revenue is counted by in months that are open; a decision of the perimeter."""
        return self.perimeter._get_revenue_source(self.zone)

    @cached_property
    def revenue_parts(self):
        """What revenue is counted by, by date: a closed month stays with what it was closed by.

        :return: list of (source, first day, the day after the last one), without gaps, all days together
        """
        ever = (fields.Date.to_date("1900-01-01"), fields.Date.to_date("9999-01-01"))
        chosen = self.perimeter.sudo().revenue_source
        kept = self.env["sdm.period"].sudo()._get_kept_revenue_sources(self.perimeter) if chosen else []
        begins = [(ever[0], kept[0][1] if kept else self.revenue_source)]
        for month, source in [*kept, *([(periods.add_months(kept[-1][0], 1), self.revenue_source)] if kept else [])]:
            if source != begins[-1][1]:
                begins.append((month, source))
        ends = [begin for begin, _source in begins[1:]] + [ever[1]]
        return [(source, begin, end) for (begin, source), end in zip(begins, ends, strict=True)]

    @cached_property
    def has_history(self):
        """Whether files from before Odoo were loaded."""
        rows = self.env["sdm.kpi.history"].sudo()
        return bool(rows.search_count([("company_id", "in", self.companies.ids)], limit=1))

    @cached_property
    def revenue_begins(self):
        """The first of the month in which each company's own revenue begins: {company id: day or None}."""
        ever = (fields.Date.to_date("1900-01-01"), fields.Date.to_date("9999-01-01"))
        own = self.env["sdm.kpi.source"].sudo()._query_own_revenue_lines(self, *ever)
        found = dict(
            self.env.execute_query(
                SQL("SELECT company_id, date_trunc('month', MIN(date))::date FROM (%s) line GROUP BY company_id", own)
            )
        )
        return {company: found.get(company) for company in self.companies.ids}


class SdmKpiSource(models.AbstractModel):
    """What KPI count: for each source SQL of the lines of its documents, and who is credited with them.

    Revenue is what ``sdm.sales.source`` defines; the sources add whose it is, and what was sold.
    """

    _name = "sdm.kpi.source"
    _description = "Source of KPI"
    _inherit = ["sdm.sales.source"]

    # -- the whole ----------------------------------------------------------------------------------------------------

    @api.model
    def _query_entries(self, scope, source, first, last):
        """SQL of the credited lines of a source.

        :param scope: of the perimeter; :param source: of ``SOURCES``
        :param first: first month; :param last: last month, both as dates of their first days
        """
        end = periods.add_months(last, 1)
        lines = getattr(self, f"_query_{source}_lines")(scope, first, end)
        counted = [name for name in SUMS if name == "documents" or name in MEASURES_OF[source]]
        sums = SQL(", ").join(
            SQL(
                "COALESCE(sale.%s, 0)%s AS %s",
                SQL.identifier(name),
                SQL(" * %s", self._rate_to(scope.companies, scope.currency)) if name in MONEY else SQL(),
                SQL.identifier(name),
            )
            for name in counted
        )
        others = SQL(", ").join(SQL.identifier("sale", name) for name in COLUMNS if name not in SUMS)
        return SQL(
            """WITH base AS MATERIALIZED (
                SELECT %(others)s, %(sums)s
                  FROM (%(lines)s) sale
                 WHERE sale.date >= %(first)s AND sale.date < %(end)s
                   AND (sale.partner_id IS NULL OR sale.partner_id NOT IN %(own)s)
            ),
            %(credit)s,
            membership AS (
                SELECT partner_id, segment_id,
                       CASE WHEN LAG(date_from) OVER by_date IS NULL THEN '-infinity' ELSE date_from END AS date_from,
                       COALESCE(date_to, 'infinity') AS date_to
                  FROM sdm_segment_membership
                 WHERE scheme_id = %(scheme)s
                WINDOW by_date AS (PARTITION BY partner_id ORDER BY date_from, id)
            )
            SELECT (base.line_id * 64 + LEAST(placed.slot, 63)) * %(numbers)s + %(number)s AS id,
                   %(source)s::varchar AS source, base.date, placed.employee_id, placed.head_id, placed.team_id,
                   base.partner_id, COALESCE(base.segment_id, membership.segment_id) AS segment_id, base.company_id,
                   base.product_id, base.category_id, base.lead_id, base.order_id, base.move_id, base.activity_id,
                   base.meeting_id, base.value_id, base.history_id, base.stage_id, base.stage_number, base.age,
                   base.is_passed, base.is_late, base.has_next, base.part, placed.credit, placed.share,
                   %(currency)s::int4 AS currency_id, %(parts)s
              FROM base
              JOIN placed ON placed.doc_id = base.doc_id AND placed.date = base.date
              LEFT JOIN membership ON membership.partner_id = base.partner_id
                   AND base.date BETWEEN membership.date_from AND membership.date_to""",
            others=others,
            sums=sums,
            lines=lines,
            first=first,
            end=end,
            own=tuple(scope.own.ids) or (0,),
            credit=self._query_credit(scope, source),
            scheme=scope.scheme.id or 0,
            numbers=SOURCE_NUMBERS,
            number=[key for key, _label in SOURCES].index(source),
            source=source,
            currency=scope.currency.id,
            parts=SQL(", ").join(
                SQL("base.%s * placed.share AS %s", SQL.identifier(name), SQL.identifier(name))
                if name in counted
                else SQL("0::numeric AS %s", SQL.identifier(name))
                for name in SUMS
            ),
        )

    @api.model
    def _get_columns_to_flush(self):
        """Fields that the wrapping SQL reads."""
        names = {
            "sdm.segment.membership": ("partner_id", "segment_id", "scheme_id", "date_from", "date_to"),
            "sdm.ownership": ("partner_id", "employee_id", "share", "date_from", "date_to"),
            "sdm.position": ("employee_id", "head_id", "team_id", "date_from", "date_to"),
            "hr.employee": ("user_id", "company_id", "active"),
            "sdm.credit": ("res_model", "res_id", "employee_id", "share", "is_overlay"),
            "sale.order": ("opportunity_id",),
            "sale.order.line": ("order_id", "invoice_lines"),
            "account.move.line": ("move_id", "price_subtotal", "display_type"),
        }
        return [self.env[model]._fields[name] for model, fields_of in names.items() for name in fields_of]

    # -- credit -------------------------------------------------------------------------------------------------------

    @api.model
    def _query_credit(self, scope, source):
        """SQL of the WITH list from ``base`` to ``placed``: who gets which part of each document, and under whom.

        What a step of the order takes is a part ``q`` of what the ones before it left; so the step gets the product of
        ``1 - q`` of those before. The order may change by date. Oracle: ``engine.credit``.
        """
        parts = scope.revenue_parts if source in ("revenue", "new_customer") else [(source, None, None)]
        # who is named with the document itself, as in a file
        named = SQL(
            """SELECT doc.doc_id, doc.date, person.person_id, FALSE AS is_overlay, 1::numeric AS share
                 FROM doc JOIN person ON person.employee_id = doc.employee_id"""
        )
        given = SQL(" UNION ALL ").join(
            [named]
            + [
                SQL(
                    """SELECT doc.doc_id, doc.date, person.person_id, held.is_overlay, SUM(held.share) AS share
                         FROM doc
                         JOIN (%s) held ON held.record_id = doc.%s
                         JOIN person ON person.employee_id = held.employee_id
                        WHERE %s
                        GROUP BY doc.doc_id, doc.date, person.person_id, held.is_overlay""",
                    self._query_given(CREDITED_BY[counted][0]),
                    SQL.identifier(CREDITED_BY[counted][1]),
                    SQL("doc.date >= %s AND doc.date < %s", begin, end) if len(parts) > 1 else SQL("TRUE"),
                )
                for counted, begin, end in parts
                if counted in CREDITED_BY
            ]
        )
        return SQL(
            """person AS MATERIALIZED (%(people)s),
            -- of who has several cards the positions of the others, one at a time, as if they were that of the first
            other_position AS MATERIALIZED (
                SELECT person.person_id, position.head_id, position.team_id, position.date_from,
                       LEAST(COALESCE(position.date_to, 'infinity'),
                             LEAD(position.date_from, 1, 'infinity') OVER (
                                 PARTITION BY person.person_id ORDER BY position.date_from, position.id
                             ) - 1) AS date_to
                  FROM sdm_position position
                  JOIN person ON person.employee_id = position.employee_id AND person.employee_id <> person.person_id
            ),
            doc AS MATERIALIZED (
                SELECT base.doc_id, base.date, base.employee_id, base.team_id, base.partner_id, base.lead_id,
                       base.order_id, base.move_id, seller.person_id AS seller_id
                  FROM base
                  LEFT JOIN (
                       SELECT user_id, MIN(person_id) AS person_id FROM person
                        WHERE user_id IS NOT NULL AND user_id NOT IN %(ignored)s GROUP BY user_id
                  ) seller ON seller.user_id = base.user_id
                 WHERE base.documents <> 0
            ),
            given AS MATERIALIZED (%(given)s),
            owner AS MATERIALIZED (
                SELECT doc.doc_id, doc.date, person.person_id, SUM(ownership.share::numeric) AS share
                  FROM doc
                  JOIN sdm_ownership ownership ON ownership.partner_id = doc.partner_id AND ownership.share > 0
                       AND ownership.date_from <= doc.date
                       AND (ownership.date_to IS NULL OR ownership.date_to >= doc.date)
                  JOIN person ON person.employee_id = ownership.employee_id
                 WHERE %(asks_owner)s
                 GROUP BY doc.doc_id, doc.date, person.person_id
            ),
            known AS (
                SELECT doc.doc_id, doc.date, doc.team_id, doc.seller_id,
                       -- parts of orders in an invoice may have no end
                       ROUND(1 - COALESCE(given.share, 0), 12) AS rest,
                       CASE WHEN doc.seller_id IS NULL THEN 0 ELSE 1 END AS salesperson,
                       COALESCE(owner.share, 0) AS owner,
                       CASE WHEN doc.team_id IS NULL THEN 0 ELSE 1 END AS team
                  FROM doc
                  LEFT JOIN (
                       SELECT doc_id, date, SUM(share) AS share FROM given WHERE NOT is_overlay GROUP BY 1, 2
                  ) given ON given.doc_id = doc.doc_id AND given.date = doc.date
                  LEFT JOIN (SELECT doc_id, date, SUM(share) AS share FROM owner GROUP BY 1, 2) owner
                    ON owner.doc_id = doc.doc_id AND owner.date = doc.date
            ),
            judged AS MATERIALIZED (
                SELECT doc_id, date, team_id, seller_id, %(salesperson)s AS salesperson, %(owner)s AS owner,
                       %(team)s AS team, %(none)s AS nobody
                  FROM known
            ),
            credited AS (
                SELECT given.doc_id, given.date, given.person_id AS employee_id, given.person_id AS under_id,
                       doc.team_id, given.share, CASE WHEN given.is_overlay THEN 'overlay' ELSE 'split' END AS credit
                  FROM given JOIN doc ON doc.doc_id = given.doc_id AND doc.date = given.date
                 UNION ALL
                SELECT given.doc_id, given.date, NULL, given.person_id, doc.team_id, -given.share, 'overlay'
                  FROM given JOIN doc ON doc.doc_id = given.doc_id AND doc.date = given.date
                 WHERE given.is_overlay
                 UNION ALL
                SELECT doc_id, date, seller_id, seller_id, team_id, salesperson, 'salesperson'
                  FROM judged WHERE salesperson <> 0
                 UNION ALL
                SELECT judged.doc_id, judged.date, owner.person_id, owner.person_id, judged.team_id,
                       judged.owner * owner.share, 'owner'
                  FROM judged JOIN owner ON owner.doc_id = judged.doc_id AND owner.date = judged.date
                 WHERE judged.owner <> 0
                 UNION ALL
                SELECT doc_id, date, NULL, NULL, team_id, team, 'team' FROM judged WHERE team <> 0
                 UNION ALL
                SELECT doc_id, date, NULL, NULL, team_id, nobody, 'none' FROM judged WHERE nobody <> 0
            ),
            placed AS (
                SELECT credited.doc_id, credited.date, credited.employee_id, credited.share,
                       credited.credit::varchar AS credit, COALESCE(position.head_id, other.head_id) AS head_id,
                       COALESCE(position.team_id, other.team_id, credited.team_id) AS team_id,
                       ROW_NUMBER() OVER (
                           PARTITION BY credited.doc_id, credited.date
                           ORDER BY credited.credit, credited.employee_id, credited.under_id
                       ) - 1 AS slot
                  FROM credited
                  LEFT JOIN sdm_position position ON position.employee_id = credited.under_id
                       AND position.date_from <= credited.date
                       AND (position.date_to IS NULL OR position.date_to >= credited.date)
                  LEFT JOIN other_position other ON other.person_id = credited.under_id AND position.id IS NULL
                       AND credited.date BETWEEN other.date_from AND other.date_to
            )""",
            people=self._query_people(scope),
            given=given,
            ignored=tuple(scope.ignored.ids) or (0,),
            asks_owner=SQL("doc.seller_id IS NULL") if self._comes_first(credit.SALESPERSON, scope) else SQL("TRUE"),
            **{name: self._share_by_date(name, scope.orders) for name in credit.RULES},
            none=self._share_by_date(None, scope.orders),
        )

    def _comes_first(self, method, scope):
        """Whether a step leaves nothing to the owner of the customer on any day: it stands before in each order."""
        return all(
            method in methods and methods.index(method) < methods.index(credit.OWNER)
            for _start, methods in scope.orders
            if credit.OWNER in methods
        )

    def _query_people(self, scope):
        """SQL of rows (employee_id, user_id, person_id): the card by which a person with several is known.

        Among those of the perimeter it is a live one, before that of the main company.
        """
        return SQL(
            """SELECT card.id AS employee_id, card.user_id,
                      FIRST_VALUE(card.id) OVER (
                          PARTITION BY COALESCE(card.user_id, -card.id)
                          ORDER BY (card.company_id IN %s) DESC, card.active DESC, (card.company_id = %s) DESC, card.id
                      ) AS person_id
                 FROM hr_employee card""",
            tuple(scope.companies.ids),
            scope.main.id,
            to_flush=self._get_fields("hr.employee", "user_id", "company_id", "active"),
        )

    def _query_given(self, model):
        """SQL of what was credited by hand and holds for records of a model: record_id, employee_id, is_overlay, share.

        What holds for a deal holds for its orders, and what holds for orders for the part of an invoice that comes from
        them, unless these have an own credit of the kind. Oracle: ``engine.credit.inherit``.
        """
        own = SQL(
            """SELECT res_id AS record_id, employee_id, is_overlay IS TRUE AS is_overlay, share
                 FROM sdm_credit WHERE res_model = %s""",
            model,
        )
        if not self.env["sdm.credit"]._get_models().intersection(CHAIN[: CHAIN.index(model)]):
            return own
        if model == "sale.order":
            inherited = SQL(
                """SELECT made.id AS record_id, deal.employee_id, deal.is_overlay, deal.share
                     FROM (%s) deal JOIN sale_order made ON made.opportunity_id = deal.record_id""",
                self._query_given("crm.lead"),
            )
        else:
            inherited = SQL(
                """SELECT part.move_id AS record_id, ordered.employee_id, ordered.is_overlay,
                          SUM(ordered.share * part.amount) / invoiced.amount AS share
                     FROM (%s) ordered
                     JOIN (
                          SELECT line.move_id, ordered.order_id, SUM(ABS(line.price_subtotal)) AS amount
                            FROM sale_order_line ordered
                            JOIN sale_order_line_invoice_rel link ON link.order_line_id = ordered.id
                            JOIN account_move_line line ON line.id = link.invoice_line_id
                           GROUP BY line.move_id, ordered.order_id
                     ) part ON part.order_id = ordered.record_id
                     JOIN (
                          SELECT move_id, SUM(ABS(price_subtotal)) AS amount FROM account_move_line
                           WHERE display_type = 'product' GROUP BY move_id
                     ) invoiced ON invoiced.move_id = part.move_id AND invoiced.amount <> 0
                    GROUP BY part.move_id, ordered.employee_id, ordered.is_overlay, invoiced.amount""",
                self._query_given("sale.order"),
            )
        return SQL(
            """(%(own)s) UNION ALL
               SELECT inherited.* FROM (%(inherited)s) inherited
                WHERE NOT EXISTS (SELECT FROM (%(own)s) own WHERE own.record_id = inherited.record_id
                                     AND own.is_overlay = inherited.is_overlay)""",
            own=own,
            inherited=inherited,
        )

    def _share_by_date(self, method, orders):
        """SQL of the part that is left when a step of the order comes, by the order in force on the date.

        :param method: of the step; None: what is left after all
        :param orders: list of (first day of the order, methods in their order), latest first
        """

        def left(methods):
            if method is not None and method not in methods:
                return SQL("0")
            before = methods[: methods.index(method)] if method is not None else methods
            factors = [SQL("(1 - known.%s)", SQL.identifier(name)) for name in before]
            own = [SQL("known.%s", SQL.identifier(method))] if method in (credit.SALESPERSON, credit.TEAM) else []
            return SQL(" * ").join([SQL("known.rest"), *factors, *own])

        cases = SQL(" ").join(
            SQL("WHEN known.date >= %s::date THEN %s", start, left(methods)) for start, methods in orders[:-1]
        )
        return SQL("(CASE %s ELSE %s END)", cases, left(orders[-1][1])) if orders[:-1] else left(orders[-1][1])

    # -- for the sources ----------------------------------------------------------------------------------------------

    def _select_columns(self, **columns):
        """SQL of a SELECT list with all columns, those not given empty."""
        return SQL(", ").join(
            SQL("(%s)::%s AS %s", columns.get(name, SQL("NULL")), SQL(kind), SQL.identifier(name))
            for name, kind in COLUMNS.items()
        )

    def _get_fields(self, model, *names):
        return [self.env[model]._fields[name] for name in names]

    def _query_revenue_lines(self, scope, first, end):
        """Revenue of Odoo's own documents, and before the first of them what files say."""
        return self._with_history(self._query_own_revenue_lines(scope, first, end), scope, first, end)

    def _query_revenue_documents(self, scope, first, end):
        """The same with one line for each document, for who asks no product."""
        return self._with_history(self._query_own_revenue(scope, first, end, "documents"), scope, first, end)

    def _with_history(self, own, scope, first, end):
        if not scope.has_history:
            return own
        return SQL(
            """SELECT own.* FROM (%s) own
                UNION ALL
               SELECT before.* FROM (%s) before
                 JOIN sdm_kpi_history row ON row.id = before.history_id AND row.kind <> 'activity'
                WHERE before.date < COALESCE((
                      SELECT first_day FROM (VALUES %s) begin (company_id, first_day)
                       WHERE begin.company_id = before.company_id), 'infinity')""",
            own,
            self._query_history_lines(scope, first, end),
            SQL(", ").join(SQL("(%s, %s::date)", *row) for row in scope.revenue_begins.items()),
        )

    def _query_own_revenue_lines(self, scope, first, end):
        return self._query_own_revenue(scope, first, end, "lines")

    def _query_own_revenue(self, scope, first, end, kind):
        """Revenue of Odoo's own documents, each month by what it is counted by.

        :param kind: ``lines`` or ``documents``
        """
        parts = [part for part in scope.revenue_parts if part[1] < end and part[2] > first]
        queries = [(getattr(self, f"_query_{source}_{kind}")(scope, first, end), *days) for source, *days in parts]
        if len(queries) == 1:
            return queries[0][0]
        columns = [SQL.identifier("part", name) for name in COLUMNS]
        place = list(COLUMNS).index("line_id")
        selects = []
        for number, part in enumerate(queries):
            # lines of two kinds of documents may have the same number
            columns[place] = SQL("part.line_id + %s AS line_id", number * PART_FROM)
            selects.append(
                SQL(
                    "SELECT %s FROM (%s) part WHERE part.date >= %s AND part.date < %s",
                    SQL(", ").join(columns),
                    *part,
                )
            )
        return SQL(" UNION ALL ").join(selects)

    def _query_month_ends(self, first, end):
        """SQL of the last day of each month, of the running one today; none of those to come."""
        today = fields.Date.context_today(self)
        return SQL(
            """(SELECT LEAST((month + interval '1 month')::date - 1, %s::date) AS day
                  FROM generate_series(%s::timestamp, %s::timestamp - interval '1 day', '1 month') month
                 WHERE month::date <= %s::date)""",
            today,
            first,
            end,
            today,
        )

    @staticmethod
    def _number_by_month(number, day):
        """SQL of a number of its own for each record and month."""
        return SQL("%s::int8 * 100000 + EXTRACT(YEAR FROM %s) * 12 + EXTRACT(MONTH FROM %s)", number, day, day)

    def _query_new_customer_lines(self, scope, first, end):
        """The first sale ever to each customer, by the source of revenue."""
        unit = self._query_unit(scope, SQL("first_sale.partner_id"))
        return SQL(
            """SELECT DISTINCT ON (%s) first_sale.*
                 FROM (%s) first_sale
                WHERE first_sale.partner_id IS NOT NULL AND first_sale.documents <> 0 AND first_sale.amount >= 0
                ORDER BY %s, first_sale.date, first_sale.doc_id""",
            unit,
            self._query_revenue_documents(scope, fields.Date.to_date("1900-01-01"), end),
            unit,
        )

    def _query_unit(self, scope, partner):
        """SQL of what a customer is judged as: itself, or its group where the primary scheme says so."""
        if scope.scheme.level != "group":
            return partner
        return SQL(
            "COALESCE((SELECT -member.sdm_customer_group_id FROM res_partner member WHERE member.id = %s), %s)",
            partner,
            partner,
            to_flush=self._get_fields("res.partner", "sdm_customer_group_id"),
        )

    @api.model
    def _find_first_month(self, companies):
        """The month of the first document of companies, at most twenty years back; without any the present one."""
        today = fields.Date.context_today(self)
        earliest = periods.add_months(periods.month_of(today), 1 - MOST_MONTHS)
        [(first,)] = self.env.execute_query(
            SQL(
                """SELECT MIN(day) FROM (
                    SELECT MIN(LEAST(create_date, date_open, date_closed))::date AS day FROM crm_lead
                     WHERE company_id IS NULL OR company_id IN %(companies)s
                     UNION ALL
                    SELECT MIN(LEAST(create_date, date_order))::date FROM sale_order WHERE company_id IN %(companies)s
                     UNION ALL
                    SELECT MIN(invoice_date) FROM account_move
                     WHERE move_type IN ('out_invoice', 'out_refund') AND company_id IN %(companies)s
                     UNION ALL
                    SELECT MIN(date) FROM sdm_kpi_history WHERE company_id IN %(companies)s
                ) document""",
                companies=tuple(companies.ids),
                to_flush=[
                    *self._get_fields("crm.lead", "create_date", "date_open", "date_closed", "company_id"),
                    *self._get_fields("sale.order", "create_date", "date_order", "company_id"),
                    *self._get_fields("account.move", "invoice_date", "move_type", "company_id"),
                ],
            )
        )
        return max(periods.month_of(first or today), earliest)

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, formatLang

from ..engine import credit, periods
from ..models.sdm_kpi_counted import DOCUMENT_COLUMNS
from ..models.sdm_kpi_source import CREDITED_BY, MOST_MONTHS, SOURCE_NUMBERS, SOURCES, Scope
from ..models.sdm_period import WHO_SEES_ALL

# What entries of closed months have besides, and sources have not
OF_CLOSED = ("reference", "is_counted", "is_correction", "restatement_id")

UNASSIGNED_MONTHS = 6


class SdmKpiEntry(models.Model):
    """What KPI count, line by line: the documents of all sources with who is credited with them.

    The context narrows what is read: ``sdm_source``, ``sdm_first`` and ``sdm_last`` (months), ``sdm_perimeter``; else
    it is all sources of the current perimeter. With ``sdm_kpi`` closed months are what they counted for that KPI, and
    corrections of them are there. A person reads the own entries, a head those of the group.
    """

    _name = "sdm.kpi.entry"
    _description = "Entry of a Source"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "source"

    source = fields.Selection(SOURCES, readonly=True)
    date = fields.Date(readonly=True)
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    head_id = fields.Many2one("hr.employee", string="Group of", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales team", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, bypass_search_access=True)
    segment_id = fields.Many2one("sdm.segment", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True, bypass_search_access=True)
    category_id = fields.Many2one("product.category", string="Product category", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True, bypass_search_access=True)
    order_id = fields.Many2one("sale.order", readonly=True, bypass_search_access=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True, bypass_search_access=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, bypass_search_access=True)
    meeting_id = fields.Many2one("calendar.event", readonly=True, bypass_search_access=True)
    value_id = fields.Many2one("sdm.kpi.value", string="Entered value", readonly=True, bypass_search_access=True)
    history_id = fields.Many2one("sdm.kpi.history", string="Row of a file", readonly=True, bypass_search_access=True)
    credit = fields.Selection(
        [
            (credit.SPLIT, "By hand"),
            (credit.SALESPERSON, "Salesperson"),
            (credit.OWNER, "Owner of the customer"),
            (credit.TEAM, "Sales team only"),
            (credit.NONE, "Nobody"),
            (credit.OVERLAY, "On top"),
        ],
        string="Credited by",
        readonly=True,
    )
    share = fields.Float(readonly=True, digits=(16, 4), aggregator=None, help="Part of the document that is credited.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    documents = fields.Float(readonly=True, digits=(16, 2), help="The part credited; 0 but on the first line.")
    amount = fields.Monetary(
        readonly=True,
        help="Without tax, receivables with it; in the perimeter's currency at the document's date.",
    )
    weighted = fields.Monetary("By probability", readonly=True)
    margin = fields.Monetary(readonly=True, groups="sdm_segmentation.group_sdm_margin")
    discount = fields.Monetary(readonly=True)
    quantity = fields.Float(readonly=True)
    lines = fields.Float(readonly=True, digits=(16, 2))
    days = fields.Float(readonly=True, digits=(16, 2))
    due = fields.Float("Contacts due", readonly=True, digits=(16, 2))
    done = fields.Float("Contacts done", readonly=True, digits=(16, 2))
    counted = fields.Float(
        "Contacts done of those due",
        readonly=True,
        digits=(16, 2),
        help="No more than was due: one customer does not make up for another.",
    )
    hours = fields.Float("Hours of contacts due", readonly=True, digits=(16, 2))
    stage_id = fields.Many2one("crm.stage", readonly=True)
    stage_number = fields.Integer(
        "Stage number", readonly=True, aggregator=None, help="1 is the stage in which the deal began."
    )
    is_passed = fields.Boolean("Went on", readonly=True, help="To a later stage since, or was won.")
    age = fields.Integer(
        "Days so far",
        readonly=True,
        aggregator=None,
        help="Open deals: in the stage. Receivables: past the day on which they were due.",
    )
    is_late = fields.Boolean(
        "Late",
        readonly=True,
        help="Open deals: they stand still in their stage. Receivables: past due. "
        "Orders: not delivered in full. Contacts: overdue by the norm.",
    )
    has_next = fields.Boolean("Next step planned", readonly=True)
    part = fields.Float(
        "Part of all, %",
        readonly=True,
        digits=(16, 2),
        aggregator=None,
        help="Of the revenue of the last twelve months of all customers; a holding counts as one where the primary "
        "scheme says so.",
    )

    reference = fields.Char("Document", readonly=True, help="As it was called when the month was closed.")
    is_counted = fields.Boolean("Of a closed month", readonly=True)
    is_correction = fields.Boolean("Correction", readonly=True)
    restatement_id = fields.Many2one("sdm.period.restatement", string="Decision", readonly=True)

    @property
    def _table_query(self):
        perimeter = self.env["sdm.perimeter"]._get_asked()
        source = self.env["sdm.kpi.source"].sudo()
        context = self.env.context
        known = [key for key, _label in SOURCES]
        asked = [context["sdm_source"]] if context.get("sdm_source") in known else known
        today = fields.Date.context_today(self)
        last = perimeter._get_asked_day("sdm_last") or today
        if not perimeter:
            columns = (
                SQL("NULL::%s AS %s", SQL(field.column_type[1]), SQL.identifier(field.name))
                for field in self._fields.values()
                if field.store and field.column_type
            )
            return SQL("SELECT %s WHERE FALSE", SQL(", ").join(columns))
        scope = Scope(perimeter)
        # each month costs: no more of them than facts go back, and ahead
        last = periods.month_of(min(last, periods.add_months(today, MOST_MONTHS)))
        first = perimeter._get_asked_day("sdm_first") or min(source._find_first_month(scope.companies), last)
        first = max(periods.month_of(first), periods.add_months(min(last, today), 1 - MOST_MONTHS))
        present = SQL(" UNION ALL ").join(SQL("(%s)", source._query_entries(scope, key, first, last)) for key in asked)
        names = [
            name for name, field in self._fields.items() if field.store and field.column_type and name not in OF_CLOSED
        ]
        listed = SQL(", ").join(SQL.identifier(name) for name in names)
        of_kpi = context.get("sdm_kpi") or ()
        if not isinstance(of_kpi, int | tuple):
            raise UserError(self.env._("Entries are those of one KPI. Ask for each KPI by itself."))
        kpi = self.env["sdm.kpi"].sudo().browse(of_kpi).exists()
        present = SQL(
            """SELECT %s, NULL::varchar AS reference, FALSE AS is_counted, FALSE AS is_correction,
                      NULL::int4 AS restatement_id FROM (%s) present""",
            listed,
            present,
        )
        if not kpi:
            return present
        return SQL(
            """WITH closed AS MATERIALIZED (SELECT date FROM (%s) of_kpi WHERE kpi_id = %s)
            SELECT * FROM (%s) present
             WHERE NOT EXISTS (SELECT FROM closed WHERE closed.date = date_trunc('month', present.date)::date)
             UNION ALL
            (%s)""",
            self.env["sdm.period"].sudo()._query_closed(perimeter),
            kpi.id,
            present,
            self._query_counted(scope, kpi, names, first, last),
        )

    def _query_counted(self, scope, kpi, names, first, last):
        """SQL of what closed months counted for a KPI, and of corrections that count in any month."""
        measure = kpi._get_measure()
        columns = {
            # entries of today leave this number to those of closed months
            "id": SQL("counted.id::int8 * %s + %s", SOURCE_NUMBERS, SOURCE_NUMBERS - 1),
            "source": SQL("%s::varchar", kpi._get_source()),
            "currency_id": SQL("%s::int4", scope.currency.id),
            "documents" if measure == "customers" else measure: SQL("counted.value"),
        }
        kept = {"date", "partner_id", "credit", "share", "employee_id", "head_id", "team_id", "segment_id"}
        kept |= {"company_id", "category_id"}
        columns |= {name: SQL("counted.%s", SQL.identifier(name)) for name in kept}
        for name, model in DOCUMENT_COLUMNS.items():
            if name not in kept:
                columns[name] = SQL(
                    "(SELECT id FROM %s document WHERE counted.res_model = %s AND document.id = counted.res_id)",
                    SQL.identifier(self.env[model]._table),
                    model,
                )
        return SQL(
            """SELECT %s, counted.reference, TRUE, counted.is_correction, counted.restatement_id
                 FROM sdm_period_entry counted JOIN sdm_period period ON period.id = counted.period_id
                WHERE period.perimeter_id = %s AND counted.kpi_id = %s AND counted.value <> 0
                  AND (period.state = 'closed' OR counted.is_correction)
                  AND period.date BETWEEN %s AND %s""",
            SQL(", ").join(
                SQL(
                    "%s AS %s",
                    columns.get(name, SQL("NULL::%s", SQL(self._fields[name].column_type[1]))),
                    SQL.identifier(name),
                )
                for name in names
            ),
            scope.perimeter.id,
            kpi.id,
            first,
            last,
        )

    # -- to the documents ---------------------------------------------------------------------------------------------

    @api.model
    def _get_action(self, kpi, first, last, domain=()):
        """Open what a counted KPI counts.

        :param kpi: sdm.kpi; :param first: first month; :param last: last month; :param domain: which entries besides
        """
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_entry_action")
        between = Domain("date", ">=", first) & Domain("date", "<=", periods.end_of(last))
        action["name"] = kpi.name
        # what a closed month counted is not judged by what its documents are like today
        action["domain"] = list(between & (Domain("is_counted", "=", True) | kpi._parse_filter()) & Domain(domain))
        action["context"] = {
            "sdm_kpi": kpi.id,
            "sdm_source": kpi._get_source(),
            "sdm_first": fields.Date.to_string(first),
            "sdm_last": fields.Date.to_string(last),
        }
        return action

    def action_open_document(self):
        """Open the document of the entry."""
        self.ensure_one()
        for name in ("meeting_id", "value_id", "history_id", "move_id", "order_id", "lead_id"):
            if self[name]:
                return {
                    "type": "ir.actions.act_window",
                    "res_model": self[name]._name,
                    "res_id": self[name].id,
                    "views": [(False, "form")],
                }
        partner = self.partner_id
        return {
            "type": "ir.actions.act_window",
            "res_model": partner._name if partner else "hr.employee.public",
            "res_id": (partner or self.employee_id).id,
            "views": [(False, "form")],
        }

    def action_credit(self):
        """Ask to whom the documents of the entries are credited."""
        return self.env["sdm.credit.assign"]._open(self)

    def _get_credited(self):
        """The document of the entry that can be credited by hand; none where there is no such."""
        self.ensure_one()
        if self.source not in (*CREDITED_BY, "revenue", "new_customer"):
            return None
        return self.move_id or self.order_id or self.lead_id or None

    def _get_whole(self):
        """All entries of the documents of these ones, without what is on top."""
        wholes = self.browse()
        for source in set(self.mapped("source")):
            own = self.filtered(lambda entry, source=source: entry.source == source)
            names = ("lead_id", "order_id", "move_id")
            same = Domain.OR(Domain(name, "in", own[name].ids) for name in names if own[name])
            dates = own.mapped("date")
            context = {"sdm_source": source, "sdm_first": min(dates), "sdm_last": max(dates)}
            wholes |= self.with_context(**context).search(
                Domain("source", "=", source)
                & Domain("date", "in", dates)
                & Domain("credit", "!=", credit.OVERLAY)
                & same
            )
        return wholes

    @api.model
    def get_unassigned(self):
        """What nobody is credited with in the last months, for who may see all.

        :return: text with the number of documents and their amount; empty where all has a person
        """
        if not self.env.user.has_groups(WHO_SEES_ALL):
            return ""
        today = fields.Date.context_today(self)
        Entry = self.with_context(sdm_source="revenue", sdm_first=periods.add_months(today, 1 - UNASSIGNED_MONTHS))
        [(documents, amount)] = Entry._read_group(
            Domain("credit", "in", [credit.TEAM, credit.NONE]), [], ["documents:sum", "amount:sum"]
        )
        if not documents:
            return ""
        perimeter = self.env["sdm.perimeter"]._get_asked()
        return self.env._(
            "Without a person in the last %(months)s months: %(amount)s, documents: %(documents)s",
            months=UNASSIGNED_MONTHS,
            documents=formatLang(self.env, documents, digits=0),
            amount=format_amount(self.env, amount, perimeter.currency_id),
        )

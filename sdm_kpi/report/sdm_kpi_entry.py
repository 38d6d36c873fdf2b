from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import credit, periods
from ..models.sdm_kpi_source import CREDITED_BY, SOURCES, Scope


class SdmKpiEntry(models.Model):
    """What KPI count, line by line: the documents of all sources with who is credited with them.

    The context narrows what is read: ``sdm_source``, ``sdm_first`` and ``sdm_last`` (months), ``sdm_perimeter``; else
    it is all sources of the current perimeter. A person reads the own entries, a head those of the group.
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

    @property
    def _table_query(self):
        perimeter = self.env["sdm.perimeter"]._get_asked()
        source = self.env["sdm.kpi.source"].sudo()
        context = self.env.context
        known = [key for key, _label in SOURCES]
        asked = [context["sdm_source"]] if context.get("sdm_source") in known else known
        last = fields.Date.to_date(context.get("sdm_last")) or fields.Date.context_today(self)
        if not perimeter:
            columns = (
                SQL("NULL::%s AS %s", SQL(field.column_type[1]), SQL.identifier(field.name))
                for field in self._fields.values()
                if field.store and field.column_type
            )
            return SQL("SELECT %s WHERE FALSE", SQL(", ").join(columns))
        scope = Scope(perimeter)
        first = fields.Date.to_date(context.get("sdm_first")) or min(source._find_first_month(scope.companies), last)
        return SQL(" UNION ALL ").join(
            SQL("(%s)", source._query_entries(scope, key, periods.month_of(first), periods.month_of(last)))
            for key in asked
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
        action["domain"] = list(between & kpi._parse_filter() & Domain(domain))
        action["context"] = {
            "sdm_source": kpi._get_source(),
            "sdm_first": fields.Date.to_string(first),
            "sdm_last": fields.Date.to_string(last),
        }
        return action

    def action_open_document(self):
        """Open the document of the entry."""
        self.ensure_one()
        for name in ("meeting_id", "value_id", "move_id", "order_id", "lead_id"):
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

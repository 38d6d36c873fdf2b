from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, formatLang

from ..engine import periods
from ..models.sdm_kpi_source import Scope

LATE_ENTRY, WON_AT_ONCE, SPLIT, RETURNED, RECREATED = "late_entry", "won_at_once", "split", "returned", "recreated"
KINDS = [
    (LATE_ENTRY, "Activity entered days after it took place"),
    (WON_AT_ONCE, "Deal made on the day it was won"),
    (SPLIT, "Orders just below a limit that are above it together"),
    (RETURNED, "Sold at the end of a month and returned in the next"),
    (RECREATED, "Lost deal made anew"),
]
# So many months are looked at.
MONTHS_BACK = 12
# Two deals are one where their amounts are as near as this part.
SAME_AMOUNT = "0.1"
# An order that is just below a limit is at least this part of it.
JUST_BELOW = "0.5"


class SdmKpiSign(models.Model):
    """What may be a sign that figures are worked on instead of sales: evidence to look at, and no verdict.

    Every case has an innocent explanation; who looks asks the person first. Limits are those of the perimeter.
    """

    _name = "sdm.kpi.sign"
    _description = "Sign of Gaming"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"

    kind = fields.Selection(KINDS, string="What", readonly=True)
    date = fields.Date(readonly=True)
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, bypass_search_access=True)
    res_model = fields.Char("Kind of document", readonly=True)
    res_id = fields.Many2oneReference("Number", model_field="res_model", readonly=True)
    reference = fields.Char("Document", readonly=True)
    other_reference = fields.Char(readonly=True)
    other_date = fields.Date(readonly=True)
    number = fields.Integer("How many", readonly=True, aggregator=None)
    amount = fields.Monetary(readonly=True)
    evidence = fields.Char(compute="_compute_evidence")

    @property
    def _table_query(self):
        perimeter = self.env["sdm.perimeter"]._get_asked()
        if not perimeter:
            columns = (
                SQL("NULL::%s AS %s", SQL(field.column_type[1]), SQL.identifier(field.name))
                for field in self._fields.values()
                if field.store and field.column_type
            )
            return SQL("SELECT %s WHERE FALSE", SQL(", ").join(columns))
        scope = Scope(perimeter)
        last = periods.month_of(fields.Date.context_today(self))
        first = periods.add_months(last, 1 - MONTHS_BACK)
        parts = [
            SQL("SELECT %s AS number_of_kind, %s::varchar AS kind, sign.* FROM (%s) sign", number, kind, query)
            for number, (kind, query) in enumerate(
                [
                    (LATE_ENTRY, self._query_late_meetings(scope, first, last)),
                    (LATE_ENTRY, self._query_late_activities(scope, first, last)),
                    (WON_AT_ONCE, self._query_won_at_once(scope, first, last)),
                    (SPLIT, self._query_split(scope, first, last)),
                    (RETURNED, self._query_returned(scope, first, last)),
                    (RECREATED, self._query_recreated(scope, first, last)),
                ]
            )
        ]
        return SQL(
            """SELECT sign.res_id::int8 * 8 + sign.number_of_kind AS id, sign.kind, sign.date, card.id AS employee_id,
                      sign.company_id, %s::int4 AS currency_id, sign.partner_id, sign.res_model::varchar AS res_model,
                      sign.res_id, sign.reference::varchar AS reference,
                      sign.other_reference::varchar AS other_reference, sign.other_date, sign.number::int4 AS number,
                      sign.amount::numeric AS amount
                 FROM (%s) sign
                 LEFT JOIN LATERAL (
                      SELECT id FROM hr_employee
                       WHERE hr_employee.user_id = sign.user_id
                       ORDER BY (company_id = %s) DESC, (company_id IN %s) DESC, active DESC, id LIMIT 1
                 ) card ON TRUE
                WHERE sign.date >= %s AND (sign.user_id IS NULL OR sign.user_id NOT IN %s)""",
            scope.currency.id,
            SQL(" UNION ALL ").join(parts),
            scope.main.id,
            tuple(scope.companies.ids),
            first,
            tuple(scope.ignored.ids) or (0,),
            to_flush=[self.env["hr.employee"]._fields[name] for name in ("user_id", "company_id", "active")],
        )

    # -- the kinds ----------------------------------------------------------------------------------------------------

    def _query_lines(self, scope, source, first, last):
        lines = getattr(self.env["sdm.kpi.source"].sudo(), f"_query_{source}_lines")
        return lines(scope, first, periods.add_months(last, 1))

    def _local(self, column, scope):
        return self.env["sdm.kpi.source"]._local_date(column, scope.zone)

    def _query_late_meetings(self, scope, first, last):
        entered = self._local(SQL("event.create_date"), scope)
        return SQL(
            """SELECT line.date, line.user_id, line.company_id, line.partner_id, 'calendar.event' AS res_model,
                      event.id AS res_id, event.name AS reference, NULL AS other_reference, %s AS other_date,
                      %s - line.date AS number, NULL::numeric AS amount
                 FROM (%s) line JOIN calendar_event event ON event.id = line.meeting_id
                WHERE %s - line.date >= %s""",
            entered,
            entered,
            self._query_lines(scope, "meeting", first, last),
            entered,
            scope.perimeter.sign_late_days,
        )

    def _query_late_activities(self, scope, first, last):
        entered = self._local(SQL("activity.create_date"), scope)
        return SQL(
            """SELECT line.date, line.user_id, line.company_id, line.partner_id, 'mail.activity' AS res_model,
                      activity.id AS res_id, activity.summary AS reference, NULL AS other_reference, %s AS other_date,
                      %s - line.date AS number, NULL::numeric AS amount
                 FROM (%s) line JOIN mail_activity activity ON activity.id = line.activity_id
                WHERE %s - line.date >= %s""",
            entered,
            entered,
            self._query_lines(scope, "activity", first, last),
            entered,
            scope.perimeter.sign_late_days,
            to_flush=[self.env["mail.activity"]._fields["summary"]],
        )

    def _query_won_at_once(self, scope, first, last):
        return SQL(
            """SELECT line.date, line.user_id, line.company_id, line.partner_id, 'crm.lead' AS res_model,
                      lead.id AS res_id, lead.name AS reference, NULL AS other_reference, line.date AS other_date,
                      0 AS number, line.amount
                 FROM (%s) line JOIN crm_lead lead ON lead.id = line.lead_id
                WHERE %s = line.date AND line.amount >= %s""",
            self._query_lines(scope, "won", first, last),
            self._local(SQL("lead.create_date"), scope),
            scope.perimeter.sign_won_amount,
            to_flush=[self.env["crm.lead"]._fields["name"]],
        )

    def _query_split(self, scope, first, last):
        """An order that makes those of its customer and salesperson on these days too many together."""
        limit = scope.perimeter.sign_split_limit
        return SQL(
            """SELECT * FROM (
                SELECT date, user_id, company_id, partner_id, 'sale.order' AS res_model, order_id AS res_id, reference,
                       FIRST_VALUE(reference) OVER near AS other_reference, MIN(date) OVER near AS other_date,
                       COUNT(*) OVER near AS number, SUM(amount) OVER near AS amount
                  FROM (
                      SELECT line.date, line.user_id, line.company_id, line.partner_id, line.order_id,
                             document.name AS reference, SUM(line.value) AS amount
                        FROM (SELECT sale.*, sale.amount * %s AS value FROM (%s) sale) line
                        JOIN sale_order document ON document.id = line.order_id
                       GROUP BY line.date, line.user_id, line.company_id, line.partner_id, line.order_id, document.name
                  ) sold
                 WHERE amount < %s AND amount >= %s * %s::numeric
                WINDOW near AS (
                       PARTITION BY user_id, partner_id ORDER BY date
                       RANGE BETWEEN make_interval(days => %s) PRECEDING AND CURRENT ROW)
               ) sold
                WHERE number >= 2 AND amount >= %s AND %s > 0""",
            self.env["sdm.kpi.source"]._rate_to(scope.companies, scope.currency),
            self._query_lines(scope, "order", first, last),
            limit,
            limit,
            JUST_BELOW,
            scope.perimeter.sign_split_days - 1,
            limit,
            limit,
            to_flush=[self.env["sale.order"]._fields["name"]],
        )

    def _query_returned(self, scope, first, last):
        """Refunds of the first days of a month of what was invoiced in the last days of the one before."""
        days = scope.perimeter.sign_return_days
        return SQL(
            """SELECT DISTINCT ON (back.id) back.invoice_date AS date, back.invoice_user_id AS user_id, back.company_id,
                      back.commercial_partner_id AS partner_id, 'account.move' AS res_model, back.id AS res_id,
                      back.name AS reference, sold.name AS other_reference, sold.invoice_date AS other_date,
                      back.invoice_date - sold.invoice_date AS number, -back.amount_untaxed_signed AS amount
                 FROM account_move back
                 JOIN account_move sold ON sold.move_type = 'out_invoice' AND sold.state = 'posted'
                      AND sold.company_id = back.company_id AND (
                          back.reversed_entry_id = sold.id
                          OR back.reversed_entry_id IS NULL
                             AND back.commercial_partner_id = sold.commercial_partner_id
                             AND back.amount_untaxed_signed = -sold.amount_untaxed_signed)
                WHERE back.move_type = 'out_refund' AND back.state = 'posted' AND back.company_id IN %(companies)s
                  AND back.invoice_date >= %(first)s
                  AND EXTRACT(DAY FROM back.invoice_date) <= %(days)s
                  AND sold.invoice_date < date_trunc('month', back.invoice_date)
                  AND sold.invoice_date >= date_trunc('month', back.invoice_date) - make_interval(days => %(end)s)
                ORDER BY back.id, sold.invoice_date DESC, sold.id""",
            companies=tuple(scope.companies.ids),
            first=first,
            days=days,
            end=scope.perimeter.sign_end_days,
            to_flush=[
                self.env["account.move"]._fields[name]
                for name in ("invoice_date", "reversed_entry_id", "amount_untaxed_signed", "name", "invoice_user_id")
            ],
        )

    def _query_recreated(self, scope, first, last):
        """Deals that are made for a customer soon after one of the same name or amount was lost."""
        made = self._local(SQL("anew.create_date"), scope)
        lost = self._local(SQL("lead.date_closed"), scope)
        return SQL(
            """SELECT DISTINCT ON (anew.id) %(made)s AS date, anew.user_id,
                      COALESCE(anew.company_id, line.company_id) AS company_id, line.partner_id,
                      'crm.lead' AS res_model, anew.id AS res_id, anew.name AS reference,
                      lead.name AS other_reference, line.date AS other_date, %(made)s - %(lost)s AS number,
                      anew.expected_revenue AS amount
                 FROM (%(lines)s) line
                 JOIN crm_lead lead ON lead.id = line.lead_id
                 JOIN res_partner partner ON partner.commercial_partner_id = line.partner_id
                 JOIN crm_lead anew ON anew.partner_id = partner.id AND anew.id <> lead.id
                      AND anew.type = 'opportunity' AND anew.create_date > lead.create_date
                      AND %(made)s BETWEEN %(lost)s AND %(lost)s + %(days)s
                WHERE lower(anew.name) = lower(lead.name)
                   OR lead.expected_revenue > 0 AND ABS(anew.expected_revenue - lead.expected_revenue)
                                                    <= lead.expected_revenue * %(same)s::numeric
                ORDER BY anew.id, line.date DESC, lead.id""",
            made=made,
            lost=lost,
            lines=self._query_lines(scope, "lost", first, last),
            days=scope.perimeter.sign_recreate_days,
            same=SAME_AMOUNT,
        )

    # -- words --------------------------------------------------------------------------------------------------------

    @api.depends("kind", "number", "other_reference", "other_date", "amount")
    @api.depends_context("lang")
    def _compute_evidence(self):
        tell = {
            LATE_ENTRY: self.env._("Took place on %(date)s and was entered on %(other_date)s, %(number)s days later"),
            WON_AT_ONCE: self.env._("Made and won on %(date)s, for %(amount)s"),
            SPLIT: self.env._(
                "%(number)s orders from %(other_date)s to %(date)s, %(amount)s together; the first is %(other)s"
            ),
            RETURNED: self.env._("%(other)s of %(other_date)s was returned on %(date)s, for %(amount)s"),
            RECREATED: self.env._("“%(other)s” was lost on %(other_date)s, and this one was made on %(date)s"),
        }
        for sign in self:
            sign.evidence = (tell.get(sign.kind) or "") % {
                "date": format_date(self.env, sign.date),
                "other_date": format_date(self.env, sign.other_date),
                "number": sign.number,
                "other": sign.other_reference or "",
                "amount": formatLang(self.env, sign.amount, currency_obj=sign.currency_id),
            }

    def action_open_document(self):
        """Open the document."""
        self.ensure_one()
        self.check_access("read")
        record = self.env[self.res_model].browse(self.res_id)
        if self.res_model == "mail.activity":
            record = self.env[record.sudo().res_model].browse(record.sudo().res_id)
        if not record.has_access("read"):
            raise UserError(
                self.env._(
                    "%(document)s is not yours to open. Ask %(person)s or who keeps it.",
                    document=self.reference or "",
                    person=self.employee_id.name or "",
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

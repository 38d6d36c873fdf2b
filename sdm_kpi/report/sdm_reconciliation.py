from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import periods
from ..models.sdm_kpi_source import Scope

# So many months are compared.
MONTHS_BACK = 36
SAME, DATE, ACCOUNT, INTERCOMPANY = "same", "date", "account", "intercompany"
MANUAL, OTHER, NOT_INVOICED, NOT_COUNTED, CONTROL = "manual", "other", "not_invoiced", "not_counted", "control"
CLOSED = "closed"
# A row is told by its document and month; months since this year.
FIRST_YEAR = 1900


class SdmReconciliation(models.Model):
    """Our revenue beside the accounting, document by document, and beside a control total from elsewhere.

    Ours is the source of revenue as facts count it: of closed months what they counted, with the corrections that count
    in a month by decision (of companies that keep their books in the perimeter's currency; of others, the documents as
    they are today). The accounting is what was posted on accounts of the kind “Income”,
    whatever the document. Both are in the company's currency and without tax; what they differ by is the sum of the
    documents that differ, to the cent.
    """

    _name = "sdm.reconciliation"
    _description = "Revenue beside the Accounting"
    _auto = False
    _order = "differs desc, date desc, id desc"
    _rec_name = "move_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date("Month", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, bypass_search_access=True)
    move_id = fields.Many2one("account.move", string="Accounting entry", readonly=True, bypass_search_access=True)
    order_id = fields.Many2one("sale.order", readonly=True, bypass_search_access=True)
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True, bypass_search_access=True)
    ours = fields.Monetary("Our revenue", readonly=True, help="As facts count it, in the company's currency.")
    accounting = fields.Monetary(readonly=True, help="Posted on income accounts, in the company's currency.")
    difference = fields.Monetary("Ours less accounting", readonly=True)
    control = fields.Monetary("Control total", readonly=True, help="Uploaded from a file.")
    control_difference = fields.Monetary(
        "Ours less control total", readonly=True, help="Only of companies and months that have a control total."
    )
    differs = fields.Boolean(readonly=True)
    kind = fields.Selection(
        [
            (SAME, "The same"),
            (DATE, "Invoice date in another month than the accounting date"),
            (ACCOUNT, "Not on an income account, or only in part"),
            (INTERCOMPANY, "Sold to a company of our own"),
            (MANUAL, "Manual entry on an income account"),
            (OTHER, "Another document on an income account"),
            (NOT_INVOICED, "Ours by order or deal, not by invoice"),
            (NOT_COUNTED, "Invoice that facts do not count"),
            (CLOSED, "Came, changed or went after its month was closed"),
            (CONTROL, "Control total"),
        ],
        string="What it is",
        readonly=True,
    )

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
        end = periods.add_months(last, 1)
        return SQL(
            """WITH closed AS MATERIALIZED (
                SELECT date FROM (%(closed)s) of_kpi WHERE kpi_id = %(revenue)s
            ),
            side AS (
                SELECT ours.company_id, date_trunc('month', ours.date)::date AS date, ours.partner_id, ours.move_id,
                       CASE WHEN ours.move_id IS NULL THEN ours.order_id END AS order_id,
                       CASE WHEN COALESCE(ours.move_id, ours.order_id) IS NULL THEN ours.lead_id END AS lead_id,
                       NULL::int4 AS gone_id, FALSE AS is_correction, ours.amount AS ours, NULL::numeric AS accounting
                  FROM (%(ours)s) ours
                 WHERE ours.date >= %(first)s AND ours.date < %(end)s
                   AND (ours.partner_id IS NULL OR ours.partner_id NOT IN %(own)s)
                   AND NOT (ours.company_id IN %(kept)s
                            AND EXISTS (SELECT FROM closed WHERE closed.date = date_trunc('month', ours.date)::date))
                 UNION ALL
                SELECT counted.company_id, period.date, counted.partner_id, move.id,
                       CASE WHEN move.id IS NULL THEN sale.id END,
                       CASE WHEN COALESCE(move.id, sale.id) IS NULL THEN lead.id END,
                       CASE WHEN COALESCE(move.id, sale.id, lead.id) IS NULL THEN counted.id END,
                       counted.is_correction, counted.value, NULL
                  FROM sdm_period_entry counted
                  JOIN sdm_period period ON period.id = counted.period_id
                  LEFT JOIN account_move move ON counted.res_model = 'account.move' AND move.id = counted.res_id
                  LEFT JOIN sale_order sale ON counted.res_model = 'sale.order' AND sale.id = counted.res_id
                  LEFT JOIN crm_lead lead ON counted.res_model = 'crm.lead' AND lead.id = counted.res_id
                 WHERE period.perimeter_id = %(perimeter)s AND counted.kpi_id = %(revenue)s AND counted.value <> 0
                   AND counted.company_id IN %(kept)s AND period.date >= %(first)s AND period.date < %(end)s
                   AND counted.res_model IN ('account.move', 'sale.order', 'crm.lead')
                   AND (counted.is_correction OR EXISTS (SELECT FROM closed WHERE closed.date = period.date))
                 UNION ALL
                SELECT line.company_id, date_trunc('month', line.date)::date, move.commercial_partner_id, line.move_id,
                       NULL, NULL, NULL, FALSE, NULL, -line.balance
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id AND account.account_type = 'income'
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.parent_state = 'posted' AND line.company_id IN %(companies)s
                   AND line.date >= %(first)s AND line.date < %(end)s
            ),
            document AS MATERIALIZED (
                SELECT company_id, date, MIN(partner_id) AS partner_id, move_id, order_id, lead_id, gone_id,
                       SUM(ours) AS ours, SUM(accounting) AS accounting,
                       BOOL_OR(is_correction)
                       OR EXISTS (SELECT FROM closed WHERE closed.date = side.date) AS is_after_closing
                  FROM side GROUP BY company_id, date, move_id, order_id, lead_id, gone_id
            ),
            control AS MATERIALIZED (
                SELECT id, company_id, date, amount FROM sdm_control_total
                 WHERE kpi_id IS NULL AND perimeter_id = %(perimeter)s AND date >= %(first)s AND date < %(end)s
            ),
            compared AS (
                SELECT (COALESCE(document.move_id::int8 * 5, document.order_id::int8 * 5 + 1,
                                 document.lead_id::int8 * 5 + 2, document.gone_id::int8 * 5 + 4) * 4096
                        + (EXTRACT(YEAR FROM document.date) - %(first_year)s) * 12
                        + EXTRACT(MONTH FROM document.date))::int8 AS id,
                       document.company_id, document.date, document.partner_id, document.move_id, document.order_id,
                       document.lead_id, ROUND(COALESCE(document.ours, 0), 2) AS ours,
                       ROUND(COALESCE(document.accounting, 0), 2) AS accounting, NULL::numeric AS control,
                       CASE WHEN EXISTS (
                                 SELECT FROM control
                                  WHERE control.company_id = document.company_id AND control.date = document.date)
                            THEN ROUND(COALESCE(document.ours, 0), 2) END AS control_difference,
                       CASE WHEN ROUND(COALESCE(document.ours, 0), 2) = ROUND(COALESCE(document.accounting, 0), 2)
                            THEN %(same)s
                            WHEN document.gone_id IS NOT NULL THEN %(after)s
                            WHEN document.move_id IS NULL THEN %(not_invoiced)s
                            WHEN move.commercial_partner_id IN %(own)s THEN %(intercompany)s
                            WHEN move.move_type = 'entry' THEN %(manual)s
                            WHEN move.move_type NOT IN ('out_invoice', 'out_refund') THEN %(other)s
                            WHEN date_trunc('month', move.invoice_date) <> date_trunc('month', move.date)
                            THEN %(by_date)s
                            WHEN document.is_after_closing THEN %(after)s
                            WHEN document.ours IS NULL THEN %(not_counted)s
                            ELSE %(account)s END AS kind
                  FROM document LEFT JOIN account_move move ON move.id = document.move_id
                 UNION ALL
                SELECT (id::int8 * 5 + 3) * 4096, company_id, date, NULL, NULL, NULL, NULL, 0, 0, amount, -amount,
                       %(control)s
                  FROM control
            )
            SELECT compared.id, compared.company_id, company.currency_id, compared.date, compared.partner_id,
                   compared.move_id, compared.order_id, compared.lead_id, compared.ours, compared.accounting,
                   compared.ours - compared.accounting AS difference, compared.control, compared.control_difference,
                   compared.ours <> compared.accounting AS differs, compared.kind::varchar AS kind
              FROM compared JOIN res_company company ON company.id = compared.company_id""",
            ours=self.env["sdm.kpi.source"].sudo()._query_own_revenue_lines(scope, first, end),
            own=tuple(scope.own.ids) or (0,),
            companies=tuple(scope.companies.ids),
            first=first,
            end=end,
            perimeter=perimeter.id,
            first_year=FIRST_YEAR,
            same=SAME,
            not_invoiced=NOT_INVOICED,
            intercompany=INTERCOMPANY,
            manual=MANUAL,
            other=OTHER,
            by_date=DATE,
            not_counted=NOT_COUNTED,
            account=ACCOUNT,
            control=CONTROL,
            after=CLOSED,
            closed=self.env["sdm.period"].sudo()._query_closed(perimeter),
            revenue=self.env["sdm.kpi"].sudo().search([("code", "=", "revenue")]).id or 0,
            kept=tuple(scope.companies.filtered(lambda company: company.currency_id == scope.currency).ids) or (0,),
            to_flush=self._get_fields_to_flush(),
        )

    def _get_fields_to_flush(self):
        names = {
            "account.move": ("commercial_partner_id", "move_type", "invoice_date", "date", "state"),
            "account.move.line": ("move_id", "account_id", "balance", "date", "parent_state", "company_id"),
            "account.account": ("account_type",),
            "sdm.period.entry": ("period_id", "kpi_id", "value", "company_id", "res_model", "res_id", "is_correction"),
            "sdm.control.total": ("company_id", "date", "amount", "kpi_id", "perimeter_id"),
        }
        return [self.env[model]._fields[name] for model, fields_of in names.items() for name in fields_of]

    def action_open_document(self):
        """Open what the row is of."""
        self.ensure_one()
        record = self.move_id or self.order_id or self.lead_id
        if not record:
            return self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_control_total_action")
        if not record.has_access("read"):
            raise UserError(
                self.env._(
                    "%(document)s is in the accounting, which you may not open. Ask who keeps it.",
                    document=record.sudo().display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

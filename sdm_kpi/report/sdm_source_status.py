from odoo import fields, models
from odoo.tools import SQL

from ..engine import periods


class SdmSourceStatus(models.Model):
    """How complete and fresh the documents of a month are: how many there are, how many of them count, and how many
    were written after its facts were computed.

    Of a closed month nothing is said about later changes: its differences tell these by document.
    """

    _name = "sdm.source.status"
    _description = "Status of a Source"
    _auto = False
    _order = "date desc, id"
    _rec_name = "source"

    period_id = fields.Many2one("sdm.period", string="Month", readonly=True)
    date = fields.Date("First day", readonly=True)
    source = fields.Selection(
        [
            ("invoice", "Invoices"),
            ("order", "Confirmed orders"),
            ("deal", "Won and lost deals"),
            ("activity", "Done activities"),
        ],
        string="Documents",
        readonly=True,
    )
    total = fields.Integer("In the month", readonly=True)
    counted = fields.Integer("Count", readonly=True)
    draft = fields.Integer("Drafts", readonly=True, help="They count once they are posted.")
    changed = fields.Integer(
        "Changed since",
        readonly=True,
        help="Written after the facts of the month were computed; counted by the next ones.",
    )
    last_date = fields.Date("Last of them", readonly=True)
    is_incomplete = fields.Boolean(readonly=True, help="The month is over and open, and has drafts.")

    @property
    def _table_query(self):
        """The months of a perimeter; the context may have ``sdm_perimeter``, and ``sdm_first`` and ``sdm_last``: the
        first days of the months that are looked at, and ``sdm_sources``: the documents that are."""
        perimeter = self.env["sdm.perimeter"]._get_asked()
        if not perimeter:
            columns = (
                SQL("NULL::%s AS %s", SQL(field.column_type[1]), SQL.identifier(field.name))
                for field in self._fields.values()
                if field.store and field.column_type
            )
            return SQL("SELECT %s WHERE FALSE", SQL(", ").join(columns))
        first = perimeter._get_asked_day("sdm_first") or fields.Date.to_date("1900-01-01")
        latest = fields.Date.to_date("2999-12-01")
        last = min(perimeter._get_asked_day("sdm_last") or latest, latest)
        return SQL(
            """SELECT (period.id::int8 * 4 + document.number)::int8 AS id, period.id AS period_id, period.date,
                      document.source, COUNT(*)::int4 AS total,
                      (COUNT(*) FILTER (WHERE document.counts))::int4 AS counted,
                      (COUNT(*) FILTER (WHERE NOT document.counts))::int4 AS draft,
                      (COUNT(*) FILTER (
                          WHERE period.state = 'open' AND document.write_date > period.refreshed_on))::int4 AS changed,
                      MAX(document.day) FILTER (WHERE document.counts) AS last_date,
                      period.state = 'open' AND period.date < %(running)s AND NOT BOOL_AND(document.counts)
                      AS is_incomplete
                 FROM sdm_period period
                 JOIN (%(documents)s) document ON date_trunc('month', document.day)::date = period.date
                WHERE period.perimeter_id = %(perimeter)s AND period.date BETWEEN %(first)s AND %(last)s
                GROUP BY period.id, document.source, document.number""",
            running=periods.month_of(fields.Date.context_today(self)),
            documents=self._query_documents(perimeter, first, periods.add_months(last, 1)),
            perimeter=perimeter.id,
            first=first,
            last=last,
            to_flush=[
                self.env["sdm.period"]._fields[name] for name in ("perimeter_id", "date", "state", "refreshed_on")
            ],
        )

    def _query_documents(self, perimeter, first, end):
        """SQL of the documents of some days: (source, number of it, day, whether it counts, when it was written)."""
        wanted = self.env.context.get("sdm_sources") or ("invoice", "order", "deal", "activity")
        parts = [getattr(self, f"_query_{source}")(perimeter) for source in wanted]
        return SQL("SELECT * FROM (%s) dated WHERE day >= %s AND day < %s", SQL(" UNION ALL ").join(parts), first, end)

    def _query_invoice(self, perimeter):
        return SQL(
            """SELECT 'invoice'::varchar AS source, 0 AS number, COALESCE(invoice_date, date) AS day,
                      state = 'posted' AS counts, write_date
                 FROM account_move
                WHERE move_type IN ('out_invoice', 'out_refund') AND state <> 'cancel' AND company_id IN %s""",
            tuple(perimeter._get_companies().ids),
            to_flush=self._get_fields_of(
                "account.move", "move_type", "state", "invoice_date", "date", "company_id", "write_date"
            ),
        )

    def _query_order(self, perimeter):
        return SQL(
            """SELECT 'order'::varchar AS source, 1 AS number, %s AS day, TRUE AS counts, write_date
                 FROM sale_order WHERE state = 'sale' AND company_id IN %s""",
            self.env["sdm.kpi.source"]._local_date(SQL("date_order"), perimeter._get_zone()),
            tuple(perimeter._get_companies().ids),
            to_flush=self._get_fields_of("sale.order", "state", "date_order", "company_id", "write_date"),
        )

    def _query_deal(self, perimeter):
        return SQL(
            """SELECT 'deal'::varchar AS source, 2 AS number, %s AS day, TRUE AS counts, write_date
                 FROM crm_lead
                WHERE type = 'opportunity' AND won_status IN ('won', 'lost') AND date_closed IS NOT NULL
                  AND (company_id IS NULL OR company_id IN %s)""",
            self.env["sdm.kpi.source"]._local_date(SQL("date_closed"), perimeter._get_zone()),
            tuple(perimeter._get_companies().ids),
            to_flush=self._get_fields_of("crm.lead", "type", "won_status", "date_closed", "company_id", "write_date"),
        )

    def _query_activity(self, perimeter):
        return SQL(
            """SELECT 'activity'::varchar AS source, 3 AS number, activity.date_done AS day, TRUE AS counts,
                      activity.write_date
                 FROM mail_activity activity JOIN res_users worker ON worker.id = activity.user_id
                WHERE NOT activity.active AND activity.date_done IS NOT NULL
                  AND activity.res_model IN ('crm.lead', 'sale.order', 'res.partner') AND worker.company_id IN %s""",
            tuple(perimeter._get_companies().ids),
            to_flush=self._get_fields_of("mail.activity", "active", "date_done", "res_model", "user_id", "write_date"),
        )

    def _get_fields_of(self, model, *names):
        return [self.env[model]._fields[name] for name in names]

    def _tell(self):
        """What somebody should know about a source, in a few words; nothing where all is counted."""
        self.ensure_one()
        parts = []
        if self.draft:
            parts.append(self.env._("%(count)s of %(total)s", count=self.counted, total=self.total))
        if self.changed:
            parts.append(self.env._("changed since: %s", self.changed))
        label = dict(self._fields["source"]._description_selection(self.env))[self.source]
        return f"{label}: {', '.join(parts)}" if parts else ""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.models.reasons import check_reason

from ..engine import facts

RESTATED, CORRECTED = "restated", "corrected"
KEYS = ("employee_id", "head_id", "team_id", "segment_id", "category_id", "company_id")


class SdmPeriodRestatement(models.Model):
    """The decision what becomes of documents that changed after their month was closed: by whom, when and why."""

    _name = "sdm.period.restatement"
    _description = "Decision on a Closed Month"
    _order = "id desc"
    _rec_name = "reason"

    period_id = fields.Many2one("sdm.period", string="Month", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [(RESTATED, "The closed month is restated"), (CORRECTED, "It counts in the month of the decision")],
        string="Decision",
        required=True,
        readonly=True,
    )
    reason = fields.Text(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Decided by", required=True, readonly=True, default=lambda self: self.env.uid
    )
    decided_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    counted_in_id = fields.Many2one("sdm.period", string="Counts in", readonly=True, ondelete="cascade")
    withdrawn_on = fields.Datetime(readonly=True, help="The month was opened again and counts the documents itself.")
    difference_ids = fields.One2many(
        "sdm.period.difference", "restatement_id", string="Documents", domain=[("is_document", "=", True)]
    )
    line_ids = fields.One2many("sdm.period.restatement.line", "restatement_id", string="Before and after")

    @api.model
    def _decide(self, differences, kind, reason):
        """Restate a closed month by differences, or let them count in the present one.

        :param differences: sdm.period.difference of one closed month, without a decision
        :param kind: ``restated`` or ``corrected``; of the latter only what is added up: neither a customer nor a state
            can be counted in another month
        :param reason: why, in plain words
        :return: the decision
        :raise UserError: no reason, or nothing that can be decided so
        """
        period = differences.period_id
        period._check_director()
        reason = check_reason(self.env, reason)
        self = self.sudo()
        period = period.sudo()
        period.perimeter_id._lock_facts()
        # also what the director may not see of the documents, such as margin
        differences = differences.sudo()._get_whole_documents()
        if kind == CORRECTED:
            differences = differences.filtered(lambda row: row.kpi_id.semantics == facts.FLOW)
        if not differences or period.state != "closed":
            raise UserError(
                self.env._(
                    "Nothing is left to decide here. Customers that came or went can only be restated: they count in "
                    "their own month."
                )
            )
        counted_in = differences._get_month_of_corrections(period.perimeter_id) if kind == CORRECTED else period
        kpis = differences.kpi_id
        before = counted_in._get_values(kpis)
        decision = self.create({"period_id": period.id, "kind": kind, "reason": reason, "counted_in_id": counted_in.id})
        differences.restatement_id = decision
        self.env.flush_all()
        decision._keep_entries()
        if kind == RESTATED:
            decision._restate_facts(kpis)
        else:
            decision._add_corrections()
        self.env["sdm.kpi.fact"].invalidate_model()
        self.env["sdm.period.entry"].invalidate_model()
        after = counted_in._get_values(kpis)
        decision.line_ids = [
            fields.Command.create(
                {
                    "kpi_id": kpi.id,
                    "old_value": before[kpi],
                    "new_value": after[kpi],
                    "difference": after[kpi] - before[kpi],
                }
            )
            for kpi in kpis
        ]
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        period.message_post(body=self.env._("%(decision)s. %(reason)s", decision=kinds[kind], reason=reason))
        return decision

    def _keep_entries(self):
        """Add what the decision changes to the entries of the closed month; a correction counts nothing there."""
        names = SQL(", ").join(SQL.identifier(name) for name in KEYS)
        is_correction = self.kind == CORRECTED
        # a customer that is gone is taken off with all its documents
        value = SQL(
            """CASE WHEN kpi.semantics = 'distinct' AND row.difference < 0 THEN COALESCE(-(
                    SELECT SUM(counted.value) FROM sdm_period_entry counted
                     WHERE counted.period_id = row.period_id AND counted.kpi_id = row.kpi_id
                       AND NOT counted.is_correction AND counted.partner_id IS NOT DISTINCT FROM row.partner_id AND %s),
                    row.difference)
                    ELSE row.difference END""",
            SQL(" AND ").join(
                SQL("counted.%s IS NOT DISTINCT FROM row.%s", SQL.identifier(name), SQL.identifier(name))
                for name in KEYS
            ),
        )

        def insert(period, counts, settles, as_correction):
            self.env.cr.execute(
                SQL(
                    """INSERT INTO sdm_period_entry (
                           period_id, kpi_id, date, %(names)s, partner_id, res_model, res_id, reference, credit, share,
                           value, settled, restatement_id, is_correction)
                    SELECT %(period)s, row.kpi_id, %(date)s, %(own)s, row.partner_id, row.res_model, row.res_id,
                           row.reference, NULL, NULL, %(counts)s, %(settles)s, row.restatement_id, %(as_correction)s
                      FROM sdm_period_difference row JOIN sdm_kpi kpi ON kpi.id = row.kpi_id
                     WHERE row.restatement_id = %(decision)s""",
                    names=names,
                    own=SQL(", ").join(SQL.identifier("row", name) for name in KEYS),
                    period=period.id,
                    date=SQL("%s::date", period.date) if as_correction else SQL("row.date"),
                    counts=counts,
                    settles=settles,
                    as_correction=as_correction,
                    decision=self.id,
                )
            )

        if is_correction:
            insert(self.period_id, SQL("0"), SQL("row.difference"), False)
            insert(self.counted_in_id, SQL("row.difference"), SQL("0"), True)
        else:
            insert(self.period_id, value, SQL("0"), False)

    def _restate_facts(self, kpis):
        """Replace the facts of the closed month by what its entries come to."""
        names = SQL(", ").join(SQL.identifier(name) for name in KEYS)
        period = self.period_id
        self.env.cr.execute(
            SQL(
                """DELETE FROM sdm_kpi_fact
                    WHERE perimeter_id = %s AND date = %s AND kpi_id = ANY(%s) AND restatement_id IS NULL""",
                period.perimeter_id.id,
                period.date,
                kpis.ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO sdm_kpi_fact (perimeter_id, kpi_id, date, value, %(names)s, partner_id)
                SELECT %(perimeter)s, kpi_id, %(date)s, SUM(value), %(names)s, NULL
                  FROM sdm_period_entry
                 WHERE period_id = %(period)s AND kpi_id = ANY(%(summed)s) AND NOT is_correction
                 GROUP BY kpi_id, %(names)s HAVING SUM(value) <> 0
                 UNION ALL
                SELECT %(perimeter)s, kpi_id, %(date)s, 1, %(names)s, partner_id
                  FROM sdm_period_entry
                 WHERE period_id = %(period)s AND kpi_id = ANY(%(customers)s) AND NOT is_correction
                 GROUP BY kpi_id, %(names)s, partner_id HAVING SUM(value) > 0""",
                names=names,
                perimeter=period.perimeter_id.id,
                date=period.date,
                period=period.id,
                summed=[kpi.id for kpi in kpis if kpi.semantics != facts.DISTINCT],
                customers=[kpi.id for kpi in kpis if kpi.semantics == facts.DISTINCT],
            )
        )

    def _add_corrections(self):
        """Add facts of the month in which the correction counts."""
        names = SQL(", ").join(SQL.identifier(name) for name in KEYS)
        self.env.cr.execute(
            SQL(
                """INSERT INTO sdm_kpi_fact (perimeter_id, kpi_id, date, value, %(names)s, restatement_id)
                SELECT %(perimeter)s, kpi_id, %(date)s, SUM(value), %(names)s, restatement_id
                  FROM sdm_period_entry WHERE restatement_id = %(decision)s AND is_correction
                 GROUP BY kpi_id, %(names)s, restatement_id HAVING SUM(value) <> 0""",
                names=names,
                perimeter=self.period_id.perimeter_id.id,
                date=self.counted_in_id.date,
                decision=self.id,
            )
        )

    def _withdraw(self):
        """Take corrections out of the months in which they count, as their own month counts them itself."""
        corrections = self.filtered(lambda decision: decision.kind == CORRECTED and not decision.withdrawn_on)
        self.env["sdm.kpi.fact"].search([("restatement_id", "in", corrections.ids)]).unlink()
        self.env["sdm.period.entry"].search([("restatement_id", "in", corrections.ids)]).unlink()
        self.filtered(lambda decision: not decision.withdrawn_on).withdrawn_on = fields.Datetime.now()


class SdmPeriodRestatementLine(models.Model):
    """What a decision changed a KPI by, all persons together."""

    _name = "sdm.period.restatement.line"
    _description = "KPI before and after a Decision"
    _order = "restatement_id, id"

    restatement_id = fields.Many2one("sdm.period.restatement", required=True, index=True, ondelete="cascade")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, readonly=True, ondelete="cascade")
    old_value = fields.Float("Before", digits=(16, 2), readonly=True)
    difference = fields.Float(digits=(16, 2), readonly=True)
    new_value = fields.Float("After", digits=(16, 2), readonly=True)

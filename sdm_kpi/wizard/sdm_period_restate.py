from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import facts
from ..models.sdm_period_restatement import CORRECTED, RESTATED


class SdmPeriodRestate(models.TransientModel):
    """The decision what becomes of documents that changed after their month was closed."""

    _name = "sdm.period.restate"
    _description = "Decide on Differences"

    period_id = fields.Many2one("sdm.period", required=True, readonly=True, ondelete="cascade")
    difference_ids = fields.Many2many("sdm.period.difference", string="Documents", readonly=True)
    kind = fields.Selection(
        [(RESTATED, "Restate the closed month"), (CORRECTED, "Count it in the present month")],
        string="What becomes of it",
        required=True,
        default=CORRECTED,
    )
    reason = fields.Text()
    explanation = fields.Text(compute="_compute_explanation")

    @api.depends("kind", "period_id", "difference_ids")
    @api.depends_context("lang")
    def _compute_explanation(self):
        present = format_date(self.env, fields.Date.context_today(self), date_format="LLLL yyyy")
        for wizard in self:
            month = wizard.period_id.display_name
            left = wizard.difference_ids.filtered(lambda row: row.kpi_id.semantics != facts.FLOW)
            if wizard.kind == RESTATED:
                wizard.explanation = self.env._(
                    "The facts of %(month)s change, for these documents only. What they were before stays with the "
                    "decision.",
                    month=month,
                )
            elif left:
                wizard.explanation = self.env._(
                    "%(month)s stays as it is; the differences count in %(present)s, as corrections that everybody can "
                    "tell apart. Counts of customers cannot move to another month and wait: %(kpis)s.",
                    month=month,
                    present=present,
                    kpis=", ".join(left.kpi_id.mapped("name")),
                )
            else:
                wizard.explanation = self.env._(
                    "%(month)s stays as it is; the differences count in %(present)s, as corrections that everybody can "
                    "tell apart.",
                    month=month,
                    present=present,
                )

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide on differences of %(month)s", month=self.period_id.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_apply(self):
        """Carry the decision out."""
        self.ensure_one()
        self.env["sdm.period.restatement"]._decide(self.difference_ids, self.kind, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

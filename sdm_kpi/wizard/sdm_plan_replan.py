from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import periods
from ..models.plan.sdm_plan_version_replan import ACTUAL, ALL, PERSON, TARGET


class SdmPlanReplan(models.TransientModel):
    """How the rest of a year is planned anew."""

    _name = "sdm.plan.replan"
    _description = "Plan the Rest of a Year Anew"

    version_id = fields.Many2one("sdm.plan.version", required=True, readonly=True, ondelete="cascade")
    month = fields.Selection(
        lambda self: self._select_months(),
        string="Anew from",
        required=True,
        default=lambda self: self._default_month(),
        help="Months before it are over.",
    )
    scope = fields.Selection(
        [(PERSON, "Each person for the own part"), (ALL, "All together, by their shares")],
        string="Who makes up for it",
        required=True,
        default=PERSON,
    )
    keeps_ahead = fields.Boolean(
        "Good results lower no target", default=True, help="Who is ahead keeps the targets of the months left."
    )
    past = fields.Selection(
        [(ACTUAL, "What was reached"), (TARGET, "The targets, as they were")],
        string="Months that are over show",
        required=True,
        default=ACTUAL,
    )

    def _get_plan(self):
        version = self.env["sdm.plan.version"].browse(self.env.context.get("default_version_id"))
        return (self.version_id or version).plan_id

    @api.model
    def _select_months(self):
        plan = self._get_plan()
        return [
            (fields.Date.to_string(month), format_date(self.env, month, date_format="LLLL yyyy"))
            for month in (plan._get_months()[1:] if plan else [])
        ]

    def _default_month(self):
        running = fields.Date.to_string(periods.month_of(fields.Date.context_today(self)))
        months = [month for month, _name in self._select_months()]
        return running if running in months else (months[0] if months else False)

    def action_apply(self):
        """Make the draft and open it."""
        self.ensure_one()
        month = fields.Date.to_date(self.month)
        return self.version_id._replan(month, self.past, self.scope, self.keeps_ahead)._get_form_action()

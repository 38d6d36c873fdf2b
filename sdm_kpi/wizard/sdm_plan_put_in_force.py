from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..engine import periods

REVIEW_MONTHS = 3


class SdmPlanPutInForce(models.TransientModel):
    """The decision for a plan: from when, why, what happens to the month of that day, and who is told."""

    _name = "sdm.plan.put.in.force"
    _description = "Put a Plan in Force"

    version_id = fields.Many2one("sdm.plan.version", required=True, readonly=True, ondelete="cascade")
    replaces_id = fields.Many2one(related="version_id.replaces_id")
    date = fields.Date("From", required=True, default=fields.Date.context_today)
    reason = fields.Text(required=True, help="Why these targets, in plain words that every seller understands.")
    date_review = fields.Date(
        "Review on", default=lambda self: fields.Date.context_today(self) + relativedelta(months=REVIEW_MONTHS)
    )
    month_rule = fields.Selection(
        lambda self: self.env["sdm.plan.version"]._fields["month_rule"]._description_selection(self.env),
        string="Month of the change",
        default="whole",
        required=True,
        help="Which target counts in the month in which the plan changes. People see what it means for them.",
    )
    is_within_month = fields.Boolean(compute="_compute_is_within_month")
    announce = fields.Boolean(
        "Announce it", default=True, help="Tell everybody whose targets begin or change, and those who lead them."
    )

    @api.depends("date", "version_id")
    def _compute_is_within_month(self):
        for wizard in self:
            plan, date = wizard.version_id.plan_id, wizard.date
            wizard.is_within_month = bool(
                date
                and wizard.replaces_id
                and date > periods.month_of(date)
                and plan.date_from <= date <= periods.end_of(plan.date_to)
            )

    def action_apply(self):
        """Put the version in force and tell the people."""
        self.ensure_one()
        version = self.version_id
        if self.is_within_month:
            version.check_access("write")
            version.sudo().month_rule = self.month_rule
        version._put_in_force(self.date, self.reason, self.date_review)
        if self.announce:
            version._announce_to(version._get_audience(), *version._get_announcement())
        return version._get_form_action()

from odoo import fields, models


class SdmPlanCompare(models.TransientModel):
    """Which two versions of a plan are put side by side."""

    _name = "sdm.plan.compare"
    _description = "Compare Versions of a Plan"

    plan_id = fields.Many2one(related="after_id.plan_id")
    before_id = fields.Many2one(
        "sdm.plan.version", string="Compare", required=True, ondelete="cascade", domain="[('plan_id', '=', plan_id)]"
    )
    after_id = fields.Many2one(
        "sdm.plan.version", string="With", required=True, ondelete="cascade", domain="[('plan_id', '=', plan_id)]"
    )

    def action_apply(self):
        """Open the differences."""
        self.ensure_one()
        return self.env["sdm.plan.comparison"]._get_action(self.before_id, self.after_id)

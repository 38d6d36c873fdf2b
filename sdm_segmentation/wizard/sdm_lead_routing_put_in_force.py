from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

REVIEW_MONTHS = 3


class SdmLeadRoutingPutInForce(models.TransientModel):
    """The decision to route leads so: why, who is told and when it is looked at again."""

    _name = "sdm.lead.routing.put.in.force"
    _description = "Put a Lead Routing in Force"

    routing_id = fields.Many2one("sdm.lead.routing", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text(required=True, help="Why leads go so, in plain words that every seller understands.")
    date_review = fields.Date(
        "Review on", default=lambda self: fields.Date.context_today(self) + relativedelta(months=REVIEW_MONTHS)
    )
    announce = fields.Boolean("Announce it", default=True, help="Tell everybody who gets leads by it.")
    user_ids = fields.Many2many("res.users", string="Is told", compute="_compute_user_ids")

    @api.depends("routing_id")
    def _compute_user_ids(self):
        for wizard in self:
            wizard.user_ids = wizard.routing_id.line_ids.member_ids.user_id

    def action_apply(self):
        """Write the rules of the assignment and tell who gets which leads."""
        self.ensure_one()
        routing = self.routing_id
        routing._put_in_force(fields.Date.context_today(self), self.reason, self.date_review)
        if self.announce:
            routing._announce(self.user_ids)
        return routing._get_form_action()

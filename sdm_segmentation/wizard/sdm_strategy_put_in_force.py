from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

REVIEW_MONTHS = 3


class SdmStrategyPutInForce(models.TransientModel):
    """The decision to follow a strategy: from when, why, who is told and when it is looked at again."""

    _name = "sdm.strategy.put.in.force"
    _description = "Put a Strategy in Force"

    strategy_id = fields.Many2one("sdm.strategy", required=True, readonly=True, ondelete="cascade")
    date = fields.Date("From", required=True, default=fields.Date.context_today)
    reason = fields.Text(required=True, help="Why this goal, in plain words that every seller understands.")
    date_review = fields.Date(
        "Review on", default=lambda self: fields.Date.context_today(self) + relativedelta(months=REVIEW_MONTHS)
    )
    announce = fields.Boolean(
        "Announce it", default=True, help="Tell who leads the strategy and everybody who has a customer of the segment."
    )
    team_ids = fields.Many2many("res.users", string="Is told", compute="_compute_team_ids")

    @api.depends("strategy_id")
    def _compute_team_ids(self):
        for wizard in self:
            wizard.team_ids = wizard.strategy_id._get_audience()

    def action_apply(self):
        """Put the strategy in force and tell the team."""
        self.ensure_one()
        strategy = self.strategy_id
        strategy._put_in_force(self.date, self.reason, self.date_review)
        if self.announce:
            strategy._announce_to(self.team_ids, *strategy._get_announcement())
        return strategy._get_form_action()

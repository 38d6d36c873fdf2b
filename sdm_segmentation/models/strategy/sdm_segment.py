from odoo import api, fields, models

from .sdm_strategy import tell_line


class SdmSegment(models.Model):
    """The strategy of a segment, kept with it so that a customer's or a deal's form costs no more to open."""

    _inherit = "sdm.segment"

    strategy_ids = fields.One2many("sdm.strategy", "segment_id", string="Strategies")
    strategy_id = fields.Many2one(
        "sdm.strategy",
        compute="_compute_strategy_id",
        store=True,
        index="btree_not_null",
        help="The one in force.",
    )
    goal = fields.Selection(related="strategy_id.goal", store=True)
    offer = fields.Text(related="strategy_id.offer", store=True, string="Value offer")
    strategy_line = fields.Char("What we want", compute="_compute_strategy_line")
    policy = fields.Text(
        translate=True,
        tracking=True,
        help="How customers of this box are worked with, in a sentence or two.",
    )

    @api.depends("strategy_ids.state")
    def _compute_strategy_id(self):
        for segment in self:
            segment.strategy_id = segment.strategy_ids.filtered(lambda strategy: strategy.state == "in_force")[:1]

    @api.depends("goal", "offer")
    @api.depends_context("lang")
    def _compute_strategy_line(self):
        for segment in self:
            segment.strategy_line = segment.goal and tell_line(segment)

    def action_open_strategy(self):
        """Open the strategy in force, else the draft, else a new one."""
        self.ensure_one()
        strategy = self.strategy_id or self.strategy_ids[:1]
        action = strategy._get_form_action()
        if not strategy:
            action["context"] = {"default_segment_id": self.id}
        return action

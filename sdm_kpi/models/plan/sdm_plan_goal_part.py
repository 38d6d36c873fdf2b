from odoo import api, fields, models

from ...engine.plan import funnel, weights

# a space that a list does not swallow
INDENT = "\u2003"


class SdmPlanGoalPart(models.Model):
    """What part of a goal a group or a person gets, and by what: kept as it was when the targets were written."""

    _name = "sdm.plan.goal.part"
    _description = "Part of a Goal"
    _order = "goal_id, sequence, id"
    _rec_name = "name"

    goal_id = fields.Many2one("sdm.plan.goal", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer()
    level = fields.Integer()
    name = fields.Char("Group or person", compute="_compute_name")
    is_group = fields.Boolean(readonly=True)
    employee_id = fields.Many2one(
        "hr.employee", string="Person", index="btree_not_null", readonly=True, ondelete="cascade"
    )
    head_id = fields.Many2one(
        "hr.employee", string="Group of", index="btree_not_null", readonly=True, ondelete="cascade"
    )
    base_amount = fields.Float("Last twelve months", readonly=True, digits=(16, 4))
    year_amount = fields.Float(
        "Basis of a year", readonly=True, digits=(16, 4), help="The facts, made a whole year for who was there less."
    )
    basis = fields.Selection(
        [
            (weights.OWN, "Own history"),
            (weights.PART_OF_YEAR, "Own history, made a whole year"),
            (weights.LIKE_GROUP, "Newcomer: median of the group"),
            (weights.LIKE_COMPANY, "Newcomer: median of all"),
            (weights.NOTHING, "No history"),
        ],
        readonly=True,
    )
    potential = fields.Float(readonly=True, digits=(16, 4))
    ratio = fields.Float(readonly=True, digits=(16, 8), aggregator=None)
    conversion = fields.Char(
        compute="_compute_conversion", help="How much is needed for one of what the goal is needed for."
    )
    ratio_origin = fields.Selection(
        [(funnel.OWN, "Own"), (funnel.GROUP, "Of the group"), (funnel.COMPANY, "Of the company")],
        "Whose conversion",
        readonly=True,
    )
    presence = fields.Float("Months there", readonly=True, digits=(16, 2), aggregator=None)
    share = fields.Float("Share, %", readonly=True, digits=(16, 6), aggregator=None)
    amount = fields.Float("Target", readonly=True, digits=(16, 4))
    is_by_hand = fields.Boolean("By hand")
    given_amount = fields.Float("Amount by hand", digits=(16, 4))
    is_left_out = fields.Boolean("Without target", help="The person gets no target; the others get the part.")

    _place_uniq = models.UniqueIndex(
        "(goal_id, is_group, COALESCE(employee_id, 0), COALESCE(head_id, 0))", "The goal has this part already."
    )
    _given_amount_range = models.Constraint("CHECK(given_amount >= 0)", "“Amount by hand” is 0 or more.")

    @api.depends("is_group", "employee_id", "head_id", "level")
    @api.depends_context("lang")
    def _compute_name(self):
        for part in self:
            named = part.sudo()
            if part.is_group:
                name = self.env._("Group of %(head)s", head=named.head_id.name)
            else:
                name = named.employee_id.name or self.env._("Nobody yet")
            part.name = f"{INDENT * max(part.level - 1, 0)}{name}"

    @api.depends("ratio")
    @api.depends_context("lang")
    def _compute_conversion(self):
        for part in self:
            part.conversion = part.goal_id._tell_ratio_of(part.ratio) if part.ratio else False

    @api.onchange("is_by_hand")
    def _onchange_is_by_hand(self):
        self.given_amount = self.amount if self.is_by_hand else 0

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.goal_id._check_may_change()
        return parts

    def write(self, vals):
        self.check_access("write")
        self.goal_id._check_may_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self.goal_id._check_may_change()

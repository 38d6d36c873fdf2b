from odoo import api, fields, models


class SdmPlanGoalAnalogue(models.Model):
    """A product category without history that will sell like another one."""

    _name = "sdm.plan.goal.analogue"
    _description = "New Products of a Goal"
    _order = "goal_id, id"
    _rec_name = "category_id"

    goal_id = fields.Many2one("sdm.plan.goal", required=True, index=True, ondelete="cascade")
    category_id = fields.Many2one("product.category", string="New category", required=True, ondelete="restrict")
    like_id = fields.Many2one("product.category", string="Sells like", required=True, ondelete="restrict")
    percent = fields.Float("Of that, %", default=100, required=True, digits=(16, 2))
    date_from = fields.Date("From the month", help="Empty: from the first month of the plan.")

    _category_uniq = models.UniqueIndex("(goal_id, category_id)", "The goal has this category already.")
    _percent_range = models.Constraint("CHECK(percent > 0)", "“Of that” is more than 0 %.")
    _other = models.Constraint("CHECK(category_id <> like_id)", "A category sells like another one, not like itself.")

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.goal_id._check_may_change()
        return rows

    def write(self, vals):
        self.check_access("write")
        self.goal_id._check_may_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self.goal_id._check_may_change()

from odoo import api, fields, models

from .sdm_roadmap_template import DAYS


class SdmRoadmapTemplateLine(models.Model):
    """A decision in a template: its place, what it asks in that kind of business, and why it comes there."""

    _name = "sdm.roadmap.template.line"
    _description = "Step of a Roadmap Template"
    _order = "template_id, sequence, id"
    _rec_name = "step_id"

    template_id = fields.Many2one("sdm.roadmap.template", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=200)
    step_id = fields.Many2one("sdm.roadmap.step", required=True, ondelete="cascade", index=True)
    question = fields.Text(translate=True, help="What has to be decided here. Empty: the step keeps its own.")
    reason = fields.Text("Why here", translate=True)
    requires_ids = fields.Many2many(
        "sdm.roadmap.step",
        "sdm_roadmap_template_line_requires_rel",
        "line_id",
        "required_id",
        string="Rests on",
    )
    days = fields.Integer(default=DAYS, help="Calendar days that the decision takes, for the due dates.")
    owner_role = fields.Selection(
        [("director", "Sales director"), ("head", "Head of a group"), ("hr", "HR")], string="Suggested owner"
    )

    _template_step_uniq = models.Constraint("UNIQUE(template_id, step_id)", "A template has each step once.")
    _days_range = models.Constraint("CHECK(days >= 0)", "A decision cannot take less than 0 days.")

    @api.constrains("requires_ids", "step_id", "template_id")
    def _check_requires_ids(self):
        self.template_id._check_order()

from odoo import fields, models
from odoo.exceptions import ValidationError

from ..engine.errors import CycleError
from ..engine.roadmap import Step, arrange

DAYS = 14


class SdmRoadmapTemplate(models.Model):
    """An order of the decisions for a kind of business. Applying it is `sdm.roadmap.template.apply`."""

    _name = "sdm.roadmap.template"
    _description = "Roadmap Template"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char("Kind of business", required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True, tracking=True)
    description = fields.Text("For whom", translate=True)
    line_ids = fields.One2many("sdm.roadmap.template.line", "template_id", string="Steps", copy=True)

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", template.name)}
            for template, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_take_roadmap(self):
        """Add the steps of the roadmap that are missing here, in its present order and with its present texts."""
        self.ensure_one()
        steps = self.env["sdm.roadmap.step"].search([("active", "=", True)]) - self.line_ids.step_id
        last = max(self.line_ids.mapped("sequence"), default=0)
        self.line_ids = [
            fields.Command.create(
                {
                    "sequence": last + 10 * number,
                    "step_id": step.id,
                    "question": step.question,
                    "reason": step.reason,
                    "requires_ids": [fields.Command.set(step.requires_ids.ids)],
                }
            )
            for number, step in enumerate(steps.sorted("position"), start=1)
        ]

    def _check_order(self):
        """Refuse steps that would rest on each other in a circle, with their names."""
        for template in self:
            try:
                arrange([Step(line.step_id.id, requires=tuple(line.requires_ids.ids)) for line in template.line_ids])
            except CycleError as error:
                names = " → ".join(self.env["sdm.roadmap.step"].browse(error.codes).mapped("name"))
                raise ValidationError(
                    self.env._(
                        "In “%(template)s” these steps would rest on each other in a circle: %(steps)s. "
                        "Take one of them out of “Rests on”.",
                        template=template.name,
                        steps=names,
                    )
                ) from error

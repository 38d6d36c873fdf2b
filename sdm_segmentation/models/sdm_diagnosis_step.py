from odoo import api, fields, models

from ..engine.diagnosis import ATTENTION, CRITICAL, FINE, NO_DATA

VERDICTS = [(CRITICAL, "Critical"), (ATTENTION, "Attention"), (FINE, "Fine"), (NO_DATA, "Cannot tell")]


class SdmDiagnosisStep(models.Model):
    """Verdict of one diagnosis on one step of the method."""

    _name = "sdm.diagnosis.step"
    _description = "Diagnosis of a Step"
    _order = "diagnosis_id, position, id"
    _rec_name = "step_id"

    diagnosis_id = fields.Many2one("sdm.diagnosis", required=True, ondelete="cascade", index=True)
    step_id = fields.Many2one("sdm.roadmap.step", required=True, ondelete="cascade", index=True)
    position = fields.Integer(help="Place of the step in the order of the method at that time.")
    level = fields.Selection(VERDICTS, required=True, string="Verdict")
    decided = fields.Boolean(help="Whether the decision was recorded as taken at that time.")
    rank = fields.Integer(help="1: the step to start with, 2 to 4: the next ones, 0: not named.")
    figure_ids = fields.One2many("sdm.diagnosis.figure", "diagnosis_step_id", string="Figures")
    critical_count = fields.Integer(compute="_compute_counts")
    judged_count = fields.Integer(compute="_compute_counts")

    _diagnosis_step_uniq = models.Constraint("UNIQUE(diagnosis_id, step_id)", "A diagnosis speaks of a step once.")

    @api.depends("figure_ids.level")
    def _compute_counts(self):
        for line in self:
            levels = line.figure_ids.mapped("level")
            line.critical_count = levels.count(CRITICAL)
            line.judged_count = sum(level in (CRITICAL, ATTENTION, FINE) for level in levels)

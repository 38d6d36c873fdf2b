from datetime import timedelta

from odoo import api, fields, models

from ..engine.roadmap import arrange
from .sdm_diagnosis_answer import UNKNOWN

ANSWER_DAYS = 31


class SdmDiagnosis(models.Model):
    """What data cannot show is asked: questions by step, with the earlier answers as suggestions."""

    _inherit = "sdm.diagnosis"

    answer_ids = fields.One2many("sdm.diagnosis.answer", "diagnosis_id", string="Answers", copy=False)
    question_count = fields.Integer("Questions", compute="_compute_answered")
    answered_count = fields.Integer("Answered", compute="_compute_answered")
    has_open_questions = fields.Boolean(
        compute="_compute_answered", help="Questions that nobody looked at; who does not know has looked."
    )
    answered_text = fields.Char("Answers given", compute="_compute_answered")
    can_answer = fields.Boolean(compute="_compute_can_answer")

    @api.depends("answer_ids.value")
    @api.depends_context("lang")
    def _compute_answered(self):
        for diagnosis in self:
            values = diagnosis.answer_ids.mapped("value")
            unknown = values.count(UNKNOWN)
            diagnosis.question_count = len(values)
            diagnosis.answered_count = len(values) - values.count(False) - unknown
            diagnosis.has_open_questions = not values or False in values
            told = self.env._(
                "%(answered)s of %(asked)s questions answered",
                answered=diagnosis.answered_count,
                asked=diagnosis.question_count,
            )
            diagnosis.answered_text = (
                self.env._("%(told)s, %(unknown)s not known", told=told, unknown=unknown) if unknown else told
            )

    @api.depends("state", "measured_on")
    def _compute_can_answer(self):
        """Answers belong to the days of measuring: a later diagnosis, or a month, makes them history."""
        rows = self.env["sdm.diagnosis"]._read_group(
            [("state", "=", "measured"), ("company_id", "in", self.company_id.ids)],
            ["company_id"],
            ["measured_on:max"],
        )
        newest = dict(rows)
        limit = fields.Datetime.now() - timedelta(days=ANSWER_DAYS)
        for diagnosis in self:
            diagnosis.can_answer = diagnosis.state == "draft" or (
                diagnosis.measured_on >= newest[diagnosis.company_id] and diagnosis.measured_on > limit
            )

    @api.model_create_multi
    def create(self, vals_list):
        diagnoses = super().create(vals_list)
        diagnoses._ask()
        return diagnoses

    def action_answer(self):
        """Open the questions, those included that were added since the diagnosis was made."""
        self.ensure_one()
        if self.can_answer and self.has_access("write"):
            self._ask()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Questions"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(self.env.ref("sdm_segmentation.sdm_diagnosis_view_form_questions").id, "form")],
        }

    def _ask(self):
        """Add the questions that are not asked yet, in the order of the roadmap, with the last answers given."""
        steps = self.env["sdm.roadmap.step"].sudo().search([("active", "=", True)])
        places = {place.code: place.position for place in arrange(steps._prepare_engine_steps())}
        questions = (
            self.env["sdm.diagnosis.question"]
            .sudo()
            .search([("active", "=", True), ("step_id", "in", steps.ids)])
            .sorted(lambda question: places[question.step_id.id])
        )
        rows = []
        for company, diagnoses in self.sudo().grouped("company_id").items():
            last = questions._get_last_answers(company)
            for diagnosis in diagnoses:
                asked = diagnosis.answer_ids.question_id
                rows += [
                    {
                        "diagnosis_id": diagnosis.id,
                        "question_id": question.id,
                        "step_id": question.step_id.id,
                        "sequence": sequence,
                        "suggestion": last.get(question),
                    }
                    for sequence, question in enumerate(questions)
                    if question not in asked
                ]
        self.env["sdm.diagnosis.answer"].sudo().create(rows)

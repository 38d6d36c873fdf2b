from odoo import fields, models

from .sdm_diagnosis_answer import UNKNOWN


class SdmDiagnosisQuestion(models.Model):
    """What data cannot show of a step, asked in a diagnosis."""

    _name = "sdm.diagnosis.question"
    _description = "Diagnosis Question"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char("Question", required=True, translate=True, tracking=True)
    hint = fields.Text("How to tell", translate=True, help="How to find out the answer within a few minutes.")
    step_id = fields.Many2one("sdm.roadmap.step", required=True, ondelete="cascade", index=True, tracking=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True, tracking=True, help="An archived question is left out of the next diagnosis.")

    def _get_last_answers(self, company):
        """What was answered last, where anything was known.

        :param company: of the diagnoses
        :return: dict {question: value of the answer}
        """
        Answer = self.env["sdm.diagnosis.answer"]
        rows = Answer._read_group(
            [
                ("question_id", "in", self.ids),
                ("company_id", "=", company.id),
                ("value", "not in", [False, UNKNOWN]),
            ],
            ["question_id"],
            ["id:max"],
        )
        answers = Answer.browse(answer for _question, answer in rows)
        return {answer.question_id: answer.value for answer in answers}

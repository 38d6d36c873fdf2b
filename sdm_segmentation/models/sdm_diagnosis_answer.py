from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .selections import name_of

UNKNOWN = "unknown"
# One scale for all questions, so that answers become the maturity of a step
ANSWERS = [
    ("0", "No"),
    ("1", "In heads"),
    ("2", "Written down"),
    ("3", "Followed"),
    ("4", "Reviewed on facts"),
    (UNKNOWN, "Don't know"),
]


class SdmDiagnosisAnswer(models.Model):
    """A question of a diagnosis with its answer: who said so, and when."""

    _name = "sdm.diagnosis.answer"
    _description = "Diagnosis Answer"
    _inherit = ["sdm.guarded.mixin"]
    _order = "diagnosis_id desc, sequence, id"
    _rec_name = "question_id"

    diagnosis_id = fields.Many2one("sdm.diagnosis", required=True, ondelete="cascade", index=True)
    question_id = fields.Many2one("sdm.diagnosis.question", required=True, ondelete="restrict", index=True)
    hint = fields.Text(related="question_id.hint")
    step_id = fields.Many2one("sdm.roadmap.step", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer()
    company_id = fields.Many2one(related="diagnosis_id.company_id", store=True)
    value = fields.Selection(ANSWERS, string="Answer")
    suggestion = fields.Selection(ANSWERS, string="Last time", help="What was answered in an earlier diagnosis.")
    comment = fields.Char()
    user_id = fields.Many2one("res.users", string="Answered by")
    date = fields.Date("Answered on")

    _diagnosis_question_uniq = models.Constraint(
        "UNIQUE(diagnosis_id, question_id)", "A diagnosis asks a question once."
    )

    def write(self, vals):
        """Answer; who answers and when is kept by itself."""
        self.check_access("write")
        if not self.env.su and vals.keys() - {"value", "comment"}:
            raise AccessError(self.env._("Choose an answer or write a comment; questions are set under Configuration."))
        for diagnosis in self.diagnosis_id:
            if not diagnosis.can_answer:
                raise UserError(
                    self.env._(
                        "The answers of “%(diagnosis)s” are kept as they were. Make a new diagnosis: it offers them "
                        "again.",
                        diagnosis=diagnosis.display_name,
                    )
                )
        if "value" in vals:
            vals = {**vals, "user_id": self.env.uid, "date": fields.Date.context_today(self)}
        return super().write(vals)

    def _get_number(self):
        """The answer as a number of the scale; None where nobody answered or somebody does not know."""
        self.ensure_one()
        return None if self.value in (False, UNKNOWN) else int(self.value)

    def _prepare_board(self):
        """The question with its answer as the board shows it.

        :return: dict ready for JSON
        """
        self.ensure_one()
        return {
            "id": self.id,
            "question": self.question_id.name,
            "value": self.value,
            "value_name": name_of(self, "value"),
            "comment": self.comment,
        }

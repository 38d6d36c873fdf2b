from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..engine.diagnosis import ATTENTION, CRITICAL, FINE, INFORMATION, NO_DATA
from .sdm_diagnosis_measure import NO_BREAK
from .selections import name_of


class SdmDiagnosisFigure(models.Model):
    """A measured figure of a diagnosis: numbers are kept, words are made for the reader's language."""

    _name = "sdm.diagnosis.figure"
    _description = "Diagnosis Figure"
    _order = "diagnosis_id desc, diagnosis_step_id, sequence, id"
    _rec_name = "measure_id"

    diagnosis_step_id = fields.Many2one("sdm.diagnosis.step", required=True, ondelete="cascade", index=True)
    diagnosis_id = fields.Many2one(related="diagnosis_step_id.diagnosis_id", store=True, index=True)
    step_id = fields.Many2one(related="diagnosis_step_id.step_id", store=True, index=True)
    position = fields.Integer(related="diagnosis_step_id.position")
    rank = fields.Integer(related="diagnosis_step_id.rank")
    verdict = fields.Selection(related="diagnosis_step_id.level", string="Verdict on the step")
    date = fields.Date(related="diagnosis_id.date", store=True)
    company_id = fields.Many2one(related="diagnosis_id.company_id", store=True)
    measure_id = fields.Many2one(
        "sdm.diagnosis.measure", string="Figure", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer()
    unit = fields.Selection(related="measure_id.unit")
    has_value = fields.Boolean(help="No data is not zero.")
    value = fields.Float("Number", digits=(16, 6), aggregator="avg")
    part = fields.Float(digits=(16, 2), aggregator=None, help="How many of the population the figure is about.")
    base = fields.Float("Out of", digits=(16, 2), aggregator=None, help="Size of the population.")
    details = fields.Json(help="Names and amounts for the sentence.")
    limit_text = fields.Char("Limits", compute="_compute_texts")
    limit_attention = fields.Float(digits=(16, 4), aggregator=None, help="Limit in force when the figure was judged.")
    limit_critical = fields.Float(digits=(16, 4), aggregator=None, help="Limit in force when the figure was judged.")
    level = fields.Selection(
        [
            (CRITICAL, "Critical"),
            (ATTENTION, "Attention"),
            (FINE, "Fine"),
            (INFORMATION, "For information"),
            (NO_DATA, "No data"),
        ],
        required=True,
    )
    value_text = fields.Char("Value", compute="_compute_texts")
    sentence = fields.Text("What it means", compute="_compute_texts")
    definition = fields.Text(related="measure_id.definition")
    has_records = fields.Boolean(compute="_compute_has_records")

    @api.depends_context("lang")
    @api.depends(
        "measure_id",
        "level",
        "has_value",
        "value",
        "part",
        "base",
        "details",
        "limit_attention",
        "limit_critical",
    )
    def _compute_texts(self):
        for figure in self:
            if not figure.has_value:
                figure.value_text = "–"
                figure.limit_text = False
                figure.sentence = figure.measure_id._tell(figure.level, {})
                continue
            figure.value_text = figure.measure_id._format(figure.value)
            figure.limit_text = (
                self.env._(
                    "Attention at %(attention)s, critical at %(critical)s.",
                    attention=figure.measure_id._format(figure.limit_attention),
                    critical=figure.measure_id._format(figure.limit_critical),
                )
                if figure.level not in (INFORMATION, NO_DATA)
                else False
            )
            figure.sentence = figure.measure_id._tell(figure.level, figure._get_words())

    @api.depends("part", "has_value", "measure_id")
    def _compute_has_records(self):
        for figure in self:
            figure.has_records = bool(
                figure.has_value and figure.part and figure.diagnosis_id._has_records(figure.measure_id.code)
            )

    def action_open_records(self):
        """Open the records behind the figure, as they are now."""
        self.ensure_one()
        action = self.diagnosis_id._prepare_figure_action(self.measure_id.code)
        action["name"] = self.measure_id.name
        return action

    def _tell_values(self):
        """Names and values of the figures in one line."""
        return "; ".join(f"{figure.measure_id.name} {figure.value_text}" for figure in self)

    def _get_words(self):
        """Texts for the placeholders of the sentence.

        A detail's type says how it is written: ``*_rate`` is a share, ``*_amount`` money of the company, ``*_date`` a
        date, ``*_month`` a month; everything else is a number or a text.
        """
        self.ensure_one()
        words = {
            "value": self.value_text,
            "part": formatLang(self.env, self.part, digits=0),
            "base": formatLang(self.env, self.base, digits=0),
        }
        for key, detail in (self.details or {}).items():
            if key.endswith("_rate"):
                words[key] = f"{formatLang(self.env, detail * 100, digits=1)}{NO_BREAK}%"
            elif key.endswith("_amount"):
                currency = self.diagnosis_id.currency_id
                words[key] = formatLang(self.env, detail, currency_obj=currency, rounding_unit="units")
            elif key.endswith("_month"):
                words[key] = format_date(self.env, detail, date_format="LLLL yyyy")
            elif key.endswith("_date"):
                words[key] = format_date(self.env, detail)
            elif isinstance(detail, (int, float)):
                words[key] = formatLang(self.env, detail, digits=0 if detail == int(detail) else 1)
            else:
                words[key] = detail
        return words

    def _prepare_board(self):
        """The figure as the board shows it.

        :return: dict ready for JSON
        """
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.measure_id.name,
            "level": self.level,
            "level_name": name_of(self, "level"),
            "presses": self.level in (CRITICAL, ATTENTION),
            "value": self.value_text,
            "sentence": self.sentence,
            "definition": self.definition,
            "limits": self.limit_text,
            "has_records": self.has_records,
        }

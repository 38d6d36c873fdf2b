from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..engine.comparison import compare
from ..engine.diagnosis import ATTENTION, CRITICAL, FINE, INFORMATION, NO_DATA, Limits, Measurement
from .sdm_diagnosis_comparison import CHANGES
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
    conclusive = fields.Boolean(default=True, help="Not where chance alone gives a figure of that size.")
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
    then_id = fields.Many2one("sdm.diagnosis.figure", string="Earlier figure", compute="_compute_change")
    change = fields.Selection(CHANGES, compute="_compute_change", help="Since the earlier diagnosis; noise is none.")
    news = fields.Selection(
        [("critical", "Newly critical"), ("resolved", "No longer critical")], compute="_compute_change"
    )

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

    @api.depends("diagnosis_id.compared_id", "value", "part", "base", "level")
    @api.depends_context("sdm_compared_id")
    def _compute_change(self):
        for diagnosis, figures in self.grouped("diagnosis_id").items():
            compared = diagnosis._get_compared()
            earlier = {figure.measure_id: figure for figure in compared.figure_ids}
            other_source = diagnosis.measured_source != compared.measured_source
            source_codes = diagnosis._get_source_codes() if other_source else ()
            for figure in figures:
                then = earlier.get(figure.measure_id)
                figure.then_id = then
                if then is None or figure.measure_id.code in source_codes:
                    figure.change = figure.news = False
                    continue
                found = compare(
                    then._prepare_measurement(),
                    figure._prepare_measurement(),
                    figure._get_limits(),
                    is_share=figure.unit == "share",
                )
                figure.change = found.direction
                figure.news = "critical" if found.is_new_critical else "resolved" if found.is_resolved else False

    def action_open_records(self):
        """Open the records behind the figure, as they are now."""
        self.ensure_one()
        action = self.diagnosis_id._prepare_figure_action(self.measure_id.code)
        action["name"] = self.measure_id.name
        return action

    def _prepare_measurement(self):
        """What was measured, for the engine."""
        self.ensure_one()
        return Measurement(self.value if self.has_value else None, self.base, self.part, conclusive=self.conclusive)

    def _get_limits(self):
        """The limits in force when the figure was judged, for the engine."""
        self.ensure_one()
        judged = self.level in (CRITICAL, ATTENTION, FINE)
        return Limits(
            attention=self.limit_attention if judged else None,
            critical=self.limit_critical if judged else None,
            lower_is_worse=self.measure_id.lower_is_worse,
            minimum_base=self.measure_id.minimum_base,
        )

    def _tell_change(self):
        """The earlier value and what became of it, in a few words; empty where there was none."""
        self.ensure_one()
        if not self.then_id.has_value:
            return ""
        return self.env._(
            "%(value)s on %(date)s: %(change)s",
            value=self.then_id.value_text,
            date=format_date(self.env, self.then_id.date),
            change=(name_of(self, "change") or self.env._("Cannot be compared")).lower(),
        )

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
            "change": self.change,
            "change_text": self._tell_change(),
            "then": self.then_id.value_text,
            "news": self.news,
            "news_name": name_of(self, "news"),
        }

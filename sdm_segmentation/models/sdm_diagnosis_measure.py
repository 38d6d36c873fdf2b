from string import Template

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ..engine.diagnosis import FINE, NO_DATA, Limits

# Keeps a number and its unit on one line
NO_BREAK = "\N{NO-BREAK SPACE}"
UNITS = [
    ("share", "Share (%)"),
    ("points", "Percentage points"),
    ("days", "Days"),
    ("times", "Times"),
    ("number", "Number"),
]


class SdmDiagnosisMeasure(models.Model):
    """What a diagnosis measures, how it is judged, and the words it is told in.

    The words are templates with ``$part``, ``$base``, ``$value`` and the names and amounts that the measurement gives,
    so that a diagnosis made in one language reads right in another.
    """

    _name = "sdm.diagnosis.measure"
    _description = "Diagnosis Measure"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True, help="An archived measure is left out of the next diagnosis.")
    step_id = fields.Many2one("sdm.roadmap.step", required=True, ondelete="cascade", index=True)
    unit = fields.Selection(UNITS, required=True, default="share", readonly=True)
    definition = fields.Text(required=True, translate=True, help="What exactly is counted.")
    sentence = fields.Text(required=True, translate=True, help="What the figure means, in plain words.")
    sentence_fine = fields.Text("What it means when it is fine", translate=True, help="Told instead of a warning.")
    missing = fields.Text(
        "If there is nothing to measure", required=True, translate=True, help="What is missing to measure it."
    )
    is_judged = fields.Boolean(
        "Judged", default=True, tracking=True, help="Otherwise the figure informs and has no limits."
    )
    lower_is_worse = fields.Boolean("Lower is worse", readonly=True, help="The figure is bad when it is low.")
    limit_attention = fields.Float(
        "Attention from", digits=(16, 4), tracking=True, help="In the unit of the figure; a share is 0 to 1."
    )
    limit_critical = fields.Float(
        "Critical from", digits=(16, 4), tracking=True, help="In the unit of the figure; a share is 0 to 1."
    )
    minimum_base = fields.Integer(
        "Judged from",
        default=1,
        required=True,
        tracking=True,
        help="A figure from fewer records than this is shown but not judged.",
    )

    limit_attention_text = fields.Char("Attention from (in words)", compute="_compute_limit_texts")
    limit_critical_text = fields.Char("Critical from (in words)", compute="_compute_limit_texts")

    _code_uniq = models.Constraint("UNIQUE(code)", "Another measure has this code already.")

    @api.depends("unit", "is_judged", "limit_attention", "limit_critical")
    @api.depends_context("lang")
    def _compute_limit_texts(self):
        for measure in self:
            measure.limit_attention_text = measure.is_judged and measure._format(measure.limit_attention)
            measure.limit_critical_text = measure.is_judged and measure._format(measure.limit_critical)

    @api.constrains("is_judged", "lower_is_worse", "limit_attention", "limit_critical")
    def _check_limits(self):
        for measure in self.filtered("is_judged"):
            wrong = (
                measure.limit_critical > measure.limit_attention
                if measure.lower_is_worse
                else measure.limit_critical < measure.limit_attention
            )
            if wrong:
                raise ValidationError(
                    self.env._(
                        "“%(measure)s”: the critical limit must lie beyond the one for attention. Change one of them.",
                        measure=measure.name,
                    )
                )

    def _get_limits(self):
        """The limits of the measure for the engine."""
        self.ensure_one()
        return Limits(
            attention=self.limit_attention if self.is_judged else None,
            critical=self.limit_critical if self.is_judged else None,
            lower_is_worse=self.lower_is_worse,
            minimum_base=self.minimum_base,
        )

    def _format(self, value):
        """A number in the measure's unit, as the reader's language writes it.

        :param value: shares and percentage points as 0..1
        """
        self.ensure_one()
        if self.unit in ("share", "points"):
            percent = value * 100
            # small shares need a decimal, unless it is a zero; 0.05 * 100 is not exactly 5
            digits = 0 if abs(percent) >= 10 or abs(percent - round(percent)) < 0.05 else 1
            number = formatLang(self.env, percent, digits=digits)
            return f"{number}{NO_BREAK}%" if self.unit == "share" else self.env._("%(number)s pp", number=number)
        if self.unit == "times":
            return f"{formatLang(self.env, value, digits=1)}×"
        if self.unit == "days":
            number = formatLang(self.env, value, digits=0 if value == int(value) else 1)
            return self.env._("%(number)s days", number=number)
        return formatLang(self.env, value, digits=0)

    def _tell(self, level, values):
        """Tell a figure in the user's language.

        :param level: how it was judged
        :param values: dict of texts for the placeholders
        """
        self.ensure_one()
        if level == NO_DATA:
            return self.missing
        # Template only substitutes: unlike str.format it cannot reach into objects.
        return Template((level == FINE and self.sentence_fine) or self.sentence).safe_substitute(values)

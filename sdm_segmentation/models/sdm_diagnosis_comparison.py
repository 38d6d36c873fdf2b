from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..engine.comparison import BETTER, DIFFERENT, SAME, WORSE
from .selections import name_of

CHANGES = [(BETTER, "Better"), (WORSE, "Worse"), (SAME, "No clear change"), (DIFFERENT, "Changed")]


class SdmDiagnosis(models.Model):
    """A diagnosis beside an earlier one: what became better and what worse, and what is only noise."""

    _inherit = "sdm.diagnosis"

    compared_id = fields.Many2one(
        "sdm.diagnosis",
        string="Compared with",
        compute="_compute_compared_id",
        store=True,
        readonly=False,
        check_company=True,
        ondelete="set null",
        domain="[('state', '=', 'measured'), ('company_id', '=', company_id), ('date', '<=', date), ('id', '!=', id)]",
        help="An earlier diagnosis of the company; the one before if you choose none.",
    )
    comparison = fields.Text(compute="_compute_comparison")

    @api.depends("state", "date", "company_id")
    def _compute_compared_id(self):
        for diagnosis in self:
            diagnosis.compared_id = diagnosis.state == "measured" and diagnosis._get_previous()

    @api.depends("compared_id", "measured_source", "step_ids.maturity")
    @api.depends_context("lang")
    def _compute_comparison(self):
        for diagnosis in self:
            diagnosis.comparison = diagnosis._with_compared()._tell_comparison() if diagnosis.compared_id else False

    @api.constrains("compared_id", "date")
    def _check_compared_id(self):
        for diagnosis in self.filtered("compared_id"):
            earlier = diagnosis.compared_id
            if earlier == diagnosis or earlier.state != "measured" or earlier.date > diagnosis.date:
                raise ValidationError(
                    self.env._(
                        "%(diagnosis)s cannot be compared with %(other)s: choose another one that is measured, as of "
                        "the same or an earlier day.",
                        diagnosis=diagnosis.display_name,
                        other=earlier.display_name,
                    )
                )

    def _get_previous(self):
        """The last measured diagnosis of the company as of an earlier day, or none."""
        self.ensure_one()
        return self.search(
            Domain("state", "=", "measured")
            & Domain("company_id", "=", self.company_id.id)
            & Domain("date", "<", self.date),
            limit=1,
        )

    def _with_compared(self):
        """The diagnosis as it is saved, beside the earlier one that is chosen on the screen, saved or not."""
        self.ensure_one()
        return self._origin.with_context(sdm_compared_id=self.compared_id._origin.id)

    def _get_compared(self):
        """The earlier diagnosis to compare with, or none."""
        self.ensure_one()
        if "sdm_compared_id" in self.env.context:
            return self.browse(self.env.context["sdm_compared_id"])
        return self.compared_id

    def _get_source_codes(self):
        """Figures that cannot be compared where revenue was taken from other documents.

        :return: set of codes of measures
        """
        return set()

    def _tell_comparison(self):
        """What changed since the earlier diagnosis, in sentences, a line each."""
        self.ensure_one()
        earlier = self._get_compared()
        known = self.figure_ids.filtered(lambda figure: figure.has_value or figure.then_id.has_value)
        changes = known.mapped("change")
        lines = [
            self.env._(
                "Compared with %(date)s: better %(better)s, worse %(worse)s, no clear change %(same)s, not comparable "
                "%(unknown)s.",
                date=format_date(self.env, earlier.date),
                better=changes.count(BETTER),
                worse=changes.count(WORSE),
                same=changes.count(SAME),
                unknown=changes.count(False),
            )
        ]
        for news, told in self.figure_ids._fields["news"]._description_selection(self.env):
            figures = self.figure_ids.filtered(lambda figure, news=news: figure.news == news)
            if figures:
                lines.append(f"{told}: {figures._tell_values()}.")
        for change, told in ((BETTER, self.env._("Maturity up")), (WORSE, self.env._("Maturity down"))):
            steps = self.step_ids.filtered(lambda line, change=change: line.change == change)
            if steps:
                names = "; ".join(
                    f"{line.step_id.name} {line.then_id.maturity}\N{RIGHTWARDS ARROW}{line.maturity}" for line in steps
                )
                lines.append(f"{told}: {names}.")
        if self.measured_source != earlier.measured_source:
            lines.append(
                self.env._(
                    "Revenue was taken from other documents then (%(documents)s), so figures on revenue are not "
                    "compared.",
                    documents=name_of(earlier, "measured_source"),
                )
            )
        return "\n".join(lines)

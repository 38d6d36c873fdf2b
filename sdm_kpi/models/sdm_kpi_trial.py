from collections import defaultdict
from decimal import Decimal

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date, formatLang

from ..engine import formula, periods
from .sdm_kpi_source import Scope

MONTHS_SHOWN = 4
PEOPLE_SHOWN = 5


class SdmKpi(models.Model):
    """What a KPI would show, before it is saved."""

    _inherit = "sdm.kpi"

    @api.model
    def _get_trial_months(self):
        """The present month and those before it."""
        present = periods.month_of(fields.Date.context_today(self))
        return [periods.add_months(present, count) for count in range(1 - MONTHS_SHOWN, 1)]

    @api.depends(
        "kind", "source", "measure", "filter_domain", "numerator_id", "denominator_id", "formula", "unit", "direction"
    )
    @api.depends_context("lang", "allowed_company_ids", "uid")
    def _compute_trial(self):
        for kpi in self:
            kpi.trial = kpi._try() if self.env.user.has_group("sdm_segmentation.group_sdm_director") else False

    def _try(self):
        """A table of the last months: the whole, those without a person, and who has most."""
        perimeter = self.env["sdm.perimeter"]._get_default()
        # what was sent with the form as worked out does not count
        hidden = self._tells_margin(self._find_inputs()) and not self.env.user.has_group(
            "sdm_segmentation.group_sdm_margin"
        )
        if not perimeter:
            return False
        try:
            self._check_measure()
            if hidden:
                return False
            values = self._get_trial_values(perimeter)
        except ValidationError as error:
            return Markup("<p class='text-danger'>%s</p>") % error.args[0]
        months = self._get_trial_months()
        if not any(value is not None for value in values.values()):
            if self.kind == "manual":
                return Markup("<p class='text-muted'>%s</p>") % self.env._(
                    "No values of the last four months yet. Save the KPI, then enter or import them under “Values”."
                )
            return Markup("<p class='text-muted'>%s</p>") % self.env._("Nothing of the last four months counts here.")
        people = sorted(
            {person for person, _month in values if isinstance(person, int)},
            key=lambda person: max(values.get((person, month)) or 0 for month in months),
            reverse=self.direction == "up",
        )[:PEOPLE_SHOWN]
        names = {card.id: card.name for card in self.env["hr.employee"].sudo().browse(people)}
        rows = [("whole", self.env._("All together")), *((person, names[person]) for person in people)]
        if any((None, month) in values for month in months):
            rows.append((None, self.env._("Without a person")))
        head = Markup("").join(
            Markup("<th class='text-end'>%s</th>") % format_date(self.env, month, date_format="LLL yyyy")
            for month in months
        )
        body = Markup("").join(
            Markup("<tr><td>%s</td>%s</tr>")
            % (name, Markup("").join(self._tell_trial_value(values, key, month) for month in months))
            for key, name in rows
        )
        return Markup("<table class='table table-sm w-auto'><tr><th></th>%s</tr>%s</table>") % (head, body)

    def _tell_trial_value(self, values, key, month):
        value = values.get((key, month))
        if value is None:
            return Markup("<td class='text-end text-muted'>–</td>")
        before = values.get((key, periods.add_months(month, -1)))
        # a month that is not over says nothing yet
        is_over = month != self._get_trial_months()[-1]
        worse = before is not None and (value < before if self.direction == "up" else value > before)
        color = " text-danger" if is_over and worse else ""
        is_whole = self.unit == "money" or self.unit == "number" and self.kind not in ("ratio", "formula")
        return Markup("<td class='text-end%s'>%s</td>") % (
            color,
            formatLang(self.env, float(value), digits=0 if is_whole else 1),
        )

    def _get_trial_values(self, perimeter):
        """Values by person and month; the person ``whole`` is all together, None who has none.

        :return: {(person, month): number, or None where there is no value}
        """
        if self.kind not in ("ratio", "formula"):
            return self._count(perimeter, *self._get_trial_months()[::3])
        if self.kind == "ratio":
            inputs = self.numerator_id | self.denominator_id
            if not (self.numerator_id and self.denominator_id):
                return {}
        else:
            self._check_formula()
            inputs = self.with_context(active_test=False).search([("code", "in", self._get_formula_names())])
        expanded = inputs._expand()
        expanded = {code: tree for code, tree in expanded.items() if code != (self._origin.code or self.code)}
        try:
            tree = formula.expand({**expanded, "": self._prepare_engine_formula()})[""]
        except formula.FormulaError as error:
            raise ValidationError(self._tell_formula_error(error)) from error
        counted = self.with_context(active_test=False).search([("code", "in", formula.names(tree))])
        found = defaultdict(dict)
        for kpi in counted:
            for key, value in kpi._count(perimeter, *self._get_trial_months()[::3]).items():
                found[key][kpi.code] = value
        values = {}
        for key, known in found.items():
            value = formula.evaluate(tree, known.get)
            values[key] = None if isinstance(value, formula.NotAvailable) else value
        return values

    def _count(self, perimeter, first, last):
        """Count a KPI now, from the documents.

        :return: {(person, month): Decimal}; the person ``whole`` is all together, None who has none
        """
        self.ensure_one()
        tables, conditions = self._query_conditions()
        [condition] = conditions.values()
        measure = self._get_measure()
        value = (
            SQL("COUNT(DISTINCT entry.partner_id) FILTER (WHERE entry.share > 0)")
            if measure == "customers"
            else SQL("SUM(entry.%s)", SQL.identifier(measure))
        )
        rows = self.env.execute_query(
            SQL(
                """WITH entry AS MATERIALIZED (%s)
                SELECT date_trunc('month', entry.date)::date, GROUPING(entry.employee_id), entry.employee_id, (%s)::text
                  FROM %s WHERE %s
                 GROUP BY GROUPING SETS ((1, entry.employee_id), (1))""",
                self.env["sdm.kpi.source"].sudo()._query_entries(Scope(perimeter), self._get_source(), first, last),
                value,
                tables,
                condition,
            )
        )
        return {
            ("whole" if whole else person, month): Decimal(number)
            for month, whole, person, number in rows
            if number is not None
        }

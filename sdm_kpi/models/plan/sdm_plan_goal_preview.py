from collections import defaultdict
from decimal import Decimal

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...engine import periods
from ...engine.plan import department, weights
from .sdm_plan_goal import NEEDED, YEAR

INDENT = 1.25


class SdmPlanGoal(models.Model):
    """What a goal would write, before it is written."""

    _inherit = "sdm.plan.goal"

    preview = fields.Html(compute="_compute_preview", sanitize=False)
    notice = fields.Html(compute="_compute_notice", sanitize=False)

    @api.depends("step", "month_ids.share", "part_ids.amount", "amount", "rounding")
    @api.depends_context("lang")
    def _compute_preview(self):
        for goal in self:
            if goal.step != "preview" or not goal._origin:
                goal.preview = False
                continue
            try:
                goal.preview = goal._origin._show()
            except UserError as error:
                goal.preview = Markup("<p class='alert alert-danger'>%s</p>") % error.args[0]

    @api.depends("month_ids.base_amount", "base_amount", "part_ids", "step")
    @api.depends_context("lang")
    def _compute_notice(self):
        for goal in self:
            texts = goal._get_notices() if goal._is_known() else []
            goal.notice = Markup("").join(Markup("<div>%s</div>") % text for text in texts)

    def _get_notices(self):
        """What is not there to go by, and what is done instead."""
        if self.goal_by == NEEDED:
            texts = [] if self.amount else [self._tell_no_conversion()]
        elif self.is_norm:
            texts = [self._tell_norm()]
        elif not self.base_amount:
            texts = [
                self.env._(
                    "There are no facts of “%(kpi)s” in the last twelve months: growth says nothing. Enter an amount; "
                    "it falls to months by working days and to people by capacity. If there should be facts, switch "
                    "the KPI on in the catalogue and compute them.",
                    kpi=self.kpi_id.name,
                )
            ]
        else:
            texts = self._get_notices_of_history()
        if self.step in ("people", "preview") and not self.part_ids:
            texts.append(
                self.env._(
                    "Nobody sells: no one has a position with a sales team, or sold anything. The goal stays with the "
                    "company. Enter positions under Structure, or write the targets and hand them down later."
                )
            )
        return texts

    def _get_notices_of_history(self):
        """What a history of less than a year cannot tell."""
        if self.is_norm:
            return []
        known = len(periods.months_between(min(self._get_totals()), self.date_history))
        if known >= YEAR or self.step not in ("goal", "months"):
            return []
        if self.step == "goal":
            return [
                self.env._(
                    "There are facts of %(count)s months only: growth counts on what came in these.", count=known
                )
            ]
        return [self.env._("There is no whole year of facts yet: the months follow their working days.")]

    # -- the table ----------------------------------------------------------------------------------------------------

    def _show(self):
        """The targets by group, person and month, with the facts of a year before, and who has none."""
        worked_out = self._work_out()
        months = self._get_months()
        cell = Markup("<th class='text-end'>%s</th>")
        head = cell % self.env._("Year") + cell % self.env._("Growth")
        head += Markup("").join(cell % format_date(self.env, month, date_format="LLL yy") for month in months)
        body = Markup("").join(self._show_row(worked_out, key, level, months) for key, level in worked_out.outline)
        table = Markup(
            "<div class='table-responsive'><table class='table table-sm table-hover w-auto'>"
            "<thead><tr><th></th>%s</tr></thead><tbody>%s</tbody></table></div>"
        ) % (head, body)
        legend = self.env._("Below each target stands the fact of that month a year before.")
        parts = [Markup("<p class='text-muted'>%s</p>") % legend, table]
        if not self.is_norm:
            parts += [self._show_axis(worked_out, name) for name in ("segment", "category")]
        parts.append(self._show_missing(worked_out))
        return Markup("").join([self._show_effect(worked_out), *parts])

    def _show_effect(self, worked_out):
        """What writing would do."""
        targets = self.env["sdm.plan.target"]
        present = [("version_id", "=", self.version_id.id), ("kpi_id", "=", self.kpi_id.id)]
        replaced = targets.search_count([*present, ("is_held", "=", False)])
        held = targets.search_count([*present, ("is_held", "=", True)])
        texts = [self.env._("%(count)s targets to write.", count=len(worked_out.cells))]
        if replaced:
            texts.append(self.env._("They take the place of %(count)s that are not held.", count=replaced))
        if held:
            texts.append(self.env._("%(count)s held ones stay.", count=held))
        if worked_out.weights and worked_out.weights.missing:
            labels = {
                weights.HISTORY: self.env._("history"),
                weights.POTENTIAL: self.env._("potential"),
                weights.CAPACITY: self.env._("capacity"),
            }
            names = ", ".join(labels[method] for method in worked_out.weights.missing if method in labels)
            texts.append(self.env._("Nobody has any %(names)s: capacity was taken instead.", names=names))
        return Markup("<p>%s</p>") % " ".join(texts)

    def _show_row(self, worked_out, key, level, months):
        is_group = key[0] != department.PERSON
        cells = Markup("").join(
            self._show_cell(worked_out.get(key, month), worked_out.base[key, month]) for month in months
        )
        year, before = worked_out.get_year(key, months), worked_out.get_base_year(key, months)
        # no minus before a zero
        change = round(float(100 * (year / before - 1)), 1) + 0.0 if before > 0 else None
        return Markup(
            "<tr class='%s'><td style='padding-left: %srem' class='text-nowrap'>%s</td>%s"
            "<td class='text-end text-nowrap'>%s</td>%s</tr>"
        ) % (
            "table-light fw-bold" if is_group else "",
            level * INDENT,
            self._tell_place(key),
            self._show_cell(year, before),
            "–" if change is None else f"{formatLang(self.env, change, digits=1)} %",
            cells,
        )

    def _show_cell(self, amount, before):
        return Markup("<td class='text-end text-nowrap'>%s<div class='small text-muted fw-normal'>%s</div></td>") % (
            self._tell_amount(amount),
            self._tell_amount(before) if before else "–",
        )

    def _tell_amount(self, amount):
        """A number as it is read: cents only where targets have them."""
        return formatLang(self.env, float(amount), digits=0 if self.rounding >= 1 else 2)

    def _show_axis(self, worked_out, name):
        """How much of each segment or product category there is to sell; nothing where targets are not divided so."""
        years = defaultdict(Decimal)
        for (cell, _team, _month), amount in worked_out.cells.items():
            years[getattr(cell, name)] += amount
        if not any(years):
            return Markup("")
        model = {"segment": "sdm.segment", "category": "product.category"}[name]
        titles = {"segment": self.env._("By segment"), "category": self.env._("By product category")}
        whole = sum(years.values())
        rows = Markup("").join(
            Markup("<tr><td>%s</td><td class='text-end'>%s</td><td class='text-end'>%s %%</td></tr>")
            % (
                self.env[model].sudo().browse(key).display_name if key else self.env._("Without"),
                self._tell_amount(amount),
                formatLang(self.env, float(100 * amount / whole), digits=1),
            )
            for key, amount in sorted(years.items(), key=lambda pair: -pair[1])
        )
        return Markup("<h5>%s</h5><table class='table table-sm w-auto'>%s</table>") % (titles[name], rows)

    def _show_missing(self, worked_out):
        if not worked_out.missing:
            return Markup("")
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        reasons = {
            "gone": self.env._("has no position in these months; the group keeps that part"),
            "left_out": self.env._("left out by hand"),
            "nothing": self.env._("gets nothing: no sales, no potential or no working time to go by"),
        }
        rows = Markup("").join(
            Markup("<li>%s</li>")
            % self.env._(
                "%(person)s: %(reason)s (%(amount)s in the last twelve months)",
                person=employees.browse(employee).name,
                reason=reasons[why],
                amount=self._tell_amount(amount),
            )
            for employee, why, amount in worked_out.missing
        )
        return Markup("<h5>%s</h5><ul>%s</ul>") % (self.env._("Without a target"), rows)

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ...engine.plan import weights
from .sdm_plan_goal import NEEDED


class SdmPlanTarget(models.Model):
    """Why a target is what it is."""

    _inherit = "sdm.plan.target"

    # it tells the goals of the groups above
    why = fields.Html(
        "Why this number",
        compute="_compute_why",
        sanitize=False,
        groups="sdm_segmentation.group_sdm_director,sdm_segmentation.group_sdm_auditor",
    )

    @api.depends("version_id", "kpi_id", "date", "employee_id", "head_id", "value", "is_held")
    @api.depends_context("lang")
    def _compute_why(self):
        found = self.env["sdm.plan.goal"].search(
            [("version_id", "in", self.version_id.ids), ("kpi_id", "in", self.kpi_id.ids)]
        )
        goals = {(goal.version_id, goal.kpi_id): goal for goal in found}
        for target in self:
            goal = goals.get((target.version_id, target.kpi_id))
            if target.is_held:
                lines = [self.env._("Held: entered by hand, and kept when goals are handed down.")]
            elif not goal or not goal.written_on:
                lines = [self.env._("Entered by hand: there is no goal that it was handed down from.")]
            else:
                lines = goal._explain(target)
            target.why = Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(
                Markup("<li>%s</li>") % line for line in lines
            )


class SdmPlanGoal(models.Model):
    """What a goal says of its targets."""

    _inherit = "sdm.plan.goal"

    def _explain(self, target):
        """The way from the goal to a target, in words.

        :param target: sdm.plan.target; :return: list of sentences
        """
        self.ensure_one()
        lines = [self._explain_goal()]
        if self.is_norm:
            own = self._get_parts_above(target)[-1:]
            by_hand = [self._explain_part(part) for part in own if part.is_by_hand]
            return [*lines, *(by_hand or [self._tell_norm()])]
        month = self.month_ids.filtered(lambda row: row.date == target.date)
        if month:
            lines.append(self._explain_month(month))
        for part in self._get_parts_above(target):
            lines.append(self._explain_part(part))
        return lines

    def _get_parts_above(self, target):
        """The groups that a target is in, from the top, and its person."""
        groups = {part.head_id: part for part in self.part_ids.filtered("is_group")}
        people = {(part.employee_id, part.head_id): part for part in self.part_ids - self.part_ids.filtered("is_group")}
        tops = {part.employee_id: part.head_id for part in people.values()}
        path, head = [], target.head_id
        while head in groups and groups[head] not in path:
            path.insert(0, groups[head])
            head = tops.get(head, head.browse())
        own = people.get((target.employee_id, target.head_id))
        return [*path, *([own] if own else [])]

    def _explain_goal(self):
        words = {
            "kpi": self.kpi_id.name,
            "goal": self._tell_amount(self.amount),
            "base": self._tell_amount(self.base_amount),
            "change": formatLang(self.env, 100 * self.change, digits=1),
        }
        if self.goal_by == NEEDED:
            return self.env._(
                "Goal of %(kpi)s: %(goal)s, what the targets of “%(of)s” take.", of=self.from_kpi_id.name, **words
            )
        if not self.base_amount:
            return self.env._("Goal of %(kpi)s: %(goal)s, entered as an amount.", **words)
        return self.env._(
            "Goal of %(kpi)s: %(goal)s, that is %(base)s of the last twelve months and %(change)s %%.", **words
        )

    def _explain_month(self, month):
        words = {
            "month": format_date(self.env, month.date, date_format="LLLL yyyy"),
            "share": formatLang(self.env, month.share, digits=2),
            "days": month.working_days,
            "before": self._tell_amount(month.base_amount),
            "goal": self._tell_amount(month.amount),
        }
        if month.is_by_hand:
            return self.env._("%(month)s: %(share)s %% of the year, entered by hand, is %(goal)s.", **words)
        return self.env._(
            "%(month)s: %(share)s %% of the year by history and %(days)s working days, is %(goal)s. A year before it "
            "was %(before)s.",
            **words,
        )

    def _explain_part(self, part):
        basis = dict(part._fields["basis"]._description_selection(self.env))
        words = {
            "place": part.name.strip(),
            "share": formatLang(self.env, part.share, digits=2),
            "goal": self._tell_amount(part.amount),
            "before": self._tell_amount(part.base_amount),
            "basis": basis.get(part.basis, ""),
            "year": self._tell_amount(part.year_amount),
            "months": formatLang(self.env, part.presence, digits=1),
            "methods": self._tell_mix(),
        }
        if part.is_by_hand:
            return self.env._("%(place)s: %(goal)s, entered by hand.", **words)
        if part.is_group:
            return self.env._(
                "%(place)s: %(share)s %% of the goal, %(goal)s; %(before)s in the last twelve months.", **words
            )
        if part.ratio_origin:
            origins = dict(part._fields["ratio_origin"]._description_selection(self.env))
            return self.env._(
                "%(place)s: %(goal)s; %(ratio)s of “%(of)s”. Conversion: %(origin)s.",
                ratio=self._tell_ratio_of(part.ratio),
                of=self.from_kpi_id.name,
                origin=origins[part.ratio_origin],
                **words,
            )
        return self.env._(
            "%(place)s: %(share)s %% of the goal, %(goal)s, %(methods)s; %(before)s in the last twelve months "
            "(%(basis)s, %(year)s a year), there for %(months)s months of the plan.",
            **words,
        )

    def _tell_mix(self):
        """By what the goal falls to people, in words."""
        labels = {
            weights.HISTORY: self.env._("by history"),
            weights.POTENTIAL: self.env._("by potential"),
            weights.CAPACITY: self.env._("by capacity"),
            weights.EQUAL: self.env._("evenly"),
        }
        mix = {method: weight for method, weight in self._get_mix().items() if weight}
        if len(mix) == 1:
            return labels[next(iter(mix))]
        whole = sum(mix.values())
        return ", ".join(
            f"{labels[method]} {formatLang(self.env, 100 * weight / whole, digits=0)} %"
            for method, weight in mix.items()
        )

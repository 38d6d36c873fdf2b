from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import formatLang

from ...engine import facts
from ...engine.plan.cascade import CascadeError, Node, cascade
from ...engine.plan.spread import spread

# What stands in the months that are over
ACTUAL, TARGET = "actual", "target"
# Who makes up for what is missing
PERSON, ALL = "person", "all"


class SdmPlanVersion(models.Model):
    """The rest of the year planned anew: what was not reached falls to the months that are left."""

    _inherit = "sdm.plan.version"

    def action_replan(self):
        """Ask from which month on, and who makes up for what is missing."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan the rest anew"),
            "res_model": "sdm.plan.replan",
            "view_mode": "form",
            "target": "new",
            "context": {"default_version_id": self.id},
        }

    def _replan(self, month, past=ACTUAL, scope=PERSON, keeps_ahead=True):
        """A draft in which the months left bring what the months before did not.

        What cannot be added up over months (shares, states, counts of customers) stays as it is. Held targets stay.

        :param month: the first one that is planned anew; :param past: what stands in the months before, ``actual`` or
            ``target``; :param scope: ``person``: each makes up for the own part, ``all``: all together, by their shares
        :param keeps_ahead: nobody's months left (of all together: those of all) are lowered because of good results
        :return: the draft
        :raise UserError: KPI without facts, no month left, or held targets that leave no room, by name
        """
        self.ensure_one()
        self._check_replan(month)
        draft = self.copy({"name": self.env._("%(scenario)s, re-planned", scenario=self.name)})
        draft.sudo()._redistribute(month, past, scope, keeps_ahead)
        return draft

    def _check_replan(self, month):
        plan = self.plan_id
        if not plan.date_from < month <= plan.date_to:
            raise UserError(
                self.env._(
                    "Choose a month after the first one of “%(plan)s” and until its last one.", plan=plan.display_name
                )
            )
        planned = self.env["sdm.plan.target"].sudo()._read_group([("version_id", "=", self.id)], ["kpi_id"])
        off = [kpi.name for (kpi,) in planned if kpi.semantics == facts.FLOW and not kpi.is_on]
        if off:
            raise UserError(
                self.env._(
                    "There are no facts of %(kpis)s: switch them on in the catalogue and compute the facts.",
                    kpis=", ".join(off),
                )
            )

    def _redistribute(self, month, past, scope, keeps_ahead):
        Target = self.env["sdm.plan.target"]
        targets = Target.search([("version_id", "=", self.id), ("kpi_id.semantics", "=", facts.FLOW)], order="date, id")
        actual = self._get_reached(targets, month)
        values = {target: _exact(target.value) for target in targets}
        goals, reached = defaultdict(Decimal), defaultdict(Decimal)
        left = defaultdict(list)
        heads = {}
        for target, value in values.items():
            unit = target._get_unit()
            heads[unit] = target.head_id
            goals[unit] += value
            if target.date < month:
                reached[unit] += actual[target]
            else:
                left[unit].append(target)
        self._hand_over_leavers(goals, reached, left, heads, values, month)
        if past == ACTUAL:
            values |= actual
        for kpi, units in _by_kpi(goals).items():
            try:
                for together in [units] if scope == ALL else [[unit] for unit in units]:
                    missing = sum((goals[unit] - reached[unit] for unit in together), Decimal(0))
                    values |= self._share(missing, {unit: left[unit] for unit in together}, values, keeps_ahead)
            except CascadeError as error:
                raise UserError(self._tell_held(kpi, error)) from error
        Target._set_values({target: value for target, value in values.items() if value != _exact(target.value)})

    def _share(self, goal, left, values, keeps_ahead):
        """Hand what is missing down to the months left of some units, in proportion to their targets.

        :param left: {unit: its targets}; :param values: {target: Decimal}, what they are now
        :return: {target: Decimal} of those that change
        """
        planned = {unit: sum((values[target] for target in targets), Decimal(0)) for unit, targets in left.items()}
        whole = sum(planned.values(), Decimal(0))
        if keeps_ahead:
            goal = max(goal, whole)
        nodes = tuple(
            Node(unit, _weight(planned[unit]), children=tuple(_node(target, values[target]) for target in targets))
            for unit, targets in left.items()
            if targets
        )
        if not nodes or goal == whole:
            return {}
        found = cascade(max(goal, Decimal(0)), Node("all", children=nodes))
        return {target: value for target, value in found.items() if isinstance(target, models.BaseModel)}

    def _hand_over_leavers(self, goals, reached, left, heads, values, month):
        """Who has no month left hands the rest of the goal to nobody of the group, where the head decides about it."""
        Target = self.env["sdm.plan.target"]
        for unit in [unit for unit in goals if not left[unit]]:
            missing = goals[unit] - reached[unit]
            # what was reached beyond the goal is left to all together
            if missing <= 0:
                continue
            goals[unit] = reached[unit]
            kpi, employee, _head = unit
            rest = (kpi, employee.browse(), heads[unit])
            if not left[rest]:
                left[rest] = list(
                    Target.create(
                        [
                            {
                                "version_id": self.id,
                                "kpi_id": kpi.id,
                                "head_id": heads[unit].id,
                                "date": date,
                                "value": 0,
                            }
                            for date in self._get_months_left(month)
                        ]
                    )
                )
                values |= dict.fromkeys(left[rest], Decimal(0))
            for target, part in spread(missing, dict.fromkeys(left[rest], 1)).items():
                values[target] += part
            goals[rest] += missing

    def _get_months_left(self, month):
        return [date for date in self.plan_id._get_months() if date >= month]

    def _get_reached(self, targets, month):
        """What was reached of the targets before a month: {target: Decimal}

        A target of a segment or a category has the results there; one of the whole has what no other one has.
        """
        before = targets.filtered(lambda target: target.date < month)
        people = before.filtered("employee_id")
        rows = (
            self.env["sdm.kpi.report"]
            .with_context(sdm_perimeter=self.perimeter_id.id)
            ._read_group(
                Domain("kpi_id", "in", people.kpi_id.ids)
                & Domain("employee_id", "in", people.employee_id.ids)
                & Domain("date", ">=", self.plan_id.date_from)
                & Domain("date", "<", month),
                ["kpi_id", "employee_id", "date:day", "segment_id", "category_id"],
                ["value:sum"],
            )
        )
        results = defaultdict(dict)
        for kpi, employee, date, segment, category, value in rows:
            if value is not None:
                results[kpi, employee, date][segment, category] = _exact(value)
        found = dict.fromkeys(before, Decimal(0))
        for target in people.sorted(lambda target: not (target.segment_id or target.category_id)):
            there = results[target.kpi_id, target.employee_id, target.date]
            for segment, category in list(there):
                if (not target.segment_id or target.segment_id == segment) and (
                    not target.category_id or (category.parent_path or "").startswith(target.category_id.parent_path)
                ):
                    found[target] += there.pop((segment, category))
        return found

    def _tell_held(self, kpi, error):
        return self.env._(
            "Held targets of “%(kpi)s” are %(held)s, and only %(goal)s are left to reach. Release some of them, or let "
            "who is ahead keep the targets.",
            kpi=kpi.name,
            held=formatLang(self.env, float(error.held)),
            goal=formatLang(self.env, float(error.goal)),
        )


def _exact(value):
    return Decimal(str(round(value, 2)))


def _by_kpi(units):
    found = defaultdict(list)
    for unit in units:
        found[unit[0]].append(unit)
    return found


def _weight(value):
    return max(value, Decimal(0))


def _node(target, value):
    return Node(target, _weight(value), value if target.is_held else None)

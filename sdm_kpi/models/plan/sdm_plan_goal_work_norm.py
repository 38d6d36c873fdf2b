from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from odoo import api, fields, models

from ...engine.facts import FLOW
from ...engine.plan import department
from ...engine.plan.department import Cell, Department, group_key, person_key
from ..sdm_kpi import COMPUTED
from .sdm_plan_goal import AMOUNT, GROWTH, exact
from .sdm_plan_goal_work import Person, WorkedOut


class SdmPlanGoal(models.Model):
    """Norms: goals of what cannot be added up. The company, a group and a person have each their own value.

    A ratio has one norm for the company; a group or person that is to have another one gets it by hand. States and
    counts of customers grow for each as they do for the company, from the own value of the same month a year before.
    """

    _inherit = "sdm.plan.goal"

    is_norm = fields.Boolean(compute="_compute_is_norm")

    @api.depends("kpi_id.semantics")
    def _compute_is_norm(self):
        for goal in self:
            goal.is_norm = bool(goal.kpi_id) and goal.kpi_id.semantics != FLOW

    def _get_steps(self):
        """A norm does not fall to months."""
        return [step for step in super()._get_steps() if step != "months" or not self.is_norm]

    # -- facts --------------------------------------------------------------------------------------------------------

    def _get_values(self, *names, people=None):
        """Values of the KPI in the last twelve months, as the report works them out.

        :param names: fields to group by; :param people: ids of employees whose values count together, none: all
        :return: {tuple of ids and months: Decimal}
        """
        first, last = self._get_window()
        report = self.env["sdm.kpi.report"].with_context(sdm_perimeter=self.perimeter_id.id)
        domain = [("kpi_id", "=", self.kpi_id.id), ("date", ">=", first), ("date", "<=", last)]
        if people is not None:
            domain.append(("employee_id", "in", people))
        found = {}
        for *keys, value in report._read_group(domain, names, ["value:sum"]):
            if value is not None and value is not False:
                key = tuple(key.id or None if isinstance(key, models.BaseModel) else key for key in keys)
                found[key] = exact(round(value, 6))
        return found

    def _get_year_of(self, by_month, whole):
        """What stands for a year: a ratio of the year itself, of the others the mean of the months with a value."""
        if self.kpi_id.semantics == COMPUTED:
            return whole or Decimal(0)
        values = [value for value in by_month if value]
        return sum(values, Decimal(0)) / len(values) if values else Decimal(0)

    def _get_base_by_month(self):
        if not self.is_norm:
            return super()._get_base_by_month()
        values = self._get_values("date:month")
        return {month: values.get((self._get_base_month(month),), Decimal(0)) for month in self._get_months()}

    def _get_base_amount(self):
        if not self.is_norm:
            return super()._get_base_amount()
        whole = self._get_values().get(()) if self.kpi_id.semantics == COMPUTED else None
        return self._get_year_of(self._get_base_by_month().values(), whole)

    def _get_amount_by_month(self):
        if not self.is_norm:
            return super()._get_amount_by_month()
        return {month: self._get_norm(before) for month, before in self._get_base_by_month().items()}

    def _tell_norm(self):
        """How a norm is handed down."""
        if self.kpi_id.semantics == COMPUTED:
            return self.env._(
                "“%(kpi)s” is a ratio: the goal holds for all. Groups and people get another one only by hand.",
                kpi=self.kpi_id.name,
            )
        return self.env._(
            "“%(kpi)s” cannot be added up: the company, each group and person grow from the own value of the same "
            "month a year before.",
            kpi=self.kpi_id.name,
        )

    def _get_factor(self):
        """By how much values are to grow; None where there is nothing to grow from."""
        if self.goal_by == GROWTH:
            return 1 + exact(self.growth)
        return exact(self.amount) / exact(self.base_amount) if self.base_amount else None

    def _get_norm(self, before):
        """The company's norm of a month by the value a year before."""
        factor = self._get_factor()
        if self.kpi_id.semantics == COMPUTED or not before or not factor or self.goal_by == AMOUNT:
            return self._round(exact(self.amount))
        return self._round(before * factor)

    def _round(self, value):
        step = exact(self.rounding)
        return (value / step).to_integral_value(ROUND_HALF_UP) * step

    # -- targets ------------------------------------------------------------------------------------------------------

    def _work_out(self):
        self.ensure_one()
        if not self.is_norm:
            return super()._work_out()
        months = self._get_months()
        base, years = self._get_norm_bases(months)
        people = defaultdict(Person)
        for (kind, *place), month in base:
            if kind == department.PERSON:
                people[place[0]].months[month] = base[(kind, *place), month]
        seats, teams, heads = self._get_seats(people)
        self._add_group_bases(base, years, seats, months)
        outline = department.outline([Department(dict.fromkeys(seats, 1), heads=heads).tree()])
        by_hand = self._get_norms_by_hand()
        targets = {}
        for key, _level in outline:
            for month in months:
                place = self._find_place(key)
                # where a month had nothing, the mean of those that had counts
                before = base.get((place, month)) or years.get(place, Decimal(0))
                target = self._get_norm_of(key, before, by_hand)
                if target:
                    targets[key, month] = target
        held = self._get_held()
        closed = self.version_id._get_closed_months(months)
        cells = {}
        for (key, month), target in targets.items():
            cell = self._get_cell(key)
            if (cell, month) not in held and month not in closed:
                cells[cell, teams.get((cell.person, cell.head)), month] = target
        for (cell, month), value in held.items():
            targets[self._get_key(cell), month] = value
        return WorkedOut(
            targets=targets,
            outline=outline,
            cells=cells,
            base=defaultdict(
                Decimal, {(key, m): base.get((self._find_place(key), m), 0) for key, _l in outline for m in months}
            ),
            weights=None,
            seats=seats,
            missing=[],
            heads=heads,
            norms={key: years.get(self._find_place(key), Decimal(0)) for key, _level in outline},
        )

    def _get_norm_bases(self, months):
        """The values a year before: {(place, month of the plan): value}, {place: value of the year}.

        A person stands there without the group, as the one value that the person has.
        """
        base, years = {}, {}
        is_ratio = self.kpi_id.semantics == COMPUTED
        for names in ((), ("employee_id",)):
            values = self._get_values(*names, "date:month")
            whole = self._get_values(*names) if is_ratio else {}
            for place in {key[:-1] for key in values}:
                if names and not place[0]:
                    continue
                key = person_key(place[0], None) if names else department.ROOT
                by_month = {month: values.get((*place, self._get_base_month(month)), Decimal(0)) for month in months}
                base.update({(key, month): value for month, value in by_month.items()})
                years[key] = self._get_year_of(by_month.values(), whole.get(place))
        return base, years

    def _add_group_bases(self, base, years, seats, months):
        """The values of groups: of the people who are in them in the plan, wherever they were a year before."""
        members = defaultdict(list)
        for person, head in seats:
            members[head].append(person)
        for head, people in members.items():
            if not head:
                continue
            values = self._get_values("date:month", people=people)
            whole = self._get_values(people=people).get(()) if self.kpi_id.semantics == COMPUTED else None
            by_month = {month: values.get((self._get_base_month(month),), Decimal(0)) for month in months}
            base.update({(group_key(head), month): value for month, value in by_month.items()})
            years[group_key(head)] = self._get_year_of(by_month.values(), whole)

    def _find_place(self, key):
        """Where the values of a place are."""
        return person_key(key[1], None) if key[0] == department.PERSON else key

    def _get_norms_by_hand(self):
        return {
            group_key(part.head_id.id)
            if part.is_group
            else person_key(part.employee_id.id, part.head_id.id or None): exact(part.given_amount)
            for part in self.part_ids.filtered("is_by_hand")
        }

    def _get_norm_of(self, key, before, by_hand):
        """The target of a place in a month; None where it has none of its own."""
        if key == department.ROOT:
            return self._get_norm(before)
        if key in by_hand:
            return self._round(by_hand[key])
        if self.kpi_id.semantics == COMPUTED or not before or not self._get_factor():
            return None
        return self._round(before * self._get_factor())

    @staticmethod
    def _get_cell(key):
        if key[0] == department.GROUP:
            return Cell(None, key[1])
        return Cell(*key[1:]) if key[0] == department.PERSON else Cell()

    @staticmethod
    def _get_key(cell):
        if cell.person:
            return person_key(cell.person, cell.head)
        return group_key(cell.head) if cell.head else department.ROOT

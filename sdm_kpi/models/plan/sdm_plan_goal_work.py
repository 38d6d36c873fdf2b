from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date, formatLang

from odoo.addons.sdm_segmentation.engine.calendar import count_working_days
from odoo.addons.sdm_segmentation.engine.options import OptionError

from ...engine import periods
from ...engine.plan import cascade, department, seasonality, weights
from ...engine.plan.department import Cell, Department, group_key, person_key
from ...engine.plan.spread import spread
from .sdm_plan_goal import YEAR, exact


@dataclass
class Person:
    """What a goal has to know of an employee.

    :param history: facts by (segment, category) and by month; :param months: facts by month
    :param since: the first month with a position or a fact
    """

    history: dict = field(default_factory=lambda: defaultdict(Decimal))
    months: dict = field(default_factory=lambda: defaultdict(Decimal))
    since: Any = None

    @property
    def amount(self):
        """All facts of the window together."""
        return sum(self.months.values(), Decimal(0))


@dataclass
class WorkedOut:
    """A goal handed down.

    :param targets: {(node key, month): amount}; :param outline: places with their level, the company first
    :param cells: {(cell, team, month): amount} to be written; :param base: {(place, month): facts a year before}
    :param weights: engine weights; :param seats: {(person, head): engine seat}; :param heads: {head: the head above}
    :param ratios: {(person, head): engine ratio} where the goal is what another one takes
    :param missing: list of (employee id, why, facts) of people without a target
    :param norms: {place: the value of a year before} where the goal cannot be added up
    """

    targets: dict
    outline: list
    cells: dict
    base: dict
    weights: Any
    seats: dict
    missing: list
    heads: dict
    ratios: dict = field(default_factory=dict)
    norms: dict | None = None

    def get(self, key, month):
        """What a place gets in a month."""
        found = self.targets.get((key, month))
        if found is None and key[0] == department.PERSON:
            found = self.targets.get((Cell(*key[1:]), month))
        return found or Decimal(0)

    def get_year(self, key, months):
        """What a place gets in all months; what cannot be added up is averaged to look at."""
        found = [self.get(key, month) for month in months]
        if self.norms is None:
            return sum(found, Decimal(0))
        return sum(found, Decimal(0)) / (len(list(filter(None, found))) or 1)

    def get_base_year(self, key, months):
        """The facts of a place beside all months."""
        if self.norms is not None:
            return self.norms.get(key, Decimal(0))
        return sum((self.base[key, month] for month in months), Decimal(0))


@dataclass
class Placed:
    """Who gets which part of a goal.

    :param seats: {(person, head): engine seat}; :param teams: {the same: sales team id}
    :param heads: {head: the head above or None}; :param weights: engine weights
    :param ratios: {(person, head): engine ratio} where the goal is what another one takes
    """

    seats: dict
    teams: dict
    heads: dict
    weights: Any
    ratios: dict = field(default_factory=dict)


class SdmPlanGoal(models.Model):
    """How a goal is worked out: facts and positions in, engine, targets out."""

    _inherit = "sdm.plan.goal"

    # -- months -------------------------------------------------------------------------------------------------------

    def _get_totals(self):
        """The facts of all months up to the last one of history.

        :return: {month: Decimal}
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT date, SUM(value)::text FROM sdm_kpi_fact
                    WHERE perimeter_id = %s AND kpi_id = %s AND date <= %s GROUP BY date ORDER BY date""",
                self.version_id.perimeter_id.id,
                self.kpi_id.id,
                self.date_history,
                to_flush=self._get_fact_fields("perimeter_id", "kpi_id", "date", "value"),
            )
        )
        return {month: Decimal(value) for month, value in rows}

    def _get_fact_fields(self, *names):
        return [self.env["sdm.kpi.fact"]._fields[name] for name in names]

    def _get_base_by_month(self):
        """The facts that stand beside each month of the plan."""
        totals = self._get_totals()
        return {month: totals.get(self._get_base_month(month), Decimal(0)) for month in self._get_months()}

    def _find_shares(self):
        """The shape of the year: from whole years of facts, without such from working days.

        :return: ({month of the plan: share}, {month: its working days})
        """
        months = self._get_months()
        company = self.perimeter_id._get_main_company()
        calendar = self.env["sdm.calendar.day"]._get_production_calendar(company=company)
        coming_year = periods.months_between(months[0], periods.add_months(months[0], YEAR - 1))
        days = periods.working_days(calendar, dict.fromkeys([*coming_year, *months]))
        coming = {month.month: days.get(month, 0) for month in coming_year}
        totals = self._get_totals()
        known = len(periods.months_between(min(totals), self.date_history)) if totals else 0
        years = min(self.history_years, known // YEAR)
        first = periods.add_months(self.date_history, 1 - YEAR * years)
        try:
            profile = seasonality.profile_of(seasonality.rolling_years(totals, first, self.date_history))
            if self.use_working_days:
                usual = defaultdict(int)
                past = periods.months_between(first, self.date_history)
                for month, count in periods.working_days(calendar, past).items():
                    usual[month.month] += count
                profile = seasonality.by_working_days(profile, usual, coming)
        except OptionError:
            # no whole year of facts, or sales in months that are never worked
            profile = {month.month: Fraction(coming[month.month] or 0) for month in coming_year}
        whole = sum(profile[month.month] for month in months)
        if not whole:
            return dict.fromkeys(months, Fraction(1, len(months))), days
        return {month: profile[month.month] / whole for month in months}, days

    def _share_months(self):
        """Let the months that are not by hand share what those by hand leave."""
        for goal in self.filtered("month_ids"):
            by_hand = goal.month_ids.filtered("is_by_hand")
            try:
                shares = seasonality.override(
                    {row.date: Fraction(exact(row.usual_share)) for row in goal.month_ids},
                    {row.date: Fraction(exact(row.share)) / 100 for row in by_hand},
                )
            except OptionError as error:
                raise ValidationError(
                    self.env._(
                        "The months entered by hand make %(share)s %% of the year. Together they are at most 100 %%, "
                        "and exactly that where all months are entered; none is below 0.",
                        share=formatLang(self.env, float((error.value or 0) * 100), digits=2),
                    )
                ) from error
            for row in goal.month_ids - by_hand:
                row.share = float(shares[row.date] * 100)

    def _get_amount_by_month(self):
        """The goal of each month, together exactly the goal."""
        shares = {row.date: Fraction(exact(row.share)) for row in self.month_ids}
        return spread(exact(round(self.amount, 4)), shares, exact(self.rounding)) if shares else {}

    # -- people -------------------------------------------------------------------------------------------------------

    def _work_out(self):
        """Hand the goal down.

        :return: WorkedOut; :raise UserError: what is held or given by hand does not fit, with the place and the remedy
        """
        self.ensure_one()
        months = self._get_months()
        goals = self._get_amount_by_month()
        people, left = self._get_history()
        placed = self._get_placed(people, left)
        seats, found = placed.seats, placed.weights
        held = self._get_held()
        goals = self._keep_closed(goals, held)
        mixes = self._get_mixes(seats)
        fixed = self._get_fixed(seats)
        trees = {
            month: Department(
                people={key: by_month[month] for key, by_month in found.seats.items() if month in by_month},
                heads=placed.heads,
                left={head: by_month[month] for head, by_month in found.groups.items()},
                fixed={key: amounts[month] for key, amounts in fixed.items() if month in amounts},
                held={cell: amount for (cell, of), amount in held.items() if of == month},
                mix=mixes.get(month, {}),
            ).tree()
            for month in months
        }
        try:
            targets = cascade.cascade_months(goals, trees, exact(self.rounding))
        except cascade.CascadeError as error:
            raise UserError(self._tell_cascade_error(error)) from error
        outline = [
            (key, level)
            for key, level in department.outline(trees.values())
            # what nobody has yet only where there is any
            if key[:2] != (department.PERSON, None) or any(targets.get((Cell(*key[1:]), month)) for month in months)
        ]
        return WorkedOut(
            targets=targets,
            outline=outline,
            cells={
                (key, placed.teams.get((key.person, key.head)), month): amount
                for (key, month), amount in targets.items()
                if isinstance(key, Cell)
                and (amount or self._is_nothing_decided(key, month, seats))
                and (key, month) not in held
            },
            base=self._get_base(outline, people, left, seats),
            weights=found,
            seats=seats,
            missing=self._get_missing(people, seats, targets),
            heads=placed.heads,
            ratios=placed.ratios,
        )

    def _is_nothing_decided(self, key, month, seats):
        """Whether 0 is what somebody is to reach in a month: left out, the target would count as forgotten."""
        seat = seats.get((key.person, key.head))
        return bool(seat and seat.presence.get(month) and not key.segment and not key.category)

    def _get_placed(self, people, by_place):
        """Who gets which part of the goal.

        :param people: {employee id: Person}; :param by_place: as from ``_get_history``
        :return: Placed
        """
        seats, teams, heads = self._get_seats(people)
        left = self._get_left(by_place, seats)
        found = weights.weights_of(
            list(seats.values()),
            self._get_mix(),
            self._get_curve(),
            {head: amount for head, amount in left.items() if head in heads},
            Fraction(self.least_months, YEAR),
        )
        return Placed(seats, teams, heads, found)

    def _get_history(self, kpi=None):
        """What people sold in the last twelve months, and what those sold under whom who may be gone by now.

        :param kpi: sdm.kpi; none: that of the goal
        :return: ({employee id: Person}, {(employee id or None, head id or None, month): Decimal})
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT fact.employee_id, fact.head_id, fact.date, SUM(fact.value)::text, first.date
                     FROM sdm_kpi_fact fact
                     LEFT JOIN (
                          SELECT employee_id, MIN(date) AS date FROM sdm_kpi_fact
                           WHERE perimeter_id = %(perimeter)s AND kpi_id = %(kpi)s GROUP BY employee_id
                     ) first ON first.employee_id = fact.employee_id
                    WHERE fact.perimeter_id = %(perimeter)s AND fact.kpi_id = %(kpi)s
                      AND fact.date BETWEEN %(first)s AND %(last)s
                    GROUP BY fact.employee_id, fact.head_id, fact.date, first.date""",
                perimeter=self.perimeter_id.id,
                kpi=(kpi or self.kpi_id).id,
                first=self._get_window()[0],
                last=self.date_history,
                to_flush=self._get_fact_fields("perimeter_id", "kpi_id", "date", "value", "employee_id", "head_id"),
            )
        )
        people, by_place = defaultdict(Person), {}
        for employee, head, month, text, since in rows:
            by_place[employee, head, month] = Decimal(text)
            if employee:
                people[employee].months[month] += Decimal(text)
                people[employee].since = since
        return people, by_place

    def _get_window(self):
        """The first and the last month of the history of people."""
        return periods.add_months(self.date_history, 1 - YEAR), self.date_history

    def _get_left(self, by_place, seats):
        """{head: what those sold in the group who are planned for nowhere}"""
        present = {key[0] for key in seats}
        left = defaultdict(Decimal)
        for (employee, head, _month), amount in by_place.items():
            if employee not in present:
                left[head] += amount
        return left

    def _get_positions(self):
        """The positions of people who sell, on days of the plan, in order of their names."""
        first, last = self.plan_id.date_from, periods.end_of(self.plan_id.date_to)
        positions = self.env["sdm.position"].sudo()
        return positions.search(
            Domain("company_id", "in", self.perimeter_id._get_companies().ids)
            & Domain("date_from", "<=", last)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", first)),
            order="date_from, id",
        ).sorted(lambda position: (position.employee_id.name or "", position.employee_id.id))

    def _get_seats(self, people):
        """Who sells where in the plan: those in a sales team, and who sold something in the last twelve months.

        :return: ({(employee id, head id): engine seat}, {the same: sales team id}, {head id: head above or None})
        """
        positions = self._get_positions()
        # two positions under the same head are one place
        heads = {position.employee_id.id: position.head_id.id or None for position in reversed(positions)}
        out = {(part.employee_id.id, part.head_id.id or None) for part in self.part_ids if part.is_left_out}
        sellers = positions.filtered(lambda position: position.team_id or people[position.employee_id.id].amount > 0)
        sellers = sellers.filtered(lambda position: (position.employee_id.id, position.head_id.id or None) not in out)
        presence = self._get_presence(sellers)
        since = self._get_since(sellers.employee_id, people)
        known = self._get_known(since)
        potentials = self._get_potentials()
        seats, teams = {}, {}
        for position in sellers:
            employee, key = position.employee_id, (position.employee_id.id, position.head_id.id or None)
            teams[key] = position.team_id.id or teams.get(key)
            seats[key] = weights.Seat(
                key=key,
                group=key[1],
                history=people[employee.id].amount,
                known=known[employee.id],
                potential=potentials.get(employee.id, 0),
                post=exact(round(position.share, 4)),
                presence=presence[key],
                entered=since[employee.id],
            )
        return {key: seat for key, seat in seats.items() if seat.presence}, teams, heads

    def _get_since(self, employees, people):
        """{employee id: the month in which the person began: the first position, or the first sale before it}"""
        firsts = (
            self.env["sdm.position"]
            .sudo()
            ._read_group([("employee_id", "in", employees.ids)], ["employee_id"], ["date_from:min"])
        )
        since = {employee.id: periods.month_of(day) for employee, day in firsts}
        return {key: min(month, people[key].since or month) for key, month in since.items()}

    def _get_known(self, since):
        """{employee id: part of the last twelve months that the person was there}"""
        window = periods.months_between(*self._get_window())
        return {key: Fraction(sum(month >= begun for month in window), YEAR) for key, begun in since.items()}

    def _get_presence(self, positions):
        """{(employee id, head id): {month: part of its working days on which the person is there}}"""
        calendars = self.env["sdm.calendar.day"]._get_production_calendars(
            positions.employee_id, self.plan_id.date_from
        )
        found = defaultdict(lambda: defaultdict(Fraction))
        for position in positions:
            away = calendars[position.employee_id]
            usual = replace(away, leaves=())
            key = position.employee_id.id, position.head_id.id or None
            for month in self._get_months():
                begin = max(month, position.date_from)
                end = min(periods.end_of(month), position.date_to or periods.end_of(month))
                if begin > end:
                    continue
                whole = (begin, end) == (month, periods.end_of(month))
                if whole and not (self.absences_lower and away.leaves):
                    found[key][month] += 1
                    continue
                all_days = count_working_days(usual, month, periods.end_of(month))
                days = count_working_days(away if self.absences_lower else usual, begin, end)
                if days:
                    found[key][month] += Fraction(days, all_days)
        return found

    def _keep_closed(self, goals, held):
        """Closed months have the targets that they have; the other months share what these leave of the goal."""
        closed = self.version_id._get_closed_months(goals)
        if not closed:
            return goals
        kept = {month: sum((held[key] for key in held if key[1] == month), Decimal(0)) for month in closed}
        left = max(exact(round(self.amount, 4)) - sum(kept.values()), Decimal(0))
        shares = {row.date: Fraction(exact(row.share)) for row in self.month_ids if row.date not in closed}
        return kept | (spread(left, shares, exact(self.rounding)) if shares else {})

    def _get_held(self):
        """{(cell, month): amount} of the version's targets of the KPI that stay: held, or of closed months."""
        closed = self.version_id._get_closed_months(self._get_months())
        targets = self.env["sdm.plan.target"].search(
            Domain("version_id", "=", self.version_id.id)
            & Domain("kpi_id", "=", self.kpi_id.id)
            & (Domain("is_held", "=", True) | Domain("date", "in", list(closed)))
        )
        found = defaultdict(Decimal)
        for target in targets:
            names = ("employee_id", "head_id", "segment_id", "category_id")
            cell = Cell(*(target[name].id or None for name in names))
            found[cell, target.date] += exact(round(target.value, 4))
        return found

    def _get_fixed(self, seats):
        """What was given by hand: {node key: {month: amount}}, by the shape of the year and the months there."""
        shares = {row.date: Fraction(exact(row.share)) for row in self.month_ids}
        fixed = {}
        for part in self.part_ids.filtered("is_by_hand"):
            key = (part.employee_id.id or None, part.head_id.id or None)
            if part.is_group:
                by_month, node = shares, group_key(part.head_id.id)
            elif key in seats:
                presence = seats[key].presence
                by_month, node = {month: shares[month] * presence[month] for month in presence}, person_key(*key)
            else:
                continue
            fixed[node] = spread(exact(round(part.given_amount, 4)), by_month, exact(self.rounding))
        return fixed

    def _get_base(self, outline, people, by_place, seats):
        """{(place, month of the plan): facts a year before}; what somebody sold stands at the first of two places."""
        months = {month: self._get_base_month(month) for month in self._get_months()}
        base = defaultdict(Decimal)
        path, told = {}, set()
        levels = []
        for key, level in outline:
            del levels[level:]
            path[key] = tuple(levels)
            levels.append(key)
        left = defaultdict(Decimal)
        present = {key[0] for key in seats}
        for (employee, head, month), amount in by_place.items():
            if employee not in present:
                place = group_key(head) if group_key(head) in path else department.ROOT
                left[place, month] += amount
        for key, _level in outline:
            for month, before in months.items():
                amount = left[key, before]
                if key[0] == department.PERSON and key[1] and key[1] not in told:
                    amount += people[key[1]].months[before]
                for place in (key, *path[key]):
                    base[place, month] += amount
            if key[0] == department.PERSON:
                told.add(key[1])
        return base

    def _get_missing(self, people, seats, targets):
        """Who has no target, and why: (employee id, reason, facts of the last twelve months)."""
        got = {key.person for (key, _month), amount in targets.items() if isinstance(key, Cell) and amount}
        got |= {key[1] for (key, _month), amount in targets.items() if key[0] == department.PERSON and amount}
        out = set(self.part_ids.filtered("is_left_out").employee_id.ids)
        missing = []
        for employee in dict.fromkeys([*(key[0] for key in seats), *people, *out]):
            if employee in got:
                continue
            amount = people[employee].amount
            if employee in out:
                why = "left_out"
            elif any(key[0] == employee for key in seats):
                why = "nothing"
            else:
                why = "gone"
            if amount or why != "gone":
                missing.append((employee, why, amount))
        return missing

    def _update_parts(self, worked_out):
        """Keep what each group and person gets and why; what is entered by hand stays."""
        self.ensure_one()
        months = self._get_months()
        total = worked_out.get_year(department.ROOT, months)
        present = {
            (part.is_group, part.employee_id.id or None, part.head_id.id or None): part for part in self.part_ids
        }
        commands, kept = [], set()
        for number, (key, level) in enumerate(worked_out.outline):
            if key[0] == department.COMPANY or key[0] == department.PERSON and key[1] is None:
                continue
            is_group = key[0] == department.GROUP
            place = (True, None, key[1]) if is_group else (False, *key[1:])
            amount = worked_out.get_year(key, months)
            vals = {
                "sequence": number,
                "level": level,
                "base_amount": worked_out.get_base_year(key, months),
                "amount": amount,
                "share": 100 * amount / total if total and worked_out.norms is None else 0,
                **self._prepare_basis(worked_out, key),
            }
            kept.add(place)
            if place in present:
                commands.append(Command.update(present[place].id, vals))
            else:
                names = ("is_group", "employee_id", "head_id")
                commands.append(Command.create({**vals, **dict(zip(names, place, strict=True))}))
        for place, part in present.items():
            if place in kept:
                continue
            if part.is_left_out:
                commands.append(Command.update(part.id, {"amount": 0, "share": 0, "sequence": len(worked_out.outline)}))
            else:
                commands.append(Command.delete(part.id))
        self.write({"part_ids": commands})

    def _prepare_basis(self, worked_out, key):
        """What a person's part was worked out from; nothing for a group."""
        seat = worked_out.seats.get(key[1:]) if key[0] == department.PERSON else None
        if not seat:
            return {"year_amount": 0, "basis": False, "potential": 0, "presence": 0, "ratio": 0, "ratio_origin": False}
        if worked_out.weights is None:
            return {"presence": float(sum(seat.presence.values()))}
        if worked_out.ratios:
            ratio = worked_out.ratios[seat.key]
            return {"ratio": float(ratio.value), "ratio_origin": ratio.origin, "presence": len(seat.presence)}
        year, basis = worked_out.weights.bases[seat.key]
        return {
            "year_amount": float(year),
            "basis": basis,
            "potential": float(seat.potential),
            "presence": float(sum(seat.presence.values())),
        }

    # -- errors -------------------------------------------------------------------------------------------------------

    def _tell_place(self, key):
        """The name of a place."""
        Employee = self.env["hr.employee"].sudo()
        if isinstance(key, Cell):
            key = person_key(key.person, key.head)
        if key == department.ROOT:
            return self.perimeter_id.name
        if key[0] == department.GROUP:
            return self.env._("Group of %(head)s", head=Employee.browse(key[1]).name)
        return Employee.browse(key[1]).name if key[1] else self.env._("Nobody yet")

    def _tell_cascade_error(self, error):
        words = {
            "place": self._tell_place(error.key),
            "month": format_date(self.env, error.month, date_format="LLLL yyyy"),
            "held": formatLang(self.env, float(error.held), digits=0),
            "goal": formatLang(self.env, float(error.goal), digits=0),
        }
        if error.reason == cascade.HELD_ALL:
            return self.env._(
                "%(place)s, %(month)s: all that is below is held or entered by hand and makes %(held)s, but the goal "
                "is %(goal)s. Release one of them, or change the goal.",
                **words,
            )
        return self.env._(
            "%(place)s, %(month)s: what is held or entered by hand makes %(held)s, more than the goal of %(goal)s. "
            "Lower or release it, or raise the goal.",
            **words,
        )

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.engine.calendar import count_working_days
from odoo.addons.sdm_segmentation.models.sdm_decision_version import SCHEDULED

from ...engine import facts, periods
from ...engine.plan.change import blend
from ...engine.plan.pace import attainment
from .rows import insert_rows
from .sdm_plan_target import CELL
from .sdm_plan_version import DAYS, NEXT

# What is asked of targets that change, read at once
READ = [*CELL, "value", "is_blended", "value_decided", "part_old", "version_id"]
CHANGED = (
    "version_id",
    "perimeter_id",
    "employee_id",
    "head_id",
    "kpi_id",
    "date",
    "value_old",
    "value_new",
    "has_actual",
    "actual",
    "attainment_old",
    "attainment_new",
    "rest_old",
    "rest_new",
)


class SdmPlanVersion(models.Model):
    """A version that replaces another one: which targets hold from when, and what changes for whom."""

    _inherit = "sdm.plan.version"

    change_ids = fields.One2many(
        "sdm.plan.change", "version_id", string="What changes", readonly=True, help="For whom you may see."
    )
    change_count = fields.Integer("Changes", compute="_compute_change_count")
    replaces_id = fields.Many2one(
        "sdm.plan.version", compute="_compute_replaces_id", help="What holds until this one does."
    )

    @api.depends("change_ids")
    def _compute_change_count(self):
        counts = dict(
            self.env["sdm.plan.change"]._read_group([("version_id", "in", self.ids)], ["version_id"], ["__count"])
        )
        for version in self:
            version.change_count = counts.get(version, 0)

    @api.depends("plan_id.version_ids.state")
    def _compute_replaces_id(self):
        for version in self:
            version.replaces_id = version.plan_id.version_id - version

    def _put_in_force(self, date, reason, date_review=False):
        """Let the version replace the one in force, from a day on.

        Which target counts in the month of the day is said before, by the version's ``month_rule``.

        :raise UserError: as without it, and where no month would be left for the new targets
        """
        first = self._get_first_month(date)
        if first and first > self.plan_id.date_to:
            raise UserError(
                self.env._(
                    "“%(plan)s” has no month after this one, so the new targets would never count. Choose an earlier "
                    "day or another “Month of the change”.",
                    plan=self.plan_id.name,
                )
            )
        result = super()._put_in_force(date, reason, date_review)
        if self.state == SCHEDULED:
            version = self.sudo()
            version._note_changes(version._blend_month())
        return result

    def _come_into_force(self):
        result = None
        for version in self:
            blends = version._blend_month()
            version._note_changes(blends)
            result = super(SdmPlanVersion, version)._come_into_force()
            version._apply_blends(blends)
            version._hold_targets()
        return result

    def _get_first_month(self, date):
        """The first month that the targets of the version count in, None where nothing held before.

        :param date: first day in force
        """
        held = Domain("version_id.plan_id", "=", self.plan_id.id) & Domain("is_effective", "=", True)
        if not self.env["sdm.plan.target"].sudo().search_count(held, limit=1):
            return None
        month = periods.month_of(date)
        return periods.add_months(month, 1) if self.month_rule == NEXT and date > month else month

    def _hold_targets(self):
        """Let the targets of the version hold from its first month on, and those of the plan's other versions only
        before. In closed months nothing changes any more."""
        Target = self.env["sdm.plan.target"]
        self.month_from = self._get_first_month(self.date_from)
        Target.flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_plan_target target SET is_effective = (target.version_id = %(version)s)
                     FROM sdm_plan_version version
                    WHERE version.id = target.version_id AND version.plan_id = %(plan)s
                      AND target.date >= %(month)s AND target.date != ALL(%(closed)s::date[])
                      AND target.is_effective IS DISTINCT FROM (target.version_id = %(version)s)""",
                version=self.id,
                plan=self.plan_id.id,
                month=self.month_from or self.plan_id.date_from,
                closed=list(self._get_closed_months(self.plan_id._get_months())),
            )
        )
        Target.invalidate_model(["is_effective"])

    # -- the month of the change --------------------------------------------------------------------------------------

    def _blend_month(self):
        """The targets of the month of the change, by working days where the version says so.

        :return: {cell: (target of the version or none, what it was made from, engine Blend)}, cells as
            ``_get_cell()`` names them
        """
        month = periods.month_of(self.date_from)
        if self.month_rule != DAYS or self.date_from == month or not self._get_first_month(self.date_from):
            return {}
        Target = self.env["sdm.plan.target"]
        in_month = Domain("date", "=", month) & Domain("kpi_id.semantics", "!=", facts.STOCK)
        before = Target.search_fetch(
            in_month & Domain("version_id.plan_id", "=", self.plan_id.id) & Domain("is_effective", "=", True), READ
        )
        after = Target.search_fetch(in_month & Domain("version_id", "=", self.id), READ)
        old = {target._get_cell(): target for target in before}
        new = {target._get_cell(): target for target in after}
        calendars = self._get_calendars((before | after).employee_id, month)
        last = self.date_from - timedelta(days=1)
        found = {}
        for cell in old | new:
            was, becomes = old.get(cell, Target), new.get(cell, Target)
            source = becomes or was
            adds_up = source.kpi_id.semantics == facts.FLOW
            if not adds_up and not was:
                continue
            calendar = calendars[source.employee_id]
            twice = was.is_blended and self._count_days(calendar, month, was.version_id.date_from - timedelta(days=1))
            found[cell] = (
                becomes,
                was,
                blend(
                    Decimal(str(was._get_decided() if adds_up or becomes else was.value)) if was else None,
                    Decimal(str(becomes._get_decided())) if becomes else None,
                    self._count_days(calendar, month, last),
                    self._count_days(calendar, month, periods.end_of(month)),
                    adds_up=adds_up,
                    since=twice or 0,
                    before=Decimal(str(was.part_old)),
                ),
            )
        return found

    def _get_calendars(self, employees, month):
        """Working time of people, and for what is of nobody that of the main company: {employee or none: calendar}"""
        Day = self.env["sdm.calendar.day"]
        return {
            **Day._get_production_calendars(employees, month),
            employees.browse(): Day._get_production_calendar(company=self.perimeter_id._get_main_company()),
        }

    def _count_days(self, calendar, first, last):
        return count_working_days(calendar, first, last) if last >= first else 0

    def _apply_blends(self, blends):
        """Write the targets of the month of the change, in one statement; who has none in this version gets one for
        the days before."""
        Target = self.env["sdm.plan.target"]
        rows, new = [], []
        for becomes, was, part in blends.values():
            share = Decimal(part.share.numerator) / part.share.denominator
            if becomes:
                rows.append((becomes.id, part.value, part.old, becomes._get_decided(), share))
            else:
                cell = [value or None for value in was._prepare_cell().values()]
                parts = (str(part.value), str(part.old), str(share))
                new.append((self.id, self.perimeter_id.id, False, False, True, *cell, *parts))
        if rows:
            Target.flush_model()
            self.env.cr.execute(
                SQL(
                    """UPDATE sdm_plan_target target
                          SET value = part.value, part_old = part.old, value_decided = part.decided,
                              share_old = part.share, is_blended = TRUE
                         FROM (VALUES %s) part (id, value, old, decided, share)
                        WHERE target.id = part.id""",
                    SQL(", ").join(
                        SQL("(%s::int4, %s::numeric, %s::numeric, %s::numeric, %s::numeric)", *row) for row in rows
                    ),
                )
            )
            Target.invalidate_model(["value", "part_old", "value_decided", "share_old", "is_blended"])
        flags = ("is_held", "is_effective", "is_blended")
        insert_rows(Target, ("version_id", "perimeter_id", *flags, *CELL, "value", "part_old", "share_old"), new)

    # -- what changes for whom ----------------------------------------------------------------------------------------

    def _forget_changes(self):
        Change = self.env["sdm.plan.change"]
        Change.flush_model()
        self.env.cr.execute(SQL("DELETE FROM sdm_plan_change WHERE version_id = ANY(%s)", self.ids))
        Change.invalidate_model()
        self.invalidate_recordset(["change_ids", "change_count"])

    def _note_changes(self, blends):
        """Note for each person and KPI what held, what will, and what the month's result is of both: that is what
        people confirm to have read.

        :param blends: as ``_blend_month()`` gives them
        """
        self._forget_changes()
        first = self._get_first_month(self.date_from)
        if not first:
            return
        month = max(periods.month_of(self.date_from), self.plan_id.date_from)
        old = self._sum_by_person(
            Domain("version_id.plan_id", "=", self.plan_id.id) & Domain("is_effective", "=", True), month
        )
        new = self._sum_by_person(Domain("version_id", "=", self.id), month)
        if first > month:
            # the running month stays as it was
            for key in {key for key in old | new if key[-1] == month}:
                new[key] = old.get(key)
        for cell, value in self._sum_blends(blends).items():
            new[(*cell, month)] = value
        insert_rows(
            self.env["sdm.plan.change"],
            CHANGED,
            [tuple(vals[name] for name in CHANGED) for vals in self._prepare_changes(old, new, month)],
        )
        self.invalidate_recordset(["change_ids", "change_count"])

    def _sum_by_person(self, domain, month):
        """Targets of people from a month on.

        :return: {(employee, kpi, month): target}; what cannot be added up only where it is of the person as a whole
        """
        Target = self.env["sdm.plan.target"]
        whole = Domain("segment_id", "=", False) & Domain("category_id", "=", False) & Domain("team_id", "=", False)
        rows = Target._read_group(
            domain
            & Domain("employee_id", "!=", False)
            & Domain("date", ">=", month)
            & (Domain("kpi_id.semantics", "=", facts.FLOW) | whole),
            ["employee_id", "kpi_id", "date:day"],
            ["value:sum"],
        )
        return {(employee, kpi, date): value for employee, kpi, date, value in rows}

    def _sum_blends(self, blends):
        """What the month of the change comes to for people: {(employee, kpi): target}"""
        found = defaultdict(float)
        for becomes, was, part in blends.values():
            source = becomes or was
            whole = not (source.segment_id or source.category_id or source.team_id)
            if source.employee_id and (source.kpi_id.semantics == facts.FLOW or whole):
                found[source.employee_id, source.kpi_id] += float(part.value)
        return found

    def _prepare_changes(self, old, new, month):
        keys = defaultdict(set)
        for employee, kpi, date in old | new:
            keys[employee, kpi].add(date)
        kpis = self.env["sdm.kpi"].union(*(kpi for _employee, kpi in keys))
        actual = self._get_actual(kpis, month)
        heads = self._get_heads([employee.id for employee, _kpi in keys])
        vals_list = []
        for (employee, kpi), dates in keys.items():
            if all(old.get((employee, kpi, date)) == new.get((employee, kpi, date)) for date in dates):
                continue
            later = sorted(date for date in dates if date > month)
            adds_up = kpi.semantics == facts.FLOW
            was, becomes = old.get((employee, kpi, month)), new.get((employee, kpi, month))
            done = actual.get((employee, kpi))
            if done is None and adds_up and (was or becomes):
                done = 0.0
            vals_list.append(
                {
                    "version_id": self.id,
                    "perimeter_id": self.perimeter_id.id,
                    "employee_id": employee.id,
                    "head_id": heads.get(employee.id),
                    "kpi_id": kpi.id,
                    "date": month,
                    "value_old": was or 0,
                    "value_new": becomes or 0,
                    "has_actual": done is not None,
                    "actual": done or 0,
                    **self._prepare_attainment(kpi, done, was, becomes),
                    "rest_old": self._add_up(adds_up, [old.get((employee, kpi, date)) for date in later]),
                    "rest_new": self._add_up(adds_up, [new.get((employee, kpi, date)) for date in later]),
                }
            )
        return vals_list

    def _prepare_attainment(self, kpi, done, was, becomes):
        """Attainment by the old and by the new target, in percent; none where it says nothing."""
        vals = {}
        for name, target in (("old", was), ("new", becomes)):
            found = attainment(
                None if done is None else Decimal(str(done)),
                None if target is None else Decimal(str(target)),
                kpi.direction,
            )
            vals[f"attainment_{name}"] = "" if found is None else f"{float(100 * found):.0f}"
        return vals

    def _add_up(self, adds_up, values):
        """What the months left come to: their sum, or their mean where they cannot be added."""
        known = [value for value in values if value is not None]
        return sum(known) / (1 if adds_up else max(len(known), 1))

    def _get_actual(self, kpis, month):
        """Results of people in a month, as facts show them: {(employee, kpi): value}"""
        Report = self.env["sdm.kpi.report"].with_context(sdm_perimeter=self.perimeter_id.id)
        rows = Report._read_group(
            [("kpi_id", "in", kpis.ids), ("date", "=", month), ("employee_id", "!=", False)],
            ["employee_id", "kpi_id"],
            ["value:sum"],
        )
        return {(employee, kpi): float(value) for employee, kpi, value in rows if value is not None}

    def _get_heads(self, employee_ids):
        """The head of each on the day of the change: {id: id}"""
        Position = self.env["sdm.position"]
        positions = Position.search_fetch(
            Domain("employee_id", "in", employee_ids) & Position._get_domain_on(self.date_from),
            ["employee_id", "head_id"],
        )
        return {position.employee_id.id: position.head_id.id or None for position in positions}

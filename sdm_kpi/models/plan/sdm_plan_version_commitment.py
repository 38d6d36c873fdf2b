from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.sdm_segmentation.models.sdm_announced_mixin import TODO
from odoo.addons.sdm_segmentation.models.sdm_decision_version import DRAFT

from ...engine import facts, periods
from ...engine.plan.spread import spread
from .rows import insert_rows
from .sdm_plan_target import CELL
from .sdm_plan_version import SUBMITTED

DAYS_TO_COMMIT = 7


class SdmPlanVersion(models.Model):
    """What people commit to, beside what the plan asks of them."""

    _inherit = "sdm.plan.version"

    asks_commitments = fields.Boolean("Open for commitments", readonly=True, copy=False)
    date_commitments = fields.Date("Commitments until", readonly=True, copy=False)
    is_open = fields.Boolean("Takes commitments", compute="_compute_is_open")
    commitment_ids = fields.One2many("sdm.plan.commitment", "version_id", string="Commitments", copy=False)
    commitment_count = fields.Integer("Have committed", compute="_compute_commitment_count", help="That you may see.")
    may_commit = fields.Boolean(compute="_compute_may_commit")

    @api.depends("state", "asks_commitments")
    def _compute_is_open(self):
        for version in self:
            version.is_open = version.state == SUBMITTED or version.state == DRAFT and version.asks_commitments

    @api.depends("commitment_ids.date_given")
    def _compute_commitment_count(self):
        counts = dict(
            self.env["sdm.plan.commitment"]._read_group(
                [("version_id", "in", self.ids), ("date_given", "!=", False)],
                ["version_id"],
                ["employee_id:count_distinct"],
            )
        )
        for version in self:
            version.commitment_count = counts.get(version, 0)

    @api.depends("is_open")
    @api.depends_context("uid")
    def _compute_may_commit(self):
        person = self.env.user.employee_id
        asked = self.sudo()._get_committing()
        for version in self:
            version.may_commit = version.is_open and person.id in asked[version._origin].ids

    def _get_committing(self):
        """Who is asked: people who have targets of their own, else those in a sales team today.

        :return: {version: employees}
        """
        rows = self.env["sdm.plan.target"]._read_group(
            [("version_id", "in", self.ids), ("employee_id", "!=", False)], ["version_id", "employee_id"]
        )
        found = defaultdict(self.env["hr.employee"].browse)
        for version, employee in rows:
            found[version] |= employee
        for version in self._origin.filtered(lambda version: version not in found):
            found[version] = version._get_team_people()
        return found

    def _get_team_people(self):
        """Those who are in a sales team of the perimeter today."""
        Position = self.env["sdm.position"]
        return Position.search(
            Domain("team_id", "!=", False)
            & Domain("company_id", "in", self.perimeter_id._get_companies().ids)
            & Position._get_domain_on(fields.Date.context_today(self))
        ).employee_id

    # -- steps --------------------------------------------------------------------------------------------------------

    def action_ask_commitments(self):
        """Open the version for commitments, and ask each person for the own one."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in (DRAFT, SUBMITTED):
            raise UserError(
                self.env._(
                    "%(version)s is decided already. Press “Change” and ask for commitments to the new version.",
                    version=self.display_name,
                )
            )
        version = self.sudo()
        until = fields.Date.context_today(self) + timedelta(days=DAYS_TO_COMMIT)
        users = version._get_committing()[version._origin].user_id.filtered("active")
        if not users:
            raise UserError(
                self.env._(
                    "There is nobody to ask: enter targets for people, or positions in a sales team under “Positions”."
                )
            )
        version.write({"asks_commitments": True, "date_commitments": until})
        asked = version.activity_ids.user_id
        for user in users - asked:
            version.with_context(mail_activity_quick_update=True).activity_schedule(
                TODO,
                date_deadline=until,
                summary=self._in_language_of(user).env._("Say what you commit to: open “My commitment”"),
                user_id=user.id,
            )
        version.message_post(
            body=self.env._("Commitments are asked for until %s.", format_date(self.env, until)),
            partner_ids=users.partner_id.ids,
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_comment",
        )
        return True

    def action_my_commitment(self):
        """Lay out the own commitments with the targets as proposals, and open them."""
        self.ensure_one()
        self.check_access("read")
        person = self.env.user.employee_id
        if not person:
            raise UserError(self.env._("You have no employee card, so you cannot commit. Ask HR for one."))
        if self.is_open:
            self.sudo()._lay_out(person.sudo())
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_commitment_action")
        return {
            **action,
            "name": self.env._("My commitment"),
            "domain": [("version_id", "=", self.id), ("employee_id", "=", person.id)],
            "context": {"default_version_id": self.id, "search_default_group_by_kpi": 1},
        }

    def _lay_out(self, person):
        """Rows of a person that are not there yet, for each KPI and month of the plan.

        A target is proposed only once the plan is submitted: until then people say what they can of their own.
        """
        targets = self.env["sdm.plan.target"]
        kpis = targets._read_group([("version_id", "=", self.id)], ["kpi_id"])
        own = targets._read_group(
            [("version_id", "=", self.id), ("employee_id", "=", person.id)], ["kpi_id", "date:day"], ["value:sum"]
        )
        proposed = {(kpi, date): value for kpi, date, value in own} if self.state == SUBMITTED else {}
        known = {
            (line.kpi_id, line.date)
            for line in self.commitment_ids.search([("version_id", "=", self.id), ("employee_id", "=", person.id)])
        }
        planned = {kpi for kpi, _date, _value in own} or {kpi for (kpi,) in kpis}
        months = periods.months_between(self.plan_id.date_from, self.plan_id.date_to)
        self.env["sdm.plan.commitment"].create(
            [
                {
                    "version_id": self.id,
                    "kpi_id": kpi.id,
                    "date": month,
                    "employee_id": person.id,
                    "value": proposed.get((kpi, month), 0),
                }
                for kpi in sorted(planned, key=lambda kpi: (kpi.sequence, kpi.id))
                for month in months
                if (kpi, month) not in known
            ]
        )

    def action_open_commitments(self):
        """Compare what was committed with what the plan asks, by group, KPI and month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_gap_action")
        return {**action, "domain": [("version_id", "=", self.id)]}

    def action_take_commitments(self):
        """Make a draft in which each person has what the person committed to."""
        self.ensure_one()
        self.check_access("write")
        given = (
            self.env["sdm.plan.commitment"]
            .sudo()
            .search_fetch(
                [("version_id", "=", self.id), ("date_given", "!=", False)],
                ["kpi_id", "date", "employee_id", "head_id", "value"],
            )
        )
        if not given:
            raise UserError(
                self.env._("Nobody has committed to %(version)s yet. Ask for commitments first.", version=self.name)
            )
        draft = self.copy({"name": self.env._("%(scenario)s, as committed", scenario=self.name)})
        draft.sudo()._take_commitments(given)
        return draft._get_form_action()

    def _take_commitments(self, given):
        """Set the targets of people to what they committed to; held targets stay.

        Several targets of a person for one KPI and month (by segment, by category) keep their proportions. What a
        group has to reach stays as well: what its people do not commit to is left as nobody's part of its goal.

        :param given: ``sdm.plan.commitment``
        """
        Target = self.env["sdm.plan.target"]
        found = defaultdict(list)
        rests = {}
        for target in Target.search_fetch(
            [("version_id", "=", self.id), ("kpi_id", "in", given.kpi_id.ids)], [*CELL, "value", "is_held"]
        ):
            if target.employee_id:
                found[target.kpi_id, target.date, target.employee_id].append(target)
            elif not (target.team_id or target.segment_id or target.category_id):
                rests[target.kpi_id, target.date, target.head_id] = target
        left = defaultdict(Decimal)
        values, new = {}, []
        for line in given:
            targets = found[line.kpi_id, line.date, line.employee_id]
            value = Decimal(str(line.value))
            before = sum((Decimal(str(target.value)) for target in targets), Decimal(0))
            open_ones = [target for target in targets if not target.is_held]
            if targets and not open_ones:
                continue
            head = targets[0].head_id if targets and targets[0].head_id else line.head_id
            if not targets:
                new.append((line.kpi_id.id, line.date, line.employee_id.id, head.id or None, str(value)))
            else:
                held = sum((Decimal(str(target.value)) for target in targets if target.is_held), Decimal(0))
                weights = {target: Decimal(str(max(target.value, 0))) for target in open_ones}
                value = max(value, held)
                values |= spread(value - held, weights)
            if line.kpi_id.semantics == facts.FLOW:
                left[line.kpi_id, line.date, head] += before - value
        for (kpi, date, head), amount in left.items():
            rest = rests.get((kpi, date, head))
            if rest:
                values[rest] = Decimal(str(rest.value)) + amount
            elif amount:
                new.append((kpi.id, date, None, head.id or None, str(amount)))
        Target._set_values(values)
        given_in_all = (self.id, self.perimeter_id.id, False, False)
        insert_rows(
            Target,
            (
                "version_id",
                "perimeter_id",
                "is_held",
                "is_effective",
                "kpi_id",
                "date",
                "employee_id",
                "head_id",
                "value",
            ),
            [(*given_in_all, *row) for row in new],
        )

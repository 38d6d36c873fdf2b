from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from odoo.addons.sdm_segmentation.engine.decision_map import Decision
from odoo.addons.sdm_segmentation.engine.roadmap import Status
from odoo.addons.sdm_segmentation.models.sdm_decision_version import DRAFT, IN_FORCE, SCHEDULED
from odoo.addons.sdm_segmentation.models.sdm_roadmap_mixin import SegmentDecision

from ...engine import facts, periods
from .sdm_plan_version import SUBMITTED

YEAR = 12
# How long a submitted version may wait for a decision
DECISION_DAYS = 7
# The first of these that a version is in says how the plan stands
STANDS = (IN_FORCE, SCHEDULED, SUBMITTED, DRAFT)
NONE = "none"


class SdmPlan(models.Model):
    """What a perimeter is to reach in a year. Its versions say how it falls to people and months."""

    _name = "sdm.plan"
    _description = "Plan"
    _inherit = ["sdm.guarded.mixin", "mail.thread", "mail.activity.mixin", "sdm.roadmap.mixin"]
    _order = "date_from desc, id desc"

    name = fields.Char(
        required=True, tracking=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    active = fields.Boolean(default=True, tracking=True)
    perimeter_id = fields.Many2one(
        "sdm.perimeter",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["sdm.perimeter"]._get_default(),
    )
    currency_id = fields.Many2one(related="perimeter_id.currency_id")
    date_from = fields.Date("First month", required=True, default=lambda self: self._default_date_from(), tracking=True)
    date_to = fields.Date("Final month", compute="_compute_date_to", store=True, readonly=False, precompute=True)
    version_ids = fields.One2many("sdm.plan.version", "plan_id", string="Versions")
    version_id = fields.Many2one("sdm.plan.version", string="In force", compute="_compute_version_id")
    version_count = fields.Integer("Number of versions", compute="_compute_version_id")
    stands = fields.Selection(
        [
            (NONE, "Not begun"),
            (DRAFT, "Draft"),
            (SUBMITTED, "Submitted"),
            (SCHEDULED, "Approved"),
            (IN_FORCE, "In force"),
        ],
        string="Status",
        compute="_compute_stands",
        store=True,
    )
    date_submitted = fields.Date("Waits since", compute="_compute_stands", store=True)
    overdue = fields.Char(compute="_compute_overdue", search="_search_overdue", help="What should be decided by now.")

    _first_days = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date_from) = 1 AND EXTRACT(DAY FROM date_to) = 1 AND date_from <= date_to)",
        "A plan goes from a month to the same or a later one, each named by its first day.",
    )

    def _default_date_from(self):
        """The coming year, until March is over the running one; after that the first year without a plan."""
        today = fields.Date.context_today(self)
        first = today.replace(year=today.year + (today.month > YEAR // 4), month=1, day=1)
        perimeter = self.env["sdm.perimeter"]._get_default()
        last = max(self.search([("perimeter_id", "=", perimeter.id)]).mapped("date_to"), default=None)
        return max(first, periods.add_months(last, 1).replace(month=1)) if last and last >= first else first

    @api.depends("date_from")
    def _compute_name(self):
        for plan in self:
            plan.name = plan.name or self.env._("Plan %(year)s", year=plan.date_from.year if plan.date_from else "")

    @api.depends("date_from")
    def _compute_date_to(self):
        for plan in self:
            plan.date_to = plan.date_from and periods.add_months(plan.date_from, YEAR - 1)

    @api.depends("version_ids.state")
    def _compute_version_id(self):
        for plan in self:
            plan.version_id = plan.version_ids.filtered(lambda version: version.state == IN_FORCE)[:1]
            plan.version_count = len(plan.version_ids)

    @api.depends("version_ids.state", "version_ids.date_submitted")
    def _compute_stands(self):
        for plan in self:
            states = set(plan.version_ids.mapped("state"))
            plan.stands = next((state for state in STANDS if state in states), NONE)
            waiting = plan.version_ids.filtered(lambda version: version.state == SUBMITTED)
            plan.date_submitted = min(waiting.mapped("date_submitted"), default=False)

    @api.depends("stands", "date_submitted", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_overdue(self):
        today = fields.Date.context_today(self)
        for plan in self:
            plan.overdue = False
            if plan.filtered_domain(self._get_domain_not_in_force(today)):
                plan.overdue = self.env._(
                    "The plan begins on %(date)s, and no version is in force.",
                    date=format_date(self.env, plan.date_from),
                )
            elif plan.filtered_domain(self._get_domain_waiting(today)):
                plan.overdue = self.env._(
                    "Submitted on %(date)s, and not decided yet.", date=format_date(self.env, plan.date_submitted)
                )

    def _search_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        overdue = self._get_domain_not_in_force(today) | self._get_domain_waiting(today)
        return ~overdue if False in value else overdue

    @api.model
    def _get_domain_not_in_force(self, today):
        """Plans whose months have begun without anything that holds."""
        return (
            Domain("date_from", "<=", today)
            & Domain("date_to", ">=", periods.month_of(today))
            & Domain("stands", "!=", IN_FORCE)
        )

    @api.model
    def _get_domain_waiting(self, today):
        """Plans with a version that waits for a decision for too long."""
        return Domain("date_submitted", "!=", False) & Domain(
            "date_submitted", "<", today - timedelta(days=DECISION_DAYS)
        )

    @api.constrains("perimeter_id", "date_from", "date_to", "active")
    def _check_overlap(self):
        # what stands in the way of another perimeter's plan is told to nobody else
        self.perimeter_id.sudo(False).check_access("read")
        for plan in self.filtered("active"):
            other = self.search(
                [
                    ("perimeter_id", "=", plan.perimeter_id.id),
                    ("id", "!=", plan.id),
                    ("date_from", "<=", plan.date_to),
                    ("date_to", ">=", plan.date_from),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s” has months of “%(other)s”: each month has one plan. Change the months, or make a "
                        "new version of “%(other)s”.",
                        plan=plan.name,
                        other=other.name,
                    )
                )

    @api.constrains("date_from", "date_to")
    def _check_targets_inside(self):
        for plan in self:
            outside = (
                self.env["sdm.plan.target"]
                .sudo()
                .search(
                    Domain("version_id.plan_id", "=", plan.id)
                    & (Domain("date", "<", plan.date_from) | Domain("date", ">", plan.date_to)),
                    limit=1,
                )
            )
            if outside:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s” has targets of %(month)s in %(version)s. Delete them first, or keep that month.",
                        plan=plan.name,
                        month=format_date(self.env, outside.date, date_format="LLLL yyyy"),
                        version=outside.version_id.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for plan in self:
            decided = plan.sudo().version_ids.filtered(lambda version: version.state != DRAFT)
            if decided:
                raise UserError(
                    self.env._(
                        "%(version)s was submitted or decided, and results name it. Archive “%(plan)s” instead.",
                        version=decided[0].display_name,
                        plan=plan.name,
                    )
                )

    def _get_months(self):
        """The months of the plan, in order."""
        self.ensure_one()
        return periods.months_between(self.date_from, self.date_to)

    def action_open_version(self):
        """Open what the work goes on with: the version that waits or is worked on, else the one in force."""
        self.ensure_one()
        by_state = self.version_ids.grouped("state")
        states = (IN_FORCE, SCHEDULED, SUBMITTED, DRAFT) if self.version_id else (SUBMITTED, SCHEDULED, DRAFT)
        version = next((by_state[state][:1] for state in states if state in by_state), None)
        return (version or self.env["sdm.plan.version"].create({"plan_id": self.id}))._get_form_action()

    # -- making -------------------------------------------------------------------------------------------------------

    def action_make(self):
        """Open the goals of the version that is being decided; where there is none, of a new draft."""
        self.ensure_one()
        coming = self.version_ids.filtered(lambda version: version.state in (DRAFT, SUBMITTED, SCHEDULED))
        latest = coming.sorted(lambda version: (version.state == DRAFT, version.number))[-1:]
        return (latest or self.env["sdm.plan.version"].create({"plan_id": self.id})).action_make()

    # -- roadmap ------------------------------------------------------------------------------------------------------

    def _roadmap_status(self, step):
        """How many of the plans that are not over are in force."""
        coming = self._get_coming()
        without = coming.filtered(lambda plan: not plan.version_id)
        if not coming:
            reason = self.env._("There is no plan of this year or the next one.")
        elif without:
            reason = self.env._("plans are in force. Missing: %(plans)s.", plans=", ".join(without.mapped("name")))
        else:
            reason = self.env._("every plan is in force.")
        return Status(len(coming - without), len(coming), reason)

    @api.model
    def _get_coming(self):
        """The plans of the current perimeter that are not over."""
        perimeter = self.env["sdm.perimeter"]._get_default()
        month = periods.month_of(fields.Date.context_today(self))
        return self.search([("perimeter_id", "=", perimeter.id), ("date_to", ">=", month)])

    def _get_roadmap_action(self, step):
        return self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_action")

    def _get_segment_decisions(self, step, segments):
        """What is planned for each segment, else in the draft; a plan without segments is one for all of them."""
        Target = self.env["sdm.plan.target"].sudo()
        coming = self._get_coming().sudo()
        versions = coming.version_ids.filtered(lambda version: version.state in STANDS)
        rows = Target._read_group(
            Domain("version_id", "in", versions.ids)
            & Domain("segment_id", "in", segments.ids)
            & Domain("kpi_id.semantics", "=", facts.FLOW),
            ["segment_id", "version_id", "kpi_id"],
            ["value:sum"],
        )
        if not rows:
            return None
        planned = defaultdict(dict)
        for segment, version, kpi, value in rows:
            planned[segment, version][kpi] = value
        order = sorted(versions, key=lambda version: (STANDS.index(version.state), version.plan_id.date_from))
        strategies = segments.sudo().strategy_id.grouped("segment_id")
        found = {}
        for segment in segments:
            version = next((version for version in order if (segment, version) in planned), versions.browse())
            values = planned.get((segment, version), {})
            is_in_force = version.state == IN_FORCE
            found[segment] = SegmentDecision(
                Decision(
                    version.date_from if is_in_force else None,
                    version.date_review or None if is_in_force else None,
                    self._tell_conflict(version, values, strategies.get(segment)) if is_in_force else "",
                ),
                self._tell_planned(version, values) if values else "",
                version.with_env(self.env),
            )
        return found

    def _tell_planned(self, version, values):
        """What is planned in the first KPI, as “Revenue 12,000,000”."""
        kpi = min(values, key=lambda kpi: (kpi.sequence, kpi.id))
        number = (
            format_amount(self.env, values[kpi], version.currency_id) if kpi.unit == "money" else f"{values[kpi]:g}"
        )
        return f"{kpi.name}: {number}"

    def _tell_conflict(self, version, values, strategy):
        """A sentence where the strategy wants more revenue in a year than the plan has, else nothing."""
        revenue = sum(value for kpi, value in values.items() if kpi.code == "revenue")
        wanted = strategy.target_revenue if strategy else 0
        if not wanted or not revenue or revenue >= wanted or len(version.plan_id._get_months()) != YEAR:
            return ""
        return self.env._(
            "The strategy wants %(wanted)s in twelve months, the plan has %(planned)s.",
            wanted=format_amount(self.env, wanted, version.currency_id),
            planned=format_amount(self.env, revenue, version.currency_id),
        )

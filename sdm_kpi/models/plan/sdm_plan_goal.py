from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import float_round, format_date

from odoo.addons.sdm_segmentation.engine.options import OptionError
from odoo.addons.sdm_segmentation.models.sdm_decision_version import DRAFT

from ...engine import periods
from ...engine.plan import weights
from ..sdm_kpi import COMPUTED

GROWTH, AMOUNT, NEEDED = "growth", "amount", "needed"
STEPS = ["goal", "months", "people", "preview"]
YEAR = 12


def exact(number):
    """A stored number as the Decimal that was meant."""
    return Decimal(str(number))


class SdmPlanGoal(models.Model):
    """What a plan is to reach of a KPI, and how that falls to months and people.

    Its settings stay with the version: worked out again they give the same targets, and each target can say why it is
    what it is.
    """

    _name = "sdm.plan.goal"
    _description = "Goal of a Plan"
    _inherit = ["sdm.guarded.mixin"]
    _order = "version_id, id"
    _rec_name = "kpi_id"

    version_id = fields.Many2one("sdm.plan.version", required=True, index=True, ondelete="cascade")
    plan_id = fields.Many2one(related="version_id.plan_id")
    perimeter_id = fields.Many2one(related="version_id.perimeter_id", store=True, index=True)
    currency_id = fields.Many2one(related="version_id.currency_id")
    state = fields.Selection(related="version_id.state")
    step = fields.Selection(
        [("goal", "Goal"), ("months", "Months"), ("people", "People"), ("preview", "Preview")],
        default="goal",
        required=True,
        copy=False,
    )
    kpi_id = fields.Many2one(
        "sdm.kpi",
        string="KPI",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["sdm.kpi"].search([("code", "=", "revenue")], limit=1),
    )
    unit = fields.Selection(related="kpi_id.unit")
    goal_by = fields.Selection(
        [(GROWTH, "Growth on the last twelve months"), (AMOUNT, "An amount"), (NEEDED, "What another goal takes")],
        string="The goal is",
        required=True,
        default=GROWTH,
    )
    growth = fields.Float(digits=(16, 6), help="20 % is a fifth more than in the last twelve months.")
    given_amount = fields.Float("Amount", digits=(16, 4))
    base_amount = fields.Float(
        "Last twelve months",
        compute="_compute_base_amount",
        store=True,
        digits=(16, 4),
        help="The facts of the same months of the year, of the last twelve that are over.",
    )
    amount = fields.Float("Goal", compute="_compute_amount", store=True, digits=(16, 4))
    change = fields.Float("Growth of the goal", compute="_compute_change", help="Against the last twelve months.")
    date_history = fields.Date(
        "History up to",
        required=True,
        default=lambda self: self._default_date_history(),
        help="The last month of facts that counts, by its first day.",
    )
    history_years = fields.Integer(
        "Years of history", default=3, required=True, help="From so many years the shape of a year is taken."
    )
    use_working_days = fields.Boolean(
        "By working days",
        default=True,
        help="A month with more working days than usual gets more, by the production calendar of the main company.",
    )
    history_weight = fields.Integer("By history", default=100, help="What people sold in the last twelve months.")
    potential_weight = fields.Integer("By potential", help="What the customers of people could buy in a year.")
    capacity_weight = fields.Integer("By capacity", help="Working time: share of a post, and the ramp of newcomers.")
    equal_weight = fields.Integer("Evenly", help="The same for everybody.")
    curve = fields.Char(
        "Ramp of newcomers, %",
        default="25, 50, 75",
        help="What part of a full result somebody brings in the first, the second month and so on; then all of it.",
    )
    least_months = fields.Integer(
        "Newcomer below, months",
        default=3,
        required=True,
        help="Who was there for less counts like the median of the group.",
    )
    absences_lower = fields.Boolean(
        "Absences lower targets", help="Days away that are known lower the target of that month; colleagues get more."
    )
    rounding = fields.Float(
        "Rounded to",
        compute="_compute_rounding",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        digits=(16, 4),
    )
    month_ids = fields.One2many("sdm.plan.goal.month", "goal_id", string="Months", copy=True)
    part_ids = fields.One2many("sdm.plan.goal.part", "goal_id", string="Groups and people", copy=True)
    written_on = fields.Datetime("Targets written on", readonly=True, copy=False)

    _kpi_uniq = models.UniqueIndex("(version_id, kpi_id)", "The version has a goal for this KPI. Change that one.")
    _rounding_range = models.Constraint("CHECK(rounding > 0)", "“Rounded to” is more than 0, for example 1 or 1000.")
    _years_range = models.Constraint(
        "CHECK(history_years BETWEEN 1 AND 10)", "“Years of history” is a number from 1 to 10."
    )
    _least_months_range = models.Constraint(
        "CHECK(least_months BETWEEN 0 AND 12)", "“Newcomer below” is a number of months from 0 to 12."
    )
    _history_first_day = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date_history) = 1)", "A month is named by its first day: enter the first of the month."
    )
    _amounts_range = models.Constraint(
        "CHECK(given_amount >= 0 AND growth >= -1)", "A goal is not below 0: growth is -100 % or more."
    )

    def _default_date_history(self):
        """The last month that is over."""
        return periods.add_months(periods.month_of(fields.Date.context_today(self)), -1)

    @api.depends("kpi_id", "version_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for goal in self:
            goal.display_name = f"{goal.kpi_id.name or ''}, {goal.version_id.display_name or ''}"

    @api.depends("version_id", "kpi_id", "date_history")
    def _compute_base_amount(self):
        for goal in self:
            goal.base_amount = goal._get_base_amount() if goal._is_known() else 0

    def _get_base_amount(self):
        """What growth counts on."""
        return sum(self._get_base_by_month().values(), Decimal(0))

    @api.depends("kpi_id")
    def _compute_rounding(self):
        for goal in self:
            goal.rounding = 0.01 if goal.kpi_id.semantics == COMPUTED else 1

    @api.depends("goal_by", "growth", "given_amount", "base_amount", "rounding")
    def _compute_amount(self):
        for goal in self:
            # the mean of counts that cannot be added up is no whole number
            step = 0.01 if goal.is_norm else goal.rounding or 1
            grown = float_round(goal.base_amount * (1 + goal.growth), precision_rounding=step)
            goal.amount = grown if goal.goal_by == GROWTH else goal.given_amount

    @api.depends("amount", "base_amount")
    def _compute_change(self):
        for goal in self:
            goal.change = goal.amount / goal.base_amount - 1 if goal.base_amount else 0

    @api.onchange("goal_by")
    def _onchange_goal_by(self):
        if self.goal_by == AMOUNT and not self.given_amount:
            self.given_amount = self.base_amount * (1 + self.growth)

    @api.onchange("month_ids")
    def _onchange_month_ids(self):
        self._share_months()

    @api.constrains("history_weight", "potential_weight", "capacity_weight", "equal_weight")
    def _check_mix(self):
        for goal in self:
            mix = goal._get_mix().values()
            if min(mix) < 0 or not any(mix):
                raise ValidationError(
                    self.env._(
                        "By history, potential, capacity and evenly: give at least one of them a weight above 0, and "
                        "none below it."
                    )
                )

    @api.constrains("curve")
    def _check_curve(self):
        for goal in self:
            goal._get_curve()

    # -- CRUD ---------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        goals = super().create(vals_list)
        goals._check_may_change()
        goals._update_months()
        return goals

    def write(self, vals):
        self.check_access("write")
        if vals.keys() - {"step"}:
            self._check_may_change()
        result = super().write(vals)
        if {"version_id", "kpi_id", "date_history", "history_years", "use_working_days"} & vals.keys():
            self._update_months()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self._check_may_change()

    def _check_may_change(self):
        """:raise UserError: the version was submitted or decided; with what to do"""
        if self.env.su:
            return
        self.version_id._queue_behind_others()
        fixed = self.version_id.filtered(lambda version: version.state != DRAFT)
        if fixed:
            raise UserError(
                self.env._(
                    "%(version)s was submitted or decided and stays as it is. Press “Change” to make a new version.",
                    version=fixed[0].display_name,
                )
            )

    # -- settings -----------------------------------------------------------------------------------------------------

    def _is_known(self):
        """Whether there is enough to read facts for."""
        return bool(self.version_id and self.kpi_id and self.date_history)

    def _get_months(self):
        """The months of the plan."""
        return self.plan_id._get_months()

    def _get_base_month(self, month):
        """The month of the last twelve that stands where a month of the plan stands in its year."""
        back = (self.date_history.month - month.month) % YEAR
        return periods.add_months(self.date_history, -back)

    def _get_mix(self):
        return {
            weights.HISTORY: self.history_weight,
            weights.POTENTIAL: self.potential_weight,
            weights.CAPACITY: self.capacity_weight,
            weights.EQUAL: self.equal_weight,
        }

    def _get_curve(self):
        try:
            return weights.parse_curve(self.curve)
        except OptionError as error:
            raise ValidationError(
                self.env._(
                    "“%(word)s” cannot stand in “Ramp of newcomers”. Write percents with commas between them, as in "
                    "25, 50, 75.",
                    word=error.value,
                )
            ) from error

    # -- steps --------------------------------------------------------------------------------------------------------

    def action_next(self):
        """Go on to the next step, with what it shows worked out anew."""
        self._go_to(1)

    def action_back(self):
        """Go back to the step before."""
        self._go_to(-1)

    def _get_steps(self):
        return STEPS

    def _go_to(self, count):
        self.ensure_one()
        steps = self._get_steps()
        place = min(max(steps.index(self.step) + count, 0), len(steps) - 1)
        self.step = steps[place]
        if self.state == DRAFT:
            self.action_work_out()

    def action_work_out(self):
        """Take the facts as they are now, and work out months, groups and people anew."""
        self._check_may_change()
        self._update_months()
        for goal in self:
            goal._update_parts(goal._work_out())

    def action_write(self):
        """Write the targets of the goal into the version; held ones stay, and again gives the same.

        :return: what to show: the targets
        """
        self.ensure_one()
        self.check_access("write")
        self._check_may_change()
        self.action_work_out()
        worked_out = self._work_out()
        if not any(worked_out.cells.values()):
            raise UserError(
                self.env._(
                    "The goal is 0, so there is nothing to hand down. Enter an amount in the step “Goal”.",
                )
            )
        self.env["sdm.plan.target"]._write_cells(self.version_id, self.kpi_id, worked_out.cells)
        self.written_on = fields.Datetime.now()
        # the work that it takes follows
        for worker in self._get_workers():
            worker.action_write()
        return self.version_id.action_open_grid()

    @api.model
    def _open(self, version):
        """Open the goal of a version's main KPI, made if there is none; where there are several, all of them.

        :param version: sdm.plan.version
        """
        goals = self.search([("version_id", "=", version.id)])
        if not goals and version.state == DRAFT:
            goals = self.create({"version_id": version.id})
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_goal_action")
        action["domain"] = [("version_id", "=", version.id)]
        action["context"] = {"default_version_id": version.id}
        if len(goals) == 1:
            action.update(views=[(False, "form")], res_id=goals.id)
        return action

    # -- months -------------------------------------------------------------------------------------------------------

    def _update_months(self):
        """Bring the shares of months in line with facts and calendar; those by hand stay."""
        self.env.add_to_compute(self._fields["base_amount"], self)
        for goal in self:
            base = goal._get_base_by_month()
            shares, days = goal._find_shares()
            present = {row.date: row for row in goal.month_ids}
            commands = [Command.delete(row.id) for month, row in present.items() if month not in shares]
            for month, share in shares.items():
                vals = {
                    "base_amount": base[month],
                    "working_days": days.get(month, 0),
                    "usual_share": float(share * 100),
                }
                if month in present:
                    commands.append(Command.update(present[month].id, vals))
                else:
                    commands.append(Command.create({"date": month, **vals}))
            goal.write({"month_ids": commands})
            goal._share_months()


class SdmPlanGoalMonth(models.Model):
    """How much of a goal falls to a month."""

    _name = "sdm.plan.goal.month"
    _description = "Month of a Goal"
    _order = "goal_id, date"
    _rec_name = "name"

    goal_id = fields.Many2one("sdm.plan.goal", required=True, index=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True)
    name = fields.Char("Month", compute="_compute_name")
    base_amount = fields.Float("Year before", readonly=True, digits=(16, 4))
    working_days = fields.Integer(readonly=True)
    usual_share = fields.Float("Usual share, %", readonly=True, digits=(16, 6), aggregator=None)
    share = fields.Float("Share, %", digits=(16, 6), help="Of the year's goal. What you enter here stays.")
    is_by_hand = fields.Boolean("By hand")
    amount = fields.Float("Target", compute="_compute_amount", digits=(16, 4))
    bar = fields.Float("Shape of the year", compute="_compute_bar")

    _month_uniq = models.UniqueIndex("(goal_id, date)", "The goal has this month already.")

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_name(self):
        for row in self:
            row.name = format_date(self.env, row.date, date_format="LLLL yyyy") if row.date else ""

    @api.depends("share", "goal_id.amount", "goal_id.rounding", "goal_id.month_ids.share")
    def _compute_amount(self):
        amounts = {goal: goal._get_amount_by_month() for goal in self.goal_id}
        for row in self:
            row.amount = amounts[row.goal_id].get(row.date, 0)

    @api.depends("share", "goal_id.month_ids.share")
    def _compute_bar(self):
        highest = {goal: max(goal.month_ids.mapped("share"), default=0) for goal in self.goal_id}
        for row in self:
            row.bar = 100 * row.share / highest[row.goal_id] if highest[row.goal_id] else 0

    @api.onchange("share")
    def _onchange_share(self):
        self.is_by_hand = True

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.goal_id._check_may_change()
        return rows

    def write(self, vals):
        self.check_access("write")
        self.goal_id._check_may_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self.goal_id._check_may_change()

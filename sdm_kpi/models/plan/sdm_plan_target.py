from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from odoo.addons.sdm_segmentation.models.sdm_decision_version import DRAFT

from ...engine import facts, periods

CELL = ("kpi_id", "date", "employee_id", "head_id", "team_id", "segment_id", "category_id")
# Written when a version comes into force or an old plan is imported, never by hand
STEPS = {"is_effective", "is_blended", "value_decided", "part_old", "share_old", "import_id"}


class SdmPlanTarget(models.Model):
    """A cell of a plan: what is to be reached of a KPI in a month, by whom, where and with what.

    What is added up (revenue, meetings) is kept once, for the person, and otherwise for the group or the company as
    what nobody has yet. What cannot be added up (a ratio, a state, a count of customers) has a cell of its own for a
    person, a group (no person) and the company (no person and no group).
    """

    _name = "sdm.plan.target"
    _description = "Target"
    _inherit = ["sdm.guarded.mixin"]
    _order = "version_id, kpi_id, date, employee_id, id"
    _rec_name = "kpi_id"

    version_id = fields.Many2one("sdm.plan.version", required=True, index=True, ondelete="cascade")
    plan_id = fields.Many2one(related="version_id.plan_id")
    perimeter_id = fields.Many2one(related="version_id.perimeter_id", store=True, index=True)
    is_effective = fields.Boolean("Holds", readonly=True, copy=False, help="Facts are judged by it.")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, index=True, ondelete="restrict")
    unit = fields.Selection(related="kpi_id.unit")
    date = fields.Date("Month", required=True, default=lambda self: self._default_date())
    employee_id = fields.Many2one("hr.employee", string="Person", index="btree_not_null", ondelete="restrict")
    head_id = fields.Many2one("hr.employee", string="Group of", index="btree_not_null", ondelete="restrict")
    team_id = fields.Many2one("crm.team", string="Sales team", ondelete="restrict")
    segment_id = fields.Many2one("sdm.segment", ondelete="restrict")
    category_id = fields.Many2one("product.category", string="Product category", ondelete="restrict")
    value = fields.Float("Target", required=True, digits=(16, 4))
    is_blended = fields.Boolean(
        "Changed within the month",
        readonly=True,
        copy=False,
        help="An old and a new target by working days: the version came into force within the month.",
    )
    value_decided = fields.Float(
        "New target, whole month", digits=(16, 4), readonly=True, copy=False, help="Of a target that was changed."
    )
    part_old = fields.Float(
        "Of it old", digits=(16, 4), readonly=True, copy=False, help="For the working days before the change."
    )
    share_old = fields.Float(
        "Days before the change",
        digits=(16, 12),
        readonly=True,
        copy=False,
        help="Part of the month's working days, by which the plan to date is reckoned. 0: one target holds all month.",
    )
    is_held = fields.Boolean("Held", help="Stays as it is when a goal is handed down.")
    note = fields.Text("Comment")

    _cell_uniq = models.UniqueIndex(
        "(version_id, kpi_id, date, COALESCE(employee_id, 0), COALESCE(head_id, 0), COALESCE(team_id, 0), "
        "COALESCE(segment_id, 0), COALESCE(category_id, 0))",
        "The plan has a target for this already. Change that one.",
    )
    _month_first_day = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date) = 1)", "A month is named by its first day: enter the first of the month."
    )

    def _default_date(self):
        """The first month of the plan that the target is entered in."""
        version = self.env["sdm.plan.version"].browse(self.env.context.get("default_version_id"))
        return version.plan_id.date_from

    @api.onchange("employee_id", "date")
    def _onchange_employee_id(self):
        """Group and team of the person in that month."""
        if self.employee_id and self.date:
            Position = self.env["sdm.position"]
            position = Position.search(
                Domain("employee_id", "=", self.employee_id.id) & Position._get_domain_on(periods.end_of(self.date)),
                limit=1,
            )
            self.head_id = position.head_id
            self.team_id = position.team_id

    @api.constrains("date", "version_id")
    def _check_month(self):
        for target in self:
            plan = target.version_id.plan_id
            if not plan.date_from <= target.date <= plan.date_to:
                raise ValidationError(
                    self.env._(
                        "%(month)s is not in “%(plan)s”, which goes from %(first)s to %(last)s.",
                        month=self._tell_month(target.date),
                        plan=plan.name,
                        first=self._tell_month(plan.date_from),
                        last=self._tell_month(plan.date_to),
                    )
                )

    def _tell_month(self, date):
        return format_date(self.env, date, date_format="LLLL yyyy")

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._check_may_change()
        return targets

    def write(self, vals):
        self.check_access("write")
        self._check_may_change()
        result = super().write(vals)
        if "version_id" in vals:
            self._check_may_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self._check_may_change()

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | STEPS

    @api.model
    def _tell_guarded(self, field):
        if field.name in STEPS:
            return self.env._("Which targets hold is decided by “Put in force”.")
        return super()._tell_guarded(field)

    def _get_cell(self):
        """What the target is of, whatever its version: of what cannot be added up a person has one, in any group."""
        names = CELL
        if self.employee_id and self.kpi_id.semantics != facts.FLOW:
            names = [name for name in CELL if name not in ("head_id", "team_id")]
        return tuple(self[name] for name in names)

    def _prepare_cell(self):
        """Values of a target of the same in another version."""
        return {name: self[name] if name == "date" else self[name].id for name in CELL}

    @api.model
    def _set_values(self, values):
        """Write targets of drafts in one statement; the caller has checked that they may change.

        :param values: {target: Decimal}
        """
        if not values:
            return
        self.browse().concat(*values).version_id._queue_behind_others()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_plan_target target SET value = given.value, write_uid = %s, write_date = %s
                     FROM unnest(%s::int4[], %s::numeric[]) given (id, value)
                    WHERE target.id = given.id""",
                self.env.uid,
                fields.Datetime.now(),
                [target.id for target in values],
                [str(value) for value in values.values()],
            )
        )
        self.invalidate_model(["value", "write_uid", "write_date"])

    def _get_unit(self):
        """Whose goal over the months the target is a part of: (KPI, person or none, head or none)."""
        return self.kpi_id, self.employee_id, self.employee_id.browse() if self.employee_id else self.head_id

    def _get_decided(self):
        """The target of the whole month as it was decided."""
        return self.value_decided if self.is_blended else self.value

    def _check_may_change(self):
        """Refuse to change what was submitted or decided.

        :raise UserError: with the version and what to do
        """
        if self.env.su:
            return
        # who submits or changes the version at the same time
        self.version_id._queue_behind_others()
        fixed = self.version_id.filtered(lambda version: version.state != DRAFT)
        if fixed:
            raise UserError(
                self.env._(
                    "%(version)s was submitted or decided and stays as it is. Press “Change” to make a new version.",
                    version=fixed[0].display_name,
                )
            )

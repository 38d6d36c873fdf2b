from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.sdm_segmentation.engine.roadmap import Status
from odoo.addons.sdm_segmentation.models.sdm_decision_version import IN_FORCE

from ...engine import periods

YEAR = 12


class SdmPlan(models.Model):
    """What a perimeter is to reach in a year. Its versions say how it falls to people and months."""

    _name = "sdm.plan"
    _description = "Plan"
    _inherit = ["mail.thread", "mail.activity.mixin", "sdm.roadmap.mixin"]
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
    date_to = fields.Date("Last month", compute="_compute_date_to", store=True, readonly=False, precompute=True)
    version_ids = fields.One2many("sdm.plan.version", "plan_id", string="Versions")
    version_id = fields.Many2one("sdm.plan.version", string="In force", compute="_compute_version_id")

    _first_days = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date_from) = 1 AND EXTRACT(DAY FROM date_to) = 1 AND date_from <= date_to)",
        "A plan goes from a month to the same or a later one, each named by its first day.",
    )

    def _default_date_from(self):
        """The coming year, until March is over the running one."""
        today = fields.Date.context_today(self)
        return today.replace(year=today.year + (today.month > YEAR // 4), month=1, day=1)

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

    @api.constrains("perimeter_id", "date_from", "date_to", "active")
    def _check_overlap(self):
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

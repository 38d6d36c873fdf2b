from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.models.sdm_decision_version import SCHEDULED

SUBMITTED = "submitted"
SETTINGS = {"plan_id", "target_ids"}


class SdmPlanVersion(models.Model):
    """A plan as it was thought out at a time: a scenario while it is a draft, then what holds from a day on."""

    _name = "sdm.plan.version"
    _description = "Version of a Plan"
    _inherit = ["sdm.decision.version"]
    _order = "plan_id desc, number desc, id desc"

    plan_id = fields.Many2one("sdm.plan", required=True, index=True, ondelete="cascade")
    perimeter_id = fields.Many2one(related="plan_id.perimeter_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    name = fields.Char("Scenario", required=True, default=lambda self: self.env._("Base"), tracking=True)
    state = fields.Selection(
        selection_add=[(SUBMITTED, "Submitted"), (SCHEDULED,)], ondelete={SUBMITTED: "set default"}
    )
    parent_id = fields.Many2one("sdm.plan.version", string="Made from", readonly=True, copy=False, ondelete="set null")
    target_ids = fields.One2many("sdm.plan.target", "version_id", string="Targets", copy=False)
    target_count = fields.Integer("Number of targets", compute="_compute_target_count")

    _in_force_uniq = models.UniqueIndex("(plan_id) WHERE state = 'in_force'", "Another version is in force.")

    @api.depends("plan_id.name", "name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(plan)s, version %(number)s: %(scenario)s",
                plan=version.plan_id.name or "",
                number=version.number,
                scenario=version.name or "",
            )

    @api.depends("target_ids")
    def _compute_target_count(self):
        counts = dict(
            self.env["sdm.plan.target"]._read_group([("version_id", "in", self.ids)], ["version_id"], ["__count"])
        )
        for version in self:
            version.target_count = counts.get(version, 0)

    @api.model
    def _get_head_name(self):
        return "plan_id"

    @api.model
    def _get_settings(self):
        return SETTINGS

    @api.model
    def _cron_come_into_force(self):
        """Plans whose day has come."""
        self._come_into_force_today()

    def _come_into_force(self):
        result = super()._come_into_force()
        for version in self:
            version._hold_targets()
        return result

    def _hold_targets(self):
        """Let the targets of the version in force hold, and those of the plan's other versions no longer."""
        self.env["sdm.plan.target"].flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_plan_target target SET is_effective = (target.version_id = %(version)s)
                     FROM sdm_plan_version version
                    WHERE version.id = target.version_id AND version.plan_id = %(plan)s
                      AND target.is_effective IS DISTINCT FROM (target.version_id = %(version)s)""",
                version=self.id,
                plan=self.plan_id.id,
            )
        )
        self.env["sdm.plan.target"].invalidate_model(["is_effective"])

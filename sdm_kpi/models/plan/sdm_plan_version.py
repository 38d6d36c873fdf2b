from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from odoo.addons.sdm_segmentation.models.sdm_decision_version import DRAFT, IN_FORCE, REPLACED, SCHEDULED

SUBMITTED = "submitted"
SETTINGS = {"plan_id", "target_ids", "goal_ids"}
# Written by the steps of the life cycle alone
STEPS = {
    "date_submitted",
    "submitted_by_id",
    "month_rule",
    "month_from",
    "asks_commitments",
    "date_commitments",
    "import_id",
}
# How the month pays in which a version comes into force after its first day
WHOLE, NEXT, DAYS = "whole", "next", "days"


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
        # each is named anew: names of values that are only inherited are in no catalogue of translations
        selection_add=[
            (DRAFT, "Draft"),
            (SUBMITTED, "Submitted"),
            (SCHEDULED, "Approved"),
            (IN_FORCE, "In force"),
            (REPLACED, "Replaced"),
        ],
        ondelete={SUBMITTED: "set default"},
    )
    parent_id = fields.Many2one("sdm.plan.version", string="Made from", readonly=True, copy=False, ondelete="set null")
    target_ids = fields.One2many("sdm.plan.target", "version_id", string="Targets", copy=False)
    goal_ids = fields.One2many("sdm.plan.goal", "version_id", string="Goals", copy=True)
    target_count = fields.Integer("Number of targets", compute="_compute_target_count")
    date_submitted = fields.Date("Submitted on", readonly=True, copy=False)
    submitted_by_id = fields.Many2one("res.users", string="Submitted by", readonly=True, copy=False)
    check_count = fields.Integer("Not right", compute="_compute_check_count", help="Not set, and mismatches.")
    month_rule = fields.Selection(
        [
            (WHOLE, "The new target, for the whole month"),
            (NEXT, "The old target, the new one from the next month on"),
            (DAYS, "By working days, the old target and then the new one"),
        ],
        string="Month of the change",
        default=WHOLE,
        required=True,
        readonly=True,
        copy=False,
        help="Which target counts in the month in which a version comes into force after the first day.",
    )
    month_from = fields.Date(
        "Holds from month on", readonly=True, copy=False, help="Earlier months keep the targets they had."
    )

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

    @api.depends("target_ids")
    def _compute_check_count(self):
        for version in self:
            checks = self.env["sdm.plan.check"].with_context(sdm_plan_version=version._origin.id)
            version.check_count = checks.search_count([]) if checks.has_access("read") else 0

    @api.model
    def _get_head_name(self):
        return "plan_id"

    @api.model
    def _get_settings(self):
        return SETTINGS

    # -- CRUD ---------------------------------------------------------------------------------------------------------

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | STEPS

    @api.model
    def _tell_guarded(self, field):
        if field.name in STEPS:
            return self.env._("Use “Submit”, “Ask for commitments” or “Put in force” for this.")
        return super()._tell_guarded(field)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        return [{**vals, "parent_id": version.id} for version, vals in zip(self, vals_list, strict=True)]

    def copy(self, default=None):
        copies = super().copy(default)
        for version, copied in zip(self, copies, strict=True):
            version._copy_targets(copied)
        return copies

    def _copy_targets(self, other):
        """Copy all targets in one statement, those too that the person may not see. What was blended when this version
        came into force is copied as it was decided."""
        Target = self.env["sdm.plan.target"]
        Target.flush_model()
        own = {"id", "version_id", "value", *Target._get_step_fields()}
        names = [name for name, field in Target._fields.items() if field.store and field.column_type]
        kept = SQL(", ").join(SQL.identifier(name) for name in names if name not in own)
        self.env.cr.execute(
            SQL(
                """INSERT INTO sdm_plan_target (version_id, value, %(kept)s)
                   SELECT %(other)s, CASE WHEN is_blended THEN value_decided ELSE value END, %(kept)s
                     FROM sdm_plan_target
                    WHERE version_id = %(version)s AND NOT (COALESCE(is_blended, FALSE) AND value_decided = 0)""",
                kept=kept,
                other=other.id,
                version=self.id,
            )
        )
        other.invalidate_recordset(["target_ids", "target_count"])

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        for version in self.filtered(lambda version: version.state == SUBMITTED):
            raise UserError(
                self.env._("%(version)s waits for a decision. Recall it first.", version=version.display_name)
            )
        return super()._unlink_except_in_force()

    # -- life cycle ---------------------------------------------------------------------------------------------------

    def _check_ready(self):
        """Refuse a version without targets, or one that is decided already.

        :raise UserError: with the version and what to do
        """
        self.ensure_one()
        if self.state not in (DRAFT, SUBMITTED):
            raise UserError(
                self.env._(
                    "%(version)s is decided already. Press “Change” to make a new version.", version=self.display_name
                )
            )
        if not self.sudo().target_count:
            raise UserError(
                self.env._(
                    "%(version)s has no targets yet. Open “Targets” and say who is to reach what.",
                    version=self.display_name,
                )
            )

    def action_submit(self):
        """Hand the draft in for a decision: its targets are fixed, and people see their own."""
        self.ensure_one()
        self.check_access("write")
        if self.state != DRAFT:
            raise UserError(self.env._("%(version)s was submitted already.", version=self.display_name))
        self._check_ready()
        self.sudo().write(
            {
                "state": SUBMITTED,
                "date_submitted": fields.Date.context_today(self),
                "submitted_by_id": self.env.uid,
            }
        )
        return True

    def action_recall(self):
        """Take back what was submitted, or approved for a day to come: it is a draft again."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in (SUBMITTED, SCHEDULED):
            raise UserError(
                self.env._(
                    "Only what was submitted or approved for a day to come can be recalled. %(version)s is not: "
                    "press “Change” to make a new version.",
                    version=self.display_name,
                )
            )
        version = self.sudo()
        version._call_off()
        version.write(
            {
                "state": DRAFT,
                "date_submitted": False,
                "submitted_by_id": False,
                "date_from": False,
                "date_review": False,
                "reason": False,
                "approved_by_id": False,
                "month_rule": WHOLE,
            }
        )
        version._forget_changes()
        return True

    def action_put_in_force(self):
        """Ask for the reason, the day, the month of the change and who is told."""
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put in force"),
            "res_model": "sdm.plan.put.in.force",
            "view_mode": "form",
            "target": "new",
            "context": {"default_version_id": self.id},
        }

    def action_change(self):
        """Make a draft of this version with all its targets, or open the one there is."""
        self.ensure_one()
        self.check_access("write")
        drafts = self.plan_id.version_ids.filtered(
            lambda version: version.parent_id == self and version.state in (DRAFT, SUBMITTED)
        )
        return (drafts[:1] or self.copy())._get_form_action()

    def action_copy_scenario(self):
        """Make another scenario: a draft with the same targets."""
        self.ensure_one()
        return self.copy({"name": self.env._("%(scenario)s, another way", scenario=self.name)})._get_form_action()

    def action_open_targets(self):
        """Open the targets as a list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_target_action")
        return {
            **action,
            "domain": [("version_id", "=", self.id)],
            # rows are entered only where they are not grouped
            "context": {"default_version_id": self.id, "search_default_group_by_kpi": bool(self.target_count)},
        }

    def action_open(self):
        """Open the version as a form."""
        self.ensure_one()
        return self._get_form_action()

    def action_open_facts(self):
        """Open the facts of the plan's months."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_report_action")
        plan = self.plan_id
        return {
            **action,
            "domain": [("date", ">=", plan.date_from), ("date", "<=", plan.date_to)],
            "context": {"sdm_perimeter": self.perimeter_id.id},
        }

    def action_open_checks(self):
        """Open what is not right: people without a target, groups whose people do not make the goal."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_check_action")
        return {**action, "context": {"sdm_plan_version": self.id, "search_default_group_by_kind": 1}}

    def action_compare(self):
        """Ask which version this one is compared with."""
        self.ensure_one()
        other = self.parent_id or self.replaces_id or (self.plan_id.version_ids - self)[:1]
        if not other:
            raise UserError(
                self.env._("“%(plan)s” has one version only. Make another scenario first.", plan=self.plan_id.name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare"),
            "res_model": "sdm.plan.compare",
            "view_mode": "form",
            "target": "new",
            "context": {"default_before_id": other.id, "default_after_id": self.id},
        }

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Version of a plan"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    @api.model
    def _cron_come_into_force(self):
        """Plans whose day has come."""
        self._come_into_force_today()

    def action_make(self):
        """Open the goals that the version's targets follow from."""
        self.ensure_one()
        return self.env["sdm.plan.goal"]._open(self)

    # -- announcement -------------------------------------------------------------------------------------------------

    def _get_audience(self):
        """Who has targets in the plan and who leads them; once others held before, those whose targets change."""
        self.ensure_one()
        rows = self.env["sdm.plan.change" if self.sudo().change_ids else "sdm.plan.target"].sudo()
        employees = self.env["hr.employee"].sudo()
        for name in ("employee_id", "head_id"):
            found = rows._read_group([("version_id", "=", self.id), (name, "!=", False)], [name])
            employees = employees.union(*(employee for (employee,) in found))
        return employees.user_id.sudo(False).filtered("active")

    def _get_announcement(self):
        """The reason, and where each finds the own targets: numbers of others are in no message."""
        start = format_date(self.env, self.date_from)
        lines = [self.env._("%(plan)s is in force from %(date)s on.", plan=self.plan_id.name, date=start)]
        if self.sudo().change_ids:
            lines.append(
                self.env._("What changes for you, and what it means for this month, stands in it under “What changes”.")
            )
        else:
            lines.append(self.env._("You find your targets in it."))
        if self.reason:
            lines.append(self.reason)
        subject = self.env._("New targets: %(plan)s", plan=self.plan_id.name)
        return subject, Markup("").join(Markup("<p>%s</p>") % line for line in lines)

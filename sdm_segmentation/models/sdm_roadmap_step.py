import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import is_html_empty

from ..engine import roadmap
from ..engine.errors import CycleError
from ..engine.roadmap import CONTRADICTS, DECIDED, READY, REVIEW, STARTED, WAITING, Step, arrange
from .sdm_diagnosis_step import VERDICTS

# Only deciding writes these: a decision without its text, or rewritten under its date, is none.
DECIDED_FIELDS = {"decided", "date_decided", "decided_by_id"}
# What the method and the order of the roadmap are; an owner prepares a step, the director arranges them.
DIRECTOR_FIELDS = {
    "code",
    "name",
    "stage",
    "sequence",
    "requires_ids",
    "active",
    "user_id",
    "question",
    "product",
    "reason",
    "res_model",
    "action_xmlid",
}


class SdmRoadmapStep(models.Model):
    """A decision of the method. All steps ship with this addon; what is decided on them is the company's own."""

    _name = "sdm.roadmap.step"
    _description = "Roadmap Step"
    _inherit = ["sdm.announced.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        default=lambda self: f"own_{secrets.token_hex(4)}",
        help="Identifies the step for other apps and for imports.",
    )
    sequence = fields.Integer(default=200, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    stage = fields.Selection(
        [("organisation", "1. Organisation"), ("people", "2. People"), ("crm", "3. CRM")],
        required=True,
        default="organisation",
        group_expand=True,
    )
    question = fields.Text(translate=True, help="What has to be decided here.")
    product = fields.Text("What it produces", translate=True)
    reason = fields.Text("Why here", translate=True, help="Why the step has its place in this kind of business.")
    requires_ids = fields.Many2many(
        "sdm.roadmap.step",
        "sdm_roadmap_step_requires_rel",
        "step_id",
        "required_id",
        string="Rests on",
        tracking=True,
        help="Decisions that this one is derived from. While one of them is open, this one waits.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        tracking=True,
        domain=lambda self: self._domain_user_id(),
        help="Who prepares the decision and keeps it true.",
    )
    date_due = fields.Date("Due date", tracking=True)
    date_review = fields.Date("Review on", tracking=True, help="When the decision is looked at again.")
    decision = fields.Html(help="What was decided and why, in plain words that the team can read.")
    decided = fields.Boolean(tracking=True, copy=False, readonly=True)
    date_decided = fields.Date("Decided on", copy=False, readonly=True)
    decided_by_id = fields.Many2one("res.users", string="Decided by", copy=False, readonly=True)
    res_model = fields.Char(
        "Model of the tool",
        help="What looks after this decision in the system. The model of an app that is not installed may be named.",
    )
    action_xmlid = fields.Char("Action of the tool", help="External identifier of the action that opens the tool.")
    tool = fields.Selection(
        [("none", "No tool"), ("missing", "Tool not installed"), ("installed", "Tool installed")],
        compute="_compute_tool",
    )
    can_open_tool = fields.Boolean(compute="_compute_tool")
    check_text = fields.Char(
        "In the system", compute="_compute_state", help="What the tool shows of this decision in the current company."
    )
    can_open_counted = fields.Boolean(compute="_compute_tool")
    state = fields.Selection(
        [
            (WAITING, "Waits for others"),
            (READY, "Can be decided"),
            (STARTED, "In progress"),
            (CONTRADICTS, "Decided, not carried out"),
            (REVIEW, "Decided, to review"),
            (DECIDED, "Decided"),
        ],
        compute="_compute_state",
        search="_search_state",
        help="Waits for others: a decision that it rests on is open. In progress: its text is begun, or the tool shows "
        "something already. Not carried out: it is decided, and the tool shows nothing of it. To review: the review "
        "date has come.",
    )
    position = fields.Integer(compute="_compute_state", help="Place in the order in which decisions can be taken.")
    waits_for_ids = fields.Many2many("sdm.roadmap.step", compute="_compute_state", string="Waits for")
    moved_after_ids = fields.Many2many(
        "sdm.roadmap.step",
        compute="_compute_state",
        string="Placed after",
        help="The order of the roadmap has this step before one that it rests on, so it is placed after that one.",
    )
    is_late = fields.Boolean(compute="_compute_is_late")
    may_decide = fields.Boolean(compute="_compute_may_decide")
    may_arrange = fields.Boolean(compute="_compute_may_decide")
    level = fields.Selection(
        VERDICTS,
        string="Latest diagnosis",
        compute="_compute_level",
        groups="sdm_segmentation.group_sdm_director,sdm_segmentation.group_sdm_auditor",
    )
    figure_count = fields.Integer(
        compute="_compute_level",
        groups="sdm_segmentation.group_sdm_director,sdm_segmentation.group_sdm_auditor",
    )

    _code_uniq = models.Constraint("UNIQUE(code)", "Another roadmap step has this code already.")

    def _domain_user_id(self):
        """People who may write the step that they own."""
        groups = [self.env.ref(f"sdm_segmentation.group_sdm_{name}").id for name in ("manager", "payroll")]
        return [("share", "=", False), ("all_group_ids", "in", groups)]

    @api.depends("sequence", "requires_ids.decided", "decided", "active", "decision", "date_review", "res_model")
    @api.depends_context("company", "lang")
    def _compute_state(self):
        # One order for the whole roadmap: a step's place depends on all others.
        everything = self._get_all() | self.sudo().filtered("id")
        statuses = self._get_statuses()
        steps = everything._prepare_engine_steps(statuses)
        places = {place.code: place for place in arrange(steps, fields.Date.context_today(self))}
        for step in self:
            place = places.get(step._origin.id)
            step.state = place.state if place else READY
            step.position = place.position if place else 0
            step.waits_for_ids = self.browse(place.waits_for) if place else False
            step.moved_after_ids = self.browse(place.moved_after) if place else False
            step.check_text = self._tell_status(statuses.get(step._origin.id))

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The roadmap is a handful of steps: they are judged, not searched.
        everything = self.sudo().with_context(active_test=False).search([("active", "in", [True, False])])
        return Domain("id", "in", everything.filtered(lambda step: step.state in value).ids)

    @api.depends("res_model", "action_xmlid")
    @api.depends_context("uid")
    def _compute_tool(self):
        for step in self:
            if not step.res_model:
                step.tool = "none"
            else:
                step.tool = "missing" if step._get_tool() is None else "installed"
            step.can_open_tool = bool(
                step.tool == "installed"
                and step.action_xmlid
                and self.env[step.res_model].has_access("read")
                and self.env.ref(step.action_xmlid, raise_if_not_found=False)
            )
            step.can_open_counted = step.tool == "installed" and self.env[step.res_model]._may_open_counted()

    @api.depends("date_due", "decided")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for step, engine_step in zip(self, self._prepare_engine_steps(), strict=True):
            step.is_late = roadmap.is_late(engine_step, today)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        own = self._origin._filtered_access("write")
        director = self.env.user.has_group("sdm_segmentation.group_sdm_director")
        for step in self:
            step.may_decide = director or step._origin in own
            step.may_arrange = director

    @api.depends_context("allowed_company_ids")
    def _compute_level(self):
        latest = self.env["sdm.diagnosis"]._get_latest()
        findings = {line.step_id: line for line in latest.step_ids}
        for step in self:
            finding = findings.get(step._origin)
            step.level = finding.level if finding else False
            step.figure_count = len(finding.figure_ids) if finding else 0

    @api.constrains("res_model")
    def _check_res_model(self):
        for step in self:
            if step.res_model in self.env and step._get_tool() is None:
                raise ValidationError(
                    self.env._(
                        "“%(model)s” cannot answer for “%(step)s”: it looks after no decision. Leave the model empty, "
                        "or name one that inherits sdm.roadmap.mixin.",
                        model=step.res_model,
                        step=step.name,
                    )
                )

    @api.constrains("requires_ids")
    def _check_requires_ids(self):
        everything = self.sudo().search([("active", "in", [True, False])])
        try:
            arrange(everything._prepare_engine_steps())
        except CycleError as error:
            names = " → ".join(self.browse(error.codes).mapped("name"))
            raise ValidationError(
                self.env._(
                    "These steps would rest on each other in a circle: %(steps)s. Take one of them out of “Rests on”.",
                    steps=names,
                )
            ) from error

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | DECIDED_FIELDS

    @api.model
    def _tell_guarded(self, field):
        if field.name in DECIDED_FIELDS:
            return self.env._("Write the decision down and press “Mark as decided”.")
        return super()._tell_guarded(field)

    def write(self, vals):
        if not self.env.su:
            arranged = DIRECTOR_FIELDS & vals.keys()
            if arranged and not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
                raise AccessError(
                    self.env._(
                        "The order and the owners of the roadmap are the director's. You can write the decision and "
                        "its dates."
                    )
                )
            decided = self.filtered("decided") if "decision" in vals else self.browse()
            if decided:
                raise UserError(
                    self.env._("“%(step)s” is decided. Open it again before you rewrite it.", step=decided[0].name)
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        shipped = self.filtered(lambda step: (step.get_external_id()[step.id] or "").startswith("sdm_segmentation."))
        if shipped:
            raise UserError(
                self.env._(
                    "“%(step)s” belongs to the method and others rest on it. Archive it if you can do without.",
                    step=shipped[0].name,
                )
            )

    def action_decide(self):
        """Record the decision as taken. It needs its text: a decision that nobody can read is none."""
        self.check_access("write")
        for step in self:
            if is_html_empty(step.decision):
                raise UserError(
                    self.env._(
                        "Write down what was decided on “%(step)s” before you mark it decided.",
                        step=step.name,
                    )
                )
        self.sudo().write(
            {"decided": True, "date_decided": fields.Date.context_today(self), "decided_by_id": self.env.uid}
        )
        for step in self:
            # the chatter keeps what was decided, whatever is decided later
            step.message_post(body=step.decision, subject=self.env._("Decided"))

    def action_reopen(self):
        """Open a decision again; its text stays as the starting point for the next one, which is announced anew."""
        self.check_access("write")
        self._call_off()
        self.sudo().write({"decided": False, "date_decided": False, "decided_by_id": False})

    def _is_announceable(self):
        return self.decided

    def _get_announcement(self):
        return self.env._("Decided: %s", self.name), self.decision

    def action_open_figures(self):
        """Open the figures of this step over all diagnoses."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_diagnosis_figure_action")
        action["domain"] = [("step_id", "=", self.id)]
        action["context"] = {"search_default_group_measure": 1}
        return action

    def action_open_tool(self):
        """Open the tool that looks after this decision."""
        self.ensure_one()
        if not self.can_open_tool:
            raise UserError(
                self.env._("The tool of “%(step)s” is not installed, or not for you to open.", step=self.name)
            )
        return self.env["ir.actions.actions"]._for_xml_id(self.action_xmlid)

    def action_open_counted(self):
        """Open the records that the status of the step counts."""
        self.ensure_one()
        if not self.can_open_counted:
            raise UserError(self.env._("What “%(step)s” counts is not for you to open.", step=self.name))
        return self.env[self.res_model]._get_roadmap_action(self)

    # -- what the system shows ----------------------------------------------------------------------------------------

    def _get_tool(self):
        """The model that answers for the step, or None where its app is not installed."""
        self.ensure_one()
        if self.res_model in self.env.registry.descendants(["sdm.roadmap.mixin"], "_inherit"):
            return self.env[self.res_model].sudo().with_context(allowed_company_ids=self.env.company.ids)
        return None

    def _get_statuses(self):
        """What the tools show of the steps of ``self``, in a constant number of queries for each tool.

        :return: dict {id: engine Status}, without the steps that no tool looks after
        """
        tools = {step: step._get_tool() for step in self}
        return {step._origin.id: tool._roadmap_status(step) for step, tool in tools.items() if tool is not None}

    @api.model
    def _tell_status(self, status):
        if not status:
            return False
        if not status.total:
            return status.reason
        return self.env._(
            "%(done)s of %(total)s: %(reason)s", done=status.done, total=status.total, reason=status.reason
        )

    # -- engine -------------------------------------------------------------------------------------------------------

    @api.model
    def _get_all(self):
        """The whole roadmap, whoever asks."""
        return self.sudo().search([("active", "=", True)])

    def _prepare_engine_steps(self, statuses=None):
        """The steps of ``self`` for the engine, identified by their ids.

        :param statuses: dict {id: engine Status} of what the tools show; None: nobody looks
        """
        statuses = statuses or {}
        return [
            Step(
                step._origin.id,
                step.sequence,
                tuple(step.requires_ids._origin.ids),
                decided=step.decided,
                begun=not is_html_empty(step.decision),
                status=statuses.get(step._origin.id),
                due=step.date_due or None,
                review=step.date_review or None,
                decided_on=step.date_decided or None,
                owner=step.user_id.id or None,
            )
            for step in self
        ]

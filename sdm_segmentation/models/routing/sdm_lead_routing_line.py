from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..sdm_decision_version import DRAFT
from .sdm_lead_routing import FIELDS, MEMBER, PREFERRED, TEAM


class SdmLeadRoutingLine(models.Model):
    """Who gets the leads of a segment."""

    _name = "sdm.lead.routing.line"
    _description = "Leads of a Segment"
    _order = "routing_id, sequence, id"

    routing_id = fields.Many2one("sdm.lead.routing", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    segment_id = fields.Many2one("sdm.segment", ondelete="cascade", help="Empty: leads that are in no segment.")
    name = fields.Char("Leads of", compute="_compute_name")
    member_ids = fields.Many2many(
        "crm.team.member",
        "sdm_lead_routing_line_member_rel",
        "line_id",
        "member_id",
        string="Who gets them",
        help="Members of sales teams. Odoo hands the leads out among them in turn.",
    )
    team_ids = fields.Many2many("crm.team", string="Sales teams", compute="_compute_team_ids")
    is_shared = fields.Boolean(
        "Others may help",
        help="They come first; when their leads of the day are used up, others of the same team get the rest.",
    )
    basis = fields.Char(readonly=True, help="Where the proposal comes from.")

    _segment_uniq = models.UniqueIndex(
        "(routing_id, COALESCE(segment_id, 0))", "A segment has one line. Add the people to that one."
    )

    @api.depends("segment_id.name")
    @api.depends_context("lang")
    def _compute_name(self):
        for line in self:
            line.name = line.segment_id.name or self.env._("Unclassified")

    @api.depends("member_ids")
    def _compute_team_ids(self):
        for line in self:
            line.team_ids = line.member_ids.crm_team_id

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        self.check_access("write")
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        self._check_draft()

    def _check_draft(self):
        """Refuse to change who gets which leads behind the back of what was written to the teams."""
        decided = self.routing_id.filtered(lambda routing: routing.state != DRAFT)
        if decided and not self.env.su:
            raise UserError(
                self.env._(
                    "%(version)s has been in force, and results name it. Press “Change” to make a new version.",
                    version=decided[0].display_name,
                )
            )

    def _tell_people(self):
        """Who gets the leads, in words."""
        self.ensure_one()
        return format_list(self.env, self.member_ids.sudo().user_id.mapped("name"))


class SdmLeadRoutingDomain(models.Model):
    """A rule of Odoo's assignment as it was and as the routing writes it."""

    _name = "sdm.lead.routing.domain"
    _description = "Rule Written by a Lead Routing"
    _order = "routing_id, team_id, kind desc, id"
    _rec_name = "team_id"

    routing_id = fields.Many2one("sdm.lead.routing", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [(TEAM, "Team takes"), (MEMBER, "Member takes"), (PREFERRED, "Member prefers")], string="Rule", required=True
    )
    team_id = fields.Many2one("crm.team", required=True, ondelete="cascade")
    member_id = fields.Many2one("crm.team.member", ondelete="cascade")
    segment_ids = fields.Many2many(
        "sdm.segment", "sdm_lead_routing_domain_segment_rel", "domain_id", "segment_id", string="Segments"
    )
    is_unclassified = fields.Boolean("Unclassified too")
    base = fields.Char(help="What was asked before any routing.")
    before = fields.Char("Until then")
    after = fields.Char("From then on")

    def _get_record(self):
        """The team or member whose rule it is, with all rights."""
        self.ensure_one()
        return (self.team_id if self.kind == TEAM else self.member_id).sudo()

    def _is_as_written(self):
        """Whether the rule still is what the routing wrote."""
        self.ensure_one()
        return (self._get_record()[FIELDS[self.kind]] or "") == (self.after or "")

    def _apply(self):
        for domain in self:
            domain._get_record()[FIELDS[domain.kind]] = domain.after or False

    def _restore(self):
        for domain in self:
            domain._get_record()[FIELDS[domain.kind]] = domain.before or False

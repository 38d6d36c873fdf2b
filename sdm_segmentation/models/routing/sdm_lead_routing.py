from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_list

from ..sdm_decision_version import IN_FORCE, REPLACED

SEGMENT = "sdm_segment_id"
TEAM, MEMBER, PREFERRED = "team", "member", "preferred"
FIELDS = {TEAM: "assignment_domain", MEMBER: "assignment_domain", PREFERRED: "assignment_domain_preferred"}
SETTINGS = {"scheme_id", "line_ids", "keeps_domains"}


class SdmLeadRouting(models.Model):
    """Which people get the leads of which segments, carried out by Odoo's own assignment.

    A version in force has written the domains of sales teams and their members; what stood there before is kept, and
    comes back when the version is undone.
    """

    _name = "sdm.lead.routing"
    _description = "Lead Routing"
    _inherit = ["sdm.decision.version", "mail.thread", "mail.activity.mixin"]
    _order = "perimeter_id, number desc, id desc"

    perimeter_id = fields.Many2one(
        "sdm.perimeter",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["sdm.perimeter"]._get_default(),
        help="The companies whose leads are routed.",
    )
    scheme_id = fields.Many2one(
        "sdm.scheme",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self._default_scheme_id(),
        help="The primary scheme: its segments are those of leads.",
    )
    line_ids = fields.One2many(
        "sdm.lead.routing.line",
        "routing_id",
        string="Who gets which leads",
        copy=True,
        default=lambda self: self._default_line_ids(),
    )
    keeps_domains = fields.Boolean(
        "Keep the rules that are there",
        default=True,
        help="A lead must meet the segment and what the assignment of the team or the member asked before, such as a "
        "region. Otherwise the segment alone decides.",
    )
    domain_ids = fields.One2many("sdm.lead.routing.domain", "routing_id", string="What is written")
    previous_id = fields.Many2one("sdm.lead.routing", readonly=True, copy=False, ondelete="set null")

    _in_force_uniq = models.UniqueIndex("(perimeter_id) WHERE state = 'in_force'", "Another routing is in force.")
    _draft_uniq = models.UniqueIndex(
        "(perimeter_id) WHERE state IN ('draft', 'scheduled')", "There is a draft already. Work on that one."
    )

    def _default_scheme_id(self):
        return self.env["sdm.scheme"].search([("is_primary", "=", True)], limit=1)

    def _default_line_ids(self):
        return [Command.create(values) for values in self._propose_lines(self._default_scheme_id())]

    @api.depends("number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for routing in self:
            routing.display_name = self.env._("Lead routing, version %(number)s", number=routing.number)

    @api.model
    def _get_head_name(self):
        return "perimeter_id"

    @api.model
    def _get_settings(self):
        return SETTINGS

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env["sdm.perimeter"]._get_default()
        return super().create([{"perimeter_id": default.id, **vals} for vals in vals_list])

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        # undone or not: its domains tell what was there before
        if self.filtered(lambda routing: routing.state == IN_FORCE):
            raise UserError(self.env._("This routing is in force. Press “Undo” first."))

    # -- proposing ----------------------------------------------------------------------------------------------------

    @api.model
    def _propose_lines(self, scheme):
        """Who could get the leads of each segment: by the role or the person of its strategy, or its playbook.

        :param scheme: the primary sdm.scheme
        :return: list of values of lines; the last one is for leads of no segment
        """
        values = []
        members = self.env["crm.team.member"]
        for segment in scheme._get_segments_in_force() if scheme else []:
            users, basis = self._find_leaders(segment)
            found = self._get_members(users)
            if users and not found:
                basis = self.env._(
                    "%(basis)s: in no sales team that takes leads. Add them to one.",
                    basis=basis,
                )
            members |= found
            values.append({"segment_id": segment.id, "member_ids": [Command.set(found.ids)], "basis": basis})
        if values:
            values.append(
                {
                    "segment_id": False,
                    "member_ids": [Command.set(members.ids)],
                    "basis": self.env._("Everybody above, until more is known") if members else False,
                }
            )
        return [{"sequence": place, **line} for place, line in enumerate(values)]

    def _find_leaders(self, segment):
        """Who leads customers of a segment, and how we know.

        :return: tuple (res.users, text)
        """
        strategy = segment.strategy_id
        playbook = self.env["sdm.playbook"].search(
            [("state", "=", IN_FORCE), ("segment_ids", "in", segment.ids)], limit=1
        )
        if strategy.job_id:
            positions = self.env["sdm.position"].sudo()
            today = fields.Date.context_today(self)
            found = positions.search(positions._get_domain_on(today) & Domain("job_id", "=", strategy.job_id.id))
            return found.employee_id.user_id, self.env._("Role of the strategy: %(role)s", role=strategy.job_id.name)
        if playbook.leader == "inside":
            return playbook.inside_user_id, self.env._("Inside seller of the playbook")
        if strategy.user_id:
            return strategy.user_id, self.env._("Leads the strategy")
        return self.env["res.users"], self.env._("No strategy or playbook says who leads. Choose.")

    @api.model
    def _get_teams(self):
        """Teams that Odoo's assignment looks at, of the perimeter's companies or of none."""
        perimeter = self.perimeter_id or self.env["sdm.perimeter"]._get_default()
        companies = perimeter.sudo()._get_companies() if perimeter else self.env["res.company"]
        return (
            self.env["crm.team"]
            .sudo()
            .search(
                Domain("company_id", "in", [*companies.ids, False])
                & (Domain("use_leads", "=", True) | Domain("use_opportunities", "=", True))
            )
        )

    @api.model
    def _get_members(self, users):
        """Memberships of users in teams that take part in Odoo's assignment."""
        teams = self._get_teams().filtered(lambda team: not team.assignment_optout)
        return teams.crm_team_member_ids.filtered(lambda member: member.user_id in users).sudo(False)

    def action_propose(self):
        """Begin anew with what strategies and playbooks say today."""
        self.ensure_one()
        self.check_access("write")
        lines = self._propose_lines(self.scheme_id)
        self.line_ids = [Command.clear(), *(Command.create(values) for values in lines)]

    # -- domains ------------------------------------------------------------------------------------------------------

    def _compile(self):
        """The domains that the lines make.

        Leads of a line go to its members alone; of a shared line first to them, then to the others of their teams. Who
        is in a team with members of lines and in no line gets the shared leads only.

        :return: list of values of sdm.lead.routing.domain
        """
        self.ensure_one()
        found = self._get_bases()
        values = []
        for team in self.line_ids.member_ids.crm_team_id.sudo():
            lines = self.line_ids.filtered(lambda line, team=team: team in line.member_ids.crm_team_id)
            values.append(self._prepare_domain(found, TEAM, team, lines))
            shared = lines.filtered("is_shared")
            for member in team.crm_team_member_ids:
                own = lines.filtered(lambda line, member=member: member in line.member_ids)
                values.append(self._prepare_domain(found, MEMBER, member, own | shared))
                if own & shared:
                    values.append(self._prepare_domain(found, PREFERRED, member, own & shared))
        return values

    def _get_bases(self):
        """What was asked before any routing, by kind and record: of domains that the one in force has written.

        :return: dict {(kind, record id): text}
        """
        current = self.search([("perimeter_id", "=", self.perimeter_id.id), ("state", "=", IN_FORCE)])
        return {
            (domain.kind, domain._get_record().id): domain.base
            for domain in current.domain_ids
            if domain._get_record()[FIELDS[domain.kind]] == domain.after
        }

    def _prepare_domain(self, bases, kind, record, lines):
        """What is written to a team or a member for the segments of lines."""
        before = record[FIELDS[kind]] or ""
        base = bases.get((kind, record.id), before) or ""
        values = sorted(lines.segment_id.ids)
        if any(not line.segment_id for line in lines):
            values.append(False)
        domain = Domain(SEGMENT, "in", values)
        if self.keeps_domains and kind != PREFERRED:
            domain = Domain(self._parse(record, base)) & domain
        return {
            "kind": kind,
            "team_id": record.id if kind == TEAM else record.crm_team_id.id,
            "member_id": False if kind == TEAM else record.id,
            "segment_ids": [Command.set(lines.segment_id.ids)],
            "is_unclassified": False in values,
            "base": base,
            "before": before,
            "after": repr(list(domain)),
        }

    def _parse(self, record, text):
        """A domain of a team or a member as Odoo's assignment reads it.

        :raise UserError: it cannot be read; with the name of the record
        """
        try:
            domain = Domain(literal_eval(text or "[]"))
            domain.validate(self.env["crm.lead"].sudo())
        except Exception as error:  # whatever a text can do to the parser
            raise UserError(
                self.env._(
                    "The assignment rule of “%(record)s” cannot be read: %(error)s. Correct it in its sales team.",
                    record=record.display_name,
                    error=error,
                )
            ) from error
        return domain

    def _write_domains(self):
        """Keep what would be written, in the place of what was kept before."""
        self.ensure_one()
        routing = self.sudo()
        routing.domain_ids.unlink()
        routing.domain_ids = [Command.create(values) for values in self._compile()]

    # -- putting in force and undoing ---------------------------------------------------------------------------------

    def _check_ready(self):
        self.ensure_one()
        if not self.line_ids.member_ids:
            raise UserError(self.env._("Nobody gets leads yet. Choose members of sales teams for a segment."))
        if not self.scheme_id.is_primary:
            raise UserError(
                self.env._(
                    "“%(scheme)s” is not the primary scheme any more, so leads have segments of another one. "
                    "Make a new routing.",
                    scheme=self.scheme_id.name,
                )
            )

    def action_put_in_force(self):
        """Ask for the reason and who is told."""
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put in force"),
            "res_model": "sdm.lead.routing.put.in.force",
            "view_mode": "form",
            "target": "new",
            "context": {"default_routing_id": self.id},
        }

    def _come_into_force(self):
        for routing in self:
            routing._write_domains()
            routing.previous_id = self.search(
                [("perimeter_id", "=", routing.perimeter_id.id), ("state", "=", IN_FORCE)], limit=1
            )
            # what the replaced one asked of teams and members that are in no line any more
            kept = {(domain.kind, domain._get_record()) for domain in routing.domain_ids}
            for domain in routing.previous_id.domain_ids:
                if (domain.kind, domain._get_record()) not in kept and domain._is_as_written():
                    routing.domain_ids = [
                        Command.create(
                            {
                                "kind": domain.kind,
                                "team_id": domain.team_id.id,
                                "member_id": domain.member_id.id,
                                "base": domain.base,
                                "before": domain.after,
                                "after": domain.base,
                            }
                        )
                    ]
            routing.domain_ids._apply()
        return super()._come_into_force()

    def action_undo(self):
        """Put back what was there before this version; what somebody changed since stays as it is."""
        self.ensure_one()
        self.check_access("write")
        if self.state != IN_FORCE:
            raise UserError(self.env._("Only the routing in force can be undone."))
        changed = self._undo()
        message = self.env._("Undone: sales teams and their members have the rules of before again.")
        if changed:
            message = self.env._(
                "Undone, except for rules that were changed by hand since and stay: %(records)s.",
                records=format_list(self.env, [domain._get_record().display_name for domain in changed]),
            )
        self.message_post(body=message)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "warning" if changed else "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _undo(self):
        """Put the domains back and let the version before be in force again.

        :return: sdm.lead.routing.domain that were changed by hand since, and stay
        """
        self.ensure_one()
        routing = self.sudo()
        changed = routing.domain_ids.filtered(lambda domain: not domain._is_as_written())
        (routing.domain_ids - changed)._restore()
        routing.write({"state": REPLACED, "date_to": fields.Date.context_today(self)})
        routing.flush_recordset(["state"])
        routing.previous_id.write({"state": IN_FORCE, "date_to": False})
        return changed

    @api.model
    def _undo_all(self):
        """Take everything back that routings have written: for uninstalling."""
        while routings := self.sudo().search([("state", "=", IN_FORCE)]):
            for routing in routings:
                routing._undo()

    def action_change(self):
        """Make a draft of this version, to change it, or open the one there is."""
        self.ensure_one()
        draft = self.search([("perimeter_id", "=", self.perimeter_id.id), ("state", "=", "draft")], limit=1)
        return (draft or self.copy())._get_form_action()

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lead routing"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _announce(self, users):
        """Tell people which leads they get from now on.

        :param users: res.users
        """
        self.ensure_one()
        told = [
            self.env._("%(segment)s: %(people)s", segment=line.name, people=line._tell_people())
            for line in self.line_ids
            if line.member_ids
        ]
        self.message_post(
            body=self.env._(
                "New leads go by segment from today on. %(reason)s %(lines)s", reason=self.reason, lines="; ".join(told)
            ),
            subject=self.env._("Who gets which leads"),
            partner_ids=users.partner_id.ids,
            subtype_xmlid="mail.mt_comment",
        )

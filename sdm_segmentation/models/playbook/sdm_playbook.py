from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_list, plaintext2html

from ...engine import calendar
from ...engine import playbook as engine
from ...engine.decision_map import Decision
from ...engine.roadmap import Status
from ..res_partner_groups import READERS
from ..sdm_decision_version import DRAFT, IN_FORCE, REPLACED, SCHEDULED
from ..sdm_roadmap_mixin import SegmentDecision
from ..selections import name_of

# Decided by putting in force, with its reason; another one makes a new version.
SETTINGS = {
    "segment_ids",
    "norm_ids",
    "leader",
    "inside_user_id",
    "perimeter_id",
    "customer_plan_id",
    "lead_plan_id",
    "enrols_present",
    "exits_on_answer",
    "exits_on_order",
}
# Goals that spend little on a customer, and the working days (a quarter) between meetings that fit them
CHEAP = ("serve", "leave")
SELDOM = 60
# what is kept in memory of playbooks in force
KEPT = {
    "state",
    "segment_ids",
    "date_begun",
    "leader",
    "inside_user_id",
    "name",
    "document_ids",
    "quotation_template_id",
    "customer_plan_id",
    "lead_plan_id",
}


class SdmPlaybook(models.Model):
    """How the customers of some segments are worked: contact norms, who leads, scripts, documents.

    A playbook is what its first version began: the later ones name that one, and each replaces the one before.
    """

    _name = "sdm.playbook"
    _description = "Playbook"
    _inherit = ["sdm.decision.version", "sdm.roadmap.mixin"]
    _order = "state, name, number desc, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    origin_id = fields.Many2one(
        "sdm.playbook", string="First version", readonly=True, copy=False, ondelete="cascade", index="btree_not_null"
    )
    perimeter_id = fields.Many2one(
        "sdm.perimeter",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["sdm.perimeter"]._get_default(),
        help="The companies whose customers are worked by it.",
    )
    segment_ids = fields.Many2many(
        "sdm.segment",
        "sdm_playbook_segment_rel",
        "playbook_id",
        "segment_id",
        string="Segments",
        help="Whose customers are worked by it. Segments of the primary scheme.",
    )
    purpose = fields.Text(translate=True, tracking=True, help="What we want from these customers, in plain words.")
    leader = fields.Selection(
        [("lead", "The customer's lead seller"), ("inside", "Inside sales"), ("head", "The head of the lead seller")],
        string="Who leads",
        required=True,
        default="lead",
        tracking=True,
        help="Who gets the steps of the playbook.",
    )
    inside_user_id = fields.Many2one(
        "res.users", string="Inside seller", tracking=True, domain=[("share", "=", False)], ondelete="restrict"
    )
    norm_ids = fields.One2many("sdm.contact.norm", "playbook_id", string="Contact norms", copy=True)
    script_ids = fields.One2many("sdm.playbook.script", "playbook_id", string="Scripts", copy=True)
    document_ids = fields.Many2many(
        "ir.attachment", "sdm_playbook_attachment_rel", "playbook_id", "attachment_id", string="Documents"
    )
    quotation_template_id = fields.Many2one(
        "sale.order.template", string="Quotation template", ondelete="set null", tracking=True
    )
    customer_plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Steps for a customer",
        domain=[("res_model", "=", "res.partner")],
        ondelete="restrict",
        tracking=True,
        help="Begun by itself for who comes into the segments, or by hand.",
    )
    lead_plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Steps for a deal",
        domain=[("res_model", "=", "crm.lead")],
        ondelete="restrict",
        tracking=True,
        help="Begun by hand on the deal.",
    )
    customer_steps = fields.Text("Steps for a customer come", compute="_compute_steps")
    lead_steps = fields.Text("Steps for a deal come", compute="_compute_steps")
    enrols_present = fields.Boolean(
        "Begin with who is there already", help="Otherwise the steps begin for customers who come into the segments."
    )
    exits_on_answer = fields.Boolean(
        "An answer ends the steps", default=True, help="An e-mail from the customer, on it, its deals or its orders."
    )
    exits_on_order = fields.Boolean("An order ends the steps", default=True)
    date_begun = fields.Date(
        "Begun on", readonly=True, copy=False, help="When the first version came into force: norms run from here on."
    )
    customer_count = fields.Integer("Customers", compute="_compute_customer_count", groups=READERS)

    _in_force_uniq = models.UniqueIndex(
        "(origin_id) WHERE state = 'in_force'", "Another version of the playbook is in force."
    )
    _draft_uniq = models.UniqueIndex(
        "(origin_id) WHERE state IN ('draft', 'scheduled')",
        "There is a draft of the playbook already. Work on that one.",
    )

    @api.depends("name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for playbook in self:
            if playbook.number > 1:
                playbook.display_name = self.env._(
                    "%(name)s, version %(number)s", name=playbook.name or "", number=playbook.number
                )
            else:
                playbook.display_name = playbook.name or ""

    @api.depends("customer_plan_id.template_ids.delay_count", "lead_plan_id.template_ids.delay_count")
    @api.depends_context("lang")
    def _compute_steps(self):
        for playbook in self:
            plans = (playbook.customer_plan_id, playbook.lead_plan_id)
            playbook.customer_steps, playbook.lead_steps = (plan._tell_steps() if plan else "" for plan in plans)

    @api.depends("segment_ids")
    def _compute_customer_count(self):
        counts = dict(
            self.env["sdm.segment.membership"]._read_group(
                [("segment_id", "in", self.segment_ids.ids), ("date_to", "=", False)], ["segment_id"], ["__count"]
            )
        )
        for playbook in self:
            playbook.customer_count = sum(counts.get(segment, 0) for segment in playbook.segment_ids)

    @api.constrains("leader", "inside_user_id")
    def _check_inside_user_id(self):
        for playbook in self:
            if playbook.leader == "inside" and not playbook.inside_user_id:
                raise ValidationError(
                    self.env._("“%(playbook)s” is led by inside sales: choose who that is.", playbook=playbook.name)
                )

    @api.constrains("segment_ids", "perimeter_id")
    def _check_segment_ids(self):
        for playbook in self:
            foreign = playbook.segment_ids.filtered(
                lambda segment, playbook=playbook: segment.perimeter_id != playbook.perimeter_id
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "“%(segment)s” is of another perimeter than “%(playbook)s”. Make a playbook for each.",
                        segment=foreign[0].name,
                        playbook=playbook.name,
                    )
                )

    # -- CRUD ---------------------------------------------------------------------------------------------------------

    @api.model
    def _get_head_name(self):
        return "origin_id"

    @api.model
    def _get_settings(self):
        return SETTINGS

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {"date_begun"}

    @api.model_create_multi
    def create(self, vals_list):
        playbooks = super().create(vals_list)
        for playbook in playbooks.filtered(lambda playbook: not playbook.origin_id):
            playbook.sudo().origin_id = playbook
        return playbooks

    def write(self, vals):
        result = super().write(vals)
        if KEPT & vals.keys():
            self.env.registry.clear_cache()
        return result

    def _check_draft(self):
        """:raise UserError: the playbook has been put in force"""
        fixed = self.filtered(lambda playbook: playbook.state != DRAFT)
        if fixed:
            raise UserError(
                self.env._(
                    "“%(playbook)s” is decided. Press “Change” to make a new version of it.",
                    playbook=fixed[0].display_name,
                )
            )

    # -- actions ------------------------------------------------------------------------------------------------------

    def action_put_in_force(self):
        """Ask for the reason and the day."""
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put in force"),
            "res_model": "sdm.playbook.put.in.force",
            "view_mode": "form",
            "target": "new",
            "context": {"default_playbook_id": self.id},
        }

    def action_new_version(self):
        """Open the draft that will replace this playbook; made where there is none."""
        self.ensure_one()
        self.check_access("write")
        return self._make_version()._get_form_action()

    def action_open_customers(self):
        """Open the customers that are worked by the playbook today."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_next_contact_action")
        action["domain"] = [("sdm_segment_id", "in", self.segment_ids.ids)]
        action["context"] = {}
        return action

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Playbook"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _make_version(self):
        """The draft that will replace this playbook.

        :return: sdm.playbook, the present draft where there is one
        """
        self.ensure_one()
        draft = self.search([("origin_id", "=", self.origin_id.id), ("state", "in", [DRAFT, SCHEDULED])], limit=1)
        return draft or self.copy({"origin_id": self.origin_id.id})

    def _check_ready(self):
        """:raise UserError: what is missing before it can come into force"""
        for playbook in self:
            playbook._check_draft()
            if not playbook.segment_ids:
                raise UserError(
                    self.env._(
                        "Choose whose customers are worked by “%(playbook)s”: its segments.", playbook=playbook.name
                    )
                )
            if not playbook.norm_ids:
                raise UserError(
                    self.env._(
                        "Say how often customers are contacted: add a contact norm to “%(playbook)s”.",
                        playbook=playbook.name,
                    )
                )
            other = playbook.segment_ids.filtered(lambda segment: not segment.is_primary)
            if other:
                raise UserError(
                    self.env._(
                        "“%(segment)s” is not of the primary scheme, so no customer shows it. "
                        "Choose segments of the primary scheme.",
                        segment=other[0].with_context(sdm_show_scheme=True).display_name,
                    )
                )
            taken = self.search(
                [
                    ("state", "in", [SCHEDULED, IN_FORCE]),
                    ("segment_ids", "in", playbook.segment_ids.ids),
                    ("origin_id", "!=", playbook.origin_id.id),
                ],
                limit=1,
            )
            if taken:
                raise UserError(
                    self.env._(
                        "“%(segment)s” is worked by “%(playbook)s” already. Change that one, or take the segment out.",
                        segment=(taken.segment_ids & playbook.segment_ids)[0].name,
                        playbook=taken.display_name,
                    )
                )

    def _come_into_force(self):
        begun = {playbook: playbook.origin_id.date_begun or playbook.date_from for playbook in self}
        result = super()._come_into_force()
        for playbook, day in begun.items():
            playbook.date_begun = day
        if self:
            self.env["sdm.enrolment"].sudo()._follow_segments()
        return result

    @api.model
    def _cron_run(self):
        """Put in force what was approved for a day that has come, and carry the steps out."""
        self._come_into_force_today()
        self.env["sdm.enrolment"]._cron_run()

    # -- announcing ---------------------------------------------------------------------------------------------------

    def _get_announcement(self):
        subject, reason = super()._get_announcement()
        return subject, plaintext2html(self.purpose) + reason if self.purpose else reason

    # -- roadmap ------------------------------------------------------------------------------------------------------

    def _roadmap_status(self, step):
        """How many segments of the primary scheme have a playbook in force."""
        segments = self.env["sdm.segment"].search(self._get_domain_counted())
        if not segments:
            return Status(0, 0, self.env._("No segments yet, so there is nobody to work differently."))
        covered = self.search([("state", "=", IN_FORCE), ("segment_ids", "in", segments.ids)]).segment_ids & segments
        open_ones = (segments - covered).mapped("name")
        if open_ones:
            reason = self.env._(
                "segments have a playbook in force. Still open: %(segments)s.", segments=", ".join(open_ones)
            )
        else:
            reason = self.env._("segments have a playbook in force.")
        return Status(len(covered), len(segments), reason)

    def _get_segment_decisions(self, step, segments):
        """The playbook in force, else the draft, and whether it costs more than the strategy wants to spend."""
        playbooks = self.search([("segment_ids", "in", segments.ids), ("state", "!=", REPLACED)])
        playbooks.norm_ids.channel_id.mapped("name")  # read together, not playbook by playbook
        found = {}
        for segment in segments:
            mine = playbooks.filtered(lambda playbook, segment=segment: segment in playbook.segment_ids)
            playbook = mine.filtered(lambda playbook: playbook.state == IN_FORCE)[:1] or mine[:1]
            is_in_force = playbook.state == IN_FORCE
            found[segment] = SegmentDecision(
                Decision(
                    is_in_force and playbook.date_from or None,
                    playbook.date_review or None,
                    playbook._tell_conflict(segment),
                ),
                playbook._tell_norms(),
                playbook,
                {"segment_ids": segment.ids},
            )
        return found

    def _tell_norms(self):
        """The contact norms in a line."""
        return format_list(
            self.env,
            [
                self.env._("%(channel)s: every %(days)s days", channel=norm.channel_id.name, days=norm.ideal)
                for norm in self.norm_ids
            ],
        )

    def _tell_conflict(self, segment):
        """In what the playbook says something else than the strategy, or leans on somebody who has left."""
        if self.leader == "inside" and not self.inside_user_id.active:
            return self.env._("%(person)s, who is to lead it, works here no more.", person=self.inside_user_id.name)
        visits = self.norm_ids.filtered(lambda norm: norm.channel_id.has_meetings and norm.ideal < SELDOM)
        if segment.goal in CHEAP and visits:
            return self.env._(
                "The strategy says “%(goal)s”, and a meeting is due every %(days)s working days.",
                goal=name_of(segment, "goal"),
                days=min(visits.mapped("ideal")),
            )
        return ""

    def _get_roadmap_action(self, step):
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_segment_action")
        return {**action, "domain": self._get_domain_counted()}

    @api.model
    def _get_domain_counted(self):
        """Segments of the primary scheme in the current company's perimeter."""
        perimeter = self.env["sdm.perimeter"]._get_default()
        return [("is_primary", "=", True), ("active", "=", True), ("perimeter_id", "=", perimeter.id)]

    # -- what holds today ---------------------------------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_norms(self):
        """The norms that hold for each segment, kept in memory.

        :return: dict {segment id: (playbook id, first day of its norms, tuple of (norm id, engine Norm))}
        """
        norms = {}
        for playbook in self.sudo().search([("state", "=", IN_FORCE)]):
            held = tuple((norm.id, norm._prepare_engine_norm()) for norm in playbook.norm_ids)
            for segment in playbook.segment_ids:
                norms[segment.id] = (playbook.id, playbook.date_begun, held)
        return norms

    @api.model
    def _get_working_time(self):
        """Working time of the current company, by which norms count.

        :return: engine Calendar
        """
        return self._get_working_time_of(self.env.company.id)

    @api.model
    @tools.ormcache("company_id", "schedule_id")
    def _get_working_time_of(self, company_id, schedule_id=None):
        """The same, or that of a schedule, kept in memory until working hours, days off or the production calendar
        change."""
        company = self.env["res.company"].sudo().browse(company_id)
        schedule = self.env["resource.calendar"].sudo().browse(schedule_id or ())
        return self.env["sdm.calendar.day"]._get_production_calendar(schedule, company=company)

    @api.model
    def _query_customers(self):
        """SQL of the ids of commercial partners whose contacts the reader may know, None for all."""
        user = self.env.user
        if self.env.su or user.has_groups("sdm_segmentation.group_sdm_director,sdm_segmentation.group_sdm_auditor"):
            return None
        today = fields.Date.context_today(self)
        Ownership = self.env["sdm.ownership"]
        mine = Ownership._query_mine(user, today)
        led = self._query_led(user, today)
        if led is not None:
            mine = SQL("(%s UNION %s)", mine, led)
        if user.has_group("sdm_segmentation.group_sdm_manager"):
            return SQL("(%s UNION %s)", mine, Ownership._query_ours(user, today))
        return mine

    @api.model
    def _get_norms_by_id(self):
        """The norms that hold today: dict {norm id: engine Norm}."""
        return {norm_id: norm for _playbook, _begun, held in self._get_norms().values() for norm_id, norm in held}

    @api.model
    @tools.ormcache("lang")
    def _get_prompts(self, lang):
        """What to say and to send by the playbooks in force, kept in memory.

        :param lang: code of the language
        :return: dict {playbook id: dict with ``name``, ``scripts``, ``documents`` and ``template`` of quotations}; not
            to be changed
        """
        return {
            playbook.id: {
                "name": playbook.name,
                "scripts": [
                    {
                        "id": script.id,
                        "name": script.name,
                        "stage": script.stage_id.id or None,
                        "channel": script.channel_id.id or None,
                        "body": script.body or "",
                    }
                    for script in playbook.script_ids
                ],
                "documents": [{"id": document.id, "name": document.name} for document in playbook.document_ids],
                "template": playbook.quotation_template_id.id or None,
            }
            for playbook in self.sudo().with_context(lang=lang).search([("state", "=", IN_FORCE)])
        }

    @api.model
    @tools.ormcache("lang")
    def _get_plans(self, lang):
        """The steps of the playbooks in force, kept in memory.

        :param lang: code of the language
        :return: dict {playbook id: dict {name of the field: (name, id or None) of its plan}}
        """
        playbooks = self.sudo().with_context(lang=lang).search([("state", "=", IN_FORCE)])
        return {
            playbook.id: {
                kind: (playbook[f"{kind}_id"].name or "", playbook[f"{kind}_id"].id or None)
                for kind in ("customer_plan", "lead_plan")
            }
            for playbook in playbooks
        }

    @api.model
    @tools.ormcache()
    def _get_leaders(self):
        """Who leads the customers of each segment that has a playbook in force, kept in memory.

        :return: dict {segment id: (leader, id of the inside seller or None)}
        """
        return {
            segment.id: (playbook.leader, playbook.inside_user_id.id or None)
            for playbook in self.sudo().search([("state", "=", IN_FORCE)])
            for segment in playbook.segment_ids
        }

    @api.model
    def _query_led(self, user, date):
        """SQL of the ids of customers that a user leads by their playbook: as inside seller, or as head of the lead.

        None where no playbook says so.
        """
        leaders = self._get_leaders().items()
        inside = tuple(segment for segment, leader in leaders if leader == ("inside", user.id))
        head = tuple(segment for segment, (leader, _user) in leaders if leader == "head")
        if not inside and not head:
            return None
        partner, position = self.env["res.partner"]._fields, self.env["sdm.position"]._fields
        return SQL(
            """(
            SELECT customer.id FROM res_partner customer WHERE customer.active AND customer.sdm_segment_id IN %(inside)s
             UNION
            SELECT customer.id
              FROM res_partner customer
              JOIN sdm_ownership owned ON owned.partner_id = customer.id AND owned.kind = 'lead'
               AND owned.date_from <= %(date)s AND (owned.date_to IS NULL OR owned.date_to >= %(date)s)
              JOIN sdm_position place ON place.employee_id = owned.employee_id
               AND place.date_from <= %(date)s AND (place.date_to IS NULL OR place.date_to >= %(date)s)
              JOIN hr_employee head ON head.id = place.head_id AND head.user_id = %(user)s
             WHERE customer.active AND customer.sdm_segment_id IN %(head)s
            )""",
            inside=inside or (0,),
            head=head or (0,),
            date=date,
            user=user.id,
            to_flush=(
                *(partner[name] for name in ("active", "sdm_segment_id")),
                *(position[name] for name in ("employee_id", "head_id", "date_from", "date_to")),
                *(
                    self.env["sdm.ownership"]._fields[name]
                    for name in ("partner_id", "employee_id", "kind", "date_from", "date_to")
                ),
            ),
        )

    @api.model
    def _query_since(self):
        """SQL of the FROM list that gives customers by their present segment: ``customer``, ``membership``."""
        partner, membership = self.env["res.partner"]._fields, self.env["sdm.segment.membership"]._fields
        return SQL(
            """res_partner customer
            LEFT JOIN sdm_segment_membership membership
              ON membership.partner_id = customer.id AND membership.segment_id = customer.sdm_segment_id
             AND membership.date_to IS NULL""",
            to_flush=(
                *(partner[name] for name in ("sdm_segment_id", "active")),
                *(membership[name] for name in ("partner_id", "segment_id", "date_from", "date_to")),
            ),
        )

    @api.model
    def _query_pressing(self, state):
        """SQL of the ids of customers with a norm that is due, or overdue, today.

        The working days are counted once for each norm, not for each customer: a norm is due where its last contact was
        on or before a day.

        :param state: ``due`` (overdue ones too) or ``overdue``
        """
        today = fields.Date.context_today(self)
        working = self._get_working_time()
        norms, keeping = [], []
        for segment, (_playbook, begun, held) in self._get_norms().items():
            for norm_id, norm in held:
                if state == engine.OVERDUE:
                    limit = self._get_threshold(working, today, norm.maximum)
                else:
                    limit = self._get_threshold(working, today + timedelta(days=1), norm.ideal)
                norms.append(SQL("(%s, %s, %s::date, %s::date)", segment, norm_id, begun, limit))
                keeping += [SQL("(%s, %s)", norm_id, channel) for channel in {norm.channel, *norm.counts}]
        if not norms:
            return SQL("(SELECT NULL::int WHERE FALSE)")
        visible = self._query_customers()
        return SQL(
            """(
            SELECT customer.id
              FROM %(customers)s
              JOIN (VALUES %(norms)s) norm (segment_id, norm_id, begun, last_day)
                ON norm.segment_id = customer.sdm_segment_id
              LEFT JOIN (
                   SELECT contact.customer_id, keeping.norm_id, MAX(contact.day) AS day
                     FROM %(contacts)s contact
                     JOIN (VALUES %(keeping)s) keeping (norm_id, channel_id)
                       ON keeping.channel_id = contact.channel_id
                    GROUP BY contact.customer_id, keeping.norm_id
              ) last ON last.customer_id = customer.id AND last.norm_id = norm.norm_id
             WHERE customer.active AND COALESCE(last.day, GREATEST(norm.begun, membership.date_from)) <= norm.last_day
                   %(only)s
            )""",
            customers=self._query_since(),
            norms=SQL(", ").join(norms),
            keeping=SQL(", ").join(keeping),
            contacts=self.env["sdm.contact.channel"]._query_contacts(
                self.env.user.tz or "UTC", end=today + timedelta(days=1), customers=visible
            ),
            only=SQL("AND customer.id IN %s", visible) if visible is not None else SQL(),
        )

    @api.model
    def _get_threshold(self, working, day, count):
        """The last day after which ``count`` working days are over before a day."""
        return calendar.add_working_days(working, day, -count) - timedelta(days=1)

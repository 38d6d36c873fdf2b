from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

TODO = "mail.mail_activity_data_todo"
SHOWN = 100
CONTENT = {"giver_id", "receiver_id", "date", "partner_ids", "with_quotations"}
OUTCOME = {"state", "outcome", "giver_consent_id", "giver_consent_date", "receiver_consent_id", "receiver_consent_date"}


class SdmHandOver(models.Model):
    """Customers go from one person to another from a day on, with the consent of both.

    With them go the open deals of the giver at these customers, the open quotations unless they are to stay, and the
    giver's planned activities there. Closed deals, orders and invoices stay with whom they belong. Until the day
    nothing has moved, so it can be cancelled.
    """

    _name = "sdm.hand.over"
    _description = "Hand-over of Customers"
    _inherit = ["sdm.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"

    giver_id = fields.Many2one(
        "hr.employee",
        string="From whom",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        default=lambda self: self._get_default_giver(),
    )
    receiver_id = fields.Many2one(
        "hr.employee", string="To whom", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(related="giver_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        "From the day",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="First day of the receiver. A day in the past is taken as the true date.",
    )
    reason = fields.Text(help="Why, for those who look at the history later.")
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        compute="_compute_partner_ids",
        store=True,
        readonly=False,
        precompute=True,
        context={"active_test": False},
        help="All that the giver owns from that day on; take out what stays.",
    )
    with_quotations = fields.Boolean(
        "Open quotations too",
        default=True,
        tracking=True,
        help="Quotations of the giver that are not ordered yet go over with the deals. Otherwise they stay with the "
        "giver. Orders and invoices stay in any case.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("agreed", "Agreed"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    giver_consent_id = fields.Many2one(
        "res.users", string="Consent of the giver", readonly=True, copy=False, ondelete="restrict"
    )
    giver_consent_date = fields.Datetime("Giver consented on", readonly=True, copy=False)
    receiver_consent_id = fields.Many2one(
        "res.users", string="Consent of the receiver", readonly=True, copy=False, ondelete="restrict"
    )
    receiver_consent_date = fields.Datetime("Receiver consented on", readonly=True, copy=False)
    outcome = fields.Json(readonly=True, copy=False, help="What went over, as it was on that day.")
    customer_count = fields.Integer("Number of customers", compute="_compute_preview")
    deal_count = fields.Integer("Open deals", compute="_compute_preview")
    deal_value = fields.Monetary("Value of open deals", compute="_compute_preview")
    quotation_count = fields.Integer("Open quotations", compute="_compute_preview")
    activity_count = fields.Integer("Planned activities", compute="_compute_preview")
    preview = fields.Html("Who gets what", compute="_compute_preview", sanitize=False)
    can_consent = fields.Boolean(compute="_compute_can_consent", search="_search_can_consent")
    is_led = fields.Boolean(
        "Of my group",
        compute="_compute_is_led",
        search="_search_is_led",
        help="The person who asks leads the giver or the receiver, directly or not, or led the giver who left.",
    )

    @api.model
    def _get_default_giver(self):
        """A seller gives the own customers; a head chooses."""
        if self.env.user.has_group("sdm_segmentation.group_sdm_manager"):
            return self.env["hr.employee"]
        return self.env.user.employee_id

    @api.depends("giver_id", "date")
    def _compute_partner_ids(self):
        owners = self.env["sdm.ownership"].sudo()
        for hand_over in self:
            hand_over.partner_ids = owners.search(
                Domain("employee_id", "=", hand_over.giver_id._origin.id)
                & (Domain("date_to", "=", False) | Domain("date_to", ">=", hand_over.date))
            ).partner_id

    @api.depends("partner_ids", "giver_id", "receiver_id", "date", "with_quotations", "outcome")
    @api.depends_context("uid", "lang")
    def _compute_preview(self):
        kinds = dict(self.env["sdm.ownership"]._fields["kind"]._description_selection(self.env))
        for hand_over in self:
            rows = hand_over.outcome or hand_over._prepare_preview()
            hand_over.customer_count = rows["customers"]
            hand_over.deal_count = rows["deals"]
            hand_over.deal_value = rows["value"]
            # kept outcomes may be older than the count of quotations
            hand_over.quotation_count = rows.get("quotations", 0)
            hand_over.activity_count = rows["activities"]
            hand_over.preview = self.env["ir.qweb"]._render(
                "sdm_segmentation.sdm_hand_over_preview",
                {"preview": rows, "kinds": kinds, "currency": hand_over.currency_id, "to": hand_over.receiver_id.name},
            )

    @api.depends("state", "giver_consent_id", "receiver_consent_id", "giver_id", "receiver_id")
    @api.depends_context("uid")
    def _compute_can_consent(self):
        for hand_over in self:
            hand_over.can_consent = hand_over.state == "proposed" and bool(hand_over._get_own_sides())

    def _search_can_consent(self, operator, value):
        if operator != "in":
            return NotImplemented
        proposed = self.search([("state", "=", "proposed")])
        return Domain("id", "in", proposed.filtered("can_consent").ids)

    @api.depends("giver_id", "receiver_id")
    @api.depends_context("uid")
    def _compute_is_led(self):
        led = self.search(Domain("id", "in", self.ids) & Domain("is_led", "=", True))
        for hand_over in self:
            hand_over.is_led = hand_over._origin in led

    def _search_is_led(self, operator, value):
        if operator != "in":
            return NotImplemented
        led = self._query_led()
        return Domain("giver_id", "in", led) | Domain("receiver_id", "in", led)

    @api.model
    def _query_led(self):
        today = fields.Date.context_today(self)
        return self.env["sdm.position.link"]._query_led_employees(self.env.user, today, departed=True)

    @api.depends("giver_id", "receiver_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for hand_over in self:
            day = format_date(self.env, hand_over.date) if hand_over.date else ""
            people = f"{hand_over.giver_id.name or ''} → {hand_over.receiver_id.name or ''}"
            known = hand_over.giver_id or hand_over.receiver_id
            hand_over.display_name = f"{people}, {day}" if known else self.env._("New hand-over")

    @api.constrains("giver_id", "receiver_id")
    def _check_people(self):
        for hand_over in self:
            if hand_over.giver_id == hand_over.receiver_id:
                raise ValidationError(
                    self.env._(
                        "%(employee)s cannot hand customers over to oneself. Choose somebody else.",
                        employee=hand_over.giver_id.name,
                    )
                )

    # -- CRUD ---------------------------------------------------------------------------------------------------------

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | OUTCOME

    @api.model
    def _tell_guarded(self, field):
        if field.name in OUTCOME:
            return self.env._("Consent is given with the button, each side for itself.")
        return super()._tell_guarded(field)

    def write(self, vals):
        if CONTENT & vals.keys() and any(hand_over.state != "draft" for hand_over in self):
            raise UserError(self.env._("This hand-over is proposed already. Take it back to draft to change it."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(hand_over.state == "done" for hand_over in self):
            raise UserError(self.env._("A hand-over that is done is history and cannot be deleted."))

    # -- steps --------------------------------------------------------------------------------------------------------

    def action_propose(self):
        """Ask both sides for consent; who proposes consents with it to the own side."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("draft")
        self._check_receiver()
        if not self.partner_ids:
            raise UserError(
                self.env._("There is nothing to hand over. Choose the customers that %s gives.", self.giver_id.name)
            )
        self.sudo().state = "proposed"
        self._record_consent(self._get_own_sides())
        self._ask_for_consent()
        return True

    def action_consent(self):
        """Consent to the sides that the user may speak for; with both the hand-over is agreed."""
        self.ensure_one()
        self.check_access("read")
        self._check_state("proposed")
        sides = self._get_own_sides()
        if not sides:
            raise UserError(
                self.env._(
                    "Consent is up to %(giver)s and %(receiver)s. For a giver who is away or has left, "
                    "the head or the director consents.",
                    giver=self.giver_id.name,
                    receiver=self.receiver_id.name,
                )
            )
        self._record_consent(sides)
        return True

    def action_draft(self):
        """Take a proposal back to change it; consents are void then."""
        self.check_access("write")
        self._check_state("proposed", "agreed")
        self._withdraw("draft")
        return True

    def action_cancel(self):
        """Call the hand-over off; the receiver may do so too."""
        self.check_access("read")
        self._check_state("draft", "proposed", "agreed")
        for hand_over in self:
            if hand_over.sudo().receiver_id.user_id != self.env.user:
                hand_over.check_access("write")
        self._withdraw("cancelled")
        return True

    def _withdraw(self, state):
        self.sudo().activity_unlink([TODO])
        self.sudo().write(
            {
                "state": state,
                "giver_consent_id": False,
                "giver_consent_date": False,
                "receiver_consent_id": False,
                "receiver_consent_date": False,
            }
        )

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for hand_over in self:
            if hand_over.state not in states:
                raise UserError(
                    self.env._(
                        "%(hand_over)s is “%(state)s”, so this step is not possible.",
                        hand_over=hand_over.display_name,
                        state=labels[hand_over.state],
                    )
                )

    def _check_receiver(self):
        for hand_over in self.sudo():
            if not hand_over.receiver_id.user_id.active:
                raise UserError(
                    self.env._(
                        "%s has no active user, so customers cannot go there. "
                        "Link a user on the employee, or choose somebody else.",
                        hand_over.receiver_id.name,
                    )
                )

    # -- consent ------------------------------------------------------------------------------------------------------

    def _get_own_sides(self):
        """Sides without consent that the user may speak for: ``giver``, ``receiver``."""
        self.ensure_one()
        hand_over = self.sudo()
        sides = []
        if not hand_over.giver_consent_id and (
            hand_over.giver_id.user_id == self.env.user or self._may_speak_for_giver()
        ):
            sides.append("giver")
        if not hand_over.receiver_consent_id and hand_over.receiver_id.user_id == self.env.user:
            sides.append("receiver")
        return sides

    def _may_speak_for_giver(self):
        """Whether the user is the director, or heads the giver, who is away or has left."""
        return self._leads_giver() and self._is_giver_away()

    def _leads_giver(self):
        giver = self.giver_id._origin
        if self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            return True
        if not self.env.user.has_group("sdm_segmentation.group_sdm_manager"):
            return False
        led = Domain("id", "=", giver.id) & Domain("id", "in", self._query_led())
        return bool(self.env["hr.employee"].sudo().with_context(active_test=False).search_count(led, limit=1))

    def _is_giver_away(self):
        """Whether the giver is absent today, has left, or cannot log in."""
        today = fields.Date.context_today(self)
        giver = self.giver_id.sudo()
        if not giver.active or not giver.user_id.active:
            return True
        now = self.env["sdm.position"]._get_domain_on(today)
        if giver.sdm_position_ids and not giver.sdm_position_ids.filtered_domain(now):
            return True
        return bool(giver._get_sdm_absences(today))

    def _record_consent(self, sides):
        hand_over = self.sudo()
        for side in sides:
            hand_over.write({f"{side}_consent_id": self.env.uid, f"{side}_consent_date": fields.Datetime.now()})
            asked = hand_over[f"{side}_id"].user_id | self.env.user
            for user in asked:
                hand_over.activity_feedback([TODO], user_id=user.id)
        if hand_over.giver_consent_id and hand_over.receiver_consent_id:
            hand_over.activity_unlink([TODO])
            hand_over.state = "agreed"
            if hand_over.date <= fields.Date.context_today(self):
                self._carry_out()

    def _ask_for_consent(self):
        """Plan an activity for each side that has not consented yet; a giver who is away is stood for by the head."""
        hand_over = self.sudo()
        if hand_over.state != "proposed":
            return
        asked = hand_over.env["res.users"]
        if not hand_over.giver_consent_id:
            asked |= hand_over._get_head_user() if self._is_giver_away() else hand_over.giver_id.user_id
        if not hand_over.receiver_consent_id:
            asked |= hand_over.receiver_id.user_id
        for user in asked:
            hand_over.activity_schedule(
                TODO,
                summary=hand_over.with_context(lang=user.lang).env._("Consent to the hand-over of customers"),
                user_id=user.id,
            )

    def _get_head_user(self):
        """The giver's head today, or the last one."""
        return self.giver_id.sdm_position_ids.sorted("date_from")[-1:].head_id.user_id

    # -- carrying out -------------------------------------------------------------------------------------------------

    def _carry_out(self):
        """Move everything of agreed hand-overs, in as many queries for many customers as for one.

        What is done already is left alone, so a second run changes nothing.
        """
        for hand_over in self.sudo().try_lock_for_update():
            if hand_over.state != "agreed":
                continue
            hand_over._check_receiver()
            outcome = hand_over._prepare_preview()
            deals = hand_over._get_deals()
            quotations = hand_over._get_quotations() if hand_over.with_quotations else self.env["sale.order"].sudo()
            activities = hand_over._get_activities(deals, quotations)
            user = hand_over.receiver_id.user_id
            self.env["sdm.ownership"].sudo()._hand_over(
                hand_over.partner_ids, hand_over.giver_id, hand_over.receiver_id, hand_over.date
            )
            # one message about the hand-over instead of one for each deal and activity
            self._give_deals(deals.with_context(mail_auto_subscribe_no_notify=True), user)
            quotations.with_context(mail_auto_subscribe_no_notify=True).write({"user_id": user.id})
            activities.with_context(mail_activity_quick_update=True).write({"user_id": user.id})
            hand_over.write({"state": "done", "outcome": outcome})
            hand_over.message_post(
                body=self.env._(
                    "Went over to %(receiver)s: customers – %(customers)s, open deals – %(deals)s, "
                    "open quotations – %(quotations)s, planned activities – %(activities)s.",
                    receiver=hand_over.receiver_id.name,
                    customers=outcome["customers"],
                    deals=outcome["deals"],
                    quotations=outcome["quotations"],
                    activities=outcome["activities"],
                )
            )

    @api.model
    def _give_deals(self, deals, user):
        """Change the salesperson as Odoo does, but look up the sales team once for each type, not for each deal."""
        for (kind, knows_user), group in deals.grouped(
            lambda deal: (deal.type, user in (deal.team_id.member_ids | deal.team_id.user_id))
        ).items():
            vals = {"user_id": user.id}
            if not knows_user:
                usable = [("use_leads" if kind == "lead" else "use_opportunities", "=", True)]
                vals["team_id"] = self.env["crm.team"].sudo()._get_default_team_id(user_id=user.id, domain=usable).id
            group.write(vals)

    @api.model
    def _cron_carry_out(self):
        """Carry out agreed hand-overs whose day has come; what fails asks the giver's head to act, once."""
        due = self.sudo().search([("state", "=", "agreed"), ("date", "<=", fields.Date.context_today(self))])
        for hand_over in due:
            try:
                with self.env.cr.savepoint():
                    hand_over._carry_out()
            except (UserError, ValidationError) as error:
                hand_over._ask_for_help(str(error))

    def _ask_for_help(self, error):
        """Let the giver's head, else whoever made the hand-over, do what it takes to carry it out.

        :param error: why it could not be carried out
        """
        self.ensure_one()
        if self.activity_ids:
            return
        positions = self.env["sdm.position"].sudo()
        today = fields.Date.context_today(self)
        place = positions.search(
            Domain("employee_id", "=", self.giver_id.id) & positions._get_domain_on(today), limit=1
        )
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("The hand-over could not be carried out"),
            note=error,
            user_id=(place.head_id.user_id or self.create_uid).id,
        )

    # -- what goes over -----------------------------------------------------------------------------------------------

    def _get_deals(self):
        """Open deals of the giver at these customers and their contacts."""
        if not self.giver_id.user_id:
            return self.env["crm.lead"].sudo()
        return (
            self.env["crm.lead"]
            .sudo()
            .search_fetch(
                Domain("partner_id.commercial_partner_id", "in", self.partner_ids.ids)
                & Domain("user_id", "=", self.giver_id.user_id.id)
                & Domain("won_status", "=", "pending"),
                ["partner_id", "expected_revenue", "company_id"],
            )
        )

    def _get_quotations(self):
        """Quotations of the giver at these customers and their contacts that are not ordered yet."""
        if not self.giver_id.user_id:
            return self.env["sale.order"].sudo()
        return (
            self.env["sale.order"]
            .sudo()
            .search_fetch(
                Domain("partner_id.commercial_partner_id", "in", self.partner_ids.ids)
                & Domain("user_id", "=", self.giver_id.user_id.id)
                & Domain("state", "in", ["draft", "sent"]),
                ["partner_id"],
            )
        )

    def _get_activities(self, deals, quotations):
        """Planned activities of the giver at these deals and quotations, at the customers and their contacts."""
        if not self.giver_id.user_id:
            return self.env["mail.activity"].sudo()
        contacts = self._get_contacts()
        return (
            self.env["mail.activity"]
            .sudo()
            .search_fetch(
                Domain("user_id", "=", self.giver_id.user_id.id)
                & (
                    (Domain("res_model", "=", "crm.lead") & Domain("res_id", "in", deals.ids))
                    | (Domain("res_model", "=", "sale.order") & Domain("res_id", "in", quotations.ids))
                    | (Domain("res_model", "=", "res.partner") & Domain("res_id", "in", contacts.ids))
                ),
                ["res_model", "res_id"],
            )
        )

    def _get_contacts(self):
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        domain = [("commercial_partner_id", "in", self.partner_ids.ids)]
        return partners.search_fetch(domain, ["commercial_partner_id"], order="id")

    def _may_preview(self):
        """Whether the user may know what the giver has: the giver, the giver's heads, those who read everything.

        Everybody else who sees the hand-over may once the giver has consented; a receiver could propose it, too.
        """
        user = self.env.user
        return (
            self.env.su
            or bool(self.giver_consent_id)
            or self.giver_id.sudo().user_id == user
            or user.has_group("sdm_segmentation.group_sdm_auditor")
            or self._leads_giver()
        )

    def _prepare_preview(self):
        """Who gets what: numbers of all, and the first customers by the value of their deals."""
        self.ensure_one()
        empty = {"customers": 0, "deals": 0, "value": 0.0, "quotations": 0, "activities": 0, "rows": [], "more": 0}
        if not self.giver_id or not self.date:
            return empty
        if not self._may_preview():
            return empty | {"hidden": True}
        return self.sudo()._count_preview()

    def _count_preview(self):
        deals = self._get_deals()
        quotations = self._get_quotations()
        moving = quotations if self.with_quotations else quotations.browse()
        activities = self._get_activities(deals, moving)
        commercial = {contact.id: contact.commercial_partner_id.id for contact in self._get_contacts()}
        customer_of = {("crm.lead", deal.id): commercial[deal.partner_id.id] for deal in deals}
        customer_of |= {("sale.order", order.id): commercial[order.partner_id.id] for order in quotations}
        customer_of |= {("res.partner", contact): customer for contact, customer in commercial.items()}
        deal_counts = Counter(customer_of["crm.lead", deal.id] for deal in deals)
        values = Counter()
        for deal in deals:
            values[customer_of["crm.lead", deal.id]] += self._convert(deal)
        quotation_counts = Counter(customer_of["sale.order", order.id] for order in moving)
        activity_counts = Counter(customer_of[activity.res_model, activity.res_id] for activity in activities)
        kinds = self._get_kinds()
        # ids of saved customers: a form not yet saved holds copies of them
        partners = self.env["res.partner"].sudo().browse(self.partner_ids.ids)
        rows = [
            {
                "customer": partner.name,
                "kind": kinds.get(partner.id),
                "deals": deal_counts[partner.id],
                "value": values[partner.id],
                "quotations": quotation_counts[partner.id],
                "activities": activity_counts[partner.id],
            }
            for partner in partners
        ]
        rows.sort(key=lambda row: (-row["value"], row["customer"] or ""))
        return {
            "customers": len(rows),
            "deals": len(deals),
            "value": sum(values.values()),
            "quotations": len(moving),
            "staying": len(quotations) - len(moving),
            "activities": len(activities),
            "rows": rows[:SHOWN],
            "more": max(len(rows) - SHOWN, 0),
        }

    def _convert(self, deal):
        currency = deal.company_id.currency_id or self.company_id.currency_id
        return currency._convert(deal.expected_revenue, self.company_id.currency_id, self.company_id, self.date)

    def _get_kinds(self):
        """How the giver owns each customer from the day on."""
        owners = self.env["sdm.ownership"].search_fetch(
            Domain("employee_id", "=", self.giver_id._origin.id)
            & Domain("partner_id", "in", self.partner_ids.ids)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", self.date)),
            ["partner_id", "kind"],
            order="date_from desc, id desc",
        )
        return {owner.partner_id.id: owner.kind for owner in owners}

from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...engine import playbook as engine

GROUPS = "sdm_segmentation.group_sdm_user,sdm_segmentation.group_sdm_auditor"
STATES = [(engine.OVERDUE, "Overdue"), (engine.DUE, "Due"), (engine.FINE, "In time")]


@dataclass(frozen=True)
class NextContact:
    """What a norm asks for of a customer.

    :param customer: id of the commercial partner; :param playbook: id; :param norm: id
    :param channel: id; :param name: of the channel; :param minutes: length of a contact, None where open
    :param state: ``overdue``, ``due`` or ``fine``; :param last: day of the last contact, None without one
    :param due: day from which the next is due; :param latest: last day before it is overdue
    :param late: working days since it is due; :param ideal: working days between contacts
    """

    customer: int
    playbook: int
    norm: int
    channel: int
    name: str
    minutes: int | None
    state: str
    last: Date | None
    due: Date
    latest: Date
    late: int
    ideal: int


class ResPartner(models.Model):
    """What the playbook asks for next: computed when it is read, from the contacts that took place."""

    _inherit = "res.partner"

    sdm_contact_state = fields.Selection(
        STATES,
        string="Next contact is",
        compute="_compute_sdm_contact",
        search="_search_sdm_contact_state",
        groups=GROUPS,
        help="By the contact norms of the customer's playbook: the most pressing one.",
    )
    sdm_contact_due = fields.Date("Next contact due", compute="_compute_sdm_contact", groups=GROUPS)
    sdm_contact_reason = fields.Text("Why now", compute="_compute_sdm_contact", groups=GROUPS)
    sdm_no_steps = fields.Char(
        "Why no steps can be begun",
        compute="_compute_sdm_no_steps",
        groups=GROUPS,
        help="Empty where the playbook has steps that the customer is not in.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("lang")
    def _compute_sdm_no_steps(self):
        running = self.env["sdm.enrolment"]._get_running(self.commercial_partner_id)
        for partner in self:
            customer = partner.commercial_partner_id
            partner.sdm_no_steps = customer._tell_sdm_no_steps("customer_plan", running.get((customer.id, False)))

    def _tell_sdm_no_steps(self, kind, running):
        """Why no steps of the customer's playbook can be begun, empty where they can.

        :param kind: ``customer_plan`` or ``lead_plan``; :param running: ids of plans whose steps run
        """
        norms, plans = self.env["sdm.playbook"]._get_norms(), self.env["sdm.playbook"]._get_plans(self.env.lang)
        segment = self.sudo().sdm_segment_id.id
        if segment not in norms:
            return ""
        name, plan = plans[norms[segment][0]][kind]
        if not plan:
            return self.env._("The playbook has no steps.")
        if plan in (running or ()):
            return self.env._("In the steps of “%(plan)s”.", plan=name)
        return ""

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "lang", "company")
    def _compute_sdm_contact(self):
        found = self._get_sdm_next_contacts()
        for partner in self:
            contacts = found.get(partner.commercial_partner_id.id, ())
            first = contacts[0] if contacts else None
            partner.sdm_contact_state = first.state if first else False
            partner.sdm_contact_due = first.due if first else False
            partner.sdm_contact_reason = "\n".join(self._tell_sdm_contact(contact) for contact in contacts)

    def _search_sdm_contact_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["sdm_contact_state"], "read")
        Playbook = self.env["sdm.playbook"]
        overdue = Domain("commercial_partner_id", "in", Playbook._query_pressing(engine.OVERDUE))
        pressing = Domain("commercial_partner_id", "in", Playbook._query_pressing(engine.DUE))
        visible = Playbook._query_customers()
        worked = Domain("commercial_partner_id.sdm_segment_id", "in", list(Playbook._get_norms()))
        if visible is not None:
            worked &= Domain("commercial_partner_id", "in", visible)
        if {engine.DUE, engine.OVERDUE} <= set(value):
            found = pressing
        elif engine.OVERDUE in value:
            found = overdue
        elif engine.DUE in value:
            found = pressing & ~overdue
        else:
            found = Domain.FALSE
        if engine.FINE in value:
            found |= worked & ~pressing
        return found | ~worked if False in value else found

    def _get_sdm_next_contacts(self, date=None):
        """What the playbooks ask for of these customers, the most pressing first.

        One query whatever the number of customers. Customers whose contacts the reader may not know are left out.

        :param date: the day it is asked for, today by default
        :return: dict {commercial partner id: list of NextContact}, customers without playbook left out
        """
        Playbook = self.env["sdm.playbook"]
        norms = Playbook._get_norms()
        ids = tuple(filter(None, self.commercial_partner_id.ids))
        if not norms or not ids:
            return {}
        date = date or fields.Date.context_today(self)
        customers = SQL("%s", ids)
        visible = Playbook._query_customers()
        rows = self.env.execute_query(
            SQL(
                """SELECT customer.id, customer.sdm_segment_id, membership.date_from, last.channel_id, last.day
                     FROM %(customers)s
                     LEFT JOIN (
                          SELECT contact.customer_id, contact.channel_id, MAX(contact.day) AS day
                            FROM %(contacts)s contact
                           GROUP BY contact.customer_id, contact.channel_id
                     ) last ON last.customer_id = customer.id
                    WHERE customer.active AND customer.id IN %(ids)s AND customer.sdm_segment_id IN %(segments)s
                          %(visible)s""",
                customers=Playbook._query_since(),
                contacts=self.env["sdm.contact.channel"]._query_contacts(
                    self.env.user.tz or "UTC", end=date + timedelta(days=1), customers=customers
                ),
                ids=customers,
                segments=tuple(norms),
                visible=SQL("AND customer.id IN %s", visible) if visible is not None else SQL(),
            )
        )
        segments, contacts = {}, {}
        for customer, segment, since, channel, day in rows:
            segments[customer] = (segment, since)
            if channel:
                contacts.setdefault(customer, []).append(engine.Contact(channel, day))
        if not segments:
            return {}
        names = self.env["sdm.contact.channel"]._get_names(self.env.lang)
        working = Playbook._get_working_time()
        found = {}
        for customer, (segment, since) in segments.items():
            playbook, begun, held = norms[segment]
            by_channel = {norm.channel: (norm_id, norm) for norm_id, norm in held}
            account = engine.Account(
                customer,
                max(begun, since) if since else begun,
                tuple(norm for _norm_id, norm in held),
                tuple(contacts.get(customer, ())),
            )
            found[customer] = [
                NextContact(
                    customer,
                    playbook,
                    by_channel[demand.channel][0],
                    demand.channel,
                    names[demand.channel],
                    by_channel[demand.channel][1].minutes,
                    demand.state,
                    demand.last,
                    demand.due,
                    demand.latest,
                    demand.late,
                    by_channel[demand.channel][1].ideal,
                )
                for demand in engine.demands(account, working, date)
            ]
        return found

    @api.model
    def _tell_sdm_contact(self, contact):
        """Why a contact is due, in one sentence.

        :param contact: NextContact
        """
        words = {
            "channel": contact.name,
            "last": format_date(self.env, contact.last) if contact.last else "",
            "due": format_date(self.env, contact.due),
            "days": contact.ideal,
            "late": contact.late,
        }
        if contact.state == engine.FINE:
            if contact.last:
                return self.env._("%(channel)s: last on %(last)s, next by %(due)s.", **words)
            return self.env._("%(channel)s: none yet, the first by %(due)s.", **words)
        if contact.last and contact.late:
            return self.env._("%(channel)s: last on %(last)s, every %(days)s working days, late by %(late)s.", **words)
        if contact.last:
            return self.env._("%(channel)s: last on %(last)s, every %(days)s working days, due today.", **words)
        if contact.late:
            return self.env._("%(channel)s: none yet, due on %(due)s, late by %(late)s working days.", **words)
        return self.env._("%(channel)s: none yet, due today.", **words)

    def _get_sdm_playbook(self):
        """The playbook that the customer is worked by today.

        :return: sdm.playbook, empty where there is none
        """
        self.ensure_one()
        norms = self.env["sdm.playbook"]._get_norms()
        segment = self.commercial_partner_id.sudo().sdm_segment_id
        return self.env["sdm.playbook"].browse(norms[segment.id][0] if segment.id in norms else ())

    def action_open_sdm_playbook(self):
        """Show how the customer is worked."""
        playbook = self._get_sdm_playbook()
        return playbook and playbook._get_form_action()

    def action_begin_sdm_steps(self):
        """Begin the steps of the customer's playbook by hand."""
        playbook = self._get_sdm_playbook()
        self._check_sdm_worked()
        self.env["sdm.enrolment"]._enrol(playbook, self.commercial_partner_id, playbook.customer_plan_id)
        return self.action_open_sdm_enrolments()

    def action_open_sdm_enrolments(self):
        """Open the steps of the customer, running and ended."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_enrolment_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {}
        return action

    def _check_sdm_worked(self):
        """:raise AccessError: the customer is not one that the reader works with"""
        if self.env.su:
            return
        visible = self.env["sdm.playbook"]._query_customers()
        customers = self.commercial_partner_id
        found = customers
        if visible is not None:
            found = customers.search(Domain("id", "in", customers.ids) & Domain("id", "in", visible))
        if customers - found or not self.env.user.has_group("sdm_segmentation.group_sdm_user"):
            raise AccessError(
                self.env._(
                    "Steps are begun by who works with “%(customer)s”: its owner, the head, the director.",
                    customer=customers[:1].name,
                )
            )

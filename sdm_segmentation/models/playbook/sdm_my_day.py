from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, is_html_empty

from ...engine import calendar
from ...engine import my_day as engine
from ...engine.playbook import DUE, OVERDUE
from ..timezones import to_utc
from .sdm_contact import MODELS

# entries that are shown at once; the others come on demand
SHOWN = 30
# an e-mail that nobody answered for so many days is no matter of today any more
ANSWER_DAYS = 30


@dataclass
class Work:
    """What a day is made of, read at once.

    :param customers: dict {customer id: (kind of ownership, id of the absent employee or None, until when)}
    :param contacts: dict {(customer id, norm id): NextContact}, what is due; :param activities: mail.activity
    :param norms: dict {customer id: list of NextContact}, due or not
    :param answers: dict {customer id: (model, record id, day, subject)}; :param agreed: {(subject, channel): day}
    :param subjects: dict {mail.activity: (model, id) of whom it is about}
    :param enrolments: dict {mail.activity: sdm.enrolment}; :param channels: dict {activity type id: channel id}
    :param own: engine calendar of the reader
    """

    customers: dict
    contacts: dict = field(default_factory=dict)
    activities: object = None
    own: object = None
    answers: dict = field(default_factory=dict)
    agreed: dict = field(default_factory=dict)
    subjects: dict = field(default_factory=dict)
    enrolments: dict = field(default_factory=dict)
    channels: dict = field(default_factory=dict)
    norms: dict = field(default_factory=dict)


class SdmMyDay(models.AbstractModel):
    """Whom a seller contacts today and why: what the playbooks ask for, steps, own activities, answers that wait.

    All that asks for a customer is one entry. Computed when it is read; the number of queries depends neither on the
    number of customers nor on that of entries.
    """

    _name = "sdm.my.day"
    _description = "Day of a Seller"

    # -- what the browser asks for ------------------------------------------------------------------------------------

    @api.model
    def get_day(self, user_id=None, limit=SHOWN):
        """The day of a person.

        :param user_id: whose day; None: one's own. Heads see the days of people whom they lead, directors all
        :param limit: number of entries that are described
        :return: dict with ``date``, ``person``, ``people`` to choose from, ``counts`` by state, ``agreed`` (customers
            left out since a contact is agreed for a later day), ``done`` (activities done today), ``entries`` (see
            ``_describe_entry``), ``playbooks`` {id: what to say and to send} and ``choices`` of the contact
            that is logged
        :raise AccessError: the person is not led by who asks
        """
        people = self._get_people()
        user = self._get_person(user_id, people)
        today = fields.Date.context_today(self)
        work = self._collect(user, today)
        partners = self._read_partners(work)
        work.own = self.env["sdm.contact"]._get_own_calendar(today)
        plan = engine.plan(
            self._get_reasons(work, partners),
            self.env["sdm.playbook"]._get_working_time(),
            today,
            self._get_ranks(partners),
            work.agreed,
        )
        states = [entry.state for entry in plan.entries]
        shown = plan.entries[:limit]
        return {
            "date": format_date(self.env, today, date_format="EEEE, d MMMM"),
            "person": {"id": user.id, "name": user.name, "is_me": user == self.env.user},
            "people": [{"id": person.id, "name": person.name} for person in people],
            "counts": {state: states.count(state) for state in (OVERDUE, DUE)},
            "agreed": len(plan.agreed),
            "done": self._count_done(user, today),
            "entries": self._describe(shown, work, partners),
            "playbooks": self._describe_playbooks(shown, partners),
            "choices": self.env["sdm.contact"]._prepare_choices(work.own, today),
        }

    @api.model
    def _get_people(self):
        """Those whose day may be looked at, oneself first."""
        me = self.env.user
        if not me.has_group("sdm_segmentation.group_sdm_user"):
            raise AccessError(self.env._("A day is for sellers, their heads and the director of Sales Drive."))
        if not me.has_group("sdm_segmentation.group_sdm_manager"):
            return me
        sellers = Domain("all_group_ids", "in", self.env.ref("sdm_segmentation.group_sdm_user").ids)
        sellers &= Domain("company_ids", "in", self.env.companies.ids)
        if not me.has_group("sdm_segmentation.group_sdm_director"):
            sellers &= Domain("is_sdm_led", "=", True)
        return me | me.search(sellers, order="name, id")

    @api.model
    def _get_person(self, user_id, people):
        person = people.filtered(lambda one: one.id == (user_id or self.env.uid))
        if not person:
            raise AccessError(self.env._("You see your own day and those of the people whom you lead."))
        return person

    # -- reading ------------------------------------------------------------------------------------------------------

    @api.model
    def _collect(self, user, today):
        """All that asks for a customer of a person, or for the person, on a day.

        :return: Work
        """
        customers, led, absent = self._find_customers(user, today)
        work = Work(customers)
        work.answers = self._find_answers(customers, today)
        work.activities = self.env["mail.activity"].search(
            [("user_id", "in", [user.id, *absent]), ("date_deadline", "<=", today)]
        )
        work.subjects = self._find_subjects(work.activities)
        steps = self.env["sdm.enrolment"].sudo().search([("activity_id", "in", work.activities.ids)])
        work.enrolments = {step.activity_id: step for step in steps}
        work.channels = self.env["sdm.contact.channel"]._get_channels_by_type()
        pressing = set(self._find_pressing(led))
        asked = pressing | work.answers.keys()
        asked |= {key for model, key in work.subjects.values() if model == "res.partner"}
        work.norms = self.env["res.partner"].browse(asked)._get_sdm_next_contacts(today)
        for customer in pressing & work.norms.keys():
            due = [contact for contact in work.norms[customer] if contact.due <= today]
            work.contacts |= {(customer, contact.norm): contact for contact in due}
        work.agreed = self._find_agreed({customer for customer, _norm in work.contacts}, today)
        return work

    @api.model
    def _find_customers(self, user, today):
        """Whose customers a person works today.

        The lead seller and the substitutes work a customer; where its playbook is led by inside sales or by the head,
        the contacts are theirs.

        :return: tuple (dict {customer id: (kind, id of the absent employee, until when)}, ids of the customers whose
            contacts the person leads, ids of the users whom the person stands in for)
        """
        Ownership, Playbook = self.env["sdm.ownership"], self.env["sdm.playbook"]
        elsewhere = tuple(segment for segment, (leader, _user) in Playbook._get_leaders().items() if leader != "lead")
        rows = self.env.execute_query(
            SQL(
                """SELECT owned.partner_id, owned.kind, who.absent_id, who.user_id, who.until,
                          COALESCE(customer.sdm_segment_id, 0) NOT IN %(elsewhere)s
                     FROM sdm_ownership owned
                     JOIN res_partner customer ON customer.id = owned.partner_id AND customer.active
                     JOIN (
                          SELECT own.id AS employee_id, NULL::int AS absent_id, NULL::int AS user_id,
                                 NULL::timestamp AS until
                            FROM hr_employee own WHERE own.user_id = %(user)s
                           UNION ALL
                          SELECT absent.id, absent.id, absent.user_id, absent.until FROM %(absent)s absent
                     ) who ON who.employee_id = owned.employee_id
                    WHERE owned.kind IN ('lead', 'substitute') AND owned.date_from <= %(today)s
                      AND (owned.date_to IS NULL OR owned.date_to >= %(today)s)
                    ORDER BY who.absent_id DESC NULLS LAST""",
                elsewhere=elsewhere or (0,),
                user=user.id,
                absent=Ownership._query_absent(user, today),
                today=today,
                to_flush=(
                    *(
                        Ownership._fields[name]
                        for name in ("partner_id", "employee_id", "kind", "date_from", "date_to")
                    ),
                    *(self.env["res.partner"]._fields[name] for name in ("active", "sdm_segment_id")),
                ),
            )
        )
        customers = {customer: (kind, absent, until) for customer, kind, absent, _user, until, _leads in rows}
        led = {row[0] for row in rows if row[-1]}
        query = Playbook._query_led(user, today)
        if query is not None:
            led.update(row[0] for row in self.env.execute_query(query))
        return customers, led, {row[3] for row in rows if row[3]}

    @api.model
    def _find_pressing(self, customers):
        """Those of some customers of whom a norm asks a contact today, in one query."""
        if not customers or not self.env["sdm.playbook"]._get_norms():
            return []
        pressing = self.env["sdm.playbook"]._query_pressing(DUE)
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT found.id FROM %s found WHERE found.id IN %s", pressing, tuple(customers))
        )
        return [row[0] for row in rows]

    @api.model
    def _find_answers(self, customers, today):
        """E-mails of customers after which nobody wrote, called or met them.

        :return: dict {customer id: (model, record id, day, subject)}
        """
        if not customers:
            return {}
        zone = self.env.user.tz or "UTC"
        Channel = self.env["sdm.contact.channel"]
        message = self.env["mail.message"]._fields
        names = ("model", "res_id", "date", "message_type", "is_internal", "mail_activity_type_id", "subject")
        rows = self.env.execute_query(
            SQL(
                """SELECT last.customer_id, last.model, last.res_id, last.day, last.subject
                     FROM (
                          SELECT DISTINCT ON (record.customer_id) record.customer_id, message.model, message.res_id,
                                 (message.date AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day,
                                 message.subject, message.message_type
                            FROM %(records)s record
                            JOIN mail_message message
                              ON message.model = record.model AND message.res_id = record.id
                            LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
                           WHERE message.date >= %(start)s AND message.date < %(end)s
                             AND (
                                 message.mail_activity_type_id IN (SELECT kind.type_id FROM %(kinds)s kind)
                                 OR message.message_type IN ('email', 'email_outgoing', 'comment')
                                 AND message.is_internal IS NOT TRUE AND subtype.internal IS NOT TRUE
                             )
                           ORDER BY record.customer_id, message.date DESC, message.id DESC
                     ) last
                    WHERE last.message_type = 'email'""",
                zone=zone,
                records=Channel._query_records(SQL("%s", tuple(customers))),
                kinds=Channel._query_kinds(),
                start=to_utc(today - timedelta(days=ANSWER_DAYS), zone),
                end=to_utc(today + timedelta(days=1), zone),
                to_flush=[message[name] for name in names],
            )
        )
        return {customer: (model, record, day, subject or "") for customer, model, record, day, subject in rows}

    @api.model
    def _find_subjects(self, activities):
        """Whom activities are about: the customer of the record, or the record itself.

        :return: dict {mail.activity: (model, id)}
        """
        customers = {}
        by_model = defaultdict(set)
        for activity in activities:
            by_model[activity.res_model].add(activity.res_id)
        for model, name in (
            ("res.partner", "commercial_partner_id"),
            ("crm.lead", "partner_id"),
            ("sale.order", "partner_id"),
        ):
            records = self.env[model].sudo().browse(by_model.get(model, ()))
            for record in records:
                customers[model, record.id] = record[name].commercial_partner_id.id
        return {
            activity: ("res.partner", customers[activity.res_model, activity.res_id])
            if customers.get((activity.res_model, activity.res_id))
            else (activity.res_model or activity._name, activity.res_id or activity.id)
            for activity in activities
        }

    @api.model
    def _find_agreed(self, customers, today):
        """The first later day for which a contact is agreed with some customers: planned activities and meetings.

        :return: dict {((model, customer id), channel id): day}
        """
        if not customers:
            return {}
        zone = self.env.user.tz or "UTC"
        Channel = self.env["sdm.contact.channel"]
        ids = SQL("%s", tuple(customers))
        activity, event = self.env["mail.activity"]._fields, self.env["calendar.event"]._fields
        rows = self.env.execute_query(
            SQL(
                """SELECT agreed.customer_id, agreed.channel_id, MIN(agreed.day)
                     FROM (
                          SELECT record.customer_id, kind.channel_id, activity.date_deadline AS day
                            FROM %(records)s record
                            JOIN mail_activity activity
                              ON activity.res_model = record.model AND activity.res_id = record.id AND activity.active
                            JOIN %(kinds)s kind ON kind.type_id = activity.activity_type_id
                           WHERE activity.date_deadline > %(today)s
                           UNION ALL
                          SELECT partner.commercial_partner_id, channel.id,
                                 (event.start AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                            FROM calendar_event event
                            JOIN calendar_event_res_partner_rel attendance
                              ON attendance.calendar_event_id = event.id
                            JOIN res_partner partner ON partner.id = attendance.res_partner_id
                            JOIN sdm_contact_channel channel ON channel.active AND channel.has_meetings
                           WHERE event.active AND event.start >= %(tomorrow)s
                             AND partner.commercial_partner_id IN %(ids)s
                     ) agreed
                    GROUP BY agreed.customer_id, agreed.channel_id""",
                records=Channel._query_records(ids),
                kinds=Channel._query_kinds(),
                today=today,
                tomorrow=to_utc(today + timedelta(days=1), zone),
                zone=zone,
                ids=ids,
                to_flush=(
                    *(activity[name] for name in ("res_model", "res_id", "active", "date_deadline")),
                    activity["activity_type_id"],
                    *(event[name] for name in ("active", "start", "partner_ids")),
                ),
            )
        )
        return {(("res.partner", customer), channel): day for customer, channel, day in rows}

    @api.model
    def _count_done(self, user, today):
        done = self.env["mail.activity"].sudo().with_context(active_test=False)
        return done.search_count([("user_id", "=", user.id), ("active", "=", False), ("date_done", "=", today)])

    @api.model
    def _read_partners(self, work):
        """The customers that the day is about, as far as the reader may read them.

        :return: dict {id: res.partner}
        """
        ids = {customer for customer, _norm in work.contacts} | work.answers.keys()
        ids |= {key for model, key in work.subjects.values() if model == "res.partner"}
        names = ["name", "phone", "email", "sdm_segment_id"]
        found = self.env["res.partner"].with_context(active_test=False).search_fetch([("id", "in", list(ids))], names)
        return {partner.id: partner for partner in found}

    # -- to the engine ------------------------------------------------------------------------------------------------

    @api.model
    def _get_reasons(self, work, partners):
        """:return: list of engine Reason; what is about customers that the reader may not read is left out"""
        norms = self.env["sdm.playbook"]._get_norms_by_id()
        working = self.env["sdm.playbook"]._get_working_time()
        reasons = [
            engine.Reason(
                engine.NORM,
                ("res.partner", customer),
                contact.due,
                contact.latest,
                contact,
                (norms[norm].channel, *norms[norm].counts),
            )
            for (customer, norm), contact in work.contacts.items()
        ]
        reasons += [
            engine.Reason(
                engine.STEP if activity in work.enrolments else engine.ACTIVITY,
                work.subjects[activity],
                activity.date_deadline,
                activity.date_deadline,
                activity,
            )
            for activity in work.activities
        ]
        reasons += [
            # answered on the working day after it came is in time
            engine.Reason(
                engine.ANSWER,
                ("res.partner", customer),
                answer[2],
                calendar.add_working_days(working, answer[2], 1),
                answer,
            )
            for customer, answer in work.answers.items()
        ]
        return [reason for reason in reasons if reason.subject[0] != "res.partner" or reason.subject[1] in partners]

    @api.model
    def _get_ranks(self, partners):
        """The place of each customer's segment in its scheme: the first class is the key one."""
        segments = (
            self.env["sdm.segment"].sudo().union(*(partner.sdm_segment_id.sudo() for partner in partners.values()))
        )
        places = {
            segment.id: place for place, segment in enumerate(segments.sorted(lambda one: (one.sequence, one.id)))
        }
        return {
            ("res.partner", partner.id): places[partner.sdm_segment_id.id]
            for partner in partners.values()
            if partner.sdm_segment_id
        }

    # -- in words -----------------------------------------------------------------------------------------------------

    @api.model
    def _describe(self, entries, work, partners):
        """:return: list of dicts, see ``_describe_entry``"""
        asked = [reason for entry in entries for reason in entry.reasons]
        activities = self.env["mail.activity"].union(
            *(reason.code for reason in asked if reason.kind in (engine.STEP, engine.ACTIVITY))
        )
        deals = self._get_deals(asked, activities)
        customers = [partners[key] for model, key in (entry.subject for entry in entries) if model == "res.partner"]
        people = self._get_contact_people(customers)
        absent = (
            self.env["hr.employee"]
            .sudo()
            .browse({work.customers[one.id][1] for one in customers if one.id in work.customers} - {None})
        )
        names = {person.id: person.name for person in absent}
        described = [self._describe_entry(entry, work, partners, deals, people, names) for entry in entries]
        self._add_next(entries, described, work)
        return described

    @api.model
    def _add_next(self, entries, described, work):
        """What comes after a contact, for each entry on which one is logged: known without asking the server again."""
        Contact = self.env["sdm.contact"]
        today = fields.Date.context_today(self)
        for entry, shown in zip(entries, described, strict=True):
            model, key = entry.subject
            if not shown["about"]:
                continue
            activity = self.env["mail.activity"].browse(shown["about"]["activity"] or ())
            enrolment = work.enrolments.get(activity, self.env["sdm.enrolment"].sudo())
            norms = work.norms.get(key, ()) if model == "res.partner" else ()
            shown["next"] = Contact._prepare_next(norms, enrolment, work.own, today, work.channels)

    @api.model
    def _get_deals(self, reasons, activities):
        """The deals that reasons are about, as far as the reader may read them: {id: crm.lead}."""
        ids = {activity.res_id for activity in activities if activity.res_model == "crm.lead"}
        ids |= {reason.code[1] for reason in reasons if reason.kind == engine.ANSWER and reason.code[0] == "crm.lead"}
        deals = self.env["crm.lead"].with_context(active_test=False).search([("id", "in", list(ids))])
        return {deal.id: deal for deal in deals}

    @api.model
    def _get_contact_people(self, customers):
        """A contact with a phone number or an address, for customers that have none of their own.

        :return: dict {customer id: res.partner}
        """
        without = [customer.id for customer in customers if not customer.phone or not customer.email]
        found = self.env["res.partner"].search_fetch(
            Domain("parent_id", "in", without) & (Domain("phone", "!=", False) | Domain("email", "!=", False)),
            ["name", "phone", "email", "parent_id"],
            order="id desc",
        )
        return {person.parent_id.id: person for person in found}

    @api.model
    def _describe_entry(self, entry, work, partners, deals, people, names):
        """What the browser shows of an entry.

        :return: dict with ``key``, ``name``, ``model`` and ``id`` to open, ``segment``, ``strategy``, ``state``,
            ``late``, ``role``, ``reasons`` (dicts with ``kind`` and ``text``), ``contact`` (name, phone, email),
            ``deal`` with what is missing for its next stage, ``note`` of the activity, ``playbook`` and ``about``:
            what a contact is written on (``model``, ``id``, ``activity``, ``channel``; None where there is nobody),
            ``todo`` (id of an activity that is no contact), and ``next``: what comes after
            it by channel
        """
        model, key = entry.subject
        customer = partners.get(key) if model == "res.partner" else None
        abouts = [self._get_about(reason, customer, work.channels) for reason in entry.reasons]
        # a planned contact before the norm that it keeps; what is no contact is done apart
        contacts = sorted(
            (one for one in abouts if not one["activity"] or one["channel"]), key=lambda one: not one["activity"]
        )
        about = (contacts or [{**abouts[0], "activity": None}])[0]
        deal = next((deals[one["id"]] for one in abouts if one["model"] == "crm.lead" and one["id"] in deals), None)
        segment = customer.sdm_segment_id.sudo() if customer else self.env["sdm.segment"]
        playbook = self.env["sdm.playbook"]._get_norms().get(segment.id)
        activities = [reason.code for reason in entry.reasons if reason.kind in (engine.STEP, engine.ACTIVITY)]
        return {
            "key": f"{model},{key}",
            "name": customer.name if customer else activities[0].res_name or activities[0].summary or "",
            "model": model,
            "id": key,
            "segment": {"name": segment.name, "color": segment.color} if segment else None,
            "strategy": (customer and customer.sdm_strategy_line) or "",
            "state": entry.state,
            "late": entry.late,
            "role": self._tell_role(work.customers.get(key), names) if customer else "",
            "reasons": [{"kind": reason.kind, "text": self._tell_reason(reason, work)} for reason in entry.reasons],
            "contact": self._describe_contact(customer, deal, people),
            "deal": self._describe_deal(deal),
            "note": next((activity.note for activity in activities if not is_html_empty(activity.note)), ""),
            "playbook": playbook[0] if playbook else None,
            "about": about if about["model"] in MODELS else None,
            "todo": next((one["activity"] for one in abouts if one["activity"] and not one["channel"]), None),
        }

    @api.model
    def _describe_deal(self, deal):
        return deal and {
            "id": deal.id,
            "name": deal.name,
            "stage": deal.stage_id.name or "",
            "stage_id": deal.stage_id.id,
            "missing": (deal.sdm_missing or "").splitlines(),
        }

    @api.model
    def _get_about(self, reason, customer, channels):
        """The record that a contact for a reason is written on: that of the activity or e-mail, else the customer."""
        if reason.kind == engine.NORM:
            return {"model": "res.partner", "id": customer.id, "activity": None, "channel": reason.code.channel}
        if reason.kind == engine.ANSWER:
            return {"model": reason.code[0], "id": reason.code[1], "activity": None, "channel": None}
        activity = reason.code
        return {
            "model": activity.res_model or activity._name,
            "id": activity.res_id or activity.id,
            "activity": activity.id,
            "channel": channels.get(activity.activity_type_id.id),
        }

    @api.model
    def _describe_contact(self, customer, deal, people):
        """Whom to call or write to: the deal's contact, the customer, or its first contact."""
        none = self.env["res.partner"]
        people_to_ask = [
            deal.partner_id if deal else none,
            customer or none,
            people.get(customer.id, none) if customer else none,
        ]
        known = [person for person in people_to_ask if person]
        by_phone = next((person for person in known if person.phone), none)
        by_email = next((person for person in known if person.email), none)
        person = by_phone or by_email
        return {
            "name": person.name if person and person != customer else (deal and deal.contact_name) or "",
            "phone": by_phone.phone or (deal and deal.phone) or "",
            "email": by_email.email or (deal and deal.email_from) or "",
        }

    @api.model
    def _tell_role(self, role, names):
        if not role:
            return ""
        kind, absent, until = role
        if absent:
            day = format_date(self.env, fields.Datetime.context_timestamp(self, until).date())
            return self.env._("For %(name)s, who is away until %(day)s.", name=names[absent], day=day)
        if kind == "substitute":
            return self.env._("As substitute seller.")
        return ""

    @api.model
    def _tell_reason(self, reason, work):
        """Why something is in the day, in one sentence."""
        if reason.kind == engine.NORM:
            return self.env["res.partner"]._tell_sdm_contact(reason.code)
        if reason.kind == engine.ANSWER:
            _model, _record, day, subject = reason.code
            day = format_date(self.env, day)
            if subject:
                return self.env._("Wrote on %(day)s “%(subject)s” and waits for an answer.", day=day, subject=subject)
            return self.env._("Wrote on %(day)s and waits for an answer.", day=day)
        activity = reason.code
        words = {
            "type": activity.activity_type_id.name or "",
            "summary": activity.summary or activity.activity_type_id.name or "",
            "day": format_date(self.env, activity.date_deadline),
        }
        if reason.kind == engine.STEP:
            step = work.enrolments[activity]
            return self.env._(
                "Step %(number)s of %(count)s of “%(plan)s”: %(summary)s, due on %(day)s.",
                number=step.done_count + 1,
                count=len(step.plan_id.template_ids),
                plan=step.plan_id.name,
                **words,
            )
        if activity.summary and words["summary"] != words["type"]:
            return self.env._("%(type)s: %(summary)s, due on %(day)s.", **words)
        return self.env._("%(type)s, due on %(day)s.", **words)

    @api.model
    def _describe_playbooks(self, entries, partners):
        """What the playbooks of these customers say: {id: scripts, documents, quotation template}."""
        norms = self.env["sdm.playbook"]._get_norms()
        customers = [partners[key] for model, key in (entry.subject for entry in entries) if model == "res.partner"]
        segments = {customer.sdm_segment_id.id for customer in customers}
        prompts = self.env["sdm.playbook"]._get_prompts(self.env.lang)
        return {norms[segment][0]: prompts[norms[segment][0]] for segment in segments if segment in norms}

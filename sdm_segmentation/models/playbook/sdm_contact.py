from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...engine import calendar
from ...engine import enrolment as enrolment_engine
from ...engine import next_step as engine
from ..selections import name_of
from .sdm_enrolment import RESULTS

# what a contact is written on; what counts as a contact is looked for there
MODELS = ("res.partner", "crm.lead", "sale.order")
TODO = "mail.mail_activity_data_todo"
# a contact that waited longer on a device without connection is not taken as one of its day
OLDEST_DAYS = 31


class SdmContact(models.Model):
    """A contact as a seller logged it: how it ended and what comes next.

    Odoo's own history has it too: as a done activity, or as a note where nobody was reached. What counts for the norms
    is counted there, so that a contact counts once. A row here is the receipt: the same key is taken once, whatever
    often a device without connection sends it.
    """

    _name = "sdm.contact"
    _description = "Logged Contact"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    key = fields.Char(required=True, readonly=True)
    date = fields.Datetime("When", required=True, readonly=True, help="When it was entered, also without connection.")
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, index="btree_not_null")
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True, index="btree_not_null")
    channel_id = fields.Many2one("sdm.contact.channel", readonly=True, index="btree_not_null")
    result = fields.Selection(RESULTS, readonly=True)
    is_contact = fields.Boolean(
        "Counts as a contact", readonly=True, help="The customer was spoken to; anything else was an attempt."
    )
    note = fields.Text(readonly=True)
    next_activity_id = fields.Many2one(
        "mail.activity", string="Next", readonly=True, ondelete="set null", index="btree_not_null"
    )

    _key_uniq = models.Constraint("UNIQUE(user_id, key)", "This contact has been logged already.")

    # -- what may be chosen -------------------------------------------------------------------------------------------

    @api.model
    def get_choices(self, model, record_id, activity_id=None):
        """What the browser offers when a contact is logged on a record.

        :param model: one of ``MODELS``; :param record_id: id; :param activity_id: the activity that it is about
        :return: dict with ``choices`` (see ``_prepare_choices``), ``name``, ``channel`` of the activity and ``next``
            (see ``_prepare_next``)
        """
        self._check_seller()
        record = self._get_record(model, record_id)
        today = fields.Date.context_today(self)
        own = self._get_own_calendar(today)
        customer = self._get_customer(record)
        contacts = customer._get_sdm_next_contacts(today).get(customer.id, ())
        activity = self.env["mail.activity"].browse(activity_id or ()).exists()
        enrolment = self.env["sdm.enrolment"].sudo().search([("activity_id", "in", activity.ids)], limit=1)
        channels = self.env["sdm.contact.channel"]._get_channels_by_type()
        return {
            "choices": self._prepare_choices(own, today),
            "name": customer.name or record.display_name,
            "channel": channels.get(activity.activity_type_id.id),
            "next": self._prepare_next(contacts, enrolment, own, today, channels),
        }

    @api.model
    def _prepare_choices(self, own, today):
        """What may be chosen whoever the customer is.

        :param own: engine calendar of the person; :param today: the day
        :return: dict with ``channels``, ``results``, ``days`` (tomorrow and in a week) and ``usual``: proposals by
            result and channel where they depend on these alone
        """
        working = self.env["sdm.playbook"]._get_working_time()
        names = self.env["sdm.contact.channel"]._get_names(self.env.lang)
        types = self.env["sdm.contact.channel"]._get_types_by_channel()
        labels = self._fields["result"]._description_selection(self.env)
        return {
            "channels": [{"id": channel, "name": names[channel], "icon": icon} for channel, _kind, icon in types],
            "results": [
                {
                    "code": code,
                    "name": label,
                    "is_contact": code in engine.CONTACTS,
                    "ends_steps": code in engine.ENDS_STEPS,
                }
                for code, label in labels
            ],
            "days": {
                "tomorrow": calendar.add_working_days(own, today, 1).isoformat(),
                "week": calendar.add_working_days(own, today, engine.LATER_DAYS).isoformat(),
            },
            "usual": {
                code: {
                    channel: [self._tell_next(step) for step in engine.propose(code, channel, today, working, own)]
                    for channel, _kind, _icon in types
                }
                for code, _label in labels
            },
        }

    @api.model
    def _prepare_next(self, contacts, enrolment, own, today, channels):
        """What comes after a contact with a customer who was reached.

        :param contacts: list of NextContact; :param enrolment: sdm.enrolment whose step it is, or an empty record
        :param channels: dict {activity type id: channel id}
        :return: dict {channel id: list of proposals, the best first}
        """
        working = self.env["sdm.playbook"]._get_working_time()
        norms = self.env["sdm.playbook"]._get_norms_by_id()
        standings = [
            engine.Standing(
                contact.channel,
                (contact.channel, *norms[contact.norm].counts),
                contact.ideal,
                norms[contact.norm].maximum,
                contact.due,
                contact.latest,
            )
            for contact in contacts
        ]
        step = self._get_step_after(enrolment, today, channels)
        plan = enrolment.plan_id.name
        return {
            channel: [
                self._tell_next(found, plan)
                for found in engine.propose(enrolment_engine.CONNECTED, channel, today, working, own, standings, step)
            ]
            for channel in self.env["sdm.contact.channel"]._get_active()
        }

    @api.model
    def _get_step_after(self, enrolment, today, channels):
        """Channel and day of the step after the present one of an enrolment, None where there is none."""
        if not enrolment or enrolment.state != enrolment_engine.ACTIVE:
            return None
        after = enrolment_engine.complete(enrolment._prepare_engine_enrolment(), today)
        if after.step is None:
            return None
        template = self.env["mail.activity.plan.template"].sudo().browse(after.step.code)
        day = enrolment_engine.due_on(after, self.env["sdm.playbook"]._get_working_time())
        return channels.get(template.activity_type_id.id), day

    @api.model
    def _tell_next(self, step, plan=""):
        """A proposal for the browser, with its reason in words."""
        names = self.env["sdm.contact.channel"]._get_names(self.env.lang)
        told = {
            engine.AGAIN: lambda: self.env._("Once more on the next working day."),
            engine.LATER: lambda: self.env._("In a week, if no day was named."),
            engine.CORRECT: lambda: self.env._("Find the right phone or address."),
            engine.STEP: lambda: self.env._("Next step of “%(plan)s”: comes by itself.", plan=plan),
            engine.NORM: lambda: self.env._(
                "%(channel)s every %(days)s working days.", channel=names[step.channel], days=step.ideal
            ),
        }
        return {
            "kind": step.reason,
            "channel": step.channel or None,
            "day": step.day.isoformat(),
            "why": told[step.reason](),
        }

    @api.model
    def _get_own_calendar(self, today):
        """Working time of the person who asks, with the own absences from today on."""
        Playbook = self.env["sdm.playbook"]
        card = self.env["sdm.ownership"]._get_employees(self.env.user).get(self.env.user)
        schedule = card and (card.current_version_id.resource_calendar_id or card.company_id.resource_calendar_id)
        if not schedule:
            return Playbook._get_working_time()
        return schedule._add_sdm_absences(
            Playbook._get_working_time_of(card.company_id.id, schedule.id), card.resource_id, today, self.env.user.tz
        )

    @api.model
    def _get_types(self, model=None):
        """The activity type by which a contact of each channel is written down.

        :param model: where it is to be used; :return: dict {channel id: mail.activity.type}, in the order of channels
        """
        types = self.env["sdm.contact.channel"]._get_types_by_channel(model)
        return {channel: self.env["mail.activity.type"].browse(kind) for channel, kind, _icon in types}

    # -- logging ------------------------------------------------------------------------------------------------------

    @api.model
    def log_contact(self, values):
        """Write a contact into Odoo's history and plan the next one. The same key is taken once.

        :param values: dict with ``key`` (made by the device), ``model``, ``id``, ``activity`` (id or None),
            ``channel``, ``result``, ``note``, ``moment`` (UTC, when it was entered) and ``next``: None, or dict with
            ``kind``, ``channel`` (None: a to-do) and ``day``
        :return: dict with ``id``, ``again`` (it was there already) and ``text``: what was logged, in words
        :raise UserError: what cannot be written, and what to do
        """
        self._check_seller()
        values = self._check_values(values)
        record = self._get_record(values["model"], values["id"])
        contact = self._claim(values["key"], values["moment"])
        if not contact:
            found = self.sudo().search([("key", "=", values["key"]), ("user_id", "=", self.env.uid)])
            return {"id": found.id, "again": True, "text": self.env._("This contact is there already.")}
        is_contact = values["result"] in engine.CONTACTS
        activity = self._get_activity(record, values)
        enrolments = self._get_enrolments(activity, record)
        if is_contact:
            self._write_done(record, activity, values)
        else:
            self._write_attempt(record, values)
        self._end_steps(enrolments, values["result"])
        planned = self._plan_next(record, activity.exists(), values)
        customer = self._get_customer(record)
        contact.write(
            {
                "partner_id": customer.id,
                "lead_id": record.id if record._name == "crm.lead" else False,
                "channel_id": values["channel"],
                "result": values["result"],
                "is_contact": is_contact,
                "note": values["note"],
                "next_activity_id": planned.id,
            }
        )
        return {"id": contact.id, "again": False, "text": contact._tell_logged()}

    def _tell_logged(self):
        result = name_of(self, "result")
        if self.next_activity_id:
            return self.env._(
                "%(result)s. Next: %(type)s on %(day)s.",
                result=result,
                type=self.next_activity_id.activity_type_id.name,
                day=format_date(self.env, self.next_activity_id.date_deadline),
            )
        return self.env._("%(result)s.", result=result)

    @api.model
    def _check_seller(self):
        if not self.env.user.has_group("sdm_segmentation.group_sdm_user"):
            raise AccessError(self.env._("Contacts are logged by sellers and heads of Sales Drive."))

    @api.model
    def _check_values(self, values):
        """What a device sent, checked.

        :raise ValidationError: what is wrong with it
        """
        step = values.get("next") or None
        try:
            checked = {
                "key": str(values["key"]),
                "model": values["model"],
                "id": int(values["id"]),
                "activity": int(values.get("activity") or 0),
                "channel": int(values["channel"]),
                "result": values["result"],
                "note": str(values.get("note") or "").strip(),
                "moment": fields.Datetime.to_datetime(values.get("moment")) or fields.Datetime.now(),
                "next": step
                and {
                    "kind": step.get("kind"),
                    "channel": int(step.get("channel") or 0),
                    "day": fields.Date.to_date(step["day"]),
                },
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValidationError(self.env._("The contact cannot be read. Enter it once more.")) from error
        types = self._get_types()
        if not 8 <= len(checked["key"]) <= 64 or checked["result"] not in dict(RESULTS):
            raise ValidationError(self.env._("The contact cannot be read. Enter it once more."))
        if checked["channel"] not in types or (
            step and checked["next"]["channel"] and checked["next"]["channel"] not in types
        ):
            raise ValidationError(
                self.env._("This channel is not used any more, or no activity type counts in it. Choose another one.")
            )
        now = fields.Datetime.now()
        checked["moment"] = min(checked["moment"], now)
        if checked["moment"] < now - timedelta(days=OLDEST_DAYS):
            raise ValidationError(
                self.env._(
                    "This contact was entered on %(day)s, more than %(days)s days ago. Write it as a note.",
                    day=format_date(self.env, checked["moment"].date()),
                    days=OLDEST_DAYS,
                )
            )
        today = fields.Date.context_today(self)
        if step and checked["next"]["day"] < today:
            # it waited on the device until the agreed day was over
            checked["next"]["day"] = today
        return checked

    @api.model
    def _get_record(self, model, record_id):
        """The record that a contact is written on, which the person may read."""
        if model not in MODELS:
            raise ValidationError(self.env._("Contacts are logged on customers, deals and orders."))
        record = self.env[model].browse(record_id).exists()
        if not record:
            raise UserError(self.env._("The record is not there any more. Log the contact on the customer."))
        record.check_access("read")
        return record

    @api.model
    def _get_customer(self, record):
        partner = record if record._name == "res.partner" else record.partner_id
        return partner.commercial_partner_id

    @api.model
    def _get_activity(self, record, values):
        """The open activity that the contact is about: the one it was logged from, else the own one that is due there.

        Empty where there is none, or somebody has done it meanwhile.
        """
        if not values["activity"]:
            channels = self.env["sdm.contact.channel"]._get_channels_by_type()
            types = [kind for kind, channel in channels.items() if channel == values["channel"]]
            return self.env["mail.activity"].search(
                [
                    ("res_model", "=", record._name),
                    ("res_id", "=", record.id),
                    ("user_id", "=", self.env.uid),
                    ("activity_type_id", "in", types),
                    ("date_deadline", "<=", fields.Date.context_today(self)),
                ],
                limit=1,
            )
        activity = self.env["mail.activity"].browse(values["activity"]).exists().filtered("active")
        if activity:
            activity.check_access("write")
            if (activity.res_model, activity.res_id) != (record._name, record.id):
                raise ValidationError(
                    self.env._("The activity is about another record. Open that one and log the contact there.")
                )
        return activity

    @api.model
    def _claim(self, key, moment):
        """Take a key, in one statement: a second transaction with the same one waits, and finds it taken.

        :return: sdm.contact; empty where the person has sent the key before
        """
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO sdm_contact (key, user_id, date, create_uid, create_date, write_uid, write_date)
                   VALUES (%(key)s, %(user)s, %(moment)s, %(user)s, %(now)s, %(user)s, %(now)s)
                   ON CONFLICT (user_id, key) DO NOTHING RETURNING id""",
                key=key,
                user=self.env.uid,
                moment=moment,
                now=fields.Datetime.now(),
            )
        )
        return self.sudo().browse(row[0] for row in rows)

    @api.model
    def _get_enrolments(self, activity, record):
        """The running steps that the contact is about: that of the activity, else all of the customer or deal."""
        Enrolment = self.env["sdm.enrolment"].sudo()
        running = Domain("state", "!=", enrolment_engine.ENDED)
        of_activity = Enrolment.search(running & Domain("activity_id", "in", activity.ids)) if activity else Enrolment
        if of_activity:
            return of_activity
        if record._name == "crm.lead":
            return Enrolment.search(running & Domain("lead_id", "=", record.id))
        return Enrolment.search(
            running & Domain("partner_id", "=", self._get_customer(record).id) & Domain("lead_id", "=", False)
        )

    @api.model
    def _write_done(self, record, activity, values):
        """A done activity with its message, as by Odoo's own “Mark Done”, on the day it was entered."""
        kind = self._get_types(record._name)[values["channel"]]
        if not activity:
            activity = self.env["mail.activity"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "activity_type_id": kind.id,
                    "date_deadline": fields.Date.context_today(self),
                    "user_id": self.env.uid,
                }
            )
        elif (
            self.env["sdm.contact.channel"]._get_channels_by_type().get(activity.activity_type_id.id)
            != values["channel"]
        ):
            # a call was planned, and they met
            activity.activity_type_id = kind
        feedback = "\n".join(filter(None, (self._tell_result(values["result"]), values["note"])))
        done = self.env["mail.activity"].with_context(sdm_moment=values["moment"]).browse(activity.id)
        messages, _next = done._action_done(feedback=feedback)
        messages.sudo().date = values["moment"]

    @api.model
    def _write_attempt(self, record, values):
        """A note: nobody was reached, so it is no contact."""
        channel = self.env["sdm.contact.channel"]._get_names(self.env.lang)[values["channel"]]
        lines = (f"{channel}: {self._tell_result(values['result'])}", *values["note"].splitlines())
        message = record._message_log(body=Markup("<br/>").join(lines))
        message.sudo().date = values["moment"]

    @api.model
    def _tell_result(self, result):
        return dict(self._fields["result"]._description_selection(self.env))[result]

    @api.model
    def _end_steps(self, enrolments, result):
        """Who refused, or is not there, goes no further; how the last step ended is kept."""
        today = fields.Date.context_today(self)
        for enrolment in enrolments:
            if result in engine.ENDS_STEPS and enrolment.state != enrolment_engine.ENDED:
                before = enrolment._prepare_engine_enrolment()
                enrolment._apply_engine_enrolment(enrolment_engine.end(before, today, enrolment_engine.REMOVED, result))
            elif enrolment.state == enrolment_engine.ENDED and not enrolment.disposition:
                enrolment.disposition = result

    @api.model
    def _plan_next(self, record, activity, values):
        """The next activity, for who does it on that day. What was planned is moved where nobody was reached.

        :return: mail.activity, empty where nothing was asked for or the playbook makes it by itself
        """
        step = values["next"]
        activity = activity.filtered("active")
        if not step or step["kind"] == engine.STEP:
            return activity.browse()
        if activity and values["result"] == enrolment_engine.NO_RESPONSE and step["channel"] == values["channel"]:
            activity.date_deadline = step["day"]
            return activity
        if activity:
            activity.unlink()
        kind = self._get_types(record._name)[step["channel"]] if step["channel"] else self.env.ref(TODO)
        summary = ""
        if not step["channel"]:
            summary = (
                self._tell_next(engine.NextStep(engine.CORRECT, step["day"]))["why"]
                if step["kind"] == engine.CORRECT
                else values["note"].split("\n")[0][:80]
            )
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": kind.id,
                "summary": summary,
                "date_deadline": step["day"],
                "user_id": self._get_assignee(record, step["day"]).id,
            }
        )

    @api.model
    def _get_assignee(self, record, day):
        """Who does the next contact: who logs this one, or, for somebody who is away, that person once back."""
        me = self.env.user
        seller = self._get_customer(record).sudo().user_id
        if not seller or seller == me:
            return me
        absent = self.env.execute_query(
            SQL(
                "SELECT absent.user_id FROM %s absent",
                self.env["sdm.ownership"]._query_absent(me, fields.Date.context_today(self)),
            )
        )
        if (seller.id,) not in absent:
            return me
        absences = self.env["sdm.enrolment"]._get_absences(day, day)
        card = self.env["sdm.ownership"]._get_employees(seller)[seller]
        found = enrolment_engine.assign(card.id, day, absences)
        return self.env["hr.employee"].sudo().browse(found.employee).user_id or me

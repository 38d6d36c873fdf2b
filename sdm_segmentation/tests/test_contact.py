from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import RpcCase
from .test_enrolment import EnrolmentCase


class ContactCase(EnrolmentCase):
    """A call every 10 working days; the steps are a call, a meeting three days later, a letter a week later."""

    @classmethod
    def values(cls, record, result="connected", step=None, **values):
        return {
            "key": "0123456789abcdef",
            "model": record._name,
            "id": record.id,
            "activity": None,
            "channel": cls.phone.id,
            "result": result,
            "note": "",
            "moment": "2025-06-30 00:00:00",
            "next": step,
            **values,
        }

    def log(self, record, result="connected", step=None, user=None, **values):
        """:return: the logged contact"""
        logged = (
            self.env["sdm.contact"]
            .with_user(user or self.anna)
            .log_contact(self.values(record, result, step, **values))
        )
        return self.env["sdm.contact"].browse(logged["id"])

    def step(self, channel, day, kind="norm"):
        return {"kind": kind, "channel": channel and channel.id, "day": day}

    def contacts(self, customer):
        """What counts: list of (channel, day)."""
        query = self.env["sdm.contact.channel"]._query_contacts("UTC")
        rows = self.env.execute_query(query)
        return sorted((channel, str(day)) for one, channel, day in rows if one == customer.id)

    def choices(self, record, user=None, **options):
        return self.env["sdm.contact"].with_user(user or self.anna).get_choices(record._name, record.id, **options)


@tagged("post_install", "-at_install")
class TestContact(ContactCase):
    def test_who_was_reached_is_a_done_activity_in_odoo_and_counts_once(self):
        contact = self.log(self.alfa, note="Wants two pumps", step=self.step(self.phone, "2025-07-14"))
        [activity] = (
            self.env["mail.activity"]
            .with_context(active_test=False)
            .search([("res_model", "=", "res.partner"), ("res_id", "=", self.alfa.id), ("active", "=", False)])
        )
        self.assertEqual(
            (activity.activity_type_id, activity.user_id, str(activity.date_done), activity.feedback),
            (self.env.ref("mail.mail_activity_data_call"), self.anna, "2025-06-30", "Reached\nWants two pumps"),
        )
        message = self.alfa.message_ids[0]
        self.assertEqual((message.author_id, str(message.date)), (self.anna.partner_id, "2025-06-30 00:00:00"))
        self.assertIn("Wants two pumps", message.body)
        self.assertEqual(self.contacts(self.alfa), [(self.phone.id, "2025-06-30")])
        self.assertEqual(self.alfa.with_user(self.anna).sdm_contact_state, "fine")
        planned = contact.next_activity_id
        self.assertEqual(
            (planned.res_id, planned.user_id, str(planned.date_deadline), planned.activity_type_id),
            (self.alfa.id, self.anna, "2025-07-14", self.env.ref("mail.mail_activity_data_call")),
        )
        self.assertEqual(
            (contact.partner_id, contact.channel_id, contact.result, contact.is_contact),
            (self.alfa, self.phone, "connected", True),
        )

    def test_the_same_key_is_taken_once(self):
        Contact = self.env["sdm.contact"].with_user(self.anna)
        values = self.values(self.alfa, step=self.step(self.phone, "2025-07-14"))
        first = Contact.log_contact(values)
        self.assertEqual((first["again"], first["text"]), (False, "Reached. Next: Call on 07/14/2025."))
        second = Contact.log_contact(dict(values, note="Changed meanwhile"))
        self.assertEqual((second["id"], second["again"]), (first["id"], True))
        self.assertEqual(Contact.search_count([]), 1)
        done = self.env["mail.activity"].with_context(active_test=False)
        self.assertEqual(done.search_count([("res_id", "=", self.alfa.id), ("res_model", "=", "res.partner")]), 2)
        self.assertEqual(self.contacts(self.alfa), [(self.phone.id, "2025-06-30")])
        # the key of somebody else is another one
        boris = self.sdm_seller("boris")
        self.assertFalse(self.env["sdm.contact"].with_user(boris).log_contact(values)["again"])

    def test_an_attempt_is_a_note_and_keeps_no_norm(self):
        activity = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.alfa.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": self.anna.id,
                "date_deadline": "2025-06-27",
            }
        )
        contact = self.log(self.alfa, "no_response", self.step(self.phone, "2025-07-01", "again"), note="<b>Busy</b>")
        self.assertFalse(contact.is_contact)
        self.assertEqual(self.contacts(self.alfa), [])
        # what was planned is moved
        self.assertEqual((contact.next_activity_id, str(activity.date_deadline)), (activity, "2025-07-01"))
        self.assertIn("Call: No answer<br>&lt;b&gt;Busy&lt;/b&gt;", self.alfa.message_ids[0].body)

    def test_the_planned_contact_is_what_is_done(self):
        deal = self.deal(self.alfa, self.anna)
        meeting, call, later = (
            self.env["mail.activity"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                    "res_id": deal.id,
                    "activity_type_id": self.env.ref(f"mail.mail_activity_data_{kind}").id,
                    "user_id": self.anna.id,
                    "date_deadline": day,
                }
            )
            for kind, day in (("meeting", "2025-06-30"), ("call", "2025-06-27"), ("call", "2025-07-04"))
        )
        contact = self.log(deal)
        self.assertEqual((meeting.active, call.active, later.active), (True, False, True))
        self.assertEqual((contact.lead_id, contact.partner_id), (deal, self.alfa))
        # planned was a meeting, it became a call
        self.log(deal, key="another key", activity=meeting.id)
        self.assertFalse(meeting.active)
        self.assertEqual(meeting.activity_type_id, self.env.ref("mail.mail_activity_data_call"))
        self.assertEqual(self.contacts(self.alfa), [(self.phone.id, "2025-06-30")])

    def test_what_waited_on_the_device_counts_on_its_day(self):
        contact = self.log(self.alfa, moment="2025-06-27 16:30:00", step=self.step(self.phone, "2025-06-28"))
        self.assertEqual(self.contacts(self.alfa), [(self.phone.id, "2025-06-27")])
        self.assertEqual(str(self.alfa.message_ids[0].date), "2025-06-27 16:30:00")
        # the agreed day is over: today
        self.assertEqual(str(contact.next_activity_id.date_deadline), "2025-06-30")
        self.assertEqual(str(contact.date), "2025-06-27 16:30:00")

    def test_a_clock_that_is_fast_makes_no_contact_of_tomorrow(self):
        contact = self.log(self.alfa, moment="2025-07-03 10:00:00")
        self.assertEqual((str(contact.date), self.contacts(self.alfa)[0][1]), ("2025-06-30 00:00:00", "2025-06-30"))

    def test_a_morning_in_the_far_east_is_one_day(self):
        self.anna.tz = "Asia/Vladivostok"
        with freeze_time("2025-06-30 22:30:00"):
            # the 1st of July, 8:30 in the morning, and still the 30th in Greenwich
            self.log(self.alfa, moment="2025-06-30 22:30:00")
        rows = self.env.execute_query(self.env["sdm.contact.channel"]._query_contacts("Asia/Vladivostok"))
        self.assertEqual([str(day) for customer, _channel, day in rows if customer == self.alfa.id], ["2025-07-01"])

    def test_a_step_of_the_playbook_is_done_and_the_next_comes_by_itself(self):
        enrolment = self.begin()
        activity = enrolment.activity_id
        found = self.choices(self.alfa, activity_id=activity.id)
        self.assertEqual(
            found["next"][self.phone.id][0],
            {
                "kind": "step",
                "channel": self.meeting.id,
                "day": "2025-07-03",
                "why": "Next step of “Welcome”: comes by itself.",
            },
        )
        contact = self.log(self.alfa, activity=activity.id, step=self.step(self.meeting, "2025-07-03", "step"))
        self.assertEqual((enrolment.done_count, enrolment.step_id.summary, enrolment.state), (1, "meeting", "active"))
        self.assertFalse(contact.next_activity_id)
        self.assertFalse(self.alfa.activity_ids)

    def test_who_refuses_or_is_not_there_goes_no_further(self):
        for customer, result, reason in (
            (self.alfa, "not_interested", [(self.phone.id, "2025-06-30")]),
            (self.beta, "bad_data", []),
        ):
            enrolment = self.begin(customer)
            step = self.step(None, "2025-07-01", "correct") if result == "bad_data" else None
            contact = self.log(customer, result, step, key=f"key of {result}")
            self.assertEqual(
                (enrolment.state, enrolment.reason, enrolment.disposition), ("ended", "removed", result), result
            )
            self.assertEqual(self.contacts(customer), reason)
        self.assertEqual(
            (contact.next_activity_id.summary, contact.next_activity_id.activity_type_id),
            ("Find the right phone or address.", self.env.ref("mail.mail_activity_data_todo")),
        )
        self.assertEqual(self.beta.activity_ids, contact.next_activity_id)

    def test_how_the_last_step_ended_is_kept(self):
        enrolment = self.begin()
        enrolment.sudo().done_count = 2
        self.log(self.alfa, activity=enrolment.activity_id.id)
        self.assertEqual((enrolment.reason, enrolment.disposition), ("no_more_steps", "connected"))

    def test_what_is_proposed_follows_the_norm_and_the_own_leave(self):
        found = self.choices(self.alfa)
        self.assertEqual((found["name"], found["channel"]), ("Alfa", None))
        # ten working days after Monday, 30 June
        self.assertEqual(
            found["next"][self.phone.id],
            [{"kind": "norm", "channel": self.phone.id, "day": "2025-07-14", "why": "Call every 10 working days."}],
        )
        # a letter keeps no call: it is overdue, so tomorrow
        self.assertEqual(found["next"][self.mail.id][0]["day"], "2025-07-01")
        usual = found["choices"]["usual"]
        self.assertEqual([one["day"] for one in usual["no_response"][self.phone.id]], ["2025-07-01"])
        self.assertEqual([one["day"] for one in usual["contact_later"][self.phone.id]], ["2025-07-07"])
        self.assertEqual((usual["duplicate"][self.phone.id], usual["connected"][self.phone.id]), ([], []))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": self.anna.employee_id.resource_id.id,
                "date_from": "2025-07-01 00:00:00",
                "date_to": "2025-07-02 23:00:00",
            }
        )
        found = self.choices(self.alfa)
        self.assertEqual(found["choices"]["days"], {"tomorrow": "2025-07-03", "week": "2025-07-09"})
        self.assertEqual(found["next"][self.mail.id][0]["day"], "2025-07-03")

    def test_results_are_those_of_the_steps(self):
        results = self.choices(self.alfa)["choices"]["results"]
        self.assertEqual(
            [(one["name"], one["is_contact"], one["ends_steps"]) for one in results],
            [
                ("Reached", True, False),
                ("No answer", False, False),
                ("Later", True, False),
                ("Not interested", True, True),
                ("Wrong data", False, True),
                ("Duplicate", False, True),
            ],
        )

    def test_the_substitute_gives_back_what_comes_after_the_leave(self):
        boris = self.sdm_seller("boris")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": self.anna.employee_id.resource_id.id,
                "sdm_substitute_id": boris.employee_id.id,
                "date_from": "2025-06-30 00:00:00",
                "date_to": "2025-07-04 23:00:00",
            }
        )
        soon = self.log(self.alfa, user=boris, step=self.step(self.phone, "2025-07-02"))
        later = self.log(self.beta, user=boris, step=self.step(self.phone, "2025-07-14"), key="another key")
        self.assertEqual((soon.next_activity_id.user_id, later.next_activity_id.user_id), (boris, self.anna))

    def test_a_day_without_the_customer_once_it_was_called(self):
        names = [entry["name"] for entry in self.env["sdm.my.day"].with_user(self.anna).get_day()["entries"]]
        self.assertEqual(names, ["Alfa", "Beta"])
        self.log(self.alfa)
        self.log(self.beta, "no_response", self.step(self.phone, "2025-07-01"), key="another key")
        day = self.env["sdm.my.day"].with_user(self.anna).get_day()
        self.assertEqual((day["entries"], day["agreed"], day["done"]), ([], 1, 1))

    def test_what_cannot_be_logged_says_so(self):
        archived = self.env["sdm.contact.channel"].create({"name": "Fax", "active": False})
        task = self.env["project.task"] if "project.task" in self.env else self.env["res.users"]
        for change, message in (
            ({"key": "short"}, "cannot be read"),
            ({"result": "maybe"}, "cannot be read"),
            ({"channel": "x"}, "cannot be read"),
            ({"next": {"channel": 1}}, "cannot be read"),
            ({"channel": archived.id}, "Choose another"),
            ({"moment": "2025-05-01 10:00:00"}, "more than 31 days"),
            ({"model": task._name, "id": 1}, "customers, deals and orders"),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                self.env["sdm.contact"].with_user(self.anna).log_contact(dict(self.values(self.alfa), **change))
        with self.assertRaisesRegex(UserError, "not there any more"):
            self.env["sdm.contact"].with_user(self.anna).log_contact(dict(self.values(self.alfa), id=10**9))
        self.assertFalse(self.env["sdm.contact"].search([("user_id", "=", self.anna.id)]))

    def test_an_activity_that_somebody_did_meanwhile_is_no_obstacle(self):
        activity = self.begin().activity_id
        activity.action_feedback()
        self.log(self.alfa, activity=activity.id)
        # one contact on the day, whoever wrote it down
        self.assertEqual(self.contacts(self.alfa), [(self.phone.id, "2025-06-30")])

    def test_who_may_log_what_and_read_it(self):
        contact = self.log(self.alfa)
        boris = self.sdm_seller("boris")
        chief = self.sdm_seller("chief")
        chief.group_ids |= self.env.ref("sdm_segmentation.group_sdm_manager")
        self.anna.employee_id.parent_id = chief.employee_id
        seen = {
            user.login: self.env["sdm.contact"].with_user(user).search([])
            for user in (self.anna, boris, chief, self.persona("director"), self.persona("auditor"))
        }
        self.assertEqual(
            {login: bool(found) for login, found in seen.items()},
            {
                "sdm_seller_anna": True,
                "sdm_seller_boris": False,
                "sdm_seller_chief": True,
                "sdm_director": True,
                "sdm_auditor": True,
            },
        )
        for user in (self.anna, chief, self.env["res.users"].search([("login", "=", "sdm_director")])):
            with self.assertRaises(AccessError):
                contact.with_user(user).write({"note": "Another one"})
            with self.assertRaises(AccessError):
                contact.with_user(user).unlink()
        for name in ("payroll", "stranger"):
            user = self.persona(name)
            with self.assertRaisesRegex(AccessError, "sellers and heads"):
                self.log(self.alfa, user=user)
            with self.assertRaisesRegex(AccessError, "sellers and heads"):
                self.choices(self.alfa, user=user)
            with self.assertRaises(AccessError):
                self.env["sdm.contact"].with_user(user).search([])
        # a deal that may not be read
        deal = self.deal(None, self.persona("seller"))
        with self.assertRaises(AccessError):
            self.log(deal, user=boris)
        # the activity of another record
        activity = self.begin(self.beta).activity_id
        with self.assertRaisesRegex(ValidationError, "another record"):
            self.log(self.alfa, activity=activity.id, key="another key")

    def test_odoo_s_own_mark_done_takes_the_own_day_too(self):
        self.anna.tz = "Asia/Vladivostok"
        activity = self.begin().activity_id
        with freeze_time("2025-06-30 22:30:00"):
            activity.with_user(self.anna).action_feedback()
        self.assertEqual(str(activity.date_done), "2025-07-01")


@tagged("post_install", "-at_install")
class TestContactOverTheWire(RpcCase, ContactCase):
    def test_the_same_key_over_the_wire(self):
        self.authenticate(self.anna.login, self.anna.login)
        values = self.values(self.alfa)
        first, error = self.call("sdm.contact", "log_contact", values)
        self.assertEqual((first["again"], error), (False, None))
        second, error = self.call("sdm.contact", "log_contact", values)
        self.assertEqual((second["id"], second["again"], error), (first["id"], True, None))
        self.assertEqual(self.contacts(self.alfa), [(self.phone.id, "2025-06-30")])

    def test_nobody_writes_past_it(self):
        self.authenticate(self.anna.login, self.anna.login)
        for method, arguments in (
            ("create", [{"key": "12345678", "user_id": self.anna.id, "date": "2025-06-30 10:00:00"}]),
            ("_claim", ["12345678", "2025-06-30 10:00:00"]),
            ("_write_done", [[], [], {}]),
        ):
            _result, error = self.call("sdm.contact", method, *arguments)
            self.assertEqual(error, "odoo.exceptions.AccessError", method)
        self.authenticate(self.persona("stranger").login, "sdm_stranger")
        _result, error = self.call("sdm.contact", "log_contact", self.values(self.alfa))
        self.assertEqual(error, "odoo.exceptions.AccessError")

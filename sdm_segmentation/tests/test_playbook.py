from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..engine import playbook as engine
from ..engine.roadmap import Status
from .common import AS_OF
from .playbook import PlaybookCase


@tagged("post_install", "-at_install")
class TestPlaybook(PlaybookCase):
    def test_three_fields_make_a_playbook_from_a_template(self):
        wizard = self.env["sdm.playbook.new"].create(
            {
                "template_id": self.env.ref("sdm_segmentation.sdm_playbook_template_first").id,
                "segment_ids": [Command.set(self.segments["A"].ids)],
            }
        )
        playbook = self.env["sdm.playbook"].browse(wizard.action_make()["res_id"])
        self.assertEqual(playbook.name, "First tier: a meeting a month")
        self.assertEqual(
            [(norm.channel_id, norm.ideal, norm.maximum, norm.minutes) for norm in playbook.norm_ids],
            [(self.meeting, 20, 30, 90), (self.phone, 10, 15, 15)],
        )
        self.assertEqual(playbook.norm_ids[1].counts_channel_ids, self.meeting)
        self.assertEqual((playbook.state, playbook.leader), ("draft", "lead"))

    def test_a_new_version_replaces_the_one_in_force_and_keeps_its_beginning(self):
        first = self.playbook((self.phone, 10, 15))
        with self.assertRaisesRegex(UserError, "Press “Change”"):
            first.norm_ids.ideal = 5
        second = self.env["sdm.playbook"].browse(first.action_new_version()["res_id"])
        self.assertEqual(second, self.env["sdm.playbook"].browse(first.action_new_version()["res_id"]))
        second.norm_ids.ideal = 5
        second._put_in_force(AS_OF, "More often")
        self.assertEqual((first.state, second.state, second.number), ("replaced", "in_force", 2))
        self.assertEqual(second.date_begun, self.day("2025-01-01"))
        held = self.env["sdm.playbook"]._get_norms()[self.segments["A"].id]
        self.assertEqual([norm.ideal for _id, norm in held[2]], [5])

    def test_a_day_to_come_is_waited_for(self):
        playbook = self.playbook((self.phone, 10, 15))
        draft = playbook._make_version()
        draft._put_in_force(self.day("2025-07-02"), "From July on")
        self.assertEqual((playbook.state, draft.state), ("in_force", "scheduled"))
        with patch("odoo.addons.base.models.ir_cron.IrCron._commit_progress"):
            self.env["sdm.playbook"]._cron_run()
            self.assertEqual((playbook.state, draft.state), ("in_force", "scheduled"))
            with freeze_time("2025-07-02"):
                self.env["sdm.playbook"]._cron_run()
        self.assertEqual((playbook.state, draft.state), ("replaced", "in_force"))
        self.assertEqual((str(playbook.date_to), str(draft.date_from)), ("2025-07-01", "2025-07-02"))

    def test_what_is_wrong_is_said_before_it_comes_into_force(self):
        playbook = self.env["sdm.playbook"].create({"name": "Empty", "perimeter_id": self.perimeter.id})
        with self.assertRaisesRegex(UserError, "its segments"):
            playbook.action_put_in_force()
        playbook.segment_ids = self.segments["A"]
        with self.assertRaisesRegex(UserError, "add a contact norm"):
            playbook.action_put_in_force()
        playbook.norm_ids = [Command.create({"channel_id": self.phone.id, "ideal": 5, "maximum": 6})]
        self.playbook((self.phone, 10, 15))
        with self.assertRaisesRegex(UserError, "worked by “Playbook A” already"):
            playbook.action_put_in_force()
        with self.assertRaisesRegex(ValidationError, "inside sales"):
            playbook.leader = "inside"
        with self.assertRaisesRegex(UserError, "Put in force"):
            playbook.with_user(self.persona("director")).state = "in_force"
        made = self.env["sdm.playbook"].with_context(default_state="in_force").create({"name": "By the back door"})
        self.assertEqual(made.state, "draft")

    def test_an_activity_type_counts_in_one_channel(self):
        call = self.env.ref("mail.mail_activity_data_call")
        messenger = self.env["sdm.contact.channel"].create(
            {"name": "Messenger", "activity_type_ids": [Command.set(call.ids)]}
        )
        with self.assertRaisesRegex(ValidationError, "would count in"):
            self.mail.activity_type_ids = [Command.link(call.id)]
        # named in a channel: it counts there, not among the calls
        self.playbook((messenger, 10, 15), (self.phone, 10, 15))
        self.contacted(self.alfa, "2025-06-20")
        contacts = {one.channel: one.last for one in self.alfa._get_sdm_next_contacts()[self.alfa.id]}
        self.assertEqual(contacts, {messenger.id: self.day("2025-06-20"), self.phone.id: None})


@tagged("post_install", "-at_install")
class TestNextContact(PlaybookCase):
    def test_due_and_overdue_count_working_days_from_the_last_contact(self):
        self.playbook((self.phone, 10, 15))
        for last, state, due, late in (
            ("2025-06-17", "fine", "2025-07-01", 0),
            ("2025-06-16", "due", "2025-06-30", 0),
            # a contact on Saturday counts like one on Friday
            ("2025-06-14", "due", "2025-06-27", 1),
            ("2025-06-09", "due", "2025-06-23", 5),
            ("2025-06-06", "overdue", "2025-06-20", 6),
        ):
            activity = self.contacted(self.alfa, last)
            self.env.invalidate_all()
            self.assertEqual(self.alfa.sdm_contact_state, state, last)
            self.assertEqual(self.alfa.sdm_contact_due, self.day(due), last)
            self.assertEqual(self.alfa._get_sdm_next_contacts()[self.alfa.id][0].late, late, last)
            activity.unlink()

    def test_without_a_contact_the_norm_runs_from_the_day_in_the_segment(self):
        self.playbook((self.phone, 10, 15), begun="2025-06-02")
        self.env["sdm.segment.membership"].search([("partner_id", "=", self.beta.id)]).date_from = "2025-06-24"
        self.assertEqual(self.alfa.sdm_contact_due, self.day("2025-06-16"))
        self.assertEqual(self.beta.sdm_contact_due, self.day("2025-07-08"))
        self.assertEqual(self.alfa.sdm_contact_reason, "Call: none yet, due on 06/16/2025, late by 10 working days.")
        self.assertEqual(self.beta.sdm_contact_reason, "Call: none yet, the first by 07/08/2025.")

    def test_every_kind_of_contact_counts_by_its_channel(self):
        self.playbook((self.phone, 10, 15), (self.meeting, 20, 30), (self.mail, 20, 30))
        contact = self.env["res.partner"].create({"name": "Ivan", "parent_id": self.alfa.id})
        deal = self.deal(contact)
        self.contacted(deal, "2025-06-25")
        self.held(contact, "2025-06-24")
        self.held(contact, "2025-07-24")
        self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": deal.id,
                "message_type": "email",
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "date": self.noon("2025-06-23"),
            }
        )
        # a call logged before activities were kept: only its message is left
        self.env["mail.message"].create(
            {
                "model": "res.partner",
                "res_id": self.alfa.id,
                "message_type": "notification",
                "subtype_id": self.env.ref("mail.mt_activities").id,
                "mail_activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "date": self.noon("2025-06-26"),
            }
        )
        last = {one.channel: one.last for one in contact._get_sdm_next_contacts()[self.alfa.id]}
        expected = {self.phone: "2025-06-26", self.meeting: "2025-06-24", self.mail: "2025-06-23"}
        self.assertEqual(last, {channel.id: self.day(day) for channel, day in expected.items()})
        self.assertEqual((contact.sdm_contact_state, deal.sdm_contact_state), ("fine", "fine"))

    def test_a_call_is_kept_by_a_meeting_where_the_norm_says_so(self):
        self.playbook((self.phone, 10, 15, self.meeting))
        self.held(self.alfa, "2025-06-27")
        self.assertEqual(self.alfa.sdm_contact_state, "fine")
        self.assertEqual(self.beta.sdm_contact_state, "overdue")

    def test_the_most_pressing_norm_comes_first(self):
        self.playbook((self.phone, 10, 15), (self.meeting, 20, 200))
        self.contacted(self.alfa, "2025-06-27")
        found = self.alfa._get_sdm_next_contacts()[self.alfa.id]
        self.assertEqual([(one.name, one.state) for one in found], [("Meeting", "due"), ("Call", "fine")])
        self.assertEqual(self.alfa.sdm_contact_reason.splitlines()[1], "Call: last on 06/27/2025, next by 07/11/2025.")

    def test_customers_without_playbook_and_archived_ones_are_left_out(self):
        self.playbook((self.phone, 10, 15))
        self.beta.active = False
        self.assertFalse(self.gamma.sdm_contact_state)
        self.assertFalse(self.beta.sdm_contact_state)
        self.assertEqual(self.pressing(["due", "overdue"]), self.alfa)

    def test_common_days_off_do_not_count(self):
        self.playbook((self.phone, 10, 15))
        self.contacted(self.alfa, "2025-06-16")
        self.assertEqual(self.alfa.sdm_contact_state, "due")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": self.noon("2025-06-20").replace(hour=0),
                "date_to": self.noon("2025-06-20").replace(hour=20),
            }
        )
        self.env.invalidate_all()
        self.assertEqual((self.alfa.sdm_contact_state, str(self.alfa.sdm_contact_due)), ("fine", "2025-07-01"))
        self.assertFalse(self.pressing(["due"]))

    def pressing(self, states):
        return self.env["res.partner"].search([("sdm_contact_state", "in", states), ("is_company", "=", True)])

    def test_the_search_agrees_with_the_engine(self):
        """The statement over all customers against the engine for each: contacts of many days, several norms."""
        self.playbook((self.phone, 7, 9, self.meeting), (self.meeting, 12, 40), segments="AC", begun="2025-06-16")
        customers = self.alfa | self.beta | self.gamma
        for number in range(24):
            customer = self.customer(f"Customer {number}", self.anna)
            self.env["sdm.segment.membership"].create(
                {
                    "partner_id": customer.id,
                    "scheme_id": self.segments["A"].scheme_id.id,
                    "segment_id": self.segments["AC"[number % 2]].id,
                    "date_from": f"2025-06-{1 + number:02}",
                }
            )
            if number % 5:
                self.contacted(customer, f"2025-06-{1 + (number * 7) % 29:02}")
            if number % 3:
                self.held(customer, f"2025-0{4 + number % 3}-{1 + (number * 11) % 29:02}")
            customers |= customer
        self.env["sdm.segment.membership"]._write_primary()
        states = {customer: customer.sdm_contact_state for customer in customers}
        self.assertEqual(set(states.values()), {"fine", "due", "overdue"})
        for wanted in (["fine"], ["due"], ["overdue"], ["due", "overdue"], ["fine", "overdue"]):
            expected = customers.filtered(lambda one, wanted=wanted: states[one] in wanted)
            self.assertEqual(self.pressing(wanted), expected.sorted("complete_name"), wanted)

    def count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        # read in every request
        self.assertEqual(self.anna.tz, "UTC")
        before = self.env.cr.sql_log_count
        function()
        return self.env.cr.sql_log_count - before

    def test_a_form_costs_one_query(self):
        self.playbook((self.phone, 10, 15), (self.meeting, 20, 30))
        names = ["sdm_contact_state", "sdm_contact_due", "sdm_contact_reason"]
        deal = self.deal(self.alfa, self.anna)
        for record, shown in ((self.alfa, ["name", "sdm_customer_segment_id"]), (deal, ["name", "sdm_segment_id"])):
            own = record.with_user(self.anna)
            own.read([*shown, *names])
            without = self.count_queries(lambda own=own, shown=shown: own.read(shown))
            within = self.count_queries(lambda own=own, shown=shown: own.read([*shown, *names]))
            self.assertEqual(within - without, 1, record)

    def test_many_customers_cost_as_many_queries_as_one(self):
        self.playbook((self.phone, 10, 15), segments="AC")
        customers = (self.alfa | self.beta | self.gamma).with_user(self.anna)
        customers._get_sdm_next_contacts()
        one = self.count_queries(customers[0]._get_sdm_next_contacts)
        self.assertEqual(self.count_queries(customers._get_sdm_next_contacts), one)

    def test_who_may_know(self):
        self.playbook((self.phone, 10, 15), segments="AC")
        self.contacted(self.alfa, "2025-06-27")
        other = self.sdm_seller("boris")
        delta = self.customer("Delta", other)
        self.env["sdm.segment.membership"].create(
            {
                "partner_id": delta.id,
                "scheme_id": self.segments["A"].scheme_id.id,
                "segment_id": self.segments["A"].id,
                "date_from": "2025-01-01",
            }
        )
        self.env["sdm.segment.membership"]._write_primary()
        self.assertEqual(self.alfa.with_user(self.anna).sdm_contact_state, "fine")
        self.assertFalse(delta.with_user(self.anna).sdm_contact_state)
        self.assertFalse(self.alfa.with_user(other).sdm_contact_state)
        domain = [("sdm_contact_state", "in", ["fine", "due", "overdue"])]
        search = self.env["res.partner"].with_user(other).search
        self.assertEqual(search(domain), delta)
        self.assertEqual(delta.with_user(self.persona("auditor")).sdm_contact_state, "overdue")
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.persona("stranger")).search(domain)

    def test_who_may_write(self):
        playbook = self.playbook((self.phone, 10, 15))
        for name in ("seller", "head", "payroll", "auditor"):
            reader = playbook.with_user(self.persona(name))
            self.assertEqual(reader.name, "Playbook A")
            self.assertEqual(reader.norm_ids.ideal, 10)
            for write in (
                lambda reader=reader: reader.write({"purpose": "Mine"}),
                lambda reader=reader: reader.norm_ids.write({"ideal": 1}),
                lambda reader=reader: reader.action_new_version(),
                lambda reader=reader: self.phone.with_env(reader.env).write({"active": False}),
            ):
                with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                    write()
        with self.assertRaises(AccessError):
            playbook.with_user(self.persona("stranger")).read(["name"])
        playbook.with_user(self.persona("director")).purpose = "Keep them"

    def test_the_engine_states_are_the_words_of_the_field(self):
        words = dict(self.env["res.partner"]._fields["sdm_contact_state"].selection)
        self.assertEqual(set(words), {engine.FINE, engine.DUE, engine.OVERDUE})

    def test_the_roadmap_is_told_which_segments_have_no_playbook(self):
        default = "odoo.addons.sdm_segmentation.models.sdm_perimeter.SdmPerimeter._get_default"
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_technology")
        with patch(default, lambda _self: self.perimeter):
            self.assertEqual(
                self.env["sdm.playbook"]._roadmap_status(step),
                Status(0, 2, "segments have a playbook in force. Still open: A, C."),
            )
            self.playbook((self.phone, 10, 15))
            self.assertEqual(
                self.env["sdm.playbook"]._roadmap_status(step),
                Status(1, 2, "segments have a playbook in force. Still open: C."),
            )

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import RpcCase
from .playbook import PlaybookCase


class EnrolmentCase(PlaybookCase):
    """A playbook with three steps for a customer: a call at once, a meeting three days later, a letter a week later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.steps("res.partner")
        cls.book = cls.playbook(
            (cls.phone, 10, 15), begun="2025-06-02", customer_plan_id=cls.plan.id, lead_plan_id=cls.steps("crm.lead").id
        )

    @classmethod
    def steps(cls, model):
        return cls.env["mail.activity.plan"].create(
            {
                "name": "Welcome",
                "res_model": model,
                "company_id": False,
                "template_ids": [
                    Command.create(
                        {
                            "activity_type_id": cls.env.ref(f"mail.mail_activity_data_{kind}").id,
                            "summary": kind,
                            "delay_count": days,
                            "delay_unit": unit,
                            "delay_from": "after_plan_date",
                            "sequence": sequence,
                        }
                    )
                    for sequence, (kind, days, unit) in enumerate(
                        (("call", 0, "days"), ("meeting", 3, "days"), ("email", 1, "weeks"))
                    )
                ],
            }
        )

    def begin(self, customer=None):
        customer = customer or self.alfa
        customer.with_user(self.anna).action_begin_sdm_steps()
        return self.env["sdm.enrolment"].search([("partner_id", "=", customer.id)], limit=1)


@tagged("post_install", "-at_install")
class TestEnrolment(EnrolmentCase):
    def test_a_plan_tells_when_its_steps_come(self):
        # a week is five working days, two of them after the third day
        told = "call, on the same day → meeting, working days later: 3 → email, working days later: 2"
        self.assertEqual((self.book.customer_steps, self.book.lead_steps), (told, told))
        # as Odoo proposes: nothing is before the beginning
        self.plan.template_ids.delay_from = "before_plan_date"
        self.assertEqual([step.wait for step in self.plan._prepare_engine_steps()], [0, 3, 2])
        self.assertFalse(self.env["sdm.playbook"].create({"name": "Without"}).customer_steps)

    def test_steps_of_a_playbook_are_proposed_after_its_beginning(self):
        Template = self.env["mail.activity.plan.template"]
        self.assertEqual(Template.default_get(["delay_from"])["delay_from"], "before_plan_date")
        steps = Template.with_context(sdm_steps=True)
        self.assertEqual(steps.default_get(["delay_from"])["delay_from"], "after_plan_date")

    def test_the_next_step_is_one_activity_and_the_one_after_waits_for_it(self):
        enrolment = self.begin()
        activity = enrolment.activity_id
        self.assertEqual(
            (activity.res_model, activity.res_id, activity.summary, activity.user_id, str(activity.date_deadline)),
            ("res.partner", self.alfa.id, "call", self.anna, "2025-06-30"),
        )
        self.assertEqual(len(self.alfa.activity_ids), 1)
        with freeze_time("2025-07-02"):
            activity.action_feedback("Spoke to the buyer")
            # three working days after Wednesday
            self.assertEqual((enrolment.done_count, str(enrolment.date_due)), (1, "2025-07-07"))
            self.assertEqual(enrolment.step_id.summary, "meeting")
            self.env["sdm.enrolment"]._search_due()._plan_steps()
            self.assertFalse(enrolment.activity_id)
        # the working day before, a Friday
        with freeze_time("2025-07-04"):
            self.env["sdm.enrolment"]._search_due()._plan_steps()
            self.assertEqual(str(enrolment.activity_id.date_deadline), "2025-07-07")
            self.assertFalse(self.env["sdm.enrolment"]._search_due())

    def test_after_the_last_step_it_ends(self):
        enrolment = self.begin()
        for _step in range(3):
            enrolment.activity_id.action_feedback()
            enrolment.date_due = enrolment.date_due and "2025-06-30"
            enrolment._plan_steps()
        self.assertEqual((enrolment.state, enrolment.reason, enrolment.done_count), ("ended", "no_more_steps", 3))

    def test_a_cancelled_activity_lets_the_next_step_come(self):
        enrolment = self.begin()
        enrolment.activity_id.unlink()
        self.env["sdm.enrolment"]._search_done()._advance()
        self.assertEqual((enrolment.done_count, enrolment.step_id.summary), (1, "meeting"))

    def test_a_pause_moves_the_next_step_by_its_working_days(self):
        enrolment = self.begin()
        enrolment.activity_id.action_feedback()
        own = enrolment.with_user(self.anna)
        self.assertEqual(str(enrolment.date_due), "2025-07-03")
        own.action_pause()
        self.assertEqual((enrolment.state, enrolment.date_due), ("paused", False))
        with self.assertRaisesRegex(UserError, "paused"):
            own.action_pause()
        with freeze_time("2025-07-02"):
            own.action_resume()
        # Monday and Tuesday were lost
        self.assertEqual((enrolment.state, str(enrolment.date_due)), ("active", "2025-07-07"))

    def test_taking_out_drops_the_open_activity(self):
        enrolment = self.begin()
        activity = enrolment.activity_id
        enrolment.with_user(self.anna).action_end("not_interested")
        self.assertEqual(
            (enrolment.state, enrolment.reason, enrolment.disposition), ("ended", "removed", "not_interested")
        )
        self.assertFalse(activity.exists())

    def test_one_at_a_time(self):
        first = self.begin()
        with self.assertRaisesRegex(UserError, "already"):
            self.begin()
        first.with_user(self.anna).action_end()
        self.begin()
        with self.assertRaisesRegex(UserError, "has no steps|no steps"):
            self.gamma.with_user(self.anna).action_begin_sdm_steps()

    def test_where_no_steps_can_be_begun_it_says_why(self):
        deal, other = (self.deal(self.alfa, self.anna) for _number in range(2))
        own = [record.with_user(self.anna) for record in (self.alfa, self.gamma, deal, other)]
        contact = self.env["res.partner"].create({"name": "Ivan", "parent_id": self.alfa.id}).with_user(self.anna)

        def told():
            return [record.sdm_no_steps for record in (*own, contact)]

        # Gamma is in no playbook
        self.assertEqual(told(), ["", "", "", "", ""])
        self.begin()
        self.env.invalidate_all()
        self.assertEqual(told(), ["In the steps of “Welcome”.", "", "", "", "In the steps of “Welcome”."])
        deal.with_user(self.anna).action_begin_sdm_steps()
        self.env.invalidate_all()
        self.assertEqual(told()[2:4], ["In the steps of “Welcome”.", ""])
        self.book.sudo().write({"customer_plan_id": False, "lead_plan_id": False})
        self.env.invalidate_all()
        self.assertEqual(told(), ["The playbook has no steps.", "", *["The playbook has no steps."] * 3])

    def test_the_substitute_gets_the_step_while_the_owner_is_away(self):
        boris = self.sdm_seller("boris")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": self.anna.employee_id.resource_id.id,
                "sdm_substitute_id": boris.employee_id.id,
                "date_from": "2025-06-30 00:00:00",
                "date_to": "2025-07-01 23:00:00",
            }
        )
        self.assertEqual(self.begin().activity_id.user_id, boris)
        with freeze_time("2025-07-02"):
            self.assertEqual(self.begin(self.beta).activity_id.user_id, self.anna)

    def test_the_substitute_of_the_substitute_gets_it_and_nobody_leaves_it_with_the_owner(self):
        boris, vera = self.sdm_seller("boris"), self.sdm_seller("vera")

        def leave(user, substitute):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "resource_id": user.employee_id.resource_id.id,
                    "sdm_substitute_id": substitute.employee_id.id,
                    "date_from": "2025-06-30 00:00:00",
                    "date_to": "2025-07-01 23:00:00",
                }
            )

        leave(self.anna, boris)
        leave(boris, vera)
        self.assertEqual(self.begin().activity_id.user_id, vera)
        # in a circle everybody is away
        leave(vera, self.anna)
        self.assertEqual(self.begin(self.beta).activity_id.user_id, self.anna)

    def test_the_substitute_of_the_day_it_is_due_gets_it(self):
        """The activity is made the working day before; who is away then and back on the day does it."""
        boris = self.sdm_seller("boris")
        enrolment = self.begin()
        enrolment.activity_id.action_feedback()
        # due on Thursday, 3 July, made on Wednesday
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": self.anna.employee_id.resource_id.id,
                "sdm_substitute_id": boris.employee_id.id,
                "date_from": "2025-07-02 00:00:00",
                "date_to": "2025-07-02 23:00:00",
            }
        )
        with freeze_time("2025-07-02"):
            self.env["sdm.enrolment"]._search_due()._plan_steps()
        self.assertEqual((enrolment.activity_id.user_id, str(enrolment.date_due)), (self.anna, "2025-07-03"))

    def test_steps_wait_for_working_days_of_the_production_calendar(self):
        """A holiday on Wednesday, 2 July, and a working Saturday, the 5th."""
        country = self.env.ref("base.ru")
        self.company.sdm_calendar_country_id = country
        self.env["sdm.calendar.day"].search([("country_id", "=", country.id), ("date", ">=", "2025-06-01")]).unlink()
        for date, kind, hours in (("2025-07-02", "holiday", 0), ("2025-07-05", "working", 8)):
            self.env["sdm.calendar.day"].create(
                {"country_id": country.id, "date": date, "kind": kind, "hours": hours, "name": kind}
            )
        enrolment = self.begin()
        enrolment.activity_id.action_feedback()
        # Tuesday, Thursday, Friday
        self.assertEqual(str(enrolment.date_due), "2025-07-04")
        own = enrolment.with_user(self.anna)
        own.action_pause()
        with freeze_time("2025-07-03"):
            own.action_resume()
        # Monday and Tuesday were lost: Saturday is worked, then Monday
        self.assertEqual(str(enrolment.date_due), "2025-07-07")
        with freeze_time("2025-07-05"):
            # the working day before Monday is Saturday
            self.env["sdm.enrolment"]._search_due()._plan_steps()
            self.assertTrue(enrolment.activity_id)

    def test_who_leads_gets_the_steps(self):
        chief, inside = self.sdm_seller("chief"), self.sdm_seller("inside")
        self.anna.employee_id.parent_id = chief.employee_id
        self.book.sudo().write({"leader": "head"})
        self.assertEqual(self.begin().activity_id.user_id, chief)
        self.book.sudo().write({"leader": "inside", "inside_user_id": inside.id})
        self.assertEqual(self.begin(self.beta).activity_id.user_id, inside)

    def test_a_deal_has_steps_of_its_own(self):
        self.begin()
        deal = self.deal(self.alfa, self.anna)
        deal.with_user(self.anna).action_begin_sdm_steps()
        enrolment = self.env["sdm.enrolment"].search([("lead_id", "=", deal.id)])
        self.assertEqual((enrolment.activity_id.res_model, enrolment.activity_id.res_id), ("crm.lead", deal.id))

    def test_who_comes_into_the_segment_begins_by_itself_and_who_leaves_ends(self):
        Enrolment = self.env["sdm.enrolment"]
        Enrolment._follow_segments()
        # who was there before the playbook is left alone
        self.assertFalse(Enrolment.search([("plan_id", "=", self.plan.id)]))
        membership = self.env["sdm.segment.membership"].search([("partner_id", "=", self.gamma.id)])
        membership.write({"segment_id": self.segments["A"].id, "date_from": "2025-06-30"})
        self.env["sdm.segment.membership"]._write_primary()
        self.book.sudo().date_begun = "2025-06-30"
        Enrolment._follow_segments()
        begun = Enrolment.search([("plan_id", "=", self.plan.id)])
        self.assertEqual((begun.partner_id, begun.is_automatic, str(begun.date_due)), (self.gamma, True, "2025-06-30"))
        Enrolment._follow_segments()
        self.assertEqual(Enrolment.search_count([("plan_id", "=", self.plan.id)]), 1)
        membership.segment_id = self.segments["C"]
        self.env["sdm.segment.membership"]._write_primary()
        Enrolment._follow_segments()
        self.assertEqual((begun.state, begun.reason), ("ended", "left_segment"))
        # back on another day: once more
        with freeze_time("2025-07-10"):
            membership.write({"segment_id": self.segments["A"].id, "date_from": "2025-07-10"})
            self.env["sdm.segment.membership"]._write_primary()
            Enrolment._follow_segments()
        self.assertEqual(Enrolment.search_count([("partner_id", "=", self.gamma.id)]), 2)

    def test_those_who_are_there_begin_where_the_playbook_says_so(self):
        self.book.sudo().enrols_present = True
        self.env["sdm.enrolment"]._follow_segments()
        found = self.env["sdm.enrolment"].search([("plan_id", "=", self.plan.id)])
        self.assertEqual(found.partner_id, self.alfa | self.beta)

    def test_a_run_that_changes_classes_begins_the_steps(self):
        self.book.sudo().enrols_present = True
        scheme = self.segments["A"].scheme_id
        version = self.env["sdm.scheme.version"].create({"scheme_id": scheme.id})
        self.env["sdm.segmentation.run"].create(
            {"scheme_id": scheme.id, "version_id": version.id, "kind": "single"}
        )._after_apply()
        self.assertEqual(self.env["sdm.enrolment"].search_count([("plan_id", "=", self.plan.id)]), 2)

    def test_an_order_an_answer_and_archiving_end_it(self):
        for customer in (self.alfa, self.beta):
            self.begin(customer)
        self.assertEqual(self.env["sdm.enrolment"].search_count([("state", "=", "active")]), 2)
        # as old as the test: what the database wrote counts by its own clock
        self.env.cr.execute("UPDATE sdm_enrolment SET create_date = '2025-06-01'")
        self.env["sdm.enrolment"].invalidate_model()
        self.order(self.alfa, "2025-06-20", 10)
        contact = self.env["res.partner"].create({"name": "Ivan", "parent_id": self.beta.id})
        self.env["mail.message"].create(
            {"model": "res.partner", "res_id": contact.id, "message_type": "email", "date": self.noon("2025-06-20")}
        )
        self.env["sdm.enrolment"]._end_by_events()
        reasons = {one.partner_id: one.reason for one in self.env["sdm.enrolment"].search([("state", "=", "ended")])}
        self.assertEqual(reasons, {self.alfa: "ordered", self.beta: "answered"})
        again = self.begin()
        self.alfa.active = False
        self.env["sdm.enrolment"]._end_by_events()
        self.assertEqual(again.reason, "customer_gone")

    def test_many_steps_cost_as_many_queries_as_few(self):
        self.book.sudo().enrols_present = True
        scheme, segment = self.segments["A"].scheme_id, self.segments["A"]

        def came(count, name):
            for number in range(count):
                customer = self.customer(f"{name} {number}", self.anna)
                values = {"partner_id": customer.id, "scheme_id": scheme.id, "segment_id": segment.id}
                self.env["sdm.segment.membership"].create({**values, "date_from": "2025-06-30"})
            self.env["sdm.segment.membership"]._write_primary()

        def follow():
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["sdm.enrolment"]._follow_segments()
            return self.env.cr.sql_log_count - before

        came(2, "Few")
        follow()
        came(2, "Warm")
        few = follow()
        came(30, "Many")
        self.assertEqual(follow(), few)

    def test_who_may_act(self):
        enrolment = self.begin()
        boris = self.sdm_seller("boris")
        with self.assertRaises(AccessError):
            enrolment.with_user(boris).action_pause()
        with self.assertRaises(AccessError):
            self.beta.with_user(boris).action_begin_sdm_steps()
        auditor = self.persona("auditor")
        self.assertEqual(enrolment.with_user(auditor).state, "active")
        with self.assertRaises(AccessError):
            enrolment.with_user(auditor).action_pause()
        with self.assertRaises(AccessError):
            self.beta.with_user(auditor).action_begin_sdm_steps()
        with self.assertRaises(AccessError):
            enrolment.with_user(self.anna).write({"state": "ended"})
        self.assertEqual(enrolment.date_start, fields.Date.to_date("2025-06-30"))


@tagged("post_install", "-at_install")
class TestEnrolmentOverTheWire(RpcCase, EnrolmentCase):
    def test_a_stranger_to_the_customer_can_do_nothing(self):
        enrolment = self.begin()
        boris = self.sdm_seller("boris")
        self.authenticate(boris.login, boris.login)
        for model, method, ids in (
            ("sdm.enrolment", "action_pause", enrolment.ids),
            ("sdm.enrolment", "action_end", enrolment.ids),
            ("sdm.enrolment", "read", enrolment.ids),
            ("res.partner", "action_begin_sdm_steps", self.beta.ids),
            ("sdm.enrolment", "_end", enrolment.ids),
        ):
            _result, error = self.call(model, method, ids)
            self.assertEqual(error, "odoo.exceptions.AccessError", method)
        values = {"partner_id": self.beta.id, "plan_id": self.plan.id, "playbook_id": self.book.id}
        _result, error = self.call("sdm.enrolment", "create", [{**values, "date_start": "2025-06-30"}])
        self.assertEqual(error, "odoo.exceptions.AccessError")
        self.assertEqual(self.call("sdm.coverage", "search_count", [("partner_id", "=", self.alfa.id)]), (0, None))
        domain = [("id", "=", self.alfa.id), ("sdm_contact_state", "!=", False)]
        [row], _error = self.call("res.partner", "read", self.alfa.ids, ["sdm_contact_reason"])
        self.assertFalse(row["sdm_contact_reason"])
        self.assertEqual(self.call("res.partner", "search_count", domain), (0, None))

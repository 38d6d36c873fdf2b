import re

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, freeze_time, tagged

from .test_ownership import TODAY, OwnershipCase


class HandOverCase(OwnershipCase):
    """Anna of North's group may hand customers over to Boris of South's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for employee, group in (
            (cls.north, "manager"),
            (cls.south, "manager"),
            (cls.anna, "user"),
            (cls.boris, "user"),
        ):
            employee.user_id.group_ids += cls.env.ref(f"sdm_segmentation.group_sdm_{group}")
        cls.beta = cls.customer("Beta", cls.anna.user_id)
        cls.director = cls.persona("director")

    def hand_over(self, user=None, date=TODAY, **vals):
        """A draft by a user (Anna) from Anna to Boris."""
        HandOver = self.env["sdm.hand.over"].with_user(user or self.anna.user_id)
        return HandOver.create({"giver_id": self.anna.id, "receiver_id": self.boris.id, "date": date, **vals})

    def agreed(self, date=TODAY, **vals):
        """A hand-over that both sides have consented to."""
        hand_over = self.hand_over(date=date, **vals)
        hand_over.action_propose()
        hand_over.with_user(self.boris.user_id).action_consent()
        return hand_over.sudo()

    def activity(self, record, employee):
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": employee.user_id.id,
                "date_deadline": "2025-07-10",
            }
        )


@tagged("post_install", "-at_install")
class TestHandOver(HandOverCase):
    # -- what goes over -----------------------------------------------------------------------------------------------

    def test_customers_open_deals_and_planned_activities_go_over(self):
        contact = self.env["res.partner"].create({"name": "Olga", "parent_id": self.alfa.id})
        deal, colleague, won = (
            self.deal(contact, self.anna.user_id, expected_revenue=100),
            self.deal(self.alfa, self.north.user_id),
            self.won("2025-06-01", 50, self.alfa, self.anna.user_id),
        )
        team = self.env["crm.team"].create({"name": "South", "company_id": self.company.id})
        self.env["crm.team.member"].create({"user_id": self.boris.user_id.id, "crm_team_id": team.id})
        lost = self.lost("2025-06-01", self.alfa, self.anna.user_id)
        elsewhere = self.deal(self.customer("Gamma"), self.anna.user_id)
        order = self.order(self.alfa, TODAY, 10, seller=self.anna.user_id)
        moving = [
            self.activity(deal, self.anna),
            self.activity(contact, self.anna),
            self.activity(self.beta, self.anna),
        ]
        staying = [self.activity(elsewhere, self.anna), self.activity(self.alfa, self.north)]
        hand_over = self.agreed()
        self.assertEqual(hand_over.state, "done")
        self.assertEqual((self.alfa | self.beta).user_id, self.boris.user_id)
        self.assertEqual(
            self.history(self.alfa), [("Anna", "lead", "2025-01-01", "2025-06-29"), ("Boris", "lead", TODAY, "")]
        )
        self.assertEqual(deal.user_id, self.boris.user_id)
        self.assertEqual(colleague.user_id, self.north.user_id)
        self.assertEqual(deal.team_id, team)
        for document in (won, lost, elsewhere, order):
            self.assertEqual(document.user_id, self.anna.user_id, document)
        self.assertEqual([activity.user_id for activity in moving], [self.boris.user_id] * 3)
        self.assertEqual(
            [activity.user_id for activity in staying], [self.anna.user_id, self.north.user_id], "not part of it"
        )
        # the outcome is kept as it was
        self.assertEqual(
            (hand_over.customer_count, hand_over.deal_count, hand_over.deal_value, hand_over.activity_count),
            (2, 1, 100, 3),
        )
        self.assertIn(
            "customers – 2, open deals – 1, open quotations – 0, planned activities – 3", hand_over.message_ids[0].body
        )

    def quotations(self):
        """An own quotation at a contact of Alfa with a planned activity, one sent at Beta, and three that stay.

        :return: tuple (those that go over, those that stay, the activity)
        """
        contact = self.env["res.partner"].create({"name": "Olga", "parent_id": self.alfa.id})
        draft, sent, cancelled = (
            self.order(customer, TODAY, 10, seller=self.anna.user_id, confirmed=False)
            for customer in (contact, self.beta, self.beta)
        )
        sent.action_quotation_sent()
        cancelled._action_cancel()
        ordered = self.order(self.alfa, TODAY, 10, seller=self.anna.user_id)
        colleagues = self.order(self.alfa, TODAY, 10, seller=self.north.user_id, confirmed=False)
        return draft | sent, ordered | cancelled | colleagues, self.activity(draft, self.anna)

    def test_open_quotations_go_over_with_the_deals(self):
        moving, staying, activity = self.quotations()
        sellers = staying.mapped("user_id")
        draft = self.hand_over()
        self.assertEqual((draft.with_quotations, draft.quotation_count, draft.activity_count), (True, 2, 1))
        rows = {row["customer"]: row["quotations"] for row in draft._prepare_preview()["rows"]}
        self.assertEqual(rows, {"Alfa": 1, "Beta": 1})
        self.assertNotIn("that stay with the giver", draft.preview)
        draft.action_propose()
        draft.with_user(self.boris.user_id).action_consent()
        self.assertEqual(moving.user_id, self.boris.user_id)
        self.assertEqual(staying.mapped("user_id"), sellers)
        self.assertEqual(activity.user_id, self.boris.user_id)
        self.assertIn("open quotations – 2, planned activities – 1", draft.sudo().message_ids[0].body)
        self.assertEqual(draft.quotation_count, 2, "as it was on that day")

    def test_open_quotations_stay_where_they_are_to(self):
        moving, _staying, activity = self.quotations()
        draft = self.hand_over(with_quotations=False)
        self.assertEqual((draft.quotation_count, draft.activity_count), (0, 0))
        self.assertIn("Open quotations that stay with the giver: 2", re.sub(r"<.*?>", "", str(draft.preview)))
        draft.action_propose()
        with self.assertRaisesRegex(UserError, "Take it back to draft"):
            draft.with_quotations = True
        draft.with_user(self.boris.user_id).action_consent()
        self.assertEqual((moving.user_id, activity.user_id), (self.anna.user_id, self.anna.user_id))

    def test_all_of_the_givers_customers_unless_some_are_taken_out(self):
        gamma = self.customer("Gamma")
        self.own(gamma, self.anna, "2025-02-01", kind="co", share=0.25)
        over = self.customer("Over")
        self.own(over, self.anna, "2025-01-01", "2025-06-29")
        with Form(self.env["sdm.hand.over"].with_user(self.anna.user_id)) as form:
            self.assertEqual(form.giver_id, self.anna)
            self.assertEqual(set(form.partner_ids.ids), set((self.alfa | self.beta | gamma).ids))
            form.receiver_id = self.boris
            form.partner_ids.remove(self.beta.id)
        hand_over = form.record
        hand_over.action_propose()
        hand_over.with_user(self.boris.user_id).action_consent()
        self.assertEqual(self.beta.user_id, self.anna.user_id)
        self.assertEqual(self.history(gamma), [("Anna", "co", "2025-02-01", "2025-06-29"), ("Boris", "co", TODAY, "")])
        self.assertEqual(gamma.sdm_ownership_ids.mapped("share"), [0.25, 0.25])

    def test_a_day_in_the_past_is_the_true_date(self):
        self.agreed("2025-06-15")
        self.assertEqual(
            self.history(self.alfa), [("Anna", "lead", "2025-01-01", "2025-06-14"), ("Boris", "lead", "2025-06-15", "")]
        )
        self.assertEqual(self.alfa.user_id, self.boris.user_id)

    def test_a_day_to_come_is_waited_for_and_can_be_called_off(self):
        deal = self.deal(self.alfa, self.anna.user_id)
        hand_over, called_off = self.agreed("2025-07-15"), self.agreed("2025-07-15")
        self.assertEqual((hand_over.state, self.alfa.user_id), ("agreed", self.anna.user_id))
        called_off.with_user(self.boris.user_id).action_cancel()
        self.assertEqual(called_off.state, "cancelled")
        self.env["sdm.hand.over"]._cron_carry_out()
        self.assertEqual(hand_over.state, "agreed")
        with freeze_time("2025-07-16 12:00:00"):
            self.env["sdm.hand.over"]._cron_carry_out()
            self.assertEqual((hand_over.state, called_off.state), ("done", "cancelled"))
            self.assertEqual((self.alfa.user_id, deal.user_id), (self.boris.user_id, self.boris.user_id))
            self.assertEqual(self.history(self.alfa)[-1], ("Boris", "lead", "2025-07-15", ""))

    def test_run_again_changes_nothing(self):
        hand_over = self.agreed()
        self.alfa.user_id = self.anna.user_id
        history = self.history(self.alfa)
        hand_over._carry_out()
        self.env["sdm.hand.over"]._cron_carry_out()
        self.assertEqual(self.history(self.alfa), history)
        with self.assertRaisesRegex(UserError, "is “Done”"):
            hand_over.action_cancel()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            hand_over.unlink()

    def test_one_that_fails_does_not_stop_the_others(self):
        vera = self.employee("Vera")
        vera.user_id.group_ids += self.env.ref("sdm_segmentation.group_sdm_user")
        fails = self.hand_over(date="2025-07-01", partner_ids=self.alfa.ids, receiver_id=vera.id)
        fails.action_propose()
        fails.with_user(vera.user_id).action_consent()
        vera.user_id.active = False
        works = self.agreed("2025-07-01", partner_ids=self.beta.ids)
        with freeze_time("2025-07-02 12:00:00"):
            self.env["sdm.hand.over"]._cron_carry_out()
        self.assertEqual((fails.state, works.state), ("agreed", "done"))
        self.assertIn("Vera has no active user", fails.activity_ids.note)
        with freeze_time("2025-07-03 12:00:00"):
            self.env["sdm.hand.over"]._cron_carry_out()
        self.assertEqual(len(fails.activity_ids), 1)

    def test_many_customers_cost_as_many_queries_as_few(self):
        def prepared(size):
            customers = self.env["res.partner"].concat(
                *(self.customer(f"{size} {number}", self.anna.user_id) for number in range(size))
            )
            for customer in customers:
                self.activity(self.deal(customer, self.anna.user_id), self.anna)
            hand_over = self.hand_over(partner_ids=customers.ids).sudo()
            hand_over.state = "agreed"
            return hand_over

        few, many = prepared(3), prepared(30)
        budget = self.count_queries(few._carry_out)
        self.assertLessEqual(self.count_queries(many._carry_out), budget + 3)
        self.assertLessEqual(budget, 140)

    # -- preview ------------------------------------------------------------------------------------------------------

    def test_preview_says_who_gets_what(self):
        self.deal(self.alfa, self.anna.user_id, expected_revenue=100)
        self.deal(self.beta, self.anna.user_id, expected_revenue=300)
        rows = self.hand_over()._prepare_preview()
        self.assertEqual(
            [(row["customer"], row["kind"], row["deals"], row["value"]) for row in rows["rows"]],
            [("Beta", "lead", 1, 300), ("Alfa", "lead", 1, 100)],
        )
        self.assertIn("Boris becomes", self.hand_over().preview)

    def test_a_form_tells_nobody_what_a_stranger_has(self):
        self.deal(self.alfa, self.anna.user_id, expected_revenue=100)
        for user, value in (
            (self.anna.user_id, 100),
            (self.north.user_id, 100),
            (self.director, 100),
            (self.boris.user_id, 0),
            (self.south.user_id, 0),
        ):
            draft = self.env["sdm.hand.over"].with_user(user).new({"giver_id": self.anna.id, "date": TODAY})
            self.assertEqual(draft.deal_value, value, user.name)

    # -- consent ------------------------------------------------------------------------------------------------------

    def test_who_proposes_consents_and_the_other_side_is_asked(self):
        hand_over = self.hand_over()
        hand_over.action_propose()
        self.assertEqual((hand_over.state, hand_over.giver_consent_id), ("proposed", self.anna.user_id))
        self.assertEqual(hand_over.activity_ids.user_id, self.boris.user_id)
        waiting = self.env["sdm.hand.over"].with_user(self.boris.user_id).search([("can_consent", "=", True)])
        self.assertEqual(waiting, hand_over)
        with self.assertRaisesRegex(UserError, "Consent is up to Anna and Boris"):
            hand_over.action_consent()
        waiting.action_consent()
        self.assertEqual((hand_over.state, hand_over.receiver_consent_id), ("done", self.boris.user_id))
        self.assertFalse(hand_over.activity_ids)

    def test_a_director_proposes_and_both_sides_are_asked(self):
        hand_over = self.hand_over(self.director)
        hand_over.action_propose()
        self.assertEqual(hand_over.activity_ids.user_id, self.anna.user_id | self.boris.user_id)
        with self.assertRaises(UserError):
            hand_over.action_consent()
        hand_over.with_user(self.boris.user_id).action_consent()
        self.assertEqual(hand_over.state, "proposed")
        hand_over.with_user(self.anna.user_id).action_consent()
        self.assertEqual(hand_over.state, "done")

    def test_a_head_consents_for_a_giver_who_left(self):
        self.anna.write({"departure_date": "2025-06-28", "active": False})
        hand_over = self.hand_over(self.north.user_id)
        hand_over.action_propose()
        self.assertEqual(hand_over.giver_consent_id, self.north.user_id)
        self.assertEqual(hand_over.activity_ids.user_id, self.boris.user_id)
        hand_over.with_user(self.boris.user_id).action_consent()
        self.assertEqual((hand_over.state, self.alfa.user_id), ("done", self.boris.user_id))

    def test_a_head_is_asked_for_a_giver_who_is_away(self):
        self.env["resource.calendar.leaves"].create(
            {
                "sdm_employee_id": self.anna.id,
                "date_from": "2025-06-29 06:00:00",
                "date_to": "2025-07-14 15:00:00",
            }
        )
        hand_over = self.hand_over(self.south.user_id)
        hand_over.action_propose()
        self.assertEqual(hand_over.activity_ids.user_id, self.north.user_id | self.boris.user_id)
        self.assertFalse(hand_over.with_user(self.south.user_id).can_consent)
        hand_over.with_user(self.north.user_id).action_consent()
        hand_over.with_user(self.boris.user_id).action_consent()
        self.assertEqual(hand_over.state, "done")

    def test_a_proposal_is_changed_in_draft_only_and_consents_are_void_then(self):
        hand_over = self.hand_over()
        hand_over.action_propose()
        with self.assertRaisesRegex(UserError, "Take it back to draft"):
            hand_over.date = "2025-07-01"
        hand_over.action_draft()
        self.assertFalse(hand_over.giver_consent_id or hand_over.activity_ids)
        hand_over.date = "2025-07-01"

    def test_what_cannot_be_handed_over_is_said(self):
        with self.assertRaisesRegex(ValidationError, "Anna cannot hand customers over to oneself"):
            self.hand_over(receiver_id=self.anna.id)
        with self.assertRaisesRegex(UserError, "nothing to hand over. Choose the customers that Anna gives"):
            self.hand_over(partner_ids=[]).action_propose()
        self.boris.user_id.active = False
        with self.assertRaisesRegex(UserError, "Boris has no active user"):
            self.hand_over().action_propose()

    # -- access -------------------------------------------------------------------------------------------------------

    def test_nobody_gives_what_others_have_nor_consents_by_writing(self):
        with self.assertRaises(AccessError):
            self.hand_over(self.boris.user_id)
        hand_over = self.hand_over()
        for vals in (
            {"state": "agreed"},
            {"giver_consent_id": self.anna.user_id.id},
            {"receiver_consent_id": self.boris.user_id.id},
            {"outcome": {"customers": 1}},
        ):
            with self.assertRaises(AccessError):
                hand_over.write(vals)
            with self.assertRaises(AccessError):
                self.hand_over(**vals)
        with self.assertRaises(AccessError):
            hand_over.with_user(self.boris.user_id).action_propose()

    def test_sides_heads_and_the_director_see_it_and_no_other_seller(self):
        hand_over = self.hand_over()
        stranger = self.employee("Vera").user_id
        stranger.group_ids += self.env.ref("sdm_segmentation.group_sdm_user")
        for user, sees in (
            (self.anna.user_id, True),
            (self.boris.user_id, True),
            (self.north.user_id, True),
            (self.south.user_id, True),
            (self.director, True),
            (self.persona("auditor"), True),
            (stranger, False),
        ):
            found = self.env["sdm.hand.over"].with_user(user).search([("id", "=", hand_over.id)])
            self.assertEqual(bool(found), sees, user.name)
            self.assertEqual(hand_over.with_user(user).has_access("read"), sees)

    def test_access_to_deals_follows_the_hand_over(self):
        for employee in (self.anna, self.boris):
            employee.user_id.group_ids -= self.env.ref("sales_team.group_sale_salesman")
        deal = self.deal(self.alfa, self.anna.user_id)
        self.agreed("2025-07-15")

        def sees(employee):
            self.env.invalidate_all()
            return deal.with_user(employee.user_id).has_access("read")

        self.assertEqual((sees(self.anna), sees(self.boris)), (True, False))
        with freeze_time("2025-07-15 12:00:00"):
            self.env["sdm.hand.over"]._cron_carry_out()
            self.assertEqual((sees(self.anna), sees(self.boris)), (False, True))


@tagged("post_install", "-at_install")
class TestHandOverTour(HttpCase, HandOverCase):
    browser_size = "1366x900"

    def hand_over_by_tour(self):
        self.deal(self.alfa, self.anna.user_id, expected_revenue=100)
        self.start_tour("/odoo", "sdm_hand_over_propose_tour", login=self.anna.user_id.login)
        hand_over = self.env["sdm.hand.over"].search([("giver_id", "=", self.anna.id)])
        self.assertEqual((hand_over.state, hand_over.receiver_id), ("proposed", self.boris))
        self.start_tour("/odoo", "sdm_hand_over_consent_tour", login=self.boris.user_id.login)
        self.assertEqual((hand_over.state, self.alfa.user_id), ("done", self.boris.user_id))
        self.assertEqual(hand_over.date, fields.Date.to_date(TODAY))

    def test_propose_consent_done_in_english(self):
        self.hand_over_by_tour()

    def test_propose_consent_done_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        (self.anna | self.boris).user_id.lang = "ru_RU"
        self.hand_over_by_tour()

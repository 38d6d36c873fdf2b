"""A scheme from its template to the classes of customers: preview, put in force, history, explanation."""

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .segmentation import AS_OF, SegmentationCase


@tagged("post_install", "-at_install")
class TestScheme(SegmentationCase):
    def test_abc_by_invoices_worked_out_by_hand(self):
        # 80, 15 and 5 of 100: nothing, exactly 80 and exactly 95 % are before them, so each begins a class
        big, middle, small = self.sold(Big=80, Middle=15, Small=5)
        scheme = self.in_force("abc")
        self.assertEqual(self.classes(scheme), {big: "A", middle: "B", small: "C"})

    def test_the_customer_that_crosses_the_limit_counts_in(self):
        one, two, three = self.sold(One=70, Two=20, Three=10)
        # 70 % before Two is below 80, 90 % before Three is below 95
        self.assertEqual(self.classes(self.in_force("abc")), {one: "A", two: "A", three: "B"})

    def test_within_the_limit_the_largest_is_always_a(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", abc_rule="inclusive")
        # with One 90 % are above 80, yet the largest is A; with Two 100 % are above 95
        self.assertEqual(self.classes(scheme), {one: "A", two: "C"})

    def test_refunds_and_zero_stand_outside_of_the_total(self):
        one, two = self.sold(One=100, Two=30)
        self.invoice(two, 30, refund=True)
        scheme = self.in_force("abc")
        self.assertEqual(self.classes(scheme), {one: "A"})
        again = self.in_force("abc", name="With all", without_sales="last")
        self.assertEqual(self.classes(again)[two], "C")

    def test_a_contact_counts_for_its_company(self):
        company = self.customer("Holding")
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": company.id})
        self.invoice(contact, 10)
        self.assertEqual(self.classes(self.in_force("abc")), {company: "A"})
        company.invalidate_recordset()

    def test_a_preview_changes_nothing_and_tells_who_would_move(self):
        one, two = self.sold(One=90, Two=10)
        version = self.scheme("abc").draft_version_id
        version.action_preview()
        preview = version.preview
        self.assertEqual(
            [(size["name"], size["customers"]) for size in preview["sizes"]], [("A", 1), ("B", 1), ("C", 0)]
        )
        self.assertEqual(preview["changed"], 2)
        self.assertEqual(preview["warnings"], ["“C” is empty."])
        self.assertFalse(self.env["sdm.segment.membership"].search([("partner_id", "in", (one | two).ids)]))

    def test_the_primary_scheme_is_the_segment_of_customer_contact_deal_and_order(self):
        one = self.sold(One=90)
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": one.id})
        deal = self.deal(contact)
        scheme = self.in_force("abc", is_primary=True)
        segment = scheme.segment_ids.filtered(lambda segment: segment.name == "A")
        order = self.order(one, "2025-06-01", 10)
        self.assertEqual(one.sdm_segment_id, segment)
        self.assertEqual(contact.sdm_customer_segment_id, segment)
        self.assertEqual(deal.sdm_segment_id, segment)
        self.assertEqual(order.sdm_segment_id, segment)
        groups = self.env["crm.lead"]._read_group([("id", "=", deal.id)], ["sdm_segment_id"], ["__count"])
        self.assertEqual(groups, [(segment, 1)])

    def test_an_order_keeps_the_segment_of_its_confirmation(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", is_primary=True)
        order = self.order(two, "2025-06-01", 10)
        self.assertEqual(order.sdm_segment_id.name, "B")
        self.invoice(two, 10000)
        self.run_again(scheme)
        self.assertEqual(order.sdm_segment_id.name, "B")
        self.assertEqual(order.sdm_customer_segment_id.name, "A")

    def test_a_second_run_changes_nothing(self):
        self.sold(One=90, Two=10)
        scheme = self.in_force("abc")
        before = self.env["sdm.segment.membership"].search([("scheme_id", "=", scheme.id)])
        run = self.run_again(scheme)
        self.assertEqual(run.changed_count, 0)
        self.assertEqual(self.env["sdm.segment.membership"].search([("scheme_id", "=", scheme.id)]), before)

    def test_history_keeps_who_was_where_until_when(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc")
        self.invoice(two, 10000)
        with freeze_time("2025-07-01"):
            self.run_again(scheme)
        spells = self.env["sdm.segment.membership"].search(
            [("scheme_id", "=", scheme.id), ("partner_id", "=", two.id)], order="date_from"
        )
        self.assertEqual(
            [(spell.segment_id.name, spell.date_from, spell.date_to) for spell in spells],
            [("B", AS_OF, AS_OF), ("A", fields.Date.to_date("2025-07-01"), False)],
        )
        self.assertEqual(spells[-1].previous_segment_id.name, "B")

    def test_why_is_one_sentence_and_a_table(self):
        one, two = self.sold(One=75, Two=25)
        scheme = self.in_force("abc")
        membership = self.membership(scheme, two)
        self.assertEqual(
            membership.explanation.replace("\N{NO-BREAK SPACE}", " "),
            "A: number 2 by revenue without tax with $ 25; the larger customers bring 75.0 % of the total, "
            "with this one 100.0 %.",
        )
        self.assertIn("Posted invoices, without tax", membership.explanation_table)

    def test_a_version_in_force_is_not_rewritten(self):
        self.sold(One=90)
        scheme = self.in_force("abc")
        with self.assertRaisesRegex(UserError, "Press “Change”"):
            scheme.version_id.with_user(self.persona("director")).window_months = 24

    def test_a_rule_does_not_ask_for_what_its_author_may_not_read(self):
        version = self.scheme("abc").draft_version_id.with_user(self.persona("director"))
        domain = "[('user_id.employee_ids.pin', '=', '1234')]"
        with self.assertRaisesRegex(ValidationError, "cannot be read as a filter"):
            version.scope_domain = domain
        with self.assertRaisesRegex(ValidationError, "cannot be read as a filter"):
            version.line_ids[0].domain = domain
        self.customer("One", self.persona("seller"))
        version.scope_domain = "[('user_id.name', 'like', 'seller')]"
        self.assertEqual(version.scope_domain, "[('user_id.name', 'like', 'seller')]")

    def test_a_class_of_a_version_in_force_is_not_rewritten(self):
        self.sold(One=90)
        line = self.in_force("abc").version_id.line_ids[0].with_user(self.persona("director"))
        with self.assertRaisesRegex(UserError, "Press “Change”"):
            line.limit = 50
        with self.assertRaisesRegex(UserError, "Press “Change”"):
            line.unlink()
        line.name = "Best"
        self.assertEqual(line.segment_id.name, "Best")

    def test_changing_makes_a_new_version_that_replaces_the_old_one(self):
        one, two = self.sold(One=70, Two=30)
        scheme = self.in_force("abc")
        first = scheme.version_id
        scheme.action_new_version()
        second = scheme.draft_version_id
        self.assertEqual((second.number, second.line_ids.segment_id), (2, first.line_ids.segment_id))
        second.line_ids[0].limit = 50
        with freeze_time("2025-07-01"):
            self.put_in_force(second)
        self.assertEqual((first.state, first.date_to), ("replaced", AS_OF))
        self.assertEqual(self.classes(scheme), {one: "A", two: "B"})

    def test_a_rule_that_can_never_match_and_overlaps_are_told(self):
        self.customer("Inside", city="Omsk")
        scheme = self.env["sdm.scheme"].create({"name": "Own", "method": "rules"})
        version = self.env["sdm.scheme.version"].create(
            {"scheme_id": scheme.id, "scope_domain": "[('city', '=', 'Omsk')]"}
        )
        version._add_line("Omsk", sequence=1, domain="[('city', '=', 'Omsk')]")
        version._add_line("Again", sequence=2, domain="[('city', '=', 'Omsk')]")
        version._add_line("Nobody", sequence=3, domain="[('city', '=', 'Atlantis')]")
        version.action_preview()
        self.assertEqual(
            version.preview["warnings"],
            [
                "“Again” can never be reached: rules above it take all 1 customers.",
                "“Nobody”: its rule holds for nobody.",
                "“Omsk” and “Again” share customers: 1. The rule above decides.",
            ],
        )

    def test_a_customer_that_no_longer_matches_leaves(self):
        partner = self.customer("Inside", city="Omsk")
        scheme = self.env["sdm.scheme"].create({"name": "Own", "method": "rules"})
        version = self.env["sdm.scheme.version"].create({"scheme_id": scheme.id})
        version._add_line("Omsk", domain="[('city', '=', 'Omsk')]")
        self.put_in_force(version)
        self.assertEqual(self.classes(scheme), {partner: "Omsk"})
        partner.city = "Perm"
        with freeze_time("2025-07-01"):
            self.run_again(scheme)
        self.assertEqual(self.classes(scheme), {})

    def test_a_class_changes_after_enough_runs_agree(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", confirming_runs=2)
        self.invoice(two, 10000)
        with freeze_time("2025-07-01"):
            self.run_again(scheme)
        self.assertEqual(self.classes(scheme)[two], "B")
        self.assertEqual(self.membership(scheme, two).pending_segment_id.name, "A")
        with freeze_time("2025-07-02"):
            self.run_again(scheme)
        self.assertEqual(self.classes(scheme)[two], "A")

    def test_margins_stop_back_and_forth(self):
        one, two = self.sold(One=79, Two=21)
        scheme = self.in_force("abc", demotion_margin=5)
        self.assertEqual(self.classes(scheme)[two], "A")
        # 83 % before: beyond 80, but not beyond 80 + 5
        self.invoice(one, 23.53)
        self.run_again(scheme)
        self.assertEqual(self.classes(scheme)[two], "A")
        # 90 % before
        self.invoice(one, 100)
        self.run_again(scheme)
        self.assertEqual(self.classes(scheme)[two], "B")

    def test_an_override_holds_and_no_run_undoes_it(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", is_primary=True)
        segment = {segment.name: segment for segment in scheme.segment_ids}
        override = self.env["sdm.segment.override"].create(
            {"partner_id": two.id, "segment_id": segment["A"].id, "reason": "New plant", "date_to": "2025-12-31"}
        )
        self.assertEqual(two.sdm_segment_id.name, "A")
        self.run_again(scheme)
        membership = self.membership(scheme, two)
        self.assertEqual((membership.segment_id.name, membership.computed_segment_id.name), ("A", "B"))
        with freeze_time("2026-01-01"):
            # the invoices of June are still within twelve months
            self.run_again(scheme)
        self.assertEqual(two.sdm_segment_id.name, "B")
        self.assertFalse(override.withdrawn_on)

    def test_an_override_can_be_ended_on_its_first_day(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", is_primary=True)
        override = self.env["sdm.segment.override"].create(
            {
                "partner_id": two.id,
                "segment_id": scheme.segment_ids[0].id,
                "reason": "New plant",
                "date_to": "2025-12-31",
            }
        )
        override.action_end()
        self.assertEqual(two.sdm_segment_id.name, "B")

    def test_nobody_writes_a_segment_by_hand(self):
        one = self.sold(One=90)
        scheme = self.in_force("abc")
        with self.assertRaises(AccessError):
            one.with_user(self.persona("director")).write({"sdm_segment_id": scheme.segment_ids[0].id})

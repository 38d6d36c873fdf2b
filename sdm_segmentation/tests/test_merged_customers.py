"""Customers that turn out to be one: one present class, the history of both, decisions, steps, potentials, groups."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import GROUPS
from .segmentation import AS_OF, SegmentationCase

JULY = fields.Date.to_date("2025-07-01")
AUGUST = fields.Date.to_date("2025-08-01")


class MergeCase(SegmentationCase):
    def merge(self, kept, *others, user=None):
        """As Odoo's wizard does it."""
        partners = self.env["res.partner"].union(kept, *others)
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user or self.env.user)
        wizard.create(
            {"state": "option", "dst_partner_id": kept.id, "partner_ids": [Command.set(partners.ids)]}
        ).action_merge()
        self.assertFalse((partners - kept).exists())

    def history(self, scheme, customer):
        found = self.env["sdm.segment.membership"].search(
            [("scheme_id", "=", scheme.id), ("partner_id", "=", customer.id)], order="date_from"
        )
        return [(each.segment_id.name, each.date_from, each.date_to or None, each.merged_name or "") for each in found]

    def told(self, customer):
        return customer.message_ids.filtered(lambda message: "whose segments were" in (message.body or "")).mapped(
            "body"
        )


@tagged("post_install", "-at_install")
class TestMergedCustomers(MergeCase):
    def test_the_kept_customer_keeps_its_class_and_there_is_one(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", is_primary=True)
        self.merge(one, two)
        self.assertEqual(self.history(scheme, one), [("A", AS_OF, None, "")])
        self.assertEqual(one.sdm_segment_id.name, "A")
        [body] = self.told(one)
        self.assertIn("Merged with Two, whose segments were:", body)
        self.assertIn("Scheme: B, 06/30/2025 – today", body)
        # the next run judges it by the sales of both
        self.run_again(scheme)
        self.assertEqual(self.membership(scheme, one).segment_id.name, "A")
        self.assertEqual(self.env["account.move"].search_count([("commercial_partner_id", "=", one.id)]), 2)

    def test_what_the_other_was_before_is_kept_and_says_whose_it_was(self):
        two = self.sold(Two=10)
        scheme = self.in_force("abc", is_primary=True)
        one = self.sold(One=90)
        with freeze_time(JULY):
            self.run_again(scheme)
        with freeze_time(AUGUST):
            # One is A since July and Two, which was A in June, is B since July
            self.merge(one, two)
        self.assertEqual(self.history(scheme, one), [("A", AS_OF, AS_OF, "Two"), ("A", JULY, None, "")])
        earlier = self.env["sdm.segment.membership"].search([("partner_id", "=", one.id), ("date_to", "=", AS_OF)])
        self.assertIn("Two", earlier.explanation_table)
        on_june = self.env["sdm.segment.membership"]._get_domain_on(AS_OF)
        self.assertEqual(self.env["sdm.segment.membership"].search_count(on_june & self.of(scheme)), 1)

    def of(self, scheme):
        return fields.Domain("scheme_id", "=", scheme.id)

    def test_three_at_once_of_which_one_is_archived_and_none_has_two_classes(self):
        one, two, three = self.sold(One=80, Two=15, Three=5)
        scheme = self.in_force("abc", is_primary=True)
        three.active = False
        self.merge(two, one, three)
        self.assertEqual(self.history(scheme, two), [("B", AS_OF, None, "")])
        self.assertEqual(two.sdm_segment_id.name, "B")
        self.assertEqual(len(self.told(two)), 2)
        with freeze_time(JULY):
            self.run_again(scheme)
        # all 100 are its own now
        self.assertEqual(self.classes(scheme), {two: "A"})

    def test_a_kept_customer_without_class_gets_that_of_the_other(self):
        one = self.sold(One=90)
        scheme = self.in_force("abc", is_primary=True)
        new = self.customer("New")
        self.merge(new, one)
        self.assertEqual(self.history(scheme, new), [("A", AS_OF, None, "One")])
        self.assertEqual(new.sdm_segment_id.name, "A")

    def test_each_scheme_by_itself(self):
        one, two = self.sold(One=90, Two=10)
        first = self.in_force("abc", is_primary=True)
        # only Two has a class in the second one
        scheme = self.env["sdm.scheme"].create({"name": "Own", "method": "rules"})
        version = self.env["sdm.scheme.version"].create({"scheme_id": scheme.id})
        version._add_line("Second", domain=f"[('id', '=', {two.id})]")
        self.put_in_force(version)
        self.merge(one, two)
        self.assertEqual(self.history(first, one), [("A", AS_OF, None, "")])
        self.assertEqual(self.history(scheme, one), [("Second", AS_OF, None, "Two")])

    def test_a_company_merged_into_a_contact_goes_to_its_company(self):
        one, two = self.sold(One=90, Two=10)
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": one.id})
        scheme = self.in_force("abc", is_primary=True)
        self.merge(contact, two)
        self.assertEqual(self.history(scheme, one), [("A", AS_OF, None, "")])
        self.assertFalse(contact.sdm_segment_id)
        self.assertFalse(self.history(scheme, contact))

    def test_decisions_of_people_hold_for_the_kept_one(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", is_primary=True)
        override = self.override(scheme, two, "C")
        self.merge(one, two)
        self.assertEqual((override.partner_id, override.withdrawn_on), (one, False))
        membership = self.membership(scheme, one)
        self.assertEqual((membership.segment_id.name, membership.computed_segment_id.name), ("C", "A"))
        self.assertEqual(one.sdm_segment_id.name, "C")

    def test_of_two_decisions_that_of_the_kept_one_holds(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", is_primary=True)
        own, other = self.override(scheme, one, "B"), self.override(scheme, two, "C")
        self.merge(one, two)
        self.assertEqual((own.withdrawn_on, other.withdrawn_on), (False, AS_OF))
        self.assertEqual(one.sdm_segment_id.name, "B")
        self.run_again(scheme)
        self.assertEqual(one.sdm_segment_id.name, "B")

    def override(self, scheme, customer, name):
        segment = scheme.segment_ids.filtered(lambda segment: segment.name == name)
        return self.env["sdm.segment.override"].create(
            {"partner_id": customer.id, "segment_id": segment.id, "reason": "New plant", "date_to": "2025-12-31"}
        )

    def test_steps_run_once(self):
        one, two = self.sold(One=90, Two=10)
        plan = self.env["mail.activity.plan"].create(
            {
                "name": "Welcome",
                "res_model": "res.partner",
                "template_ids": [Command.create({"summary": "Call", "activity_type_id": self.call().id})],
            }
        )
        playbook = self.env["sdm.playbook"].create({"name": "Calls", "perimeter_id": self.perimeter.id})
        enrolments = self.env["sdm.enrolment"]._enrol(playbook, one | two, plan)
        self.merge(one, two)
        own, other = enrolments.sorted("id")
        self.assertEqual((own.partner_id, own.state), (one, "active"))
        self.assertEqual((other.partner_id, other.state, other.disposition), (one, "ended", "duplicate"))

    def call(self):
        return self.env["mail.activity.type"].create({"name": "Call", "res_model": False})

    def test_potentials_of_both_are_kept_and_the_latest_counts(self):
        one, two = self.sold(One=90, Two=10)
        for customer, amount, day in ((one, 500, "2025-03-01"), (two, 700, "2025-05-01")):
            self.env["sdm.potential"].create(
                {"partner_id": customer.id, "amount": amount, "date": day, "company_id": self.company.id}
            )
        self.merge(one, two)
        self.assertEqual(one.sdm_potential_ids.mapped("amount"), [700, 500])

    def test_the_group_of_either_is_kept(self):
        one, two = self.sold(One=90, Two=10)
        group = self.env["sdm.customer.group"].create({"name": "Holding"})
        two.sdm_customer_group_id = group
        self.merge(one, two)
        self.assertEqual(one.sdm_customer_group_id, group)

    def test_a_user_without_all_rights_may_merge(self):
        one, two = self.sold(One=90, Two=10)
        (one | two).email = "one@example.com"
        scheme = self.in_force("abc", is_primary=True)
        user = new_test_user(
            self.env,
            "sdm_merger",
            f"{GROUPS['director']},base.group_partner_manager,account.group_account_manager,sales_team.group_sale_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.merge(one, two, user=user)
        self.assertEqual(self.history(scheme, one), [("A", AS_OF, None, "")])

    def test_what_a_run_has_staged_is_not_carried_out_twice(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.scheme("abc")
        scheme.draft_version_id._put_in_force(AS_OF, "Since the test needs it")
        run = self.env["sdm.segmentation.run"]._start(scheme.version_id, "apply")
        run._stage()
        self.merge(one, two)
        self.assertEqual(run.change_ids.mapped("partner_id.name"), ["One"])
        run._apply()
        self.assertEqual(self.history(scheme, one), [("A", AS_OF, None, "")])

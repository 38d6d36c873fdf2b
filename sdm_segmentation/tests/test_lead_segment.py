"""A lead without a customer: its class by its own fields, why, and what it costs."""

import random

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..engine.segmentation.rules import decide
from .common import GROUPS, RpcCase
from .segmentation import SegmentationCase
from .test_ideal_client import IdealClientCase


class LeadCase(SegmentationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here = cls.env.ref("base.be")
        cls.there = cls.env.ref("base.fr")

    @classmethod
    def lead(cls, name, **values):
        """A lead as a web form makes it: no customer, no salesperson."""
        return cls.env["crm.lead"].create(
            {
                "name": name,
                "type": "lead",
                "company_id": cls.company.id,
                "team_id": False,
                "user_id": False,
                "stage_id": cls.stage_open.id,
                **values,
            }
        )

    @classmethod
    def rules(cls, *rules, is_primary=True, **values):
        """A scheme by rules in force.

        :param rules: (name, rule for customers, rule for leads or None)
        """
        scheme = cls.env["sdm.scheme"].create({"name": "Own", "method": "rules", "is_primary": is_primary})
        version = cls.env["sdm.scheme.version"].create({"scheme_id": scheme.id, **values})
        for place, (name, domain, lead_domain) in enumerate(rules):
            version._add_line(name, sequence=place, domain=domain, lead_domain=lead_domain)
        cls.put_in_force(version)
        return scheme


@tagged("post_install", "-at_install")
class TestLeadSegment(LeadCase):
    def test_rules_for_customers_are_asked_of_the_fields_that_mean_the_same(self):
        near = self.lead("Near", country_id=self.here.id, city="Ghent", email_from="a@ghent.example")
        far = self.lead("Far", country_id=self.there.id, partner_name="Dupont")
        nowhere = self.lead("Nowhere")
        self.rules(
            ("Neighbours", "[('country_id.code', '=', 'BE'), ('email', 'ilike', 'ghent')]", None),
            ("Companies", "[('is_company', '=', True), ('city', '!=', 'Ghent')]", None),
        )
        self.assertEqual(
            [lead.sdm_segment_id.name for lead in near | far | nowhere], ["Neighbours", "Companies", False]
        )

    def test_a_rule_that_asks_for_what_leads_do_not_have_leaves_the_lead_unclassified(self):
        near, far = self.lead("Near", country_id=self.here.id), self.lead("Far", country_id=self.there.id)
        vip = self.env["res.partner.category"].create({"name": "VIP"})
        self.rules(
            ("Key", f"[('country_id', '=', {self.here.id}), ('category_id', 'in', [{vip.id}])]", None),
            ("All others", "[('id', '!=', 0)]", "[('id', '!=', 0)]"),
        )
        # Near might be Key; Far is not, whatever its tags
        self.assertEqual((near.sdm_segment_id.name, far.sdm_segment_id.name), (False, "All others"))
        self.assertEqual(
            near.sdm_segment_reason,
            "Unclassified: rule 1, “Key”, asks for what a lead does not have: Tags. Choose the customer of the lead, "
            "or give the class a rule for leads.",
        )
        self.assertEqual(
            far.sdm_segment_reason, "All others: rule 2 is the first that holds for what is entered on the lead."
        )

    def test_the_statement_agrees_with_the_engine_on_random_leads(self):
        chance = random.Random(7)
        ghent, unknown = "('city', '=', 'Ghent')", "('customer_rank', '>', 0)"
        here = f"('country_id', '=', {self.here.id})"
        # each rule with what it says of a lead that is here or not, in Ghent or not
        rules = {
            f"[{here}, {unknown}]": lambda is_here, is_ghent: None if is_here else False,
            f"['|', {ghent}, {unknown}]": lambda is_here, is_ghent: True if is_ghent else None,
            f"['!', '&', {here}, {ghent}]": lambda is_here, is_ghent: not (is_here and is_ghent),
            f"[{here}, {ghent}]": lambda is_here, is_ghent: is_here and is_ghent,
        }
        for number in range(6):
            chosen = chance.sample(sorted(rules), 3)
            leads = {
                (is_here, is_ghent): self.lead(
                    "Lead", country_id=self.here.id if is_here else False, city="Ghent" if is_ghent else "Liege"
                )
                for is_here in (True, False)
                for is_ghent in (True, False)
            }
            scheme = self.rules(*[(str(place), rule, None) for place, rule in enumerate(chosen, start=1)])
            for place, lead in leads.items():
                with self.subTest(number=number, place=place):
                    decision = decide(rules[rule](*place) for rule in chosen)
                    details = lead.sdm_segment_details or {}
                    self.assertEqual((details.get("rule"), details.get("open")), (decision.rule, decision.open))
                    self.assertEqual(lead.sdm_segment_id.name, str(decision.rule) if decision.rule else False)
            scheme.is_primary = False

    def test_a_negated_unknown_is_unknown(self):
        lead = self.lead("Near")
        self.rules(("Not a member", "['!', ('customer_rank', '>', 0)]", None))
        self.assertFalse(lead.sdm_segment_id)
        self.assertIn("Customer Rank", lead.sdm_segment_reason)

    def test_a_rule_for_leads_goes_before_that_for_customers(self):
        lead = self.lead("Big", expected_revenue=5000, country_id=self.there.id)
        self.rules(
            ("Large", f"[('country_id', '=', {self.here.id})]", "[('expected_revenue', '>=', 5000)]"),
            ("Others", f"[('country_id', '=', {self.there.id})]", None),
        )
        self.assertEqual(lead.sdm_segment_id.name, "Large")

    def test_a_scheme_by_sales_classes_leads_by_their_rules_alone(self):
        big, small = self.lead("Big", expected_revenue=5000), self.lead("Small", expected_revenue=10)
        self.sold(One=90, Two=10)
        scheme = self.scheme("abc")
        scheme.is_primary = True
        version = scheme.draft_version_id
        self.put_in_force(version)
        self.assertFalse((big | small).sdm_segment_id)
        self.assertEqual(
            big.sdm_segment_reason,
            "Unclassified: “Scheme” tells customers apart by what they bought, and this lead has no customer. Choose "
            "one, or give the classes of the scheme rules for leads.",
        )
        scheme.action_new_version()
        scheme.draft_version_id.line_ids[0].lead_domain = "[('expected_revenue', '>=', 1000)]"
        self.put_in_force(scheme.draft_version_id)
        self.assertEqual((big.sdm_segment_id.name, small.sdm_segment_id.name), ("A", False))

    def test_the_customer_decides_once_there_is_one(self):
        lead = self.lead("Near", country_id=self.here.id)
        customer = self.customer("Far", country_id=self.there.id)
        scheme = self.rules(
            ("Here", f"[('country_id', '=', {self.here.id})]", None),
            ("There", f"[('country_id', '=', {self.there.id})]", None),
        )
        self.assertEqual(lead.sdm_segment_id.name, "Here")
        lead.partner_id = customer
        self.assertEqual(lead.sdm_segment_id.name, "There")
        self.assertEqual(lead.sdm_segment_reason, "Segment of the customer Far.")
        self.run_again(scheme)
        self.assertFalse(lead.sdm_own_segment_id)

    def test_found_grouped_and_exported(self):
        near, far = self.lead("Near", country_id=self.here.id), self.lead("Far", country_id=self.there.id)
        owned = self.deal(self.customer("Owned", country_id=self.here.id))
        scheme = self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None))
        segment = scheme.segment_ids
        Lead = self.env["crm.lead"]
        ours = [("id", "in", (near | far | owned).ids)]
        found = {
            "in it": [("sdm_segment_id", "=", segment.id)],
            "by name": [("sdm_segment_id.name", "=", "Here")],
            "by search": [("sdm_segment_id", "ilike", "her")],
        }
        for how, domain in found.items():
            self.assertEqual(Lead.search([*ours, *domain], order="id"), near | owned, how)
            self.assertEqual((near | far | owned).filtered_domain(domain), near | owned, how)
        for domain in ([("sdm_segment_id", "=", False)], [("sdm_segment_id", "not in", segment.ids)]):
            self.assertEqual(Lead.search([*ours, *domain]), far)
        both = [("sdm_segment_id", "in", [segment.id, False])]
        self.assertEqual(Lead.search_count([*ours, *both]), 3)
        groups = Lead._read_group(ours, ["sdm_segment_id"], ["__count"])
        self.assertEqual(dict(groups), {segment: 2, self.env["sdm.segment"]: 1})
        self.assertTrue(Lead.fields_get(["sdm_segment_id"])["sdm_segment_id"]["groupable"])
        self.assertEqual(near.export_data(["name", "sdm_segment_id"])["datas"], [["Near", "Here"]])

    def test_new_leads_wait_for_the_night_or_for_who_asks(self):
        scheme = self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None))
        early, late = (self.lead(name, country_id=self.here.id) for name in ("Early", "Late"))
        self.assertFalse((early | late).sdm_segment_id)
        action = early.action_explain_sdm_segment()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", early.id))
        self.assertEqual((early.sdm_segment_id.name, late.sdm_segment_id.name), ("Here", False))
        self.run_again(scheme)
        self.assertEqual(late.sdm_segment_id.name, "Here")

    def test_a_second_run_writes_no_lead(self):
        lead = self.lead("Near", country_id=self.here.id)
        scheme = self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None))
        self.env.cr.execute("SELECT xmin::text FROM crm_lead WHERE id = %s", [lead.id])
        before = self.env.cr.fetchall()
        self.run_again(scheme)
        self.env.cr.execute("SELECT xmin::text FROM crm_lead WHERE id = %s", [lead.id])
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_without_a_primary_scheme_nobody_has_a_class(self):
        lead = self.lead("Near", country_id=self.here.id)
        scheme = self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None))
        scheme.is_primary = False
        self.assertFalse(lead.sdm_segment_id)
        self.assertEqual(lead.sdm_segment_reason, "Unclassified: no scheme is shown as the customer's segment.")
        scheme.is_primary = True
        self.assertEqual(lead.sdm_segment_id.name, "Here")
        scheme.active = False
        self.assertFalse(lead.sdm_segment_id)

    def test_leads_of_other_companies_and_out_of_scope_have_none(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        ours, theirs, excluded = (
            self.lead("Ours", country_id=self.here.id),
            self.lead("Theirs", country_id=self.here.id, company_id=sister.id),
            self.lead("Excluded", country_id=self.here.id, city="Omsk"),
        )
        self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None), scope_domain="[('city', '!=', 'Omsk')]")
        self.assertEqual([lead.sdm_segment_id.name for lead in ours | theirs | excluded], ["Here", False, False])

    def test_a_preview_counts_leads(self):
        self.lead("Near", country_id=self.here.id)
        self.lead("Far", country_id=self.there.id)
        scheme = self.env["sdm.scheme"].create({"name": "Own", "method": "rules"})
        version = self.env["sdm.scheme.version"].create({"scheme_id": scheme.id})
        version._add_line("Here", domain=f"[('country_id', '=', {self.here.id})]")
        version._add_line("Known", sequence=20, domain="[('customer_rank', '>', 0)]")
        version.action_preview()
        found = {found["name"]: found["leads"] for found in version.preview["leads"]}
        self.assertEqual((found["Here"], found["Unclassified"] >= 1), (1, True))

    def test_a_strategy_is_shown_on_a_lead_without_a_customer(self):
        lead = self.lead("Near", country_id=self.here.id)
        scheme = self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None))
        strategy = self.env["sdm.strategy"].create(
            {"segment_id": scheme.segment_ids.id, "goal": "win", "offer": "A call today", "user_id": self.env.uid}
        )
        strategy._put_in_force(self.env["sdm.strategy"]._fields["date_from"].today(), "They decide in a day")
        self.assertEqual(lead.sdm_strategy_line, "Win: A call today")

    def test_bad_rules_for_leads_are_refused(self):
        version = self.scheme("abc").draft_version_id
        with self.assertRaisesRegex(ValidationError, "“A” cannot be read as a filter"):
            version.line_ids[0].lead_domain = "[('nonsense', '=', 1)]"
        with self.assertRaisesRegex(ValidationError, "“A”: the rule for leads asks for the segment"):
            version.line_ids[0].lead_domain = "[('sdm_segment_id', '!=', False)]"

    def test_nobody_writes_the_segment_of_a_lead(self):
        lead = self.lead("Near")
        scheme = self.rules(("Here", "[('id', '!=', 0)]", None))
        director = self.persona("director")
        director.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        with self.assertRaises(AccessError):
            lead.with_user(director).write({"sdm_own_segment_id": scheme.segment_ids.id})
        with self.assertRaises(AccessError):
            self.env["crm.lead"].with_user(director).create({"name": "x", "sdm_own_segment_id": scheme.segment_ids.id})

    def test_a_sales_manager_outside_of_sales_drive_searches_by_segment(self):
        lead = self.lead("Near", country_id=self.here.id)
        scheme = self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None))
        manager = new_test_user(
            self.env,
            "sdm_sales_manager",
            "sales_team.group_sale_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        domain = [("sdm_segment_id", "in", scheme.segment_ids.ids)]
        leads = self.env["crm.lead"].with_user(manager)
        self.assertEqual(leads.search(domain), lead)
        self.assertEqual(leads.browse(lead.ids).filtered_domain(domain), lead)
        stranger = new_test_user(self.env, "sdm_salesman", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.env["crm.lead"].with_user(stranger).search(domain)

    def test_classing_takes_as_many_queries_for_few_leads_as_for_many(self):
        self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None))

        def count():
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["crm.lead"]._classify_sdm()
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        self.env["crm.lead"].create([{"name": f"Lead {number}", "country_id": self.here.id} for number in range(40)])
        self.assertLessEqual(count(), few)


@tagged("post_install", "-at_install")
class TestLeadScore(LeadCase, IdealClientCase):
    def test_a_lead_is_scored_by_what_is_known_of_it(self):
        version = self.draft(minimum_completeness=40)
        self.criterion(version, "country_id", 40, {self.here: 100}, other_points=10)
        self.criterion(version, "is_company", 20, {0: 0, 1: 100})
        self.criterion(version, "industry_id", 40, {self.mining: 100})
        near = self.lead("Near", country_id=self.here.id, partner_name="Peeters")
        far = self.lead("Far", country_id=self.there.id)
        unknown = self.lead("Unknown")
        version.scheme_id.is_primary = True
        self.put_in_force(version)
        # Near: 40 and 20 of the 60 known; Far: 4 of 60 = 6.7; of Unknown 20 % are known, 40 are needed
        names = version._get_lines().segment_id.mapped("name")
        self.assertEqual([lead.sdm_segment_id.name for lead in near | far | unknown], [names[0], names[-1], False])
        self.assertEqual(near.sdm_segment_details["score"], 100)
        self.assertIn("60.0", near.sdm_segment_reason)
        self.assertIn("Country", near.sdm_segment_table)


@tagged("post_install", "-at_install")
class TestLeadSegmentRpc(RpcCase, LeadCase):
    def test_a_seller_neither_writes_nor_reads_how_other_leads_were_judged(self):
        seller = new_test_user(
            self.env,
            "sdm_rpc_seller",
            GROUPS["seller"],
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            password="sdm_rpc_seller_password",
        )
        other = self.seller("Other")
        lead = self.lead("Near", country_id=self.here.id, user_id=other.id)
        scheme = self.rules(("Here", f"[('country_id', '=', {self.here.id})]", None))
        self.authenticate(seller.login, "sdm_rpc_seller_password")
        for method, *arguments in (
            ("action_explain_sdm_segment", lead.ids),
            ("read", lead.ids, ["sdm_segment_id"]),
            ("write", lead.ids, {"sdm_own_segment_id": scheme.segment_ids.id}),
        ):
            _result, error = self.call("crm.lead", method, *arguments)
            self.assertEqual(error, "odoo.exceptions.AccessError", method)

"""Rules of one's own with measures over a window, worked out by hand."""

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .segmentation import AS_OF, SegmentationCase
from .test_lead_segment import LeadCase


class RulesCase(SegmentationCase):
    @classmethod
    def draft(cls, *rules, **values):
        """A draft by rules.

        :param rules: (name, what it asks)
        """
        scheme = cls.env["sdm.scheme"].create({"name": "Own", "method": "rules"})
        version = cls.env["sdm.scheme.version"].create({"scheme_id": scheme.id, **values})
        for place, (name, asked) in enumerate(rules):
            version._add_line(name, sequence=place, **asked)
        return version

    def classed(self, *rules, **values):
        version = self.draft(*rules, **values)
        self.put_in_force(version)
        return {customer.name: name for customer, name in self.classes(version.scheme_id).items()}


@tagged("post_install", "-at_install")
class TestSchemeRules(RulesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.large, cls.small, cls.never = cls.customer("Large"), cls.customer("Small"), cls.customer("Never")
        cls.invoice(cls.large, 1000, "2025-06-20")
        cls.invoice(cls.large, 500, "2025-01-10")
        cls.invoice(cls.small, 99.99, "2025-03-01")
        # before the window of twelve months
        cls.invoice(cls.small, 5000, "2024-06-30")
        cls.refunded = cls.customer("Refunded")
        # companies of the database are customers too
        cls.everybody = f"[('id', 'in', {(cls.large | cls.small | cls.never | cls.refunded).ids})]"
        cls.invoice(cls.refunded, 300, "2025-05-01")
        cls.invoice(cls.refunded, 300, "2025-05-02", refund=True)

    def classed(self, *rules, **values):
        return super().classed(*rules, **{"scope_domain": self.everybody, **values})

    def test_amount_from_and_below(self):
        self.assertEqual(
            self.classed(("Big", {"amount_from": 1500}), ("Some", {"amount_from": 0.01, "amount_below": 1500})),
            {"Large": "Big", "Small": "Some"},
        )
        # 1500 is not below 1500; zero is below
        self.assertEqual(
            self.classed(("Little", {"amount_below": 1500})),
            {"Small": "Little", "Never": "Little", "Refunded": "Little"},
        )

    def test_number_of_sales(self):
        self.assertEqual(
            self.classed(("Often", {"orders_from": 2}), ("Once", {"orders_from": 1, "orders_below": 2})),
            # a refund is no sale
            {"Large": "Often", "Small": "Once", "Refunded": "Once"},
        )

    def test_days_since_the_last_sale(self):
        # 10 days for Large, 60 for Refunded, 121 for Small, never for Never
        self.assertEqual(
            self.classed(("Lately", {"silence_below": 11}), ("Silent", {"silence_from": 121})),
            {"Large": "Lately", "Small": "Silent", "Never": "Silent"},
        )
        self.assertEqual(self.classed(("Lately", {"silence_below": 10})), {})

    def test_days_since_the_last_contact(self):
        call = self.env["mail.activity.type"].create({"name": "Call", "res_model": False})
        self.env["sdm.contact.channel"].create({"name": "Calls", "activity_type_ids": [(6, 0, call.ids)]})
        activity = self.large.activity_schedule(activity_type_id=call.id, user_id=self.env.uid)
        activity.action_feedback()
        activity.with_context(active_test=False).date_done = "2025-06-25"
        found = self.classed(("Talked", {"contact_below": 10}), ("Not for long", {"contact_from": 30}))
        self.assertEqual((found["Large"], found["Small"]), ("Talked", "Not for long"))

    def test_a_filter_and_measures_together_by_margin_or_payments(self):
        self.large.city = "Omsk"
        self.assertEqual(
            self.classed(("Omsk", {"domain": "[('city', '=', 'Omsk')]", "amount_from": 100})), {"Large": "Omsk"}
        )
        self.assertEqual(
            self.classed(("Paid", {"amount_from": 1}), measure="payment"), {}, "nothing of the invoices is paid"
        )

    def test_why(self):
        version = self.draft(("Often", {"orders_from": 2, "amount_from": 1000}))
        self.put_in_force(version)
        membership = self.membership(version.scheme_id, self.large)
        self.assertEqual(membership.explanation, "Often: rule 1 is the first that holds.")
        self.assertIn("Amount from 1,000; Sales from 2", membership.explanation_table)
        self.assertIn("06/20/2025", membership.explanation_table)

    def test_overlaps_are_counted_with_measures(self):
        version = self.draft(
            ("All", {"amount_from": 1}), ("Often", {"orders_from": 2}), scope_domain="[('name', '=', 'Large')]"
        )
        version.action_preview()
        self.assertEqual(
            version.preview["warnings"],
            [
                "“Often” can never be reached: rules above it take all 1 customers.",
                "“All” and “Often” share customers: 1. The rule above decides.",
            ],
        )

    def test_what_nobody_can_meet_is_refused(self):
        with self.assertRaisesRegex(UserError, "“Nothing” has no rule"):
            self.draft(("Nothing", {})).action_preview()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.draft(("Less", {"orders_from": -1}))
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestLeadsByMeasures(LeadCase, RulesCase):
    def test_a_lead_bought_nothing_yet(self):
        lead = self.lead("Near", country_id=self.here.id)
        version = self.draft(("Buys", {"amount_from": 1}), ("New", {"orders_below": 1}))
        version.scheme_id.is_primary = True
        version._put_in_force(AS_OF, "Since the test needs it")
        self.env["sdm.segmentation.run"]._start(version, "apply")._run()
        self.assertEqual(lead.sdm_segment_id.name, "New")

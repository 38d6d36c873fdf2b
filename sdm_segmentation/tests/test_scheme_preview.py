"""What a preview draws and counts, worked out by hand."""

from odoo.tests import Form, tagged

from .segmentation import SegmentationCase
from .test_ideal_client import IdealClientCase


class PreviewCase(SegmentationCase):
    def spread(self, version):
        version.action_preview()
        return version.preview["spread"]

    def bars(self, spread):
        """{class: {label of the bar: customers}} without empty bars."""
        return {
            found["name"]: {
                label: customers
                for label, customers in zip(spread["labels"], found["customers"], strict=True)
                if customers
            }
            for found in spread["classes"]
        }


@tagged("post_install", "-at_install")
class TestSpread(PreviewCase, IdealClientCase):
    def test_scores_of_the_ideal_client_with_the_limits(self):
        version = self.draft()
        self.criterion(version, "industry_id", 100, {self.mining: 100, self.food: 57, self.trade: 5})
        for number, industry in enumerate((self.mining, self.food, self.food, self.trade)):
            self.customer(f"Customer {number}", industry_id=industry.id)
        version.line_ids[0].limit, version.line_ids[1].limit = 75, 50
        spread = self.spread(version)
        self.assertEqual(spread["title"], "Customers by score")
        # bars of five points; a score of 100 is in the last one, one of 5 begins the second
        self.assertEqual(self.bars(spread), {"A": {"95": 1}, "B": {"55": 2}, "C": {"5": 1}})
        self.assertEqual(spread["limits"], [{"at": 0.75, "name": "A 75"}, {"at": 0.5, "name": "B 50"}])

    def test_nothing_to_draw(self):
        version = self.draft()
        # nobody's industry is known
        self.criterion(version, "industry_id", 100, {self.mining: 100})
        self.assertEqual(self.spread(version)["empty"], "No customer has such a number yet: nothing to draw.")

    def test_share_of_wallet(self):
        for name, sold, potential in (("Loyal", 90, 100), ("Half", 50, 100), ("Little", 12, 1000)):
            customer = self.sold(**{name: sold})
            self.env["sdm.potential"].create(
                {"partner_id": customer.id, "amount": potential, "company_id": self.company.id}
            )
        version = self.scheme("wallet", value_limit=80).draft_version_id
        spread = self.spread(version)
        # 90, 50 and 1.2 %, high from 50 on
        bars = list(self.bars(spread).values())
        self.assertEqual(sorted(label for found in bars for label in found), ["0", "50", "90"])
        self.assertEqual(spread["limits"], [{"at": 0.5, "name": "50"}])

    def test_sums_of_rfm_scores_have_a_bar_each(self):
        one = self.sold(One=100, Two=10)[0]
        self.invoice(one, 100, "2025-06-20")
        version = self.scheme("rfm").draft_version_id
        with Form(version) as form:
            form.cut_method = "fixed"
            form.recency_cuts = "15; 60; 90; 180"
            form.frequency_cuts = "2; 3; 4; 5"
            form.money_cuts = "50; 100; 150; 1000"
        spread = self.spread(version)
        self.assertEqual(spread["labels"], [str(number) for number in range(3, 16)])
        # One: 10 days ago 5, two sales 1, 200 money 4; Two: 29 days ago 4, one sale 1, 10 money 1
        drawn = [(int(label), count) for found in self.bars(spread).values() for label, count in found.items()]
        self.assertEqual(sorted(drawn), [(6, 1), (10, 1)])
        self.assertEqual(spread["limits"], [])

    def test_variation(self):
        # the same each month of the window is no variation; one month of twelve is sqrt(11) = 331.7 %, beyond the end
        even, uneven = self.customer("Even"), self.customer("Uneven")
        for month in (*[f"2024-{month:02}" for month in range(7, 13)], *[f"2025-{month:02}" for month in range(1, 7)]):
            self.invoice(even, 10, f"{month}-15")
        self.invoice(uneven, 10, "2025-06-15")
        version = self.scheme("xyz").draft_version_id
        last = version.line_ids[-2].limit
        spread = self.spread(version)
        drawn = [label for found in self.bars(spread).values() for label in found]
        self.assertEqual(drawn, ["0", spread["labels"][-1]])
        self.assertEqual(spread["limits"][-1]["at"], 0.5)
        self.assertEqual(spread["limits"][-1]["name"], f"Y {last:.0f}")

    def test_abc_has_its_curve(self):
        self.sold(One=80, Two=20)
        version = self.scheme("abc").draft_version_id
        version.action_preview()
        self.assertEqual(version.preview["curve"], [[0.5, 0.8], [1.0, 1.0]])
        self.assertFalse(version.preview["spread"])

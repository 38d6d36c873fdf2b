from odoo.tests import tagged

from .common import SdmCase


@tagged("post_install", "-at_install")
class TestDiagnosisSellers(SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls.env["hr.employee"].create({"name": "Head", "company_id": cls.company.id})
        cls.job = cls.env["hr.job"].create({"name": "Seller", "company_id": cls.company.id})
        cls.anna = cls.seller("Anna", cls.head, cls.job)
        cls.boris = cls.seller("Boris", cls.head)
        cls.vera = cls.seller("Vera", employee=False)

    def test_win_rate_and_cycle(self):
        self.won("2025-06-30", 10, seller=self.anna, opened="2025-06-10")
        self.won("2025-01-31", 10, seller=self.boris, opened="2025-01-01")
        self.won("2025-01-31", 10, seller=self.boris)
        self.won("2024-06-30", 10, seller=self.boris)
        # entered after the fact: assigned after it was closed, so it has no length
        self.won("2025-01-31", 10, seller=self.boris, opened="2025-02-05")
        self.lost("2025-01-31", seller=self.vera)
        self.lost("2025-01-31")
        figures = self.diagnose()
        self.assertFigure(figures["win_rate"], 4, 6, 4 / 6)
        # 20 and 30 days; the third has no date of assignment
        self.assertFigure(figures["cycle_days"], 2, 2, 25)

    def test_spread_between_sellers(self):
        for seller, won, lost in ((self.anna, 15, 5), (self.boris, 10, 10), (self.vera, 1, 3)):
            for _number in range(won):
                self.won("2025-01-31", 100, seller=seller, opened="2025-01-11")
            for _number in range(lost):
                self.lost("2025-01-31", seller=seller)
        figures = self.diagnose()
        spread = figures["win_rate_spread"]
        self.assertFigure(spread, 2, 2, 0.25)
        self.assertEqual((spread.details["best"], spread.details["worst"]), ("Anna", "Boris"))
        self.assertEqual(spread.value_text, "25 pp")
        # of 20 deals each that is chance, and the sentence says so
        self.assertEqual(spread.level, "fine")
        self.assertIn("as far as chance lets one see: Anna 75.0\xa0%, Boris 50.0\xa0%", spread.sentence)
        self.assertFigure(figures["seller_below_peers"], 0, 2, 0)
        kept = [
            (seller.name, seller.won, seller.lost, seller.win_rate, seller.cycle_days, seller.value)
            for seller in self.diagnosis.seller_ids
        ]
        self.assertEqual(
            kept,
            [
                ("Anna", 15, 5, 0.75, 20, 1500),
                ("Boris", 10, 10, 0.5, 20, 1000),
                ("Vera", 1, 3, 0.25, 20, 100),
            ],
        )
        # the best fifth of three is one: 1500 of 2600
        self.assertFigure(figures["seller_top_share"], 1, 3, 1500 / 2600)

    def test_place_in_the_structure(self):
        self.deal(seller=self.anna)
        self.won("2025-01-31", 10, seller=self.boris)
        self.order(self.customer("Alfa"), "2025-02-01", 10, seller=self.vera)
        figures = self.diagnose()
        self.assertFigure(figures["seller_no_head"], 1, 3, 1 / 3)
        self.assertFigure(figures["seller_no_job"], 2, 3, 2 / 3)
        self.assertFigure(figures["span_of_control"], 1, 1, 2)
        self.assertEqual(figures["span_of_control"].details, {"head": "Head"})

    def test_who_has_no_deals_and_orders_is_no_seller_and_who_left_neither(self):
        self.won("2024-06-30", 10, seller=self.anna)
        self.deal(seller=self.boris)
        self.boris.active = False
        self.assertFigure(self.diagnose()["seller_no_head"], 0, 0, None)

    def test_load_of_open_deals(self):
        for seller, count in ((self.anna, 6), (self.boris, 2)):
            for _number in range(count):
                self.deal(seller=seller)
        # Vera sells without an open deal, and counts
        self.won("2025-01-31", 10, seller=self.vera)
        figure = self.diagnose()["deal_load"]
        self.assertFigure(figure, 3, 3, 3)
        self.assertEqual(figure.details, {"busiest": "Anna", "most": 6, "median": 2.0})
        self.assertEqual(figure.level, "critical")

    def test_who_completes_activities_records_the_work(self):
        deal = self.deal(seller=self.anna)
        self.deal(seller=self.boris)
        for user, day in ((self.anna, "2025-06-01"), (self.boris, "2025-05-31")):
            self.env["mail.activity"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                    "res_id": deal.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                    "user_id": user.id,
                    "active": False,
                    "date_done": day,
                }
            )
        # 30 days up to 30 June begin on 1 June
        self.assertFigure(self.diagnose()["seller_inactive"], 1, 2, 1 / 2)

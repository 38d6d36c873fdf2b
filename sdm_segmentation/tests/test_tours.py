from odoo.tests import HttpCase, tagged

from .common import SdmCase


@tagged("post_install", "-at_install")
class TestTours(HttpCase, SdmCase):
    """From the first screen to a recorded decision, as the director clicks it."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        seller = cls.seller("Anna")
        for number in range(10):
            customer = cls.customer(f"Customer {number}")
            cls.won("2025-01-10", 100 + number, customer, seller)
            cls.deal(customer, seller)

    def test_diagnosis_to_decision_in_english(self):
        self.start_tour("/odoo", "sdm_diagnosis_tour", login=self.director.login)
        self.check_outcome()

    def test_diagnosis_to_decision_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.start_tour("/odoo", "sdm_diagnosis_tour_ru", login=self.director.login)
        self.check_outcome()

    def check_outcome(self):
        second, first = self.env["sdm.diagnosis"].search([("company_id", "=", self.company.id)])
        self.assertEqual((first + second).mapped("state"), ["measured", "measured"])
        self.assertEqual((first + second).user_id, self.director)
        self.assertEqual((first.compared_id.id, second.compared_id), (False, first))
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_segmentation")
        self.assertTrue(step.decided)
        self.assertIn("ABC", step.decision)
        self.assertEqual(second.answer_ids.filtered("value").mapped("value"), ["3", "4", "3"])
        answers = first.answer_ids.filtered("value")
        self.assertEqual(answers.mapped("value"), ["3", "4", "3", "unknown"])
        self.assertEqual((answers.user_id, answers[3].comment), (self.director, "Ask the heads"))

    def transfer(self, tour):
        north, south = (
            self.env["hr.employee"].create({"name": f"Tour {name}", "company_id": self.company.id})
            for name in ("North", "South")
        )
        moved = self.env["hr.employee"].create(
            {"name": "Tour Vera", "company_id": self.company.id, "parent_id": north.id}
        )
        moved.sdm_position_ids.date_from = "2025-01-01"
        self.start_tour("/odoo", tour, login=self.director.login)
        first, second = moved.sdm_position_ids.sorted("date_from")
        self.assertEqual((first.head_id, second.head_id), (north, south))
        self.assertEqual((first.date_to.day, second.date_from.day), (14, 15))
        self.assertEqual(moved.parent_id, south)

    def test_transfer_by_date_in_english(self):
        self.transfer("sdm_transfer_tour")

    def test_transfer_by_date_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.transfer("sdm_transfer_tour_ru")

    def decide_in_the_order_of_projects(self):
        self.env["sdm.roadmap.step"].search([("active", "=", True)]).write({"reason": False, "decision": False})
        self.start_tour("/odoo", "sdm_roadmap_tour", login=self.director.login)
        strategy, segmentation = (
            self.env.ref(f"sdm_segmentation.sdm_roadmap_step_{code}") for code in ("strategy", "segmentation")
        )
        self.assertEqual((strategy.position, segmentation.position), (1, 2))
        self.assertTrue(strategy.decided and not segmentation.decided)
        self.assertIn("pumping stations", strategy.decision)
        self.assertEqual((strategy.decided_by_id, segmentation.user_id), (self.director, self.director))

    def test_roadmap_to_decision_in_english(self):
        self.decide_in_the_order_of_projects()

    def test_roadmap_to_decision_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.decide_in_the_order_of_projects()

    def test_a_seller_reads_the_roadmap(self):
        seller = self.persona("seller")
        self.start_tour("/odoo", "sdm_roadmap_seller_tour", login=seller.login)

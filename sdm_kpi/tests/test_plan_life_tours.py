"""A plan in the browser: made and handed in, committed to by a seller, put in force."""

from odoo.tests import HttpCase, tagged

from odoo.addons.sdm_segmentation.tests.segmentation import InvoicingCase


@tagged("post_install", "-at_install")
class TestPlanLifeTours(HttpCase, InvoicingCase):
    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.seller_user = cls.seller("Tour Seller")
        cls.seller_user.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_user")
        cls.env["sdm.kpi"].search([("code", "=", "revenue")]).name = "Tour revenue"

    def check(self):
        self.start_tour("/odoo", "sdm_plan_tour", login=self.director.login)
        plan = self.env["sdm.plan"].search([("name", "=", "Tour plan")])
        version = plan.version_ids
        self.assertEqual((version.state, version.target_ids.value), ("submitted", 100))
        self.start_tour("/odoo", "sdm_plan_commitment_tour", login=self.seller_user.login)
        given = version.commitment_ids
        self.assertEqual((len(given), given.filtered("value").value), (12, 80))
        self.assertTrue(all(given.mapped("date_given")))
        self.start_tour("/odoo", "sdm_plan_in_force_tour", login=self.director.login)
        self.assertEqual((version.state, version.reason), ("in_force", "It can be done"))
        self.assertTrue(version.target_ids.is_effective)
        self.assertEqual(version.acknowledgement_ids.user_id, self.seller_user)

    def test_plan_to_commitment_in_english(self):
        self.check()

    def test_plan_to_commitment_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        (self.director | self.seller_user).lang = "ru_RU"
        kpi = self.env["sdm.kpi"].search([("code", "=", "revenue")])
        kpi.with_context(lang="ru_RU").name = "Tour revenue"
        self.check()

"""The director makes a KPI, opens its facts down to the documents, and gives one of them a person, in the browser."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.sdm_segmentation.tests.segmentation import InvoicingCase


@tagged("post_install", "-at_install")
class TestTours(HttpCase, InvoicingCase):
    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.director.tz = "UTC"
        cls.env["sdm.kpi"].search([("is_on", "=", True)]).is_on = False
        seller = cls.seller("Tour Seller")
        lately = fields.Date.to_string(fields.Date.today() - timedelta(days=1))
        for name, amount, user in (("Customer", 70, seller), ("Orphan", 30, None)):
            cls.won(lately, amount, cls.customer(f"Tour {name}"), user)

    def check(self):
        self.start_tour("/odoo", "sdm_kpi_tour", login=self.director.login)
        kpi = self.env["sdm.kpi"].search([("name", "=", "Tour deals")])
        self.assertEqual((kpi.code, kpi.is_on), ("tour_deals", True))
        credit = self.env["sdm.credit"].search([("reason", "=", "She sold it")])
        self.assertEqual((credit.employee_id.name, credit.document.partner_id.name), ("Tour Seller", "Tour Orphan"))
        facts = self.env["sdm.kpi.fact"].search([("kpi_id", "=", kpi.id), ("perimeter_id", "=", self.perimeter.id)])
        self.assertEqual(sorted(facts.mapped("value")), [30, 70])

    def test_kpi_to_documents_in_english(self):
        self.check()

    def test_kpi_to_documents_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.check()

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

    def close_and_decide(self):
        """A month is closed, one of its deals changes, and the difference counts in the present month."""
        before = fields.Date.today().replace(day=1) - timedelta(days=2)
        deals = self.env["crm.lead"].search([("company_id", "=", self.company.id)])
        deals.date_closed = self.noon(before.isoformat())
        self.env["sdm.kpi"].search([("code", "=", "won_amount")]).is_on = True
        Run = self.env["sdm.kpi.run"]
        Run._start(self.perimeter, before.replace(day=1))._run()
        self.start_tour("/odoo", "sdm_closing_tour", login=self.director.login)
        period = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("state", "=", "closed")])
        self.assertEqual((period.date, period.closed_by_id), (before.replace(day=1), self.director))
        deals.filtered(lambda deal: deal.expected_revenue == 70).expected_revenue = 90
        Run._start(self.perimeter, before.replace(day=1))._run()
        self.start_tour("/odoo", "sdm_differences_tour", login=self.director.login)
        decision = self.env["sdm.period.restatement"].search([("period_id", "=", period.id)])
        self.assertEqual((decision.kind, decision.reason), ("corrected", "The price was wrong"))

    def test_close_and_decide_in_english(self):
        self.close_and_decide()

    def test_close_and_decide_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.close_and_decide()

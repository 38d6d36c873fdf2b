"""The director tells customers apart in the browser, in both languages."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .segmentation import InvoicingCase


@tagged("post_install", "-at_install")
class TestSchemeTours(HttpCase, InvoicingCase):
    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.director.tz = "UTC"
        lately = fields.Date.to_string(fields.Date.today() - timedelta(days=30))
        for name, amount in (("Large", 60), ("Second", 30), ("Middle", 6), ("Small", 4)):
            cls.invoice(cls.customer(f"Tour {name}"), amount, lately)

    def check(self, tour):
        self.start_tour("/odoo", tour, login=self.director.login)
        scheme = self.env["sdm.scheme"].search([("name", "=", "Tour ABC")])
        override = self.env["sdm.segment.override"].search([("scheme_id", "=", scheme.id)])
        self.assertEqual((override.partner_id.name, override.segment_id.name), ("Tour Middle", "A"))
        self.assertEqual(override.user_id, self.director)
        self.assertTrue(scheme.is_primary)
        self.assertEqual(override.partner_id.sdm_segment_id.name, "A")
        self.assertEqual(self.env["res.partner"].search([("name", "=", "Tour Small")]).sdm_segment_id.name, "C")

    def test_scheme_to_override_in_english(self):
        self.check("sdm_scheme_tour")

    def test_scheme_to_override_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.check("sdm_scheme_tour_ru")

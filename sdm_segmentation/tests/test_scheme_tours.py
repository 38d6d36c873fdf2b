"""The director tells customers apart in the browser, in both languages."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .segmentation import InvoicingCase, SegmentationTools


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


@tagged("post_install", "-at_install")
class TestStrategyTours(HttpCase, SegmentationTools):
    """A strategy, the policies of the nine boxes, and who gets the leads; undone again."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.director.write({"tz": "UTC", "name": "Tour Leader"})
        cls.env["crm.team"].search([("active", "=", True)]).assignment_optout = True
        cls.team = cls.env["crm.team"].create({"name": "Tour team", "company_id": cls.company.id, "use_leads": True})
        cls.env["crm.team.member"].create({"user_id": cls.director.id, "crm_team_id": cls.team.id})
        even = cls.customer("Tour Even")
        today = fields.Date.today()
        for months in range(13):
            cls.invoice(even, 100, fields.Date.to_string(today - relativedelta(months=months)))
        abc, xyz = cls.in_force("abc", name="Tour ABC", is_primary=True), cls.in_force("xyz", name="Tour XYZ")
        boxes = cls.scheme("matrix", name="Tour boxes")
        boxes.draft_version_id.write({"row_scheme_id": abc.id, "column_scheme_id": xyz.id})
        boxes.draft_version_id.action_fill_boxes()
        cls.put_in_force(boxes.draft_version_id)
        cls.boxes, cls.first = boxes, abc.segment_ids[0]

    def check(self):
        self.start_tour("/odoo", "sdm_strategy_tour", login=self.director.login)
        strategy = self.first.strategy_id
        self.assertEqual((strategy.offer, strategy.user_id), ("A part within four hours", self.director))
        self.assertTrue(all(self.boxes.segment_ids.mapped("policy")))
        routing = self.env["sdm.lead.routing"].search([("perimeter_id", "=", self.perimeter.id)])
        self.assertEqual((routing.state, routing.reason), ("replaced", "Large ones waited for days"))
        self.assertFalse(self.team.assignment_domain)

    def test_strategy_to_leads_in_english(self):
        self.check()

    def test_strategy_to_leads_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.check()

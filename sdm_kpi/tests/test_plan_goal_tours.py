"""The director makes the plan of the year to come in the browser, from the goal to the written targets."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.sdm_segmentation.tests.segmentation import InvoicingCase


@tagged("post_install", "-at_install")
class TestPlanGoalTours(HttpCase, InvoicingCase):
    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.director.tz = "UTC"
        cls.env["sdm.plan"].search([("active", "=", True)]).active = False
        cls.env["sdm.kpi"].search([("is_on", "=", True)]).is_on = False
        cls.kpi = cls.env["sdm.kpi"].search([("code", "=", "revenue")])
        cls.kpi.is_on = True
        seller = cls.seller("Tour Seller")
        month = fields.Date.subtract(fields.Date.today().replace(day=1), months=2)
        cls.won(fields.Date.to_string(month), 100, cls.customer("Tour Customer"), seller)
        cls.env["sdm.kpi.run"]._start(cls.perimeter, month, month)._run()
        cls.plan = cls.env["sdm.plan"].create(
            {
                "name": "Tour plan",
                "perimeter_id": cls.perimeter.id,
                "date_from": fields.Date.add(fields.Date.today(), years=1).replace(month=1, day=1),
            }
        )

    def check(self):
        self.start_tour("/odoo", "sdm_plan_goal_tour", login=self.director.login)
        targets = self.plan.version_ids.target_ids.filtered(lambda target: target.kpi_id == self.kpi)
        self.assertEqual(sum(targets.mapped("value")), 120)
        self.assertEqual(targets.employee_id.name, "Tour Seller")
        self.assertEqual(targets.filtered(lambda target: target.date.month == 1).value, 60)

    def test_the_plan_in_english(self):
        self.check()

    def test_the_plan_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.check()

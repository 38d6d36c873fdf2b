"""A seller looks at the own plan on a phone, a head at that of a person and at the group, in both languages."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.sdm_segmentation.tests.segmentation import InvoicingCase


@tagged("post_install", "-at_install")
class TestPlanTours(HttpCase, InvoicingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Kpi = cls.env["sdm.kpi"]
        Kpi.search([("is_on", "=", True)]).is_on = False
        won_amount = Kpi.search([("code", "=", "won_amount")])
        won_amount.is_on = True
        cls.head = cls.seller("Tour Head")
        cls.anna = cls.seller("Tour Seller", head=cls.head.employee_id)
        cls.head.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_manager")
        cls.anna.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_user")
        (cls.head | cls.anna).tz = "UTC"
        today = fields.Date.today()
        month = today.replace(day=1)
        customer = cls.customer("Tour Customer", cls.anna)
        cls.won(fields.Date.to_string(today), 100, customer, cls.anna, name="Tour deal")
        cls.won(fields.Date.to_string(today), 0, customer, cls.anna, name="Tour forgotten")
        plan = cls.env["sdm.plan"].create({"perimeter_id": cls.perimeter.id, "date_from": month.replace(month=1)})
        version = cls.env["sdm.plan.version"].create({"plan_id": plan.id})
        cls.env["sdm.plan.target"].create(
            {
                "version_id": version.id,
                "kpi_id": won_amount.id,
                "date": month,
                "employee_id": cls.anna.employee_id.id,
                "head_id": cls.head.employee_id.id,
                "value": 400,
            }
        )
        version._put_in_force(today, "Agreed")
        cls.env["sdm.kpi.run"]._start(cls.perimeter, month, month)._run()

    def run_tour(self, url, tour, user, size="1366x900"):
        self.browser_size = size
        self.touch_enabled = size != "1366x900"
        self.start_tour(url, tour, login=user.login)

    def look(self):
        self.run_tour("/odoo/sdm-my-plan", "sdm_my_plan_tour", self.anna, "390x844")
        self.run_tour("/odoo", "sdm_my_plan_head_tour", self.head)
        self.run_tour("/odoo", "sdm_scorecard_tour", self.head)

    def test_plans_in_english(self):
        self.look()

    def test_plans_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        (self.head | self.anna).lang = "ru_RU"
        self.look()

"""The whole way through the addon in the browser: from the plan to the closed month, and from credit to accounting."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.sdm_segmentation.tests.segmentation import InvoicingCase


@tagged("post_install", "-at_install")
class TestChainTours(HttpCase, InvoicingCase):
    """Revenue is by invoices, which a seller and nobody have."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.anna = cls.seller("Tour Seller")
        cls.anna.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_user")
        (cls.director | cls.anna).tz = "UTC"
        cls.env["sdm.plan"].search([("active", "=", True)]).active = False
        cls.env["sdm.kpi"].search([("is_on", "=", True)]).is_on = False
        cls.revenue = cls.env["sdm.kpi"].search([("code", "=", "revenue")])
        cls.revenue.is_on = True
        cls.today = fields.Date.today()
        cls.month = cls.today.replace(day=1)
        cls.before = cls.month - timedelta(days=1)

    @classmethod
    def sold(cls, name, amount, day, user=None):
        """A posted invoice, of nobody where no user is given."""
        move = cls.invoice(cls.customer(name), amount, fields.Date.to_string(day))
        move.invoice_user_id = user
        return move

    def in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        (self.director | self.anna).lang = "ru_RU"

    def run_tour(self, tour, user, url="/odoo", size="1366x900"):
        self.browser_size = size
        self.touch_enabled = size != "1366x900"
        self.start_tour(url, tour, login=user.login)

    def plan_and_close(self):
        self.sold("Tour Former", 100, self.before, self.anna)
        self.sold("Tour Customer", 90, self.today, self.anna)
        self.env["sdm.kpi.run"]._start(self.perimeter, self.before.replace(day=1))._run()
        plan = self.env["sdm.plan"].create(
            {"name": "Tour plan", "perimeter_id": self.perimeter.id, "date_from": self.month}
        )
        self.run_tour("sdm_chain_plan_tour", self.director)
        version = plan.version_ids
        self.assertEqual((version.state, version.reason), ("in_force", "It can be done"))
        target = version.target_ids.filtered(lambda target: target.date == self.month and target.employee_id)
        self.assertEqual((target.value, target.is_effective), (80, True))
        self.run_tour("sdm_chain_my_plan_tour", self.anna, "/odoo/sdm-my-plan", "390x844")
        self.run_tour("sdm_chain_close_tour", self.director)
        closed = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("state", "=", "closed")])
        self.assertEqual((closed.date, closed.closed_by_id), (self.before.replace(day=1), self.director))

    def test_from_the_plan_to_the_closed_month_in_english(self):
        self.plan_and_close()

    def test_from_the_plan_to_the_closed_month_in_russian(self):
        self.in_russian()
        self.plan_and_close()

    def credit_and_reconcile(self):
        self.sold("Tour Customer", 70, self.today, self.anna)
        orphan = self.sold("Tour Orphan", 30, self.today)
        self.env["sdm.kpi.run"]._start(self.perimeter, self.month)._run()
        self.run_tour("sdm_chain_credit_tour", self.director)
        given = self.env["sdm.credit"].search([("reason", "=", "She sold it")])
        self.assertEqual((given.document, given.employee_id), (orphan, self.anna.employee_id))
        rows = self.env["sdm.kpi.report"]._read_group(
            [("kpi_id", "=", self.revenue.id), ("perimeter_id", "=", self.perimeter.id)],
            ["employee_id"],
            ["value:sum"],
        )
        self.assertEqual(rows, [(self.anna.employee_id, 100)])
        total = self.env["sdm.control.total"].search([("perimeter_id", "=", self.perimeter.id)])
        self.assertEqual((total.date, total.amount, total.note), (self.month, 70, "totals.csv"))

    def test_from_credit_to_the_accounting_in_english(self):
        self.credit_and_reconcile()

    def test_from_credit_to_the_accounting_in_russian(self):
        self.in_russian()
        self.credit_and_reconcile()

"""Cases in which facts are easily wrong, each by itself: see also the tests of facts, credit and sources."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import FIRST, KpiCase


@tagged("post_install", "-at_install")
class TestExactness(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north, cls.south = cls.team("North"), cls.team("South")
        cls.head = cls.worker("Head")
        cls.anna = cls.worker("Anna", cls.head, cls.north)
        cls.boris = cls.worker("Boris", cls.head, cls.south)
        cls.acme, cls.bolt = cls.customer("Acme"), cls.customer("Bolt")
        cls.pump = cls.in_category("Pumps")

    def test_the_last_half_hour_of_a_month_belongs_to_it(self):
        """23:30 in Moscow on the 31st of March is 20:30 UTC; half past midnight is the next month, 21:30 UTC."""
        self.company.resource_calendar_id.tz = "Europe/Moscow"
        self.switch_on("order_amount", "won_amount")
        for value, moment in ((10, "2025-03-31 20:30:00"), (7, "2025-03-31 21:30:00")):
            self.won("2025-03-31", value, seller=self.anna).date_closed = fields.Datetime.to_datetime(moment)
            self.order(self.acme, "2025-03-31", value).date_order = fields.Datetime.to_datetime(moment)
        self.refresh()
        for code in ("order_amount", "won_amount"):
            self.assertEqual(self.values(code, "date:month"), {"2025-03": 10, "2025-04": 7}, code)

    def test_who_has_nothing_has_no_row_and_no_old_value(self):
        """Where nothing is divided, a ratio is no value, and what was there before is gone."""
        self.switch_on("won_deals", "win_rate")
        deal = self.won("2025-03-10", 10, seller=self.anna)
        self.lost("2025-03-10", seller=self.boris)
        self.refresh()
        self.assertEqual(self.values("won_deals", "employee_id"), {"Anna": 1})
        self.assertEqual(self.values("win_rate", "employee_id"), {"Anna": 100, "Boris": 0})
        deal.unlink()
        self.refresh()
        self.assertEqual(self.values("won_deals", "employee_id"), {})
        self.assertEqual(self.values("win_rate", "employee_id"), {"Boris": 0})

    def test_a_hand_over_parts_what_has_no_salesperson(self):
        """Up to the 14th of March Acme was Anna's, from the 15th on it is Boris'; the group stays the same."""
        self.switch_on("order_amount")
        self.owned(self.acme, self.anna, end="2025-03-14")
        self.owned(self.acme, self.boris, start="2025-03-15")
        for day, value in (("2025-03-14", 10), ("2025-03-15", 7)):
            self.order(self.acme, day, value)
        # whose name is on the order sold it, whoever owns the customer by then
        self.order(self.acme, "2025-03-20", 5, seller=self.anna)
        self.refresh()
        self.assertEqual(self.values("order_amount", "employee_id"), {"Anna": 15, "Boris": 7})
        self.assertEqual(self.values("order_amount", "head_id"), {"Head": 22})

    def test_an_owner_without_a_user_has_results(self):
        card = self.env["hr.employee"].create({"name": "Trader", "company_id": self.company.id})
        self.env["sdm.ownership"].create(
            {"partner_id": self.acme.id, "employee_id": card.id, "share": 1, "date_from": "2024-01-01"}
        )
        self.switch_on("order_amount")
        self.order(self.acme, "2025-03-14", 10)
        self.refresh()
        self.assertEqual(self.values("order_amount", "employee_id"), {"Trader": 10})

    def test_an_archived_team_keeps_its_history(self):
        self.switch_on("won_amount")
        self.won("2025-03-10", 10, seller=self.anna)
        self.won("2025-03-10", 5, team_id=self.south.id)
        (self.north + self.south).active = False
        self.refresh()
        rows = self.env["sdm.kpi.report"]._read_group([("kpi_id.code", "=", "won_amount")], ["team_id"], ["value:sum"])
        self.assertEqual(dict(rows), {self.north: 10, self.south: 5})

    def test_a_month_of_refunds_is_below_zero(self):
        self.switch_on("revenue", "average_invoice")
        self.bill(self.acme, "2025-03-03", [(self.pump, 1, 50)], self.anna, refund=True)
        self.refresh()
        self.assertEqual(self.values("revenue", "employee_id"), {"Anna": -50})
        # no invoice to divide by
        self.assertFalse(self.values("average_invoice"))

    def test_a_deal_is_in_the_pipeline_or_won_and_never_both(self):
        self.switch_on("weighted_pipeline", "won_amount")
        forecast = self.env["sdm.kpi"].create(
            {"name": "Forecast", "kind": "formula", "formula": "won_amount + weighted_pipeline", "is_on": True}
        )
        deal = self.deal(self.acme, self.anna, "2025-05-10", expected_revenue=100)
        deal.probability = 40
        self.entered(deal, "2025-05-10")
        self.refresh()
        self.assertEqual(self.values(forecast.code, "date:month"), {"2025-05": 40, "2025-06": 40})
        deal.write({"stage_id": self.stage_won.id, "date_closed": self.noon("2025-06-20")})
        self.refresh()
        # in May it was open, at what is its probability now
        self.assertEqual(self.values(forecast.code, "date:month"), {"2025-05": 100, "2025-06": 100})
        self.assertEqual(self.values("weighted_pipeline", domain=[("date", "=", "2025-06-01")]), 0)

    def test_people_of_a_customer_are_the_customer(self):
        """Orders of two contacts of one company are of one customer; so is a subsidiary's own contact."""
        self.switch_on("order_customers")
        for name in ("Buyer", "Director"):
            self.order(self.env["res.partner"].create({"name": name, "parent_id": self.acme.id}), "2025-03-10", 10)
        self.order(self.bolt, "2025-03-10", 10)
        self.refresh()
        self.assertEqual(self.values("order_customers"), 2)

    def test_a_holding_is_new_once_where_the_scheme_judges_holdings(self):
        """Acme bought in January, its sister in March: a new customer in March only where each is judged by itself."""
        group = self.env["sdm.customer.group"].create({"name": "Holding"})
        sister = self.customer("Sister")
        (self.acme + sister).sdm_customer_group_id = group
        self.switch_on("new_customers")
        self.order(self.acme, "2025-01-10", 10)
        self.order(sister, "2025-03-10", 10)
        scheme = self.env["sdm.scheme"].create(
            {"name": "S", "is_primary": True, "perimeter_id": self.perimeter.id, "level": "partner"}
        )
        for level, expected in (("partner", {"2025-01": 1, "2025-03": 1}), ("group", {"2025-01": 1})):
            scheme.level = level
            self.refresh()
            self.assertEqual(self.values("new_customers", "date:month"), expected, level)

    def test_one_seller_in_two_companies_of_a_perimeter(self):
        """Anna sells in both; the other company counts in its own money, four to one, and sells 30 to the first."""
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.env.ref("base.CHF").id})
        self.perimeter.company_ids |= other
        self.env.user.company_ids |= other
        Rate = self.env["res.currency.rate"]
        Rate.search([("currency_id", "=", other.currency_id.id)]).unlink()
        Rate.create({"name": "2025-01-01", "rate": 4, "currency_id": other.currency_id.id, "company_id": False})
        self.anna.company_ids |= other
        self.env["hr.employee"].create({"name": "Anna", "user_id": self.anna.id, "company_id": other.id})
        self.switch_on("won_amount", "won_customers", "average_deal")
        self.won("2025-03-10", 10, self.acme, self.anna)
        for customer, value in ((self.acme, 40), (self.bolt, 80), (self.company.partner_id, 30)):
            self.won("2025-03-10", value, customer, self.anna, company_id=other.id)
        self.refresh()
        self.assertEqual(self.values("won_amount", "employee_id"), {"Anna": 40})
        self.assertEqual(self.values("won_amount", "company_id"), {"Test Trade": 10, "Other": 30})
        self.assertEqual((self.values("won_customers"), self.values("average_deal")), (2, 40 / 3))
        [card] = self.env["sdm.kpi.report"].search([("kpi_id.code", "=", "won_amount")]).employee_id
        self.assertEqual(card.company_id, self.perimeter._get_main_company())

    def test_a_company_that_left_the_perimeter_takes_its_facts_along(self):
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.company.currency_id.id})
        self.env.user.write({"company_ids": [Command.link(other.id)]})
        self.perimeter.company_ids |= other
        self.anna.company_ids |= other
        self.switch_on("won_amount")
        self.won(FIRST.replace(day=5).isoformat(), 10, self.acme, self.anna, company_id=other.id)
        self.refresh()
        self.assertEqual(self.values("won_amount"), 10)
        self.perimeter.company_ids -= other
        self.refresh()
        self.assertFalse(self.values("won_amount"))

"""A head's scorecard by hand: people, the own plan apart, the index, forecasts, and what makes the gap."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from .plan import PlanCase


class ScorecardCase(PlanCase):
    """Today is Monday, 16 June 2025: 10 of 21 working days are over. Carl is in no group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2025-06-16"))
        cls.switch_on("won_amount", "won_deals")
        for user, amount in ((cls.anna, 100), (cls.boris, 50), (cls.head, 30), (cls.carl, 7)):
            cls.won("2025-06-10", amount, cls.acme, user)
            cls.target("won_amount", 210, user)
        cls.target("won_deals", 4.2, cls.anna)
        cls.target("won_amount", 42, head=cls.head)
        cls.refresh()

    def card(self, user, *arguments):
        return self.env["sdm.scorecard"].with_user(user).get_scorecard(*arguments)

    def amounts(self, card):
        kpi = self.kpi("won_amount").id
        return {row["name"]: (row["cells"][kpi]["value"], row["cells"][kpi]["target"]) for row in card["rows"]}


@tagged("post_install", "-at_install")
class TestScorecard(ScorecardCase):
    def test_people_of_the_group_and_the_own_plan_apart(self):
        card = self.card(self.head)
        kpi = self.kpi("won_amount").id
        self.assertEqual([column["code"] for column in card["kpis"]], ["won_deals", "won_amount"])
        self.assertEqual(self.amounts(card), {"Anna": (100, 210), "Boris": (50, 210)})
        own = card["own"]["cells"][kpi]
        self.assertEqual((card["own"]["name"], own["value"], own["target"]), ("Head", 30, 210))
        total = card["total"]["cells"][kpi]
        self.assertEqual((total["value"], total["target"]), (150, 462), "with what nobody of the group has yet")
        self.assertFalse(card["nobody"])

    def test_the_index_by_weights_within_cap(self):
        """Anna: amounts at 100 % of the pace, deals at 1 of 2: half. With weights 3 and 1 that is 87.5 %."""
        self.kpi("won_amount").weight = 3
        card = self.card(self.head)
        rows = {row["name"]: row for row in card["rows"]}
        self.assertAlmostEqual(rows["Anna"]["index"], 0.875)
        self.assertEqual(rows["Anna"]["band"], "danger")
        self.assertAlmostEqual(rows["Boris"]["index"], 0.5, msg="deals without a plan leave their weight to amounts")
        self.assertEqual([row["name"] for row in card["rows"]], ["Anna", "Boris"], "best first")
        self.kpi("won_amount").cap = 0.5
        rows = {row["name"]: row for row in self.card(self.head)["rows"]}
        self.assertAlmostEqual(rows["Anna"]["index"], 0.5)

    def test_the_director_sees_the_company_and_what_nobody_has(self):
        self.won("2025-06-10", 5, self.acme)
        self.refresh()
        card = self.card(self.director)
        kpi = self.kpi("won_amount").id
        self.assertEqual(
            self.amounts(card), {"Anna": (100, 210), "Boris": (50, 210), "Head": (30, 210), "Carl": (7, 210)}
        )
        self.assertEqual(card["total"]["cells"][kpi]["value"], 192)
        self.assertEqual(card["nobody"]["cells"][kpi]["value"], 5)
        self.assertEqual([head["name"] for head in card["heads"]], ["Head"])
        of_head = self.card(self.director, None, self.head.employee_id.id)
        self.assertEqual(self.amounts(of_head), {"Anna": (100, 210), "Boris": (50, 210)})

    def test_who_may_look(self):
        for user in (self.anna, self.persona("payroll")):
            with self.assertRaises(AccessError):
                self.card(user)
        with self.assertRaises(AccessError):
            self.card(self.head, None, self.carl.employee_id.id)

    def test_where_the_month_ends(self):
        """150 in 10 of 21 days: 315. An open deal of 40 at half adds 20 to the fact; overdue and later ones do not."""
        for day, amount in (("2025-06-25", 40), ("2025-06-01", 1000), ("2025-07-02", 1000)):
            deal = self.deal(self.acme, self.anna, "2025-06-01", expected_revenue=amount, date_deadline=day)
            deal.probability = 50
        self.env["sdm.kpi.forecast"].with_user(self.head).create(
            {"kpi_id": self.kpi("won_amount").id, "date": "2025-06-01", "commit": 300, "best": 500}
        )
        outlook = self.env["sdm.scorecard"].with_user(self.head).get_outlook()
        ways = {row["code"]: row["ways"] for row in outlook["forecasts"]}["won_amount"]
        found = {way: result and round(result["value"], 2) for way, result in ways.items()}
        self.assertEqual(found, {"run_rate": 315, "seasonal": None, "pipeline": 170, "commit": 300, "best": 500})
        self.assertEqual((ways["best"]["band"], ways["commit"]["band"]), ("success", "danger"))
        self.assertIn("leaves out: 1, by probability", outlook["left_out"])
        self.assertIn("500.00", outlook["left_out"])

    def outlook(self, period, user=None):
        rows = self.env["sdm.scorecard"].with_user(user or self.head).get_outlook(None, None, period)["forecasts"]
        [row] = [row for row in rows if row["code"] == "won_amount"]
        return row, {way: found and round(found["value"], 2) for way, found in row["ways"].items()}

    def test_where_the_quarter_and_the_year_end(self):
        """60 came in April: 210 in 54 of the 65 working days of the quarter, in 118 of the 261 of the year."""
        self.won("2025-04-10", 60, self.acme, self.anna)
        self.target("won_amount", 100, self.anna, "2025-04-01")
        self.refresh()
        for day, amount in (("2025-06-25", 40), ("2025-07-02", 1000)):
            deal = self.deal(self.acme, self.anna, "2025-06-01", expected_revenue=amount, date_deadline=day)
            deal.probability = 50
        Forecast = self.env["sdm.kpi.forecast"].with_user(self.head)
        Forecast.create({"kpi_id": self.kpi("won_amount").id, "date": "2025-06-01", "commit": 300, "best": 500})
        row, ways = self.outlook("quarter")
        self.assertEqual((row["value"], row["target"]), ("210", "562"))
        self.assertEqual(ways, {"run_rate": 252.78, "seasonal": None, "pipeline": 230, "commit": 360, "best": 560})
        row, ways = self.outlook("year")
        self.assertEqual((row["value"], row["target"]), ("210", "562"))
        # nobody has said what to expect of July and later
        self.assertEqual(ways, {"run_rate": 464.49, "seasonal": None, "pipeline": 730, "commit": None, "best": None})

    def test_a_year_by_the_season(self):
        """The year before had 10 a month and 30 in December; 15 a month since make 15 * 7 and 45 of the rest."""
        for month in range(1, 13):
            self.won(f"2024-{month:02}-10", 30 if month == 12 else 10, self.acme, self.anna)
        for month in range(1, 6):
            self.won(f"2025-{month:02}-10", 15, self.acme, self.anna)
        self.refresh(fields.Date.to_date("2024-01-01"))
        _row, month = self.outlook("month")
        _row, year = self.outlook("year")
        self.assertEqual(month["seasonal"], 15)
        self.assertEqual(year["seasonal"], 75 + 15 * 6 + 45)

    def test_what_makes_the_gap_sums_exactly(self):
        """By day 10 of 21 of 630 planned 300 are due. Last June: 1 customer, 2 orders of 50; now 2, 1 each, of 60."""
        self.switch_on("revenue")
        pump = self.in_category("Pumps")
        for day, customer, price in (
            ("2024-06-03", self.acme, 50),
            ("2024-06-04", self.acme, 50),
            ("2025-06-03", self.acme, 60),
            ("2025-06-04", self.bolt, 60),
        ):
            self.bill(customer, day, [(pump, 1, price)], self.anna)
        self.refresh()
        self.target("revenue", 630, self.anna)
        drivers = self.env["sdm.scorecard"].with_user(self.head).get_outlook()["drivers"]
        self.assertEqual((drivers["fact"], drivers["target"], drivers["gap"]), ("120", "300", "-180"))
        parts = {part["name"]: part for part in drivers["parts"]}
        self.assertEqual(
            {name: part["actual"] for name, part in parts.items()},
            {"customers": "2.0", "orders": "1.00", "amount": "60"},
        )
        self.assertEqual(
            {name: part["needed"] for name, part in parts.items()},
            {"customers": "3.0", "orders": "2.00", "amount": "50"},
        )
        self.assertEqual(sum(part["value"] for part in parts.values()), -180)
        # customers: -1 * (2*50/3 + (2*60 + 1*50)/6 + 1*60/3) = -81.67, orders: -1 * (50*3/3 + (2*50+3*60)/6 + 2*60/3)
        # = -136.67, amount: 10 * (3*2/3 + (2*2 + 3*1)/6 + 2*1/3) = 38.33; of thirds the first one
        self.assertEqual(
            {name: part["value"] for name, part in parts.items()},
            {
                "customers": -81,
                "orders": -137,
                "amount": 38,
            },
        )

    def test_what_makes_the_gap_with_a_correction(self):
        """As above, and 40 of May, which is closed, count in June: 160 beside 300."""
        self.switch_on("revenue")
        pump = self.in_category("Pumps")
        for day, customer, price in (
            ("2024-06-03", self.acme, 50),
            ("2024-06-04", self.acme, 50),
            ("2025-06-03", self.acme, 60),
            ("2025-06-04", self.bolt, 60),
        ):
            self.bill(customer, day, [(pump, 1, price)], self.anna)
        self.refresh()
        may = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", "2025-05-01")])
        may.with_user(self.director)._close(False)
        self.bill(self.acme, "2025-05-20", [(pump, 1, 40)], self.anna)
        self.refresh()
        late = self.env["sdm.period.difference"].search([("period_id", "=", may.id)])
        action = late.with_user(self.director).action_decide()
        wizard = self.env["sdm.period.restate"].with_user(self.director).browse(action["res_id"])
        wizard.write({"kind": "corrected", "reason": "Posted late"})
        wizard.action_apply()
        self.target("revenue", 630, self.anna)
        drivers = self.env["sdm.scorecard"].with_user(self.head).get_outlook()["drivers"]
        self.assertEqual((drivers["fact"], drivers["target"], drivers["gap"]), ("160", "300", "-140"))
        self.assertEqual(
            [(part["name"], part["actual"], part["needed"], part["value"]) for part in drivers["parts"]],
            [
                ("customers", "2.0", "3.0", -81),
                ("orders", "1.00", "2.00", -137),
                ("amount", "60", "50", 38),
                ("corrections", "", "", 40),
            ],
        )

    def test_from_a_number_to_its_facts(self):
        action = self.env["sdm.scorecard"].with_user(self.head).open_facts(self.kpi("won_amount").id, "2025-06-01")
        rows = self.env["sdm.kpi.report"].with_user(self.head).search(action["domain"])
        self.assertEqual(sum(rows.filtered(lambda row: not row.is_target).mapped("value")), 150)

    def test_forecasts_of_others(self):
        Forecast = self.env["sdm.kpi.forecast"]
        values = {"kpi_id": self.kpi("won_amount").id, "date": "2025-06-01", "commit": 1, "best": 1}
        with self.assertRaises(AccessError):
            Forecast.with_user(self.head).create({**values, "head_id": self.carl.employee_id.id})
        with self.assertRaises(AccessError):
            Forecast.with_user(self.anna).create(values)
        with self.assertRaises(AccessError):
            Forecast.with_user(self.persona("auditor")).create(values)
        company = Forecast.with_user(self.director).create({**values, "head_id": False})
        self.assertFalse(Forecast.with_user(self.head).search([("id", "=", company.id)]))

    def test_two_hundred_people_open_with_thirty_queries_at_most(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.card(self.head)
            return self.env.cr.sql_log_count - before

        employees = self.env["hr.employee"].create(
            [{"name": f"More {number}", "company_id": self.company.id} for number in range(200)]
        )
        positions = self.env["sdm.position"].search([("employee_id", "in", employees.ids)])
        positions.unlink()
        self.env["sdm.position"].create(
            [
                {"employee_id": card.id, "head_id": self.head.employee_id.id, "date_from": "2024-01-01"}
                for card in employees
            ]
        )
        self.env["sdm.plan.target"].create(
            [
                {
                    "version_id": self.version.id,
                    "is_effective": True,
                    "kpi_id": self.kpi("won_amount").id,
                    "date": "2025-06-01",
                    "employee_id": card.id,
                    "head_id": self.head.employee_id.id,
                    "value": 5,
                }
                for card in employees
            ]
        )
        self.assertEqual(len(self.card(self.head)["rows"]), 202)
        self.assertLessEqual(count(), 30)


@tagged("post_install", "-at_install")
class TestScorecardRpc(RpcCase, ScorecardCase):
    def test_a_seller_gets_no_scorecard_over_the_wire(self):
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")
        for method, arguments in (
            ("get_scorecard", ()),
            ("get_outlook", ()),
            ("open_facts", (self.kpi("won_amount").id, "2025-06-01")),
        ):
            _result, error = self.call("sdm.scorecard", method, *arguments)
            self.assertEqual(error, "odoo.exceptions.AccessError", method)
        _rows, error = self.call("sdm.kpi.forecast", "search_read", [], ["commit"])
        self.assertEqual(error, "odoo.exceptions.AccessError")

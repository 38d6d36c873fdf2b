from odoo import fields
from odoo.tests import tagged

from .common import KpiCase


@tagged("post_install", "-at_install")
class TestFacts(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north, cls.south = cls.team("North"), cls.team("South")
        cls.head = cls.worker("Head")
        cls.anna = cls.worker("Anna", cls.head, cls.north)
        cls.boris = cls.worker("Boris", cls.head, cls.south)
        cls.acme, cls.bolt = cls.customer("Acme"), cls.customer("Bolt")
        cls.pump, cls.part = cls.in_category("Pumps"), cls.in_category("Parts")

    def test_a_ratio_is_that_of_the_sums(self):
        """Anna wins 1 of 2, Boris 1 of 4: together 2 of 6, not the mean of 50 and 25 %."""
        self.switch_on("win_rate")
        self.won("2025-03-10", 10, seller=self.anna)
        self.lost("2025-03-10", seller=self.anna)
        self.won("2025-03-10", 10, seller=self.boris)
        for _number in range(3):
            self.lost("2025-04-10", seller=self.boris)
        self.refresh()
        self.assertEqual(self.values("win_rate", "employee_id"), {"Anna": 50, "Boris": 25})
        self.assertAlmostEqual(self.values("win_rate"), 100 / 3)
        self.assertEqual(self.values("win_rate", "date:month"), {"2025-03": 200 / 3, "2025-04": 0})

    def test_nothing_to_divide_by_is_no_value(self):
        self.switch_on("average_deal", "won_amount")
        self.deal(self.acme, self.anna)
        self.refresh()
        self.assertEqual(self.values("average_deal", "employee_id"), {})
        self.switch_on("pipeline_coverage")
        self.entered(self.deal(self.acme, self.anna, "2025-05-10", expected_revenue=70), "2025-05-10")
        self.refresh()
        # nothing was won by what the pipeline could be divided
        self.assertEqual(self.values("pipeline_coverage", "date:month"), {"2025-05": False, "2025-06": False})

    def test_a_customer_of_two_sellers_and_months_is_one(self):
        self.switch_on("active_customers")
        self.bill(self.acme, "2025-02-03", [(self.pump, 1, 10)], self.anna)
        self.bill(self.acme, "2025-03-03", [(self.pump, 1, 10), (self.part, 1, 5)], self.boris)
        self.bill(self.bolt, "2025-03-03", [(self.part, 1, 10)], self.boris)
        self.refresh()
        self.assertEqual(self.values("active_customers", "employee_id"), {"Anna": 1, "Boris": 2})
        self.assertEqual(self.values("active_customers", "head_id"), {"Head": 2})
        self.assertEqual(self.values("active_customers", "date:quarter"), {"2025-01": 2})
        self.assertEqual(self.values("active_customers", "category_id"), {"Pumps": 1, "Parts": 2})

    def test_a_stock_of_a_quarter_is_that_of_its_last_month(self):
        self.switch_on("pipeline", "open_deals", "pipeline_coverage", "won_amount")
        self.entered(self.deal(self.acme, self.anna, "2025-01-10", expected_revenue=70), "2025-01-10")
        self.entered(self.won("2025-03-20", 30, self.bolt, self.boris, opened="2025-02-10"), "2025-02-10")
        self.refresh()
        self.assertEqual(
            self.values("pipeline", "date:month", domain=[("date", "<=", "2025-04-01")]),
            {"2025-01": 70, "2025-02": 100, "2025-03": 70, "2025-04": 70},
        )
        self.assertEqual(self.values("pipeline", "date:quarter"), {"2025-01": 70, "2025-04": 70})
        # Boris has nothing open any more, and not what he had in February
        self.assertEqual(self.values("pipeline", "employee_id"), {"Anna": 70, "Boris": 0})
        self.assertAlmostEqual(self.values("pipeline_coverage", domain=[("date", "<", "2025-04-01")]), 70 / 30)

    def test_a_refund_is_taken_off_and_counts_as_no_invoice(self):
        self.switch_on("revenue", "invoices", "refunds", "refund_share")
        self.bill(self.acme, "2025-02-03", [(self.pump, 2, 50)], self.anna)
        self.bill(self.acme, "2025-03-03", [(self.pump, 1, 50)], self.anna, refund=True)
        self.refresh()
        self.assertEqual(self.values("revenue", "date:month"), {"2025-02": 100, "2025-03": -50})
        self.assertEqual(self.values("invoices"), 1)
        self.assertEqual((self.values("refunds"), self.values("refund_share")), (-50, 50))

    def test_a_transfer_in_mid_month_parts_the_month(self):
        self.switch_on("won_amount")
        position = self.env["sdm.position"].search([("employee_id", "=", self.anna.employee_id.id)])
        position._transfer(self.anna.employee_id, fields.Date.to_date("2025-03-15"), {"team_id": self.south.id})
        self.won("2025-03-14", 10, seller=self.anna, team_id=self.north.id)
        self.won("2025-03-15", 7, seller=self.anna, team_id=self.north.id)
        self.refresh()
        self.assertEqual(self.values("won_amount", "team_id"), {"North": 10, "South": 7})
        self.assertEqual(self.values("won_amount", "employee_id"), {"Anna": 17})

    def test_people_and_nobody_make_the_whole(self):
        self.switch_on("won_amount", "won_deals")
        self.won("2025-03-10", 100, self.acme, self.anna)
        self.won("2025-03-10", 40, self.bolt)
        self.won("2025-03-10", 2, team_id=self.south.id)
        self.refresh()
        self.assertEqual(self.values("won_amount", "employee_id"), {"Anna": 100, None: 42})
        self.assertEqual(self.values("won_amount", "team_id"), {"North": 100, "South": 2, None: 40})
        self.assertEqual((self.values("won_amount"), self.values("won_deals")), (142, 3))

    def test_documents_have_no_product_category(self):
        self.switch_on("invoices", "revenue")
        self.bill(self.acme, "2025-02-03", [(self.pump, 1, 10), (self.part, 1, 5)], self.anna)
        self.refresh()
        self.assertEqual(self.values("invoices", "category_id"), {None: 1})
        self.assertEqual(self.values("revenue", "category_id"), {"Pumps": 10, "Parts": 5})

    def test_values_of_several_kpi_are_not_mixed(self):
        self.switch_on("won_amount", "won_deals")
        self.won("2025-03-10", 100, self.acme, self.anna)
        self.refresh()
        [(value,)] = self.env["sdm.kpi.report"]._read_group([], [], ["value:sum"])
        self.assertIs(value, False)

    def test_a_pivot_reads_all_levels_at_once(self):
        self.switch_on("win_rate", "won_deals")
        self.won("2025-03-10", 10, seller=self.anna)
        self.lost("2025-03-10", seller=self.boris)
        self.refresh()
        sets = self.env["sdm.kpi.report"]._read_grouping_sets(
            [("kpi_id.code", "=", "win_rate")], [["employee_id"], []], ["value:sum"]
        )
        self.assertEqual({employee.name: value for employee, value in sets[0]}, {"Anna": 100, "Boris": 0})
        self.assertEqual(sets[1], [(50,)])

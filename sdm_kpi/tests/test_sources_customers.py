"""Customers who are silent or lost, and those whose contacts were due."""

import random
from collections import defaultdict
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.engine.segmentation import life_cycle
from odoo.addons.sdm_segmentation.tests.playbook import PlaybookCase

from ..engine import periods
from ..models.sdm_kpi_source_customers import SILENCE
from .common import FIRST, LAST, KpiCase

TODAY = fields.Date.to_date("2025-06-30")


@tagged("post_install", "-at_install")
class TestSilence(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.worker("Anna")
        cls.pump = cls.in_category("Pumps")

    def test_silent_and_then_lost(self):
        """Every ten days until the 21st of January: asleep after 15 days of silence, lost after 30."""
        acme = self.customer("Acme", self.anna)
        self.switch_on("silent_customers", "lost_customers")
        for day in ("2025-01-01", "2025-01-11", "2025-01-21"):
            self.bill(acme, day, [(self.pump, 1, 10)])
        self.refresh()
        self.assertEqual([(e.date.isoformat(), e.partner_id) for e in self.entries("silent")], [])
        self.assertEqual(
            [(e.date.isoformat(), e.partner_id) for e in self.entries("lost_customer")], [("2025-02-21", acme)]
        )
        self.assertEqual(self.values("lost_customers", "date:month"), {"2025-02": 1})

    def test_silent_at_the_end_of_the_month(self):
        acme, bolt = self.customer("Acme"), self.customer("Bolt")
        self.switch_on("silent_customers")
        # every twenty days: asleep from the 31st day after the last sale on
        for day in ("2025-01-09", "2025-01-29", "2025-02-18"):
            self.bill(acme, day, [(self.pump, 1, 10)])
        # bought once: asleep after half an interval more than ninety days
        self.bill(bolt, "2025-01-10", [(self.pump, 1, 10)])
        self.refresh()
        self.assertEqual(
            sorted((e.date.isoformat(), e.partner_id.name) for e in self.entries("silent")),
            [("2025-03-31", "Acme"), ("2025-05-31", "Bolt"), ("2025-06-30", "Bolt")],
        )
        # the state of a quarter is that of its last month
        self.assertEqual(self.values("silent_customers", "date:quarter"), {"2025-01": 1, "2025-04": 1})

    def test_the_statement_says_what_the_engine_says(self):
        days = [FIRST + timedelta(days=number) for number in range((TODAY - FIRST).days + 1)]
        ends = {min(periods.end_of(month), TODAY) for month in periods.months_between(FIRST, LAST)}
        for seed in range(4):
            bought = self.plant(random.Random(seed))
            places = [(day, place) for day in days for place in life_cycle.classify(bought.items(), day, SILENCE)]
            expected = {
                "silent": {(p.key, day) for day, p in places if day in ends and p.code == life_cycle.SLEEPING},
                "lost_customer": {(p.key, day) for day, p in places if p.lost_from == day},
            }
            for source, rows in expected.items():
                found = {(e.partner_id.id, e.date) for e in self.entries(source) if e.partner_id.id in bought}
                self.assertEqual(found, rows, source)

    def plant(self, chance):
        """Customers who buy on random days: {id: days}."""
        bought = defaultdict(list)
        for number in range(8):
            customer = self.customer(f"Customer {number}")
            day = FIRST - timedelta(days=chance.randrange(200))
            for _number in range(chance.randrange(1, 8)):
                if day <= TODAY:
                    self.bill(customer, day, [(self.pump, 1, 10)])
                    bought[customer.id].append(day)
                day += timedelta(days=chance.choice((0, 3, 9, 20, 45, 90)))
        return bought


@tagged("post_install", "-at_install")
class TestConcentration(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.worker("Anna")
        cls.acme, cls.bolt, cls.crane = (cls.customer(name) for name in ("Acme", "Bolt", "Crane"))
        cls.pump = cls.in_category("Pumps")
        cls.owned(cls.acme, cls.anna)

    def sell(self, customer, day, amount):
        self.bill(customer, day, [(self.pump, 1, amount)])

    def test_a_customer_above_thirty_percent_of_twelve_months(self):
        """Acme brought 600 in June 2024, which June 2025 does not reach any more, the others 200 each in January."""
        self.switch_on("concentration", "yearly_revenue", "concentrated_revenue")
        self.sell(self.acme, "2024-05-31", 5000)
        self.sell(self.acme, "2024-06-01", 600)
        for customer in (self.bolt, self.crane):
            self.sell(customer, "2025-01-10", 200)
        self.sell(self.acme, "2025-02-10", 100)
        self.refresh()
        self.assertEqual(
            self.values("yearly_revenue", "date:month", domain=[("date", ">=", "2025-05-01")]),
            {"2025-05": 1100, "2025-06": 500},
        )
        # 700 of 1100; in June Acme has 100 of 500, and Bolt and Crane have 40 % each
        self.assertEqual(
            self.values("concentrated_revenue", "date:month", domain=[("date", ">=", "2025-05-01")]),
            {"2025-05": 700, "2025-06": 400},
        )
        self.assertAlmostEqual(self.values("concentration", domain=[("date", "=", "2025-05-01")]), 700 / 11)
        self.assertEqual(
            self.values("concentrated_revenue", "employee_id", domain=[("date", "=", "2025-05-01")]), {"Anna": 700}
        )
        entries = self.entries("yearly").filtered(lambda entry: entry.date == TODAY)
        self.assertEqual({e.partner_id.name: e.part for e in entries}, {"Acme": 20, "Bolt": 40, "Crane": 40})

    def test_exactly_thirty_percent_is_not_above(self):
        self.switch_on("concentrated_revenue")
        self.sell(self.acme, "2025-06-10", 30)
        self.sell(self.bolt, "2025-06-10", 70)
        self.refresh()
        self.assertEqual(self.values("concentrated_revenue"), 70)

    def test_a_holding_is_one_where_the_scheme_judges_holdings(self):
        self.env["sdm.scheme"].create(
            {"name": "S", "is_primary": True, "perimeter_id": self.perimeter.id, "level": "group"}
        )
        (self.acme + self.bolt).sdm_customer_group_id = self.env["sdm.customer.group"].create({"name": "Holding"})
        for customer, amount in ((self.acme, 20), (self.bolt, 20), (self.crane, 60)):
            self.sell(customer, "2025-06-10", amount)
        self.assertEqual(
            {e.partner_id.name: e.part for e in self.entries("yearly")}, {"Acme": 40, "Bolt": 40, "Crane": 60}
        )


@tagged("post_install", "-at_install")
class TestCoverageSource(KpiCase, PlaybookCase):
    """June 2025 has 21 working days; the norm is a call every 10 working days."""

    def test_due_done_and_capped(self):
        self.playbook((self.phone, 10, 15))
        self.switch_on("coverage", "contacts_due", "contacts_done", "contacts_overdue", "contact_hours")
        self.contacted(self.alfa, "2025-05-23")
        for day in ("2025-06-02", "2025-06-03", "2025-06-03", "2025-06-04"):
            self.contacted(self.alfa, day)
        self.refresh()
        june = [("date", "=", "2025-06-01")]
        # as sdm.coverage says: 2 due and 3 done of Alfa, 3 due and none done of Beta
        self.assertEqual(
            [self.values(code, domain=june) for code in ("contacts_due", "contacts_done", "contacts_overdue")],
            [5, 3, 2],
        )
        self.assertEqual(self.values("coverage", domain=june), 40)
        self.assertEqual(self.values("contact_hours", domain=june), 2.5)
        self.assertEqual(self.values("coverage", "segment_id", domain=june), {"A": 40})
        self.assertEqual(self.values("coverage", "employee_id", domain=june), {"anna": 40})

    def test_months_are_those_of_the_report(self):
        self.playbook((self.phone, 4, 6, self.meeting), (self.meeting, 11, 20), segments="AC", begun="2025-02-10")
        self.env["sdm.playbook"].search([("state", "=", "in_force")]).sudo().date_from = "2025-02-10"
        chance = random.Random(1)
        customers = [self.alfa, self.beta, self.gamma]
        for number in range(6):
            customer = self.customer(f"Customer {number}", self.anna)
            self.env["sdm.segment.membership"].create(
                {
                    "partner_id": customer.id,
                    "scheme_id": self.segments["A"].scheme_id.id,
                    "segment_id": self.segments["AC"[number % 2]].id,
                    "date_from": FIRST + timedelta(days=chance.randrange(150)),
                }
            )
            customers.append(customer)
        for _number in range(60):
            day = (FIRST + timedelta(days=chance.randrange(180))).isoformat()
            chance.choice((self.contacted, self.held))(chance.choice(customers), day)
        entries = self.entries("coverage")
        months = periods.months_between(FIRST, LAST)
        self.assertEqual(set(entries.mapped("date")), {periods.end_of(month) for month in months[1:]})
        for month in months:
            rows = self.env["sdm.coverage"].with_context(sdm_from=month, sdm_to=periods.end_of(month)).search([])
            expected = sorted(
                (row.partner_id.id, row.required, row.done, row.counted, bool(row.overdue), row.segment_id.id)
                for row in rows
            )
            found = entries.filtered(lambda entry, month=month: periods.month_of(entry.date) == month)
            self.assertEqual(
                sorted((e.partner_id.id, e.due, e.done, e.counted, e.is_late, e.segment_id.id) for e in found), expected
            )

    def test_without_playbook_nothing_is_due(self):
        self.assertFalse(self.entries("coverage"))

    def test_workload_is_hours_due_by_hours_for_selling(self):
        """A call of thirty minutes every two working days with each of two customers: 10.5 and 10.5 are due in June."""
        self.playbook((self.phone, 2, 5))
        self.switch_on("workload", "contact_hours", "working_days")
        position = self.env["sdm.position"].search([("employee_id", "=", self.anna.employee_id.id)])
        position.write({"date_from": "2025-01-01", "team_id": self.team("North").id})
        self.refresh()
        june = [("date", "=", "2025-06-01")]
        hours, days = self.values("contact_hours", domain=june), self.values("working_days", domain=june)
        self.assertEqual((hours, days), (11, 21))
        self.assertAlmostEqual(self.values("workload", domain=june), 100 * 11 / (3.6 * 21), 6)

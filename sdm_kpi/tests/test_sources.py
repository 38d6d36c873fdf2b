from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import FIRST, LAST, KpiCase


@tagged("post_install", "-at_install")
class TestSources(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.worker("Anna", team=cls.team("North"))
        cls.acme, cls.bolt = cls.customer("Acme"), cls.customer("Bolt")
        cls.pump, cls.part = cls.in_category("Pumps"), cls.in_category("Parts")

    def amounts(self, source):
        return sorted(round(entry.amount, 2) for entry in self.entries(source))

    def days(self, source):
        return sorted(entry.date.isoformat() for entry in self.entries(source))

    def test_revenue_is_the_one_that_segments_are_told_by(self):
        """By customer and day the same as the one definition, from each of its sources in turn."""
        source = self.env["sdm.kpi.source"]
        for make in (
            lambda: self.won("2025-02-03", 33.33, self.acme),
            lambda: self.order(self.acme, "2025-02-04", 20, discount=15),
            lambda: self.bill(self.bolt, "2025-02-05", [(self.pump, 3, 3.335), (self.part, 1, 10)]),
            lambda: self.bill(self.bolt, "2025-02-06", [(self.pump, 1, 3.335)], refund=True),
        ):
            make()
            best = source._find_best(self.company, FIRST, LAST)
            query = source._query(self.company, best, currency=self.perimeter.currency_id)
            self.env.flush_all()
            expected = self.env.execute_query(
                SQL("SELECT customer, date, SUM(amount)::float FROM (%s) sale GROUP BY 1, 2 ORDER BY 1, 2", query)
            )
            found = self.env["sdm.kpi.entry"].with_context(sdm_source="revenue", sdm_first=FIRST, sdm_last=LAST)
            rows = found._read_group([], ["partner_id", "date:day"], ["amount:sum"], order="partner_id, date:day")
            self.assertEqual(
                sorted((partner.id, day, round(amount, 6)) for partner, day, amount in rows),
                sorted((partner, day, round(amount, 6)) for partner, day, amount in expected),
            )

    def test_what_an_order_differs_by_from_its_lines_is_not_lost(self):
        order = self.order(self.acme, "2025-02-04", 20)
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE sale_order SET amount_untaxed = 20.01 WHERE id = %s", order.id))
        self.assertEqual(self.amounts("order"), [20.01])

    def test_an_order_without_lines_is_a_document(self):
        order = self.env["sale.order"].create({"partner_id": self.acme.id, "company_id": self.company.id})
        order.action_confirm()
        order.date_order = self.noon("2025-02-04")
        entries = self.entries("order")
        self.assertEqual((entries.mapped("documents"), entries.mapped("lines")), ([1], [0]))

    def test_a_discount_is_what_was_taken_off(self):
        self.order(self.acme, "2025-02-04", 200, discount=25)
        entries = self.entries("order")
        self.assertAlmostEqual(entries.amount, 150)
        self.assertAlmostEqual(entries.discount, 50)

    def test_drafts_and_quotations_are_no_orders(self):
        self.order(self.acme, "2025-02-04", 10, confirmed=False)
        self.assertEqual(self.amounts("order"), [])

    def test_the_day_ends_where_the_company_is(self):
        """23:30 in Moscow on the last day of May is 20:30 UTC; 00:30 on the first of June is 21:30 UTC in May."""
        self.company.resource_calendar_id.tz = "Europe/Moscow"
        for moment in ("2025-05-31 20:30:00", "2025-05-31 21:30:00"):
            self.won("2025-05-31", 10, self.acme).date_closed = fields.Datetime.to_datetime(moment)
        self.assertEqual(self.days("won"), ["2025-05-31", "2025-06-01"])

    def test_leads_count_whether_lost_archived_or_converted(self):
        self.lost("2025-03-01", opened=None)
        lead = self.env["crm.lead"].create({"name": "L", "type": "lead", "company_id": self.company.id})
        self.entered(lead, "2025-03-02").active = False
        self.assertEqual(self.days("lead"), ["2025-03-01", "2025-03-02"])

    def test_open_deals_by_month(self):
        deal = self.entered(self.won("2025-04-20", 100, self.acme, opened="2025-02-10"), "2025-02-10")
        self.assertEqual(self.days("open"), ["2025-02-28", "2025-03-31"])
        self.assertEqual(self.entries("won").days, 69)
        deal.write({"stage_id": self.stage_open.id, "date_closed": False, "probability": 40})
        # and it is open again, at today's probability
        self.assertEqual(self.days("open")[-1], "2025-06-30")
        self.assertAlmostEqual(self.entries("open")[0].weighted, 40)

    def test_a_customer_is_new_once(self):
        self.bill(self.acme, "2024-12-20", [(self.pump, 1, 10)])
        self.bill(self.acme, "2025-02-20", [(self.pump, 1, 10)])
        self.bill(self.bolt, "2025-03-20", [(self.pump, 1, 10), (self.part, 1, 5)])
        self.bill(self.bolt, "2025-03-25", [(self.pump, 1, 10)])
        self.assertEqual(self.entries("new_customer").partner_id, self.bolt)

    def test_what_companies_of_the_perimeter_sell_each_other_is_left_out(self):
        own = self.company.partner_id
        own.property_account_receivable_id = self.receivable
        self.bill(own, "2025-02-03", [(self.pump, 1, 10)])
        self.assertEqual(self.amounts("invoice"), [])

    def test_two_companies_at_the_rate_of_the_day(self):
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.env.ref("base.CHF").id})
        self.perimeter.company_ids |= other
        self.env.user.company_ids |= other
        Rate = self.env["res.currency.rate"]
        Rate.search([("currency_id", "=", other.currency_id.id)]).unlink()
        for day, rate in (("2025-01-01", 2), ("2025-03-01", 4)):
            Rate.create({"name": day, "rate": rate, "currency_id": other.currency_id.id, "company_id": False})
        for day in ("2025-02-10", "2025-04-10"):
            self.won(day, 100, self.acme, company_id=other.id)
        self.assertEqual(self.amounts("won"), [25, 50])

    def test_a_branch_has_the_rates_of_its_company(self):
        """A unit of the perimeter's currency is 2 francs for all, but 4 by the rates of the branch's company."""
        chf = self.env.ref("base.CHF")
        root = self.env["res.company"].create({"name": "Root", "currency_id": chf.id})
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": root.id})
        self.perimeter.company_ids |= root
        self.env.user.company_ids |= root | branch
        Rate = self.env["res.currency.rate"]
        Rate.search([("currency_id", "=", chf.id)]).unlink()
        for owner, rate in ((False, 2), (root.id, 4)):
            Rate.create({"name": "2025-01-01", "rate": rate, "currency_id": chf.id, "company_id": owner})
        for company in (root, branch):
            self.won("2025-02-10", 100, self.acme, company_id=company.id)
        self.assertEqual(self.amounts("won"), [25, 25])

    def test_money_counts_when_it_comes_and_without_tax(self):
        move = self.bill(self.acme, "2025-02-03", [(self.pump, 1, 80)], self.anna)
        journal = self.env["account.journal"].create(
            {"name": "Bank", "code": "TBNK", "type": "bank", "company_id": self.company.id}
        )
        bank = journal.default_account_id
        entry = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": "2025-04-05",
                "line_ids": [
                    Command.create({"account_id": bank.id, "debit": 60}),
                    Command.create({"account_id": self.receivable.id, "credit": 60, "partner_id": self.acme.id}),
                ],
            }
        )
        entry.action_post()
        (move + entry).line_ids.filtered(lambda line: line.account_id == self.receivable).reconcile()
        entries = self.entries("payment")
        self.assertEqual((entries.date.isoformat(), entries.amount), ("2025-04-05", 60))
        self.assertEqual(entries.employee_id, self.anna.employee_id)

    def test_meetings_with_customers_that_took_place(self):
        Event = self.env["calendar.event"].with_user(self.anna)
        noon = self.noon("2025-05-06")
        for name, start, guests in (
            ("Visit", noon, self.acme),
            ("Among us", noon, self.env["res.partner"]),
            ("Planned", self.noon("2025-07-01"), self.acme),
        ):
            Event.create(
                {
                    "name": name,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "partner_ids": [Command.set((self.anna.partner_id | guests).ids)],
                }
            )
        entries = self.entries("meeting")
        self.assertEqual(entries.meeting_id.mapped("name"), ["Visit"])
        self.assertEqual((entries.partner_id, entries.employee_id), (self.acme, self.anna.employee_id))

    def test_working_days_of_people_in_a_team(self):
        """January 2025 to June 2025 without a production calendar; Boris comes to a team on Monday the 16th of June."""
        self.worker("Loner")
        self.worker("Boris", team=self.team("South"), since="2025-06-16")
        self.company.country_id = False
        rows = {(entry.employee_id.name, entry.date.isoformat()): entry.days for entry in self.entries("time")}
        self.assertEqual(rows["Boris", "2025-06-16"], 11)
        self.assertEqual([rows["Anna", f"2025-0{month}-01"] for month in range(1, 7)], [23, 20, 21, 22, 22, 21])
        self.assertEqual(len(rows), 7)

    def test_entered_values(self):
        kpi = self.kpi("satisfaction")
        self.env["sdm.kpi.value"].create(
            [
                {"kpi_id": kpi.id, "date": "2025-02-03", "value": 9, "employee_id": self.anna.employee_id.id},
                {"kpi_id": kpi.id, "date": "2025-02-04", "value": 7},
                {"kpi_id": self.kpi("answers").id, "date": "2025-02-04", "value": 2},
            ]
        )
        self.switch_on("average_satisfaction")
        self.refresh()
        self.assertEqual(self.values("average_satisfaction"), 8)

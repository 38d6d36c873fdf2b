"""What revenue is counted by, and by which clock days end: decisions of the perimeter, by hand."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import KpiCase


@tagged("post_install", "-at_install")
class TestRevenueSource(KpiCase):
    """Orders of 10 in each month from January to June 2025; today is 30 June."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.anna = cls.worker("Anna")
        cls.acme = cls.customer("Acme")
        cls.pump = cls.in_category("Pumps")
        cls.switch_on("revenue", "active_customers")
        for month in range(1, 7):
            cls.order(cls.acme, f"2025-0{month}-03", 10, seller=cls.anna)

    def months(self):
        return self.values("revenue", "date:month")

    def year(self, **months):
        """Revenue of each month: 10, but for those given."""
        return {f"2025-0{month}": months.get(f"m{month}", 10) for month in range(1, 7)}

    def test_one_invoice_does_not_change_what_revenue_is_counted_by(self):
        self.refresh()
        self.assertEqual(self.perimeter.revenue_source, "order")
        self.assertEqual(self.months(), self.year())
        self.bill(self.acme, "2025-06-05", [(self.pump, 1, 7)], self.anna)
        self.refresh()
        self.assertEqual(self.months(), self.year())

    def test_what_is_proposed(self):
        """Invoices in 2 of 6 months are too few, in 3 they are half of them."""
        self.bill(self.acme, "2025-05-05", [(self.pump, 1, 7)])
        self.bill(self.acme, "2025-06-05", [(self.pump, 1, 7)])
        found = self.perimeter._find_revenue()
        self.assertEqual(
            [(row.source, row.months, float(row.amount)) for row in found],
            [
                ("invoice", 2, 14),
                ("order", 6, 60),
                ("won", 0, 0),
            ],
        )
        self.assertEqual(self.perimeter._get_revenue_source(), "order")
        self.bill(self.acme, "2025-04-05", [(self.pump, 1, 7)])
        self.assertEqual(self.perimeter._get_revenue_source(), "invoice")
        self.refresh()
        self.bill(self.acme, "2025-04-05", [(self.pump, 1, 7)], refund=True)
        self.assertEqual(self.perimeter.revenue_source, "invoice")

    def test_nothing_is_chosen_where_there_is_nothing(self):
        empty = self.env["res.company"].create({"name": "Empty"})
        perimeter = self.env["sdm.perimeter"].create({"name": "Empty", "company_ids": empty.ids})
        self.env["sdm.kpi.run"]._start(perimeter)._run()
        self.assertFalse(perimeter.revenue_source)
        self.assertFalse(perimeter.revenue_preview)

    def test_the_director_changes_it_and_sees_both_totals_before(self):
        self.refresh()
        self.bill(self.acme, "2025-06-05", [(self.pump, 1, 7777)], self.anna)
        perimeter = self.perimeter.with_user(self.director)
        for text in ("Confirmed orders", "60", "7,777"):
            self.assertIn(text, perimeter.revenue_preview)
        perimeter.revenue_source = "invoice"
        self.refresh()
        self.assertEqual(self.months(), {"2025-06": 7777})
        with self.assertRaises(AccessError):
            self.perimeter.with_user(self.persona("auditor")).revenue_source = "order"
        self.anna.group_ids |= self.env.ref("sdm_segmentation.group_sdm_manager")
        with self.assertRaises(AccessError):
            self.perimeter.with_user(self.anna).read(["revenue_preview"])
        with self.assertRaisesRegex(UserError, "Choose what the revenue"):
            perimeter.revenue_source = False

    def test_where_it_is_found(self):
        action = self.env["sdm.perimeter"].with_user(self.director).action_open_own()
        self.assertEqual((action["res_model"], action["res_id"]), ("sdm.perimeter", self.perimeter.id))

    def test_closed_months_stay_and_differ_in_nothing(self):
        """May is closed by orders. Invoices of 7 in May and June count in June alone; a late order of May differs."""
        self.refresh()
        may = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", "2025-05-01")])
        may.with_user(self.director)._close(False)
        self.bill(self.acme, "2025-05-05", [(self.pump, 1, 7)], self.anna)
        june = self.bill(self.acme, "2025-06-05", [(self.pump, 1, 7)], self.anna)
        self.perimeter.with_user(self.director).revenue_source = "invoice"
        self.refresh()
        self.assertEqual(self.months(), self.year(m6=7))
        Difference = self.env["sdm.period.difference"]
        self.assertFalse(Difference.search([("period_id.perimeter_id", "=", self.perimeter.id)]))
        entries = self.entries("revenue")
        self.assertEqual(
            [(entry.date.month, entry.amount, bool(entry.order_id), bool(entry.move_id)) for entry in entries],
            [(6, 7, False, True), *((month, 10, True, False) for month in (5, 4, 3, 2, 1))],
        )
        # what is credited by hand holds on both sides
        boris = self.worker("Boris")
        self.split(june, boris)
        self.split(
            self.env["sale.order"].search([("partner_id", "=", self.acme.id)], limit=1, order="date_order"), boris
        )
        entries = self.entries("revenue").filtered(lambda entry: entry.employee_id == boris.employee_id)
        self.assertEqual([(entry.date.month, entry.amount) for entry in entries], [(6, 7), (1, 10)])
        self.order(self.acme, "2025-05-20", 3, seller=self.anna)
        self.refresh()
        rows = Difference.search([("period_id", "=", may.id), ("kpi_id.code", "=", "revenue")])
        self.assertEqual([(row.document_old_value, row.document_new_value) for row in rows], [(0, 3)])
        # opened again, May is counted as all open months are
        rows.unlink()
        may.with_user(self.director)._reopen("Again")
        self.refresh()
        self.assertEqual(self.months(), self.year(m5=7, m6=7))

    def test_the_clock(self):
        """Calendar, then contact, then what is chosen; users elsewhere are a hint."""
        calendar = self.company.resource_calendar_id
        calendar.tz = "UTC"
        self.company.partner_id.tz = False
        self.env["res.users"].search([("company_ids", "in", self.company.ids)]).tz = "Europe/Moscow"
        self.perimeter.invalidate_recordset()
        self.assertEqual(self.perimeter.clock, f"UTC, of the working hours of {self.company.name}")
        self.assertIn("Europe/Moscow", self.perimeter.clock_hint)
        calendar.tz = "Europe/Moscow"
        self.perimeter.invalidate_recordset()
        self.assertFalse(self.perimeter.clock_hint)
        self.company.partner_id.tz = "Asia/Omsk"
        self.perimeter.invalidate_recordset()
        self.assertEqual(self.perimeter.clock, f"Asia/Omsk, of the contact of {self.company.name}")
        self.perimeter.with_user(self.director).tz = "Asia/Tokyo"
        self.assertEqual(self.perimeter.clock, "Asia/Tokyo, set here")

    def test_days_end_by_the_clock_chosen(self):
        """23:30 UTC on 31 May is 02:30 of 1 June in Moscow."""
        self.switch_on("won_amount")
        self.won("2025-05-31", 5, self.acme).date_closed = fields.Datetime.to_datetime("2025-05-31 23:30:00")
        self.refresh()
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-05": 5})
        self.perimeter.tz = "Europe/Moscow"
        self.refresh()
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-06": 5})

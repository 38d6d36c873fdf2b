from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import SdmCase


@tagged("post_install", "-at_install")
class TestDiagnosisRevenue(SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alfa, cls.beta, cls.gamma, cls.delta = (cls.customer(n) for n in ("Alfa", "Beta", "Gamma", "Delta"))

    def test_concentration_from_won_deals(self):
        self.won("2025-01-15", 600, self.alfa)
        self.won("2025-02-10", 300, self.beta)
        self.won("2025-03-01", 100, self.delta)
        self.won("2023-07-31", 100, self.alfa)
        self.won("2024-05-05", 200, self.gamma)
        # without a customer it is nobody's revenue
        self.won("2025-03-01", 5000)
        figures = self.diagnose()
        self.assertEqual(self.diagnosis.measured_source, "deal")
        self.assertFigure(figures["customer_top_share"], 1, 3, 0.6)
        self.assertEqual(
            figures["customer_top_share"].details,
            {"customer": "Alfa", "customer_amount": 600.0, "total_amount": 1000.0},
        )
        self.assertEqual(figures["customer_top_share"].level, "critical")
        # before Alfa 0 %, before Beta 60 %, before Delta 90 %
        self.assertFigure(figures["customer_concentration"], 2, 3, 2 / 3)
        # Alfa and Gamma bought the year before, Gamma not since; Beta and Delta are new
        self.assertFigure(figures["customer_lost"], 1, 2, 1 / 2)
        self.assertFigure(figures["customer_new_share"], 2, 3, 0.4)

    def test_a_customer_before_whom_exactly_80_percent_stand_is_not_among_those_who_make_them(self):
        self.won("2025-01-15", 80, self.alfa)
        self.won("2025-01-15", 20, self.beta)
        self.assertFigure(self.diagnose()["customer_concentration"], 1, 2, 1 / 2)

    def test_without_an_earlier_year_nobody_is_new_or_lost(self):
        # the year before is there but for more than its first month
        self.won("2023-08-01", 80, self.alfa)
        self.won("2024-07-01", 80, self.alfa)
        figures = self.diagnose()
        self.assertFalse(figures["customer_new_share"].has_value)
        self.assertFalse(figures["customer_lost"].has_value)
        self.assertIn("do not cover the 24 months", figures["customer_new_share"].sentence)

    def test_contacts_count_for_their_company(self):
        contact = self.env["res.partner"].create({"name": "Olga", "parent_id": self.alfa.id})
        self.won("2025-01-15", 50, self.alfa)
        self.won("2025-01-15", 50, contact)
        self.assertFigure(self.diagnose()["customer_top_share"], 1, 1, 1)

    def test_orders_come_before_deals_and_a_choice_before_both(self):
        self.won("2025-01-15", 600, self.alfa)
        self.order(self.beta, "2025-02-01", 200, discount=10)
        figures = self.diagnose()
        self.assertEqual(self.diagnosis.measured_source, "order")
        self.assertEqual(figures["customer_top_share"].details["customer_amount"], 180.0)
        figures = self.diagnose(revenue_source="deal")
        self.assertEqual(figures["customer_top_share"].details["customer"], "Alfa")

    def test_discount(self):
        self.order(self.alfa, "2025-02-01", 300, discount=10)
        self.order(self.alfa, "2025-02-01", 100)
        self.order(self.alfa, "2025-02-01", 1000, discount=50, confirmed=False)
        self.order(self.alfa, "2024-06-30", 1000, discount=50)
        figure = self.diagnose()["discount"]
        self.assertFigure(figure, 2, 2, 30 / 400)
        self.assertEqual(figure.details, {"discount_amount": 30.0, "gross_amount": 400.0})

    def test_unevenness_over_full_months_from_the_first_with_revenue(self):
        # the last full months before 15 June 2025 end with May; from December on: 2 4 4 4 5 5 -> mean 4, deviation 1
        for month, amount in enumerate((2, 4, 4, 4, 5, 5), start=12):
            year, number = divmod(month - 1, 12)
            self.won(f"{2024 + year}-{number + 1:02d}-10", amount, self.alfa)
        self.won("2025-06-10", 1000, self.alfa)
        figure = self.diagnose("2025-06-15")["revenue_variation"]
        self.assertFigure(figure, 6, 6, 1 / 4)
        self.assertEqual((figure.details["worst_month"], figure.details["best_month"]), ("2024-12-01", "2025-04-01"))
        self.assertIn("(December 2024)", figure.sentence)

    def test_too_few_months_are_no_season(self):
        self.won("2025-04-10", 10, self.alfa)
        self.assertFigure(self.diagnose()["revenue_variation"], 0, 3, None)


@tagged("post_install", "-at_install")
class TestDiagnosisInvoices(AccountTestInvoicingCommon):
    """Invoices need a chart of accounts, so they have a company of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sdm_segmentation.group_sdm_director")
        cls.company = cls.company_data["company"]

    def invoice(self, partner, day, amount, due=None, kind="out_invoice"):
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": partner.id,
                "invoice_date": day,
                "invoice_date_due": due or day,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"name": "Pump", "price_unit": amount, "tax_ids": False})],
            }
        )
        move.action_post()
        return move

    def test_revenue_is_posted_invoices_less_refunds_and_receivables_age(self):
        one, two = self.partner_a, self.partner_b
        self.invoice(one, "2025-05-01", 700, due="2025-06-29")
        self.invoice(one, "2025-05-01", 100, due="2025-06-30", kind="out_refund")
        self.invoice(two, "2025-05-01", 300, due="2025-06-30")
        draft = self.invoice(two, "2025-05-01", 9000)
        draft.button_draft()
        diagnosis = self.env["sdm.diagnosis"].create({"date": "2025-06-30", "company_id": self.company.id})
        diagnosis.action_measure()
        figures = {figure.measure_id.code: figure for figure in diagnosis.figure_ids}
        self.assertEqual(diagnosis.measured_source, "invoice")
        top = figures["customer_top_share"]
        self.assertAlmostEqual(top.value, 600 / 900, 6)
        self.assertEqual((top.details["customer"], top.details["total_amount"]), (one.name, 900.0))
        overdue = figures["receivable_overdue"]
        self.assertAlmostEqual(overdue.value, 0.7)
        self.assertEqual((overdue.part, overdue.base), (1, 2))
        self.assertEqual(overdue.details, {"overdue_amount": 700.0, "total_amount": 1000.0})
        action = overdue.action_open_records()
        self.assertEqual(self.env["account.move"].search(action["domain"]).amount_total, 700)

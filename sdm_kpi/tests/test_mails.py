"""The digest of Odoo and the workbook of each Monday: each one's own, and nothing that a spreadsheet would run."""

import io
from datetime import date, datetime
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.models.mail_mail import MailMail

from .plan import PlanCase


@tagged("post_install", "-at_install")
class TestMails(PlanCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch_on("won_amount", "revenue", "order_margin")
        for user, amount in ((cls.anna, 90), (cls.boris, 30)):
            cls.won("2025-06-10", amount, cls.acme, user)
            cls.target("won_amount", 100, user)
        cls.target("revenue", 105, cls.anna)
        cls.order(cls.acme, "2025-06-10", 50, seller=cls.anna, confirmed=False)
        cls.refresh()

    def sheets(self, user):
        """The workbook of a user: {name of the sheet: rows}."""
        month = date(2025, 6, 1)
        data = self.env["sdm.kpi.workbook"].with_user(user)._build(month)
        book = load_workbook(io.BytesIO(data))
        return {sheet.title: list(sheet.values) for sheet in book.worksheets}

    def test_each_has_the_own_rows(self):
        people = {row[0] for row in self.sheets(self.anna)["By person"][1:]}
        self.assertEqual(people, {"Anna"})
        rows = {row[:2]: row[2:] for row in self.sheets(self.head)["By person"][1:]}
        won = self.kpi("won_amount").display_name
        self.assertEqual({person for person, _kpi in rows}, {"Anna", "Boris"})
        # plan, plan to date (20 of 21 days), fact, pace, gap, attainment
        self.assertEqual([round(value, 2) for value in rows["Anna", won]], [100, 95.24, 90, 94.5, -10, 90])
        together = {row[0]: row[1:] for row in self.sheets(self.head)["All together"][1:]}
        self.assertEqual((together[won][0], together[won][2]), (200, 120))

    def test_margin_is_not_in_it(self):
        self.target("order_margin", 5, self.anna)
        names = {row[0] for row in self.sheets(self.director)["All together"]}
        self.assertNotIn(self.kpi("order_margin").display_name, names)

    def test_a_name_is_no_formula(self):
        self.kpi("won_amount").name = "=1+1"
        self.anna.employee_id.name = "@SUM(A1)"
        sheet = load_workbook(io.BytesIO(self.env["sdm.kpi.workbook"]._build(date(2025, 6, 1))))
        cells = [cell for page in sheet.worksheets for row in page.iter_rows() for cell in row]
        self.assertIn("=1+1", [cell.value for cell in cells])
        self.assertEqual({cell.data_type for cell in cells} - {"n"}, {"s"})

    def test_only_who_asked_and_may_read_gets_it(self):
        Workbook = self.env["sdm.kpi.workbook"]
        self.assertFalse(Workbook._get_receivers())
        stranger = self.persona("stranger")
        for user in (self.anna, self.head, stranger):
            user.email = f"{user.login}@example.com"
        self.anna.with_user(self.anna).sdm_wants_workbook = True
        (self.head | stranger).sdm_wants_workbook = True
        self.assertEqual(Workbook._get_receivers(), self.anna | self.head)
        with self.assertRaises(AccessError):
            self.head.with_user(self.anna).sdm_wants_workbook = False
        self.head.sdm_wants_workbook = False
        with patch.object(MailMail, "send"):
            mail = Workbook._send(self.anna)
        self.assertEqual(mail.email_to, self.anna.email_formatted)
        book = load_workbook(io.BytesIO(mail.attachment_ids.raw))
        self.assertEqual({row[0] for row in list(book.worksheets[1].values)[1:]}, {"Anna"})

    def test_the_digest_tells_each_the_own(self):
        digest = self.env["digest.digest"].create({"name": "Test", "kpi_sdm_revenue": True, "kpi_sdm_pace": True})
        context = {"start_datetime": datetime(2025, 6, 1), "end_datetime": datetime(2025, 6, 30)}
        for user, revenue, pace in ((self.anna, 90, 90), (self.head, 120, 120)):
            own = digest.with_user(user).with_company(self.company).with_context(**context)
            own.invalidate_recordset()
            self.assertEqual((own.kpi_sdm_revenue_value, own.kpi_sdm_pace_value), (revenue, pace))
        early = digest.with_user(self.anna).with_company(self.company)
        early.invalidate_recordset()
        early = early.with_context(start_datetime=datetime(2025, 6, 1), end_datetime=datetime(2025, 6, 10))
        self.assertEqual(early.kpi_sdm_revenue_value, 0)
        stranger = digest.with_user(self.persona("stranger")).with_context(**context)
        stranger.invalidate_recordset()
        with self.assertRaises(AccessError):
            stranger._compute_kpi_sdm_revenue_value()

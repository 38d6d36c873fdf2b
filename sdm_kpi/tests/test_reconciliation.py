"""Our revenue beside the accounting, a control total and the old spreadsheet, to the cent."""

import base64
import io

import openpyxl

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from .common import KpiCase

MAY = fields.Date.to_date("2025-05-01")


class ReconciliationCase(KpiCase):
    """Invoices of May and June, and what is on income accounts besides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.anna, cls.boris = cls.worker("Anna"), cls.worker("Boris")
        cls.acme = cls.customer("Acme")
        cls.pump = cls.in_category("Pumps")
        cls.switch_on("revenue")
        cls.plain = cls.bill(cls.acme, "2025-05-05", [(cls.pump, 3, 33.335)], cls.anna)
        cls.refund = cls.bill(cls.acme, "2025-05-06", [(cls.pump, 1, 10.01)], cls.anna, refund=True)
        cls.deposit = cls.env["account.account"].create(
            {
                "name": "Deposits",
                "code": "TST300",
                "account_type": "liability_current",
                "company_ids": [Command.set(cls.company.ids)],
            }
        )

    @classmethod
    def entry(cls, day, amount):
        """A manual entry that takes an amount as income."""
        move = cls.env["account.move"].create(
            {
                "journal_id": cls.journal.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": cls.account.id, "credit": amount}),
                    Command.create({"account_id": cls.deposit.id, "debit": amount}),
                ],
            }
        )
        move.action_post()
        return move

    def totals(self, env=None):
        """{month: (ours, accounting, difference, control, ours less control)}"""
        rows = (env or self.env)["sdm.reconciliation"]._read_group(
            [("company_id", "=", self.company.id)],
            ["date:month"],
            [f"{name}:sum" for name in ("ours", "accounting", "difference", "control", "control_difference")],
        )
        return {month.isoformat()[:7]: tuple(round(value or 0, 2) for value in values) for month, *values in rows}

    def differing(self):
        rows = self.env["sdm.reconciliation"].search([("differs", "=", True), ("company_id", "=", self.company.id)])
        return {(row.move_id, row.date.isoformat()[:7]): (row.kind, round(row.difference, 2)) for row in rows}

    @staticmethod
    def csv(*lines):
        return base64.b64encode("\n".join(lines).encode())

    def import_file(self, content, **values):
        return (
            self.env["sdm.control.import"]
            .with_user(self.director)
            .create({"file": content, "filename": "book.csv", **values})
        )


@tagged("post_install", "-at_install")
class TestReconciliation(ReconciliationCase):
    def test_the_same_to_the_cent(self):
        """Three at 33.335 are 100.01, less 10.01."""
        self.assertEqual(self.totals(), {"2025-05": (90, 90, 0, 0, 0)})
        self.assertFalse(self.differing())
        rows = self.env["sdm.reconciliation"].search([])
        self.assertEqual({row.move_id: row.kind for row in rows}, {self.plain: "same", self.refund: "same"})

    def test_each_document_that_differs_says_what_it_is(self):
        manual = self.entry("2025-05-20", 7)
        own = self.company.partner_id
        own.property_account_receivable_id = self.receivable
        inside = self.bill(own, "2025-05-21", [(self.pump, 1, 40)])
        shifted = self.bill(self.acme, "2025-05-31", [(self.pump, 1, 5)])
        shifted.button_draft()
        shifted.date = "2025-06-02"
        shifted.action_post()
        prepaid = self.bill(self.acme, "2025-05-22", [(self.pump, 1, 20)])
        prepaid.button_draft()
        prepaid.invoice_line_ids.account_id = self.deposit
        prepaid.action_post()
        self.assertEqual(
            self.differing(),
            {
                (manual, "2025-05"): ("manual", -7),
                (inside, "2025-05"): ("intercompany", -40),
                (shifted, "2025-05"): ("date", 5),
                (shifted, "2025-06"): ("date", -5),
                (prepaid, "2025-05"): ("account", 20),
            },
        )
        # the whole is explained by its documents
        self.assertEqual(self.totals(), {"2025-05": (115, 137, -22, 0, 0), "2025-06": (0, 5, -5, 0, 0)})

    def test_ours_is_what_facts_say(self):
        self.bill(self.acme, "2025-06-05", [(self.pump, 1, 12.5)], self.boris)
        self.refresh()
        facts = self.values("revenue", "date:month")
        self.assertEqual({month: values[0] for month, values in self.totals().items()}, facts)

    def test_of_a_closed_month_ours_is_what_it_counted(self):
        """May is closed with 90. Then 50 come late, one of ten is gone, and the director lets the 50 count in June."""
        self.refresh()
        may = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", MAY)])
        may.with_user(self.director)._close()
        late = self.bill(self.acme, "2025-05-20", [(self.pump, 1, 50)], self.anna)
        self.refund.button_draft()
        self.refresh()
        self.assertEqual(self.totals()["2025-05"], (90, 150.01, -60.01, 0, 0))
        self.assertEqual(
            self.differing(), {(late, "2025-05"): ("closed", -50), (self.refund, "2025-05"): ("closed", -10.01)}
        )
        rows = self.env["sdm.period.difference"].search([("restatement_id", "=", False), ("new_value", "=", 50)])
        wizard = self.env["sdm.period.restate"].browse(rows.with_user(self.director).action_decide()["res_id"])
        wizard.with_user(self.director).write({"kind": "corrected", "reason": "Posted late"})
        wizard.with_user(self.director).action_apply()
        totals = self.totals()
        self.assertEqual({month: values[0] for month, values in totals.items()}, self.values("revenue", "date:month"))
        self.assertEqual((totals["2025-05"][0], totals["2025-06"][0]), (90, 50))
        self.assertEqual(self.differing()[late, "2025-06"], ("closed", 50))

    def test_a_document_that_is_gone_from_a_closed_month_is_still_told(self):
        draft = self.bill(self.acme, "2025-05-21", [(self.pump, 1, 30)], self.anna)
        self.refresh()
        may = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", MAY)])
        may.with_user(self.director)._close()
        draft.button_draft()
        draft.with_context(force_delete=True).unlink()
        self.assertEqual(self.totals(), {"2025-05": (120, 90, 30, 0, 0)})
        self.assertEqual(self.differing(), {(self.env["account.move"], "2025-05"): ("closed", 30)})

    def test_closing_asks_about_what_differs(self):
        self.refresh()
        may = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", MAY)])

        def look():
            wizard = self.env["sdm.period.close"].with_user(self.director).create({"period_id": may.id})
            return next(check for check in wizard.check_ids if check.name == "Accounting")

        self.assertEqual(look().state, "fine")
        self.entry("2025-05-20", 7)
        check = look()
        self.assertEqual(check.state, "look")
        self.assertIn("accounting: 1, in all", check.text)
        self.assertIn("-7.00", check.text)
        action = check.action_open()
        rows = self.env["sdm.reconciliation"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(rows.mapped("difference"), [-7])

    def test_another_currency_counts_as_the_accounting_has_it(self):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "CHF")])
        currency.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", currency.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2025-01-01", "rate": 3, "company_id": self.company.id}
        )
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.acme.id,
                "invoice_date": "2025-06-05",
                "date": "2025-06-05",
                "journal_id": self.journal.id,
                "currency_id": currency.id,
                "invoice_line_ids": [
                    Command.create({"name": "P", "price_unit": 100, "account_id": self.account.id, "tax_ids": False})
                ],
            }
        )
        move.action_post()
        self.assertEqual(self.totals()["2025-06"], (33.33, 33.33, 0, 0, 0))

    def test_a_control_total_from_a_file(self):
        wizard = self.import_file(self.csv("Company;Month;Amount", "test trade;05.2025;89,50", ";2025-06;1"))
        self.assertTrue(wizard.is_ready)
        self.assertIn("May 2025", wizard.preview)
        wizard.action_import()
        self.bill(self.acme, "2025-06-05", [(self.pump, 1, 3)])
        self.assertEqual(self.totals(), {"2025-05": (90, 90, 0, 89.5, 0.5), "2025-06": (3, 3, 0, 1, 2)})
        # the same months again replace what is there
        self.import_file(self.csv("Month;Sum", "05.2025;90")).action_import()
        self.assertEqual(self.totals()["2025-05"], (90, 90, 0, 90, 0))

    def test_a_workbook(self):
        book = openpyxl.Workbook()
        for row in (["Период", "Выручка"], [fields.Date.to_date("2025-05-15"), 90.25]):
            book.active.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        self.import_file(base64.b64encode(buffer.getvalue())).action_import()
        self.assertEqual(self.totals()["2025-05"], (90, 90, 0, 90.25, -0.25))

    def test_what_is_wrong_with_a_file_is_told_by_row_and_column(self):
        wizard = self.import_file(self.csv("Company,Month,Amount", "Nobody,05.2025,1", "Test Trade,soon,much"))
        self.assertFalse(wizard.is_ready)
        with self.assertRaises(UserError) as caught:
            wizard.action_import()
        self.assertEqual(
            caught.exception.args[0].splitlines(),
            [
                "Row 2, “Company”: “Nobody” is not known here, or there are several. Write the name as it is in Odoo.",
                "Row 3, “Month”: “soon” is no month. Write 2026-12 or 12.2026, or any day of it.",
                "Row 3, “Amount”: “much” is no number. Write it like 1234.50 or 1 234,50.",
            ],
        )
        self.assertFalse(self.env["sdm.control.total"].search([]))
        missing = self.import_file(self.csv("A,B", "1,2"))
        self.assertIn("Row 1: the columns “Month”, “Amount” are missing", missing.preview)
        picture = self.import_file(base64.b64encode(b"\x89PNG\0\0"))
        self.assertIn("neither CSV nor XLSX", picture.preview)

    def test_beside_the_old_spreadsheet(self):
        self.bill(self.acme, "2025-05-07", [(self.pump, 1, 50)], self.boris)
        self.refresh()
        self.import_file(
            self.csv("Seller,Month,Sum", "anna,05.2025,60", "Anna,05.2025,30", "Boris,05.2025,49.5"),
            kind="person",
            kpi_id=self.kpi("revenue").id,
        ).action_import()
        rows = self.env["sdm.kpi.parallel"].with_user(self.director).search([])
        self.assertEqual(
            [(row.employee_id.name, row.ours, row.theirs, row.difference) for row in rows],
            [("Boris", 50, 49.5, 0.5), ("Anna", 90, 90, 0)],
        )
        action = rows[0].action_open_facts()
        self.assertEqual(sum(self.env["sdm.kpi.report"].search(action["domain"]).mapped("value")), 50)
        # what is known by person says nothing of the company
        self.assertEqual(self.totals()["2025-05"][3:], (0, 0))


@tagged("post_install", "-at_install")
class TestReconciliationAccess(RpcCase, ReconciliationCase):
    def test_only_who_sees_all_sees_totals(self):
        rights = {
            "sdm.reconciliation": ("r", "r"),
            "sdm.kpi.parallel": ("r", "r"),
            "sdm.control.total": ("rwcu", "r"),
            "sdm.control.import": ("rwcu", ""),
        }
        people = {name: self.persona(name) for name in ("seller", "head", "auditor", "payroll")}
        for model, (director, auditor) in rights.items():
            for operation in ("read", "write", "create", "unlink"):
                may = {name: self.env[model].with_user(user).has_access(operation) for name, user in people.items()}
                may["director"] = self.env[model].with_user(self.director).has_access(operation)
                self.assertEqual(
                    may,
                    {
                        "seller": False,
                        "head": False,
                        "payroll": False,
                        "auditor": operation[0] in auditor,
                        "director": operation[0] in director,
                    },
                    f"{model} {operation}",
                )
        self.assertEqual(self.totals(self.env(user=people["auditor"]))["2025-05"][:2], (90, 90))

    def test_who_may_not_see_the_whole_perimeter_sees_none_of_it(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.perimeter.company_ids |= other
        self.assertEqual(self.totals(self.env(user=self.director)), {})

    def test_over_the_wire(self):
        self.anna.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")
        for model in ("sdm.reconciliation", "sdm.kpi.parallel", "sdm.control.total"):
            _rows, error = self.call(model, "search_read", [], ["date"])
            self.assertEqual(error, "odoo.exceptions.AccessError", model)

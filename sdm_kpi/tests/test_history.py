"""Sales and activities from before Odoo come in from files, count in facts, and go again."""

import base64
import io

import openpyxl

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from .common import KpiCase

SALES = (
    "Клиент;Период;Менеджер;Категория;Сумма",
    "Acme;01.2025;Anna;Pumps;1 000,50",
    "acme;02.2025;Anna;;200",
    "Bolt;02.2025;;Pumps;50",
)


class HistoryCase(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.anna, cls.boris = cls.worker("Anna"), cls.worker("Boris")
        for user in (cls.anna, cls.boris):
            user.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_user")
        cls.acme, cls.bolt = cls.customer("Acme"), cls.customer("Bolt", vat="7700000001")
        cls.pump = cls.in_category("Pumps")
        cls.switch_on("revenue", "history_amount", "history_activities", "new_customers")

    def bring(self, *lines, check=True, **values):
        content = base64.b64encode("\n".join(lines).encode())
        vals = {"file": content, "filename": "old.csv", **values}
        record = self.env["sdm.kpi.import"].with_user(self.director).create(vals)
        if check:
            record.action_check()
        return record

    def rows(self, record, user=None):
        """What was read of a file."""
        return self.env["sdm.kpi.import.row"].with_user(user or self.env.user).search([("import_id", "=", record.id)])

    def load(self, *lines, **values):
        record = self.bring(*lines, **values)
        record.action_load()
        return record


@tagged("post_install", "-at_install")
class TestHistory(HistoryCase):
    def test_a_number_that_may_be_two_is_asked_for(self):
        """1,234 and 2,500 in January and February are 3734 or 3.734: nothing is loaded until somebody says which."""
        lines = ("Customer;Month;Amount", "Acme;2025-01;1,234", "Acme;2025-02;2,500", "Bolt;2025-02;7")
        record = self.bring(*lines)
        self.assertEqual((record.right_count, record.rejected_count), (1, 2))
        self.assertIn("with a point all rows come to 3,741.00, with a comma to 10.73", record.preview)
        self.assertIn("may be two numbers", record.preview)
        record.sign = "."
        self.assertEqual(record.state, "new")
        record.action_check()
        self.assertEqual(record.totals, [["2025-01-01", 1, "1234"], ["2025-02-01", 2, "2507"]])
        self.assertNotIn("two ways", record.preview)
        # where one of them says it, the others are like it, though it stands at the end
        record = self.bring(*lines, "Bolt;2025-03;0,5")
        self.assertEqual(
            record.totals, [["2025-01-01", 1, "1.234"], ["2025-02-01", 2, "9.500"], ["2025-03-01", 1, "0.5"]]
        )

    def test_amounts_of_months_agree_with_each_other(self):
        record = self.bring("Customer;2025-01;2025-02", "Acme;1,234;12.50")
        self.assertEqual(record.totals, [["2025-01-01", 1, "1234"], ["2025-02-01", 1, "12.50"]])

    def test_a_file_is_checked_loaded_and_counted(self):
        record = self.bring(*SALES)
        self.assertEqual(
            {column.header: column.meaning for column in record.column_ids},
            {
                "Клиент": "customer",
                "Период": "date",
                "Менеджер": "person",
                "Категория": "category",
                "Сумма": "amount",
            },
        )
        self.assertEqual((record.state, record.right_count, record.rejected_count), ("checked", 3, 0))
        self.assertEqual(record.totals, [["2025-01-01", 1, "1000.50"], ["2025-02-01", 2, "250"]])
        self.assertIn("January 2025", record.preview)
        self.assertFalse(self.env["sdm.kpi.history"].search([]))
        record.action_load()
        self.assertEqual((record.state, record.history_count), ("loaded", 3))
        self.refresh()
        self.assertEqual(self.values("history_amount", "date:month"), {"2025-01": 1000.5, "2025-02": 250})
        self.assertEqual(self.values("history_amount", "employee_id"), {"Anna": 1200.5, None: 50})
        self.assertEqual(self.values("history_amount", "category_id"), {"Pumps": 1050.5, None: 200})
        # a row opens by the same condition
        rows = self.env["sdm.kpi.report"].search([("kpi_id.code", "=", "history_amount"), ("date", "=", "2025-01-01")])
        action = rows.action_open_entries()
        entries = self.env["sdm.kpi.entry"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(entries.action_open_document()["res_model"], "sdm.kpi.history")

    def test_what_was_loaded_goes_by_undoing_alone(self):
        record = self.load(*SALES)
        other = self.env["res.company"].create({"name": "Other"})
        for name, value in (("state", "new"), ("right_count", 1), ("totals", [])):
            with self.subTest(field=name), self.assertRaisesRegex(AccessError, "“Check”, “Load” and “Undo”"):
                record.write({name: value})
        for values in ({"company_id": other.id}, {"kind": "order"}, {"file": record.file}):
            with self.subTest(values=[*values]), self.assertRaisesRegex(UserError, "Undo the import first"):
                record.write(values)
        for change in (record.unlink, record.action_check):
            with self.assertRaisesRegex(UserError, "Undo the import first"), self.env.cr.savepoint():
                change()
        made = record.with_context(default_state="loaded").copy()
        self.assertEqual((made.state, made.right_count), ("new", 0))
        self.assertEqual((record.state, record.company_id, record.history_count), ("loaded", self.company, 3))
        record.action_undo()
        record.unlink()

    def test_what_no_table_has_is_refused(self):
        with self.assertRaisesRegex(UserError, "neither CSV nor XLSX"):
            self.bring("Client;Month;Sum", "x" * 2000 + "\0;01.2025;5")
        record = self.bring("Client;Month;Sum", "Acme;0001-01;5", "Acme;12.9999;5", "Acme;01.2025;5")
        self.assertEqual((record.right_count, record.rejected_count), (1, 2))
        self.assertEqual(
            record.rejected[0][2], "Row 2, “Month”: “0001-01” is too far away. The year is from 1980 to 2100."
        )

    def test_revenue_counts_it_until_our_own_documents_begin(self):
        self.load(*SALES)
        self.refresh()
        self.assertEqual(self.values("revenue", "date:month"), {"2025-01": 1000.5, "2025-02": 250})
        self.bill(self.acme, "2025-02-20", [(self.pump, 1, 7)], self.boris)
        self.refresh()
        self.assertEqual(self.values("revenue", "date:month"), {"2025-01": 1000.5, "2025-02": 7})
        self.assertEqual(self.values("revenue", "employee_id"), {"Anna": 1000.5, "Boris": 7})
        # a customer of the old system is not new
        self.assertEqual(self.values("new_customers", "date:month"), {"2025-01": 1})

    def test_credit_by_owner_where_the_file_names_nobody(self):
        self.owned(self.bolt, self.boris)
        self.load(*SALES)
        self.refresh()
        self.assertEqual(self.values("revenue", "employee_id"), {"Anna": 1200.5, "Boris": 50})

    def test_the_same_file_again_changes_nothing(self):
        self.load(*SALES)
        again = self.bring(*SALES, "Bolt;02.2025;;Pumps;50", "Bolt;03.2025;;;9")
        self.assertEqual((again.right_count, again.known_count), (5, 3))
        again.action_load()
        # the second row of Bolt is another sale, and that of March
        self.assertEqual(again.history_count, 2)
        self.assertEqual(sum(self.env["sdm.kpi.history"].search([]).mapped("amount")), 1309.5)

    def test_an_import_is_undone(self):
        record = self.load(*SALES)
        self.refresh()
        with self.assertRaisesRegex(UserError, "Undo the import first"):
            record.unlink()
        record.action_undo()
        self.refresh()
        self.assertEqual((record.state, record.history_count), ("undone", 0))
        self.assertFalse(self.values("revenue"))
        record.action_check()
        record.action_load()
        self.assertEqual(record.history_count, 3)

    def test_rejected_rows_say_why_and_can_be_downloaded(self):
        record = self.bring(
            "Customer,Month,Seller,Amount",
            "Nobody,01.2025,Anna,1",
            "Acme,soon,Stranger,much",
            "7700000001,02.2025,Anna,5",
            '"=cmd",03.2025,,1',
        )
        self.assertEqual((record.right_count, record.rejected_count), (1, 3))
        self.assertEqual(
            [text for _row, _column, text in record.rejected],
            [
                "Row 2, “Customer”: “Nobody” is not known here, or there are several. Write the name as it is in Odoo.",
                "Row 3, “Month”: “soon” is no month. Write 2026-12 or 12.2026, or any day of it.",
                "Row 3, “Amount”: “much” is no number. Write it like 1234.50 or 1 234,50.",
                "Row 5, “Customer”: “=cmd” is not known here, or there are several. Write the name as it is in Odoo.",
            ],
        )
        lines = base64.b64decode(record.rejected_file).decode("utf-8-sig").splitlines()
        self.assertEqual(lines[0], "Row,Column,What is wrong")
        self.assertEqual(len(lines), 5)
        record.action_load()
        self.assertEqual(self.env["sdm.kpi.history"].search([]).partner_id, self.bolt)

    def test_people_who_are_gone(self):
        lines = ("Customer,Month,Seller,Amount", "Acme,01.2025,Somebody,5", "Acme,01.2025,Boris,7")
        self.boris.employee_id.active = False
        self.assertEqual(self.bring(*lines).rejected_count, 1)
        record = self.load(*lines, accepts_unknown=True)
        rows = self.env["sdm.kpi.history"].search([("import_id", "=", record.id)], order="amount")
        self.assertEqual([row.employee_id.name for row in rows], [False, "Boris"])

    def test_columns_are_kept_for_the_next_file(self):
        first = self.bring("A,B,C", "Acme,01.2025,5", check=False)
        self.assertFalse(first.column_ids.filtered("meaning"))
        with self.assertRaisesRegex(UserError, "Say which column of the file is: Date or month, Customer, Amount"):
            first.action_check()
        for column, meaning in zip(first.column_ids, ("customer", "date", "amount"), strict=True):
            column.meaning = meaning
        first.action_check()
        first.action_load()
        second = self.bring("C,A,B", "6,Bolt,02.2025")
        self.assertEqual(
            {column.header: column.meaning for column in second.column_ids},
            {"A": "customer", "B": "date", "C": "amount"},
        )
        self.assertEqual(second.right_count, 1)

    def test_what_was_checked_otherwise_is_not_loaded(self):
        record = self.bring(*SALES)
        record.column_ids.filtered(lambda column: column.meaning == "person").meaning = False
        with self.assertRaisesRegex(UserError, "Check the file first"):
            record.action_load()
        record.action_check()
        record.action_load()
        self.assertFalse(self.env["sdm.kpi.history"].search([]).employee_id)

    def test_orders_and_activities_from_a_workbook(self):
        book = openpyxl.Workbook()
        for row in (
            ["Дата", "Ответственный", "Клиент", "Тема"],
            [fields.Date.to_date("2025-01-15"), "Anna", "Acme", "Call"],
            [fields.Date.to_date("2025-01-16"), "Anna", None, "Call"],
        ):
            book.active.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        record = self.bring(check=False, kind="activity", file=base64.b64encode(buffer.getvalue()))
        record.action_check()
        record.action_load()
        self.load("Date,Customer,Number,Sum", "15.01.2025,Acme,S1,5", "16.01.2025,Acme,S2,5", kind="order")
        self.refresh()
        self.assertEqual(self.values("history_activities", "employee_id"), {"Anna": 2})
        # activities are no sales
        self.assertEqual((self.values("history_amount"), self.values("revenue")), (10, 10))
        self.assertEqual(
            set(self.env["sdm.kpi.history"].search([("kind", "=", "order")]).mapped("reference")), {"S1", "S2"}
        )

    def test_closed_months_know_it_as_late(self):
        self.bill(self.acme, "2025-03-20", [(self.pump, 1, 7)], self.boris)
        self.refresh()
        march = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", "2025-03-01")])
        march.with_user(self.director)._close()
        self.load(*SALES)
        self.refresh()
        rows = self.env["sdm.period.difference"].search([("kpi_id.code", "=", "revenue")])
        self.assertEqual((set(rows.mapped("kind")), sum(rows.mapped("difference"))), ({"late"}, 1250.5))
        self.assertEqual(rows[0].action_open_document()["res_model"], "sdm.kpi.history")


@tagged("post_install", "-at_install")
class TestHistoryAccess(RpcCase, HistoryCase):
    def test_who_sees_and_who_brings_in(self):
        self.load(*SALES)
        History = self.env["sdm.kpi.history"]
        self.assertEqual(sum(History.with_user(self.anna).search([]).mapped("amount")), 1200.5)
        self.assertFalse(History.with_user(self.boris).search([]))
        self.assertEqual(len(History.with_user(self.persona("auditor")).search([])), 3)
        for name in ("seller", "head", "payroll", "stranger"):
            user = self.persona(name)
            for operation in ("create", "write", "unlink"):
                self.assertFalse(History.with_user(user).has_access(operation), name)
                self.assertFalse(self.env["sdm.kpi.import"].with_user(user).has_access(operation), name)

    def test_over_the_wire(self):
        record = self.load(*SALES)
        self.boris.password = "boris-password"
        self.authenticate(self.boris.login, "boris-password")
        rows, error = self.call("sdm.kpi.history", "search_read", [], ["amount"])
        self.assertEqual((rows, error), ([], None))
        for method in ("action_undo", "action_load", "action_check"):
            _result, error = self.call("sdm.kpi.import", method, record.ids)
            self.assertEqual(error, "odoo.exceptions.AccessError", method)
        self.assertEqual(record.history_count, 3)

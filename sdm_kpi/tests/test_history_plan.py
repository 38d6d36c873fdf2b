"""Plans of past years come in from files, hold for their months, and go again."""

import base64
import io

import openpyxl

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from .test_history import HistoryCase

PLAN = (
    "Месяц;Менеджер;Показатель;План",
    "01.2024;Anna;Revenue;1 000",
    "01.2024;Boris;revenue;500,50",
    "март 2024;Anna;Revenue;2000",
    "01.2025;;win_rate;30 %",
)


class HistoryPlanCase(HistoryCase):
    def bring(self, *lines, check=True, **values):
        return super().bring(*lines, check=check, **{"kind": "plan", **values})

    def plans(self):
        return self.env["sdm.plan"].search([("perimeter_id", "=", self.perimeter.id)], order="date_from")

    def targets(self):
        """{(KPI, month, person): amount} of what holds"""
        targets = self.env["sdm.plan.target"].search(
            [("is_effective", "=", True), ("perimeter_id", "=", self.perimeter.id)]
        )
        return {(target.kpi_id.code, str(target.date)[:7], target.employee_id.name): target.value for target in targets}


@tagged("post_install", "-at_install")
class TestHistoryPlan(HistoryPlanCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch_on("win_rate")

    def test_past_plans_are_in_force_then(self):
        record = self.bring(*PLAN)
        self.assertEqual(
            {column.header: column.meaning for column in record.column_ids},
            {"Месяц": "date", "Менеджер": "person", "Показатель": "kpi", "План": "amount"},
        )
        self.assertEqual((record.right_count, record.rejected_count, record.known_count), (4, 0, 0))
        revenue, rate = self.kpi("revenue"), self.kpi("win_rate")
        self.assertEqual(record.totals, [[revenue.id, 2024, 3, "3500.50"], [rate.id, 2025, 1, "30"]])
        self.assertFalse(self.plans())
        record.action_load()
        past, present = self.plans()
        self.assertEqual(
            (past.name, past.date_from, past.date_to), ("Plan 2024", *self.days("2024-01-01", "2024-03-01"))
        )
        self.assertEqual((present.date_from, present.date_to), self.days("2025-01-01", "2025-01-01"))
        version = past.version_id
        self.assertEqual(
            (version.state, version.date_from, version.import_id, version.approved_by_id),
            ("in_force", past.date_from, record, self.director),
        )
        self.assertEqual(version.reason, "Brought in from “old.csv”.")
        self.assertEqual(
            self.targets(),
            {
                ("revenue", "2024-01", "Anna"): 1000,
                ("revenue", "2024-01", "Boris"): 500.5,
                ("revenue", "2024-03", "Anna"): 2000,
                ("win_rate", "2025-01", False): 30,
            },
        )
        self.assertEqual((record.state, record.history_count), ("loaded", 4))
        opened = self.env["sdm.plan.target"].search(record.action_open_history()["domain"])
        self.assertEqual(len(opened), 4)

    def days(self, *texts):
        return tuple(map(fields.Date.to_date, texts))

    def test_results_of_that_time_are_judged_by_them(self):
        self.load("Month,Customer,Seller,Amount", "01.2024,Acme,Anna,750", kind="sales")
        self.load(*PLAN)
        self.refresh(*self.days("2024-01-01", "2025-06-01"))
        Report = self.env["sdm.kpi.report"].with_user(self.director)
        [(value, target, attainment)] = Report._read_group(
            [("kpi_id.code", "=", "revenue"), ("employee_id.name", "=", "Anna"), ("date", "=", "2024-01-01")],
            [],
            ["value:sum", "target:sum", "attainment:sum"],
        )
        self.assertEqual((value, target, attainment), (750, 1000, 75))

    def test_a_column_for_each_month_in_a_workbook(self):
        book = openpyxl.Workbook()
        for row in (
            ["Сотрудник", fields.Date.to_date("2024-01-01"), fields.Date.to_date("2024-02-01"), "Итого"],
            ["Anna", 10, 20, 30],
            ["Boris", None, "much", 0],
            ["Nobody", 1, 2, 1],
        ):
            book.active.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        record = self.bring(file=base64.b64encode(buffer.getvalue()), kpi_id=self.kpi("revenue").id)
        self.assertEqual(record.column_ids.mapped("meaning"), ["person", "month", "month", False])
        self.assertEqual((record.right_count, record.rejected_count), (2, 2))
        self.assertEqual(
            [text for _row, _column, text in record.rejected],
            [
                "Row 3, “2024-02-01”: “much” is no number. Write it like 1234.50 or 1 234,50.",
                "Row 4, “Сотрудник”: “Nobody” is not known here, or there are several. Write the name as it is in "
                "Odoo.",
            ],
        )
        record.action_load()
        self.assertEqual(self.targets(), {("revenue", "2024-01", "Anna"): 10, ("revenue", "2024-02", "Anna"): 20})

    def test_shares_of_a_workbook_are_percent(self):
        book = openpyxl.Workbook()
        book.active.append(["Month", "Target"])
        book.active.append(["2024-01", 0.25])
        book.active["B2"].number_format = "0%"
        buffer = io.BytesIO()
        book.save(buffer)
        content = base64.b64encode(buffer.getvalue())
        self.load(file=content, kpi_id=self.kpi("win_rate").id)
        self.assertEqual(self.targets(), {("win_rate", "2024-01", False): 25})
        record = self.bring(file=content, kpi_id=self.kpi("revenue").id)
        self.assertEqual(
            record.rejected[0][2],
            "Row 2, “Target”: “25 %” is a share, but the KPI is no percentage. Write the amount.",
        )

    def test_groups_segments_and_categories(self):
        head = self.worker("Chief")
        dora = self.worker("Dora", head, self.team("North"), since="2024-01-01")
        scheme = self.scheme()
        segment = self.env["sdm.segment"].create({"name": "Gold", "scheme_id": scheme.id})
        self.load(
            "Month,Person,KPI,Segment,Product category,Group of,Target",
            "01.2024,Dora,Revenue,Gold,Pumps,,7",
            "01.2024,,Revenue,,,Chief,5",
            "01.2024,Dora,Win rate,,,,40",
        )
        targets = self.env["sdm.plan.target"].search([("perimeter_id", "=", self.perimeter.id)], order="value")
        category = self.pump.categ_id
        team = self.env["crm.team"].search([("name", "=", "North"), ("company_id", "=", self.company.id)])
        none = False
        self.assertEqual(
            [
                (one.value, one.employee_id.name, one.head_id, one.team_id, one.segment_id, one.category_id)
                for one in targets
            ],
            [
                (5, none, head.employee_id, team.browse(), segment.browse(), category.browse()),
                # what is added up has the person's team, a share is of the person as a whole
                (7, "Dora", head.employee_id, team, segment, category),
                (40, "Dora", head.employee_id, team.browse(), segment.browse(), category.browse()),
            ],
        )
        self.assertEqual(dora.employee_id, targets[1].employee_id)

    def scheme(self):
        return self.env["sdm.scheme"].search([("perimeter_id", "=", self.perimeter.id)], limit=1) or self.env[
            "sdm.scheme"
        ].create({"name": "Value", "method": "abc", "perimeter_id": self.perimeter.id})

    def test_what_collides_is_refused_by_row(self):
        plan = self.env["sdm.plan"].create(
            {"perimeter_id": self.perimeter.id, "name": "Our own", "date_from": "2025-02-01", "date_to": "2025-02-01"}
        )
        record = self.bring(
            "Month,Person,Target",
            "01.2025,Anna,1",
            "02.2025,Anna,2",
            "03.2025,Anna,3",
            "01.2026,Anna,4",
            "03.2025,Anna,5",
        )
        self.assertEqual(
            [text for _row, _column, text in record.rejected],
            [
                "Row 3, “Month”: “Our own” plans this month already. Enter the target there, or archive that plan.",
                "Row 5, “Month”: 2026 has not begun yet. Make its plan under Plans.",
                "Row 6, “Target”: row 4 is a target of the same already. Add them up in the file, or say which column "
                "tells them apart.",
            ],
        )
        record.action_load()
        # the plans that are made leave the other one's month alone
        self.assertEqual(
            [(str(one.date_from)[:7], str(one.date_to)[:7]) for one in self.plans()],
            [("2025-01", "2025-01"), ("2025-02", "2025-02"), ("2025-03", "2025-03")],
        )
        self.assertFalse(plan.version_id)

    def test_a_plan_made_since_the_check_is_not_overwritten(self):
        record = self.bring(*PLAN)
        self.env["sdm.plan"].create({"perimeter_id": self.perimeter.id, "date_from": "2024-01-01"})
        with self.assertRaisesRegex(UserError, "Somebody has made a plan for months of the file"):
            record.action_load()
        self.assertFalse(self.targets())

    def test_the_same_file_again_changes_nothing_and_another_one_adds(self):
        self.load(*PLAN)
        again = self.bring(*PLAN)
        self.assertEqual((again.right_count, again.known_count), (4, 4))
        again.action_load()
        self.assertEqual((again.history_count, len(self.targets()), len(self.plans())), (0, 4, 2))
        more = self.bring(
            "Month,Person,Target", "01.2024,Anna,999", "02.2024,Anna,5", "12.2024,Anna,6", kpi_id=self.kpi("revenue").id
        )
        self.assertEqual(
            [text for _row, _column, text in more.rejected],
            [
                "Row 2, “Target”: another file has brought in 1,000.00 for the same. Undo that one first, or take the "
                "row out."
            ],
        )
        more.action_load()
        self.assertEqual(more.history_count, 2)
        # what lies outside of the plan that is there gets one of its own
        self.assertEqual(
            [(str(one.date_from)[:7], str(one.date_to)[:7]) for one in self.plans()],
            [("2024-01", "2024-03"), ("2024-12", "2024-12"), ("2025-01", "2025-01")],
        )

    def test_people_who_are_gone_count_as_nobody(self):
        lines = (
            "Month,Person,KPI,Target",
            "01.2024,Anna,Revenue,1",
            "01.2024,Gone,Revenue,2",
            "01.2024,Left,Revenue,3",
            "01.2024,Gone,Win rate,30",
        )
        self.assertEqual(self.bring(*lines).rejected_count, 3)
        record = self.bring(*lines, accepts_unknown=True)
        # the share of somebody is not that of the company
        self.assertEqual([row for row, _column, _text in record.rejected], [5])
        record.action_load()
        self.assertEqual(self.targets(), {("revenue", "2024-01", "Anna"): 1, ("revenue", "2024-01", False): 5})
        again = self.bring(*lines, accepts_unknown=True)
        self.assertEqual((again.right_count, again.known_count), (3, 3))

    def test_an_import_is_undone(self):
        first = self.load(*PLAN)
        more = self.load("Month,Person,Target", "02.2024,Anna,5", kpi_id=self.kpi("revenue").id)
        first.action_undo()
        # the other file's target stays, and the plan with it
        self.assertEqual(self.targets(), {("revenue", "2024-02", "Anna"): 5})
        self.assertEqual(self.plans().version_id.import_id, more)
        more.action_undo()
        self.assertFalse(self.plans())
        first.action_check()
        first.action_load()
        self.assertEqual(len(self.targets()), 4)

    def test_what_something_rests_on_is_not_undone(self):
        self.load("Month,Customer,Amount", "01.2024,Acme,5", kind="sales")
        record = self.load(*PLAN)
        self.refresh(*self.days("2024-01-01", "2025-06-01"))
        january = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", "2024-01-01")])
        january.with_user(self.director)._close()
        with self.assertRaisesRegex(UserError, "January 2024 was closed since and judged by these targets"):
            record.action_undo()
        january.with_user(self.director)._reopen("Too early")
        version = self.plans()[0].version_id
        draft = self.env["sdm.plan.version"].browse(version.with_user(self.director).action_change()["res_id"])
        self.assertFalse(draft.target_ids.import_id, "copies were made here")
        version.sudo().state = "replaced"
        with self.assertRaisesRegex(UserError, "“Plan 2024” was changed since by another version"):
            record.action_undo()
        self.assertEqual(len(self.targets()), 4)

    def test_a_file_that_says_nothing_of_the_kpi(self):
        record = self.bring("Month,KPI,Target", "01.2024,,1", "01.2024,Something,2", kpi_id=False)
        self.assertEqual(
            [text for _row, _column, text in record.rejected],
            [
                "Row 2, “KPI”: the cell is empty.",
                "Row 3, “KPI”: “Something” is not known here, or there are several. Write the name as it is in Odoo.",
            ],
        )
        with self.assertRaisesRegex(UserError, "No row of the file is right"):
            record.action_load()


@tagged("post_install", "-at_install")
class TestHistoryPlanAccess(RpcCase, HistoryPlanCase):
    def test_margin_is_for_its_group(self):
        margin = self.env["sdm.kpi"].search([("has_margin", "=", True)], limit=1)
        lines = ("Month,KPI,Target", f"01.2024,{margin.code},1")
        self.director.group_ids -= self.env.ref("sdm_segmentation.group_sdm_margin")
        self.assertEqual(self.bring(*lines).rejected_count, 1)
        self.director.group_ids += self.env.ref("sdm_segmentation.group_sdm_margin")
        record = self.bring(*lines)
        self.assertEqual(record.rejected_count, 0)
        self.director.group_ids -= self.env.ref("sdm_segmentation.group_sdm_margin")
        self.assertFalse(self.rows(record, self.director))

    def test_rows_are_of_the_director_and_the_auditor(self):
        record = self.bring(*PLAN)
        Row = self.env["sdm.kpi.import.row"]
        users = {name: self.persona(name) for name in ("seller", "head", "payroll", "stranger", "auditor")}
        for name, user in (users | {"director": self.director}).items():
            for operation in ("create", "write", "unlink"):
                self.assertFalse(Row.with_user(user).has_access(operation), name)
            may_read = name in ("director", "auditor")
            self.assertEqual(Row.with_user(user).has_access("read"), may_read, name)
            if may_read:
                self.assertEqual(len(Row.with_user(user).search([("import_id", "=", record.id)])), 4)

    def test_what_is_imported_is_not_said_by_hand(self):
        record = self.load(*PLAN)
        version = self.plans()[0].version_id
        with self.assertRaises(UserError):
            version.with_user(self.director).import_id = False
        with self.assertRaises(UserError):
            version.target_ids[0].with_user(self.director).import_id = False
        self.boris.password = "boris-password"
        self.authenticate(self.boris.login, "boris-password")
        for method in ("action_undo", "action_cancel"):
            _result, error = self.call("sdm.kpi.import", method, record.ids)
            self.assertEqual(error, "odoo.exceptions.AccessError", method)
        # a seller reads the own target of that time, and nobody else's
        rows, error = self.call("sdm.plan.target", "search_read", [("date", "=", "2024-01-01")], ["value"])
        self.assertEqual(([row["value"] for row in rows], error), ([500.5], None))

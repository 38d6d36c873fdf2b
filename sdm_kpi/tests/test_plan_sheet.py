"""A plan as a workbook: out, changed, and in again; sheets of others; what is refused, by the address of its cell."""

import base64
import io

import openpyxl

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from odoo.addons.sdm_segmentation.tests.common import AS_OF

from .test_plan_grid import JANUARY, GridCase

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetCase(GridCase):
    def export(self, user=None):
        """The workbook that a user gets."""
        content = self.version.with_user(user or self.people["director"])._make_workbook()
        return openpyxl.load_workbook(io.BytesIO(content))

    def wizard(self, content, user=None, **values):
        """The import of a workbook, or of rows of a plain one, or of a text."""
        if isinstance(content, list):
            book = openpyxl.Workbook()
            for row in content:
                book.active.append(row)
            content = book
        if isinstance(content, openpyxl.Workbook):
            output = io.BytesIO()
            content.save(output)
            content = output.getvalue()
        Wizard = self.env["sdm.plan.import"].with_user(user or self.people["director"])
        return Wizard.create({"version_id": self.version.id, "file": base64.b64encode(content), **values})

    def place(self, book, name, month):
        """The cell of a person's row."""
        page = book.worksheets[0]
        [column] = [cell.column for cell in page[1] if cell.value == month]
        [row] = [cell.row for cell in page["D"] if cell.value == name]
        return page.cell(row, column)

    def problems(self, wizard):
        _changes, problems = wizard._parse()
        self.assertFalse(wizard.is_ready)
        with self.assertRaises(UserError):
            wizard.action_import()
        return problems


@tagged("post_install", "-at_install", "sdm")
class TestPlanSheet(SheetCase):
    def test_the_workbook_knows_its_targets_and_adds_them_up(self):
        self.target(self.boris, 50)
        book = self.export()
        page, written = book.worksheets
        self.assertEqual(page["A1"].value, f"sdm.plan.version:{self.version.id}")
        self.assertEqual([page.row_dimensions[1].hidden, page.column_dimensions["A"].hidden], [True, True])
        self.assertEqual((page.freeze_panes, written.sheet_state), ("F3", "hidden"))
        self.assertEqual(
            [cell.value for cell in page[2]][1:7], ["KPI", "Group of", "Person", "Details", "Jan 26", "Feb 26"]
        )
        rows = {page.cell(row, 4).value: [page.cell(row, column).value for column in (1, 6, 18)] for row in (3, 4)}
        anna, boris = ("-".join(map(str, self.key(user))) for user in (self.anna, self.boris))
        self.assertEqual(rows, {"Anna": [anna, 100, "=SUM(F3:Q3)"], "Boris": [boris, 50, "=SUM(F4:Q4)"]})
        self.assertEqual([page.cell(5, column).value for column in (1, 6)], ["total", "=SUM(F3:F4)"])
        self.assertEqual(self.place(book, "Anna", JANUARY).comment.text, "Agreed")
        self.assertEqual(self.place(book, "Anna", JANUARY).number_format, "#,##0.00")

    def test_no_text_becomes_a_formula(self):
        self.anna.employee_id.name = "=cmd|' /C calc'!A0"
        self.revenue.name = "@SUM(1)"
        page = self.export().worksheets[0]
        texts = [cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]
        formulas = {cell.value for cell in texts if cell.data_type == "f"}
        self.assertTrue(all(text.startswith("=SUM(") for text in formulas))
        self.assertIn("=cmd|' /C calc'!A0", [cell.value for cell in texts if cell.data_type == "s"])

    def test_what_was_written_comes_back_without_a_difference(self):
        self.target(self.boris, 1234567.8912)
        wizard = self.wizard(self.export())
        self.assertTrue(wizard.is_own)
        self.assertEqual(wizard._parse(), ([], []))
        self.assertIn("nothing differs", wizard.preview)
        with self.assertRaisesRegex(UserError, "changes nothing"):
            wizard.action_import()

    def test_what_differs_is_shown_and_taken_over_at_once(self):
        self.target(self.boris, 50)
        book = self.export()
        self.place(book, "Anna", JANUARY).value = 130
        self.place(book, "Boris", JANUARY).value = None
        self.place(book, "Boris", "2026-03-01").value = "1 234,5"
        # a totals row and sums are what they are, whatever is typed into them
        book.worksheets[0].cell(5, 6).value = 999
        wizard = self.wizard(book)
        changes, problems = wizard._parse()
        self.assertEqual(problems, [])
        rows = [wizard._prepare_row(change) for change in changes]
        shown = [(row["address"], row["month"], row["old"], row["new"], row["difference"]) for row in rows]
        self.assertEqual(
            shown,
            [
                ("F3", "2026-01", "100", "130", "30"),
                ("F4", "2026-01", "50", "nothing", "-50"),
                ("H4", "2026-03", "nothing", "1,234.50", "1,234.50"),
            ],
        )
        self.assertIn("Revenue, Anna", wizard.preview)
        self.assertTrue(wizard.is_ready)
        wizard.action_import()
        self.assertEqual(self.stored(), {("Anna", "2026-01"): 130, ("Boris", "2026-03"): 1234.5})
        anna = self.env["sdm.plan.target"].search([("version_id", "=", self.version.id), ("value", "=", 130)])
        self.assertEqual((anna.is_held, anna.note), (True, "Agreed"))

    def test_a_wrong_cell_refuses_all_by_its_address(self):
        book = self.export()
        self.place(book, "Anna", JANUARY).value = 130
        self.place(book, "Boris", JANUARY).value = "many"
        self.place(book, "Boris", "2026-02-01").value = 10**13
        self.assertEqual(
            self.problems(self.wizard(book)),
            ["F4: “many” is no number.", "G4: 10,000,000,000,000 is too large for a target."],
        )
        self.assertEqual(self.stored(), {("Anna", "2026-01"): 100})

    def test_what_somebody_changed_since_is_kept(self):
        target = self.target(self.boris, 50)
        book = self.export()
        self.place(book, "Anna", JANUARY).value = 130
        target.value = 60
        wizard = self.wizard(book)
        self.assertEqual(len(wizard._parse()[0]), 1, "what was not touched in the sheet is no difference")
        self.place(book, "Boris", JANUARY).value = 70
        [problem] = self.problems(self.wizard(book))
        self.assertEqual(
            problem,
            "F4: it was 50 when the sheet was written and is 60 by now. Export again, or enter it in the grid.",
        )

    def test_a_sheet_of_another_version_or_a_decided_one_is_refused(self):
        book = self.export()
        self.place(book, "Anna", JANUARY).value = 130
        other = self.env["sdm.plan.version"].create({"plan_id": self.plan.id, "name": "Cautious"})
        wizard = self.wizard(book, version_id=other.id)
        self.assertIn("another version: Plan 2026, version 1: Base", self.problems(wizard)[0])
        wizard = self.wizard(book)
        self.version._put_in_force(AS_OF, "Agreed")
        [problem] = self.problems(wizard)
        self.assertIn("F3: Plan 2026, version 1: Base was submitted or decided", problem)

    # -- sheets of others ---------------------------------------------------------------------------------------------

    def foreign(self, rows, **values):
        return self.wizard(rows, **{"kpi_id": self.revenue.id, **values})

    def test_a_sheet_of_others_is_read_by_its_layout(self):
        self.boris.employee_id.work_email = "boris@example.com"
        rows = [
            ["Our plan"],
            ["No", "Seller", "Январь 2026", "Feb 26"],
            [1, " anna ", 100, "1 234,50"],
            [2, "Boris@Example.com", 7, None],
            [None, "Total", 107, 1234.5],
        ]
        wizard = self.foreign(rows, profile_name="Office")
        self.assertFalse(wizard.is_own)
        wizard._onchange_file()
        self.assertEqual((wizard.header_row, wizard.who_column), (2, "B"))
        wizard.action_import()
        self.assertEqual(
            self.stored(), {("Anna", "2026-01"): 100, ("Anna", "2026-02"): 1234.5, ("Boris", "2026-01"): 7}
        )
        profile = self.env["sdm.plan.profile"].search([("name", "=", "Office")])
        self.assertEqual((profile.header_row, profile.who_column, profile.kpi_id), (2, "B", self.revenue))
        again = self.foreign(rows, profile_id=profile.id, header_row=1)
        again._onchange_profile_id()
        self.assertEqual(again.header_row, 2)
        self.assertEqual(again._parse(), ([], []))

    def test_a_month_in_each_row_and_a_column_of_kpi(self):
        meetings = self.switch_on("meetings")
        text = "who;what;when;how much\nAnna;Revenue;01.2026;120\nAnna;meetings;февраль;5\n"
        layout = {"kpi_column": "B", "month_column": "C", "value_column": "D", "kpi_id": False}
        self.foreign(text.encode("cp1251"), **layout).action_import()
        targets = self.env["sdm.plan.target"].search([("version_id", "=", self.version.id)], order="value")
        self.assertEqual(
            [(one.kpi_id, str(one.date)[:7], one.value) for one in targets],
            [(meetings, "2026-02", 5), (self.revenue, "2026-01", 120)],
        )

    def test_who_is_not_known_or_may_be_several_is_refused_by_name(self):
        twin = self.worker("Anna Second")
        twin.employee_id.write({"name": "Anna", "work_email": "second@example.com"})
        rows = [
            ["who", "Jan 26", "Mar 27"],
            ["Anna", 1, None],
            ["Nobody", 2, None],
            ["Boris", 3, None],
            ["Boris", 4, None],
        ]
        self.assertEqual(
            self.problems(self.foreign(rows)),
            [
                "C1: “Mar 27” is no month of the plan.",
                "B5: the target is in B4 already. Leave one of them.",
                "B2: “Anna” may be several: Anna, Anna. Write the e-mail.",
                "B3: “Nobody” is not known here. Check how it is written, or leave the row out.",
            ],
        )

    def test_a_person_with_targets_by_category_needs_the_column(self):
        pumps, valves = self.env["product.category"].create([{"name": "Pumps"}, {"name": "Valves"}])
        for category in pumps | valves:
            self.target(self.boris, 5, category_id=category.id)
        rows = [["who", "with what", "Jan 26"], ["Boris", "valves", 3]]
        self.assertIn("C2: The person has several targets", self.problems(self.foreign(rows))[0])
        self.foreign(rows, category_column="B").action_import()
        targets = self.env["sdm.plan.target"].search([("category_id", "in", (pumps | valves).ids)])
        self.assertEqual({one.category_id: one.value for one in targets}, {pumps: 5, valves: 3})

    def test_layouts_that_cannot_be_are_refused(self):
        for values, message in (
            ({"who_column": "7"}, "“7” is no column"),
            ({"month_column": "C"}, "two columns"),
            ({"header_row": 0}, "counted from 1"),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                self.foreign([["who", "Jan 26"], ["Anna", 1]], **values)
        self.assertIn("No targets were found", self.problems(self.foreign([["nothing"]]))[0])
        wizard = self.foreign([["who", "Jan 26"], ["Anna", 1]], kpi_id=False)
        self.assertIn("Say of which KPI", self.problems(wizard)[0])
        self.assertIn("cannot be opened", self.problems(self.foreign(b"PK\x03\x04 no workbook"))[0])

    def test_who_may(self):
        for name in ("seller", "head", "auditor", "payroll", "stranger"):
            with self.assertRaises(AccessError):
                self.wizard([["who"]], user=self.people[name])
        with self.assertRaises(AccessError):
            self.export(self.people["stranger"])


@tagged("post_install", "-at_install", "sdm")
class TestPlanSheetHttp(HttpCase, SheetCase):
    browser_size = "1366x900"

    def download(self, user):
        user.password = "password-of-a-persona"
        self.authenticate(user.login, "password-of-a-persona")
        return self.url_open(f"/sdm_kpi/plan/{self.version.id}/targets.xlsx")

    def test_who_may_download_what(self):
        self.assertEqual(self.download(self.anna).status_code, 403, "a draft")
        self.target(self.boris, 50)
        self.version._put_in_force(AS_OF, "Agreed")
        answer = self.download(self.anna)
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, XLSX))
        page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        self.assertEqual([cell.value for cell in page["D"] if cell.value], ["Person", "Anna"])
        self.assertEqual(self.download(self.people["payroll"]).status_code, 403)

    def check_tour(self):
        director = self.people["director"]
        self.start_tour(f"/odoo/sdm.plan.version/{self.version.id}", "sdm_plan_import_tour", login=director.login)
        self.assertEqual(self.stored(), {("Anna", "2026-01"): 500, ("Anna", "2026-02"): 600, ("Boris", "2026-02"): 70})

    def test_a_sheet_is_taken_over_in_english(self):
        self.check_tour()

    def test_a_sheet_is_taken_over_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.people["director"].lang = "ru_RU"
        self.check_tour()

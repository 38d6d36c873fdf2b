"""Files that people bring: no wider than a table, and no number that may be another one."""

import base64
import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import sdm_table_mixin
from .common import KpiCase

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(rows):
    """The smallest workbook with a sheet of rows: {place of a column, as A: number}"""
    lines = (
        (number, "".join(f'<c r="{place}{number}"><v>{value}</v></c>' for place, value in row.items()))
        for number, row in enumerate(rows, 1)
    )
    cells = "".join(f'<row r="{number}">{line}</row>' for number, line in lines)
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f"""<Types xmlns="{package}/content-types">
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
            <Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>
            <Override PartName="/xl/worksheets/sheet1.xml" ContentType="{office}.worksheet+xml"/></Types>""",
        "_rels/.rels": f"""<Relationships xmlns="{package}/relationships">
            <Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
        "xl/workbook.xml": f"""<workbook xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}"><sheets>
            <sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>""",
        "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{package}/relationships">
            <Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
        "xl/worksheets/sheet1.xml": f"""<worksheet xmlns="{SPREADSHEET}"><sheetData>{cells}</sheetData></worksheet>""",
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return base64.b64encode(content.getvalue())


@tagged("post_install", "-at_install")
class TestTables(KpiCase):
    def test_cells_far_to_the_right_cost_nothing(self):
        """A cell in the last column that a sheet may have, in each of 300 rows: a row is what is near."""
        content = workbook([{"A": number, "XFD": 1} for number in range(300)])
        rows = self.env["sdm.table.mixin"]._read_table(content)
        self.assertEqual(rows, [[number] for number in range(300)])

    def test_more_columns_than_a_table_has_are_refused(self):
        # SF is the 500th, SG the 501st
        table = self.env["sdm.table.mixin"]
        self.assertEqual(len(table._read_table(workbook([{"A": 1, "SF": 2}]))[0]), 500)
        with self.assertRaisesRegex(UserError, "Row 2 has more than 500 columns"):
            table._read_table(workbook([{"A": 1}, {"A": 1, "SG": 2}]))
        plan = self.env["sdm.plan"].create({"perimeter_id": self.perimeter.id, "date_from": "2025-01-01"})
        version = self.env["sdm.plan.version"].create({"plan_id": plan.id})
        wizard = self.env["sdm.plan.import"].create(
            {"version_id": version.id, "file": workbook([{"A": 1, "SG": 2}]), "filename": "x.xlsx"}
        )
        self.assertIn("more than 500 columns", wizard.preview)
        self.assertFalse(wizard.is_ready)

    def test_a_workbook_that_unpacks_to_a_flood_is_refused(self):
        with (
            patch.object(sdm_table_mixin, "MOST_UNPACKED", 2**20),
            self.assertRaisesRegex(UserError, "2 MB unpacked, and at most 1 MB"),
        ):
            self.env["sdm.table.mixin"]._read_table(workbook([{"A": "0" * 2**21}]))

    def control(self, *amounts, **values):
        lines = "\n".join(f"2025-0{month}-01;{amount}" for month, amount in enumerate(amounts, 1))
        content = base64.b64encode(f"Month;Amount\n{lines}".encode())
        return self.env["sdm.control.import"].create({"file": content, "filename": "totals.csv", **values})

    def totals(self):
        rows = self.env["sdm.control.total"].search([("perimeter_id", "=", self.perimeter.id)], order="date")
        return [row.amount for row in rows]

    def test_a_number_that_may_be_two_is_asked_for(self):
        """1,234 and 2,500 are 3734 or 3.734; nothing says which."""
        wizard = self.control("1,234", "2,500")
        self.assertFalse(wizard.is_ready)
        for text in ("with a point all rows come to 3,734.00", "with a comma to 3.73", "may be two numbers"):
            self.assertIn(text, wizard.preview)
        with self.assertRaises(UserError):
            wizard.action_import()
        wizard.sign = "."
        self.assertTrue(wizard.is_ready)
        wizard.action_import()
        self.assertEqual(self.totals(), [1234, 2500])
        wizard.sign = ","
        wizard.action_import()
        self.assertEqual(self.totals(), [1.23, 2.5])

    def test_where_the_column_says_it_nobody_is_asked(self):
        self.control("1,234", "0.50").action_import()
        self.assertEqual(self.totals(), [1234, 0.5])
        self.control("1.234", "1.000.000").action_import()
        self.assertEqual(self.totals(), [1234, 1000000])

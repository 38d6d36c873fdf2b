import io

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from odoo import models

from ...engine import facts
from ...engine.plan import sheet

# Of which row and column the numbers begin, counted from 0
FIRST_ROW = 2
FIRST_COLUMN = 5
WRITTEN = "sdm"
FORMATS = {"money": "#,##0.00", "number": "#,##0", "percent": '0.0"%"', "days": "0.0"}
WIDTHS = ((1, 1, 28), (2, 3, 24), (4, 4, 18))
LONGEST_SHEET_NAME = 31


class SdmPlanVersion(models.Model):
    """The targets of a version as a workbook that can be changed and read again."""

    _inherit = "sdm.plan.version"

    def action_open_sheet(self):
        """Download the targets as a workbook."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/sdm_kpi/plan/{self.id}/targets.xlsx", "target": "download"}

    def _make_workbook(self):
        """The targets as the user sees them in the grid.

        A hidden row and column say which target each cell is, and a hidden sheet what was written, so that a workbook
        that comes back tells what was changed in it. Texts are written as texts: none becomes a formula.

        :return: the file
        """
        grid = self.get_grid()
        output = io.BytesIO()
        workbook = xlsxwriter.Workbook(
            output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        shown = workbook.add_worksheet(self.env._("Targets")[:LONGEST_SHEET_NAME])
        written = workbook.add_worksheet(WRITTEN)
        written.hide()
        bold = workbook.add_format({"bold": True})
        numbers = {unit: workbook.add_format({"num_format": text}) for unit, text in FORMATS.items()}
        sums = {unit: workbook.add_format({"num_format": text, "bold": True}) for unit, text in FORMATS.items()}
        self._write_header(shown, written, grid["months"], bold)
        row = FIRST_ROW
        for kpi in grid["kpis"]:
            first = row
            for key, values, _held, notes in self._sort_rows(grid, kpi["id"]):
                self._write_row(shown, written, row, (grid, kpi, key, values, notes), numbers[kpi["unit"]])
                row += 1
            if kpi["semantics"] == facts.FLOW and row > first:
                self._write_total(shown, row, first, (kpi, len(grid["months"])), (bold, sums[kpi["unit"]]))
                row += 1
        workbook.close()
        return output.getvalue()

    def _write_header(self, shown, written, months, bold):
        shown.set_row(0, None, None, {"hidden": True})
        shown.set_column(0, 0, None, None, {"hidden": True})
        for first, last, width in WIDTHS:
            shown.set_column(first, last, width)
        shown.set_column(FIRST_COLUMN, FIRST_COLUMN + len(months), 13)
        shown.freeze_panes(FIRST_ROW, FIRST_COLUMN)
        shown.write_string(0, 0, f"{sheet.MARK}:{self.id}")
        names = ("", self.env._("KPI"), self.env._("Group of"), self.env._("Person"), self.env._("Details"))
        for column, name in enumerate(names):
            shown.write_string(1, column, name, bold)
        for number, month in enumerate(months):
            shown.write_string(0, FIRST_COLUMN + number, month["date"])
            shown.write_string(1, FIRST_COLUMN + number, month["label"], bold)
            written.write_string(0, 1 + number, month["date"])
        shown.write_string(1, FIRST_COLUMN + len(months), self.env._("Year"), bold)

    def _sort_rows(self, grid, kpi_id):
        """The rows of a KPI by group, person and what else tells them apart."""
        names = grid["names"]["employee"]
        rows = [row for row in grid["rows"] if row[0][0] == kpi_id]
        return sorted(rows, key=lambda row: (names.get(row[0][1], ""), names.get(row[0][2], ""), row[0]))

    def _write_row(self, shown, written, row, content, number_format):
        grid, kpi, key, values, notes = content
        _kpi, head, employee, *parts = key
        name = "-".join(map(str, key))
        names = grid["names"]
        details = [
            names[kind].get(part, "") for kind, part in zip(("team", "segment", "category"), parts, strict=True) if part
        ]
        texts = (name, kpi["name"], names["employee"].get(head, ""), names["employee"].get(employee, ""))
        for column, text in enumerate((*texts, ", ".join(details))):
            shown.write_string(row, column, text)
        # the hidden sheet has a row of its own for each: its first is the header
        written.write_string(row - 1, 0, name)
        for number, value in enumerate(values):
            if value is None:
                shown.write_blank(row, FIRST_COLUMN + number, None, number_format)
            else:
                shown.write_number(row, FIRST_COLUMN + number, value, number_format)
                written.write_number(row - 1, 1 + number, value)
        for number, note in notes.items():
            shown.write_comment(row, FIRST_COLUMN + number, note)
        if kpi["semantics"] == facts.FLOW:
            last = FIRST_COLUMN + len(values)
            year = xl_range(row, FIRST_COLUMN, row, last - 1)
            total = sum(value or 0 for value in values)
            shown.write_formula(row, last, f"=SUM({year})", number_format, total)

    def _write_total(self, shown, row, first, content, formats):
        kpi, months = content
        bold, number_format = formats
        shown.write_string(row, 0, sheet.TOTAL)
        shown.write_string(row, 1, kpi["name"], bold)
        shown.write_string(row, 2, self.env._("Total"), bold)
        for number in range(months + 1):
            column = FIRST_COLUMN + number
            cells = f"{xl_rowcol_to_cell(first, column)}:{xl_rowcol_to_cell(row - 1, column)}"
            shown.write_formula(row, column, f"=SUM({cells})", number_format)

import base64
import io
import zipfile
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from ..engine import figures, table

SHOWN = 100
SIGNS = [(figures.POINT, "A point: 1,234.50"), (figures.COMMA, "A comma: 1 234,50")]
# No table of people is wider or longer, and a file of a few bytes may say that it is
MOST_COLUMNS = 500
MOST_ROWS = 1048576
MOST_UNPACKED = 500 * 1024 * 1024


class SdmTableMixin(models.AbstractModel):
    """What wizards that read a table of people's own share: the file, its columns, and words for what is wrong."""

    _name = "sdm.table.mixin"
    _description = "Reading of a Table"

    @api.model
    def _read_table(self, content):
        """The rows of a CSV file or of the first sheet of a workbook.

        :param content: base64 of the file; :raise UserError: it is neither
        """
        _count, rows = self._open_table(content)
        return list(rows)

    @api.model
    def _open_table(self, content, with_percents=False):
        """A CSV file or the first sheet of a workbook, whose rows are read one after another.

        :param content: base64 of the file
        :param with_percents: whether numbers that a workbook shows in percent are texts like "7 %"
        :return: (number of rows, iterator over lists of cells)
        :raise UserError: it is neither
        """
        content = base64.b64decode(content)
        if not content.startswith(b"PK"):
            if b"\0" in content:
                raise UserError(self.env._("This is neither CSV nor XLSX. Save the table as one of them."))
            rows = table.read_csv(content)
            return len(rows), iter(rows)
        sheet = self._open_workbook(content).worksheets[0]
        count = sheet.max_row or sum(1 for _row in sheet.iter_rows(max_col=1))
        return count, self._iter_rows(sheet, with_percents=with_percents)

    @api.model
    def _open_workbook(self, content):
        """A workbook whose sheets are read row after row.

        :param content: bytes; :raise UserError: it cannot be opened, or is more than anybody's table once unpacked
        """
        import openpyxl  # noqa: PLC0415 - it takes a while to load, and few need it

        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                unpacked = sum(part.file_size for part in package.infolist())
            if unpacked > MOST_UNPACKED:
                raise UserError(
                    self.env._(
                        "The workbook is %(size)s MB unpacked, and at most %(most)s MB are read. Save it as CSV.",
                        size=unpacked // 2**20,
                        most=MOST_UNPACKED // 2**20,
                    )
                )
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
            raise UserError(self.env._("The workbook cannot be opened: %s. Save it as XLSX again.", error)) from error
        if not book.worksheets:
            raise UserError(self.env._("The workbook has no sheet with cells."))
        return book

    @api.model
    def _iter_rows(self, sheet, most=MOST_ROWS, with_percents=False):
        """The rows of a sheet as lists, without the empty cells at their ends.

        However far the cells of a file reach, no more than a table's columns are built.

        :param sheet: of a workbook that :meth:`_open_workbook` gave; :param most: how many rows are read
        :param with_percents: whether numbers that are shown in percent are texts like "7 %"
        :raise UserError: there are more columns than any table has
        """
        found = sheet.iter_rows(values_only=not with_percents, max_row=most, max_col=MOST_COLUMNS + 1)
        for number, row in enumerate(found, 1):
            cells = [_as_shown(cell) for cell in row] if with_percents else list(row)
            while cells and cells[-1] is None:
                cells.pop()
            if len(cells) > MOST_COLUMNS:
                raise UserError(
                    self.env._(
                        "Row %(row)s has more than %(most)s columns. Keep those that are needed, delete the others.",
                        row=number,
                        most=MOST_COLUMNS,
                    )
                )
            yield cells

    @api.model
    def _tell_ambiguous(self, column, reading):
        """What the numbers of a column come to by each way to read them, to choose one.

        :param column: how the user calls it; :param reading: table.Reading
        """
        return self.env._(
            "“%(column)s” can be read in two ways. Say what stands before decimals: with a point all rows come to "
            "%(point)s, with a comma to %(comma)s.",
            column=column,
            point=formatLang(self.env, float(reading.point), digits=2),
            comma=formatLang(self.env, float(reading.comma), digits=2),
        )

    @api.model
    def _tell_table_problem(self, problem, labels):
        """What is wrong with a cell, and what to write instead.

        :param problem: table.Problem; :param labels: {column: how the user calls it}
        """
        words = {"row": problem.row, "column": labels.get(problem.column, problem.column), "value": problem.value}
        if problem.reason == table.EMPTY:
            return self.env._("Row %(row)s, “%(column)s”: the cell is empty.", **words)
        if problem.reason == table.NOT_A_NUMBER:
            return self.env._(
                "Row %(row)s, “%(column)s”: “%(value)s” is no number. Write it like 1234.50 or 1 234,50.", **words
            )
        if problem.reason == table.AMBIGUOUS:
            return self.env._(
                "Row %(row)s, “%(column)s”: “%(value)s” may be two numbers. Say what stands before decimals.", **words
            )
        if problem.reason == table.NOT_A_DAY:
            return self.env._(
                "Row %(row)s, “%(column)s”: “%(value)s” is no date. Write 2026-12-31 or 31.12.2026.", **words
            )
        if problem.reason == table.FAR:
            return self.env._(
                "Row %(row)s, “%(column)s”: “%(value)s” is too far away. The year is from %(first)s to %(last)s.",
                first=table.FIRST_YEAR,
                last=table.LAST_YEAR,
                **words,
            )
        if problem.reason == table.NOT_A_MONTH:
            return self.env._(
                "Row %(row)s, “%(column)s”: “%(value)s” is no month. Write 2026-12 or 12.2026, or any day of it.",
                **words,
            )
        return self.env._(
            "Row %(row)s, “%(column)s”: “%(value)s” is not known here, or there are several. Write the name as it is "
            "in Odoo.",
            **words,
        )

    @api.model
    def _find_by_name(self, model, names, domain=Domain.TRUE, fields_of=("name",)):
        """Records by the names that people write, in any case.

        :param names: texts; :param fields_of: fields that may hold them, the first ones go before
        :return: {text: record}; a text that fits none or several is left out
        """
        names = {name for name in names if name}
        wanted = {name.lower() for name in names}
        Model = self.env[model]
        found = {}
        for field in fields_of:
            left = sorted(wanted - found.keys())
            if not left:
                break
            said, source = SQL("btrim(%s)", SQL.identifier(Model._table, field)), SQL.identifier(Model._table)
            if Model._fields[field].translate:
                # in whatever language it is written
                column = SQL.identifier(Model._table, field)
                source = SQL("%s CROSS JOIN LATERAL jsonb_each_text(%s) spoken (lang, word)", source, column)
                said = SQL("btrim(spoken.word)")
            rows = self.env.execute_query(
                SQL(
                    # as written too: not every server knows the small letters of every language
                    "SELECT DISTINCT %s, %s FROM %s WHERE %s IN %s AND (lower(%s) = ANY(%s) OR %s = ANY(%s))",
                    said,
                    SQL.identifier(Model._table, "id"),
                    source,
                    SQL.identifier(Model._table, "id"),
                    Model._search(domain).subselect(),
                    said,
                    left,
                    said,
                    list(names),
                    to_flush=Model._fields[field],
                )
            )
            by_name = defaultdict(set)
            for name, number in rows:
                by_name[name.lower()].add(number)
            found.update(by_name)
        return {
            name: Model.browse(tuple(found[name.lower()])) for name in names if len(found.get(name.lower(), ())) == 1
        }


def _as_shown(cell):
    """The value of a cell of a workbook, a share as people read it."""
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool) and "%" in (cell.number_format or ""):
        return table.as_percent(cell.value)
    return cell.value

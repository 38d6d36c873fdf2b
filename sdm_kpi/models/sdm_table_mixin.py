import base64
import io
import zipfile
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import table

SHOWN = 100


class SdmTableMixin(models.AbstractModel):
    """What wizards that read a table of people's own share: the file, its columns, and words for what is wrong."""

    _name = "sdm.table.mixin"
    _description = "Reading of a Table"

    @api.model
    def _read_table(self, content):
        """The rows of a CSV file or of the first sheet of a workbook.

        :param content: base64 of the file; :raise UserError: it is neither
        """
        content = base64.b64decode(content)
        if not content.startswith(b"PK"):
            if b"\0" in content[:1000]:
                raise UserError(self.env._("This is neither CSV nor XLSX. Save the table as one of them."))
            return table.read_csv(content)
        import openpyxl  # noqa: PLC0415 - it takes a while to load, and few need it

        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
            raise UserError(self.env._("The workbook cannot be opened: %s. Save it as XLSX again.", error)) from error

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
        if problem.reason == table.NOT_A_DAY:
            return self.env._(
                "Row %(row)s, “%(column)s”: “%(value)s” is no date. Write 2026-12-31 or 31.12.2026.", **words
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
            said = SQL("btrim(%s)", SQL.identifier(Model._table, field))
            rows = self.env.execute_query(
                SQL(
                    # as written too: not every server knows the small letters of every language
                    "SELECT %s, id FROM %s WHERE id IN %s AND (lower(%s) = ANY(%s) OR %s = ANY(%s))",
                    said,
                    SQL.identifier(Model._table),
                    Model._search(domain).subselect(),
                    said,
                    left,
                    said,
                    list(names),
                    to_flush=Model._fields[field],
                )
            )
            by_name = defaultdict(list)
            for name, number in rows:
                by_name[name.lower()].append(number)
            found.update(by_name)
        return {name: Model.browse(found[name.lower()]) for name in names if len(found.get(name.lower(), ())) == 1}

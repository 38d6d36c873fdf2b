import json
from decimal import Decimal
from itertools import islice

from odoo import models
from odoo.tools import SQL

from ..engine import history, table
from .sdm_kpi_import import COLUMNS, MONTH_COLUMN

UNKNOWN = "unknown"
BATCH = 5000
# Which records the texts of a column name, by which of their fields, which of them, and which go first
NAMED = {
    "customer": ("res.partner", ("name", "vat", "ref", "email"), [("parent_id", "=", False)], None),
    # a person's card in the company of the file goes first
    "person": ("hr.employee", ("name", "work_email"), [], "company_id"),
    "category": ("product.category", ("complete_name", "name"), [], None),
}


class SdmKpiImport(models.Model):
    """Reading of a file, batch after batch: whom its rows name, and what is wrong with them."""

    _inherit = "sdm.kpi.import"

    def _read_batches(self):
        """Rows of the file that were not read yet.

        :return: iterator over (number of the first row, list of rows)
        """
        [(reached,)] = self.env.execute_query(
            SQL("SELECT COALESCE(MAX(row), 0) FROM sdm_kpi_import_row WHERE import_id = %s", self.id)
        )
        _count, rows = self._open_file()
        next(rows)
        first = 2
        while batch := list(islice(rows, BATCH)):
            if first + len(batch) > reached + 1:
                yield first, batch
            first += len(batch)

    def _stage(self, first, rows):
        """Read rows and keep what they say; the number of queries does not depend on their number.

        :param first: number of the first one in the file; :param rows: lists of cells
        """
        columns = COLUMNS[self.kind]
        places = {column.meaning: column.place for column in self.column_ids if column.meaning}
        months = {column.place: column.header for column in self.column_ids if column.meaning == MONTH_COLUMN}
        if months:
            width = max(self.column_ids.mapped("place")) + 1
            numbered = table.unpivot(enumerate(rows, start=first), months, width)
            places |= {"date": width, "amount": width + 1}
        else:
            numbered = [((number, 0), row) for number, row in enumerate(rows, start=first)]
        records, problems = table.parse_numbered(numbered, places, columns, self._get_signs())
        known = self._find_all_named(records)
        written = dict(numbered)
        right = []
        for record in records:
            found = self._check_row(record, known, written[record.row], places)
            if found:
                problems += found
            else:
                right.append(self._prepare_row(record, known))
        wrong, named = {}, set()
        for problem in sorted(problems, key=lambda problem: problem.row):
            found = wrong.setdefault(problem.row, [])
            # what is wrong with a row is said once, however many months it has
            said = (problem.row[0], problem.column)
            if said not in named or problem.column in ("date", "amount"):
                found.append([problem.column, problem.reason, problem.value])
            named.add(said)
        self.env["sdm.kpi.import.row"]._write_batch(
            self,
            [
                *right,
                *(
                    {"row": row, "part": part, "is_right": False, "problems": json.dumps(found)}
                    for (row, part), found in wrong.items()
                ),
            ],
        )

    def _get_signs(self):
        """What stands before decimals: {column: sign}; the whole file is asked, once for each check."""
        names = self._get_number_places()
        if names and not self.readings:
            _count, rows = self._open_file()
            next(rows)
            self.readings = {
                name: [reading.sign, reading.is_ambiguous, str(reading.point), str(reading.comma)]
                for name, reading in table.read_signs(rows, names).items()
            }
        return {name: self.sign or self.readings[name][0] for name in names}

    def _get_number_places(self):
        """Where the numbers of the file are: {column: places}; amounts of months are those of one column."""
        places = {}
        numbers = {column.name for column in COLUMNS[self.kind] if column.kind in (table.NUMBER, table.SHARE)}
        for column in self.column_ids:
            name = "amount" if column.meaning == MONTH_COLUMN else column.meaning
            if name in numbers:
                places.setdefault(name, []).append(column.place)
        return places

    def _tell_all_ambiguous(self):
        """Of each column that can be read in two ways, what its rows come to by each."""
        labels = self._get_labels()
        return [
            self._tell_ambiguous(labels[name], table.Reading(sign, is_ambiguous, Decimal(point), Decimal(comma)))
            for name, (sign, is_ambiguous, point, comma) in (self.readings or {}).items()
            if is_ambiguous and not self.sign
        ]

    def _get_named(self):
        """As ``NAMED``, of the columns that files of this kind have."""
        names = {column.name for column in COLUMNS[self.kind]}
        return {name: how for name, how in NAMED.items() if name in names}

    def _find_all_named(self, records):
        """Whom rows name: {column: {text: id}}; a text that names none or several is left out."""
        return {
            name: self._find_named({record.values.get(name) for record in records} - {None}, *how)
            for name, how in self._get_named().items()
        }

    def _find_named(self, texts, model, names, domain, first):
        """Records that texts name, archived ones too.

        :param first: field by which records of the file's company go before others; None: none go before
        :return: {text: id}
        """
        if not texts:
            return {}
        everybody = self.sudo().with_context(active_test=False)
        found = everybody._find_by_name(model, texts, domain, names)
        if first:
            nearest = [*domain, (first, "=", self._get_nearest(first))]
            found |= everybody._find_by_name(model, texts, nearest, names)
        return {text: record.id for text, record in found.items()}

    def _get_nearest(self, name):
        """The value of a field of those who go first.

        :param name: of the field
        """
        return self.company_id.id

    def _check_row(self, record, known, cells, places):
        """What is wrong with a row that could be read.

        :param record: table.Record; :param known: as ``_find_all_named()``
        :param cells: as they are in the file; :param places: {column: place}
        :return: list of table.Problem
        """
        return [
            table.Problem(record.row, name, UNKNOWN, record.values[name])
            for name, found in known.items()
            if record.values.get(name)
            and record.values[name] not in found
            and not (name == "person" and self.accepts_unknown)
        ]

    def _prepare_row(self, record, known):
        """Values of a row that is right."""
        found = {name: ids.get(record.values.get(name)) for name, ids in known.items()}
        row, part = record.row
        return {
            "row": row,
            "part": part,
            "is_right": True,
            "said": history.say(record.values),
            "date": record.values["date"],
            # one that is of nobody stands for itself
            "partner_id": found.get("customer"),
            "employee_id": found.get("person"),
            "category_id": found.get("category"),
            "amount": record.values.get("amount") or 0,
            "quantity": record.values.get("quantity") or 0,
            "reference": record.values.get("reference"),
        }

    # -- what is wrong ------------------------------------------------------------------------------------------------

    def _get_rejected(self, limit=None):
        """What is wrong with which row, in words.

        :param limit: how many at most; :return: list of [row, column, words]
        """
        labels = self._get_labels()
        headers = {column.place: column.header for column in self.column_ids}
        rows = self.env.execute_query(
            SQL(
                """SELECT row, part, problems FROM sdm_kpi_import_row
                    WHERE import_id = %s AND NOT is_right ORDER BY row, part LIMIT %s""",
                self.id,
                limit,
            )
        )
        found = []
        for row, part, problems in rows:
            of_month = {"date": headers[part], "amount": headers[part]} if part else {}
            for column, reason, text in problems:
                told = self._tell_table_problem(table.Problem(row, column, reason, text), labels | of_month)
                found.append([row, (labels | of_month).get(column, column), told])
        return found[:limit]

    def _count_problems(self):
        [(count,)] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(jsonb_array_length(problems)), 0)::int4 FROM sdm_kpi_import_row
                    WHERE import_id = %s AND NOT is_right""",
                self.id,
            )
        )
        return count

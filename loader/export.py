"""The files of an export: checked as a whole first, then read row by row with their values cleaned."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pytz

from cli.failure import Failure
from loader.mapping import ColumnRule, ExportMapping, Format, SourceFile, check_columns

_NOT_ONE_VALUE = object()
_SPACES = "\u0020\u00a0\u202f"


@dataclass(frozen=True)
class Problem:
    """Why a row is rejected. `column` and `value` are empty where the row as a whole is meant."""

    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A row of a file.

    `number` is what a spreadsheet shows (the header is row 1), `raw` the values as they stand in the file,
    `values` the cleaned ones with those looked up in other files, `problems` what is wrong with it.
    """

    number: int
    raw: dict[str, str]
    values: dict[str, str]
    problems: tuple[Problem, ...] = ()


class Export:
    """A folder with an export, seen through a mapping."""

    def __init__(self, folder: Path, mapping: ExportMapping) -> None:
        """Check every file from its first to its last line. Raises Failure that names file and cause."""
        self.folder = folder
        self.mapping = mapping
        self.headers: dict[str, list[str]] = {}
        self.row_counts: dict[str, int] = {}
        self._tables: dict[tuple[str, str, str], dict] = {}
        for file in mapping.files.values():
            self.headers[file.key], self.row_counts[file.key] = self._check(file)
        check_columns(mapping, self.headers.__getitem__)

    def rows(self, key: str) -> Iterator[Row]:
        """The rows of a file, empty lines left out."""
        file = self.mapping.files[key]
        for number, cells in self._lines(file):
            if number > 1 and any(cells):
                yield self._clean(file, number, cells)

    def unused_columns(self) -> dict[str, list[str]]:
        """Columns that the mapping leaves out, by name of the file."""
        used: dict[str, set[str]] = {key: set() for key in self.headers}
        for rule in self.mapping.records:
            if rule.file:
                used[rule.file] |= rule.columns()
        for file in self.mapping.files.values():
            for lookup in file.lookups.values():
                used[file.key].add(lookup.by)
                used[lookup.file] |= {lookup.key, lookup.take}
        left_out = {
            self.mapping.files[key].name: [name for name in header if name and name not in used[key]]
            for key, header in self.headers.items()
        }
        return {name: columns for name, columns in left_out.items() if columns}

    def _check(self, file: SourceFile) -> tuple[list[str], int]:
        header: list[str] | None = None
        count = 0
        for _number, cells in self._lines(file):
            if header is None:
                header = cells
            elif any(cells):
                count += 1
        names = [name for name in header or [] if name]
        if not names:
            raise Failure(f"{file.name} is empty", "export it again")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Failure(f"{file.name} has the column {twice[0]!r} twice", "give each column a name of its own")
        return header, count

    def _lines(self, file: SourceFile) -> Iterator[tuple[int, list[str]]]:
        """(number, stripped cells) of every line; a cell may itself hold line ends. Raises Failure."""
        path = self.folder / file.name
        # A mark in front that Windows programs write is no part of the first column's name.
        encoding = (
            "utf-8-sig" if file.format.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else file.format.encoding
        )
        csv.field_size_limit(sys.maxsize)
        number = 0
        try:
            with path.open(encoding=encoding, newline="") as stream:
                for number, cells in enumerate(csv.reader(stream, delimiter=file.format.delimiter, strict=True), 1):
                    yield number, [cell.strip() for cell in cells]
        except OSError as error:
            cause = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
            raise Failure(
                f"{path} {cause}; the mapping {self.mapping.path.name} reads it",
                "put it there, or name another mapping with --mapping",
            ) from error
        except UnicodeError as error:
            raise Failure(
                f"{file.name}, after row {number}: not written in {file.format.encoding}",
                "set format.encoding in the mapping",
            ) from error
        except csv.Error as error:
            raise Failure(
                f"{file.name}, after row {number}: {error}",
                "correct the file, or format.delimiter in the mapping",
            ) from error

    def _clean(self, file: SourceFile, number: int, cells: list[str]) -> Row:
        header = self.headers[file.key]
        raw = {name: cell for name, cell in zip(header, cells) if name}  # noqa: B905 - the lengths are compared below
        if len(cells) != len(header):
            reason = f"the row has {len(cells)} values, the header has {len(header)}"
            return Row(number, raw, {}, (Problem("", "", reason),))
        values = dict(raw)
        problems = []
        for column, rule in file.columns.items():
            try:
                values[column] = clean(raw[column], rule, file.format)
            except ValueError as error:
                problems.append(Problem(column, raw[column], str(error)))
        for column, lookup in file.lookups.items():
            found = self._table(lookup.file, lookup.key, lookup.take).get(values[lookup.by], "")
            if values[lookup.by] and not found:
                name = self.mapping.files[lookup.file].name
                problems.append(Problem(lookup.by, raw[lookup.by], f"is not in {name} (column {lookup.key})"))
            elif found is _NOT_ONE_VALUE:
                name = self.mapping.files[lookup.file].name
                problems.append(Problem(lookup.by, raw[lookup.by], f"is in {name} with more than one {lookup.take}"))
            else:
                values[column] = found
        return Row(number, raw, values, tuple(problems))

    def _table(self, file: str, key: str, take: str) -> dict[str, str]:
        """Column `take` of another file by its column `key`."""
        if (file, key, take) not in self._tables:
            table: dict = {}
            for row in self.rows(file):
                if not row.problems and row.values[take]:
                    known = table.setdefault(row.values[key], row.values[take])
                    if known != row.values[take]:
                        table[row.values[key]] = _NOT_ONE_VALUE
            self._tables[file, key, take] = table
        return self._tables[file, key, take]


def clean(text: str, rule: ColumnRule, written: Format) -> str:
    """The value of a cell as Odoo's import reads it: ISO dates, times in UTC, a point before the decimals.

    `text` is stripped already. Raises ValueError with the reason in words.
    """
    text = rule.values.get(text, text)
    if not text:
        if rule.required:
            raise ValueError("is empty")
        return ""
    if rule.type in ("integer", "number"):
        return _number(text, rule.type, written)
    if rule.type == "date":
        return _moment(text, written.date).date().isoformat()
    if rule.type == "datetime":
        local = pytz.timezone(written.timezone).localize(_moment(text, written.datetime))
        return local.astimezone(pytz.utc).strftime("%Y-%m-%d %H:%M:%S")
    return text


def _moment(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        raise ValueError(f"is no date written as {pattern}") from None


def _number(text: str, kind: str, written: Format) -> str:
    match = _number_pattern(written.decimal, written.thousands).fullmatch(text)
    if not match:
        raise ValueError("is no number")
    digits = match["whole"]
    digits = re.sub("[^0-9]", "", digits)
    fraction = (match["fraction"] or "").rstrip("0")
    if kind == "integer" and fraction:
        raise ValueError("is no whole number")
    return match["sign"].replace("+", "") + digits + (f".{fraction}" if fraction else "")


@lru_cache
def _number_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    """Digits, in groups of three if separated at all: "1,23" with a comma for thousands is not 123."""
    separator = f"[{_SPACES}]" if thousands and thousands in _SPACES else re.escape(thousands)
    groups = rf"|[0-9]{{1,3}}(?:{separator}[0-9]{{3}})+" if thousands else ""
    return re.compile(rf"(?P<sign>[+-]?)(?P<whole>[0-9]+{groups})(?:{re.escape(decimal)}(?P<fraction>[0-9]+))?")

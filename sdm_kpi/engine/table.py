"""Tables that people bring: which column is what, what the cells say, and what is wrong with which row.

A table is a list of rows of cells, the first row names the columns. Cells are texts, or numbers and dates where a
workbook knows them as such.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

TEXT = "text"
NUMBER = "number"
DAY = "day"
MONTH = "month"
EMPTY = "empty"
NOT_A_NUMBER = "not_a_number"
NOT_A_DAY = "not_a_day"
NOT_A_MONTH = "not_a_month"
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%y")
MONTHS = ("%Y-%m", "%m.%Y", "%m/%Y", "%Y/%m")
# No money of a company is more than this; a typing error may be
MOST_DIGITS = 15
# What a spreadsheet would take for a formula
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float | Decimal | date | datetime | None


@dataclass(frozen=True)
class Column:
    """A column that is expected.

    :param name: what it is called in records; :param kind: ``text``, ``number``, ``day`` or ``month``
    :param required: whether a row without it is wrong; :param words: how people call it, in small letters
    """

    name: str
    kind: str = TEXT
    required: bool = True
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """A row that could be read: its number in the file, the header is 1, and its values by name."""

    row: int
    values: Mapping[str, str | Decimal | date | None]


@dataclass(frozen=True)
class Problem:
    """A cell that could not be read: row and column, ``empty`` or what it is not, and what is there."""

    row: int
    column: str
    reason: str
    value: str = ""


def read_csv(content: bytes) -> list[list[str]]:
    """The rows of a CSV file, in UTF-8 or as Excel saves it under a Russian Windows; comma, semicolon or tab between.

    >>> read_csv("Месяц;Сумма\\r\\n05.2025;1 000,50\\r\\n".encode("cp1251"))
    [['Месяц', 'Сумма'], ['05.2025', '1 000,50']]
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter)]


def propose(headers: Sequence[Cell], columns: Iterable[Column]) -> dict[str, int]:
    """Which column of a table is which, by their names: the same word first, then one that begins with it.

    >>> propose(["Customer name", "Month", "Sum"], [Column("date", words=("month",)), Column("customer")])
    {'date': 1, 'customer': 0}
    """
    plain = [_plain(header) for header in headers]
    found: dict[str, int] = {}
    for is_same in (True, False):
        for column in columns:
            if column.name in found:
                continue
            words = (_plain(column.name), *map(_plain, column.words))
            for place, header in enumerate(plain):
                fits = header in words if is_same else any(header.startswith(word) for word in words)
                if header and fits and place not in found.values():
                    found[column.name] = place
                    break
    return {column.name: found[column.name] for column in columns if column.name in found}


def _plain(header):
    return re.sub(r"[\W_]+", " ", str(header or "").lower().replace("ё", "е")).strip()


def parse(
    rows: Sequence[Sequence[Cell]], places: Mapping[str, int], columns: Iterable[Column]
) -> tuple[list[Record], list[Problem]]:
    """Read the rows below the header. Empty rows are passed over; of a wrong row all wrong cells are named.

    :param places: {name of a column: its place, from 0}; columns that are not there are empty
    :return: the rows that are right, in the order of the file, and what is wrong with the others
    """
    columns = list(columns)
    records, problems = [], []
    for number, row in enumerate(rows[1:], start=2):
        if not any(str(cell).strip() for cell in row if cell is not None):
            continue
        values, wrong = {}, []
        for column in columns:
            place = places.get(column.name)
            cell = row[place] if place is not None and place < len(row) else None
            value, reason = _parse_cell(cell, column)
            values[column.name] = value
            if reason:
                wrong.append(Problem(number, column.name, reason, "" if cell is None else str(cell).strip()))
        if wrong:
            problems += wrong
        else:
            records.append(Record(number, values))
    return records, problems


def _parse_cell(cell, column):
    """The value of a cell and what is wrong with it, None where nothing is."""
    if cell is None or isinstance(cell, str) and not cell.strip():
        return None, EMPTY if column.required else None
    if column.kind == NUMBER:
        number = parse_number(cell)
        return number, NOT_A_NUMBER if number is None else None
    if column.kind in (DAY, MONTH):
        day = parse_day(cell)
        if day is None and column.kind == MONTH:
            day = parse_month(cell)
        if day is None:
            return None, NOT_A_MONTH if column.kind == MONTH else NOT_A_DAY
        return (day.replace(day=1) if column.kind == MONTH else day), None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip(), None


def parse_number(cell: Cell) -> Decimal | None:
    """A number, however its thousands and decimals are written; None where it is none.

    >>> [str(parse_number(text)) for text in ("1 234,50", "1,234.50", "-7", "(12.5)", "1.234,5", "1234.5678")]
    ['1234.50', '1234.50', '-7', '-12.5', '1234.5', '1234.5678']
    >>> parse_number("n/a"), parse_number("1,2,3.4.5")
    (None, None)
    """
    if isinstance(cell, bool | date):
        return None
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    text = repr(cell) if isinstance(cell, float) else re.sub(r"[\s\u00a0\u202f'₽$€]", "", str(cell or ""))
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < MOST_DIGITS else None


def parse_day(cell: Cell) -> date | None:
    """A day; None where it is none.

    >>> parse_day("31.12.2025"), parse_day("2025-12-31 00:00:00")
    (datetime.date(2025, 12, 31), datetime.date(2025, 12, 31))
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell or "").strip()
    return _parse_by(re.sub(r"[T ]\d\d:\d\d.*$", "", text), DAYS)


def parse_month(cell: Cell) -> date | None:
    """The first day of a month that is written without a day; None where it is none.

    >>> parse_month("05.2025"), parse_month("2025-05")
    (datetime.date(2025, 5, 1), datetime.date(2025, 5, 1))
    """
    return _parse_by(str(cell or "").strip(), MONTHS)


def _parse_by(text, patterns):
    for pattern in patterns:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None


def write_csv(rows: Iterable[Iterable[Cell]]) -> bytes:
    """A CSV file that a spreadsheet opens without taking any text for a formula.

    >>> write_csv([["Name", "Sum"], ["=1+1", Decimal("-5")]]).decode("utf-8-sig")
    "Name,Sum\\r\\n'=1+1,-5\\r\\n"
    """
    buffer = io.StringIO()
    csv.writer(buffer).writerows([[escape(cell) for cell in row] for row in rows])
    return buffer.getvalue().encode("utf-8-sig")


def escape(cell: Cell) -> Cell:
    """A text that no spreadsheet takes for a formula; anything else as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell

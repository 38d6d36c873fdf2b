"""Sheets of targets: our own, that know which target each cell is, and those of others, read by a layout.

A sheet is rows of values as a spreadsheet holds them: texts, numbers, dates, nothing. What cannot be read is told cell
by cell by its address, so that it can be put right; nothing here knows the database.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .numbers import Language, NumberError, parse_number

MARK = "sdm.plan.version"
TOTAL = "total"
KEY_COLUMN = 1
FEWEST_MONTHS = 2
MOST_HEADER_ROWS = 30

WRONG_KEY = "wrong_key"
WRONG_MONTH = "wrong_month"
NOT_A_VALUE = "not_a_value"
TWICE = "twice"
NO_NAME = "no_name"

Sheet = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Problem:
    """A cell that cannot be taken over: its address, why, and what is in it."""

    address: str
    reason: str
    text: str = ""


@dataclass(frozen=True)
class Reading:
    """A target as a sheet has it.

    :param whose: key of the row in our own sheet, texts of the row by what they are in others'
    :param value: None where the cell is empty; :param before: what our own sheet was written with
    """

    address: str
    whose: tuple
    month: date
    value: Decimal | None
    before: Decimal | None = None


@dataclass(frozen=True)
class Layout:
    """Where a sheet of others has what, columns counted from 1.

    :param header_row: the row with the names of the columns, from 1
    :param columns: of ``who`` and, where there are such, ``kpi``, ``segment``, ``category``
    :param month_column: where each row has its own month, with ``value_column``; None: months are columns
    :param skipped: texts of rows that are no targets, as totals are, in small letters
    """

    header_row: int
    columns: Mapping[str, int]
    month_column: int | None = None
    value_column: int | None = None
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Months:
    """How months are written: names and short names in small letters by their number, and the months of the plan."""

    names: Mapping[str, int]
    plan: Sequence[date]

    def find(self, value: object) -> date | None:
        """The month that a cell names; without a year the one of the plan.

        >>> Months({"jan": 1}, [date(2027, 1, 1)]).find("Jan")
        datetime.date(2027, 1, 1)
        """
        if isinstance(value, date):
            return date(value.year, value.month, 1)
        text = str(value).strip().lower() if isinstance(value, str) else ""
        for pattern, order in _MONTHS:
            found = pattern.fullmatch(text)
            if found:
                year, month = (int(found[number]) for number in order)
                return date(year, month, 1) if 1 <= month <= 12 else None
        words = re.findall(r"[^\W\d_]+|\d+", text)
        named = [self.names[word] for word in words if word in self.names]
        years = [int(word) for word in words if word.isdigit()]
        if len(named) != 1 or len(years) > 1 or len(words) > len(named) + len(years) + 1:
            return None
        if years:
            year = years[0] if years[0] > 99 else 2000 + years[0]
            return date(year, named[0], 1) if 2000 <= year <= 2100 else None
        fitting = [month for month in self.plan if month.month == named[0]]
        return fitting[0] if len(fitting) == 1 else None


# year and month by their groups
_MONTHS = (
    (re.compile(r"(\d{4})[-./](\d{1,2})(?:[-./]\d{1,2})?", re.A), (1, 2)),
    (re.compile(r"(?:\d{1,2}[./])?(\d{1,2})[./](\d{4})", re.A), (2, 1)),
)


def address_of(row: int, column: int) -> str:
    """The name of a cell, counted from 1.

    >>> address_of(3, 28)
    'AB3'
    """
    return f"{letters_of(column)}{row}"


def letters_of(column: int) -> str:
    """The letters of a column, counted from 1."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_of(letters: str) -> int | None:
    """The number of a column by its letters; None where they are none.

    >>> column_of("ab")
    28
    """
    if not re.fullmatch(r"[A-Za-z]{1,3}", letters.strip()):
        return None
    number = 0
    for letter in letters.strip().upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


# -- our own sheets ---------------------------------------------------------------------------------------------------


def version_of(rows: Sheet) -> int | None:
    """The version that a sheet of ours was written from; None for sheets of others."""
    for row in rows[:MOST_HEADER_ROWS]:
        text = _text(row[0] if row else None)
        if text.startswith(f"{MARK}:") and text.removeprefix(f"{MARK}:").isdigit():
            return int(text.removeprefix(f"{MARK}:"))
    return None


def read_own(
    rows: Sheet, written: Sheet, months: Sequence[date], language: Language, percents: frozenset[tuple] = frozenset()
) -> tuple[list[Reading], list[Problem]]:
    """Read a sheet that was written here; rows may be sorted, taken out or moved, columns too.

    :param written: the hidden sheet with what was written; :param months: of the plan
    :param percents: keys of rows whose numbers are percent
    :return: targets, and cells that cannot be read
    """
    head = next(number for number, row in enumerate(rows) if _text(row[0] if row else None).startswith(f"{MARK}:"))
    places = {column: _iso(cell) for column, cell in enumerate(rows[head]) if _iso(cell)}
    before = _read_written(written)
    readings, problems = [], []
    for column, month in places.items():
        if month not in months:
            problems.append(Problem(address_of(head + 1, column + 1), WRONG_MONTH, month.isoformat()))
    for number, row in enumerate(rows[head + 2 :], start=head + 3):
        text = _text(row[0] if row else None)
        if text == TOTAL or not any(_text(cell) for cell in row):
            continue
        key = _key(text)
        if key is None:
            problems.append(Problem(address_of(number, KEY_COLUMN), WRONG_KEY, text))
            continue
        for column, month in places.items():
            cell = row[column] if column < len(row) else None
            address = address_of(number, column + 1)
            value, problem = _read_value(cell, address, language, key in percents)
            if problem:
                problems.append(problem)
            elif month in months:
                readings.append(Reading(address, key, month, value, before.get((key, month))))
    return _without_twins(readings, problems)


def _read_written(rows):
    if not rows:
        return {}
    months = {column: _iso(cell) for column, cell in enumerate(rows[0]) if _iso(cell)}
    return {
        (key, month): Decimal(str(row[column]))
        for row in rows[1:]
        if row and (key := _key(_text(row[0]))) is not None
        for column, month in months.items()
        if column < len(row) and isinstance(row[column], int | float | Decimal)
    }


def _key(text):
    parts = text.split("-")
    return tuple(int(part) for part in parts) if len(parts) == 6 and all(map(_is_count, parts)) else None


def _is_count(text):
    return re.fullmatch(r"\d{1,10}", text, re.A) is not None


def _iso(cell):
    if isinstance(cell, date):
        return date(cell.year, cell.month, 1)
    found = re.fullmatch(r"(\d{4})-(\d{2})-01", _text(cell), re.A)
    return date(int(found[1]), int(found[2]), 1) if found and 1 <= int(found[2]) <= 12 else None


# -- sheets of others -------------------------------------------------------------------------------------------------


def find_layout(rows: Sheet, months: Months, names: frozenset[str]) -> Layout | None:
    """Guess where a sheet has what: the header is the row that names most months.

    :param names: of people in small letters, to find the column of who
    :return: None where no row names months
    """
    counts = [
        sum(months.find(cell) is not None for cell in row if isinstance(cell, str | date))
        for row in rows[:MOST_HEADER_ROWS]
    ]
    if not counts or max(counts) < FEWEST_MONTHS:
        return None
    head = counts.index(max(counts))
    found = Counter(
        column
        for row in rows[head + 1 :]
        for column, cell in enumerate(row, start=1)
        if isinstance(cell, str) and normal(cell) in names
    )
    texts = Counter(
        column
        for row in rows[head + 1 :]
        for column, cell in enumerate(row, start=1)
        if isinstance(cell, str) and cell.strip()
    )
    best = found.most_common(1) or texts.most_common(1)
    return Layout(head + 1, {"who": best[0][0] if best else 1})


def read_layout(
    rows: Sheet, layout: Layout, months: Months, language: Language, is_percent: bool = False
) -> tuple[list[Reading], list[Problem]]:
    """Read a sheet of others. Empty cells say nothing; rows without who and numbers, and those skipped, are left out.

    :return: targets with ``whose`` as sorted pairs of what and text, and cells that cannot be read
    """
    readings, problems = [], []
    columns = {}
    if layout.month_column is None:
        columns, problems = _read_header(rows, layout.header_row, months)
    for number, row in enumerate(rows[layout.header_row :], start=layout.header_row + 1):
        texts = {name: _text(_at(row, column)) for name, column in layout.columns.items()}
        if normal(texts["who"]) in layout.skipped:
            continue
        if layout.month_column is not None:
            columns = {layout.value_column: months.find(_at(row, layout.month_column))}
        filled = {column: month for column, month in columns.items() if _at(row, column) not in (None, "")}
        if filled and not texts["who"]:
            problems.append(Problem(address_of(number, layout.columns["who"]), NO_NAME))
            continue
        for column, month in filled.items():
            if month not in months.plan:
                text = _text(_at(row, layout.month_column))
                problems.append(Problem(address_of(number, layout.month_column), WRONG_MONTH, text))
                continue
            address = address_of(number, column)
            value, problem = _read_value(_at(row, column), address, language, is_percent)
            if problem:
                problems.append(problem)
            elif value is not None:
                readings.append(Reading(address, tuple(sorted(texts.items())), month, value))
    return _without_twins(readings, problems)


def _read_header(rows, number, months):
    """The columns of months, and those of months that are none of the plan."""
    head = rows[number - 1] if number <= len(rows) else ()
    named = {column: months.find(cell) for column, cell in enumerate(head, start=1)}
    columns = {column: month for column, month in named.items() if month in months.plan}
    problems = [
        Problem(address_of(number, column), WRONG_MONTH, _text(head[column - 1]))
        for column, month in named.items()
        if month and month not in months.plan
    ]
    return columns, problems


def normal(text: str) -> str:
    """A text as names are compared: small letters, single spaces, ё as е.

    >>> normal(" Фёдор  Лис ")
    'федор лис'
    """
    return " ".join(text.lower().replace("ё", "е").split())


# -- cells ------------------------------------------------------------------------------------------------------------


def _read_value(cell, address, language, is_percent):
    """A number, or why it is none."""
    if cell is None:
        return None, None
    if isinstance(cell, bool | datetime | date):
        return None, Problem(address, NOT_A_VALUE, str(cell))
    if isinstance(cell, int | float | Decimal):
        value = Decimal(str(cell))
        return (value, None) if value.is_finite() else (None, Problem(address, NOT_A_VALUE, str(cell)))
    try:
        return parse_number(str(cell), language, is_percent), None
    except NumberError as error:
        return None, Problem(address, error.reason, str(cell))


def _without_twins(readings, problems):
    """A target that a sheet has twice is refused where it comes the second time."""
    seen, kept = {}, []
    for reading in readings:
        place = reading.whose, reading.month
        if place in seen:
            problems.append(Problem(reading.address, TWICE, seen[place]))
        else:
            seen[place] = reading.address
            kept.append(reading)
    return kept, problems


def _at(row, column):
    return row[column - 1] if column and column <= len(row) else None


def _text(cell):
    return "" if cell is None else str(cell).strip()

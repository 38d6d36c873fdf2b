"""Tables that people bring: which column is what, what the cells say, and what is wrong with which row.

A table is a list of rows of cells, the first row names the columns. Cells are texts, or numbers and dates where a
workbook knows them as such.
"""

import csv
import io
import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from .figures import COMMA, POINT, Cell, is_ambiguous, parse_number, sign_of

TEXT = "text"
NUMBER = "number"
# a number that may have a percent sign
SHARE = "share"
DAY = "day"
MONTH = "month"
EMPTY = "empty"
NOT_A_NUMBER = "not_a_number"
AMBIGUOUS = "ambiguous"
NOT_A_DAY = "not_a_day"
NOT_A_MONTH = "not_a_month"
FAR = "far"
# A year before or after is a slip of the pen.
FIRST_YEAR, LAST_YEAR = 1980, 2100
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%y")
MONTHS = ("%Y-%m", "%m.%Y", "%m/%Y", "%Y/%m")
# Each in English and in Russian; people write them in full or cut them off anywhere after the third letter
MONTH_NAMES = (
    ("january", "январь", "января"),
    ("february", "февраль", "февраля"),
    ("march", "март", "марта"),
    ("april", "апрель", "апреля"),
    ("may", "май", "мая"),
    ("june", "июнь", "июня"),
    ("july", "июль", "июля"),
    ("august", "август", "августа"),
    ("september", "сентябрь", "сентября"),
    ("october", "октябрь", "октября"),
    ("november", "ноябрь", "ноября"),
    ("december", "декабрь", "декабря"),
)
_NAMED_MONTH = re.compile(r"([^\W\d_]{3,})[\s.,'’-]*(\d{4}|\d{2})(?:\s*(?:г|год|года)\.?)?")
# What a spreadsheet would take for a formula
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """A column that is expected.

    :param name: what it is called in records; :param kind: ``text``, ``number``, ``share``, ``day`` or ``month``
    :param required: whether a row without it is wrong; :param words: how people call it, in small letters
    """

    name: str
    kind: str = TEXT
    required: bool = True
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """A row that could be read: its number, in the file the header is 1, and its values by name."""

    row: Hashable
    values: Mapping[str, str | Decimal | date | None]


@dataclass(frozen=True)
class Problem:
    """A cell that could not be read: row and column, ``empty`` or what it is not, and what is there."""

    row: Hashable
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
    rows: Sequence[Sequence[Cell]],
    places: Mapping[str, int],
    columns: Iterable[Column],
    sign: str | None = None,
) -> tuple[list[Record], list[Problem]]:
    """Read the rows below the header, as ``parse_numbered`` does.

    :param sign: what stands before decimals, ``.`` or ``,``; None: what the numbers of each column say together
    """
    columns = list(columns)
    found = read_signs(rows[1:], {name: [place] for name, place in places.items()})
    signs = {name: sign or reading.sign for name, reading in found.items()}
    return parse_numbered(enumerate(rows[1:], start=2), places, columns, signs)


@dataclass(frozen=True)
class Reading:
    """What the numbers of a column say of themselves.

    :param sign: what stands before their decimals; None where they do not say or do not agree
    :param is_ambiguous: whether there are some that may be two numbers, as long as nobody says it
    :param point: what they come to with a point before decimals; :param comma: with a comma
    """

    sign: str | None
    is_ambiguous: bool
    point: Decimal
    comma: Decimal


def read_signs(rows: Iterable[Sequence[Cell]], places: Mapping[str, Collection[int]]) -> dict[str, Reading]:
    """What stands before decimals, by what all numbers of a column say together.

    >>> read_signs([["1,234"], ["0,5"]], {"amount": [0]})["amount"].sign
    ','

    :param rows: below the header, read once; :param places: {name: the columns whose numbers agree}
    """
    signs = {name: set() for name in places}
    asks = dict.fromkeys(places, False)
    totals = {name: {POINT: Decimal(0), COMMA: Decimal(0)} for name in places}
    for row in rows:
        for name, columns in places.items():
            for place in columns:
                cell = _without_percent(row[place]) if place < len(row) else None
                if cell is None:
                    continue
                signs[name].add(sign_of(cell))
                asks[name] |= is_ambiguous(cell)
                for sign, total in totals[name].items():
                    totals[name][sign] = total + (parse_number(cell, sign) or 0)
    found = {}
    for name, said in signs.items():
        agreed = said - {None}
        sign = agreed.pop() if len(agreed) == 1 else None
        found[name] = Reading(sign, asks[name] and sign is None, totals[name][POINT], totals[name][COMMA])
    return found


def _without_percent(cell):
    return cell.strip().removesuffix("%") if isinstance(cell, str) else cell


def parse_numbered(
    rows: Iterable[tuple[Hashable, Sequence[Cell]]],
    places: Mapping[str, int],
    columns: Iterable[Column],
    signs: Mapping[str, str | None],
) -> tuple[list[Record], list[Problem]]:
    """Read rows that know their number. Empty rows are passed over; of a wrong row all wrong cells are named.

    :param rows: (number, cells)
    :param places: {name of a column: its place, from 0}; columns that are not there are empty
    :param signs: what stands before decimals, by the name of a column, as ``read_signs`` finds it in all rows
    :return: the rows that are right, in the order of the file, and what is wrong with the others
    """
    columns = list(columns)
    records, problems = [], []
    for number, row in rows:
        if not any(str(cell).strip() for cell in row if cell is not None):
            continue
        values, wrong = {}, []
        for column in columns:
            place = places.get(column.name)
            cell = row[place] if place is not None and place < len(row) else None
            value, reason = _parse_cell(cell, column, signs.get(column.name))
            values[column.name] = value
            if reason:
                wrong.append(Problem(number, column.name, reason, "" if cell is None else str(cell).strip()))
        if wrong:
            problems += wrong
        else:
            records.append(Record(number, values))
    return records, problems


def unpivot(
    rows: Iterable[tuple[int, Sequence[Cell]]], months: Mapping[int, Cell], width: int
) -> list[tuple[tuple[int, int], list[Cell]]]:
    """A row for each month of tables that have a column for each; cells without an amount make none.

    >>> unpivot([(2, ["Anna", 5, None, 7])], {1: "2024-01", 2: "2024-02", 3: "2024-03"}, 4)
    [((2, 1), ['Anna', 5, None, 7, '2024-01', 5]), ((2, 3), ['Anna', 5, None, 7, '2024-03', 7])]

    :param rows: (number in the file, cells); :param months: {place of a column: its header}
    :param width: how many columns the table has; month and amount stand behind them
    :return: ((number in the file, place of the month), cells)
    """
    found = []
    for number, row in rows:
        cells = [*row[:width], *[None] * (width - len(row))]
        found += [
            ((number, place), [*cells, month, cells[place]])
            for place, month in months.items()
            if cells[place] is not None and str(cells[place]).strip()
        ]
    return found


def _parse_cell(cell, column, sign):
    """The value of a cell and what is wrong with it, None where nothing is."""
    if cell is None or isinstance(cell, str) and not cell.strip():
        return None, EMPTY if column.required else None
    if column.kind in (NUMBER, SHARE):
        cell = _without_percent(cell) if column.kind == SHARE else cell
        if sign is None and is_ambiguous(cell):
            return None, AMBIGUOUS
        number = parse_number(cell, sign)
        return number, NOT_A_NUMBER if number is None else None
    if column.kind in (DAY, MONTH):
        day = month_of(cell) if column.kind == MONTH else parse_day(cell)
        if day is None:
            return None, NOT_A_MONTH if column.kind == MONTH else NOT_A_DAY
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return None, FAR
        return day, None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    # no database keeps a zero character
    return str(cell).replace("\0", "").strip(), None


def as_percent(number: float) -> str:
    """How a cell of a workbook reads that is shown in percent.

    >>> as_percent(0.07)
    '7 %'
    """
    return f"{(100 * Decimal(repr(number))).normalize():f} %"


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

    >>> parse_month("05.2025"), parse_month("май 2025 г.")
    (datetime.date(2025, 5, 1), datetime.date(2025, 5, 1))
    """
    text = str(cell or "").strip()
    named = _NAMED_MONTH.fullmatch(text.lower())
    if named:
        numbers = [number for number, names in enumerate(MONTH_NAMES, 1) if any(n.startswith(named[1]) for n in names)]
        year = int(named[2])
        return date(year + 2000 if year < 100 else year, numbers[0], 1) if len(numbers) == 1 and year else None
    return _parse_by(text, MONTHS)


def as_header(cell: Cell) -> str:
    """The name of a column; a workbook may hold a day there.

    >>> as_header(datetime(2024, 5, 1)), as_header(None)
    ('2024-05-01', '')
    """
    return str(cell.date() if isinstance(cell, datetime) else cell or "").strip()


def month_of(header: Cell) -> date | None:
    """The month that a column is named after, its first day; None where it is named otherwise.

    >>> month_of("2024-05-01"), month_of("Customer")
    (datetime.date(2024, 5, 1), None)
    """
    found = parse_day(header) or parse_month(header)
    return found and found.replace(day=1)


@lru_cache(maxsize=10000)
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

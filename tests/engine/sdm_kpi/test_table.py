"""Tables that people bring, however they write numbers, days and headers."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from addons.sdm_kpi.engine.figures import COMMA, POINT, is_ambiguous, parse_number, sign_of
from addons.sdm_kpi.engine.table import (
    AMBIGUOUS,
    DAY,
    EMPTY,
    FAR,
    MONTH,
    NOT_A_DAY,
    NOT_A_MONTH,
    NOT_A_NUMBER,
    NUMBER,
    SHARE,
    Column,
    Problem,
    Reading,
    Record,
    as_percent,
    escape,
    parse,
    parse_day,
    parse_month,
    propose,
    read_csv,
    read_signs,
    unpivot,
    write_csv,
)
from hypothesis import given
from hypothesis import strategies as st

COLUMNS = (
    Column("company", required=False, words=("компания", "организация")),
    Column("date", MONTH, words=("month", "месяц", "период")),
    Column("amount", NUMBER, words=("sum", "сумма", "выручка")),
)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a;b\n1,5;2\n".encode("utf-8-sig"), [["a", "b"], ["1,5", "2"]]),
        (b'a\tb\n"1\n2"\t3\n', [["a", "b"], ["1\n2", "3"]]),
        ("Сумма;Б\n1;2\n".encode("cp1251"), [["Сумма", "Б"], ["1", "2"]]),
        (b"", []),
    ],
)
def test_a_file_is_read_whoever_saved_it(content, rows):
    assert read_csv(content) == rows


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["Company", "Month", "Amount"], {"company": 0, "date": 1, "amount": 2}),
        (["Выручка, руб.", "Период", "Организация"], {"company": 2, "date": 1, "amount": 0}),
        # the same word goes before one that only begins with it
        (["Sum of tax", "Sum", "Month"], {"date": 2, "amount": 1}),
        (["x", None, ""], {}),
    ],
)
def test_columns_are_proposed_by_their_names(headers, expected):
    assert propose(headers, COLUMNS) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1 234,5", "1234.5"),
        ("1\u00a0234,50 ₽", "1234.50"),
        ("1'234.5", "1234.5"),
        (0.1, "0.1"),
        (7, "7"),
        ("", None),
        ("abc", None),
        (True, None),
        (date(2025, 1, 1), None),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("1 234,567", "1234.567"),
        ("(1 000)", "-1000"),
        # neither thousands nor decimals
        ("1,23,456.7", None),
        ("12,3456.7", None),
        # 1234 or 1.234
        ("1,234", None),
        ("-1.234", None),
        ("NaN", None),
        ("1e400000000000", None),
    ],
)
def test_numbers(cell, expected):
    assert parse_number(cell) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("31.12.2025", date(2025, 12, 31)),
        ("31/12/2025", date(2025, 12, 31)),
        (datetime(2025, 12, 31, 23, 30), date(2025, 12, 31)),
        (date(2025, 12, 31), date(2025, 12, 31)),
        ("30.02.2025", None),
        ("soon", None),
    ],
)
def test_days(cell, expected):
    assert parse_day(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("05.2025", date(2025, 5, 1)),
        ("2025-05", date(2025, 5, 1)),
        ("13.2025", None),
        ("Май 2025", date(2025, 5, 1)),
        ("мая 2025 г.", date(2025, 5, 1)),
        ("Март 2025 года", date(2025, 3, 1)),
        ("Sept. 24", date(2024, 9, 1)),
        ("янв'25", date(2025, 1, 1)),
        ("June-2024", date(2024, 6, 1)),
        # words that only begin like a month
        ("Marketing 2024", None),
        ("Майкоп 2024", None),
        ("may", None),
        ("ju 2024", None),
    ],
)
def test_months(cell, expected):
    assert parse_month(cell) == expected


def test_shares_may_be_written_with_their_sign():
    column = Column("amount", SHARE)
    rows = [["Amount"], ["30 %"], ["12,5%"], [as_percent(0.07)], [30], ["%"]]
    records, problems = parse(rows, {"amount": 0}, [column])
    assert [record.values["amount"] for record in records] == [30, Decimal("12.5"), 7, 30]
    assert problems == [Problem(6, "amount", NOT_A_NUMBER, "%")]


def test_a_table_with_a_column_for_each_month():
    rows = [(2, ["Anna", "10", "", None, "x"]), (3, ["Boris", None]), (4, ["Clara", 1, 2, 3])]
    months = {1: "01.2024", 2: "02.2024", 3: "03.2024"}
    assert unpivot(rows, months, 5) == [
        ((2, 1), ["Anna", "10", "", None, "x", "01.2024", "10"]),
        ((4, 1), ["Clara", 1, 2, 3, None, "01.2024", 1]),
        ((4, 2), ["Clara", 1, 2, 3, None, "02.2024", 2]),
        ((4, 3), ["Clara", 1, 2, 3, None, "03.2024", 3]),
    ]


def test_right_rows_are_read_and_all_wrong_cells_named():
    rows = [
        ["Month", "Sum", "Company"],
        ["05.2025", "1 000,10", "Trade"],
        ["", "", None],
        ["15.06.2025", 7.0, ""],
        ["never", "much", "Trade"],
        ["", "5"],
    ]
    records, problems = parse(rows, {"date": 0, "amount": 1, "company": 2}, COLUMNS)
    assert records == [
        Record(2, {"company": "Trade", "date": date(2025, 5, 1), "amount": Decimal("1000.10")}),
        Record(4, {"company": None, "date": date(2025, 6, 1), "amount": Decimal("7.0")}),
    ]
    assert problems == [
        Problem(5, "date", NOT_A_MONTH, "never"),
        Problem(5, "amount", NOT_A_NUMBER, "much"),
        Problem(6, "date", EMPTY),
    ]


def test_a_day_must_be_one():
    _records, problems = parse([["d"], ["05.2025"]], {"d": 0}, [Column("d", DAY)])
    assert problems == [Problem(2, "d", NOT_A_DAY, "05.2025")]


@pytest.mark.parametrize(
    ("day", "reason"), [("0001-01-31", FAR), ("1979-12-31", FAR), ("9999-12-31", FAR), ("2101-01-01", FAR)]
)
def test_a_year_that_cannot_be_meant_is_refused(day, reason):
    for cell in (day, date.fromisoformat(day)):
        for kind in (DAY, MONTH):
            _records, problems = parse([["d"], [cell]], {"d": 0}, [Column("d", kind)])
            assert problems == [Problem(2, "d", reason, day)]
    records, problems = parse([["d"], ["1980-01-01"], ["12.2100"]], {"d": 0}, [Column("d", MONTH)])
    assert [record.values["d"] for record in records] == [date(1980, 1, 1), date(2100, 12, 1)]
    assert not problems


def test_a_number_of_a_workbook_is_a_text_without_decimals():
    [record], _problems = parse([["n"], [1042.0]], {"n": 0}, [Column("n")])
    assert record.values == {"n": "1042"}


@given(st.text())
def test_no_text_becomes_a_formula(text):
    assert not str(escape(text)).startswith(("=", "+", "-", "@"))


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=2), min_size=1))
def test_what_is_written_can_be_read(rows):
    found = read_csv(write_csv([["a", "b"], *rows]))
    assert found[1:] == [[escape(cell) for cell in row] for row in rows]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_a_number_is_read_as_it_is_written(number):
    assert parse_number(f"{number:,.2f}") == number
    assert parse_number(f"{number:,.2f}".replace(",", " ").replace(".", ",")) == number


@pytest.mark.parametrize(
    ("cells", "sign", "amounts"),
    [
        # 1,234 is one of many that have a point before the decimals, or a comma
        (["1,234", "0.5"], POINT, ["1234", "0.5"]),
        (["1,234", "0,5"], COMMA, ["1.234", "0.5"]),
        (["1.234", "1.234.567"], COMMA, ["1234", "1234567"]),
        (["1,234", "1,000,000", 5.25], POINT, ["1234", "1000000", "5.25"]),
        # nobody says, or they do not agree: each for itself, and what may be two things is asked
        (["1,234", "17", None], None, [AMBIGUOUS, "17", None]),
        (["1,234", "0,5", "0.5"], None, [AMBIGUOUS, "0.5", "0.5"]),
    ],
)
def test_the_numbers_of_a_column_agree(cells, sign, amounts):
    column = Column("amount", NUMBER, required=False)
    rows = [["Month", "Amount"], *(["x", cell] for cell in cells)]
    assert read_signs(rows[1:], {"amount": [1]})["amount"].sign == sign
    records, problems = parse(rows, {"amount": 1}, [column])
    found = {record.row: record.values["amount"] for record in records} | {
        problem.row: problem.reason for problem in problems
    }
    expected = [amount if amount in (None, AMBIGUOUS) else Decimal(amount) for amount in amounts]
    assert [found[row] for row in sorted(found)] == expected


def test_who_brings_the_file_says_what_it_means():
    rows = [["Amount"], ["1,234"], ["2,500"], [7]]
    column = Column("amount", NUMBER)
    assert read_signs(rows[1:], {"amount": [0]}) == {"amount": Reading(None, True, Decimal(3741), Decimal("10.734"))}
    for sign, amounts in ((POINT, [1234, 2500, 7]), (COMMA, [Decimal("1.234"), Decimal("2.5"), 7])):
        records, problems = parse(rows, {"amount": 0}, [column], sign)
        assert ([record.values["amount"] for record in records], problems) == (amounts, [])
    # what contradicts it is no number
    _records, problems = parse([["Amount"], ["1.5"]], {"amount": 0}, [column], COMMA)
    assert [problem.reason for problem in problems] == [NOT_A_NUMBER]


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from([POINT, COMMA]))
def test_a_number_is_what_it_was_or_asked_for(number, sign):
    """Written with any sign and grouping, a text is the number or nobody knows; never another number."""
    grouped = f"{number:,.3f}"
    for text in (grouped, f"{number:.3f}", f"{number:,.0f}"):
        written = text if sign == POINT else text.replace(",", "_").replace(".", ",").replace("_", ".")
        exact = Decimal(text.replace(",", ""))
        assert parse_number(written, sign) == exact
        assert parse_number(written) in (exact, None)
        assert is_ambiguous(written) == (parse_number(written) is None)
        assert sign_of(written) in (sign, None)

"""Sheets of targets: our own come back as they were written, those of others are read by a layout."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from addons.sdm_kpi.engine.plan.numbers import AMBIGUOUS, NOT_A_NUMBER, Language
from addons.sdm_kpi.engine.plan.sheet import (
    MARK,
    NO_NAME,
    NOT_A_VALUE,
    TOTAL,
    TWICE,
    WRONG_KEY,
    WRONG_MONTH,
    Layout,
    Months,
    Problem,
    address_of,
    column_of,
    find_layout,
    letters_of,
    read_layout,
    read_own,
    version_of,
)
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)
PLAN = [JANUARY, FEBRUARY]
NAMES = {"january": 1, "jan": 1, "январь": 1, "янв": 1, "february": 2, "feb": 2, "февраль": 2, "march": 3}
MONTHS = Months(NAMES, PLAN)
ENGLISH, RUSSIAN = Language(".", ","), Language(",", " ")
ANNA, BORIS = (1, 2, 3, 4, 0, 0), (1, 2, 5, 4, 0, 0)


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("2027-01", JANUARY),
        ("2027-01-31", JANUARY),
        ("01.2027", JANUARY),
        ("15.02.2027", FEBRUARY),
        ("Jan", JANUARY),
        ("янв. 2027", JANUARY),
        ("Январь 27 г.", JANUARY),
        ("Feb 27", FEBRUARY),
        ("February 2026", date(2026, 2, 1)),
        (datetime(2027, 2, 5), FEBRUARY),
        (date(2027, 1, 1), JANUARY),
        ("March", None),
        ("13.2027", None),
        ("Revenue January to February", None),
        ("Plan for the year 2027", None),
        (1, None),
        (None, None),
        ("", None),
    ],
)
def test_months_as_people_write_them(cell, month):
    assert MONTHS.find(cell) == month


def test_a_month_without_a_year_that_a_plan_has_twice_is_none():
    assert Months(NAMES, [JANUARY, date(2028, 1, 1)]).find("Jan") is None


@given(st.integers(1, 16384))
def test_letters_and_numbers_of_columns_are_the_same(number):
    assert column_of(letters_of(number)) == number


def test_addresses():
    assert (address_of(1, 1), address_of(10, 27), column_of("1"), column_of("ABCD")) == ("A1", "AA10", None, None)


# -- our own sheets ---------------------------------------------------------------------------------------------------


def written(values):
    """A sheet as it is written: {key: values by month}, with a hidden column and row, and a total."""
    heads = [
        [f"{MARK}:7", None, "2027-01-01", "2027-02-01", None],
        ["", "Person", "Jan 27", "Feb 27", "Year"],
    ]
    rows = [["-".join(map(str, key)), "name", *numbers, None] for key, numbers in values.items()]
    hidden = [
        ["", "2027-01-01", "2027-02-01"],
        *(["-".join(map(str, key)), *numbers] for key, numbers in values.items()),
    ]
    return [*heads, *rows, [TOTAL, "Total", 1, 2, 3]], hidden


def own(rows, hidden, language=ENGLISH):
    readings, problems = read_own(rows, hidden, PLAN, language)
    return {
        (reading.address, reading.whose, reading.month): (reading.value, reading.before) for reading in readings
    }, problems


def test_our_own_sheet_knows_its_targets():
    rows, hidden = written({ANNA: [100, None], BORIS: [0.5, 20]})
    assert version_of(rows) == 7
    found, problems = own(rows, hidden)
    assert found == {
        ("C3", ANNA, JANUARY): (D(100), D(100)),
        ("D3", ANNA, FEBRUARY): (None, None),
        ("C4", BORIS, JANUARY): (D("0.5"), D("0.5")),
        ("D4", BORIS, FEBRUARY): (D(20), D(20)),
    }
    assert problems == []


def test_rows_and_columns_may_be_moved():
    rows, hidden = written({ANNA: [100, 1], BORIS: [2, 3]})
    order = [*rows[:2], rows[3], [], rows[2]]
    moved = [row and [row[0], "new column", row[3], *row[1:3], *row[4:]] for row in order]
    found, problems = own(moved, hidden)
    assert found[("C5", ANNA, FEBRUARY)] == (D(1), D(1))
    assert found[("E3", BORIS, JANUARY)] == (D(2), D(2))
    assert problems == []


def test_what_cannot_be_read_is_told_by_its_address():
    rows, hidden = written({ANNA: [100, 1], BORIS: [2, 3]})
    rows[0][4] = "2027-03-01"
    rows[2][2:4] = ["1.234", "#REF!"]
    rows[3][2:4] = [True, date(2027, 1, 1)]
    rows.append(["typed in", "Carl", 5, 6, None])
    rows.append([*rows[2][:2], 1, 1, None])
    _found, problems = own(rows, hidden, RUSSIAN)
    assert problems == [
        Problem("E1", WRONG_MONTH, "2027-03-01"),
        Problem("C3", AMBIGUOUS, "1.234"),
        Problem("D3", NOT_A_NUMBER, "#REF!"),
        Problem("C4", NOT_A_VALUE, "True"),
        Problem("D4", NOT_A_VALUE, "2027-01-01"),
        Problem("A6", WRONG_KEY, "typed in"),
    ]
    rows[2][2:4] = [1, 1]
    _found, problems = own(rows, hidden)
    assert [problem for problem in problems if problem.reason == TWICE] == [
        Problem("C7", TWICE, "C3"),
        Problem("D7", TWICE, "D3"),
    ]


keys = st.tuples(*[st.integers(0, 10**6)] * 6)
numbers = st.none() | st.integers(-(10**9), 10**9) | st.decimals(-(10**6), 10**6, places=4)


@given(st.dictionaries(keys, st.tuples(numbers, numbers), max_size=6))
def test_what_was_written_comes_back_without_a_difference(values):
    found, problems = own(*written({key: list(pair) for key, pair in values.items()}))
    assert problems == []
    assert len(found) == 2 * len(values)
    assert all(value == before for value, before in found.values())


# -- sheets of others -------------------------------------------------------------------------------------------------

FOREIGN = [
    ["Plan of sales 2027", None, None, None],
    [],
    ["No", "Seller", "Январь", "Feb 27"],
    [1, "Anna  Smirnova", 100, "1 234,5"],
    [2, "BORIS", None, 7],
    [None, "Total", 100, 1241.5],
    [None, None, None, None],
]


def test_the_layout_of_a_sheet_of_others_is_guessed():
    assert version_of(FOREIGN) is None
    layout = find_layout(FOREIGN, MONTHS, frozenset({"anna smirnova", "boris"}))
    assert layout == Layout(3, {"who": 2})
    assert find_layout(FOREIGN[:2], MONTHS, frozenset()) is None


def test_a_sheet_with_months_in_columns():
    layout = Layout(3, {"who": 2}, skipped=frozenset({"total"}))
    readings, problems = read_layout(FOREIGN, layout, MONTHS, RUSSIAN)
    assert [(reading.address, dict(reading.whose)["who"], reading.month, reading.value) for reading in readings] == [
        ("C4", "Anna  Smirnova", JANUARY, D(100)),
        ("D4", "Anna  Smirnova", FEBRUARY, D("1234.5")),
        ("D5", "BORIS", FEBRUARY, D(7)),
    ]
    assert problems == []


def test_a_sheet_with_a_month_in_each_row():
    rows = [
        ["who", "what", "when", "how much"],
        ["Anna", "Revenue", "01.2027", 5],
        ["Anna", "Revenue", "jan", 6],
        ["Boris", "Revenue", "March", 7],
        ["", "Revenue", "jan", 8],
        ["Boris", "Revenue", "jan", None],
        ["Boris", "Revenue", "feb", "seven"],
    ]
    layout = Layout(1, {"who": 1, "kpi": 2}, month_column=3, value_column=4)
    readings, problems = read_layout(rows, layout, MONTHS, ENGLISH)
    assert [(reading.address, reading.whose, reading.value) for reading in readings] == [
        ("D2", (("kpi", "Revenue"), ("who", "Anna")), D(5))
    ]
    assert problems == [
        Problem("C4", WRONG_MONTH, "March"),
        Problem("A5", NO_NAME),
        Problem("D7", NOT_A_NUMBER, "seven"),
        Problem("D3", TWICE, "D2"),
    ]


def test_months_of_other_years_are_refused():
    rows = [["who", "Jan 2026", "Jan 2027"], ["Anna", 1, 2]]
    readings, problems = read_layout(rows, Layout(1, {"who": 1}), MONTHS, ENGLISH)
    assert [reading.value for reading in readings] == [D(2)]
    assert problems == [Problem("B1", WRONG_MONTH, "Jan 2026")]


cells = st.none() | st.text(max_size=8) | st.integers() | st.floats() | st.booleans() | st.dates()


@given(st.lists(st.lists(cells, max_size=5), max_size=6), st.integers(1, 4), st.booleans())
def test_any_sheet_is_read_or_refused(rows, header, by_row):
    layout = Layout(header, {"who": 1, "kpi": 2}, *((3, 4) if by_row else ()))
    readings, _problems = read_layout(rows, layout, MONTHS, ENGLISH)
    assert all(reading.month in PLAN and reading.value.is_finite() for reading in readings)
    find_layout(rows, MONTHS, frozenset())
    read_own([[f"{MARK}:1"], *rows], rows, PLAN, ENGLISH)

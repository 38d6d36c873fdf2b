"""Months over the ends of years, and working days in parts of them."""

from datetime import date, timedelta

import pytest
from addons.sdm_kpi.engine.periods import add_months, end_of, month_of, months_between, working_days
from addons.sdm_segmentation.engine.calendar import HOLIDAY, SHORT, WORKING, Calendar, Day, Decimal, by_date
from hypothesis import given
from hypothesis import strategies as st

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        (date(2026, 1, 1), 1, date(2026, 2, 1)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 3, 1), -15, date(2024, 12, 1)),
        (date(2026, 5, 1), 24, date(2028, 5, 1)),
    ],
)
def test_months_are_added(month, count, expected):
    assert add_months(month, count) == expected


@pytest.mark.parametrize(
    ("month", "last"),
    [
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 2, 1), date(2025, 2, 28)),
        (date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_the_last_day_of_a_month(month, last):
    assert end_of(month) == last


def test_months_from_a_day_to_a_day():
    assert months_between(date(2025, 11, 30), date(2026, 1, 1)) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]
    assert months_between(date(2026, 1, 2), date(2025, 12, 31)) == []


@given(DAYS, st.integers(-500, 500))
def test_back_and_forth_is_the_same_month(day, count):
    assert add_months(add_months(month_of(day), count), -count) == month_of(day)


@given(DAYS)
def test_the_day_after_the_last_one_begins_the_next_month(day):
    assert end_of(month_of(day)) + timedelta(days=1) == add_months(month_of(day), 1)
    assert month_of(day) <= day <= end_of(month_of(day))


# June 2025: 30 days from a Sunday on, 21 weekdays; the 12th is a holiday, the 14th a working Saturday, the 11th short
JUNE = date(2025, 6, 1)
SPECIAL = by_date(
    [
        Day(date(2025, 6, 12), HOLIDAY, Decimal(0)),
        Day(date(2025, 6, 14), WORKING, Decimal(8)),
        Day(date(2025, 6, 11), SHORT, Decimal(7)),
    ]
)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (None, None, {JUNE: 21}),
        # Monday the 16th to Monday the 30th
        (date(2025, 6, 16), None, {JUNE: 11}),
        # the working Saturday counts, the Sunday does not
        (date(2025, 6, 14), date(2025, 6, 15), {JUNE: 1}),
        (date(2025, 7, 1), None, {}),
        (date(2025, 6, 12), date(2025, 6, 12), {}),
    ],
)
def test_working_days_of_a_month(first, last, days):
    assert working_days(Calendar(days=SPECIAL), [JUNE], first, last) == days


def test_days_away_are_no_working_days():
    away = Calendar(days=SPECIAL, leaves=((date(2025, 6, 2), date(2025, 6, 30)),))
    assert working_days(away, [JUNE]) == {}

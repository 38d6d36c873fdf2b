"""Working time by date, and the production calendar of Russia against its published totals."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from addons.sdm_segmentation.engine.calendar import (
    DAY_OFF,
    FIVE_DAYS,
    HOLIDAY,
    NO_WORKING_DAYS,
    SHORT,
    WORKING,
    Calendar,
    Day,
    Problem,
    add_working_days,
    by_date,
    count_working_days,
    count_working_hours,
    hours_on,
    is_working,
    month_progress,
    nth_working_day,
    parse_days,
    plan_days,
)
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
DAY = timedelta(days=1)
FILE = Path(__file__).resolve().parents[3] / "sdm_segmentation" / "data" / "production_calendar" / "ru.csv"
RUSSIA, PROBLEMS = parse_days(FILE.read_text(encoding="utf-8"))
RUSSIAN = Calendar(days=by_date(RUSSIA))

# Government decrees 1314 of 10.08.2023, 1335 of 04.10.2024 and 1466 of 24.09.2025: rest moved from one day to another.
# In 2026 a holiday on a weekend in March and May moves by article 112 of the Labour Code itself.
TRANSFERS = [
    ("2024-01-06", "2024-05-10"),
    ("2024-01-07", "2024-12-31"),
    ("2024-04-27", "2024-04-29"),
    ("2024-11-02", "2024-04-30"),
    ("2024-12-28", "2024-12-30"),
    ("2025-01-04", "2025-05-02"),
    ("2025-01-05", "2025-12-31"),
    ("2025-02-23", "2025-05-08"),
    ("2025-03-08", "2025-06-13"),
    ("2025-11-01", "2025-11-03"),
    ("2026-01-03", "2026-01-09"),
    ("2026-01-04", "2026-12-31"),
    ("2026-03-08", "2026-03-09"),
    ("2026-05-09", "2026-05-11"),
]
HOLIDAYS = [*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)]


def month_end(year, month):
    return date(year + month // 12, month % 12 + 1, 1) - DAY


@pytest.mark.parametrize(
    ("year", "days", "hours"),
    [
        # as published: 248 days and 1979 hours
        (
            2024,
            (17, 20, 20, 21, 20, 19, 23, 22, 21, 23, 21, 21),
            (136, 159, 159, 168, 159, 151, 184, 176, 168, 184, 167, 168),
        ),
        # 247 days and 1972 hours
        (
            2025,
            (17, 20, 21, 22, 18, 19, 23, 21, 22, 23, 19, 22),
            (136, 160, 167, 175, 144, 151, 184, 168, 176, 184, 151, 176),
        ),
        # 247 days and 1972 hours
        (
            2026,
            (15, 19, 21, 22, 19, 21, 23, 21, 22, 22, 20, 22),
            (120, 152, 168, 175, 151, 167, 184, 168, 176, 176, 159, 176),
        ),
    ],
)
def test_published_totals_of_a_week_of_forty_hours(year, days, hours):
    months = [(date(year, month, 1), month_end(year, month)) for month in range(1, 13)]
    assert tuple(count_working_days(RUSSIAN, *month) for month in months) == days
    assert tuple(count_working_hours(RUSSIAN, *month) for month in months) == hours


@pytest.mark.parametrize(("year", "days", "hours"), [(2024, 248, 1979), (2025, 247, 1972), (2026, 247, 1972)])
def test_published_totals_of_a_year(year, days, hours):
    span = date(year, 1, 1), date(year, 12, 31)
    assert count_working_days(RUSSIAN, *span) == days
    assert count_working_hours(RUSSIAN, *span) == hours


def test_the_file_is_what_holidays_and_decrees_give():
    assert PROBLEMS == ()
    holidays = {date(year, month, day): "" for year in (2024, 2025, 2026) for month, day in HOLIDAYS}
    transfers = [(date.fromisoformat(source), date.fromisoformat(target)) for source, target in TRANSFERS]
    planned = plan_days(holidays, transfers)
    assert [(day.day, day.kind, day.hours) for day in planned] == [(day.day, day.kind, day.hours) for day in RUSSIA]


def test_every_day_of_the_file_has_its_name_in_both_languages():
    assert all(day.name and dict(day.names).get("ru") for day in RUSSIA)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2025-11-01", 7),  # a Saturday worked for Monday the 3rd, the eve of a holiday
        ("2025-11-03", 0),
        ("2024-12-28", 8),  # a Saturday worked for an ordinary Monday
        ("2026-01-09", 0),
        ("2026-05-08", 7),  # the eve of a Saturday
        ("2026-05-12", 8),
        ("2026-05-16", 0),
    ],
)
def test_days_of_russia(day, hours):
    assert hours_on(RUSSIAN, date.fromisoformat(day)) == hours


def test_the_last_day_of_the_year_is_short_when_it_is_worked():
    # Thursday 31 December 2015
    days = plan_days({date(2016, 1, 1): "New Year"}, [])
    assert days[0] == Day(date(2015, 12, 31), SHORT, D(7))


HALF_DAYS = Calendar((D(4),) * 5 + (D(0),) * 2, RUSSIAN.days)
TUESDAY_TO_SATURDAY = Calendar((D(0), D(8), D(8), D(8), D(8), D(6), D(0)), RUSSIAN.days)


@pytest.mark.parametrize(
    ("calendar", "day", "hours"),
    [
        (HALF_DAYS, "2026-11-02", 4),
        (HALF_DAYS, "2026-11-03", 3),  # an hour less, as for everybody
        (HALF_DAYS, "2025-11-01", 3),  # worked like a Friday, an hour shorter
        (HALF_DAYS, "2026-11-04", 0),
        (TUESDAY_TO_SATURDAY, "2025-11-01", 5),  # the own Saturday, an hour shorter
        (TUESDAY_TO_SATURDAY, "2026-11-07", 6),
        (TUESDAY_TO_SATURDAY, "2026-11-09", 0),
    ],
)
def test_over_a_persons_own_week(calendar, day, hours):
    assert hours_on(calendar, date.fromisoformat(day)) == hours


def test_a_short_day_is_never_less_than_nothing():
    assert hours_on(Calendar((D("0.5"),) * 7, RUSSIAN.days), date(2026, 11, 3)) == 0


def test_leaves():
    away = Calendar(leaves=((date(2026, 3, 3), date(2026, 3, 4)), (date(2026, 3, 30), None)))
    # Monday 2 to Sunday 8 March without Tuesday and Wednesday
    assert count_working_days(away, date(2026, 3, 2), date(2026, 3, 8)) == 3
    assert not is_working(away, date(2027, 3, 1))


def test_adding_working_days():
    # Thursday 30 April 2026: 1 to 3 May and 9 to 11 May are free
    assert add_working_days(RUSSIAN, date(2026, 4, 30), 1) == date(2026, 5, 4)
    assert add_working_days(RUSSIAN, date(2026, 4, 30), 6) == date(2026, 5, 12)
    assert add_working_days(RUSSIAN, date(2026, 5, 12), -6) == date(2026, 4, 30)
    assert add_working_days(RUSSIAN, date(2026, 5, 10), 0) == date(2026, 5, 10)


def test_the_tenth_working_day():
    # January 2026 begins to work on Monday 12: 12-16, 19-23
    assert nth_working_day(RUSSIAN, 2026, 1, 1) == date(2026, 1, 12)
    assert nth_working_day(RUSSIAN, 2026, 1, 10) == date(2026, 1, 23)
    assert nth_working_day(RUSSIAN, 2026, 12, -1) == date(2026, 12, 30)
    assert nth_working_day(RUSSIAN, 2026, 1, 16) is None
    with pytest.raises(OptionError):
        nth_working_day(RUSSIAN, 2026, 1, 0)


def test_progress_of_a_month():
    # November 2026: 20 days; until the 4th: 2 and 3 November, 8 + 7 hours of 159
    progress = month_progress(RUSSIAN, date(2026, 11, 4))
    assert (progress.days, progress.days_total, progress.hours, progress.hours_total) == (2, 20, 15, 159)
    assert (progress.share, progress.share_of_hours) == (Fraction(1, 10), Fraction(15, 159))
    assert month_progress(RUSSIAN, date(2026, 11, 30)).share == 1
    assert month_progress(RUSSIAN, date(2026, 11, 1)).share == 0


def test_a_week_without_work_has_no_answer():
    idle = Calendar((D(0),) * 7)
    assert month_progress(idle, date(2026, 1, 31)).share is None
    with pytest.raises(OptionError) as caught:
        add_working_days(idle, date(2026, 1, 1), 1)
    assert caught.value.reason == NO_WORKING_DAYS


@pytest.mark.parametrize("week", [(D(8),) * 6, (D(-1),) * 7, (D(25),) * 7])
def test_an_impossible_week_is_refused(week):
    with pytest.raises(OptionError):
        Calendar(week)


def test_a_file_of_the_user():
    text = "\ufeffdate;kind;hours;name;remark\n31.12.2026;Day_off;;Free;x\n2026-12-30;short;6,5;;\n2026-12-26;working\n"
    assert parse_days(text) == (
        (
            Day(date(2026, 12, 31), DAY_OFF, D(0), "Free"),
            Day(date(2026, 12, 30), SHORT, D("6.5")),
            Day(date(2026, 12, 26), WORKING, D(8)),
        ),
        (),
    )


def test_a_file_in_the_words_of_the_user():
    words = {"дата": "date", "вид": "kind", "часы": "hours", "праздник": HOLIDAY, "рабочий": WORKING}
    text = "Дата;Вид;Часы\n01.01.2027;Праздник;\n02.01.2027;рабочий;7\n03.01.2027;holiday;\n04.01.2027;часы;\n"
    assert parse_days(text, words) == (
        (
            Day(date(2027, 1, 1), HOLIDAY, D(0)),
            Day(date(2027, 1, 2), WORKING, D(7)),
            Day(date(2027, 1, 3), HOLIDAY, D(0)),
        ),
        (Problem(5, "kind", "not_a_kind", "часы"),),
    )


def test_a_list_of_dates_is_one_of_holidays():
    assert parse_days("2027-01-01\n\n2027-01-07,Christmas\n2027-02-30\n2027-01-01\n") == (
        (Day(date(2027, 1, 1), HOLIDAY, D(0)), Day(date(2027, 1, 7), HOLIDAY, D(0), "Christmas")),
        (Problem(4, "date", "not_a_date", "2027-02-30"), Problem(5, "date", "twice", "2027-01-01")),
    )


def test_two_weeks_take_turns():
    # Monday 5 January 2026 begins a first week; the second one is free but for Wednesday
    calendar = Calendar(FIVE_DAYS + (D(0), D(0), D(4), D(0), D(0), D(0), D(0)), RUSSIAN.days)
    week = [hours_on(calendar, date(2026, 1, 5) + number * DAY) for number in range(14)]
    # holidays up to 8 January, Friday 9 January is a day off
    assert week == [D(0)] * 9 + [D(4)] + [D(0)] * 4
    assert [hours_on(calendar, date(2026, 1, 19) + number * DAY) for number in range(5)] == [D(8)] * 5
    assert count_working_days(calendar, date(2026, 1, 12), date(2026, 2, 8)) == 12


def test_a_worked_weekend_of_a_free_week_is_worked_like_the_day_before():
    days = by_date([Day(date(2026, 1, 17), WORKING, D(8)), Day(date(2026, 1, 24), WORKING, D(7))])
    calendar = Calendar((D(6),) * 5 + (D(0),) * 2 + (D(0),) * 2 + (D(4),) + (D(0),) * 4, days)
    assert hours_on(calendar, date(2026, 1, 17)) == 4
    assert hours_on(calendar, date(2026, 1, 24)) == 5


def test_what_is_wrong_with_a_file():
    text = (
        "date,kind,hours\n2026-02-30,holiday,\n,holiday,\n2026-01-01,feast,\n2026-01-01,,\n2026-01-02,short,few\n"
        "2026-01-02,short,25\n2026-01-02,holiday,4\n2026-01-02,short,NaN\n2026-01-03,holiday,\n03.01.2026,short,\n"
    )
    days, problems = parse_days(text)
    assert days == (Day(date(2026, 1, 3), HOLIDAY, D(0)),)
    assert problems == (
        Problem(2, "date", "not_a_date", "2026-02-30"),
        Problem(3, "date", "missing"),
        Problem(4, "kind", "not_a_kind", "feast"),
        Problem(5, "kind", "missing"),
        Problem(6, "hours", "not_hours", "few"),
        Problem(7, "hours", "not_hours", "25"),
        Problem(8, "hours", "not_hours", "4"),
        Problem(9, "hours", "not_hours", "NaN"),
        Problem(11, "date", "twice", "03.01.2026"),
    )
    assert parse_days("day,kind\n") == ((), (Problem(1, "date", "missing"),))
    assert parse_days("") == ((), (Problem(1, "date", "missing"), Problem(1, "kind", "missing")))


weeks = st.lists(st.sampled_from([D(0), D(4), D(8)]), min_size=7, max_size=7).filter(any).map(tuple)
calendars = st.builds(Calendar, weeks, st.sampled_from([{}, RUSSIAN.days]))
dates = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@given(calendars, dates, st.integers(1, 40))
def test_counting_undoes_adding(calendar, day, count):
    later = add_working_days(calendar, day, count)
    assert is_working(calendar, later)
    assert count_working_days(calendar, day + DAY, later) == count
    earlier = add_working_days(calendar, day, -count)
    assert is_working(calendar, earlier)
    assert count_working_days(calendar, earlier, day - DAY) == count


@given(calendars, dates, st.integers(1, 40))
def test_back_and_forth_from_a_working_day(calendar, day, count):
    day = add_working_days(calendar, day, 1)
    assert add_working_days(calendar, add_working_days(calendar, day, count), -count) == day


@given(calendars, st.lists(dates, min_size=3, max_size=3))
def test_spans_add_up(calendar, days):
    first, middle, last = sorted(days)
    parts = count_working_days(calendar, first, middle) + count_working_days(calendar, middle + DAY, last)
    assert parts == count_working_days(calendar, first, last)


@given(dates, st.integers(1, 15))
def test_the_nth_day_has_n_working_days_up_to_it(day, number):
    found = nth_working_day(RUSSIAN, day.year, day.month, number)
    assert month_progress(RUSSIAN, found).days == number


def test_the_usual_week_is_of_forty_hours():
    assert sum(FIVE_DAYS) == 40

"""Days of the company's calendar. Moments are UTC; in Moscow's office hours, so their date is the same in both."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

DAY = timedelta(days=1)
OFFICE_OPENS = 6  # UTC: nine in the morning in Moscow
OFFICE_MINUTES = 8 * 60 + 30
# Public holidays that fall on the same days each year: (month, day)
HOLIDAYS = {*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}


def is_working(day: date) -> bool:
    """Whether the company works on a day."""
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def working_day(day: date, step: int = 1) -> date:
    """The day itself, or the nearest working day after (step 1) or before it (step -1)."""
    while not is_working(day):
        day += step * DAY
    return day


def add_months(day: date, months: int, on: int | None = None) -> date:
    """A day some months later (earlier for a negative number).

    :param on: day of that month; without it, the same one, or the month's last
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - DAY).day
    return date(year, month + 1, min(on or day.day, last))


def moment(random: Random, day: date) -> datetime:
    """Some moment in the office hours of a day."""
    return datetime.combine(day, time(OFFICE_OPENS)) + timedelta(minutes=random.randrange(OFFICE_MINUTES))


def some_working_day(random: Random, first: date, last: date) -> date:
    """Some working day between two days, both included; the last working one before `last` where there is none."""
    day = working_day(first + timedelta(days=random.randint(0, max((last - first).days, 0))))
    return day if day <= last else working_day(last, -1)

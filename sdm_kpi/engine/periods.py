"""Months and the working days in them. A month is named by its first day; quarters and years derive from months."""

from collections.abc import Iterable
from datetime import date, timedelta

from ...sdm_segmentation.engine.calendar import Calendar, count_working_days

MONTHS = 12


def month_of(day: date) -> date:
    """The month of a day.

    >>> month_of(date(2026, 2, 28))
    datetime.date(2026, 2, 1)
    """
    return day.replace(day=1)


def add_months(month: date, count: int) -> date:
    """The month that is so many months later, earlier where negative.

    >>> add_months(date(2026, 1, 1), -2)
    datetime.date(2025, 11, 1)
    """
    years, months = divmod(month.month - 1 + count, MONTHS)
    return date(month.year + years, months + 1, 1)


def end_of(month: date) -> date:
    """The last day of a month.

    >>> end_of(date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    return add_months(month, 1) - timedelta(days=1)


def months_between(first: date, last: date) -> list[date]:
    """The months from that of a day to that of another one, both included; none where the last is before the first."""
    months, month = [], month_of(first)
    while month <= last:
        months.append(month)
        month = add_months(month, 1)
    return months


def working_days(
    calendar: Calendar, months: Iterable[date], first: date | None = None, last: date | None = None
) -> dict[date, int]:
    """Working days of a person in each month, on the days from ``first`` to ``last`` only.

    :param first: first day that counts, None for all before; :param last: last day that counts, None for all after
    :return: {month: working days}, months without any are left out
    """
    found = {}
    for month in months:
        begin = max(month, first) if first else month
        end = min(end_of(month), last) if last else end_of(month)
        count = count_working_days(calendar, begin, end)
        if count:
            found[month] = count
    return found

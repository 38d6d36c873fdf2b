"""Working time by date: a person's week, what the country changes in it, and when the person is away.

A person's own week says the hours of each weekday. The production calendar changes single dates: public holidays, days
off moved to a working day, weekend days that are worked instead, days shortened before a holiday. It is written in
hours of a full working day of eight; a person with other hours loses what the full day loses, so that half a day
before a holiday is shorter by one hour as well (Labour Code of Russia, articles 95, 112).
"""

import csv
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from .options import OUT_OF_RANGE, WRONG_NUMBER, OptionError, require

HOLIDAY = "holiday"
DAY_OFF = "day_off"
WORKING = "working"
SHORT = "short"

FULL_DAY = Decimal(8)
SHORTER_BY = Decimal(1)
FREE = Decimal(0)
# hours where a file names none
HOURS = {HOLIDAY: FREE, DAY_OFF: FREE, WORKING: FULL_DAY, SHORT: FULL_DAY - SHORTER_BY}
FIVE_DAYS = (FULL_DAY,) * 5 + (FREE,) * 2

NO_WORKING_DAYS = "no_working_days"
DAY = timedelta(days=1)
# a search over ten years without a working day has no answer
HORIZON = 3660

MISSING = "missing"
NOT_A_DATE = "not_a_date"
NOT_A_KIND = "not_a_kind"
NOT_HOURS = "not_hours"
TWICE = "twice"
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y")


@dataclass(frozen=True)
class Day:
    """A date of the production calendar.

    :param kind: ``holiday``, ``day_off`` (moved here from a weekend), ``working`` (worked instead of another day) or
        ``short`` (before a holiday); :param hours: of somebody with a full day of eight
    :param name: what it is called; :param names: (language, name) of its translations
    """

    day: date
    kind: str
    hours: Decimal
    name: str = ""
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Calendar:
    """Working time of one person, or of everybody.

    :param week: hours from Monday to Sunday, or of two such weeks that take turns (see :func:`place_in_week`)
    :param days: what the production calendar changes, by date
    :param leaves: (first day, last day) away, both included; last day None for until further notice
    """

    week: tuple[Decimal, ...] = FIVE_DAYS
    days: Mapping[date, Day] = field(default_factory=dict)
    leaves: tuple[tuple[date, date | None], ...] = ()

    def __post_init__(self):
        require(len(self.week) in (7, 14), "week", WRONG_NUMBER, len(self.week))
        for hours in self.week:
            require(0 <= hours <= 24, "week", OUT_OF_RANGE, hours)


@dataclass(frozen=True)
class Progress:
    """How far a month has gone.

    :param days: working days up to the day and with it; :param days_total: of the month
    :param hours: working hours up to the day and with it; :param hours_total: of the month
    """

    days: int
    days_total: int
    hours: Decimal
    hours_total: Decimal

    @property
    def share(self) -> Fraction | None:
        """Part of the month's working days that are over, 0..1; None in a month without any."""
        return Fraction(self.days, self.days_total) if self.days_total else None

    @property
    def share_of_hours(self) -> Fraction | None:
        """Part of the month's working hours that are over, 0..1; None in a month without any."""
        return Fraction(self.hours) / Fraction(self.hours_total) if self.hours_total else None


def by_date(days: Iterable[Day]) -> dict[date, Day]:
    """The days of a production calendar, ready for a :class:`Calendar`."""
    return {day.day: day for day in days}


def place_in_week(week: Sequence, day: date) -> int:
    """Where a day stands in a week, or in two that take turns: the first one is that of 0001-01-01, as Odoo counts."""
    return (day.toordinal() - 1) % len(week)


def hours_on(calendar: Calendar, day: date) -> Decimal:
    """Working hours of a day, 0 on a free one."""
    if any(first <= day and (last is None or day <= last) for first, last in calendar.leaves):
        return FREE
    place = place_in_week(calendar.week, day)
    own = calendar.week[place]
    special = calendar.days.get(day)
    if special is None:
        return own
    if special.kind in (HOLIDAY, DAY_OFF):
        return FREE
    if special.kind == WORKING:
        own = own or _last_working_weekday(calendar.week, place)
    return max(own - (FULL_DAY - special.hours), FREE)


def _last_working_weekday(week, place):
    """Hours of the nearest earlier weekday that is worked: who works on a Saturday works it like a Friday."""
    return next((week[place - back] for back in range(1, len(week)) if week[place - back]), FREE)


def is_working(calendar: Calendar, day: date) -> bool:
    """Whether anything is worked on a day."""
    return hours_on(calendar, day) > 0


def count_working_days(calendar: Calendar, first: date, last: date) -> int:
    """Working days from a day to a day, both included; 0 where the last one is before the first."""
    return sum(is_working(calendar, day) for day in _days(first, last))


def count_working_hours(calendar: Calendar, first: date, last: date) -> Decimal:
    """Working hours from a day to a day, both included; 0 where the last one is before the first."""
    return sum((hours_on(calendar, day) for day in _days(first, last)), FREE)


def _days(first, last):
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def add_working_days(calendar: Calendar, day: date, count: int) -> date:
    """The working day that comes ``count`` working days after a day, or before it where ``count`` is negative.

    The day itself is not counted, and 0 gives it back whether it is worked or not.

    :raise OptionError: there is no such working day within ten years
    """
    step = DAY if count > 0 else -DAY
    left = abs(count)
    idle = 0
    while left:
        day += step
        if is_working(calendar, day):
            left -= 1
            idle = 0
        else:
            idle += 1
            if idle > HORIZON:
                raise OptionError("calendar", NO_WORKING_DAYS, day)
    return day


def nth_working_day(calendar: Calendar, year: int, month: int, number: int) -> date | None:
    """The n-th working day of a month, 1 is the first and -1 the last; None where the month has fewer."""
    require(number != 0, "number", OUT_OF_RANGE, number)
    days = [day for day in _month(year, month) if is_working(calendar, day)]
    place = number - 1 if number > 0 else number
    return days[place] if -len(days) <= place < len(days) else None


def month_progress(calendar: Calendar, day: date) -> Progress:
    """How much of a day's month is over at the end of the day, in working days and hours."""
    hours = {each: hours_on(calendar, each) for each in _month(day.year, day.month)}
    passed = [spent for each, spent in hours.items() if each <= day]
    return Progress(
        sum(spent > 0 for spent in passed),
        sum(spent > 0 for spent in hours.values()),
        sum(passed, FREE),
        sum(hours.values(), FREE),
    )


def _month(year, month):
    return list(_days(date(year, month, 1), date(year, month, monthrange(year, month)[1])))


def plan_days(holidays: Mapping[date, str], transfers: Sequence[tuple[date, date]]) -> tuple[Day, ...]:
    """Work out a production calendar from public holidays and moved days off, as Russia's rules say.

    A working day right before a public holiday is an hour shorter (article 95 of the Labour Code). A weekend day
    whose rest is moved to a working day is worked with the hours of that day (article 112; order 588n of the Ministry
    of Health and Social Development of 13.08.2009). A holiday on a weekend stays free when its rest is moved.

    :param holidays: name by date; those of the next January too, for the last day of the year
    :param transfers: (weekend day or holiday, day off that it gives)
    :return: the days in order
    """
    moved = {target: source for source, target in transfers}

    def full(day):
        return FULL_DAY - SHORTER_BY if day + DAY in holidays else FULL_DAY

    days = {day: Day(day, HOLIDAY, FREE, name) for day, name in holidays.items()}
    for target, source in moved.items():
        days[target] = Day(target, DAY_OFF, FREE)
        if source not in holidays:
            days[source] = Day(source, WORKING, full(target))
    for holiday in holidays:
        eve = holiday - DAY
        if eve not in days and FIVE_DAYS[eve.weekday()]:
            days[eve] = Day(eve, SHORT, full(eve))
    return tuple(days[day] for day in sorted(days))


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line of a file.

    :param line: number in the file, 1 is the header; :param column: ``date``, ``kind`` or ``hours``
    :param reason: ``missing``, ``not_a_date``, ``not_a_kind``, ``not_hours`` or ``twice``; :param value: what is there
    """

    line: int
    column: str
    reason: str
    value: str = ""


def parse_days(text: str, words: Mapping[str, str] | None = None) -> tuple[tuple[Day, ...], tuple[Problem, ...]]:
    """Read a production calendar from CSV.

    Columns ``date`` (2026-01-31 or 31.01.2026), ``kind``, ``hours`` (empty: as usual for the kind), ``name``, and
    ``name_xx`` for the name in language xx. Comma or semicolon between them; further columns are left alone. A list of
    dates alone, without names of columns, is one of holidays; behind each date their name may stand.

    :param words: {other word for a kind or a column, in small letters: kind or column}
    :return: the days that could be read, in order of the file, and what is wrong with the other lines
    """
    lines = text.lstrip("\ufeff").splitlines()
    delimiter = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    is_list = bool(lines) and _parse_date(lines[0].partition(delimiter)[0].strip(' "')) is not None
    words = {**(words or {}), **{kind: kind for kind in HOURS}}
    reader = csv.DictReader(lines, fieldnames=("date", "name") if is_list else None, delimiter=delimiter)
    named = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = [words.get(name, name) for name in named]
    missing = [column for column in ("date", "kind") if column not in reader.fieldnames and not is_list]
    if missing:
        return (), tuple(Problem(1, column, MISSING) for column in missing)
    days, problems = {}, []
    for row in reader:
        values = {column: (value or "").strip() for column, value in row.items() if isinstance(value, str | None)}
        if is_list:
            values["kind"] = HOLIDAY
        found = _parse_day(values, days, words, reader.line_num)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            days[found.day] = found
    return tuple(days.values()), tuple(problems)


def _parse_day(values, known, words, line):
    day = _parse_date(values["date"])
    if day is None:
        return Problem(line, "date", NOT_A_DATE if values["date"] else MISSING, values["date"])
    if day in known:
        return Problem(line, "date", TWICE, values["date"])
    kind = words.get(values["kind"].lower())
    if kind not in HOURS:
        return Problem(line, "kind", NOT_A_KIND if values["kind"] else MISSING, values["kind"])
    written = values.get("hours", "")
    try:
        hours = Decimal(written.replace(",", ".")) if written else HOURS[kind]
    except InvalidOperation:
        return Problem(line, "hours", NOT_HOURS, written)
    if not hours_fit(kind, hours):
        return Problem(line, "hours", NOT_HOURS, written)
    names = tuple(
        (column.removeprefix("name_"), value)
        for column, value in values.items()
        if value and column.startswith("name_")
    )
    return Day(day, kind, hours, values.get("name", ""), names)


def hours_fit(kind: str, hours: Decimal) -> bool:
    """Whether a day of this kind can have so many hours: none where it is free, else up to 24."""
    return hours.is_finite() and (hours == 0 if kind in (HOLIDAY, DAY_OFF) else 0 < hours <= 24)


def _parse_date(written):
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(written, pattern).date()
        except ValueError:
            continue
    return None

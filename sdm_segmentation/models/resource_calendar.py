from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytz

from odoo import fields, models
from odoo.fields import Domain

from ..engine import calendar


class Leaves:
    """Absences of people and closed days of schedules, read at once."""

    def __init__(self, leaves):
        self.by_resource = defaultdict(leaves.browse)
        for leave in leaves:
            self.by_resource[leave.resource_id] |= leave

    def get_days_away(self, schedule, company, resource, zone):
        """The whole days on which somebody does not work: own absences and closings of schedule or company.

        A day counts where the absence covers all hours that the schedule has on it, so half a day does not.

        :return: tuple of (first day, last day), both included
        """
        everybody = self.by_resource[resource.browse()].filtered(
            lambda leave: (
                leave.calendar_id in (schedule, schedule.browse()) and leave.company_id in (company, company.browse())
            )
        )
        times, size = schedule._get_sdm_times(), 14 if schedule.two_weeks_calendar else 7
        zone = pytz.timezone(zone or schedule.tz or "UTC")
        own = self.by_resource[resource] if resource else everybody.browse()
        days = (self._find_days(leave, times, size, zone) for leave in (everybody | own))
        return tuple(sorted((first, last) for first, last in days if first <= last))

    @staticmethod
    def _find_days(leave, times, size, zone):
        start, end = (
            pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None)
            for moment in (leave.date_from, leave.date_to)
        )
        first, last = start.date(), end.date()
        begins, _ends = times.get(calendar.place_in_week(range(size), first), (24, 0))
        if start.hour + start.minute / 60 > begins:
            first += timedelta(days=1)
        _begins, ends = times.get(calendar.place_in_week(range(size), last), (24, 0))
        # the last minute of a day is its end
        if end.hour + (end.minute + 1) / 60 < ends:
            last -= timedelta(days=1)
        return first, last


class ResourceCalendar(models.Model):
    """A working schedule in the words of the engine."""

    _inherit = "resource.calendar"

    def _get_sdm_week(self):
        """Working hours from Monday to Sunday, or of two weeks that take turns; five days of eight where none are said.

        :return: 7 or 14 hours
        """
        hours = defaultdict(float)
        for line in self._get_sdm_attendances():
            for place in self._get_sdm_places(line):
                hours[place] += line.duration_hours
        if not hours:
            return (
                calendar.FIVE_DAYS
                if not self.hours_per_day
                else (Decimal(f"{self.hours_per_day:.2f}"),) * 5 + (calendar.FREE,) * 2
            )
        size = 14 if self.two_weeks_calendar else 7
        return tuple(min(Decimal(f"{hours[place]:.2f}"), Decimal(24)) for place in range(size))

    def _get_sdm_attendances(self):
        """The lines that are worked: no sections, no breaks."""
        return self.attendance_ids.filtered(lambda line: not line.display_type and line.day_period != "lunch")

    def _get_sdm_places(self, line):
        """Where in the weeks of the schedule a line stands: a line of no certain week is in both."""
        weekday = int(line.dayofweek)
        if not self.two_weeks_calendar:
            return (weekday,)
        return (int(line.week_type) * 7 + weekday,) if line.week_type else (weekday, weekday + 7)

    def _get_sdm_times(self):
        """{place in the weeks: (hour at which the day begins, hour at which it ends)}"""
        times = {}
        for line in self._get_sdm_attendances():
            for place in self._get_sdm_places(line):
                start, end = times.get(place, (24, 0))
                times[place] = (min(start, line.hour_from), max(end, line.hour_to))
        return times

    def _add_sdm_absences(self, working, resource, first, zone):
        """Working time of the schedule without the days on which a person is away.

        :param working: engine calendar of the schedule; :param resource: of the person
        :param first: absences that ended before this day are left out; :param zone: name of the person's time zone
        :return: engine calendar
        """
        leaves = self._get_sdm_leaves(resource, first).by_resource[resource]
        if not leaves:
            return working
        own = Leaves(leaves).get_days_away(self, resource.company_id, resource, zone)
        return replace(working, leaves=tuple(sorted({*working.leaves, *own})))

    def _get_sdm_leaves(self, resources, first=None):
        """Absences of people and closings of these schedules, in one query whatever their number.

        :param first: those that ended before this day are left out; none: all are there
        """
        domain = Domain("time_type", "=", "leave") & (
            Domain("resource_id", "in", resources.ids)
            | Domain("resource_id", "=", False) & Domain("calendar_id", "in", [*self.ids, False])
        )
        if first:
            # a day earlier, since it begins at another moment in each time zone
            domain &= Domain("date_to", ">=", fields.Datetime.to_datetime(first) - timedelta(days=1))
        names = ["date_from", "date_to", "resource_id", "calendar_id", "company_id"]
        return Leaves(self.env["resource.calendar.leaves"].sudo().search_fetch(domain, names, order="date_from, id"))

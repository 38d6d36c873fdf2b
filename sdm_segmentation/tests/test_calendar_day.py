from datetime import date, timedelta
from decimal import Decimal

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger, sql

from ..engine.calendar import FIVE_DAYS, count_working_days, hours_on
from .common import GROUPS, RpcCase, SdmCase
from .test_access import OPERATIONS

D = Decimal
MODELS = ("sdm.calendar.day", "sdm.calendar.day.import", "sdm.calendar.day.copy")
ALLOWED = {
    "seller": ("r", "", ""),
    "head": ("r", "", ""),
    "director": ("rwcu", "rwcu", "rwcu"),
    "payroll": ("rwcu", "rwcu", "rwcu"),
    "auditor": ("r", "", ""),
    "stranger": ("", "", ""),
}


class CalendarCase(SdmCase):
    """A company in Russia, and Anna with a week of five days in Moscow time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ru = cls.env.ref("base.ru")
        cls.company.country_id = cls.ru
        cls.Day = cls.env["sdm.calendar.day"]
        cls.anna = cls.seller("Anna").employee_ids
        cls.schedule = cls.week("Five days", [(day, 9, 18) for day in range(5)], hours=8)
        cls.anna.resource_calendar_id = cls.schedule
        cls.anna.tz = "Europe/Moscow"

    @classmethod
    def week(cls, name, days, hours=None, **values):
        """A working schedule; days as (weekday, from, to), ``hours`` if a break is in between."""
        breaks = [(day, 13, 13 + end - start - hours) for day, start, end in days] if hours else []
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "tz": "Europe/Moscow",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Work",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": period,
                        }
                    )
                    for period, spans in (("morning", cls.around(days, breaks)), ("lunch", breaks))
                    for day, start, end in spans
                ],
                **values,
            }
        )

    @staticmethod
    def around(days, breaks):
        """The times of the days without their breaks."""
        if not breaks:
            return days
        return [
            span
            for (day, start, end), (_day, pause, resume) in zip(days, breaks, strict=True)
            for span in ((day, start, pause), (day, resume, end))
        ]

    def leave(self, start, end, employee=None, **values):
        """An absence; times in UTC."""
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "date_from": start,
                "date_to": end,
                "resource_id": employee.resource_id.id if employee else False,
                "company_id": self.company.id,
                **values,
            }
        )

    def hours(self, owner, first, days=7):
        """Hours of some days on end."""
        calendar = self.Day._get_production_calendar(owner)
        start = date.fromisoformat(first)
        return [float(hours_on(calendar, start + timedelta(days=number))) for number in range(days)]


@tagged("post_install", "-at_install")
class TestCalendarDay(CalendarCase):
    def test_russia_is_shipped(self):
        days = self.Day.search([("country_id", "=", self.ru.id), ("year", "=", 2026)])
        kinds = {day.date.isoformat(): (day.kind, day.hours) for day in days}
        self.assertEqual(kinds["2026-01-07"], ("holiday", 0))
        self.assertEqual(kinds["2026-11-03"], ("short", 7))
        calendar = self.Day._get_production_calendar()
        # the published total of 2026
        self.assertEqual(count_working_days(calendar, date(2026, 1, 1), date(2026, 12, 31)), 247)

    def test_loading_again_changes_nothing(self):
        before = self.Day.search([("country_id", "=", self.ru.id)])
        values = before.read(["date", "kind", "hours", "name"])
        self.Day._load_shipped()
        after = self.Day.search([("country_id", "=", self.ru.id)])
        self.assertEqual(after.read(["date", "kind", "hours", "name"]), values)

    def test_an_update_overwrites_no_day_of_the_user(self):
        mine, deleted, own = self.Day.search([("country_id", "=", self.ru.id)], limit=3)
        mine.write({"kind": "working", "name": "Mine"})
        day = own.date
        own.unlink()
        entered = self.Day.create({"country_id": self.ru.id, "date": day, "kind": "short", "hours": 5})
        deleted_day = deleted.date
        deleted.unlink()
        self.Day._load_shipped()
        self.assertEqual((mine.kind, mine.name), ("working", "Mine"))
        self.assertEqual((entered.kind, entered.hours), ("short", 5))
        self.assertEqual(self.Day.search_count([("country_id", "=", self.ru.id), ("date", "=", deleted_day)]), 1)

    def test_hours_follow_the_kind_and_must_fit(self):
        day = self.Day.create({"country_id": self.ru.id, "date": "2030-05-08", "kind": "short"})
        self.assertEqual((day.hours, day.year, day.weekday), (7, 2030, "Wednesday"))
        day.kind = "holiday"
        self.assertEqual(day.hours, 0)
        with self.assertRaisesRegex(ValidationError, "05/08/2030 cannot have 4 hours"):
            day.hours = 4
        with self.assertRaises(ValidationError):
            day.write({"kind": "working", "hours": 25})

    def test_a_country_has_a_date_once(self):
        self.Day.create({"country_id": self.ru.id, "date": "2030-05-08"})
        with self.assertRaises(sql.psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"):
            self.Day.create({"country_id": self.ru.id, "date": "2030-05-08"})

    def test_a_company_may_keep_the_calendar_of_another_country(self):
        self.assertEqual(self.Day._is_working_day(date(2026, 11, 4)), False)
        self.company.sdm_calendar_country_id = self.env.ref("base.kz")
        self.assertEqual(self.Day._is_working_day(date(2026, 11, 4)), True)
        self.company.write({"sdm_calendar_country_id": False, "country_id": False})
        self.assertEqual(self.Day._is_working_day(date(2026, 11, 4)), True)


@tagged("post_install", "-at_install")
class TestProductionCalendar(CalendarCase):
    def test_the_own_week_with_holidays_and_shortened_days(self):
        # Monday 2 November 2026; Tuesday is shortened, Wednesday is Unity Day
        self.assertEqual(self.hours(self.anna, "2026-11-02"), [8, 7, 0, 8, 8, 0, 0])

    def test_half_a_post_loses_what_the_full_day_loses(self):
        self.anna.resource_calendar_id = self.week("Half", [(day, 9, 13) for day in range(3)])
        self.assertEqual(self.hours(self.anna, "2026-11-02"), [4, 3, 0, 0, 0, 0, 0])

    def test_a_transferred_saturday_is_worked(self):
        # Saturday 1 November 2025 is worked and shortened, Monday 3 November is free instead
        self.assertEqual(self.hours(self.anna, "2025-10-27", 9), [8, 8, 8, 8, 8, 7, 0, 0, 0])

    def test_two_weeks_take_turns(self):
        lines = [{"name": "Section", "display_type": "line_section", "week_type": week} for week in "01"]
        lines[1:1] = [
            {"name": "Work", "dayofweek": str(day), "week_type": "0", "hour_from": 9, "hour_to": 17} for day in range(5)
        ]
        lines.append({"name": "Work", "dayofweek": "2", "week_type": "1", "hour_from": 9, "hour_to": 13})
        schedule = self.week("Turns", [], two_weeks_calendar=True)
        schedule.attendance_ids = [
            Command.create({**line, "sequence": sequence}) for sequence, line in enumerate(lines)
        ]
        self.anna.resource_calendar_id = schedule
        monday = date(2026, 1, 12)
        self.assertEqual(self.env["resource.calendar.attendance"].get_week_type(monday), 1)
        self.assertEqual(self.hours(self.anna, "2026-01-12", 14), [0, 0, 4, 0, 0, 0, 0, 8, 8, 8, 8, 8, 0, 0])

    def test_a_schedule_without_lines_is_one_of_five_days(self):
        self.anna.resource_calendar_id = self.env["resource.calendar"].create(
            {"name": "Free", "company_id": self.company.id, "attendance_ids": [Command.clear()], "hours_per_day": 6}
        )
        self.assertEqual(self.hours(self.anna, "2026-11-09"), [6, 6, 6, 6, 6, 0, 0])
        self.assertEqual(self.env["resource.calendar"]._get_sdm_week(), FIVE_DAYS)

    def test_absences_of_whole_days_count(self):
        # Moscow is UTC+3: from Tuesday 9:00 to Thursday 18:00
        self.leave("2026-11-10 06:00:00", "2026-11-12 15:00:00", self.anna)
        self.assertEqual(self.hours(self.anna, "2026-11-09"), [8, 0, 0, 0, 8, 0, 0])

    def test_whole_days_are_those_of_the_person_and_not_of_utc(self):
        # from midnight to midnight in Moscow, as Time Off writes it
        self.leave("2026-11-09 21:00:00", "2026-11-10 20:59:59", self.anna)
        self.assertEqual(self.hours(self.anna, "2026-11-09"), [8, 0, 8, 8, 8, 0, 0])

    def test_half_a_day_away_is_a_working_day(self):
        self.leave("2026-11-10 06:00:00", "2026-11-10 10:00:00", self.anna)
        # from Wednesday noon to Friday morning: Thursday alone is free
        self.leave("2026-11-11 09:00:00", "2026-11-13 07:00:00", self.anna)
        self.assertEqual(self.hours(self.anna, "2026-11-09"), [8, 8, 8, 0, 8, 0, 0])

    def test_closings_of_schedule_and_company_count_for_everybody_there(self):
        boris = self.seller("Boris").employee_ids
        boris.write({"tz": "Europe/Moscow", "resource_calendar_id": self.week("Other", [(0, 9, 17), (1, 9, 17)]).id})
        self.leave("2026-11-09 00:00:00", "2026-11-09 20:00:00", calendar_id=self.schedule.id)
        self.leave("2026-11-10 00:00:00", "2026-11-10 20:00:00")
        elsewhere = self.leave("2026-11-11 00:00:00", "2026-11-11 20:00:00")
        elsewhere.company_id = self.env.ref("base.main_company")
        self.leave("2026-11-12 00:00:00", "2026-11-12 20:00:00", boris)
        self.leave("2026-11-13 00:00:00", "2026-11-13 20:00:00", self.anna, time_type="other")
        self.assertEqual(self.hours(self.anna, "2026-11-09"), [0, 0, 8, 8, 8, 0, 0])
        self.assertEqual(self.hours(boris, "2026-11-09"), [8, 0, 0, 0, 0, 0, 0])
        self.assertEqual(self.hours(self.schedule, "2026-11-09"), [0, 0, 8, 8, 8, 0, 0])

    def test_counting_in_working_days(self):
        friday = date(2026, 11, 6)
        self.assertEqual(self.Day._add_working_days(friday, 1, self.anna), date(2026, 11, 9))
        self.assertEqual(self.Day._add_working_days(friday, -2, self.anna), date(2026, 11, 3))
        self.leave("2026-11-08 21:00:00", "2026-11-09 20:59:59", self.anna)
        self.assertEqual(self.Day._add_working_days(friday, 1, self.anna), date(2026, 11, 10))
        self.assertEqual(self.Day._add_working_days(friday, 1), date(2026, 11, 9))
        self.assertEqual(self.Day._count_working_days(date(2026, 11, 2), date(2026, 11, 10), self.anna), 5)
        # "day 10" of the method: 2, 3, 5, 6, 9 .. 13, 16 November
        self.assertEqual(self.Day._nth_working_day(2026, 11, 10), date(2026, 11, 16))
        self.assertEqual(self.Day._nth_working_day(2026, 11, 10, self.anna), date(2026, 11, 17))
        self.assertIsNone(self.Day._nth_working_day(2026, 11, 30))
        self.assertEqual(self.Day._is_working_day(date(2026, 11, 9), self.anna), False)

    def test_who_never_works_is_told(self):
        self.leave("2020-01-01 00:00:00", "2060-01-01 00:00:00", self.anna)
        with self.assertRaisesRegex(ValidationError, "no working day near .* in the schedule of Anna"):
            self.Day._add_working_days(date(2026, 11, 9), 1, self.anna)

    def test_a_change_of_the_calendar_holds_at_once(self):
        self.assertTrue(self.Day._is_working_day(date(2026, 11, 9)))
        day = self.Day.create({"country_id": self.ru.id, "date": "2026-11-09"})
        self.assertFalse(self.Day._is_working_day(date(2026, 11, 9)))
        day.kind = "working"
        self.assertTrue(self.Day._is_working_day(date(2026, 11, 9)))
        day.kind = "holiday"
        day.unlink()
        self.assertTrue(self.Day._is_working_day(date(2026, 11, 9)))

    def test_old_absences_may_be_left_out(self):
        self.leave("2026-11-02 00:00:00", "2026-11-02 20:00:00", self.anna)
        self.leave("2026-11-09 00:00:00", "2026-11-09 20:00:00", self.anna)
        [calendar] = self.Day._get_production_calendars(self.anna, date(2026, 11, 6)).values()
        self.assertEqual(calendar.leaves, ((date(2026, 11, 9), date(2026, 11, 9)),))

    def test_many_people_take_as_many_queries_as_few(self):
        people = self.anna
        for number in range(12):
            person = self.seller(f"Seller {number}").employee_ids
            person.resource_calendar_id = self.week(f"Week {number}", [(number % 5, 9, 17)])
            self.leave("2026-11-09 00:00:00", "2026-11-09 20:00:00", person)
            people |= person

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            calendars = self.Day._get_production_calendars(some)
            self.assertEqual(list(calendars), list(some))
            return self.env.cr.sql_log_count - before

        count(people)
        self.assertEqual(count(people), count(people[:2]))
        self.assertLessEqual(count(people), 15)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-23")
class TestCalendarDayAccess(CalendarCase):
    def test_each_group_can_do_what_it_must_and_nothing_else(self):
        for name in GROUPS:
            user = self.persona(name)
            for model, allowed in zip(MODELS, ALLOWED[name], strict=True):
                for operation in OPERATIONS:
                    may = self.env[model].with_user(user).has_access(operation)
                    self.assertEqual(may, operation[0] in allowed, (name, model, operation))

    def test_anybody_is_counted_in_working_days_whoever_asks(self):
        self.leave("2026-11-08 21:00:00", "2026-11-09 20:59:59", self.anna)
        for name in ("seller", "stranger"):
            Day = self.Day.with_user(self.persona(name))
            self.assertEqual(Day._add_working_days(date(2026, 11, 6), 1, self.anna), date(2026, 11, 10))

    def test_who_updates_a_shipped_day_need_not_be_an_administrator(self):
        day = self.Day.search([("country_id", "=", self.ru.id)], limit=1)
        day.with_user(self.persona("payroll")).name = "Mine"
        data = self.env["ir.model.data"].search([("model", "=", "sdm.calendar.day"), ("res_id", "=", day.id)])
        self.assertTrue(data.noupdate)

    def test_a_seller_changes_no_holiday(self):
        day = self.Day.search([("country_id", "=", self.ru.id)], limit=1)
        with self.assertRaises(AccessError):
            day.with_user(self.persona("seller")).kind = "working"


@tagged("post_install", "-at_install")
class TestCalendarDayRpc(CalendarCase, RpcCase):
    def test_over_the_wire_a_seller_reads_and_changes_nothing(self):
        day = self.Day.search([("country_id", "=", self.ru.id)], limit=1)
        self.persona("seller")
        self.authenticate("sdm_seller", "sdm_seller")
        rows, _error = self.call("sdm.calendar.day", "read", day.ids, ["kind"])
        self.assertEqual(rows[0]["kind"], day.kind)
        for model, method, *args in (
            ("sdm.calendar.day", "write", day.ids, {"kind": "working"}),
            ("sdm.calendar.day", "create", {"country_id": self.ru.id, "date": "2030-01-01"}),
            ("sdm.calendar.day", "unlink", day.ids),
            ("sdm.calendar.day.import", "create", {"file": "eA=="}),
            ("sdm.calendar.day", "_add_working_days", "2026-01-01", 1),
        ):
            self.assertEqual(self.call(model, method, *args)[1], "odoo.exceptions.AccessError", (model, method))

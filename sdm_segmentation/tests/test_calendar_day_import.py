import base64
from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .test_calendar_day import CalendarCase


@tagged("post_install", "-at_install")
@freeze_time("2030-02-01")
class TestCalendarDayImport(CalendarCase):
    def wizard(self, text, encoding="utf-8", **values):
        content = base64.b64encode(text.encode(encoding))
        return self.env["sdm.calendar.day.import"].create({"country_id": self.ru.id, "file": content, **values})

    def days(self, year=2030, country=None):
        found = self.Day.search([("country_id", "=", (country or self.ru).id), ("year", "=", year)], order="date")
        return [(day.date.isoformat(), day.kind, day.hours, day.name or "") for day in found]

    def test_a_file_is_shown_and_then_written(self):
        self.Day.create(
            [
                {"country_id": self.ru.id, "date": "2030-01-01", "name": "New Year"},
                {"country_id": self.ru.id, "date": "2030-01-02", "kind": "short", "hours": 6},
                {"country_id": self.ru.id, "date": "2030-01-09"},
            ]
        )
        wizard = self.wizard(
            "date;kind;hours;name\n01.01.2030;holiday;;\n2030-01-02;working;;Saturday\n2030-01-05;day_off;0;\n"
        )
        self.assertTrue(wizard.is_ready)
        for words in ("New: <b>1</b>", "changed: <b>1</b>", "as they are: <b>1</b>", "Shortened day, 6", "Saturday"):
            self.assertIn(words, wizard.preview)
        action = wizard.action_import()
        self.assertEqual(action["res_model"], "sdm.calendar.day")
        self.assertEqual(
            self.days(),
            [
                ("2030-01-01", "holiday", 0, "New Year"),
                ("2030-01-02", "working", 8, "Saturday"),
                ("2030-01-05", "day_off", 0, ""),
                ("2030-01-09", "holiday", 0, ""),
            ],
        )

    def test_the_years_of_the_file_may_be_replaced(self):
        for day in ("2030-01-09", "2031-01-09"):
            self.Day.create({"country_id": self.ru.id, "date": day})
        wizard = self.wizard("2030-01-01\n", replaces=True)
        self.assertIn("taken out", wizard.preview)
        wizard.action_import()
        self.assertEqual(self.days(), [("2030-01-01", "holiday", 0, "")])
        self.assertEqual(len(self.days(2031)), 1)

    def test_a_wrong_line_stops_the_whole_file(self):
        wizard = self.wizard(
            "date,kind,hours\n2030-01-01,holiday,\n2030-02-30,holiday,\n2030-01-02,feast,\n"
            "2030-01-03,short,40\n2030-01-01,holiday,\n"
        )
        self.assertFalse(wizard.is_ready)
        with self.assertRaises(UserError) as error:
            wizard.action_import()
        self.assertEqual(
            str(error.exception).split("\n"),
            [
                "Line 3: “2030-02-30” is no date. Write 2026-12-31 or 31.12.2026.",
                "Line 4: “feast” is no kind of day. Write holiday, day_off, working or short.",
                "Line 5: the day cannot have “40” hours. A holiday and a day off have 0, "
                "a worked day more than 0 and 24 at most.",
                "Line 6: 2030-01-01 is there twice. Leave one of the lines.",
            ],
        )
        self.assertIn("Line 4: “feast”", wizard.preview)
        self.assertEqual(self.days(), [])

    def test_a_file_without_the_columns_says_which(self):
        with self.assertRaisesRegex(UserError, "Line 1: the column “kind” is missing. Name the columns date, kind"):
            self.wizard("date\nx\n").action_import()
        with self.assertRaisesRegex(UserError, "There are no days in the file"):
            self.wizard("date,kind\n").action_import()

    def test_words_and_letters_of_a_russian_accountant(self):
        self.wizard(
            "Дата;Вид;Часы;Название\n01.01.2030;Праздник;;Новый год\n02.01.2030;сокращённый;7;\n", "cp1251"
        ).action_import()
        self.assertEqual(self.days(), [("2030-01-01", "holiday", 0, "Новый год"), ("2030-01-02", "short", 7, "")])

    def test_the_labels_of_the_screen_are_understood(self):
        self.wizard("Date,Kind\n2030-01-01,Working weekend day\n").action_import()
        self.assertEqual(self.days(), [("2030-01-01", "working", 8, "")])

    def test_names_in_other_languages_go_to_their_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        text = "date,kind,name,name_ru,name_xx\n2030-01-01,holiday,New Year,Новый год,?\n"
        self.wizard(text).action_import()
        day = self.Day.search([("date", "=", "2030-01-01")])
        self.assertEqual((day.name, day.with_context(lang="ru_RU").name), ("New Year", "Новый год"))
        russian = self.wizard(text).with_context(lang="ru_RU")
        self.assertFalse(russian.is_ready, "nothing changes")
        russian.action_import()
        self.assertEqual((day.name, day.with_context(lang="ru_RU").name), ("New Year", "Новый год"))

    def test_importing_again_changes_nothing(self):
        text = "2030-01-01\n2030-01-07\n"
        self.wizard(text).action_import()
        again = self.wizard(text)
        self.assertFalse(again.is_ready)
        again.action_import()
        self.assertEqual([day for day, *_rest in self.days()], ["2030-01-01", "2030-01-07"])

    def test_a_country_begins_with_the_calendar_of_another(self):
        kz = self.env.ref("base.kz")
        self.Day.create({"country_id": kz.id, "date": "2026-01-01", "kind": "short"})
        wizard = self.env["sdm.calendar.day.copy"].create(
            {"source_id": self.ru.id, "country_id": kz.id, "year_from": 2026, "year_to": 2026}
        )
        shipped = self.days(2026)
        self.assertEqual((wizard.new_count, wizard.kept_count), (len(shipped) - 1, 1))
        wizard.action_copy()
        self.assertEqual(self.days(2026, kz), [("2026-01-01", "short", 7, ""), *shipped[1:]])
        with self.assertRaisesRegex(UserError, "no days from 2026 to 2026 that Kazakhstan lacks"):
            wizard.action_copy()
        wizard.country_id = self.ru
        with self.assertRaisesRegex(UserError, "both source and target"):
            wizard.action_copy()
        self.company.country_id = kz
        self.assertFalse(self.Day._is_working_day(date(2026, 11, 4)))

    def test_payroll_may_import(self):
        Import = self.env["sdm.calendar.day.import"].with_user(self.persona("payroll"))
        Import.create({"country_id": self.ru.id, "file": base64.b64encode(b"2030-01-01\n")}).action_import()
        self.assertEqual(len(self.days()), 1)

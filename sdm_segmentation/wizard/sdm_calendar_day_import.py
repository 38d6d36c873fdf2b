import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..engine import calendar

# What people write in other languages comes from the labels of the fields; this is how accountants name them.
WORDS = {
    "дата": "date",
    "вид": "kind",
    "тип": "kind",
    "часы": "hours",
    "название": "name",
    "праздник": calendar.HOLIDAY,
    "выходной": calendar.DAY_OFF,
    "рабочий": calendar.WORKING,
    "сокращённый": calendar.SHORT,
    "сокращенный": calendar.SHORT,
    "предпраздничный": calendar.SHORT,
}
SHOWN = 100


class SdmCalendarDayImport(models.TransientModel):
    """Bring a year's production calendar in from a file, after a look at what changes."""

    _name = "sdm.calendar.day.import"
    _description = "Import of a Production Calendar"

    country_id = fields.Many2one(
        "res.country", required=True, default=lambda self: self.env["sdm.calendar.day"]._get_country()
    )
    file = fields.Binary(required=True)
    filename = fields.Char()
    replaces = fields.Boolean(
        "Replace the years of the file", help="Days of these years that are not in the file are taken out."
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    is_ready = fields.Boolean(compute="_compute_preview")

    @api.depends("country_id", "file", "replaces")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            days, problems = wizard._parse()
            plan = wizard._plan(days) if not problems else []
            wizard.is_ready = any(row["change"] != "same" for row in plan)
            counts = {
                change: sum(row["change"] == change for row in plan) for change in ("new", "changed", "same", "gone")
            }
            wizard.preview = wizard.file and self.env["ir.qweb"]._render(
                "sdm_segmentation.sdm_calendar_day_import_preview",
                {
                    "problems": [wizard._tell_problem(problem) for problem in problems[:SHOWN]],
                    "more_problems": max(len(problems) - SHOWN, 0),
                    "counts": counts,
                    "rows": [row for row in plan if row["change"] != "same"][:SHOWN],
                    "more": max(len(plan) - counts["same"] - SHOWN, 0),
                },
            )

    def _parse(self):
        """The days of the file as engine days, and what is wrong with its lines."""
        self.ensure_one()
        if not self.file:
            return (), ()
        content = base64.b64decode(self.with_context(bin_size=False).file)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # as Excel saves CSV under Windows
            text = content.decode("cp1251", errors="replace")
        return calendar.parse_days(text, self._get_words())

    def _get_words(self):
        """What kinds and columns are called in the user's language, besides the names of the file format."""
        Day = self.env["sdm.calendar.day"]
        labels = {label.lower(): kind for kind, label in Day._fields["kind"]._description_selection(self.env)}
        columns = Day.fields_get(["date", "kind", "hours", "name"], ["string"])
        return {**WORDS, **labels, **{column["string"].lower(): name for name, column in columns.items()}}

    def _plan(self, days):
        """What the file would change, as rows for the preview: date, change, day before and day after."""
        if not days or not self.country_id:
            return []
        wanted = {day.day: day for day in days}
        years = sorted({day.day.year for day in days})
        domain = Domain("country_id", "=", self.country_id.id) & Domain("year", "in", years)
        present = {day.date: day for day in self.env["sdm.calendar.day"].search(domain)}
        rows = []
        for date in sorted({*wanted, *present}):
            day, record = wanted.get(date), present.get(date)
            if not day:
                if self.replaces:
                    rows.append(self._prepare_row("gone", date, record, None))
                continue
            vals = self.env["sdm.calendar.day"]._prepare_vals(day)
            # a file without names leaves those that are there
            same = record and all(record[name] == value for name, value in vals.items() if value or name != "name")
            rows.append(self._prepare_row("same" if same else "changed" if record else "new", date, record, day))
        return rows

    def _prepare_row(self, change, date, record, day):
        kinds = dict(self.env["sdm.calendar.day"]._fields["kind"]._description_selection(self.env))
        return {
            "change": change,
            "date": format_date(self.env, date, date_format="EEEEEE, dd.MM.yyyy"),
            "before": f"{kinds[record.kind]}, {record.hours:g}" if record else "",
            "after": f"{kinds[day.kind]}, {day.hours:g}" if day else "",
            "name": (day and self.env["sdm.calendar.day"]._prepare_vals(day)["name"]) or (record and record.name) or "",
            "record": record,
            "day": day,
        }

    def _tell_problem(self, problem):
        """What is wrong with a line, and what to write instead."""
        line, value = problem.line, problem.value
        if problem.reason == calendar.MISSING and line == 1:
            return self.env._(
                "Line 1: the column “%(column)s” is missing. Name the columns date, kind, hours and name, "
                "or give a list of dates alone.",
                column=problem.column,
            )
        if problem.reason == calendar.TWICE:
            return self.env._(
                "Line %(line)s: %(value)s is there twice. Leave one of the lines.", line=line, value=value
            )
        if problem.column == "date":
            return self.env._(
                "Line %(line)s: “%(value)s” is no date. Write 2026-12-31 or 31.12.2026.", line=line, value=value
            )
        if problem.column == "kind":
            return self.env._(
                "Line %(line)s: “%(value)s” is no kind of day. Write holiday, day_off, working or short.",
                line=line,
                value=value,
            )
        return self.env._(
            "Line %(line)s: the day cannot have “%(value)s” hours. A holiday and a day off have 0, "
            "a worked day more than 0 and 24 at most.",
            line=line,
            value=value,
        )

    def action_import(self):
        """Write all days of the file, or nothing where a line is wrong."""
        self.ensure_one()
        days, problems = self._parse()
        if problems:
            raise UserError("\n".join(self._tell_problem(problem) for problem in problems[:SHOWN]))
        if not days:
            raise UserError(self.env._("There are no days in the file. Write one date in each line."))
        Day = self.env["sdm.calendar.day"]
        new, gone = [], Day
        for row in self._plan(days):
            record, day = row["record"], row["day"]
            if row["change"] == "gone":
                gone |= record
            elif row["change"] == "new":
                new.append({"country_id": self.country_id.id, "date": day.day, **Day._prepare_vals(day)})
            elif row["change"] == "changed":
                vals = Day._prepare_vals(day)
                record.write(vals if vals["name"] else {name: vals[name] for name in ("kind", "hours")})
        gone.unlink()
        Day.create(new)
        self._translate(days)
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_calendar_day_action")
        return {**action, "domain": [("country_id", "=", self.country_id.id)], "target": "main"}

    def _translate(self, days):
        """Write the names in other languages that are installed here."""
        codes = {code.split("_")[0]: code for code, _name in self.env["res.lang"].get_installed()}
        named = {}
        for day in days:
            # where others are named, the plain name is the English one
            names = {"en": day.name, **dict(day.names)} if day.names else {}
            named[day.day] = {codes[lang]: name for lang, name in names.items() if name and lang in codes}
        domain = [("country_id", "=", self.country_id.id), ("date", "in", [date for date in named if named[date]])]
        for record in self.env["sdm.calendar.day"].search(domain):
            record.update_field_translations("name", named[record.date])

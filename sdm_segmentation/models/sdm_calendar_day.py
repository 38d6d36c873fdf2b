from decimal import Decimal

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..engine import calendar

SHIPPED = {"RU": "ru"}
COLORS = {calendar.HOLIDAY: 1, calendar.DAY_OFF: 2, calendar.SHORT: 3, calendar.WORKING: 10}


class SdmCalendarDay(models.Model):
    """A date on which a country works otherwise than the weekday says: the production calendar.

    Russia's known years are shipped. What somebody changes in them stays so when a new version brings further years.
    """

    _name = "sdm.calendar.day"
    _description = "Day of the Production Calendar"
    _inherit = ["sdm.guarded.mixin"]
    _order = "date desc, country_id"
    _rec_name = "date"

    country_id = fields.Many2one(
        "res.country", required=True, index=True, ondelete="restrict", default=lambda self: self._get_country()
    )
    date = fields.Date(required=True)
    year = fields.Integer(compute="_compute_year", store=True, aggregator=None)
    weekday = fields.Char("Day of the week", compute="_compute_weekday")
    kind = fields.Selection(
        [
            (calendar.HOLIDAY, "Holiday"),
            (calendar.DAY_OFF, "Day off moved here"),
            (calendar.WORKING, "Working weekend day"),
            (calendar.SHORT, "Shortened day"),
        ],
        "Kind of day",
        required=True,
        default=calendar.HOLIDAY,
    )
    hours = fields.Float(
        compute="_compute_hours",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
        help="Working hours of somebody with a full day of eight. Who works less loses as much as the full day does.",
    )
    name = fields.Char(translate=True)
    color = fields.Integer(compute="_compute_color")

    _country_date_uniq = models.Constraint(
        "UNIQUE(country_id, date)", "The production calendar of this country has this date already. Change that day."
    )

    @api.depends("date")
    def _compute_year(self):
        for day in self:
            day.year = day.date.year if day.date else 0

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_weekday(self):
        for day in self:
            day.weekday = format_date(self.env, day.date, date_format="EEEE") if day.date else False

    @api.depends("kind")
    def _compute_hours(self):
        for day in self:
            day.hours = float(calendar.HOURS[day.kind]) if day.kind else 0

    @api.depends("kind")
    def _compute_color(self):
        for day in self:
            day.color = COLORS.get(day.kind, 0)

    @api.depends("date", "name", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for day in self:
            day.display_name = day.name or kinds.get(day.kind, "")

    @api.constrains("kind", "hours")
    def _check_hours(self):
        for day in self:
            if not calendar.hours_fit(day.kind, Decimal(str(day.hours))):
                raise ValidationError(
                    self.env._(
                        "%(date)s cannot have %(hours)s hours. A holiday and a day off have 0, "
                        "a worked day more than 0 and 24 at most.",
                        date=format_date(self.env, day.date),
                        hours=f"{day.hours:g}",
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        days = super().create(vals_list)
        self.env.registry.clear_cache()
        return days

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        if not (self.env.su and self.env.context.get("sdm_calendar_ships")):
            # from now on the user's day, which no update overwrites
            shipped = self.env["ir.model.data"].sudo().search([("model", "=", self._name), ("res_id", "in", self.ids)])
            shipped.filtered(lambda data: not data.noupdate).noupdate = True
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _load_shipped(self):
        """Bring in the shipped calendars, on installation and on each update; days that users entered stay theirs."""
        for code, name in SHIPPED.items():
            country = self.env.ref(f"base.{code.lower()}")
            with tools.file_open(f"sdm_segmentation/data/production_calendar/{name}.csv") as file:
                days, _problems = calendar.parse_days(file.read())
            present = {day.date: day for day in self.search([("country_id", "=", country.id)])}
            external = self.browse(day.id for day in present.values()).get_external_id()
            rows = []
            for day in days:
                xml_id = f"sdm_segmentation.sdm_calendar_day_{name}_{day.day:%Y_%m_%d}"
                if day.day in present and external[present[day.day].id] != xml_id:
                    continue
                values = {"country_id": country.id, "date": day.day, **self._prepare_vals(day)}
                rows.append({"xml_id": xml_id, "noupdate": False, "values": values})
            self.sudo().with_context(sdm_calendar_ships=True)._load_records(rows, update=True)

    @api.model
    def _prepare_vals(self, day):
        """The values of an engine day but for country and date; its name in the user's language where it has one."""
        name = dict(day.names).get((self.env.lang or "en").split("_")[0], day.name)
        return {"kind": day.kind, "hours": float(day.hours), "name": name}

    # -- the calendar of a country ------------------------------------------------------------------------------------

    @api.model
    def _get_country(self, company=None):
        """The country whose production calendar a company keeps."""
        company = (company or self.env.company).sudo()
        return company.sdm_calendar_country_id or company.country_id

    @api.model
    @tools.ormcache("country_id")
    def _get_days(self, country_id):
        """{date: engine day} of a country's production calendar; not to be changed."""
        rows = self.sudo().search_fetch([("country_id", "=", country_id)], ["date", "kind", "hours"], order="date")
        return {row.date: calendar.Day(row.date, row.kind, Decimal(str(row.hours))) for row in rows}

    # -- the calendar of a person -------------------------------------------------------------------------------------

    @api.model
    def _get_production_calendars(self, employees, first=None):
        """Working time of people: their own week, what their company's country changes, and when they are away.

        The number of queries does not depend on the number of people.

        :param employees: ``hr.employee``, whoever asks may read them
        :param first: absences that ended before this day are left out; none: all are there
        :return: {employee: engine calendar}
        """
        people = employees.sudo()
        schedules = {person: person.resource_calendar_id or person.company_id.resource_calendar_id for person in people}
        every_schedule = self.env["resource.calendar"].sudo().union(*schedules.values())
        leaves = every_schedule._get_sdm_leaves(people.resource_id, first)
        return {
            person.sudo(employees.env.su): calendar.Calendar(
                schedule._get_sdm_week(),
                self._get_days(self._get_country(person.company_id).id),
                leaves.get_days_away(schedule, person.company_id, person.resource_id, person.tz),
            )
            for person, schedule in schedules.items()
        }

    @api.model
    def _get_production_calendar(self, owner=None, company=None):
        """Working time of one employee, of a working schedule, or of a company.

        :param owner: ``hr.employee`` or ``resource.calendar``; none: the company's own schedule
        :param company: whose country counts for a schedule; none: that of the schedule, else the current one
        :return: engine calendar
        """
        if owner and owner._name == "hr.employee":
            return self._get_production_calendars(owner)[owner]
        company = (company or (owner and owner.sudo().company_id) or self.env.company).sudo()
        schedule = owner.sudo() if owner else company.resource_calendar_id
        nobody = self.env["resource.resource"]
        return calendar.Calendar(
            schedule._get_sdm_week(),
            self._get_days(self._get_country(company).id),
            schedule._get_sdm_leaves(nobody).get_days_away(schedule, company, nobody, schedule.tz),
        )

    @api.model
    def _add_working_days(self, date, count, owner=None, company=None):
        """The working day ``count`` working days after a date, before it where negative; see the engine.

        :param owner: as for :meth:`_get_production_calendar`, and likewise in the other methods
        :raise ValidationError: nobody works for ten years
        """
        try:
            return calendar.add_working_days(self._get_production_calendar(owner, company), date, count)
        except calendar.OptionError as error:
            raise ValidationError(
                self.env._(
                    "There is no working day near %(date)s in the schedule of %(owner)s. "
                    "Check the working hours and the absences.",
                    date=format_date(self.env, date),
                    owner=(owner or company or self.env.company).sudo().display_name,
                )
            ) from error

    @api.model
    def _count_working_days(self, first, last, owner=None, company=None):
        """Working days from a date to a date, both included."""
        return calendar.count_working_days(self._get_production_calendar(owner, company), first, last)

    @api.model
    def _nth_working_day(self, year, month, number, owner=None, company=None):
        """The n-th working day of a month, -1 is the last; None where the month has fewer."""
        return calendar.nth_working_day(self._get_production_calendar(owner, company), year, month, number)

    @api.model
    def _is_working_day(self, date, owner=None, company=None):
        """Whether anything is worked on a date."""
        return calendar.is_working(self._get_production_calendar(owner, company), date)

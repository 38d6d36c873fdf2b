from odoo import api, models
from odoo.fields import Domain

from ...engine import periods


class SdmPlanTarget(models.Model):
    """How much of a month has passed for those who have targets in it."""

    _inherit = "sdm.plan.target"

    @api.model
    def _get_working_days(self, perimeter, today, employees=None):
        """Working days of the month of a day: how many are over before it, and how many there are.

        Of a person those of the own calendar, less absences, while in a position; who has none at all goes by the
        company's. The number of queries does not depend on the number of people.

        :param perimeter: sdm.perimeter; :param employees: hr.employee; none: all who have a target in the month
        :return: {employee id, None for the company: (days that are over, days)}
        """
        month = periods.month_of(today)
        last = periods.end_of(month)
        Day = self.env["sdm.calendar.day"]
        if employees is None:
            holding = Domain("is_effective", "=", True) & Domain("perimeter_id", "=", perimeter.id)
            rows = self.sudo()._read_group(holding & Domain("date", "=", month), ["employee_id"])
            employees = self.env["hr.employee"].sudo().union(*(employee for (employee,) in rows))
        positions = (
            self.env["sdm.position"]
            .sudo()
            .search(
                Domain("employee_id", "in", employees.ids)
                & Domain("date_from", "<=", last)
                & (Domain("date_to", "=", False) | Domain("date_to", ">=", month))
            )
        )
        spans = {}
        for position in positions:
            begin, end = spans.get(position.employee_id.id, (last, month))
            spans[position.employee_id.id] = (
                min(begin, max(position.date_from, month)),
                max(end, min(position.date_to or last, last)),
            )
        calendars = {None: Day._get_production_calendar(company=perimeter._get_main_company())}
        for employee, calendar in Day._get_production_calendars(employees, month).items():
            calendars[employee.id] = calendar
        days = {}
        for person, calendar in calendars.items():
            begin, end = spans.get(person, (month, last))
            whole = periods.working_days(calendar, [month], begin, end).get(month, 0)
            left = periods.working_days(calendar, [month], max(begin, today), end).get(month, 0)
            days[person] = (whole - left, whole) if whole else days[None]
        return days

from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import periods


class SdmPeriod(models.Model):
    """A month of a perimeter: what its facts are computed for. Quarters and years are months together."""

    _name = "sdm.period"
    _description = "Month"
    _order = "date desc, perimeter_id"
    _rec_name = "date"

    perimeter_id = fields.Many2one("sdm.perimeter", required=True, index=True, ondelete="cascade")
    date = fields.Date("Month", required=True, help="First day of the month.")
    working_days = fields.Integer(
        compute="_compute_working_days", help="By the production calendar and the schedule of the main company."
    )
    refreshed_on = fields.Datetime("Facts as of", help="When the facts of the month were last computed.")
    fact_count = fields.Integer("Facts", compute="_compute_fact_count")

    _month_uniq = models.UniqueIndex("(perimeter_id, date)", "The month is there already.")
    _month_first_day = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date) = 1)", "A month is named by its first day: enter the first of the month."
    )

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            period.display_name = format_date(self.env, period.date, date_format="LLLL yyyy") if period.date else ""

    @api.depends("date", "perimeter_id")
    def _compute_working_days(self):
        Day = self.env["sdm.calendar.day"]
        calendars = {
            perimeter: Day._get_production_calendar(company=perimeter._get_main_company())
            for perimeter in self.perimeter_id
        }
        for period in self:
            months = [period.date] if period.date else []
            days = periods.working_days(calendars[period.perimeter_id], months) if period.perimeter_id else {}
            period.working_days = days.get(period.date, 0)

    def _compute_fact_count(self):
        counts = {
            (perimeter.id, month): count
            for perimeter, month, count in self.env["sdm.kpi.fact"]._read_group(
                [("perimeter_id", "in", self.perimeter_id.ids), ("date", "in", self.mapped("date"))],
                ["perimeter_id", "date:day"],
                ["__count"],
            )
        }
        for period in self:
            period.fact_count = counts.get((period.perimeter_id.id, period.date), 0)

    def action_open_facts(self):
        """Open the facts of the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_report_action")
        action["domain"] = [("date", "=", self.date)]
        action["context"] = {"sdm_perimeter": self.perimeter_id.id}
        return action

    @api.model
    def _note_refreshed(self, perimeter, first, last):
        """Note that the facts of months were computed now; months that are not there are added."""
        months = periods.months_between(first, last)
        known = self.search([("perimeter_id", "=", perimeter.id), ("date", "in", months)])
        now = fields.Datetime.now()
        known.write({"refreshed_on": now})
        missing = sorted(set(months) - set(known.mapped("date")))
        self.create([{"perimeter_id": perimeter.id, "date": month, "refreshed_on": now} for month in missing])

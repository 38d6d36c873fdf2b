from odoo import api, fields, models
from odoo.exceptions import UserError


class SdmCalendarDayCopy(models.TransientModel):
    """Begin the production calendar of a country with that of another one."""

    _name = "sdm.calendar.day.copy"
    _description = "Copy of a Production Calendar"

    source_id = fields.Many2one(
        "res.country",
        string="Copy from",
        required=True,
        default=lambda self: self.env["sdm.calendar.day"]._get_country(),
    )
    country_id = fields.Many2one("res.country", string="Copy to", required=True)
    year_from = fields.Integer("First year", required=True, default=lambda self: fields.Date.context_today(self).year)
    year_to = fields.Integer("Last year", required=True, default=lambda self: fields.Date.context_today(self).year)
    new_count = fields.Integer("Days to copy", compute="_compute_counts")
    kept_count = fields.Integer("Days that are there and stay", compute="_compute_counts")

    @api.depends("source_id", "country_id", "year_from", "year_to")
    def _compute_counts(self):
        for wizard in self:
            days, present = wizard._find_days()
            wizard.new_count = sum(day.date not in present for day in days)
            wizard.kept_count = len(days) - wizard.new_count

    def _find_days(self):
        """The days to copy, and the dates that the other country has already."""
        self.ensure_one()
        Day = self.env["sdm.calendar.day"]
        years = [("year", ">=", self.year_from), ("year", "<=", self.year_to)]
        days = Day.search([("country_id", "=", self.source_id.id), *years])
        return days, set(Day.search([("country_id", "=", self.country_id.id), *years]).mapped("date"))

    def action_copy(self):
        """Copy the days that the other country has not."""
        self.ensure_one()
        if self.source_id == self.country_id:
            raise UserError(
                self.env._("%(country)s is both source and target. Choose two countries.", country=self.country_id.name)
            )
        days, present = self._find_days()
        new = days.filtered(lambda day: day.date not in present)
        if not new:
            raise UserError(
                self.env._(
                    "%(model)s has no days from %(first)s to %(last)s that %(copy)s lacks. Choose other years.",
                    model=self.source_id.name,
                    copy=self.country_id.name,
                    first=self.year_from,
                    last=self.year_to,
                )
            )
        new.copy({"country_id": self.country_id.id})
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_calendar_day_action")
        return {**action, "domain": [("country_id", "=", self.country_id.id)], "target": "main"}

from odoo import api, fields, models
from odoo.fields import Domain


class SdmDatedMixin(models.AbstractModel):
    """Something that holds from a day on until another one, both included, or until further notice."""

    _name = "sdm.dated.mixin"
    _description = "Holds by date"

    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", help="The last day, included. Empty: until further notice.")
    date_on = fields.Date("On the day", store=False, search="_search_date_on", help="Finds what held on this day.")
    is_current = fields.Boolean("In force today", compute="_compute_is_current", search="_search_is_current")

    @api.depends("date_from", "date_to")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for record in self:
            record.is_current = bool(
                record.date_from and record.date_from <= today and (not record.date_to or record.date_to >= today)
            )

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_domain_on(fields.Date.context_today(self))

    def _search_date_on(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._get_domain_on(fields.Date.to_date(date)) for date in value if date)

    @api.model
    def _get_domain_on(self, date):
        """What is in force on a day."""
        return Domain("date_from", "<=", date) & (Domain("date_to", "=", False) | Domain("date_to", ">=", date))

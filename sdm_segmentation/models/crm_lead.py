from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmLead(models.Model):
    _inherit = "crm.lead"

    is_sdm_back_dated = fields.Boolean(
        "Entered after closing",
        compute="_compute_is_sdm_back_dated",
        search="_search_is_sdm_back_dated",
        help="Entered more than a day after it was closed, as deals are that come from elsewhere.",
    )

    def _compute_is_sdm_back_dated(self):
        domain = Domain("id", "in", self.ids) & Domain("is_sdm_back_dated", "=", True)
        found = self.with_context(active_test=False).search(domain)
        for lead in self:
            lead.is_sdm_back_dated = lead._origin in found

    def _search_is_sdm_back_dated(self, operator, value):
        if operator != "in":
            return NotImplemented
        # A domain cannot compare two fields.
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s > %s + INTERVAL '1 day'",
                model._field_to_sql(alias, "create_date", query),
                model._field_to_sql(alias, "date_closed", query),
            )
        )

from odoo import api, models


class SdmPerimeter(models.Model):
    _inherit = "sdm.perimeter"

    def _get_sdm_zone(self):
        """The time zone in which the days of a perimeter end, whoever asks: that of its main company's schedule."""
        self.ensure_one()
        company = self._get_main_company()
        return company.partner_id.tz or company.resource_calendar_id.tz or "UTC"

    @api.model
    def _get_asked(self):
        """The perimeter of the context's ``sdm_perimeter``, if the person may see it; without that the current one."""
        asked = self.env.context.get("sdm_perimeter")
        return self.search([("id", "=", asked)]) if asked else self._get_default()

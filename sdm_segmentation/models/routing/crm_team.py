from odoo import models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    def _allocate_leads(self, creation_delta_days=7):
        # leads that came since the night have a segment before their team is chosen by it
        self.env["crm.lead"].sudo()._classify_sdm()
        return super()._allocate_leads(creation_delta_days=creation_delta_days)

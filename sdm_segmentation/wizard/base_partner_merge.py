from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A customer that was merged keeps its group, whoever merges."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        kept = dst_partner.sudo()
        if not kept.sdm_customer_group_id and kept.commercial_partner_id == kept:
            kept.sdm_customer_group_id = src_partners.sudo().sdm_customer_group_id[:1]
        return super()._update_values(src_partners, dst_partner)

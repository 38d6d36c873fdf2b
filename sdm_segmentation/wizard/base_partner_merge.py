from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A customer that was merged keeps its group and has one history of owners and segments, whoever merges."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # foreign keys rewritten as they are would leave two leads or two segments on one day
        kept = dst_partner.commercial_partner_id
        self.env["sdm.ownership"]._merge(src_partners, kept)
        self.env["sdm.segment.membership"]._merge(src_partners, kept)
        overrides = self.env["sdm.segment.override"]._merge(src_partners, kept)
        self.env["sdm.enrolment"]._merge(src_partners, kept)
        self.env.flush_all()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        overrides._apply()
        return result

    def _update_values(self, src_partners, dst_partner):
        kept = dst_partner.sudo()
        if not kept.sdm_customer_group_id and kept.commercial_partner_id == kept:
            kept.sdm_customer_group_id = src_partners.sudo().sdm_customer_group_id[:1]
        return super()._update_values(src_partners, dst_partner)

from odoo import fields, models

from ..models.segmentation.res_partner import GROUPS


class SaleReport(models.Model):
    _inherit = "sale.report"

    sdm_segment_id = fields.Many2one("sdm.segment", string="Segment at confirmation", readonly=True, groups=GROUPS)
    sdm_customer_segment_id = fields.Many2one("sdm.segment", string="Segment today", readonly=True, groups=GROUPS)

    def _select_additional_fields(self):
        return {
            **super()._select_additional_fields(),
            "sdm_segment_id": "s.sdm_segment_id",
            "sdm_customer_segment_id": "commercial.sdm_segment_id",
        }

    def _from_sale(self):
        return f"""{super()._from_sale()}
            LEFT JOIN res_partner commercial ON commercial.id = partner.commercial_partner_id"""

    def _group_by_sale(self):
        return f"{super()._group_by_sale()}, s.sdm_segment_id, commercial.sdm_segment_id"

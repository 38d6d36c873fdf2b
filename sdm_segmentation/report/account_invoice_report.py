from odoo import fields, models

from ..models.segmentation.res_partner import GROUPS


class AccountInvoiceReport(models.Model):
    _inherit = "account.invoice.report"

    sdm_segment_id = fields.Many2one(
        "sdm.segment", string="Segment", related="commercial_partner_id.sdm_segment_id", groups=GROUPS
    )

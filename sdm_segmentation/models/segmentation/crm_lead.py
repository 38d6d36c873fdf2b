from odoo import fields, models

from .res_partner import GROUPS


class CrmLead(models.Model):
    _inherit = "crm.lead"

    sdm_segment_id = fields.Many2one(
        "sdm.segment",
        string="Segment",
        related="partner_id.commercial_partner_id.sdm_segment_id",
        groups=GROUPS,
        help="Segment of the customer today.",
    )

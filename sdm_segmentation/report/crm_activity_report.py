from odoo import fields, models

from ..models.segmentation.res_partner import GROUPS


class CrmActivityReport(models.Model):
    _inherit = "crm.activity.report"

    sdm_segment_id = fields.Many2one("sdm.segment", string="Segment", related="lead_id.sdm_segment_id", groups=GROUPS)

from odoo import fields, models

from ..segmentation.res_partner import GROUPS


class CrmLead(models.Model):
    _inherit = "crm.lead"

    sdm_strategy_line = fields.Char(
        "What we want",
        related="sdm_segment_id.strategy_line",
        groups=GROUPS,
        help="Strategy in force for the deal's segment.",
    )

from odoo import fields, models

from ..segmentation.res_partner import GROUPS


class ResPartner(models.Model):
    _inherit = "res.partner"

    sdm_strategy_line = fields.Char(
        "What we want",
        related="commercial_partner_id.sdm_segment_id.strategy_line",
        groups=GROUPS,
        help="Strategy in force for the customer's segment.",
    )

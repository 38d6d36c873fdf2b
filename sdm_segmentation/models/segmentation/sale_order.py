from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.sql import column_exists, create_column

from ..defaults import drop_defaults
from .res_partner import GROUPS


class SaleOrder(models.Model):
    """An order keeps the segment that its customer had when it was confirmed, beside the present one."""

    _inherit = "sale.order"

    sdm_segment_id = fields.Many2one(
        "sdm.segment",
        string="Segment at confirmation",
        compute="_compute_sdm_segment_id",
        store=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=GROUPS,
    )
    sdm_customer_segment_id = fields.Many2one(
        "sdm.segment",
        string="Segment today",
        related="partner_id.commercial_partner_id.sdm_segment_id",
        groups=GROUPS,
    )

    def _auto_init(self):
        # nobody had a segment before: orders of the past need not be computed
        if not column_exists(self.env.cr, "sale_order", "sdm_segment_id"):
            create_column(self.env.cr, "sale_order", "sdm_segment_id", "int4")
        return super()._auto_init()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any("sdm_segment_id" in vals for vals in vals_list):
            raise AccessError(self._tell_sdm_segment_is_stamped())
        return super(SaleOrder, drop_defaults(self, {"sdm_segment_id"})).create(vals_list)

    def write(self, vals):
        if not self.env.su and "sdm_segment_id" in vals:
            raise AccessError(self._tell_sdm_segment_is_stamped())
        return super().write(vals)

    def _tell_sdm_segment_is_stamped(self):
        return self.env._("The segment of an order is the one that its customer has when the order is confirmed.")

    @api.depends("state")
    def _compute_sdm_segment_id(self):
        # depends on the state alone: written by the UPDATE that confirms, and never again
        has_segments = self.env["sdm.scheme"]._has_primary()
        for order in self:
            if order.state != "sale" or not has_segments:
                order.sdm_segment_id = False
            elif not order.sdm_segment_id:
                order.sdm_segment_id = order.partner_id.commercial_partner_id.sdm_segment_id

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..defaults import drop_defaults

GROUPS = "sdm_segmentation.group_sdm_user,sdm_segmentation.group_sdm_payroll,sdm_segmentation.group_sdm_auditor"


class ResPartner(models.Model):
    """The segment of a customer by the primary scheme, and by all schemes and days."""

    _inherit = "res.partner"

    sdm_segment_id = fields.Many2one(
        "sdm.segment",
        string="Own segment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=GROUPS,
        help="Segment of the customer by the primary scheme. Runs write it.",
    )
    sdm_customer_segment_id = fields.Many2one(
        "sdm.segment",
        string="Segment",
        related="commercial_partner_id.sdm_segment_id",
        groups=GROUPS,
        help="Segment of the customer by the primary scheme; a contact has that of its company.",
    )
    sdm_membership_ids = fields.One2many(
        "sdm.segment.membership",
        "partner_id",
        string="Segments in all schemes",
        domain=[("date_to", "=", False)],
        groups=GROUPS,
    )
    sdm_segment_history_ids = fields.One2many(
        "sdm.segment.membership", "partner_id", string="Segments by date", groups=GROUPS
    )

    sdm_potential_ids = fields.One2many("sdm.potential", "partner_id", string="Potentials", groups=GROUPS)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("sdm_segment_id") for vals in vals_list):
            raise AccessError(self._tell_sdm_segment_is_computed())
        return super(ResPartner, drop_defaults(self, {"sdm_segment_id"})).create(vals_list)

    def write(self, vals):
        # merging customers writes all values of the kept one again
        if (
            not self.env.su
            and "sdm_segment_id" in vals
            and any(partner.sdm_segment_id.id != (vals["sdm_segment_id"] or False) for partner in self)
        ):
            raise AccessError(self._tell_sdm_segment_is_computed())
        return super().write(vals)

    def _tell_sdm_segment_is_computed(self):
        return self.env._("The segment comes from the scheme. Open the customer's segments and press “Override”.")

    def action_open_sdm_potentials(self):
        """Open what is known of the customer's potential, to enter a new one in two fields."""
        self.ensure_one()
        customer = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_potential_action")
        action["domain"] = [("partner_id", "=", customer.id)]
        action["context"] = {"default_partner_id": customer.id, "sdm_of_customer": customer.id}
        return action

    def action_open_sdm_memberships(self):
        """Open the customer's segments by scheme and date."""
        self.ensure_one()
        customer = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_segment_membership_action")
        action["domain"] = [("partner_id", "=", customer.id)]
        action["context"] = {"search_default_group_scheme": 1, "sdm_of_customer": customer.id}
        return action

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..res_partner_groups import READERS


class SdmSegment(models.Model):
    """A class of a scheme: what strategy, playbook, plan and pay refer to, whatever version computes it."""

    _name = "sdm.segment"
    _description = "Segment"
    _inherit = ["sdm.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "scheme_id, sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    scheme_id = fields.Many2one("sdm.scheme", required=True, index=True, ondelete="cascade")
    perimeter_id = fields.Many2one(related="scheme_id.perimeter_id", store=True, index=True)
    currency_id = fields.Many2one(related="scheme_id.currency_id")
    is_primary = fields.Boolean(related="scheme_id.is_primary", store=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True, tracking=True)
    description = fields.Text(translate=True, help="Who belongs here, in plain words.")
    user_id = fields.Many2one("res.users", string="Owner", tracking=True, help="Who answers for this segment.")
    membership_ids = fields.One2many("sdm.segment.membership", "segment_id", string="Customers by date")
    customer_count = fields.Integer("Customers", compute="_compute_customers", groups=READERS)
    amount = fields.Monetary(
        compute="_compute_customers",
        groups=READERS,
        help="Of its customers, in the window of the scheme, when they came here.",
    )

    _name_uniq = models.Constraint("UNIQUE(scheme_id, name)", "The scheme has a segment of this name already.")

    @api.depends("name", "scheme_id.name", "scheme_id.is_primary")
    @api.depends_context("sdm_show_scheme")
    def _compute_display_name(self):
        for segment in self:
            named = segment.name or ""
            if self.env.context.get("sdm_show_scheme"):
                named = f"{named} ({segment.scheme_id.name})"
            segment.display_name = named

    def _compute_customers(self):
        found = {
            segment: (count, amount)
            for segment, count, amount in self.env["sdm.segment.membership"]._read_group(
                [("segment_id", "in", self.ids), ("date_to", "=", False)], ["segment_id"], ["__count", "amount:sum"]
            )
        }
        for segment in self:
            segment.customer_count, segment.amount = found.get(segment, (0, 0))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["sdm.segment.membership"].search([("segment_id", "in", self.ids)], limit=1).segment_id
        if used:
            raise UserError(
                self.env._(
                    "Customers have been in “%(segment)s”, and their history names it. Archive it instead.",
                    segment=used.name,
                )
            )

    def action_open_customers(self):
        """Open the customers that are in this segment today."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_segment_membership_action")
        action["domain"] = [("segment_id", "=", self.id)]
        action["context"] = {"search_default_current": 1}
        return action

from odoo import api, fields, models
from odoo.fields import Domain

from .res_partner import GROUPS, STATES


class CrmLead(models.Model):
    """What the playbook of the customer asks for next."""

    _inherit = "crm.lead"

    sdm_contact_state = fields.Selection(
        STATES,
        string="Next contact is",
        compute="_compute_sdm_contact",
        search="_search_sdm_contact_state",
        groups=GROUPS,
        help="By the contact norms of the customer's playbook: the most pressing one.",
    )
    sdm_contact_due = fields.Date("Next contact due", compute="_compute_sdm_contact", groups=GROUPS)
    sdm_contact_reason = fields.Text("Why now", compute="_compute_sdm_contact", groups=GROUPS)

    @api.depends("partner_id.commercial_partner_id")
    @api.depends_context("uid", "lang", "company")
    def _compute_sdm_contact(self):
        customers = self.partner_id.commercial_partner_id
        customers.mapped("sdm_contact_state")
        for lead in self:
            customer = lead.partner_id.commercial_partner_id
            lead.sdm_contact_state = customer.sdm_contact_state
            lead.sdm_contact_due = customer.sdm_contact_due
            lead.sdm_contact_reason = customer.sdm_contact_reason

    def _search_sdm_contact_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("partner_id.commercial_partner_id.sdm_contact_state", "in", value)

    def action_open_sdm_playbook(self):
        """Show how the customer of the deal is worked."""
        self.ensure_one()
        return self.partner_id.action_open_sdm_playbook()

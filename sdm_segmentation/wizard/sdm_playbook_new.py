from odoo import api, fields, models


class SdmPlaybookNew(models.TransientModel):
    """A playbook from a template, in three fields."""

    _name = "sdm.playbook.new"
    _description = "New Playbook"

    template_id = fields.Many2one(
        "sdm.playbook.template",
        string="Begin with",
        required=True,
        default=lambda self: self.env["sdm.playbook.template"].search([("active", "=", True)], limit=1),
    )
    segment_ids = fields.Many2many(
        "sdm.segment", string="For customers in", required=True, domain=[("is_primary", "=", True)]
    )
    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)

    @api.depends("template_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.template_id.name

    def action_make(self):
        """Make the draft and open it."""
        self.ensure_one()
        return self.template_id._make_playbook(self.name, self.segment_ids)._get_form_action()

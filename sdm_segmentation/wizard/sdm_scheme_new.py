from odoo import api, fields, models

from ..models.segmentation.sdm_sales_source import MEASURES


class SdmSchemeNew(models.TransientModel):
    """A scheme from a template, in three fields."""

    _name = "sdm.scheme.new"
    _description = "New Scheme"

    template_id = fields.Many2one(
        "sdm.scheme.template",
        required=True,
        default=lambda self: self.env["sdm.scheme.template"].search([("active", "=", True)], limit=1),
    )
    description = fields.Text(related="template_id.description")
    method = fields.Selection(related="template_id.method")
    name = fields.Char(compute="_compute_from_template", store=True, readonly=False, required=True)
    window_months = fields.Integer(
        "Months looked back", compute="_compute_from_template", store=True, readonly=False, required=True
    )
    measure = fields.Selection(MEASURES, string="Judged by", default="revenue", required=True)

    currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env["sdm.perimeter"]._get_default().currency_id
    )
    value_limit = fields.Monetary("High value from", help="Money a year from which on a customer is of high value.")

    @api.depends("template_id")
    def _compute_from_template(self):
        for wizard in self:
            wizard.name = wizard.template_id.name
            wizard.window_months = wizard.template_id.window_months or 12

    def action_make(self):
        """Make the scheme and show what it would do."""
        self.ensure_one()
        scheme = self.template_id._make_scheme(
            self.name, window_months=self.window_months, measure=self.measure, value_limit=self.value_limit
        )
        version = scheme.draft_version_id
        return version.action_preview() if version._is_ready() else version._get_form_action()

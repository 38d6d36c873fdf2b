from odoo import fields, models


class SdmPeriodReopen(models.TransientModel):
    """The decision to open the last closed month again."""

    _name = "sdm.period.reopen"
    _description = "Open a Month again"

    period_id = fields.Many2one("sdm.period", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text(required=True, help="Why, in plain words: it stays with the month.")

    def action_apply(self):
        """Open the month."""
        self.ensure_one()
        self.period_id._reopen(self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

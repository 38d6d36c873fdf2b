from odoo import api, fields, models


class SdmPlaybookScript(models.Model):
    """What to say or write: at a stage of the deal, by a channel."""

    _name = "sdm.playbook.script"
    _description = "Script of a Playbook"
    _order = "playbook_id, sequence, id"

    playbook_id = fields.Many2one("sdm.playbook", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    stage_id = fields.Many2one("crm.stage", ondelete="set null", help="Empty: at every stage.")
    channel_id = fields.Many2one("sdm.contact.channel", ondelete="set null", help="Empty: in every channel.")
    body = fields.Html("Text", translate=True)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

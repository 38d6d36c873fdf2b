from odoo import fields, models


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

from odoo import fields, models


class SdmPlaybookPutInForce(models.TransientModel):
    """The decision to work by a playbook: from when, why, and when it is looked at again."""

    _name = "sdm.playbook.put.in.force"
    _description = "Put a Playbook in Force"

    playbook_id = fields.Many2one("sdm.playbook", required=True, readonly=True, ondelete="cascade")
    date = fields.Date("From", required=True, default=fields.Date.context_today)
    reason = fields.Text(required=True, help="Why so and not otherwise, in plain words that every seller understands.")
    date_review = fields.Date("Review on")

    def action_apply(self):
        """Put the playbook in force and tell its followers."""
        self.ensure_one()
        playbook = self.playbook_id
        playbook._put_in_force(self.date, self.reason, self.date_review)
        playbook.message_post(
            body=self.env._(
                "In force from %(date)s. %(reason)s", date=fields.Date.to_string(self.date), reason=self.reason
            ),
            subtype_xmlid="mail.mt_comment",
        )
        return playbook._get_form_action()

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    is_sdm_led = fields.Boolean(
        "Led by me",
        compute="_compute_is_sdm_led",
        search="_search_is_sdm_led",
        help="Works today under the person who asks, directly or not, or is that person.",
    )

    @api.depends_context("uid")
    def _compute_is_sdm_led(self):
        led = self.with_context(active_test=False).search(
            Domain("id", "in", self.ids) & Domain("is_sdm_led", "=", True)
        )
        for user in self:
            user.is_sdm_led = user._origin in led

    def _search_is_sdm_led(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("id", "in", self.env["sdm.position.link"]._query_led_users(self.env.user, today))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_consent(self):
        for user in self:
            sides = Domain("giver_consent_id", "=", user.id) | Domain("receiver_consent_id", "=", user.id)
            hand_over = self.env["sdm.hand.over"].sudo().search(sides, limit=1)
            if hand_over:
                raise UserError(
                    self.env._(
                        "%(user)s consented to the hand-over %(hand_over)s and cannot be deleted. "
                        "Archive the user instead: the history stays.",
                        user=user.name,
                        hand_over=hand_over.display_name,
                    )
                )

from odoo import api, fields, models
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

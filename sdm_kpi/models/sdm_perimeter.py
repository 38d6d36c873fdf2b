from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class SdmPerimeter(models.Model):
    _inherit = "sdm.perimeter"

    sign_late_days = fields.Integer(
        "Entered late after",
        default=3,
        help="Days between a meeting or activity and its entry from which it is listed as a sign.",
    )
    sign_won_amount = fields.Monetary("Won at once from", help="Smaller deals may be made on the day they are won.")
    sign_split_limit = fields.Monetary(
        "Limit of an order",
        default=100000,
        help="From which an order has to be approved or is paid for otherwise. 0: orders are not looked at.",
    )
    sign_split_days = fields.Integer("Orders within", default=3, help="Days within which orders belong together.")
    sign_end_days = fields.Integer("Last days of a month", default=2, help="In which a sale may be for the figures.")
    sign_return_days = fields.Integer("First days of a month", default=7, help="In which it would be returned.")
    sign_recreate_days = fields.Integer(
        "Made anew within", default=30, help="Days after a lost deal in which one like it is listed."
    )

    _sign_days_sensible = models.Constraint(
        "CHECK(sign_late_days > 0 AND sign_split_days > 0 AND sign_end_days > 0 AND sign_return_days > 0 "
        "AND sign_recreate_days >= 0 AND sign_split_limit >= 0)",
        "The days of signs are at least 1, and the limit is not below 0.",
    )

    @api.model
    def _get_asked(self):
        """The perimeter of the context's ``sdm_perimeter``, if the person may see it; without that the current one."""
        asked = self.env.context.get("sdm_perimeter")
        default = self._get_default()
        return default if asked in (None, False, default.id) else self.search([("id", "=", asked)])

    def _get_zone(self):
        """The time zone by which days end: that of the main company, whoever asks."""
        main = self._get_main_company()
        return main.partner_id.tz or main.resource_calendar_id.tz or "UTC"

    def _lock_facts(self):
        """Let nobody else begin to compute, close or decide until the transaction ends.

        The row is written, so that who began with an older picture of the facts begins anew.

        :raise UserError: somebody is at it
        """
        self.ensure_one()
        if not self.sudo().try_lock_for_update(allow_referencing=True):
            raise UserError(self._tell_busy())
        self.env.cr.execute(SQL("UPDATE sdm_perimeter SET write_date = write_date WHERE id = %s", self.id))

    def _tell_busy(self):
        return self.env._(
            "The facts of “%(perimeter)s” are being computed, or a month is being closed. Try again in a minute.",
            perimeter=self.name,
        )

from dateutil.relativedelta import relativedelta

from odoo import fields, models

REVIEW_MONTHS = {"ideal_client": 3}
REVIEW_MONTHS_USUALLY = 12


class SdmSchemePutInForce(models.TransientModel):
    """The decision to use a version: from when, why, and when it is looked at again."""

    _name = "sdm.scheme.put.in.force"
    _description = "Put a Scheme in Force"

    version_id = fields.Many2one("sdm.scheme.version", required=True, readonly=True, ondelete="cascade")
    date = fields.Date("From", required=True, default=fields.Date.context_today)
    reason = fields.Text(required=True, help="Why these classes, in plain words that every seller understands.")
    date_review = fields.Date(
        "Review on",
        default=lambda self: self._default_date_review(),
        help="Weights of an ideal client are looked at each quarter, other limits each year.",
    )
    is_primary = fields.Boolean(
        "Shown as the customer's segment",
        default=lambda self: self._default_is_primary(),
        help="In lists, deals, orders and reports. Another scheme that was shown is shown no longer.",
    )
    announce = fields.Boolean("Announce it", default=True, help="Tell the followers of the scheme in its chatter.")

    def _default_date_review(self):
        version = self.env["sdm.scheme.version"].browse(self.env.context.get("default_version_id"))
        months = REVIEW_MONTHS.get(version.method, REVIEW_MONTHS_USUALLY)
        return fields.Date.context_today(self) + relativedelta(months=months)

    def _default_is_primary(self):
        version = self.env["sdm.scheme.version"].browse(self.env.context.get("default_version_id"))
        primary = self.env["sdm.scheme"].search([("is_primary", "=", True)], limit=1)
        return not primary or version.scheme_id == primary

    def action_apply(self):
        """Put the version in force and compute the classes."""
        self.ensure_one()
        version = self.version_id
        scheme = version.scheme_id
        if self.is_primary != scheme.is_primary:
            if self.is_primary:
                self.env["sdm.scheme"].search([("is_primary", "=", True)]).is_primary = False
            scheme.is_primary = self.is_primary
        version._put_in_force(self.date, self.reason, self.date_review)
        if self.announce:
            scheme.message_post(
                body=self.env._(
                    "Version %(number)s is in force from %(date)s. %(reason)s",
                    number=version.number,
                    date=fields.Date.to_string(self.date),
                    reason=self.reason,
                ),
                subtype_xmlid="mail.mt_comment",
            )
        if version.state == "in_force":
            self.env["sdm.segmentation.run"]._start(version, "apply")._run_or_queue()
        return version._get_form_action()

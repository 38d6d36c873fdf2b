from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

# Who decided and since when is not entered
DECIDED = {"user_id", "date_from", "withdrawn_on"}


class SdmSegmentOverride(models.Model):
    """A person's decision that a customer belongs elsewhere, with reason and expiry. No run undoes it."""

    _name = "sdm.segment.override"
    _description = "Override of a Customer's Segment"
    _inherit = ["sdm.guarded.mixin", "mail.thread"]
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=["|", ("is_company", "=", True), ("parent_id", "=", False)],
    )
    scheme_id = fields.Many2one("sdm.scheme", related="segment_id.scheme_id", store=True, index=True)
    segment_id = fields.Many2one("sdm.segment", required=True, ondelete="restrict", tracking=True)
    computed_segment_id = fields.Many2one("sdm.segment", string="Computed", compute="_compute_computed_segment_id")
    reason = fields.Text(required=True, tracking=True, help="Why the computed class is wrong here.")
    user_id = fields.Many2one(
        "res.users", string="Decided by", required=True, readonly=True, default=lambda self: self.env.uid
    )
    date_from = fields.Date("From", required=True, readonly=True, default=fields.Date.context_today)
    date_to = fields.Date(
        "Until", required=True, tracking=True, help="The last day, included; then the scheme decides."
    )
    withdrawn_on = fields.Date(readonly=True, tracking=True, help="From this day on the scheme decides again.")
    is_current = fields.Boolean("Holds today", compute="_compute_is_current", search="_search_is_current")

    _dates_order = models.Constraint("CHECK(date_to >= date_from)", "An override cannot end before it begins.")
    # two who decide in the same moment do not see each other; ranges of one number, so that no extension is needed
    _overlap_excl = models.Constraint(
        "EXCLUDE USING gist (int4range(partner_id, partner_id, '[]') WITH &&,"
        " int4range(scheme_id, scheme_id, '[]') WITH &&, daterange(date_from, date_to, '[]') WITH &&)"
        " WHERE (withdrawn_on IS NULL AND scheme_id IS NOT NULL)",
        "Somebody else has just overridden the segment of this customer. Reload the page to see it, and end it first "
        "where yours shall hold.",
    )

    @api.depends("date_from", "date_to", "withdrawn_on")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for override in self:
            dated = override.date_from and override.date_to and not override.withdrawn_on
            override.is_current = bool(dated and override.date_from <= today <= override.date_to)

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return self._get_domain_on(today)

    @api.model
    def _get_domain_on(self, date):
        """Overrides that hold on a day."""
        return (
            Domain("date_from", "<=", date)
            & Domain("date_to", ">=", date)
            & (Domain("withdrawn_on", "=", False) | Domain("withdrawn_on", ">", date))
        )

    @api.depends("partner_id", "scheme_id")
    def _compute_computed_segment_id(self):
        found = {
            (partner, scheme): segment
            for partner, scheme, segment in self.env["sdm.segment.membership"]._read_group(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("scheme_id", "in", self.scheme_id.ids),
                    ("date_to", "=", False),
                ],
                ["partner_id", "scheme_id", "computed_segment_id"],
            )
        }
        for override in self:
            override.computed_segment_id = found.get((override.partner_id, override.scheme_id), False)

    @api.constrains("partner_id")
    def _check_partner_id(self):
        for override in self:
            if override.partner_id != override.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s. Override the segment there.",
                        contact=override.partner_id.name,
                        customer=override.partner_id.commercial_partner_id.name,
                    )
                )

    @api.model
    def _check_overlap(self, vals, override=None):
        """Refuse a decision on days on which another one holds, with names: the database would do so without.

        :param vals: to write; :param override: that they are written to, None for a new one
        """
        old = override or self
        partner = old.partner_id or self.env["res.partner"].browse(vals.get("partner_id"))
        segment = self.env["sdm.segment"].browse(vals["segment_id"]) if vals.get("segment_id") else old.segment_id
        start = old.date_from or fields.Date.to_date(vals.get("date_from")) or fields.Date.context_today(self)
        other = self.sudo().search(
            [
                ("id", "not in", old.ids),
                ("withdrawn_on", "=", False),
                ("partner_id", "=", partner.id),
                ("scheme_id", "=", segment.scheme_id.id),
                ("date_from", "<=", vals.get("date_to") or old.date_to),
                ("date_to", ">=", start),
            ],
            limit=1,
        )
        if other:
            raise ValidationError(
                self.env._(
                    "%(customer)s is overridden until %(date)s already. End that one first.",
                    customer=partner.name,
                    date=format_date(self.env, other.date_to),
                )
            )

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | DECIDED

    @api.model
    def _tell_guarded(self, field):
        if field.name in DECIDED:
            return self.env._("A decision is of who enters it, from today on. Leave out who and when.")
        return super()._tell_guarded(field)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_overlap(vals)
        overrides = super().create(vals_list)
        overrides._apply()
        return overrides

    def write(self, vals):
        if {"partner_id", "user_id", "date_from"} & vals.keys():
            raise UserError(self.env._("Who decided on which customer and when stays. End this one and make another."))
        if {"segment_id", "date_to"} & vals.keys():
            for override in self.filtered(lambda override: not override.withdrawn_on):
                self.browse()._check_overlap(vals, override)
        result = super().write(vals)
        if {"segment_id", "date_to", "withdrawn_on"} & vals.keys():
            self._apply()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        raise UserError(self.env._("A decision stays on record. Press “End now” and the scheme decides again."))

    def action_close(self):
        """Close the dialog in which the decision was entered; it is saved by then."""
        return {"type": "ir.actions.act_window_close"}

    def action_end(self):
        """Let the scheme decide again from today on."""
        self.check_access("write")
        self.sudo().write({"withdrawn_on": fields.Date.context_today(self)})

    def _apply(self):
        """Write the decision to the customers' classes of today."""
        for scheme, overrides in self.grouped("scheme_id").items():
            self.env["sdm.segmentation.run"].sudo()._override(scheme, overrides.partner_id)

    @api.model
    def _merge(self, partners, kept):
        """Let decisions on customers that turn out to be one with another hold for that one, or end.

        The kept customer's own decisions go before; one that would hold on the same days is ended.

        :param partners: customers that are none of their own any more; :param kept: the one that remains
        :return: sdm.segment.override that hold for the kept one now
        """
        Override = self.sudo()
        today = fields.Date.context_today(self)
        standing = [("withdrawn_on", "=", False), ("date_to", ">=", today)]
        own = Override.search([("partner_id", "=", kept.id), *standing])
        moved = Override.browse()
        for override in Override.search([("partner_id", "in", (partners - kept).ids), *standing], order="id"):
            if any(
                other.scheme_id == override.scheme_id
                and other.date_from <= override.date_to
                and other.date_to >= override.date_from
                for other in own | moved
            ):
                override.withdrawn_on = today
                override.message_post(
                    body=self.env._("Ended, since the customer was merged with one of which something else is decided.")
                )
            else:
                moved |= override
        return moved

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_list

READERS = "sdm_segmentation.group_sdm_user,sdm_segmentation.group_sdm_auditor"


class ResPartner(models.Model):
    """To which customer group (holding) a customer belongs. The whole customer does: its contacts show the same."""

    _inherit = "res.partner"

    sdm_customer_group_id = fields.Many2one(
        "sdm.customer.group",
        string="Customer group",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups=READERS,
        help="The holding to which the customer belongs. Its companies are counted together where a scheme says so.",
    )
    sdm_commercial_group_id = fields.Many2one(
        related="commercial_partner_id.sdm_customer_group_id",
        string="Group of the customer",
        tracking=False,
        groups=READERS,
    )
    sdm_year_revenue = fields.Monetary(
        "Revenue of 12 months",
        compute="_compute_sdm_year_revenue",
        currency_field="sdm_perimeter_currency_id",
        groups=READERS,
        help="Without tax, from the documents that you may see: invoices where there are any, else orders, "
        "else won deals.",
    )
    sdm_perimeter_currency_id = fields.Many2one(
        "res.currency", string="Currency of the perimeter", compute="_compute_sdm_year_revenue", groups=READERS
    )

    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_sdm_year_revenue(self):
        perimeter = self.env["sdm.perimeter"]._get_for_totals()
        revenue = perimeter._get_revenue(self.commercial_partner_id)
        for partner in self:
            partner.sdm_perimeter_currency_id = perimeter.currency_id
            partner.sdm_year_revenue = revenue.get(partner.commercial_partner_id._origin, 0)

    @api.constrains("sdm_customer_group_id")
    def _check_sdm_customer_group_id(self):
        for partner in self.sudo():
            group, customer = partner.sdm_customer_group_id, partner.commercial_partner_id
            if not group:
                continue
            if customer != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s. Choose %(customer)s: "
                        "the whole customer is in the group.",
                        contact=partner.name,
                        customer=customer.name,
                    )
                )
            if group.company_id and group.company_id != partner.company_id:
                raise ValidationError(
                    self.env._(
                        "The group %(group)s is of %(company)s only, and %(customer)s is not. "
                        "Empty the company of the group to take other customers in.",
                        group=group.name,
                        company=group.company_id.name,
                        customer=partner.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("sdm_customer_group_id") for vals in vals_list):
            self._check_sdm_group_writer()
        partners = super().create(vals_list)
        grouped = partners.sudo().filtered("sdm_customer_group_id")
        grouped._log_sdm_group(dict.fromkeys(grouped, self.env["sdm.customer.group"]))
        return partners

    def write(self, vals):
        if "sdm_customer_group_id" in vals:
            group_id = vals["sdm_customer_group_id"] or False
            if any(partner.sdm_customer_group_id.id != group_id for partner in self.sudo()):
                self._check_sdm_group_writer()
        if {"parent_id", "is_company", "sdm_customer_group_id"}.isdisjoint(vals):
            return super().write(vals)
        groups = {partner: partner.sdm_customer_group_id for partner in self.sudo()}
        former = self.sudo().sdm_customer_group_id
        result = super().write(vals)
        self.sudo()._log_sdm_group(groups)
        if "sdm_customer_group_id" not in vals:
            # what becomes a contact is in the group of its customer
            grouped = self.sudo().filtered("sdm_customer_group_id")
            grouped.filtered(lambda partner: partner.commercial_partner_id != partner).sdm_customer_group_id = False
        former._forget_absent_head()
        return result

    def _log_sdm_group(self, former):
        """Note in the groups who came and who left.

        Odoo's own tracking would read the group each time that a contact is written, for example when an invoice is
        posted.

        :param former: {partner: group before}
        """
        if self.env.context.get("tracking_disable") or self.env.context.get("mail_notrack"):
            return
        moved = self.filtered(lambda partner: partner.sdm_customer_group_id != former[partner])
        for group in moved.sdm_customer_group_id.union(*(former[partner] for partner in moved)).exists():
            came = moved.filtered(lambda partner, group=group: partner.sdm_customer_group_id == group)
            left = moved.filtered(lambda partner, group=group: former[partner] == group)
            if came:
                group._message_log(body=self.env._("Joined: %s", format_list(self.env, came.mapped("name"))))
            if left:
                group._message_log(body=self.env._("Left: %s", format_list(self.env, left.mapped("name"))))

    def _check_sdm_group_writer(self):
        if not self.env.su and not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            raise AccessError(
                self.env._(
                    "Who belongs to which customer group is up to the sales director. Ask the director to change it."
                )
            )

    def action_open_sdm_customer_group(self):
        """Open the group of the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sdm.customer.group",
            "res_id": self.sdm_commercial_group_id.id,
            "views": [(False, "form")],
        }

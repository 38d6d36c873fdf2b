from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .res_partner_groups import READERS


class SdmCustomerGroup(models.Model):
    """A holding: customers that decide together. A scheme says whether it judges them together or one by one.

    Its figures are those of its members, from the documents that the person who asks may see.
    """

    _name = "sdm.customer.group"
    _description = "Customer Group"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    member_ids = fields.One2many(
        "res.partner", "sdm_customer_group_id", string="Members", help="Whole customers; their contacts come with them."
    )
    head_member_id = fields.Many2one(
        "res.partner",
        string="Main company",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        domain="[('id', 'in', member_ids)]",
        help="The member that decides for the others.",
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        tracking=True,
        help="Only where the customers themselves are of one company. Empty: customers of all companies.",
    )
    note = fields.Html(string="Notes", help="Who decides what, how they buy, what they have agreed with us.")
    active = fields.Boolean(default=True, tracking=True)
    member_count = fields.Integer("Number of members", compute="_compute_member_count")
    revenue = fields.Monetary(
        "Revenue of 12 months",
        compute="_compute_revenue",
        groups=READERS,
        help="Of all members, without tax, from the documents that you may see: invoices where there are any, "
        "else orders, else won deals.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_revenue", groups=READERS)
    deal_count = fields.Integer("Open deals", compute="_compute_deals", groups=READERS)
    deal_value = fields.Monetary("Value of open deals", compute="_compute_deals", groups=READERS)
    order_count = fields.Integer("Orders", compute="_compute_documents", groups=READERS)
    invoice_count = fields.Integer("Invoices", compute="_compute_documents", groups=READERS)
    # of the public card: sellers may not read the other one
    owner_ids = fields.Many2many("hr.employee.public", string="Owners", compute="_compute_owner_ids")

    @api.depends("member_ids")
    def _compute_member_count(self):
        counts = Counter(
            dict(
                self.env["res.partner"]._read_group(
                    [("sdm_customer_group_id", "in", self.ids)], ["sdm_customer_group_id"], ["__count"]
                )
            )
        )
        for group in self:
            group.member_count = counts[group._origin]

    @api.depends("member_ids")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_revenue(self):
        perimeter = self.env["sdm.perimeter"]._get_for_totals()
        for group in self:
            group.currency_id = perimeter.currency_id
            group.revenue = sum(group.member_ids.mapped("sdm_year_revenue"))

    @api.depends("member_ids")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_deals(self):
        perimeter = self.env["sdm.perimeter"]._get_for_totals()
        rows = self.env["crm.lead"]._read_group(
            self._get_member_domain() & self._get_open_deal_domain(),
            ["partner_id.sdm_commercial_group_id", "company_id"],
            ["__count", "expected_revenue:sum"],
        )
        counts, values = Counter(), Counter()
        today = fields.Date.context_today(self)
        main = perimeter._get_main_company()
        for group, company, count, value in rows:
            currency = (company.sudo() or main).currency_id
            counts[group] += count
            values[group] += currency._convert(value, perimeter.currency_id, company.sudo() or main, today)
        for group in self:
            group.deal_count, group.deal_value = counts[group._origin], values[group._origin]

    @api.depends("member_ids")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_documents(self):
        orders, invoices = (
            Counter(dict(self.env[model]._read_group(domain, ["partner_id.sdm_commercial_group_id"], ["__count"])))
            for model, domain in (
                ("sale.order", self._get_member_domain()),
                ("account.move", self._get_member_domain() & self._get_invoice_domain()),
            )
        )
        for group in self:
            group.order_count, group.invoice_count = orders[group._origin], invoices[group._origin]

    @api.depends("member_ids")
    def _compute_owner_ids(self):
        owners = dict(
            self.env["sdm.ownership"]._read_group(
                [("partner_id.sdm_customer_group_id", "in", self.ids), ("is_current", "=", True)],
                ["partner_id.sdm_customer_group_id"],
                ["employee_id:array_agg"],
            )
        )
        for group in self:
            group.owner_ids = self.env["hr.employee.public"].browse(owners.get(group._origin))

    @api.constrains("head_member_id")
    def _check_head_member_id(self):
        for group in self.sudo():
            head = group.head_member_id
            if head and head.sdm_customer_group_id != group:
                raise ValidationError(
                    self.env._(
                        "%(customer)s is no member of %(group)s. Add it to the members, "
                        "or choose a member as main company.",
                        customer=head.name,
                        group=group.name,
                    )
                )

    @api.constrains("company_id")
    def _check_company_id(self):
        self.sudo().with_context(active_test=False).member_ids._check_sdm_customer_group_id()

    def _forget_absent_head(self):
        """A main company that left the group is not its main company any more."""
        for group in self.sudo():
            if group.head_member_id and group.head_member_id.sdm_customer_group_id != group:
                group.head_member_id = False

    def _get_member_domain(self):
        return Domain("partner_id.commercial_partner_id.sdm_customer_group_id", "in", self.ids)

    @api.model
    def _get_open_deal_domain(self):
        return Domain("type", "=", "opportunity") & Domain("won_status", "=", "pending")

    @api.model
    def _get_invoice_domain(self):
        return Domain("move_type", "in", ["out_invoice", "out_refund"])

    def _prepare_action(self, name, model, domain, context=None):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": f"{self.name}: {name}",
            "res_model": model,
            "view_mode": "list,form",
            "domain": list(domain),
            "context": context or {},
        }

    def action_open_members(self):
        """Open the members of the group."""
        return self._prepare_action(
            self.env._("Members"), "res.partner", Domain("sdm_customer_group_id", "in", self.ids)
        )

    def action_open_deals(self):
        """Open the open deals with the members."""
        domain = self._get_member_domain() & self._get_open_deal_domain()
        return self._prepare_action(self.env._("Open deals"), "crm.lead", domain)

    def action_open_orders(self):
        """Open the orders of the members."""
        return self._prepare_action(self.env._("Orders"), "sale.order", self._get_member_domain())

    def action_open_invoices(self):
        """Open the invoices and refunds of the members."""
        domain = self._get_member_domain() & self._get_invoice_domain()
        return self._prepare_action(self.env._("Invoices"), "account.move", domain)

    def action_open_owners(self):
        """Open who owns the members, by date."""
        return self._prepare_action(
            self.env._("Owners"),
            "sdm.ownership",
            Domain("partner_id.sdm_customer_group_id", "in", self.ids),
            {"search_default_current": 1},
        )

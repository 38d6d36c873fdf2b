from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class SdmPerimeter(models.Model):
    """A set of companies managed as one business: schemes, plans and facts belong to a perimeter, in its currency.

    The shipped one holds all companies of the database and needs no set-up. A total over companies says something of
    each of them, so a perimeter is seen only by who may see every one of its companies. That does not depend on which
    of them are ticked at the moment.
    """

    _name = "sdm.perimeter"
    _description = "Perimeter"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        tracking=True,
        help="Each with its branches. Empty: all companies of the database.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        tracking=True,
        help="Sums of several companies are shown in this currency, at the rate of each document's own date.",
    )
    active = fields.Boolean(default=True, tracking=True)
    is_allowed = fields.Boolean(
        "All its companies allowed",
        compute="_compute_is_allowed",
        search="_search_is_allowed",
        help="The person who asks may see every company of the perimeter.",
    )

    @api.depends("company_ids")
    def _compute_currency_id(self):
        for perimeter in self:
            if not perimeter.currency_id:
                perimeter.currency_id = perimeter._get_main_company().currency_id

    @api.depends("company_ids")
    @api.depends_context("uid")
    def _compute_is_allowed(self):
        allowed = self.env.user._get_company_ids()
        for perimeter in self:
            perimeter.is_allowed = not set(perimeter._get_companies().ids).difference(allowed)

    def _search_is_allowed(self, operator, value):
        if operator != "in":
            return NotImplemented
        hidden = self.env["res.company"].sudo().search([("id", "not in", self.env.user._get_company_ids())])
        if not hidden:
            return Domain.TRUE
        return Domain("company_ids", "!=", False) & Domain("company_ids", "not in", (hidden | hidden.parent_ids).ids)

    @api.constrains("company_ids", "active")
    def _check_company_ids(self):
        owners = {}
        for perimeter in self.sudo().search([("company_ids", "!=", False)]):
            for company in perimeter._get_companies():
                other = owners.setdefault(company, perimeter)
                if other != perimeter and {other.id, perimeter.id} & set(self.ids):
                    raise ValidationError(
                        self.env._(
                            "%(company)s would belong to the perimeters %(one)s and %(other)s, and its revenue would "
                            "count twice. Take it out of one of them, or archive that one.",
                            company=company.name,
                            one=other.name,
                            other=perimeter.name,
                        )
                    )

    @api.model
    def _get_default(self):
        """The perimeter of the current company: the one that lists it, else the one of all companies.

        :return: a perimeter that the person may see; none where there is no such
        """
        # who may not see the listed one cannot see the one of all companies either
        return self.browse(self._get_default_ids(self.env.company.id))._filtered_access("read")

    @api.model
    @tools.ormcache("company_id")
    def _get_default_ids(self, company_id):
        """The same whoever asks, kept in memory until a perimeter changes."""
        company = self.env["res.company"].sudo().browse(company_id)
        perimeters = self.sudo().with_context(active_test=True)
        listed = perimeters.search([("company_ids", "in", (company | company.parent_ids).ids)], limit=1)
        return (listed or perimeters.search([("company_ids", "=", False)], order="id", limit=1)).ids

    @api.model_create_multi
    def create(self, vals_list):
        perimeters = super().create(vals_list)
        self.env.registry.clear_cache()
        return perimeters

    def write(self, vals):
        result = super().write(vals)
        if {"company_ids", "active"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=True)
    def _forget_default(self):
        self.env.registry.clear_cache()

    @api.model
    def _get_for_totals(self):
        """The perimeter of the current company or, for who may see none, the companies ticked at the moment."""
        return self._get_default() or self.new(
            {"company_ids": self.env.companies.ids, "currency_id": self.env.company.currency_id.id}
        )

    def _get_companies(self):
        """The companies of the perimeter with their branches; archived ones are left out, as nobody may open them.

        :return: companies in the order of the company switcher, with the rights of a superuser
        """
        self.ensure_one()
        found = self._find_companies(tuple(self.sudo().company_ids.ids))
        return self.env["res.company"].sudo().browse(found)

    @api.model
    @tools.ormcache("listed")
    def _find_companies(self, listed):
        """Ids of the listed companies and their branches, of all where none is listed, kept in memory."""
        domain = [("id", "child_of", listed)] if listed else [("active", "=", True)]
        return self.env["res.company"].sudo().search(domain).ids

    def _get_main_company(self):
        """The company whose settings hold for the whole: the main one of the database, else the first of the list."""
        companies = self._get_companies()
        main = self.env.ref("base.main_company", raise_if_not_found=False)
        return main.sudo() if main and main in companies else companies[:1]

    def _get_commercial_partners_of_companies(self):
        """The partners that are the companies themselves: what they sell to each other is left out of totals."""
        return self._get_companies().partner_id.commercial_partner_id

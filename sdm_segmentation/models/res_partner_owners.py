from odoo import api, fields, models
from odoo.fields import Domain

STAND_IN = "stand_in"


class ResPartner(models.Model):
    """Whose a customer is today. Asked by a sub-query each time, so that access follows the dates by itself."""

    _inherit = "res.partner"

    sdm_ownership_ids = fields.One2many(
        "sdm.ownership",
        "partner_id",
        string="Owners",
        groups="sdm_segmentation.group_sdm_user,sdm_segmentation.group_sdm_payroll,sdm_segmentation.group_sdm_auditor",
    )
    is_sdm_mine = fields.Boolean(
        "My customer",
        compute="_compute_is_sdm_mine",
        search="_search_is_sdm_mine",
        help="Owned today in any kind by the person who asks, or by somebody whom that person stands in for.",
    )
    sdm_my_kind = fields.Selection(
        selection="_selection_sdm_my_kind",
        string="I am",
        compute="_compute_sdm_my_kind",
        search="_search_sdm_my_kind",
        groups="sdm_segmentation.group_sdm_user",
        help="As what the person who asks has the customer today.",
    )
    is_sdm_ours = fields.Boolean(
        "Customer of my group",
        compute="_compute_is_sdm_ours",
        search="_search_is_sdm_ours",
        help="Owned today in any kind by somebody whom the person who asks leads, directly or not, or by that person.",
    )

    @api.depends_context("uid")
    def _compute_is_sdm_mine(self):
        self._compute_by_search("is_sdm_mine")

    @api.model
    def _selection_sdm_my_kind(self):
        kinds = self.env["sdm.ownership"]._fields["kind"]._description_selection(self.env)
        return [*kinds, (STAND_IN, self.env._("For an absent colleague"))]

    @api.depends_context("uid")
    def _compute_sdm_my_kind(self):
        owners = self.env["sdm.ownership"].sudo()
        own = owners.search_fetch(
            self._get_domain_sdm_own() & Domain("partner_id", "in", self._origin.ids), ["partner_id", "kind"]
        )
        kinds = {owner.partner_id.id: owner.kind for owner in own}
        for partner in self:
            stands_in = STAND_IN if partner.is_sdm_mine else False
            partner.sdm_my_kind = kinds.get(partner._origin.id, stands_in)

    @api.depends_context("uid")
    def _compute_is_sdm_ours(self):
        self._compute_by_search("is_sdm_ours")

    def _search_is_sdm_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("id", "in", self.env["sdm.ownership"]._query_mine(self.env.user, today))

    def _search_sdm_my_kind(self, operator, value):
        if operator != "in":
            return NotImplemented
        own = self._get_domain_sdm_own()
        mine = Domain("is_sdm_mine", "=", True)
        found = Domain("sdm_ownership_ids", "any!", own & Domain("kind", "in", [kind for kind in value if kind]))
        if STAND_IN in value:
            found |= mine & Domain("sdm_ownership_ids", "not any!", own)
        return found if False not in value else found | ~mine

    def _get_domain_sdm_own(self):
        """Ownerships of the person who asks, today."""
        today = self.env["sdm.ownership"]._get_domain_on(fields.Date.context_today(self))
        return today & Domain("employee_id.user_id", "=", self.env.uid)

    def _search_is_sdm_ours(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("id", "in", self.env["sdm.ownership"]._query_ours(self.env.user, today))

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        owned = partners.filtered("user_id")
        if owned:
            self.env["sdm.ownership"]._follow(owned)
        return partners

    def write(self, vals):
        self._check_sdm_may_take(vals)
        companies = {}
        if {"parent_id", "is_company"} & vals.keys():
            companies = {partner: partner.commercial_partner_id for partner in self.sudo()}
        result = super().write(vals)
        if "user_id" in vals:
            self.env["sdm.ownership"]._follow(self)
        if companies:
            self._follow_company(companies)
        return result

    def _follow_company(self, companies):
        """A customer that became a contact of another one goes into its history; a contact on its own begins one.

        :param companies: {partner: the company that it belonged to before}
        """
        Ownership = self.env["sdm.ownership"]
        below = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])
        for partner in Ownership._get_histories(below).partner_id:
            if partner.commercial_partner_id != partner:
                Ownership._merge(partner, partner.commercial_partner_id)
        Ownership._follow(
            self.sudo().filtered(
                lambda partner: partner.user_id and partner.commercial_partner_id == partner != companies[partner]
            )
        )

    def _check_sdm_may_take(self, vals):
        """Another salesperson, or another company above, opens a customer's documents to somebody else."""
        changed = [name for name in ("user_id", "parent_id", "is_company") if name in vals]
        if not changed or self.env.su:
            return
        taken = self.filtered(
            lambda partner: any(
                partner._fields[name].convert_to_write(partner[name], partner) != vals[name] for name in changed
            )
        )
        above = self.browse(vals.get("parent_id") if taken.sudo().sdm_ownership_ids else False)
        self.env["sdm.ownership"]._check_may_take((taken | above).commercial_partner_id)

    def action_open_sdm_ownerships(self):
        """Open the dated history of the customer's owners."""
        self.ensure_one()
        customer = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_ownership_action")
        action["domain"] = [("partner_id", "=", customer.id)]
        action["context"] = {"default_partner_id": customer.id}
        return action

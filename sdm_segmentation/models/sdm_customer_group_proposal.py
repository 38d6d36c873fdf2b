from collections import Counter
from dataclasses import replace
from itertools import combinations, product

from odoo import api, fields, models, tools
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain

from ..engine import groups

OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"
# Partners are read in parts of this size, so that a million of them need no gigabyte.
BATCH = 50_000
# Up to so many partners the search runs while the user waits, else in the background.
AT_ONCE = 20_000


class SdmCustomerGroupProposal(models.Model):
    """Customers that look like one holding, with the reasons. Nothing is grouped until somebody accepts.

    What was decided stays: it tells the next search which customers are never proposed together again.
    """

    _name = "sdm.customer.group.proposal"
    _description = "Proposal of a Customer Group"
    _inherit = ["sdm.guarded.mixin"]
    _order = "state_order, sequence, id"

    name = fields.Char("Name of the group", required=True)
    group_id = fields.Many2one(
        "sdm.customer.group",
        string="Extends",
        index="btree_not_null",
        ondelete="cascade",
        help="The group that the customers would join. Empty: a new one.",
    )
    line_ids = fields.One2many("sdm.customer.group.proposal.line", "proposal_id", string="Customers")
    partner_ids = fields.Many2many("res.partner", string="Members", compute="_compute_partner_ids")
    strength = fields.Selection(
        [(groups.STRONG, "Strong"), (groups.MEDIUM, "Medium"), (groups.WEAK, "Weak")],
        required=True,
        readonly=True,
        help="That of the weakest reason that connects them. Strong: tax number or parent company; "
        "medium: e-mail address or domain; weak: name only.",
    )
    reasons = fields.Text(compute="_compute_reasons")
    sequence = fields.Integer("Rank by revenue", readonly=True, help="The place by revenue at the time of the search.")
    revenue = fields.Monetary(
        "Revenue of 12 months",
        compute="_compute_revenue",
        help="Of all these customers, without tax, from the documents that you may see.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_revenue")
    state = fields.Selection(
        [(OPEN, "To decide"), (ACCEPTED, "Accepted"), (REFUSED, "Refused")],
        "Status",
        default=OPEN,
        required=True,
        readonly=True,
        index=True,
    )
    state_order = fields.Integer(compute="_compute_state_order", store=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_on = fields.Datetime(readonly=True)

    @api.depends("state")
    def _compute_state_order(self):
        for proposal in self:
            proposal.state_order = proposal.state != OPEN

    @api.depends("line_ids.partner_id")
    def _compute_partner_ids(self):
        for proposal in self:
            proposal.partner_ids = proposal.line_ids.partner_id

    @api.depends("line_ids.partner_id")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_revenue(self):
        for proposal in self:
            partners = proposal.line_ids.partner_id
            proposal.currency_id = partners[:1].sdm_perimeter_currency_id
            proposal.revenue = sum(partners.mapped("sdm_year_revenue"))

    @api.depends("line_ids.signs")
    @api.depends_context("lang")
    def _compute_reasons(self):
        for proposal in self:
            shared = Counter(sign for line in proposal.line_ids for sign in line._get_signs())
            ranked = sorted(shared, key=lambda sign: (list(groups.STRENGTHS).index(sign.kind), -shared[sign]))
            proposal.reasons = "\n".join(proposal._tell_sign(sign, shared[sign]) for sign in ranked)

    def _tell_sign(self, sign, count=0):
        """What customers share, in words."""
        value = sign.value
        if sign.kind == groups.PARENT:
            value = self.env["res.partner"].sudo().browse(value).exists().name or ""
        elif sign.kind == groups.DOMAIN:
            value = groups.readable_domain(value)
        elif sign.kind == groups.NAME:
            named = self.line_ids.filtered(lambda line: sign in line._get_signs())[:1].partner_id
            value = groups.tidy_name(named.name or "", named.city or "")
        text = {
            groups.TAX: self.env._("Same tax number %(value)s: one legal entity, perhaps entered twice", value=value),
            groups.TAX_ROOT: self.env._("Tax numbers of one legal entity and its branches: %(value)s", value=value),
            groups.PARENT: self.env._("Entered under %(value)s as their parent company", value=value),
            groups.EMAIL: self.env._("Same e-mail address %(value)s", value=value),
            groups.DOMAIN: self.env._("Same e-mail or website domain %(value)s", value=value),
            groups.NAME: self.env._("Same name but for legal form, city and alphabet: %(value)s", value=value),
        }[sign.kind]
        return self.env._("%(reason)s (%(count)s customers)", reason=text, count=count) if count > 2 else text

    # -- decisions ----------------------------------------------------------------------------------------------------

    def action_accept(self):
        """Make a group of the customers that are ticked, or add them to the one that is there."""
        for proposal in self.filtered(lambda proposal: proposal.state == OPEN):
            chosen = proposal.line_ids.filtered("is_included").partner_id
            proposal._check_accepted(chosen)
            group = proposal.group_id or self.env["sdm.customer.group"].create(
                {"name": proposal.name, "company_id": proposal._find_common_company(chosen).id}
            )
            (chosen - group.member_ids).write({"sdm_customer_group_id": group.id})
            if not group.head_member_id:
                group.head_member_id = proposal._find_head(chosen.sorted("sdm_year_revenue", reverse=True))
            proposal.group_id = group
            proposal._decide(ACCEPTED)
        return self._after_decision()

    def action_refuse(self):
        """Keep the customers apart; the same ones are never proposed together again."""
        self.filtered(lambda proposal: proposal.state == OPEN)._decide(REFUSED)
        return self._after_decision()

    def action_reopen(self):
        """Take a refusal back."""
        self.filtered(lambda proposal: proposal.state == REFUSED).write(
            {"state": OPEN, "decided_by_id": False, "decided_on": False}
        )
        return True

    def action_open_group(self):
        """Open the group that came of the proposal."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sdm.customer.group",
            "res_id": self.group_id.id,
            "views": [(False, "form")],
        }

    def _decide(self, state):
        self.write({"state": state, "decided_by_id": self.env.uid, "decided_on": fields.Datetime.now()})

    def _after_decision(self):
        """From a form to its group, if there is one; a list stays."""
        return self.action_open_group() if len(self) == 1 and self.state == ACCEPTED else True

    def _check_accepted(self, chosen):
        elsewhere = chosen.filtered("sdm_customer_group_id").filtered(
            lambda partner: partner.sdm_customer_group_id != self.group_id
        )
        if elsewhere:
            raise UserError(
                self.env._(
                    "%(customer)s is in the group %(group)s by now. Untick it in the proposal “%(name)s”, "
                    "or take it out of that group first.",
                    customer=elsewhere[0].name,
                    group=elsewhere[0].sdm_customer_group_id.name,
                    name=self.name,
                )
            )
        if len(chosen | self.group_id.member_ids) < 2 or not chosen - self.group_id.member_ids:
            raise UserError(
                self.env._(
                    "Nothing would be put together by “%(name)s”. Tick at least two customers, or refuse the proposal.",
                    name=self.name,
                )
            )

    @api.model
    def _find_common_company(self, partners):
        """The company of customers that are all of one; none for customers of all companies."""
        companies = {partner.company_id for partner in partners}
        return companies.pop() if len(companies) == 1 else self.env["res.company"]

    @api.model
    def _find_head(self, ranked):
        """The parent of the others, else the first of customers that come by revenue."""
        parents = Counter(partner.parent_id for partner in ranked)
        return max(ranked, key=lambda partner: parents[partner])

    # -- search -------------------------------------------------------------------------------------------------------

    def action_search(self):
        """Look for groups: at once, or in the background where there are many customers."""
        self.check_access("write")
        count = self.env["res.partner"].search_count(self._get_partner_domain(), limit=AT_ONCE + 1)
        if count <= AT_ONCE:
            self._search_groups()
            return self.env["ir.actions.act_window"]._for_xml_id(
                "sdm_segmentation.sdm_customer_group_proposal_action"
            ) | {"target": "main"}
        self.env.ref("sdm_segmentation.ir_cron_customer_group_search").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("There are many customers: the proposals will be here in a few minutes."),
            },
        }

    @api.model
    def _cron_search(self):
        """Look for groups in the background."""
        self._search_groups()

    @api.model
    def _search_groups(self):
        """Bring the open proposals up to date with the customers, as they are now and for all companies.

        Run again, nothing changes. The number of queries does not depend on the number of customers, up to a batch.

        :raise UserError: a search is running
        """
        try:
            self.env["ir.model"]._get(self._name).sudo().lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is looking for groups right now. Open the proposals in a minute.")
            ) from error
        everything = self.sudo().with_context(active_test=True)
        grouped = dict(everything._read_grouped())
        signs = groups.collect_shared(everything._collect_signs())
        found = groups.propose(signs, grouped, everything._collect_refused())
        everything._replace_open(found)

    @api.model
    def _get_own_partners(self):
        """The companies of the database themselves."""
        companies = self.env["res.company"].sudo().with_context(active_test=False).search(Domain.TRUE)
        return companies.partner_id.commercial_partner_id

    @api.model
    def _get_partner_domain(self):
        """Partners that a group may have: not suppliers alone, nor the own companies."""
        return (
            Domain("commercial_partner_id", "not in", self._get_own_partners().ids)
            & Domain("partner_share", "=", True)
            & (
                Domain("commercial_partner_id.supplier_rank", "=", 0)
                | Domain("commercial_partner_id.customer_rank", ">", 0)
            )
        )

    def _read_grouped(self):
        partners = self.env["res.partner"].search_fetch(
            [("sdm_customer_group_id", "!=", False)], ["sdm_customer_group_id"], order="id"
        )
        return [(partner.id, partner.sdm_customer_group_id.id) for partner in partners]

    def _collect_signs(self):
        """(id of a customer, sign) for all customers, read in parts."""
        domains = groups.Domains(self._read_domains("shared_domains"), self._read_domains("domain_suffixes"))
        country = self.env.company.country_id.code or ""
        names = ["commercial_partner_id", "name", "city", "vat", "country_id", "email", "website", "parent_id"]
        names += ["is_company"]
        codes = {row.id: row.code or "" for row in self.env["res.country"].search_fetch(Domain.TRUE, ["code"])}
        last = 0
        while True:
            domain = self._get_partner_domain() & Domain("id", ">", last)
            rows = self.env["res.partner"].search_fetch(domain, names, order="id", limit=BATCH)
            for company in self._prepare_companies(rows, codes):
                for sign in groups.signs_of(company, domains, country):
                    yield company.key, sign
            if len(rows) < BATCH:
                return
            last = rows[-1].id
            self.env.invalidate_all()

    def _prepare_companies(self, rows, codes):
        """What the engine asks of customers; a contact tells its addresses, a person without tax number nothing."""
        own = self._get_own_partners()
        for partner in rows:
            customer_id, parent = partner.commercial_partner_id.id, partner.parent_id.commercial_partner_id
            if customer_id != partner.id:
                yield groups.Company(customer_id, emails=(partner.email or "",))
            elif partner.is_company or partner.vat:
                yield groups.Company(
                    partner.id,
                    partner.name or "",
                    partner.city or "",
                    partner.vat or "",
                    codes.get(partner.country_id.id, ""),
                    (partner.email or "",),
                    partner.website or "",
                    None if parent in own or not parent.active else parent.id,
                    not partner.is_company,
                )

    @api.model
    def _read_domains(self, name):
        with tools.file_open(f"sdm_segmentation/data/{name}.txt") as lines:
            return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))

    def _collect_refused(self):
        """Pairs that somebody decided to keep apart, by refusing a proposal or leaving a customer out."""
        for proposal in self.search_fetch([("state", "in", (ACCEPTED, REFUSED))], ["state"], order="id"):
            lines = proposal.line_ids
            inside = lines.filtered("was_member")
            if proposal.state == REFUSED:
                apart = lines - inside
                yield from combinations(apart.partner_id.ids, 2)
            else:
                apart = lines.filtered(lambda line: not line.is_included) - inside
                inside = lines - apart
            yield from product(apart.partner_id.ids, inside.partner_id.ids)

    def _replace_open(self, found):
        """Make the open proposals those that were found; what is the same stays, with what somebody changed in it."""
        present = {
            (frozenset(proposal.line_ids.partner_id.ids), proposal.group_id.id or None): proposal
            for proposal in self.search([("state", "=", OPEN)], order="id")
        }
        archived = self.env["sdm.customer.group"].with_context(active_test=False).search([("active", "=", False)])
        found = [row for row in found if row.group not in archived.ids]
        kept = {(frozenset(row.members), row.group) for row in found}
        self.browse([proposal.id for key, proposal in present.items() if key not in kept]).unlink()
        new = []
        partners = self.env["res.partner"].browse(key for row in found for key in row.members)
        for sequence, row in enumerate(self._rank(found, partners), 1):
            vals = {"strength": row.strength, "sequence": sequence}
            signs = {key: [[sign.kind, sign.value] for sign in row.signs.get(key, ())] for key in row.members}
            proposal = present.get((frozenset(row.members), row.group))
            if proposal:
                proposal._refresh(vals, signs)
            else:
                # read along with those of all proposals
                members = partners.browse(row.members).with_prefetch(partners.ids)
                new.append({**vals, **self._prepare_proposal(row.group, members, signs)})
        self.create(new)

    def _rank(self, found, partners):
        """The proposals with the most revenue first, and their members likewise."""
        perimeter = self.env.ref("sdm_segmentation.sdm_perimeter_default", raise_if_not_found=False)
        revenue = (perimeter or self.env["sdm.perimeter"]._get_for_totals())._get_revenue(partners)
        amounts = {partner.id: amount for partner, amount in revenue.items()}
        ranked = sorted(found, key=lambda row: (-sum(amounts[key] for key in row.members), row.members))
        return [
            replace(row, members=tuple(sorted(row.members, key=lambda key: (-amounts[key], key)))) for row in ranked
        ]

    def _prepare_proposal(self, group_id, members, signs):
        head = self._find_head(members)
        group = self.env["sdm.customer.group"].browse(group_id)
        return {
            "name": group.name or groups.tidy_name(head.name, head.city or ""),
            "group_id": group_id,
            "line_ids": [
                fields.Command.create(
                    {
                        "sequence": sequence,
                        "partner_id": member.id,
                        "signs": signs[member.id],
                        "was_member": bool(group) and member.sdm_customer_group_id == group,
                    }
                )
                for sequence, member in enumerate(members, 1)
            ],
        }

    def _refresh(self, vals, signs):
        """Write what is new of a proposal that is there, and nothing where nothing is."""
        if any(self[name] != value for name, value in vals.items()):
            self.write(vals)
        for line in self.line_ids:
            if line.signs != signs[line.partner_id.id]:
                line.signs = signs[line.partner_id.id]


class SdmCustomerGroupProposalLine(models.Model):
    """A customer of a proposal, and what it shares with the others."""

    _name = "sdm.customer.group.proposal.line"
    _description = "Customer in a Proposal of a Group"
    _order = "was_member desc, sequence, id"
    _rec_name = "partner_id"

    proposal_id = fields.Many2one("sdm.customer.group.proposal", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    is_included = fields.Boolean(
        "Take in", default=True, help="Who is left out when the proposal is accepted is not proposed to it again."
    )
    was_member = fields.Boolean("In the group already", readonly=True)
    sequence = fields.Integer("Rank by revenue", readonly=True)
    revenue = fields.Monetary(related="partner_id.sdm_year_revenue")
    currency_id = fields.Many2one(related="partner_id.sdm_perimeter_currency_id")
    owner_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    city = fields.Char(related="partner_id.city")
    vat = fields.Char(related="partner_id.vat")
    signs = fields.Json(readonly=True)
    reasons = fields.Text(compute="_compute_reasons")

    @api.depends("signs")
    @api.depends_context("lang")
    def _compute_reasons(self):
        for line in self:
            line.reasons = "\n".join(
                self.env._("Parent company of another one here")
                if sign == (groups.PARENT, line.partner_id.id)
                else line.proposal_id._tell_sign(sign)
                for sign in line._get_signs()
            )

    def _get_signs(self):
        """What the customer shares with others of the proposal, as engine signs."""
        return [groups.Sign(kind, value) for kind, value in self.signs or ()]

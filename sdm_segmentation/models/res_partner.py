from datetime import timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .timezones import to_utc

CUSTOMER_MONTHS = 24
SILENT_DAYS = 90
# Who buys, and who was spoken to, is of the whole company: not for everybody who may read a name.
READERS = "sdm_segmentation.group_sdm_director,sdm_segmentation.group_sdm_auditor"
ARRANGERS = "sdm_segmentation.group_sdm_manager,sdm_segmentation.group_sdm_auditor"


class ResPartner(models.Model):
    """Questions about customers that Odoo has no field for. None is stored: they are answered by a sub-query.

    They are asked as of today in the current company, or as context ``sdm_as_of`` (date) and ``sdm_company_id`` say.
    """

    _inherit = "res.partner"

    is_sdm_customer = fields.Boolean(
        "Buying customer",
        compute="_compute_is_sdm_customer",
        search="_search_is_sdm_customer",
        groups=READERS,
        help="Company or person with a won deal, a confirmed order or a posted invoice in the last 24 months.",
    )
    is_sdm_in_work = fields.Boolean(
        "Customer or prospect in work",
        compute="_compute_is_sdm_in_work",
        search="_search_is_sdm_in_work",
        groups=ARRANGERS,
        help="Company or person that Odoo holds for a customer, or that has an open deal. Each needs a lead seller.",
    )
    is_sdm_silent = fields.Boolean(
        "Without contact for 90 days",
        compute="_compute_is_sdm_silent",
        search="_search_is_sdm_silent",
        groups=READERS,
        help="For 90 days no completed call, meeting or e-mail with the customer, its contacts, deals or orders.",
    )
    is_sdm_duplicate = fields.Boolean(
        "Looks like another",
        compute="_compute_is_sdm_duplicate",
        search="_search_is_sdm_duplicate",
        groups=READERS,
        help="Another company or person has the same tax number, e-mail address or name.",
    )

    @api.depends_context("sdm_as_of", "sdm_company_id", "sdm_tz", "company", "uid")
    def _compute_is_sdm_customer(self):
        self._compute_by_search("is_sdm_customer")

    @api.depends_context("company", "uid")
    def _compute_is_sdm_in_work(self):
        self._compute_by_search("is_sdm_in_work")

    @api.depends_context("sdm_as_of", "sdm_tz", "uid")
    def _compute_is_sdm_silent(self):
        self._compute_by_search("is_sdm_silent")

    def _compute_is_sdm_duplicate(self):
        self._compute_by_search("is_sdm_duplicate")

    def _compute_by_search(self, field_name):
        """Answer for these partners what the search answers for all."""
        domain = Domain("id", "in", self.ids) & Domain(field_name, "=", True)
        found = self.with_context(active_test=False).search(domain)
        for partner in self:
            partner[field_name] = partner._origin in found

    def _search_is_sdm_customer(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["is_sdm_customer"], "read")
        return Domain("id", "in", self._sdm_query_customers())

    def _search_is_sdm_in_work(self, operator, value):
        if operator != "in":
            return NotImplemented
        companies = Domain("company_id", "in", [self.env.company.id, False])
        partners = self.sudo()
        query = partners._search(Domain("opportunity_ids", "any", companies & Domain("won_status", "=", "pending")))
        with_deal = query.subselect(partners._field_to_sql(partners._table, "commercial_partner_id", query))
        customer = Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        return customer & companies & (Domain("customer_rank", ">", 0) | Domain("id", "in", with_deal))

    def _search_is_sdm_silent(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["is_sdm_silent"], "read")
        return Domain("id", "not in", self._sdm_query_contacted())

    def _search_is_sdm_duplicate(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["is_sdm_duplicate"], "read")
        return Domain("id", "in", self._sdm_query_duplicates())

    def _sdm_as_of(self):
        """The date, the company and the time zone that the questions are asked for.

        :raise UserError: a context that makes no sense
        """
        context = self.env.context
        try:
            date = fields.Date.to_date(context.get("sdm_as_of")) or fields.Date.context_today(self)
            zone = pytz.timezone(context.get("sdm_tz") or self.env.user.tz or "UTC")
        except (ValueError, TypeError, AttributeError, pytz.UnknownTimeZoneError) as error:
            raise UserError(self.env._("There is no such date or time zone. Ask with a date as YYYY-MM-DD.")) from error
        company_id = context.get("sdm_company_id")
        if not self.env.su and company_id not in self.env.companies.ids:
            company_id = self.env.company.id
        return date, company_id or self.env.company.id, zone.zone

    def _sdm_query_customers(self):
        """SQL of the ids of commercial partners that bought in the window, by three models at once."""
        date, company_id, zone = self._sdm_as_of()
        end = date + timedelta(days=1)
        start = end - relativedelta(months=CUSTOMER_MONTHS)
        lead, order, move = (self.env[name]._fields for name in ("crm.lead", "sale.order", "account.move"))
        return SQL(
            """(
            SELECT partner.commercial_partner_id
              FROM (
                SELECT partner_id
                  FROM crm_lead
                 WHERE won_status = 'won' AND type = 'opportunity'
                   AND date_closed >= %(from)s AND date_closed < %(to)s
                   AND (company_id IS NULL OR company_id = %(company)s)
                 UNION
                SELECT partner_id
                  FROM sale_order
                 WHERE state = 'sale' AND date_order >= %(from)s AND date_order < %(to)s
                   AND company_id = %(company)s
                 UNION
                SELECT commercial_partner_id
                  FROM account_move
                 WHERE move_type = 'out_invoice' AND state = 'posted'
                   AND invoice_date >= %(from_date)s AND invoice_date < %(to_date)s
                   AND company_id = %(company)s
              ) bought
              JOIN res_partner partner ON partner.id = bought.partner_id
            )""",
            **{
                "from": to_utc(start, zone),
                "to": to_utc(end, zone),
                "from_date": start,
                "to_date": end,
                "company": company_id,
            },
            to_flush=(
                *(lead[name] for name in ("partner_id", "won_status", "type", "date_closed", "company_id")),
                *(order[name] for name in ("partner_id", "state", "date_order", "company_id")),
                *(move[name] for name in ("commercial_partner_id", "move_type", "state", "invoice_date", "company_id")),
                self._fields["commercial_partner_id"],
            ),
        )

    def _sdm_query_contacted(self):
        """SQL of the ids of commercial partners that were in contact in the last days, by any channel."""
        date, _company_id, zone = self._sdm_as_of()
        end = date + timedelta(days=1)
        contacts = self.env["sdm.contact.channel"]._query_contacts(zone, end - timedelta(days=SILENT_DAYS), end)
        return SQL("(SELECT contact.customer_id FROM %s contact)", contacts)

    def _sdm_query_duplicates(self):
        """SQL of the ids of active commercial partners that share a tax number, an e-mail address or a name."""
        _date, company_id, _zone = self._sdm_as_of()
        return SQL(
            """(
            SELECT id
              FROM (
                SELECT id,
                       NULLIF(vat, '') IS NOT NULL AND COUNT(*) OVER (PARTITION BY vat) > 1 AS same_vat,
                       email_normalized IS NOT NULL AND COUNT(*) OVER (PARTITION BY email_normalized) > 1 AS same_email,
                       COUNT(*) OVER (PARTITION BY LOWER(TRIM(name))) > 1 AND name IS NOT NULL AS same_name
                  FROM res_partner
                 WHERE active AND commercial_partner_id = id AND (company_id IS NULL OR company_id = %s)
              ) partner
             WHERE same_vat OR same_email OR same_name
            )""",
            company_id,
            to_flush=tuple(
                self._fields[name]
                for name in ("vat", "email_normalized", "name", "active", "commercial_partner_id", "company_id")
            ),
        )

from odoo import api, models
from odoo.tools import SQL

SOURCES = [
    ("invoice", "Posted invoices, without tax"),
    ("order", "Confirmed orders, without tax"),
    ("deal", "Won deals"),
]
MEASURES = [
    ("revenue", "Revenue without tax"),
    ("margin", "Margin of confirmed orders"),
    ("payment", "Money received, without tax"),
]


class SdmSalesSource(models.AbstractModel):
    """What customers bought, when and for how much: the one definition of revenue that everything here counts by."""

    _name = "sdm.sales.source"
    _description = "Source of Sales"

    @api.model
    def _find_best(self, companies, start, end, zone="UTC"):
        """The best source that has anything between two days: invoices, else orders, else won deals.

        :param companies: res.company; :param start: first day; :param end: the day after the last one
        :param zone: time zone in which the days of orders end
        :return: ``invoice``, ``order`` or ``deal``
        """
        queries = {source: self._query(companies, source, zone=zone) for source in ("invoice", "order")}
        [found] = self.env.execute_query(
            SQL(
                "SELECT %s",
                SQL(", ").join(
                    SQL("EXISTS(SELECT 1 FROM (%s) sales WHERE date >= %s AND date < %s)", query, start, end)
                    for query in queries.values()
                ),
            )
        )
        return next((source for source, exists in zip(queries, found, strict=True) if exists), "deal")

    @api.model
    def _query(self, companies, source, measure="revenue", currency=None, zone="UTC"):
        """SQL of rows (customer, date, amount): one for each sale, refunds negative.

        :param companies: res.company; what they sell to each other is left out
        :param source: ``invoice``, ``order`` or ``deal``
        :param measure: ``revenue``, ``margin`` (of orders, whatever the source) or ``payment`` (the paid part of
            invoices, whatever the source)
        :param currency: res.currency of the amounts, at the rate of the sale's own day; without it that of each company
        :param zone: time zone in which the days of orders and deals end
        """
        if measure == "margin":
            query = self._query_orders(companies, zone, "margin")
        elif measure == "payment":
            query = self._query_invoices(companies, paid=True)
        elif source == "invoice":
            query = self._query_invoices(companies)
        elif source == "order":
            query = self._query_orders(companies, zone, "amount_untaxed")
        else:
            query = self._query_deals(companies, zone)
        own = companies.partner_id.commercial_partner_id
        return SQL(
            """SELECT customer, date, amount * %s AS amount
                 FROM (%s) sale
                WHERE customer IS NULL OR customer NOT IN %s""",
            self._rate_to(companies, currency),
            query,
            tuple(own.ids) or (0,),
        )

    def _rate_to(self, companies, currency):
        """SQL that turns an amount of ``company_id``'s currency at ``date`` into ``currency``."""
        foreign = companies.filtered(lambda company: currency and company.currency_id != currency)
        if not foreign:
            return SQL("1")
        return SQL(
            "CASE WHEN company_id IN %s THEN %s / %s ELSE 1 END",
            tuple(foreign.ids),
            self._rate(foreign, currency.id),
            self._rate(foreign, SQL("(SELECT currency_id FROM res_company WHERE id = sale.company_id)")),
        )

    def _rate(self, companies, currency):
        """SQL of a currency's rate of ``sale.company_id`` at ``sale.date``, by the rule of ``res.currency``.

        :param companies: res.company that may be there; a branch has the rates of its root company
        """
        rate = self.env["res.currency.rate"]._fields
        branches = companies.filtered(lambda company: company.root_id != company)
        owner = SQL("sale.company_id")
        if branches:
            cases = (SQL("WHEN %s THEN %s", branch.id, branch.root_id.id) for branch in branches)
            owner = SQL("CASE sale.company_id %s ELSE sale.company_id END", SQL(" ").join(cases))
        return SQL(
            """COALESCE(
                (SELECT rate.rate FROM res_currency_rate rate
                  WHERE rate.currency_id = %(currency)s AND rate.name <= sale.date
                    AND (rate.company_id IS NULL OR rate.company_id = %(owner)s)
                  ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                (SELECT rate.rate FROM res_currency_rate rate
                  WHERE rate.currency_id = %(currency)s
                    AND (rate.company_id IS NULL OR rate.company_id = %(owner)s)
                  ORDER BY rate.company_id, rate.name LIMIT 1),
                1)""",
            currency=currency,
            owner=owner,
            to_flush=[rate[name] for name in ("currency_id", "name", "company_id", "rate")],
        )

    def _query_invoices(self, companies, paid=False):
        names = ["commercial_partner_id", "invoice_date", "amount_untaxed_signed", "move_type", "state", "company_id"]
        amount = SQL("amount_untaxed_signed")
        if paid:
            names += ["amount_total_signed", "amount_residual_signed"]
            amount = SQL(
                "amount_untaxed_signed * (1 - COALESCE(amount_residual_signed / NULLIF(amount_total_signed, 0), 1))"
            )
        return SQL(
            """SELECT commercial_partner_id AS customer, invoice_date AS date, company_id, %s AS amount
                 FROM account_move
                WHERE move_type IN ('out_invoice', 'out_refund') AND state = 'posted' AND company_id IN %s""",
            amount,
            tuple(companies.ids),
            to_flush=[self.env["account.move"]._fields[name] for name in names],
        )

    def _query_orders(self, companies, zone, amount):
        order = self.env["sale.order"]._fields
        names = ("partner_id", "date_order", amount, "currency_rate", "state", "company_id")
        return SQL(
            """SELECT partner.commercial_partner_id AS customer, %s AS date, sale.company_id,
                      sale.%s / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS amount
                 FROM sale_order sale JOIN res_partner partner ON partner.id = sale.partner_id
                WHERE sale.state = 'sale' AND sale.company_id IN %s""",
            self._local_date(SQL("sale.date_order"), zone),
            SQL.identifier(amount),
            tuple(companies.ids),
            to_flush=[self.env["res.partner"]._fields["commercial_partner_id"], *(order[name] for name in names)],
        )

    def _query_deals(self, companies, zone):
        """Won deals; a deal without a company is the first company's."""
        lead = self.env["crm.lead"]._fields
        names = ("partner_id", "date_closed", "expected_revenue", "type", "won_status", "company_id")
        return SQL(
            """SELECT partner.commercial_partner_id AS customer, %s AS date,
                      COALESCE(lead.company_id, %s) AS company_id, lead.expected_revenue AS amount
                 FROM crm_lead lead LEFT JOIN res_partner partner ON partner.id = lead.partner_id
                WHERE lead.type = 'opportunity' AND lead.won_status = 'won'
                  AND (lead.company_id IS NULL OR lead.company_id IN %s)""",
            self._local_date(SQL("lead.date_closed"), zone),
            companies[:1].id,
            tuple(companies.ids),
            to_flush=[self.env["res.partner"]._fields["commercial_partner_id"], *(lead[name] for name in names)],
        )

    @staticmethod
    def _local_date(column, zone):
        """SQL of the calendar date of a UTC datetime column in a time zone."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", column, zone)

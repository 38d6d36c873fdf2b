from bisect import bisect_right
from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from .timezones import to_utc

REVENUE_MONTHS = 12


class SdmPerimeter(models.Model):
    """Revenue of customers over the companies of a perimeter."""

    _inherit = "sdm.perimeter"

    def _get_revenue(self, customers, months=REVENUE_MONTHS, date=None):
        """Revenue without tax of some customers: the documents that the person who asks may see.

        The rule is that of ``sdm.sales.source``, and a test holds them together. That one adds up all sales of all
        customers in SQL, for classes; here the record rules of the reader decide what is counted, so it is the ORM's.

        Each company counts by its own best source, as the diagnosis does: invoices where there are any, else confirmed
        orders, else won deals. Sales between the companies of the perimeter are left out. The number of queries depends
        on the number of companies only.

        :param customers: commercial partners; :param months: how many, up to the date
        :param date: the last day, today if none
        :return: {customer: amount in the perimeter's currency}, each of the customers is there
        """
        self.ensure_one()
        date = date or fields.Date.context_today(self)
        start = date + timedelta(days=1) - relativedelta(months=months)
        amounts = dict.fromkeys(customers, 0.0)
        outside = customers - self._get_commercial_partners_of_companies()
        if not outside:
            return amounts
        by_source = defaultdict(self.env["res.company"].sudo().browse)
        for company in self._get_companies():
            diagnosis = self.env["sdm.diagnosis"].sudo().new({"company_id": company.id, "date": date})
            by_source[diagnosis._find_revenue_source()] |= company
        rates = self._get_rates(date)
        for source, companies in by_source.items():
            for customer, company, day, amount in self._read_revenue(source, companies, outside, start, date):
                amounts[customer] += amount * self._find_rate(rates, company, day)
        return {customer: self.currency_id.round(amount) for customer, amount in amounts.items()}

    def _read_revenue(self, source, companies, customers, start, end):
        """Rows (customer, company, day, amount in the company's currency); days where rates matter, else None."""
        model_name, domain, customer, date, amount, rate = self._prepare_revenue_source(source, companies, start, end)
        # a user who may see the perimeter may see its companies, whichever are ticked at the moment
        model = self.env[model_name].with_context(allowed_company_ids=self._get_companies().ids, active_test=False)
        by_day = any(company.currency_id != self.currency_id for company in companies)
        groupby = [customer, "company_id", *([rate] if rate else []), *([f"{date}:day"] if by_day else [])]
        main = self._get_main_company()
        for found, company, *keys, total in model._read_group(
            domain & Domain(customer, "in", customers.ids), groupby, [f"{amount}:sum"]
        ):
            day = fields.Date.to_date(keys.pop()) if by_day else None
            # amounts in the document's currency come with its rate
            divisor = (keys.pop() or 1) if rate else 1
            yield found, company.sudo() or main, day, (total or 0) / divisor

    def _prepare_revenue_source(self, source, companies, start, end):
        """The model, its domain, and the names of its fields: customer, date, amount, rate of the amount's currency."""
        of_companies = Domain("company_id", "in", companies.ids)
        zone = self.env.user.tz or "UTC"
        moments = (to_utc(start, zone), to_utc(end + timedelta(days=1), zone))
        if source == "invoice":
            domain = Domain("move_type", "in", ["out_invoice", "out_refund"]) & Domain("state", "=", "posted")
            between = Domain("invoice_date", ">=", start) & Domain("invoice_date", "<=", end)
            return (
                "account.move",
                domain & between & of_companies,
                "commercial_partner_id",
                "invoice_date",
                "amount_untaxed_signed",
                None,
            )
        if source == "order":
            between = Domain("date_order", ">=", moments[0]) & Domain("date_order", "<", moments[1])
            return (
                "sale.order",
                Domain("state", "=", "sale") & between & of_companies,
                "partner_id.commercial_partner_id",
                "date_order",
                "amount_untaxed",
                "currency_rate",
            )
        if self._get_main_company() in companies:
            of_companies |= Domain("company_id", "=", False)
        between = Domain("date_closed", ">=", moments[0]) & Domain("date_closed", "<", moments[1])
        return (
            "crm.lead",
            Domain("type", "=", "opportunity") & Domain("won_status", "=", "won") & between & of_companies,
            "partner_id.commercial_partner_id",
            "date_closed",
            "expected_revenue",
            None,
        )

    def _get_rates(self, end):
        """Rates of the companies' currencies and of the perimeter's, read at once.

        :return: {(id of the root company or False, currency): (days, rates)}, days ascending
        """
        companies = self._get_companies()
        if companies.currency_id <= self.currency_id:
            return {}
        rows = (
            self.env["res.currency.rate"]
            .sudo()
            .search_fetch(
                Domain("currency_id", "in", (companies.currency_id | self.currency_id).ids)
                & Domain("company_id", "in", [False, *companies.root_id.ids])
                & Domain("name", "<=", end),
                ["name", "rate", "company_id", "currency_id"],
                order="name",
            )
        )
        rates = defaultdict(lambda: ([], []))
        for row in rows:
            days, values = rates[row.company_id.id, row.currency_id]
            days.append(row.name)
            values.append(row.rate)
        return rates

    def _find_rate(self, rates, company, day):
        """What one unit of a company's currency was worth in the perimeter's on a day, by Odoo's own rule."""
        if company.currency_id == self.currency_id:
            return 1.0

        def per_unit(currency):
            # a rate of the company goes before one for all; before the first one, the first one holds
            for owner in (company.root_id.id, False):
                days, values = rates.get((owner, currency), ((), ()))
                index = bisect_right(days, day)
                if index:
                    return values[index - 1]
            for owner in (company.root_id.id, False):
                _days, values = rates.get((owner, currency), ((), ()))
                if values:
                    return values[0]
            return 1.0

        return per_unit(self.currency_id) / per_unit(company.currency_id)

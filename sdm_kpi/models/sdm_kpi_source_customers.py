from decimal import Decimal

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.engine.segmentation.life_cycle import MEAN, Options

from ..engine import periods

# Silence is judged as by a life cycle with these settings: in intervals of the customer's own, by the mean of its gaps
# so far, which is what it was on the day itself.
SILENCE = Options(average=MEAN, season_months=0)


class SdmKpiSource(models.AbstractModel):
    """Customers: those who are silent or lost, and those whose contacts were due."""

    _inherit = "sdm.kpi.source"

    def _query_silences(self, scope, end):
        """SQL of what comes after each day with a sale to a customer: partner_id, company_id, sleeps_from, lost_from,
        next (the day of the next sale). Oracle: ``life_cycle.classify`` with ``SILENCE``."""
        return SQL(
            """SELECT partner_id, company_id, next,
                      date + floor(gap)::int + floor(gap * %(sleeping)s)::int + 1 AS sleeps_from,
                      date + floor(gap)::int + floor(gap * %(lost)s)::int + 1 AS lost_from
                 FROM (
                     SELECT partner_id, company_id, date, LEAD(date) OVER by_date AS next,
                            CASE WHEN ROW_NUMBER() OVER by_date >= %(least)s
                                 THEN GREATEST(
                                     (date - FIRST_VALUE(date) OVER by_date)::numeric
                                     / NULLIF(ROW_NUMBER() OVER by_date - 1, 0), %(shortest)s)
                                 ELSE %(default)s END AS gap
                       FROM (
                           SELECT %(unit)s AS unit, date, MAX(partner_id) AS partner_id, MAX(company_id) AS company_id
                             FROM (
                                 SELECT partner_id, date, company_id FROM (%(lines)s) sale
                                  WHERE partner_id IS NOT NULL AND amount > 0
                             ) sold
                            GROUP BY 1, date
                       ) day
                     WINDOW by_date AS (PARTITION BY unit ORDER BY date)
                 ) known""",
            sleeping=SILENCE.sleeping_after - 1,
            lost=SILENCE.lost_after - 1,
            least=SILENCE.minimum_orders,
            shortest=SILENCE.minimum_interval,
            default=Decimal(SILENCE.default_interval),
            unit=self._query_unit(scope, SQL("sold.partner_id")),
            lines=self._query_revenue_documents(scope, fields.Date.to_date("1900-01-01"), end),
        )

    def _query_silent_lines(self, scope, first, end):
        """Customers who sleep at the end of a month: silent for more than 1.5 and at most 3 of their own intervals."""
        number = self._number_by_month(SQL("silence.partner_id"), SQL("month.day"))
        return SQL(
            """SELECT %s FROM (%s) silence JOIN %s month
                   ON silence.sleeps_from <= month.day AND silence.lost_from > month.day
                  AND (silence.next IS NULL OR silence.next > month.day)""",
            self._select_columns(
                doc_id=number,
                line_id=number,
                date=SQL("month.day"),
                company_id=SQL("silence.company_id"),
                partner_id=SQL("silence.partner_id"),
                documents=SQL("1"),
            ),
            self._query_silences(scope, end),
            self._query_month_ends(first, end),
        )

    def _query_lost_customer_lines(self, scope, first, end):
        """Customers on the day on which they are silent for more than three of their own intervals."""
        number = SQL("silence.partner_id::int8 * 100000 + (silence.lost_from - DATE '2000-01-01')")
        return SQL(
            """SELECT %s FROM (%s) silence
                WHERE silence.lost_from <= %s AND (silence.next IS NULL OR silence.next > silence.lost_from)""",
            self._select_columns(
                doc_id=number,
                line_id=number,
                date=SQL("silence.lost_from"),
                company_id=SQL("silence.company_id"),
                partner_id=SQL("silence.partner_id"),
                documents=SQL("1"),
            ),
            self._query_silences(scope, end),
            fields.Date.context_today(self),
        )

    def _query_yearly_lines(self, scope, first, end):
        """What was sold to each customer in twelve months up to the end of each, and what part of all that is.

        Of two companies a customer has a line each, and one part.
        """
        months = periods.add_months(first, 1 - periods.MONTHS)
        return SQL(
            """SELECT %(columns)s
                 FROM (
                     SELECT yearly.*, ROW_NUMBER() OVER (ORDER BY day, partner_id, company_id) AS number,
                            100 * SUM(worth) OVER (PARTITION BY day, unit)
                                / NULLIF(SUM(worth) OVER (PARTITION BY day), 0) AS part
                       FROM (
                           SELECT month.day, sold.partner_id, sold.company_id, sold.unit, SUM(sold.amount) AS amount,
                                  SUM(sold.worth) AS worth
                             FROM (
                                 SELECT sale.partner_id, sale.company_id, date_trunc('month', sale.date) AS month,
                                        %(unit)s AS unit, SUM(sale.amount) AS amount,
                                        SUM(sale.amount * %(rate)s) AS worth
                                   FROM (%(lines)s) sale
                                  WHERE sale.partner_id IS NOT NULL AND sale.partner_id NOT IN %(own)s
                                    AND sale.date >= %(months)s
                                  GROUP BY 1, 2, 3, 4
                             ) sold
                             JOIN %(ends)s month ON sold.month <= month.day
                                  AND sold.month > date_trunc('month', month.day) - interval '1 year'
                            GROUP BY 1, 2, 3, 4
                       ) yearly
                 ) customer
                WHERE customer.amount <> 0""",
            columns=self._select_columns(
                doc_id=SQL("customer.number"),
                line_id=SQL("customer.number"),
                date=SQL("customer.day"),
                company_id=SQL("customer.company_id"),
                partner_id=SQL("customer.partner_id"),
                documents=SQL("1"),
                amount=SQL("customer.amount"),
                part=SQL("customer.part"),
            ),
            unit=self._query_unit(scope, SQL("sale.partner_id")),
            rate=self._rate_to(scope.companies, scope.currency),
            lines=self._query_revenue_documents(scope, months, end),
            own=tuple(scope.own.ids) or (0,),
            months=months,
            ends=self._query_month_ends(first, end),
        )

    def _query_coverage_lines(self, scope, first, end):
        """How the contact norms of each customer were kept in each month, as ``sdm.coverage`` counts them.

        A month asks by itself: who is overdue when it begins is due again.
        """
        today = fields.Date.context_today(self)
        months = [
            (month, min(periods.end_of(month), today))
            for month in periods.months_between(first, fields.Date.subtract(end, days=1))
        ]
        working = self.env["sdm.playbook"]._get_working_time_of(scope.main.id)
        return SQL(
            """SELECT %s FROM (%s) coverage
                 JOIN sdm_segment segment ON segment.id = coverage.segment_id AND segment.scheme_id = %s
                 LEFT JOIN hr_employee seller ON seller.id = coverage.employee_id AND seller.company_id IN %s""",
            self._select_columns(
                doc_id=SQL("coverage.id"),
                line_id=SQL("coverage.id"),
                date=SQL("coverage.last_day"),
                company_id=SQL("COALESCE(seller.company_id, %s)", scope.main.id),
                partner_id=SQL("coverage.partner_id"),
                segment_id=SQL("coverage.segment_id"),
                is_late=SQL("coverage.overdue > 0"),
                documents=SQL("1"),
                due=SQL("coverage.required"),
                done=SQL("coverage.done"),
                counted=SQL("coverage.counted"),
                hours=SQL("coverage.required * coverage.minutes / 60.0"),
            ),
            self.env["sdm.coverage"]._query_coverage(months, working, scope.zone),
            scope.scheme.id or 0,
            tuple(scope.companies.ids),
            to_flush=[*self._get_fields("sdm.segment", "scheme_id"), *self._get_columns_to_flush()],
        )

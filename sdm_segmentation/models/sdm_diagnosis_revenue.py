from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import sellers
from ..engine.diagnosis import Measurement, share

RESULT_MONTHS = 12
HISTORY_MONTHS = 24
# Share of the revenue that the customers "who make the year" bring (ABC's usual limit).
CORE_SHARE = Decimal("0.8")
MINIMUM_VARIATION_MONTHS = 6
SOURCE_CODES = {
    "customer_top_share",
    "customer_concentration",
    "customer_new_share",
    "customer_lost",
    "revenue_variation",
}


class SdmDiagnosis(models.Model):
    """Figures on money: on whom the revenue rests, who came and went, how even it is, discounts and receivables."""

    _inherit = "sdm.diagnosis"

    def _get_measurements(self, counts):
        return {
            **super()._get_measurements(counts),
            **self._measure_concentration(),
            "revenue_variation": self._measure_variation(),
            "discount": self._measure_discount(),
            "receivable_overdue": self._measure_receivables(),
        }

    def _get_source_codes(self):
        return super()._get_source_codes() | SOURCE_CODES

    def _find_revenue_source(self):
        """The source of revenue: the one chosen, or the best that has anything in the last 24 months.

        :return: ``invoice``, ``order`` or ``deal``
        """
        if self.revenue_source != "auto":
            return self.revenue_source
        end = self.date + timedelta(days=1)
        start = end - relativedelta(months=HISTORY_MONTHS)
        return self.env["sdm.sales.source"]._find_best(self.company_id, start, end, self._get_zone())

    def _query_revenue(self, source):
        """SQL of rows (customer, date, amount in the company's currency) up to the date.

        :param source: ``invoice`` (refunds negative), ``order`` or ``deal`` (the customer may be NULL)
        """
        sales = self.env["sdm.sales.source"]._query(self.company_id, source, zone=self._get_zone())
        return SQL("SELECT customer, date, amount FROM (%s) sale WHERE date <= %s", sales, self.date)

    def _query_customers(self):
        """SQL of two tables: ``customer`` with the revenue of this year and the last, ``ranked`` with the buyers."""
        end = self.date + timedelta(days=1)
        return SQL(
            """
            customer AS (
                SELECT customer AS id,
                       COALESCE(SUM(amount) FILTER (WHERE date >= %(year)s), 0) AS amount,
                       COALESCE(SUM(amount) FILTER (WHERE date >= %(before)s AND date < %(year)s), 0) AS earlier,
                       MIN(date) AS first_date
                  FROM (%(revenue)s) revenue
                 WHERE customer IS NOT NULL
                 GROUP BY customer
            ), ranked AS (
                SELECT id, amount, first_date >= %(year)s AS is_new,
                       SUM(amount) OVER (ORDER BY amount DESC, id ROWS UNBOUNDED PRECEDING) - amount
                           < %(core)s * SUM(amount) OVER () AS is_core,
                       SUM(amount) OVER () AS total
                  FROM customer
                 WHERE amount > 0
            )""",
            year=end - relativedelta(months=RESULT_MONTHS),
            before=end - relativedelta(months=HISTORY_MONTHS),
            core=CORE_SHARE,
            revenue=self._query_revenue(self.measured_source),
        )

    def _measure_concentration(self):
        """Largest customer, customers that bring 80 %, customers lost, revenue from new ones: one pass over revenue.

        SQL, since it ranks all customers: up to a million groups that need not come to Python.
        """
        [row] = self.env.execute_query(
            SQL(
                """
                WITH %s
                SELECT COUNT(*) AS buyers,
                       COALESCE(MAX(total), 0),
                       COALESCE(MAX(amount), 0),
                       (SELECT id FROM ranked ORDER BY amount DESC, id LIMIT 1),
                       COUNT(*) FILTER (WHERE is_core),
                       COALESCE(SUM(amount) FILTER (WHERE is_new), 0),
                       COUNT(*) FILTER (WHERE is_new),
                       (SELECT COUNT(*) FROM customer WHERE earlier > 0),
                       (SELECT COUNT(*) FROM customer WHERE earlier > 0 AND amount <= 0),
                       (SELECT MIN(first_date) FROM customer)
                  FROM ranked
                """,
                self._query_customers(),
            )
        )
        buyers, total, top, top_id, core, new_amount, new_count, earlier, lost, first_date = row
        # Nobody can be told new or lost unless the year before is there as well, but for its first month.
        before = self.date + timedelta(days=1) - relativedelta(months=HISTORY_MONTHS)
        has_history = bool(first_date and first_date < before + relativedelta(months=1))
        amounts = {"total_amount": float(total)}
        top_name = self.env["res.partner"].browse(top_id).display_name if top_id else ""
        return {
            "customer_top_share": Measurement(
                float(top / total) if total else None,
                buyers,
                1,
                {"customer": top_name, "customer_amount": float(top), **amounts},
            ),
            "customer_concentration": share(core, buyers, **amounts),
            "customer_lost": share(lost, earlier) if has_history else Measurement(None),
            "customer_new_share": Measurement(
                float(new_amount / total) if total and has_history else None,
                buyers,
                new_count,
                {"new_amount": float(new_amount), **amounts},
            ),
        }

    def _measure_variation(self):
        """How uneven revenue is over the last twelve full months, from the first month with revenue on."""
        end = self.date + timedelta(days=1)
        end = end.replace(day=1)
        start = end - relativedelta(months=RESULT_MONTHS)
        rows = dict(
            self.env.execute_query(
                SQL(
                    """SELECT DATE_TRUNC('month', date)::date, SUM(amount)::text FROM (%s) revenue
                        WHERE date >= %s AND date < %s GROUP BY 1""",
                    self._query_revenue(self.measured_source),
                    start,
                    end,
                )
            )
        )
        months = [start + relativedelta(months=index) for index in range(RESULT_MONTHS)]
        amounts = {month: Decimal(rows.get(month) or 0) for month in months if rows and month >= min(rows)}
        if len(amounts) < MINIMUM_VARIATION_MONTHS:
            return Measurement(None, len(amounts))
        measurement = sellers.variation(amounts)
        best, worst = measurement.details.get("best"), measurement.details.get("worst")
        if best is None:
            return measurement
        details = {
            "best_month": fields.Date.to_string(best),
            "best_amount": float(amounts[best]),
            "worst_month": fields.Date.to_string(worst),
            "worst_amount": float(amounts[worst]),
        }
        return replace(measurement, details=details)

    def _measure_discount(self):
        """Discount given on the lines of confirmed orders, by their value before discount."""
        line, order = self.env["sale.order.line"]._fields, self.env["sale.order"]._fields
        [(gross, discount, count)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(gross), 0), COALESCE(SUM(gross * discount / 100), 0), COUNT(*)
                  FROM (
                    SELECT line.price_unit * line.product_uom_qty / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS gross,
                           line.discount
                      FROM sale_order_line line JOIN sale_order sale ON sale.id = line.order_id
                     WHERE sale.state = 'sale' AND sale.company_id = %s
                       AND sale.date_order >= %s AND sale.date_order < %s
                       AND line.display_type IS NULL AND line.price_unit > 0 AND line.product_uom_qty > 0
                  ) line
                """,
                self.company_id.id,
                *self._get_window(RESULT_MONTHS),
                to_flush=[
                    *(line[name] for name in ("price_unit", "product_uom_qty", "discount", "display_type", "order_id")),
                    *(order[name] for name in ("currency_rate", "state", "company_id", "date_order")),
                ],
            )
        )
        details = {"discount_amount": float(discount), "gross_amount": float(gross)}
        return Measurement(float(discount / gross) if gross else None, count, count, details)

    def _get_receivable_domain(self):
        return (
            Domain("move_type", "=", "out_invoice")
            & Domain("state", "=", "posted")
            & Domain("amount_residual_signed", ">", 0)
            & Domain("company_id", "=", self.company_id.id)
        )

    def _measure_receivables(self):
        """Overdue money by all money that customers owe, as it stands now."""
        model = self._get_model("account.move")
        [(total, count)] = model._read_group(
            self._get_receivable_domain(), [], ["amount_residual_signed:sum", "__count"]
        )
        [(overdue, overdue_count)] = model._read_group(
            self._get_receivable_domain() & Domain("invoice_date_due", "<", self.date),
            [],
            ["amount_residual_signed:sum", "__count"],
        )
        details = {"overdue_amount": float(overdue or 0), "total_amount": float(total or 0)}
        return Measurement(overdue / total if total else None, count, overdue_count, details)

    def _query_core_customers(self):
        return SQL("WITH %s SELECT id FROM ranked WHERE is_core", self._query_customers())

    def _query_new_customers(self):
        return SQL("WITH %s SELECT id FROM ranked WHERE is_new", self._query_customers())

    def _query_lost_customers(self):
        return SQL("WITH %s SELECT id FROM customer WHERE earlier > 0 AND amount <= 0", self._query_customers())

    def _prepare_customers_action(self, query):
        """Customers that a query found; ids, since no domain can say who ranks where."""
        ids = [customer_id for (customer_id,) in self.env.execute_query(query)]
        return "res.partner", Domain("id", "in", ids), {}

    def _prepare_revenue_action(self):
        """Revenue of the window by customer and month, in Odoo's own pivot of the source."""
        start, end = self._get_window(RESULT_MONTHS)
        company = Domain("company_id", "=", self.company_id.id)
        if self.measured_source == "invoice":
            first = self.date + timedelta(days=1) - relativedelta(months=RESULT_MONTHS)
            domain = (
                Domain("move_type", "in", ["out_invoice", "out_refund"])
                & Domain("state", "=", "posted")
                & Domain("invoice_date", ">=", first)
                & Domain("invoice_date", "<=", self.date)
            )
            return self._prepare_pivot("account.invoice.report", domain & company, "invoice_date", "price_subtotal")
        if self.measured_source == "order":
            domain = Domain("state", "=", "sale") & Domain("date", ">=", start) & Domain("date", "<", end)
            return self._prepare_pivot("sale.report", domain & company, "date", "price_subtotal")
        model_name, domain = self._get_populations()["won_deal"]
        return self._prepare_pivot(model_name, domain, "date_closed", "expected_revenue", "partner_id")

    @api.model
    def _prepare_pivot(self, model_name, domain, date_field, measure, row="commercial_partner_id"):
        context = {
            "pivot_row_groupby": [row],
            "pivot_column_groupby": [f"{date_field}:month"],
            "pivot_measures": [measure],
        }
        return model_name, domain, {"views": [(False, "pivot"), (False, "list")], "context": context}

    def _get_record_actions(self):
        return {
            **super()._get_record_actions(),
            "customer_top_share": self._prepare_revenue_action,
            "customer_concentration": lambda: self._prepare_customers_action(self._query_core_customers()),
            "customer_new_share": lambda: self._prepare_customers_action(self._query_new_customers()),
            "revenue_variation": self._prepare_revenue_action,
            "customer_lost": lambda: self._prepare_customers_action(self._query_lost_customers()),
            "discount": self._prepare_discount_action,
            "receivable_overdue": lambda: (
                "account.move",
                self._get_receivable_domain() & Domain("invoice_date_due", "<", self.date),
                {},
            ),
        }

    def _prepare_discount_action(self):
        start, end = self._get_window(RESULT_MONTHS)
        ordered = Domain("state", "=", "sale") & Domain("date_order", ">=", start) & Domain("date_order", "<", end)
        domain = Domain("order_id", "any", ordered & Domain("company_id", "=", self.company_id.id))
        return "sale.order.line", domain & Domain("discount", ">", 0), {"views": [(False, "list")]}

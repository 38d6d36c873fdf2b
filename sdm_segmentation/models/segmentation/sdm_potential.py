from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ...engine.segmentation.wallet import BEST_YEAR, ENTERED, PRESENT

# The potential is of a year, so what is bought is counted over a year too
MONTHS = 12
SOURCES = [
    ("estimate", "Own estimate"),
    ("customer", "Told by the customer"),
    ("tender", "Tenders and purchase plans"),
    ("public", "Public reports"),
]
CONFIDENCES = [
    ("25", "A guess"),
    ("50", "Likely"),
    ("75", "Well founded"),
    ("100", "Known for sure"),
]


class SdmPotential(models.Model):
    """How much a customer could buy of our kind of goods in a year, as somebody knew it on a day. Rows are history."""

    _name = "sdm.potential"
    _description = "Potential of a Customer"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=["|", ("is_company", "=", True), ("parent_id", "=", False)],
    )
    amount = fields.Monetary(
        "Potential a year",
        required=True,
        help="What the customer buys of our kind of goods in a year, from us and from others, without tax.",
    )
    source = fields.Selection(SOURCES, required=True, default="estimate", help="How we know.")
    date = fields.Date("As of", required=True, default=fields.Date.context_today)
    confidence = fields.Selection(CONFIDENCES, help="How sure it is.")
    note = fields.Text()
    user_id = fields.Many2one(
        "res.users", string="Entered by", required=True, readonly=True, default=lambda self: self.env.uid
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, help="Its currency counts."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    _amount_range = models.Constraint("CHECK(amount >= 0)", "A potential is zero or more.")

    @api.constrains("partner_id")
    def _check_partner_id(self):
        for potential in self:
            customer = potential.partner_id.commercial_partner_id
            if potential.partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s. Enter the potential there.",
                        contact=potential.partner_id.name,
                        customer=customer.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")
        if not self.env.su and {"partner_id", "user_id"} & vals.keys():
            raise AccessError(self.env._("Whose potential it is and who entered it stays. Enter another one."))
        return super().write(vals)

    @api.model
    def _query_wallets(self, customers, sales, companies, currency, date, valid_days):
        """SQL of rows (customer, sales, potential, basis, year, entered, day, source, confidence, stale): what each
        customer could buy in a year and how much of it is bought from us. Oracle: ``engine.segmentation.wallet``.

        The potential is the one entered last, while it is fresh, else the largest year that the customer ever bought;
        never less than the sales of now. Who has none is left out.

        :param customers: SQL of a query of their ids; :param sales: SQL of rows (customer, date, amount)
        :param companies: res.company whose entries count; :param currency: res.currency of the amounts
        :param date: the day; :param valid_days: an entered potential is good for so many days, 0: for ever
        """
        end = date + relativedelta(days=1)
        names = ("partner_id", "amount", "date", "source", "confidence", "company_id")
        return SQL(
            """WITH customer (id) AS MATERIALIZED (%(customers)s),
            sold_year AS (
                SELECT customer, EXTRACT(YEAR FROM date)::int AS year, SUM(amount) AS amount,
                       COALESCE(SUM(amount) FILTER (WHERE date >= %(start)s), 0) AS recent
                  FROM (%(sales)s) sale
                 WHERE date < %(end)s AND customer IN (SELECT id FROM customer)
                 GROUP BY 1, 2
            ),
            sold AS (
                SELECT customer, SUM(recent) AS recent, MAX(amount) AS best,
                       (ARRAY_AGG(year ORDER BY amount DESC, year DESC))[1] AS year
                  FROM sold_year GROUP BY customer
            ),
            entered AS (
                SELECT DISTINCT ON (partner_id) partner_id, amount * %(rate)s AS amount, date, source, confidence,
                       %(valid_days)s > 0 AND %(date)s::date - date > %(valid_days)s AS stale
                  FROM sdm_potential sale
                 WHERE date <= %(date)s AND company_id IN %(companies)s
                 ORDER BY partner_id, date DESC, amount * %(rate)s DESC, id DESC
            ),
            known AS (
                SELECT customer.id AS customer, COALESCE(sold.recent, 0) AS sales,
                       CASE WHEN NOT entered.stale THEN entered.amount ELSE COALESCE(sold.best, 0) END AS amount,
                       CASE WHEN NOT entered.stale THEN %(entered)s ELSE %(best_year)s END AS basis,
                       sold.year, entered.amount AS entered, entered.date AS day, entered.source, entered.confidence,
                       COALESCE(entered.stale, FALSE) AS stale
                  FROM customer
                  LEFT JOIN sold ON sold.customer = customer.id
                  LEFT JOIN entered ON entered.partner_id = customer.id
            )
            SELECT customer, sales, GREATEST(sales, amount) AS potential,
                   CASE WHEN sales > amount THEN %(present)s ELSE basis END AS basis,
                   CASE WHEN sales <= amount AND basis = %(best_year)s THEN year END AS year,
                   entered, day, source, confidence, stale
              FROM known
             WHERE GREATEST(sales, amount) > 0""",
            customers=customers,
            sales=sales,
            start=end - relativedelta(months=MONTHS),
            end=end,
            # an entry has a company and a date as a sale has
            rate=self.env["sdm.sales.source"]._rate_to(companies, currency),
            valid_days=valid_days,
            date=date,
            companies=tuple(companies.ids),
            entered=ENTERED,
            best_year=BEST_YEAR,
            present=PRESENT,
            to_flush=[self._fields[name] for name in names],
        )

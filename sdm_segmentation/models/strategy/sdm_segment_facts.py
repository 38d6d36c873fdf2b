from dataclasses import dataclass
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

MONTHS = 12
# As in a new scheme by potential
POTENTIAL_DAYS = 365


@dataclass(frozen=True)
class Facts:
    """What a segment is today.

    :param customers: how many are in it; :param revenue: what they bought in twelve months, without tax
    :param before: what the same customers bought in the twelve months before
    :param potential: what they could buy in a year; :param bought: how much of it they buy from us
    :param entered: for how many of them somebody entered a potential that still counts
    """

    customers: int = 0
    revenue: float = 0.0
    before: float = 0.0
    potential: float = 0.0
    bought: float = 0.0
    entered: int = 0

    @property
    def growth(self):
        """Change of the revenue, 0.1 for a tenth more; None where nothing was sold before."""
        return self.revenue / self.before - 1 if self.before > 0 else None

    @property
    def share(self):
        """Share of wallet, 0..1; None where no potential is known."""
        return self.bought / self.potential if self.potential > 0 else None


class SdmSegment(models.Model):
    """What stands beside the strategy of a segment: customers and money, in two queries for a perimeter's segments."""

    _inherit = "sdm.segment"

    def _get_facts(self, date=None):
        """Customers and revenue of segments, of the customers that the person who asks may see.

        :param date: last day of the twelve months, today if none
        :return: dict {segment: Facts}, each of the segments is there
        """
        date = date or fields.Date.context_today(self)
        segments = self._origin
        facts = dict.fromkeys(segments, Facts())
        for perimeter, found in segments.sudo().grouped("perimeter_id").items():
            for segment_id, *values in found.sudo(False)._query_facts(perimeter, date):
                facts[self.browse(segment_id)] = Facts(*values)
        return facts

    def _query_facts(self, perimeter, date):
        """Rows (segment, customers, revenue, revenue before). By SQL, since a segment may hold a million customers."""
        end = date + timedelta(days=1)
        start = end - relativedelta(months=MONTHS)
        earlier = start - relativedelta(months=MONTHS)
        Source = self.env["sdm.sales.source"].sudo()
        companies = perimeter._get_companies()
        sales = Source._query(
            companies,
            Source._find_best(companies, earlier, end, self.env.user.tz or "UTC"),
            currency=perimeter.currency_id,
            zone=self.env.user.tz or "UTC",
        )
        wallets = self.env["sdm.potential"]._query_wallets(
            SQL("SELECT partner_id FROM member"), sales, companies, perimeter.currency_id, date, POTENTIAL_DAYS
        )
        members = self.env["sdm.segment.membership"]._search([("segment_id", "in", self.ids), ("date_to", "=", False)])
        columns = [SQL.identifier(members.table, name) for name in ("segment_id", "partner_id")]
        return self.env.execute_query(
            SQL(
                """WITH member AS MATERIALIZED %(members)s,
                sold AS (
                    SELECT customer,
                           SUM(amount) FILTER (WHERE date >= %(start)s) AS revenue,
                           SUM(amount) FILTER (WHERE date < %(start)s) AS before
                      FROM (%(sales)s) sale
                     WHERE date >= %(earlier)s AND date < %(end)s
                       AND customer IN (SELECT partner_id FROM member)
                     GROUP BY customer
                )
                SELECT segment_id, COUNT(*), COALESCE(SUM(revenue), 0)::float, COALESCE(SUM(before), 0)::float,
                       COALESCE(SUM(potential), 0)::float, COALESCE(SUM(GREATEST(sales, 0)), 0)::float,
                       COUNT(*) FILTER (WHERE day IS NOT NULL AND NOT stale)
                  FROM member
                  LEFT JOIN sold ON sold.customer = member.partner_id
                  LEFT JOIN (%(wallets)s) wallet ON wallet.customer = member.partner_id
                 GROUP BY segment_id""",
                members=members.subselect(*columns),
                start=start,
                earlier=earlier,
                end=end,
                sales=sales,
                wallets=wallets,
            )
        )

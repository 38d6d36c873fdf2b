from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...engine.options import OptionError
from ...engine.segmentation import xyz

SEASON_MONTHS = 24


class SdmSchemeVersion(models.Model):
    """XYZ: classes by how much the sales of full months vary. Oracle: ``engine.segmentation.xyz``."""

    _inherit = "sdm.scheme.version"

    def _check_xyz(self):
        self._check_rising()
        if self.window_months < 2:
            raise ValidationError(self.env._("One month does not vary. Set “Months looked back” to 2 or more."))

    def _get_window(self, date):
        if self.method != "xyz":
            return super()._get_window(date)
        # full months only: a running one looks like a fall
        end = (date + relativedelta(days=1)).replace(day=1)
        return end - relativedelta(months=self.window_months), end

    def _classify_xyz(self, date):
        count = self.window_months
        divisor = count * (count - 1) if self.deviation == "sample" else count * count
        squared = divisor if self.deviation == "sample" else 1
        positions = self._positions_by_limits(
            lambda limit, _first: SQL(
                "spread * %(weight)s * 10000 <= %(limit)s::numeric * %(limit)s::numeric * total * total * %(degrees)s",
                weight=count if squared != 1 else 1,
                limit=limit,
                degrees=count - 1 if squared != 1 else 1,
            )
        )
        return SQL(
            """WITH month AS (
                SELECT unit, DATE_TRUNC('month', date) AS month, SUM(amount) AS amount FROM sale GROUP BY 1, 2
            ),
            level AS (SELECT unit, %(value)s AS amount FROM month),
            summed AS (SELECT unit, SUM(amount) AS total, SUM(amount * amount) AS squares FROM level GROUP BY unit),
            varied AS (SELECT unit, total, %(count)s * squares - total * total AS spread FROM summed WHERE total > 0)
            SELECT unit, %(positions)s, total AS amount,
                   jsonb_build_object(
                       'coefficient', SQRT(GREATEST(spread, 0) / %(divisor)s) / (total / %(count)s) * 100,
                       'mean', total / %(count)s, 'months', %(count)s::int
                   ) AS details
              FROM varied""",
            value=self._query_level(date),
            count=count,
            divisor=divisor,
            positions=positions,
        )

    def _query_level(self, date):
        """SQL of a month's amount, without the season where that is chosen."""
        indices = self._get_seasonal_indices(date) if self.is_deseasonalised else ()
        if not indices:
            return SQL("amount")
        whens = [
            SQL("WHEN %s THEN %s::numeric", number, str(index))
            for number, index in enumerate(indices, start=1)
            # what is sold in a month in which nothing is expected counts in full
            if index
        ]
        return SQL("amount / CASE EXTRACT(MONTH FROM month) %s ELSE 1 END", SQL(" ").join(whens))

    def _get_seasonal_indices(self, date):
        """Seasonal index of each calendar month from the sales of all customers, in two full years."""
        end = self._get_window(date)[1]
        first = end - relativedelta(months=SEASON_MONTHS)
        rows = self.env.execute_query(
            SQL(
                """SELECT DATE_TRUNC('month', date)::date, SUM(amount)::text FROM (%s) sale
                    WHERE date >= %s AND date < %s GROUP BY 1""",
                self._query_sales(date),
                first,
                end,
            )
        )
        amounts = {month: Decimal(amount) for month, amount in rows}
        try:
            return xyz.seasonal_indices(xyz.fill_months(amounts, first, SEASON_MONTHS), first)
        except OptionError as error:
            raise UserError(
                self.env._(
                    "The season cannot be known: it takes two years of sales up to %(date)s. "
                    "Take off “Without the season”.",
                    date=end,
                )
            ) from error

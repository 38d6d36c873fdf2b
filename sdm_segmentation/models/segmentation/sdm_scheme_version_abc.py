from odoo import models
from odoo.tools import SQL


class SdmSchemeVersion(models.Model):
    """ABC: classes by the cumulative share of the total. Oracle: ``engine.segmentation.abc``."""

    _inherit = "sdm.scheme.version"

    def _check_abc(self):
        self._check_rising(last=100)

    def _classify_abc(self, date):
        def is_within(limit, is_first):
            if self.abc_rule == "crossing":
                return SQL("before * 100 < %s::numeric * total", limit)
            within = SQL("(before + amount) * 100 <= %s::numeric * total", limit)
            # the largest customer is in the first class even if it is above the limit alone
            return SQL("(rank = 1 OR %s)", within) if is_first else within

        last = SQL(", ").join([SQL("%s", len(self._get_lines()))] * (3 if self._has_margins() else 1))
        without_sales = SQL(
            """UNION ALL
            SELECT scope.unit, %(last)s, COALESCE(worth.amount, 0), jsonb_build_object()
              FROM (SELECT DISTINCT unit FROM scope) scope LEFT JOIN worth ON worth.unit = scope.unit
             WHERE worth.amount IS NULL OR worth.amount <= 0""",
            last=last,
        )
        return SQL(
            """WITH worth AS (SELECT unit, SUM(amount) AS amount FROM sale GROUP BY unit),
            ranked AS (
                SELECT unit, amount,
                       ROW_NUMBER() OVER largest_first AS rank,
                       SUM(amount) OVER largest_first - amount AS before,
                       SUM(amount) OVER () AS total
                  FROM worth
                 WHERE amount > 0
                WINDOW largest_first AS (ORDER BY amount DESC, unit ROWS UNBOUNDED PRECEDING)
            )
            SELECT unit, %(positions)s, amount,
                   jsonb_build_object('rank', rank, 'before', before, 'total', total) AS details
              FROM ranked
            %(without_sales)s""",
            positions=self._positions_by_limits(is_within),
            without_sales=without_sales if self.without_sales == "last" else SQL(""),
        )

    def _query_curve(self, date):
        """SQL of a hundred points (share of customers, share of the total) for the cumulative curve of a preview."""
        return SQL(
            """WITH %s,
            worth AS (SELECT unit, SUM(amount) AS amount FROM sale GROUP BY unit),
            ranked AS (
                SELECT ROW_NUMBER() OVER largest_first AS rank,
                       SUM(amount) OVER largest_first AS running,
                       SUM(amount) OVER () AS total,
                       COUNT(*) OVER () AS count
                  FROM worth
                 WHERE amount > 0
                WINDOW largest_first AS (ORDER BY amount DESC, unit ROWS UNBOUNDED PRECEDING)
            )
            SELECT rank::float / count, (running / total)::float
              FROM ranked
             WHERE rank = 1 OR rank = count OR rank %% GREATEST(count / 100, 1) = 0
             ORDER BY rank""",
            self._query_classes(date),
        )

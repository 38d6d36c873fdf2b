from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...engine.segmentation.life_cycle import ACTIVE, LOST, NEW, SLEEPING, STATES, Options

# Of the engine: how many days with sales make an own interval, and in how many months a seasonal customer buys at most
RULE = Options()


class SdmSchemeVersion(models.Model):
    """New, active, sleeping, lost by each customer's own interval. Oracle: ``engine.segmentation.life_cycle``."""

    _inherit = "sdm.scheme.version"

    def _check_life_cycle(self):
        if self.sleeping_multiple < 1:
            raise ValidationError(
                self.env._("“Sleeping after” is at least 1: within the usual interval nobody sleeps.")
            )

    def _check_missing_life_cycle(self):
        known = self.line_ids.mapped("state_code")
        if sorted(filter(None, known)) != sorted(STATES):
            raise UserError(
                self.env._("A life cycle has four classes: new, active, sleeping, lost. Make it from its template.")
            )

    def _classify_life_cycle(self, date):
        position = {line.state_code: place for place, line in enumerate(self._get_lines(), start=1)}
        return SQL(
            """WITH day AS (SELECT unit, date, SUM(amount) AS amount FROM sale WHERE amount > 0 GROUP BY unit, date),
            step AS (
                SELECT unit, date, amount, date - LAG(date) OVER (PARTITION BY unit ORDER BY date) AS gap FROM day
            ),
            history AS (
                SELECT unit, COUNT(*) AS orders, MIN(date) AS first_day, MAX(date) AS last_day, SUM(amount) AS amount,
                       CASE WHEN COUNT(*) >= %(minimum)s
                            THEN GREATEST(PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY gap)::numeric, %(shortest)s)
                            ELSE %(default)s::numeric END AS interval,
                       ARRAY_AGG(DISTINCT EXTRACT(MONTH FROM date)::int) AS months
                  FROM step GROUP BY unit
            ),
            %(season)s,
            expected AS (
                SELECT history.*, season.next_day IS NOT NULL AS is_seasonal,
                       COALESCE(season.next_day, last_day + FLOOR(interval)::int) AS expected_day
                  FROM history LEFT JOIN season ON season.unit = history.unit
            ),
            placed AS (
                SELECT *,
                       expected_day + FLOOR((%(sleeping)s::numeric - 1) * interval)::int + 1 AS sleeps_from,
                       expected_day + FLOOR((%(lost)s::numeric - 1) * interval)::int + 1 AS lost_from
                  FROM expected
            ),
            named AS (
                SELECT *, CASE WHEN %(day)s::date >= lost_from THEN %(is_lost)s
                               WHEN %(day)s::date >= sleeps_from THEN %(is_sleeping)s
                               WHEN %(day)s::date - first_day < %(new_days)s THEN %(is_new)s
                               ELSE %(is_active)s END AS position
                  FROM placed
            )
            SELECT unit, position, amount,
                   jsonb_build_object(
                       'orders', orders, 'interval', interval, 'silence', %(day)s::date - last_day,
                       'expected', expected_day, 'sleeps_from', sleeps_from, 'lost_from', lost_from,
                       'is_own', orders >= %(minimum)s, 'is_seasonal', is_seasonal
                   ) AS details
              FROM named""",
            minimum=RULE.minimum_orders,
            shortest=RULE.minimum_interval,
            default=self.default_interval,
            season=self._query_season(),
            sleeping=f"{self.sleeping_multiple:.2f}",
            lost=f"{self.lost_multiple:.2f}",
            day=date,
            new_days=self.new_days,
            is_new=position[NEW],
            is_active=position[ACTIVE],
            is_sleeping=position[SLEEPING],
            is_lost=position[LOST],
        )

    def _query_season(self):
        """SQL of the tables that end in ``season`` (unit, next_day): until when a seasonal customer is expected.

        Seasonal is who buys in few months of the year only, and in each run of such months in two years at least.
        """
        if not self.is_season_aware:
            return SQL("season AS (SELECT NULL::int AS unit, NULL::date AS next_day WHERE FALSE)")
        # a season begins with the month before which none is; few months have few steps back
        starts = SQL(" ").join(
            SQL(
                "WHEN NOT (EXTRACT(MONTH FROM date)::int + %s) %% 12 + 1 = ANY(months) "
                "THEN (EXTRACT(MONTH FROM date)::int + %s) %% 12 + 1",
                10 - back,
                11 - back,
            )
            for back in range(RULE.season_months + 1)
        )
        return SQL(
            """candidate AS (
                SELECT unit, months, last_day FROM history
                 WHERE orders >= %(minimum)s AND CARDINALITY(months) <= %(months)s
            ),
            run AS (
                SELECT unit, begins, COUNT(DISTINCT EXTRACT(YEAR FROM date)::int
                           - (EXTRACT(MONTH FROM date) < begins)::int) AS years
                  FROM (SELECT day.unit, day.date, CASE %(starts)s END AS begins
                          FROM day JOIN candidate ON candidate.unit = day.unit) dated
                 GROUP BY unit, begins
            ),
            steady AS (
                SELECT candidate.unit, months, last_day, EXTRACT(MONTH FROM last_day)::int AS month
                  FROM candidate JOIN run ON run.unit = candidate.unit
                 GROUP BY candidate.unit, months, last_day HAVING MIN(years) >= 2
            ),
            -- customers share few calendars: how long until the end of the month in which the next season begins
            calendar AS (
                SELECT months, month,
                       (SELECT MIN(ahead) + 1 FROM GENERATE_SERIES(1, 12) ahead
                         WHERE (month + ahead - 1) %% 12 + 1 = ANY(months)
                           AND NOT (month + ahead - 2) %% 12 + 1 = ANY(months)) AS ahead
                  FROM (SELECT DISTINCT months, month FROM steady) known
            ),
            season AS (
                SELECT unit, (DATE_TRUNC('month', last_day) + MAKE_INTERVAL(months => ahead))::date - 1 AS next_day
                  FROM steady JOIN calendar USING (months, month)
            )""",
            minimum=RULE.minimum_orders,
            months=RULE.season_months,
            starts=starts,
        )

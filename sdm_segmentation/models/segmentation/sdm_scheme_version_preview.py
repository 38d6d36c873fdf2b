from dataclasses import dataclass

from odoo import fields, models
from odoo.tools import SQL

from ...engine.segmentation.rfm import MEASURES

BARS = 20
# Customers of each class that a preview names
SAMPLE = 5


@dataclass(frozen=True)
class Scale:
    """A number by which customers are classed, cut into bars.

    :param value: SQL of it over ``classified``
    :param low: where the first bar begins; :param high: where the last one ends
    :param bars: how many; :param limits: (id of the segment that ends or begins there, or False; number)
    """

    value: SQL
    low: float
    high: float
    bars: int
    limits: tuple = ()


class SdmSchemeVersion(models.Model):
    """What a preview shows besides who would move: customers in none, the curve, rules that never decide."""

    _inherit = "sdm.scheme.version"

    def _get_preview_details(self, date):
        """Warnings and curves of a version.

        :param date: last day of the window
        :return: dict ready for JSON
        """
        self.ensure_one()
        details = {"scope": self._count_scope(), "newest": self._find_newest(date)}
        if self.method == "abc":
            details["curve"] = [list(point) for point in self.env.execute_query(self._query_curve(date))]
        scale = self._get_scale()
        if scale:
            details["spread"] = self._spread_over(scale, date)
        if self.method == "rules":
            details["rules"] = self._judge_rules(date)
        segments = self._get_lines().segment_id
        details["samples"] = [
            {"segment": segments[position - 1].id, "customers": customers}
            for position, customers in self._find_samples(date)
        ]
        details["leads"] = [
            {"segment": segments[position - 1].id if position else None, "leads": leads}
            for position, leads in self._count_leads()
        ]
        return details

    def _find_samples(self, date):
        """The customers with the largest amount of each class.

        :return: list of (position, list of their ids)
        """
        return self.env.execute_query(
            SQL(
                """WITH %s,
                ranked AS (
                    SELECT position, partner_id,
                           ROW_NUMBER() OVER (PARTITION BY position ORDER BY amount DESC, partner_id) AS rank
                      FROM classified
                )
                SELECT position, ARRAY_AGG(partner_id ORDER BY rank) FROM ranked WHERE rank <= %s GROUP BY position""",
                self._query_classes(date),
                SAMPLE,
            )
        )

    def _get_scale(self):
        """The number by which customers are classed, for the chart of its spread.

        :return: Scale, None where a method goes by none
        """
        lines = self._get_lines()
        limits = tuple((line.segment_id.id, line.limit) for line in lines[:-1])
        if self.method == "ideal_client":
            return Scale(SQL("(details->>'score')::numeric"), 0, 100, BARS, limits)
        if self.method == "xyz":
            last = max((limit for _segment, limit in limits), default=50)
            return Scale(SQL("(details->>'coefficient')::numeric"), 0, 2 * last, BARS, limits)
        if self.method == "wallet":
            share = SQL("GREATEST(amount, 0) * 100 / (details->>'potential')::numeric")
            return Scale(share, 0, 100, BARS, ((False, self.share_limit),))
        if self.method == "rfm":
            scores = SQL(" + ").join(SQL("(details->>%s)::int", axis) for axis in MEASURES)
            best = len(MEASURES) * self.bin_count
            # whole numbers: each has a bar of its own
            return Scale(scores, len(MEASURES), best + 1, best + 1 - len(MEASURES))
        return None

    def _spread_over(self, scale, date):
        """How many customers of which class lie where on a scale; what lies beyond its end is in the last bar.

        :param scale: Scale; :param date: last day of the window
        :return: dict ready for JSON
        """
        rows = self.env.execute_query(
            SQL(
                """WITH %(classes)s
                SELECT LEAST(GREATEST(WIDTH_BUCKET(%(value)s, %(low)s::numeric, %(high)s::numeric, %(bars)s), 1),
                             %(bars)s) AS bar, position, COUNT(*)
                  FROM classified GROUP BY bar, position ORDER BY bar, position""",
                classes=self._query_classes(date),
                value=scale.value,
                low=f"{scale.low:.4f}",
                high=f"{scale.high:.4f}",
                bars=scale.bars,
            )
        )
        segments = self._get_lines().segment_id
        return {
            "low": scale.low,
            "high": scale.high,
            "bars": scale.bars,
            "limits": [list(limit) for limit in scale.limits],
            "customers": [[bar - 1, segments[position - 1].id, count] for bar, position, count in rows],
        }

    def _count_scope(self):
        [[count]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM (%s) scope", self._query_scope()))
        return count

    def _find_newest(self, date):
        """Day of the newest sale, where the window has none; else False."""
        start, end = self._get_window(date)
        [[newest, found]] = self.env.execute_query(
            SQL(
                "SELECT MAX(date), COUNT(*) FILTER (WHERE date >= %s AND date < %s) > 0 FROM (%s) sale",
                start,
                end,
                self._query_sales(date),
            )
        )
        return fields.Date.to_string(newest) if newest and not found else False

    def _judge_rules(self, date):
        """What each rule does among the others, and which pairs share customers.

        :return: dict with ``summaries`` (segment, matched, decided) and ``overlaps`` (first, second, customers)
        """
        segments = self._get_lines().segment_id
        matched, decided = [0] * len(segments), [0] * len(segments)
        overlaps = {}
        for *holds, customers in self._count_matches(date):
            places = [place for place, hold in enumerate(holds) if hold]
            for place in places:
                matched[place] += customers
            if places:
                decided[places[0]] += customers
            for number, first in enumerate(places):
                for second in places[number + 1 :]:
                    overlaps[first, second] = overlaps.get((first, second), 0) + customers
        return {
            "summaries": [
                {"segment": segment.id, "matched": matched[place], "decided": decided[place]}
                for place, segment in enumerate(segments)
            ],
            "overlaps": [
                {"first": segments[first].id, "second": segments[second].id, "customers": customers}
                for (first, second), customers in sorted(overlaps.items())
            ],
        }

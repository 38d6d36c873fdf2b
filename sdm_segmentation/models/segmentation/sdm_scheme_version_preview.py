from odoo import fields, models
from odoo.tools import SQL


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
        if self.method == "rules":
            details["rules"] = self._judge_rules(date)
        segments = self._get_lines().segment_id
        details["leads"] = [
            {"segment": segments[position - 1].id if position else None, "leads": leads}
            for position, leads in self._count_leads()
        ]
        return details

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

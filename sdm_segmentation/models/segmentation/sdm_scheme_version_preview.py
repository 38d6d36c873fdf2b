from odoo import models
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
        details = {"scope": self._count_scope(), "warnings": []}
        if self.method == "abc":
            details["curve"] = [list(point) for point in self.env.execute_query(self._query_curve(date))]
        if self.method == "rules":
            details["rules"] = self._judge_rules(date)
        return details

    def _count_scope(self):
        [[count]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM (%s) scope", self._query_scope()))
        return count

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


class SdmSegmentationRun(models.Model):
    """A preview in words and ready numbers, for the widget that draws it."""

    _inherit = "sdm.segmentation.run"

    def _tell_preview(self):
        """What the widget shows: sizes, moves, warnings.

        :return: dict ready for JSON; texts are in the reader's language
        """
        self.ensure_one()
        statistics = self.statistics or {}
        sizes = statistics.get("sizes", [])
        moves = statistics.get("moves", [])
        total = sum(size["amount"] for size in sizes)
        segments = {segment.id: segment for segment in self.scheme_id.with_context(active_test=False).segment_ids}
        tell = self.version_id._tell_amount
        percent = self.version_id._tell_percent

        def name(segment_id):
            return segments[segment_id].name if segment_id in segments else self.env._("None")

        return {
            "run": self.id,
            "state": self.state,
            "error": self.error or "",
            "sizes": [
                {
                    "id": size["segment"],
                    "name": name(size["segment"]),
                    "color": segments[size["segment"]].color if size["segment"] in segments else 0,
                    "customers": size["customers"],
                    "before": size["before"],
                    "share": size["customers"] / self.customer_count if self.customer_count else 0,
                    "amount": tell(size["amount"]),
                    "amount_share": size["amount"] / total if total > 0 else 0,
                    "amount_percent": percent(100 * size["amount"] / total) if total > 0 else "",
                }
                for size in sizes
            ],
            "customers": self.customer_count,
            "total": tell(total),
            "in_none": max(statistics.get("scope", 0) - self.customer_count, 0),
            "changed": self.changed_count,
            "moves": [
                {
                    "before": name(move["before"]),
                    "after": name(move["after"]),
                    "before_id": move["before"],
                    "after_id": move["after"],
                    "customers": move["customers"],
                    "amount": tell(move["amount"]),
                }
                for move in sorted(moves, key=lambda move: -abs(move["amount"]))
                if move["before"] != move["after"]
            ],
            "warnings": self._tell_warnings(statistics, name),
            "curve": statistics.get("curve", []),
        }

    def _tell_warnings(self, statistics, name):
        """What is wrong with the classes, a sentence each.

        :param name: function segment id -> name
        """
        rules = statistics.get("rules") or {"summaries": [], "overlaps": []}
        warnings = []
        for summary in rules["summaries"]:
            if not summary["matched"]:
                warnings.append(self.env._("“%(segment)s”: its rule holds for nobody.", segment=name(summary["segment"])))
            elif not summary["decided"]:
                warnings.append(
                    self.env._(
                        "“%(segment)s” can never be reached: rules above it take all %(count)s customers.",
                        segment=name(summary["segment"]),
                        count=summary["matched"],
                    )
                )
        for overlap in rules["overlaps"]:
            warnings.append(
                self.env._(
                    "“%(first)s” and “%(second)s” share customers: %(count)s. The rule above decides.",
                    first=name(overlap["first"]),
                    second=name(overlap["second"]),
                    count=overlap["customers"],
                )
            )
        empty = [size for size in statistics.get("sizes", []) if not size["customers"]]
        if not rules["summaries"]:
            warnings += [self.env._("“%(segment)s” is empty.", segment=name(size["segment"])) for size in empty]
        return warnings

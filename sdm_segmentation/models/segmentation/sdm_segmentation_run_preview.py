from datetime import timedelta

from odoo import models
from odoo.tools import format_date


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

        samples = {found["segment"]: found["customers"] for found in statistics.get("samples", [])}
        seen = self.env["res.partner"].browse([key for keys in samples.values() for key in keys]).exists()
        names = {partner.id: partner.name or "" for partner in seen._filtered_access("read")}

        def name(segment_id):
            return segments[segment_id].name if segment_id in segments else self.env._("No class")

        return {
            "run": self.id,
            "state": self.state,
            # changes are kept until they are carried out
            "can_open": self.state == "staged",
            "error": self.error or "",
            "sizes": [
                {
                    "id": size["segment"],
                    "name": name(size["segment"]),
                    "color": segments[size["segment"]].color if size["segment"] in segments else 0,
                    "customers": size["customers"],
                    "examples": ", ".join(names[key] for key in samples.get(size["segment"], []) if key in names),
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
            "leads": [
                {
                    "name": name(found["segment"]) if found["segment"] else self.env._("Unclassified"),
                    "leads": found["leads"],
                }
                for found in sorted(
                    statistics.get("leads", []), key=lambda found: [*segments, None].index(found["segment"])
                )
            ],
            "warnings": self._tell_warnings(statistics, name),
            "curve": statistics.get("curve", []),
            "spread": self._tell_spread(statistics.get("spread"), segments),
        }

    def _tell_spread(self, spread, segments):
        """The chart of how customers lie on the number by which they are classed.

        :param spread: as the version counted it, or None; :param segments: {id: sdm.segment}
        :return: dict ready for JSON, False where the method goes by no number
        """
        if not spread:
            return False
        titles = {
            "ideal_client": self.env._("Customers by score"),
            "xyz": self.env._("Customers by variation, %"),
            "wallet": self.env._("Customers by share of wallet, %"),
            "rfm": self.env._("Customers by the sum of their three scores"),
        }
        step = (spread["high"] - spread["low"]) / spread["bars"]
        number = self.version_id._tell_number
        order = list(segments)
        by_segment = {}
        for bar, segment, customers in spread["customers"]:
            bars = by_segment.setdefault(segment, [0] * spread["bars"])
            bars[bar] += customers
        return {
            "title": titles[self.version_id.method],
            "empty": "" if by_segment else self.env._("No customer has such a number yet: nothing to draw."),
            "labels": [number(spread["low"] + bar * step) for bar in range(spread["bars"])],
            "classes": [
                {"name": segments[segment].name, "place": order.index(segment), "customers": by_segment[segment]}
                for segment in sorted(by_segment, key=order.index)
            ],
            "limits": [
                {
                    "at": (limit - spread["low"]) / (spread["high"] - spread["low"]),
                    "name": " ".join(filter(None, [segment and segments[segment].name, number(limit)])),
                }
                for segment, limit in spread["limits"]
            ],
        }

    def _tell_warnings(self, statistics, name):
        """What is wrong with the classes, a sentence each.

        :param name: function segment id -> name
        """
        rules = statistics.get("rules") or {"summaries": [], "overlaps": []}
        warnings = []
        if not statistics.get("scope", 1):
            warnings.append(self.env._("There are no customers yet. Put in force, each gets its class as it comes."))
        if statistics.get("newest"):
            start, end = self.version_id._get_window(self.date)
            warnings.append(
                self.env._(
                    "Nothing was sold from %(start)s to %(end)s. The newest sale is of %(date)s: look back longer.",
                    start=format_date(self.env, start),
                    end=format_date(self.env, end - timedelta(days=1)),
                    date=format_date(self.env, statistics["newest"]),
                )
            )
        for summary in rules["summaries"]:
            if not summary["matched"]:
                warnings.append(
                    self.env._("“%(segment)s”: its rule holds for nobody.", segment=name(summary["segment"]))
                )
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
        # where nothing was sold, all are, and that is said above
        if not rules["summaries"] and len(empty) < len(statistics.get("sizes", [])):
            warnings += [self.env._("“%(segment)s” is empty.", segment=name(size["segment"])) for size in empty]
        return warnings

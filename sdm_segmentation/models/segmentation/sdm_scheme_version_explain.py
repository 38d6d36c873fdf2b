from datetime import date as Date
from datetime import timedelta

from odoo import models
from odoo.tools import format_date, formatLang

from ..sdm_diagnosis_measure import NO_BREAK


class SdmSchemeVersion(models.Model):
    """Why a customer is in its class: one sentence, and the values it was computed from.

    Numbers are kept with the class; words are made for the reader's language.
    """

    _inherit = "sdm.scheme.version"

    def _explain(self, membership):
        """Explain a computed class.

        :param membership: sdm.segment.membership of this version
        :return: tuple (sentence, list of (label, text))
        """
        self.ensure_one()
        explain = getattr(self, f"_explain_{self.method}", None)
        # beside the values stands which run they are of
        details = {name: value for name, value in (membership.details or {}).items() if name != "run"}
        if not membership.computed_segment_id:
            return self.env._("The scheme gives no class to this customer."), []
        if not explain or not details:
            return self.env._("By %(version)s.", version=self.display_name), []
        sentence, rows = explain(membership, details)
        return sentence, [*rows, *self._explain_run(membership)]

    def _explain_run(self, membership):
        """What every explanation ends with: money, window, limits, run and version."""
        # who reads a class may know when it was computed; runs as such are for the director
        run = membership._get_computing_run()
        start, end = self._get_window(run.date or membership.date_from)
        sources = dict(self._fields["source"]._description_selection(self.env))
        sign = "≥" if self.method == "ideal_client" else "≤"
        limits = ", ".join(
            f"{line.segment_id.name} {sign}{NO_BREAK}{self._tell_number(line.limit)}"
            for line in self._get_lines()
            if line.limit
        )
        return [
            (self._tell_choice("measure"), self._tell_amount(membership.amount)),
            (self.env._("Counted from"), sources.get(run.source, "")),
            (
                self.env._("Window"),
                f"{format_date(self.env, start)} – {format_date(self.env, end - timedelta(days=1))}",
            ),
            *([(self.env._("Limits"), limits)] if self.has_limits and limits else []),
            (self.env._("Computed"), run.display_name or ""),
            (self.env._("Version"), self.display_name),
        ]

    def _explain_abc(self, membership, details):
        name = membership.computed_segment_id.name
        if "rank" not in details:
            return (
                self.env._("%(name)s, since there were no sales in the window.", name=name),
                [],
            )
        before = details["before"] / details["total"]
        share = membership.amount / details["total"]
        return (
            self.env._(
                "%(name)s: number %(rank)s by %(measure)s with %(amount)s; the larger customers bring %(before)s of "
                "the total, with this one %(with)s.",
                name=name,
                rank=details["rank"],
                measure=self._tell_choice("measure").lower(),
                amount=self._tell_amount(membership.amount),
                before=self._tell_percent(before * 100),
                **{"with": self._tell_percent((before + share) * 100)},
            ),
            [
                (self.env._("Place by amount"), str(details["rank"])),
                (self.env._("Share before"), self._tell_percent(before * 100)),
                (self.env._("Own share"), self._tell_percent(share * 100)),
                (self.env._("Total"), self._tell_amount(details["total"])),
                (self._fields["abc_rule"]._description_string(self.env), self._tell_choice("abc_rule")),
            ],
        )

    def _explain_xyz(self, membership, details):
        coefficient = self._tell_percent(details["coefficient"])
        return (
            self.env._(
                "%(name)s: its %(months)s months vary by %(coefficient)s around %(mean)s.",
                name=membership.computed_segment_id.name,
                months=details["months"],
                coefficient=coefficient,
                mean=self._tell_amount(details["mean"]),
            ),
            [
                (self.env._("Variation"), coefficient),
                (self.env._("Monthly average"), self._tell_amount(details["mean"])),
                (self._fields["deviation"]._description_string(self.env), self._tell_choice("deviation")),
            ],
        )

    def _explain_rfm(self, membership, details):
        scores = f"{details['recency']}-{details['frequency']}-{details['money']}"
        return (
            self.env._(
                "%(name)s: bought %(days)s days ago, %(orders)s times, for %(amount)s; scores %(scores)s of "
                "%(best)s at best.",
                name=membership.computed_segment_id.name,
                days=details["days"],
                orders=details["orders"],
                amount=self._tell_amount(membership.amount),
                scores=scores,
                best=self.bin_count,
            ),
            [
                (self.env._("Days since the last sale"), str(details["days"])),
                (self.env._("Sales"), str(details["orders"])),
                (self.env._("Scores: recency, frequency, money"), scores),
            ],
        )

    def _explain_life_cycle(self, membership, details):
        interval = self._tell_number(details["interval"])
        rows = [
            (self.env._("Days with sales"), str(details["orders"])),
            (self.env._("Usual interval, days"), interval),
            (self.env._("Next sale expected by"), format_date(self.env, details["expected"])),
            (self.env._("Sleeps from"), format_date(self.env, details["sleeps_from"])),
            (self.env._("Lost from"), format_date(self.env, details["lost_from"])),
        ]
        words = {
            "name": membership.computed_segment_id.name,
            "silence": details["silence"],
            "interval": interval,
        }
        if details["is_seasonal"]:
            return self.env._(
                "%(name)s: buys in a season only; silent for %(silence)s days, expected in its next season.", **words
            ), rows
        if details["is_own"]:
            return self.env._("%(name)s: silent for %(silence)s days, usually buys every %(interval)s.", **words), rows
        return self.env._(
            "%(name)s: silent for %(silence)s days; too few orders for an own interval, %(interval)s days are taken.",
            **words,
        ), rows

    def _explain_rules(self, membership, details):
        line = self._get_lines().filtered(lambda line: line.segment_id == membership.computed_segment_id)
        return (
            self.env._(
                "%(name)s: rule %(number)s is the first that holds.",
                name=membership.computed_segment_id.name,
                number=details["rule"],
            ),
            [
                (self.env._("Rule"), "; ".join(filter(None, [line.domain, *line._tell_measured()]))),
                *(
                    [
                        (self.env._("Sales in the window"), str(details["orders"])),
                        (
                            self.env._("Last sale"),
                            format_date(self.env, Date.fromisoformat(details["last"])) if details["last"] else "–",
                        ),
                    ]
                    if "orders" in details
                    else []
                ),
            ],
        )

    def _explain_matrix(self, membership, details):
        segments = self.env["sdm.segment"].browse([details["row"], details["column"]])
        row, column = segments
        return (
            self.env._(
                "%(name)s: %(row)s in “%(first)s” and %(column)s in “%(second)s”.",
                name=membership.computed_segment_id.name,
                row=row.name,
                first=row.scheme_id.name,
                column=column.name,
                second=column.scheme_id.name,
            ),
            [(row.scheme_id.name, row.name), (column.scheme_id.name, column.name)],
        )

    # -- words --------------------------------------------------------------------------------------------------------

    def _tell_amount(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id, rounding_unit="units")

    def _tell_number(self, number):
        return formatLang(self.env, number, digits=0 if number == int(number) else 2)

    def _tell_percent(self, percent):
        return f"{formatLang(self.env, percent, digits=1)}{NO_BREAK}%"

    def _tell_choice(self, field_name):
        return dict(self._fields[field_name]._description_selection(self.env))[self[field_name]]

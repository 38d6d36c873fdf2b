from decimal import Decimal, InvalidOperation

from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...engine.segmentation.rfm import LEVELS, MEASURES


class SdmSchemeVersion(models.Model):
    """RFM: scores by quantiles or fixed values, named by ordered rules. Oracle: ``engine.segmentation.rfm``."""

    _inherit = "sdm.scheme.version"

    def _check_rfm(self):
        for line in self.line_ids:
            for axis in MEASURES:
                if not 1 <= line[f"{axis}_from"] <= line[f"{axis}_to"] <= LEVELS:
                    raise ValidationError(
                        self.env._(
                            "“%(segment)s”: scores go from 1 to 5, and “from” is not above “to”. Correct the row.",
                            segment=line.segment_id.name,
                        )
                    )
        if self.cut_method == "fixed":
            for axis in MEASURES:
                self._parse_cuts(axis)

    def _parse_cuts(self, axis):
        """The fixed values at which the scores of an axis end.

        :param axis: ``recency``, ``frequency`` or ``money``
        :return: list of Decimal, rising
        :raise ValidationError: not rising, no numbers, or not one fewer than scores
        """
        field = self._fields[f"{axis}_cuts"]
        try:
            cuts = [Decimal(text.replace(",", ".")) for text in (self[field.name] or "").replace(" ", "").split(";")]
        except InvalidOperation as error:
            raise ValidationError(
                self.env._(
                    "“%(field)s” holds something that is no number. Write values like 30; 90; 180; 365.",
                    field=field._description_string(self.env),
                )
            ) from error
        if len(cuts) != self.bin_count - 1 or sorted(set(cuts)) != cuts:
            raise ValidationError(
                self.env._(
                    "“%(field)s” needs %(count)s rising values, one fewer than scores.",
                    field=field._description_string(self.env),
                    count=self.bin_count - 1,
                )
            )
        return cuts

    def _classify_rfm(self, date):
        whens = [
            SQL(
                "WHEN %s THEN %s",
                SQL(" AND ").join(
                    SQL("%s BETWEEN %s AND %s", self._level(axis), line[f"{axis}_from"], line[f"{axis}_to"])
                    for axis in MEASURES
                    # most classes leave an axis open
                    if (line[f"{axis}_from"], line[f"{axis}_to"]) != (1, LEVELS)
                )
                or SQL("TRUE"),
                position,
            )
            for position, line in enumerate(self._get_lines(), start=1)
        ]
        return SQL(
            """WITH worth AS (
                SELECT unit, %(last_day)s::date - MAX(date) FILTER (WHERE amount > 0) AS recency,
                       COUNT(*) FILTER (WHERE amount > 0) AS frequency, SUM(amount) AS money
                  FROM sale GROUP BY unit HAVING COUNT(*) FILTER (WHERE amount > 0) > 0
            ),
            -- once: taken for a few rows, customers would each have their cuts measured again
            cut AS MATERIALIZED (SELECT %(cuts)s %(measured)s),
            scored AS (
                SELECT unit, worth.money AS amount, worth.recency AS days, worth.frequency AS orders, %(scores)s
                  FROM worth CROSS JOIN cut
                OFFSET 0
            ),
            named AS (SELECT *, CASE %(whens)s END AS position FROM scored OFFSET 0)
            SELECT unit, position, amount,
                   jsonb_build_object('days', days, 'orders', orders,
                                      'recency', recency, 'frequency', frequency, 'money', money) AS details
              FROM named""",
            last_day=date,
            cuts=SQL(", ").join(self._cut(axis) for axis in MEASURES),
            # one row in either case: quantiles are measured, values are given
            measured=SQL("FROM worth") if self.cut_method == "quantile" else SQL(""),
            scores=SQL(", ").join(self._score(axis) for axis in MEASURES),
            whens=SQL(" ").join(whens),
        )

    def _cut(self, axis):
        """SQL of the values at which scores end, with their signs turned so that they rise as ``_score`` needs."""
        name = SQL.identifier(axis)
        if self.cut_method == "fixed":
            values = [SQL("%s::float", str(-cut)) for cut in reversed(self._parse_cuts(axis))]
            return SQL("ARRAY[%s] AS %s", SQL(", ").join(values), name)
        quantiles = [SQL("%s::float", part / self.bin_count) for part in range(1, self.bin_count)]
        # PERCENTILE_CONT is the quantile of type 7
        return SQL(
            "PERCENTILE_CONT(ARRAY[%s]) WITHIN GROUP (ORDER BY -%s::float) AS %s", SQL(", ").join(quantiles), name, name
        )

    def _score(self, axis):
        """SQL of a score: one more for each cut that the value is above; of days, fewer are better.

        WIDTH_BUCKET counts cuts at or above the value, since both have turned signs; a value within the last digits of
        a float is on the cut.
        """
        name = SQL.identifier(axis)
        value = SQL("worth.%s::float", name)
        reached = SQL("WIDTH_BUCKET(1e-9 * GREATEST(1, ABS(%s)) - %s, cut.%s)", value, value, name)
        if axis == "recency":
            return SQL("1 + %s AS %s", reached, name)
        return SQL("%s - %s AS %s", self.bin_count, reached, name)

    def _level(self, axis):
        """SQL of the level 1..5 of a score, by the rule of the engine."""
        if self.bin_count == LEVELS:
            return SQL.identifier(axis)
        steps = self.bin_count - 1
        return SQL(
            "1 + (2 * (%s - 1) * %s + %s) / (2 * %s)",
            SQL.identifier(axis),
            SQL(str(LEVELS - 1)),
            SQL(str(steps)),
            SQL(str(steps)),
        )

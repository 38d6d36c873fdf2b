from fractions import Fraction

from odoo import fields, models

from ..engine.plan.pace import Weighted, band_of

# what open deals become once they are won
SALES_SOURCES = {"revenue", "won", "order", "invoice"}
# as Odoo colours: below the first bound, from the first, from the second
BANDS = ("danger", "warning", "success")


class SdmKpi(models.Model):
    """How an attainment is judged: the colours of a scorecard, and what it weighs in the index."""

    _inherit = "sdm.kpi"

    weight = fields.Float(
        "Weight in the index",
        default=1,
        digits=(16, 2),
        aggregator=None,
        help="Among the KPI of a scorecard; those without a value leave theirs to the others. 0: not in the index.",
    )
    cap = fields.Float(
        "Counts at most as",
        default=1.5,
        digits=(16, 4),
        aggregator=None,
        help="So that one KPI far above its plan does not hide the others in the index.",
    )
    floor = fields.Float("Counts at least as", default=0, digits=(16, 4), aggregator=None)
    yellow_from = fields.Float(
        default=0.8, digits=(16, 4), aggregator=None, help="Attainment of a month that is over; below is red."
    )
    green_from = fields.Float(default=1, digits=(16, 4), aggregator=None, help="Attainment of a month that is over.")
    pace_yellow_from = fields.Float(
        "Yellow on the way from",
        default=0.9,
        digits=(16, 4),
        aggregator=None,
        help="Pace in the running month; below is red.",
    )
    pace_green_from = fields.Float(
        "Green on the way from", default=1, digits=(16, 4), aggregator=None, help="Pace in the running month."
    )

    _bands_order = models.Constraint(
        "CHECK(yellow_from <= green_from AND pace_yellow_from <= pace_green_from)",
        "“Yellow from” of a KPI is below its “Green from”: choose a lower bound for yellow.",
    )
    _weight_range = models.Constraint("CHECK(weight >= 0)", "The weight of a KPI in the index is 0 or more.")
    _cap_range = models.Constraint(
        "CHECK(floor <= cap)", "What counts at most cannot be less than what counts at least."
    )

    def _get_band(self, value, is_running):
        """The colour of an attainment, or of the pace in the running month; None where there is none.

        :param value: 1 is all of the plan, or None
        """
        self.ensure_one()
        bounds = (self.pace_yellow_from, self.pace_green_from) if is_running else (self.yellow_from, self.green_from)
        band = band_of(
            None if value is None else Fraction(str(round(value, 4))), [Fraction(str(one)) for one in bounds]
        )
        return None if band is None else BANDS[band]

    def _prepare_engine_weighted(self, value):
        """What an attainment is in the index.

        :param value: 1 is all of the plan, or None
        """
        self.ensure_one()
        return Weighted(
            Fraction(str(self.weight)),
            None if value is None else Fraction(str(round(value, 4))),
            Fraction(str(self.cap)),
            Fraction(str(self.floor)),
        )

    def _counts_won_amount(self):
        """Whether open deals become a part of it once they are won."""
        return self._get_source() in SALES_SOURCES and self._get_measure() == "amount"

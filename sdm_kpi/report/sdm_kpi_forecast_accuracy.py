from odoo import fields, models
from odoo.tools import SQL

from ..models.sdm_kpi_forecast_snapshot import METHODS

# What is worked out of a group of rows: all misses, or the sum of what was too much, by all that came
SHARES = {"wape": "missed", "bias": "error"}
AMOUNTS = ("amount", "actual", "error", "missed")


class SdmKpiForecastAccuracy(models.Model):
    """Forecasts of months that are over beside what came. Oracle: ``engine.plan.accuracy``."""

    _name = "sdm.kpi.forecast.accuracy"
    _description = "Accuracy of Forecasts"
    _auto = False
    _order = "date desc, day desc, kpi_id, employee_id, method, id"
    _rec_name = "kpi_id"
    _depends = {
        "sdm.kpi.forecast.snapshot": [
            *("perimeter_id", "kpi_id", "date", "day", "working_day", "employee_id", "head_id", "team_id"),
            *("method", "amount", "actual"),
        ],
    }

    perimeter_id = fields.Many2one("sdm.perimeter", readonly=True)
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", readonly=True)
    date = fields.Date("Month", readonly=True)
    day = fields.Date("On the day", readonly=True)
    working_day = fields.Integer("Working day of the month", readonly=True, aggregator=None)
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    head_id = fields.Many2one("hr.employee", string="Group of", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales team", readonly=True)
    method = fields.Selection(METHODS, string="How it was told", readonly=True)
    amount = fields.Float("Forecast", digits=(16, 2), readonly=True)
    actual = fields.Float("Came", digits=(16, 2), readonly=True)
    error = fields.Float("Forecast less what came", digits=(16, 2), readonly=True)
    missed = fields.Float("Missed by", digits=(16, 2), readonly=True)
    wape = fields.Float(
        "Missed by, %",
        digits=(16, 1),
        readonly=True,
        aggregator="sum",
        help="All misses together by all that came (WAPE): a large seller counts more than a small one.",
    )
    mape = fields.Float(
        "Missed by on average, %",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="The mean of each one's miss by what came for that one (MAPE); who had nothing is left out.",
    )
    bias = fields.Float(
        "Too much, %",
        digits=(16, 1),
        readonly=True,
        aggregator="sum",
        help="How much too high forecasts were on the whole; below 0 they were too low.",
    )

    @property
    def _table_query(self):
        return SQL(
            """SELECT told.id, told.perimeter_id, told.kpi_id, told.date, told.day, told.working_day, told.employee_id,
                      told.head_id, told.team_id, told.method, told.amount, told.actual,
                      told.amount - told.actual AS error, ABS(told.amount - told.actual) AS missed,
                      100 * ABS(told.amount - told.actual) / NULLIF(ABS(told.actual), 0) AS wape,
                      100 * ABS(told.amount - told.actual) / NULLIF(ABS(told.actual), 0) AS mape,
                      100 * (told.amount - told.actual) / NULLIF(ABS(told.actual), 0) AS bias
                 FROM sdm_kpi_forecast_snapshot told
                WHERE told.actual IS NOT NULL AND told.perimeter_id = %s""",
            self.env["sdm.perimeter"]._get_asked().id or 0,
        )

    def _read_group_select(self, aggregate_spec, query):
        """What forecasts come to together: those of several KPI or ways to tell come to nothing, nor do amounts that
        were told of the same months on several days."""
        name, _separator, aggregator = aggregate_spec.partition(":")
        if name not in (*AMOUNTS, *SHARES, "mape") or aggregator not in ("sum", "avg"):
            return super()._read_group_select(aggregate_spec, query)

        def of(name):
            return self._field_to_sql(self._table, name, query)

        if name in SHARES:
            value = SQL("100 * SUM(%s) / NULLIF(SUM(ABS(%s)), 0)", of(SHARES[name]), of("actual"))
        else:
            value = SQL("AVG(%s)" if aggregator == "avg" else "SUM(%s)", of(name))
        alike = ["kpi_id", "method", *(["working_day"] if name in AMOUNTS else [])]
        one = SQL(" AND ").join(SQL("MIN(%s) = MAX(%s)", of(each), of(each)) for each in alike)
        return SQL("CASE WHEN %s THEN %s END", one, value)

    def action_open_days(self):
        """Open what was forecast for the same person and month day by day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_forecast_snapshot_action")
        names = ("kpi_id", "employee_id", "head_id")
        domain = [(name, "=", self[name].id) for name in names if name != "head_id" or not self.employee_id]
        return {**action, "domain": [("date", "=", self.date), *domain]}

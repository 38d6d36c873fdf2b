from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.engine.calendar import count_working_days

from ..engine import facts, periods
from ..engine.plan.forecast import seasonal
from ..engine.plan.pace import pace_of
from .plan.rows import insert_rows
from .sdm_my_plan import exact
from .sdm_period import CLOSED

METHODS = [
    ("run_rate", "As until now"),
    ("seasonal", "By the season"),
    ("pipeline", "With open deals"),
    ("commit", "Head: sure"),
    ("best", "Head: best case"),
]
# How many months each day is kept; later each fifth working day
KEPT_MONTHS = 3
KEPT_DAYS = 5
WRITTEN = (
    "perimeter_id",
    "kpi_id",
    "date",
    "day",
    "working_day",
    "employee_id",
    "head_id",
    "team_id",
    "method",
    "amount",
    "value",
    "target",
)


class SdmKpiForecastSnapshot(models.Model):
    """Where a month was expected to end, as it was told on a day: of each person, and of groups what heads expected.

    Taken each night after the facts, on working days; nobody enters rows. Once the month is over what came stands
    beside it, up to date until the month is closed.
    """

    _name = "sdm.kpi.forecast.snapshot"
    _description = "Forecast on a Day"
    _order = "day desc, kpi_id, employee_id, method, id"
    _rec_name = "kpi_id"
    _log_access = False

    perimeter_id = fields.Many2one("sdm.perimeter", required=True, ondelete="cascade")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, index=True, ondelete="cascade")
    date = fields.Date("Month", required=True)
    day = fields.Date("On the day", required=True)
    working_day = fields.Integer("Working day of the month", aggregator=None)
    employee_id = fields.Many2one("hr.employee", string="Person", index="btree_not_null", ondelete="cascade")
    head_id = fields.Many2one("hr.employee", string="Group of", ondelete="set null")
    team_id = fields.Many2one("crm.team", string="Sales team", ondelete="set null")
    method = fields.Selection(METHODS, string="How it was told", required=True)
    amount = fields.Float("Forecast", digits=(16, 2), required=True)
    value = fields.Float("Fact then", digits=(16, 2))
    target = fields.Float("Plan then", digits=(16, 2))
    actual = fields.Float("Came", digits=(16, 2), help="What the month came to in the end.")

    _day_idx = models.Index("(perimeter_id, date, kpi_id, day)")

    # -- taking -------------------------------------------------------------------------------------------------------

    @api.model
    def _take(self, perimeter):
        """Keep what is forecast today for the running month; again on the same day it is replaced.

        The number of queries depends on the groups whose heads have entered a forecast, and on nothing else.

        :param perimeter: sdm.perimeter
        """
        today = fields.Date.context_today(self)
        self._settle(perimeter, periods.month_of(today))
        calendar = self.env["sdm.calendar.day"]._get_production_calendar(company=perimeter._get_main_company())
        if not count_working_days(calendar, today, today):
            return
        number = count_working_days(calendar, periods.month_of(today), today)
        told = [*self._tell_people(perimeter, today), *self._tell_groups(perimeter, today)]
        self.flush_model()
        self.env.cr.execute(
            SQL("DELETE FROM sdm_kpi_forecast_snapshot WHERE perimeter_id = %s AND day = %s", perimeter.id, today)
        )
        given = (perimeter.id, periods.month_of(today), today, number)
        insert_rows(self, WRITTEN, [(given[0], kpi, *given[1:], *row) for kpi, *row in told])

    @api.model
    def _read(self, perimeter, month, domain, *groupby):
        """Facts and targets of a month of the KPI that are added up and have a target.

        :param groupby: fields before the KPI; :return: {(ids.., kpi): (value, target)}
        """
        Report = self.env["sdm.kpi.report"].with_context(sdm_perimeter=perimeter.id)
        rows = Report._read_group(
            domain & Domain("date", "=", month) & Domain("input_kpi_id.semantics", "=", facts.FLOW),
            [*groupby, "kpi_id"],
            ["value:sum", "target:sum"],
        )
        return {
            (*(key.id for key in keys), kpi): (value, target)
            for *keys, kpi, value, target in rows
            if kpi.semantics == facts.FLOW and target and target > 0
        }

    def _tell_people(self, perimeter, today):
        """What numbers say of each person who has a target.

        :return: list of tuples of ``WRITTEN`` from the KPI on, without what all have alike
        """
        month = periods.month_of(today)
        found = self._read(perimeter, month, Domain("employee_id", "!=", False), "employee_id")
        if not found:
            return []
        kpis = {kpi for _person, kpi in found}
        people = {person for person, _kpi in found}
        days = self.env["sdm.plan.target"]._get_working_days(perimeter, today)
        scorecard = self.env["sdm.scorecard"].with_context(sdm_perimeter=perimeter.id)
        history = scorecard._read_histories(
            Domain("employee_id", "in", list(people)), [kpi.id for kpi in kpis], month, "employee_id"
        )
        pipeline = scorecard._read_pipelines(Domain.TRUE, today, month, "employee_id")
        places = self._get_places(people, today)
        rows = []
        for (person, kpi), (value, target) in found.items():
            told = {
                "run_rate": pace_of(exact(target), exact(value), *days.get(person, days[None])).landing,
                "seasonal": seasonal(history.get((person, kpi.id), {}), month),
                "pipeline": exact(value) + exact(pipeline.get((person,))) if kpi._counts_won_amount() else None,
            }
            rows += [
                (kpi.id, person, *places.get(person, (None, None)), method, round(float(amount), 2), value or 0, target)
                for method, amount in told.items()
                if amount is not None
            ]
        return rows

    def _tell_groups(self, perimeter, today):
        """What heads expect of their groups, and the director of the company."""
        month = periods.month_of(today)
        entered = self.env["sdm.kpi.forecast"].search([("perimeter_id", "=", perimeter.id), ("date", "=", month)])
        rows = []
        for head, forecasts in entered.grouped("head_id").items():
            found = self._read(perimeter, month, self.env["sdm.scorecard"]._get_domain_of_group(head, today))
            for forecast in forecasts:
                value, target = found.get((forecast.kpi_id,), (0, 0))
                rows += [
                    (forecast.kpi_id.id, None, head.id or None, None, method, forecast[method], value or 0, target)
                    for method in ("commit", "best")
                ]
        return rows

    def _get_places(self, people, today):
        """The head and team of people today: {id: (head id, team id)}."""
        Position = self.env["sdm.position"]
        positions = Position.search_fetch(
            Domain("employee_id", "in", list(people)) & Position._get_domain_on(today),
            ["employee_id", "head_id", "team_id"],
        )
        return {one.employee_id.id: (one.head_id.id or None, one.team_id.id or None) for one in positions}

    # -- what came ----------------------------------------------------------------------------------------------------

    @api.model
    def _settle(self, perimeter, month):
        """Note what came in months that are over, again until they are closed.

        :param month: the running one
        """
        self.flush_model()
        unsettled = SQL(
            """told.perimeter_id = %(perimeter)s AND told.date < %(month)s AND (told.actual IS NULL OR NOT EXISTS (
                   SELECT FROM sdm_period period WHERE period.perimeter_id = told.perimeter_id
                      AND period.date = told.date AND period.state = %(closed)s))""",
            perimeter=perimeter.id,
            month=month,
            closed=CLOSED,
        )
        self.env["sdm.kpi.fact"].flush_model()
        self.env["sdm.period"].flush_model(["state"])
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_kpi_forecast_snapshot snapshot SET actual = came.value
                     FROM (SELECT told.kpi_id, told.date, told.employee_id, COALESCE(SUM(fact.value), 0) AS value
                             FROM (SELECT DISTINCT perimeter_id, kpi_id, date, employee_id
                                     FROM sdm_kpi_forecast_snapshot told
                                    WHERE employee_id IS NOT NULL AND %s) told
                             LEFT JOIN sdm_kpi_fact fact ON fact.perimeter_id = told.perimeter_id
                                  AND fact.kpi_id = told.kpi_id AND fact.date = told.date
                                  AND fact.employee_id = told.employee_id
                            GROUP BY told.kpi_id, told.date, told.employee_id) came
                    WHERE snapshot.perimeter_id = %s AND snapshot.kpi_id = came.kpi_id AND snapshot.date = came.date
                      AND snapshot.employee_id = came.employee_id AND snapshot.actual IS DISTINCT FROM came.value""",
                unsettled,
                perimeter.id,
            )
        )
        groups = self.env.execute_query(
            SQL(
                """SELECT DISTINCT told.date, told.head_id FROM sdm_kpi_forecast_snapshot told
                    WHERE told.employee_id IS NULL AND %s""",
                unsettled,
            )
        )
        for date, head_id in groups:
            self._settle_group(perimeter, date, self.env["hr.employee"].browse(head_id))
        self.invalidate_model()

    def _settle_group(self, perimeter, date, head):
        domain = self.env["sdm.scorecard"]._get_domain_of_group(head, periods.end_of(date))
        Report = self.env["sdm.kpi.report"].with_context(sdm_perimeter=perimeter.id)
        came = defaultdict(float)
        for kpi, value in Report._read_group(domain & Domain("date", "=", date), ["kpi_id"], ["value:sum"]):
            came[kpi.id] = value or 0
        told = self.search(
            [
                ("perimeter_id", "=", perimeter.id),
                ("date", "=", date),
                ("employee_id", "=", False),
                ("head_id", "=", head.id),
            ]
        )
        for kpi, snapshots in told.grouped("kpi_id").items():
            snapshots.actual = came[kpi.id]

    @api.autovacuum
    def _gc_days(self):
        """Of months gone by each fifth working day is enough to tell how right forecasts were."""
        month = periods.add_months(periods.month_of(fields.Date.context_today(self)), -KEPT_MONTHS)
        self.flush_model()
        self.env.cr.execute(
            SQL("DELETE FROM sdm_kpi_forecast_snapshot WHERE date < %s AND working_day %% %s <> 0", month, KEPT_DAYS)
        )
        self.invalidate_model()

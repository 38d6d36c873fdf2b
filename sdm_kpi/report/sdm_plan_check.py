from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import facts, periods

NOT_SET, MISMATCH = "not_set", "mismatch"


class SdmPlanCheck(models.Model):
    """What is not right in the plan of the context's ``sdm_plan_version``: people without a target, and goals of
    groups that their people together do not make.

    Who leads others needs no targets of the own. A share or a state of a person is judged by the group's or the
    company's where there is one.
    """

    _name = "sdm.plan.check"
    _description = "What is not Right in a Plan"
    _auto = False
    _order = "kind desc, kpi_id, date, head_id, employee_id, id"
    _rec_name = "kpi_id"
    _depends = {
        "sdm.plan.target": ["version_id", "kpi_id", "date", "employee_id", "head_id", "team_id", "value"],
        "sdm.plan.version": ["plan_id"],
        "sdm.plan": ["date_from", "date_to"],
        "sdm.position": ["employee_id", "head_id", "team_id", "company_id", "date_from", "date_to"],
        "sdm.kpi": ["semantics"],
    }

    version_id = fields.Many2one("sdm.plan.version", readonly=True)
    perimeter_id = fields.Many2one("sdm.perimeter", readonly=True)
    kind = fields.Selection([(NOT_SET, "Not set"), (MISMATCH, "Mismatch")], "What", readonly=True)
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", readonly=True)
    date = fields.Date("Month", readonly=True)
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    head_id = fields.Many2one("hr.employee", string="Group of", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales team", readonly=True)
    handed_down = fields.Float("Of its people", readonly=True, digits=(16, 2), aggregator=None)
    goal = fields.Float(readonly=True, digits=(16, 2), aggregator=None, help="Of the group or the company.")
    difference = fields.Float(
        readonly=True, digits=(16, 2), aggregator=None, help="Above 0: part of the goal that nobody has."
    )

    @property
    def _table_query(self):
        version = self._get_asked()
        plan = version.plan_id
        today = periods.month_of(fields.Date.context_today(self))
        return SQL(
            """SELECT found.*, %(version)s::int4 AS version_id, %(perimeter)s::int4 AS perimeter_id
                 FROM (%(not_set)s UNION ALL %(mismatch)s) found""",
            version=version.id or None,
            perimeter=plan.perimeter_id.id or None,
            not_set=self._query_not_set(version, today if today <= (plan.date_to or today) else plan.date_from),
            mismatch=self._query_mismatch(version),
        )

    @api.model
    def _get_asked(self):
        """The version that is checked; none where the person may not see it."""
        asked = self.env.context.get("sdm_plan_version")
        return self.env["sdm.plan.version"].search([("id", "=", asked)]) if asked else self.env["sdm.plan.version"]

    def _query_not_set(self, version, first):
        """People in a sales team without a target of a KPI that is planned by person, from a month on."""
        plan = version.plan_id
        return SQL(
            """SELECT (((%(version)s %% 256) * 1048576 + person.employee_id)::int8 * 4096 + planned.kpi_id) * 4096
                      + (person.date - DATE '2000-01-01') / 28 * 2 + 1 AS id,
                      %(kind)s::varchar AS kind, planned.kpi_id, person.date, person.employee_id, person.head_id,
                      person.team_id, NULL::numeric AS handed_down, NULL::numeric AS goal, NULL::numeric AS difference
                 FROM (SELECT target.kpi_id, kpi.semantics
                         FROM sdm_plan_target target JOIN sdm_kpi kpi ON kpi.id = target.kpi_id
                        WHERE target.version_id = %(version)s
                        GROUP BY target.kpi_id, kpi.semantics
                       HAVING BOOL_OR(target.employee_id IS NOT NULL)) planned
                CROSS JOIN (
                      SELECT DISTINCT ON (position.employee_id, month.date)
                             month.date, position.employee_id, position.head_id, position.team_id
                        FROM sdm_position position
                        JOIN generate_series(%(first)s::timestamp, %(last)s::timestamp, INTERVAL '1 month') step (day)
                          ON position.date_from < step.day + INTERVAL '1 month'
                         AND (position.date_to IS NULL OR position.date_to >= step.day)
                       CROSS JOIN LATERAL (SELECT step.day::date) month (date)
                       WHERE position.team_id IS NOT NULL AND position.company_id IN %(companies)s
                         AND NOT EXISTS (
                             SELECT FROM sdm_position led
                              WHERE led.head_id = position.employee_id
                                AND led.date_from < step.day + INTERVAL '1 month'
                                AND (led.date_to IS NULL OR led.date_to >= step.day))
                       ORDER BY position.employee_id, month.date, position.date_from DESC
                 ) person
                 -- two plain conditions: together in one they would be tried pair by pair
                 LEFT JOIN (
                      SELECT DISTINCT kpi_id, date, employee_id FROM sdm_plan_target WHERE version_id = %(version)s
                 ) own ON own.kpi_id = planned.kpi_id AND own.date = person.date
                      AND own.employee_id = person.employee_id
                WHERE own.kpi_id IS NULL
                  AND (planned.semantics = %(flow)s OR NOT EXISTS (
                      SELECT FROM sdm_plan_target wider
                       WHERE wider.version_id = %(version)s AND wider.kpi_id = planned.kpi_id
                         AND wider.date = person.date AND wider.employee_id IS NULL
                         AND (wider.head_id IS NULL OR wider.head_id = person.head_id)))""",
            kind=NOT_SET,
            version=version.id or 0,
            first=max(first, plan.date_from) if plan else first,
            last=plan.date_to or periods.add_months(first, -1),
            companies=tuple(plan.perimeter_id._get_companies().ids) if plan else (0,),
            flow=facts.FLOW,
        )

    def _query_mismatch(self, version):
        """Groups, and the company, with a part of their goal that nobody has, or with less than their people."""
        return SQL(
            """SELECT MIN(target.id)::int8 * 2, %(kind)s::varchar, target.kpi_id, target.date, NULL::int4,
                      target.head_id, NULL::int4,
                      SUM(target.value) FILTER (WHERE target.employee_id IS NOT NULL), SUM(target.value),
                      SUM(target.value) FILTER (WHERE target.employee_id IS NULL)
                 FROM sdm_plan_target target
                 JOIN sdm_kpi kpi ON kpi.id = target.kpi_id
                WHERE target.version_id = %(version)s AND kpi.semantics = %(flow)s
                GROUP BY target.kpi_id, target.date, target.head_id
               HAVING COALESCE(SUM(target.value) FILTER (WHERE target.employee_id IS NULL), 0) != 0""",
            kind=MISMATCH,
            version=version.id or 0,
            flow=facts.FLOW,
        )

from odoo import fields, models
from odoo.tools import SQL


class SdmPlanGap(models.Model):
    """What a plan asks of people beside what they commit to: the gap between above and below is a decision."""

    _name = "sdm.plan.gap"
    _description = "Targets and Commitments"
    _inherit = ["sdm.plan.cells"]
    _auto = False
    _order = "version_id desc, kpi_id, date, head_id, employee_id, id"
    _rec_name = "kpi_id"
    _depends = {
        "sdm.plan.target": [
            *("version_id", "perimeter_id", "kpi_id", "date", "employee_id", "head_id", "team_id"),
            *("value", "is_blended", "value_decided"),
        ],
        "sdm.plan.commitment": [
            *("version_id", "perimeter_id", "kpi_id", "date", "employee_id", "head_id", "value", "date_given"),
        ],
        "sdm.kpi": ["semantics"],
    }

    version_id = fields.Many2one("sdm.plan.version", readonly=True)
    perimeter_id = fields.Many2one("sdm.perimeter", readonly=True)
    is_commitment = fields.Boolean("Committed", readonly=True)
    target = fields.Float(readonly=True, digits=(16, 2), aggregator="sum")
    commitment = fields.Float(readonly=True, digits=(16, 2), aggregator="sum")
    gap = fields.Float(
        readonly=True, digits=(16, 2), aggregator="sum", help="Commitment less target: below 0 it is not enough."
    )

    @property
    def _table_query(self):
        return SQL(
            """SELECT target.id::int8 * 2 AS id, target.version_id, target.perimeter_id, target.kpi_id, target.date,
                      target.employee_id, target.head_id, target.team_id, FALSE AS is_commitment,
                      %(decided)s AS target, NULL::numeric AS commitment, - %(decided)s AS gap, %(cell)s AS cell
                 FROM sdm_plan_target target
                 JOIN sdm_kpi kpi ON kpi.id = target.kpi_id
                UNION ALL
               SELECT target.id::int8 * 2 + 1, target.version_id, target.perimeter_id, target.kpi_id, target.date,
                      target.employee_id, target.head_id, target.team_id, TRUE,
                      NULL::numeric, target.value, target.value, %(cell)s
                 FROM (SELECT given.*, own.team_id
                         FROM sdm_plan_commitment given
                         LEFT JOIN LATERAL (
                              SELECT asked.team_id FROM sdm_plan_target asked
                               WHERE asked.version_id = given.version_id AND asked.kpi_id = given.kpi_id
                                 AND asked.employee_id = given.employee_id AND asked.date = given.date
                               ORDER BY asked.id LIMIT 1
                         ) own ON TRUE
                        WHERE given.date_given IS NOT NULL) target
                 JOIN sdm_kpi kpi ON kpi.id = target.kpi_id""",
            decided=SQL("(CASE WHEN target.is_blended THEN target.value_decided ELSE target.value END)"),
            cell=self._get_cell_sql("target"),
        )

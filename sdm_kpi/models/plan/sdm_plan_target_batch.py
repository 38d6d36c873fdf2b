from odoo import fields, models
from odoo.tools import SQL

KEYS = ("date", "employee_id", "head_id", "team_id", "segment_id", "category_id")


class SdmPlanTarget(models.Model):
    """Targets written all at once."""

    _inherit = "sdm.plan.target"

    def _write_cells(self, version, kpi, cells):
        """Let these be a version's targets of a KPI; those held and of closed months stay, and what is there already is
        not touched.

        :param version: sdm.plan.version, a draft; :param kpi: sdm.kpi
        :param cells: {(engine cell, sales team id or None, month): amount}, none of them held or of a closed month
        :return: (number of targets made or changed, number removed)
        """
        version.check_access("write")
        self.browse().check_access("create")
        version._queue_behind_others()
        self.flush_model()
        names = SQL(", ").join(map(SQL.identifier, KEYS))
        rows = [(month, cell.person, cell.head, team, cell.segment, cell.category) for cell, team, month in cells]
        columns = list(zip(*rows, strict=True)) or [()] * len(KEYS)
        same = SQL(" AND ").join(
            SQL("COALESCE(target.%(key)s, 0) = COALESCE(wanted.%(key)s, 0)", key=SQL.identifier(key))
            for key in KEYS[1:]
        )
        [(written, removed)] = self.env.execute_query(
            SQL(
                """WITH wanted AS MATERIALIZED (
                    SELECT * FROM unnest(
                        %(dates)s::date[], %(people)s::int4[], %(heads)s::int4[], %(teams)s::int4[],
                        %(segments)s::int4[], %(categories)s::int4[], %(values)s::numeric[]
                    ) AS given (%(names)s, value)
                ),
                removed AS (
                    DELETE FROM sdm_plan_target target
                     WHERE target.version_id = %(version)s AND target.kpi_id = %(kpi)s AND NOT target.is_held
                       AND target.date <> ALL (%(closed)s::date[])
                       AND NOT EXISTS (SELECT FROM wanted WHERE target.date = wanted.date AND %(same)s)
                    RETURNING 1
                ),
                written AS (
                    INSERT INTO sdm_plan_target AS target (
                        version_id, perimeter_id, kpi_id, is_held, is_effective, create_uid, write_uid, create_date,
                        write_date, %(names)s, value
                    )
                    SELECT %(version)s, %(perimeter)s, %(kpi)s, FALSE, FALSE, %(user)s, %(user)s, %(now)s, %(now)s,
                           %(names)s, value
                      FROM wanted
                    ON CONFLICT (
                        version_id, kpi_id, date, COALESCE(employee_id, 0), COALESCE(head_id, 0),
                        COALESCE(team_id, 0), COALESCE(segment_id, 0), COALESCE(category_id, 0)
                    )
                    DO UPDATE SET value = EXCLUDED.value, write_uid = EXCLUDED.write_uid,
                                  write_date = EXCLUDED.write_date
                     WHERE NOT target.is_held AND target.value <> EXCLUDED.value
                    RETURNING 1
                )
                SELECT (SELECT COUNT(*) FROM written), (SELECT COUNT(*) FROM removed)""",
                **dict(
                    zip(
                        ("dates", "people", "heads", "teams", "segments", "categories"), map(list, columns), strict=True
                    )
                ),
                values=[str(amount) for amount in cells.values()],
                names=names,
                same=same,
                closed=list(version._get_closed_months(version.plan_id._get_months())),
                version=version.id,
                perimeter=version.perimeter_id.id,
                kpi=kpi.id,
                user=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        version.invalidate_recordset(["target_ids", "target_count"])
        return written, removed

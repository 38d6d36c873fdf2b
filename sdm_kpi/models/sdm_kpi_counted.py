from odoo import models
from odoo.tools import SQL

from ..engine import facts

# Where an entry has several records, the first of these is the document that it is of.
DOCUMENT_COLUMNS = {
    "meeting_id": "calendar.event",
    "value_id": "sdm.kpi.value",
    "activity_id": "mail.activity",
    "move_id": "account.move",
    "order_id": "sale.order",
    "lead_id": "crm.lead",
    "history_id": "sdm.kpi.history",
    "partner_id": "res.partner",
    "employee_id": "hr.employee",
    "company_id": "res.company",
}


class SdmKpi(models.Model):
    """What KPI count, document by document."""

    _inherit = "sdm.kpi"

    def _query_counted(self):
        """SQL of what each document counts for KPI of one source, from a relation named ``entry``.

        :return: SQL of rows (kpi_id, month, date, employee_id, head_id, team_id, segment_id, category_id, company_id,
            partner_id, res_model, res_id, credit, share, value)
        """
        tables, conditions = self._query_conditions()
        values = SQL(", ").join(
            SQL("%s AS %s", kpi._query_value(conditions[kpi]), SQL.identifier(f"value_{kpi.id}")) for kpi in self
        )
        rows = SQL(", ").join(
            SQL(
                "(%s, grouped.%s::numeric, %s, %s)",
                kpi.id,
                SQL.identifier(f"value_{kpi.id}"),
                kpi._has_categories(),
                kpi.semantics == facts.DISTINCT,
            )
            for kpi in self
        )

        def choose(result):
            return SQL(
                "CASE %s END",
                SQL(" ").join(
                    SQL("WHEN entry.%s IS NOT NULL THEN %s", SQL.identifier(column), result(column))
                    for column in DOCUMENT_COLUMNS
                ),
            )

        return SQL(
            """SELECT of_kpi.kpi_id, grouped.month, MIN(grouped.date) AS date, grouped.employee_id, grouped.head_id,
                      grouped.team_id, grouped.segment_id,
                      CASE WHEN of_kpi.has_categories THEN grouped.category_id END AS category_id,
                      grouped.company_id, grouped.partner_id, grouped.res_model::varchar AS res_model, grouped.res_id,
                      MIN(grouped.credit) AS credit, MIN(grouped.share) AS share,
                      CASE WHEN of_kpi.is_distinct THEN MAX(of_kpi.value) ELSE SUM(of_kpi.value) END AS value
                 FROM (
                     SELECT date_trunc('month', entry.date)::date AS month, MIN(entry.date) AS date,
                            entry.employee_id, entry.head_id, entry.team_id, entry.segment_id, entry.category_id,
                            entry.company_id, entry.partner_id, %(model)s AS res_model, %(number)s AS res_id,
                            MIN(entry.credit) AS credit, MIN(entry.share) AS share, %(values)s
                       FROM %(tables)s
                      GROUP BY 1, 3, 4, 5, 6, 7, 8, 9, 10, 11
                 ) grouped
                 CROSS JOIN LATERAL (VALUES %(rows)s) of_kpi (kpi_id, value, has_categories, is_distinct)
                GROUP BY 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, of_kpi.is_distinct
               HAVING SUM(of_kpi.value) <> 0""",
            model=choose(lambda column: SQL("%s", DOCUMENT_COLUMNS[column])),
            number=choose(lambda column: SQL("entry.%s", SQL.identifier(column))),
            values=values,
            tables=tables,
            rows=rows,
        )

    def _query_value(self, condition):
        """SQL of what the entries of a document count for the KPI; a customer counts once."""
        if self.semantics == facts.DISTINCT:
            return SQL("MAX(1) FILTER (WHERE entry.partner_id IS NOT NULL AND entry.share > 0 AND %s)", condition)
        return SQL("SUM(entry.%s) FILTER (WHERE %s)", SQL.identifier(self._get_measure()), condition)

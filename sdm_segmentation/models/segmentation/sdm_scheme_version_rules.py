from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL


class SdmSchemeVersion(models.Model):
    """Rules in order, the first that holds decides. Oracle: ``engine.segmentation.rules``."""

    _inherit = "sdm.scheme.version"

    def _check_rules(self):
        for line in self.line_ids:
            if not line.domain:
                raise UserError(
                    self.env._(
                        "“%(segment)s” has no rule. Say which customers come here.", segment=line.segment_id.name
                    )
                )

    def _query_matches(self):
        """Query over the customers in scope, and for each rule the SQL of whether it holds, in order."""
        partners = self.env["res.partner"].sudo()
        query = self._search_scope()
        conditions = [
            self._parse_domain(line.domain, line.segment_id.name)
            .optimize_full(partners)
            ._to_sql(partners, query.table, query)
            for line in self._get_lines()
        ]
        return query, conditions

    def _classify_rules(self, date):
        query, conditions = self._query_matches()
        whens = [SQL("WHEN %s THEN %s", condition, place) for place, condition in enumerate(conditions, start=1)]
        matched = query.select(
            SQL("%s AS unit", SQL.identifier(query.table, "id")), SQL("CASE %s END AS position", SQL(" ").join(whens))
        )
        return SQL(
            """SELECT matched.unit, position, COALESCE(worth.amount, 0) AS amount,
                      jsonb_build_object('rule', position) AS details
                 FROM (%s OFFSET 0) matched
                 LEFT JOIN (SELECT unit, SUM(amount) AS amount FROM sale GROUP BY unit) worth
                   ON worth.unit = matched.unit""",
            matched,
        )

    def _count_matches(self, date):
        """How many customers match which rules.

        :return: list of tuples (for each rule whether it holds, ..., customers)
        """
        query, conditions = self._query_matches()
        names = [SQL("(%s) IS TRUE AS %s", each, SQL.identifier(f"rule_{i}")) for i, each in enumerate(conditions)]
        columns = SQL(", ").join(SQL.identifier(f"rule_{i}") for i in range(len(conditions)))
        return self.env.execute_query(
            SQL("SELECT %s, COUNT(*) FROM (%s) matched GROUP BY %s", columns, query.select(*names), columns)
        )

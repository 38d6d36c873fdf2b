from odoo import api, fields, models
from odoo.tools import SQL

CELL = ("kpi_id", "date", "employee_id", "head_id", "team_id", "segment_id", "category_id")


class SdmPlanComparison(models.Model):
    """Two versions of a plan side by side: those of the context's ``sdm_plan_before`` and ``sdm_plan_after``."""

    _name = "sdm.plan.comparison"
    _description = "Comparison of Versions"
    _inherit = ["sdm.plan.cells"]
    _auto = False
    _order = "kpi_id, date, head_id, employee_id, id"
    _rec_name = "kpi_id"
    _depends = {
        "sdm.plan.target": [*CELL, "version_id", "perimeter_id", "value", "is_blended", "value_decided"],
        "sdm.kpi": ["semantics"],
    }

    perimeter_id = fields.Many2one("sdm.perimeter", readonly=True)
    before_id = fields.Many2one("sdm.plan.version", string="Version before", readonly=True)
    after_id = fields.Many2one("sdm.plan.version", string="Version after", readonly=True)
    segment_id = fields.Many2one("sdm.segment", readonly=True)
    category_id = fields.Many2one("product.category", string="Product category", readonly=True)
    before = fields.Float(readonly=True, digits=(16, 2), aggregator="sum")
    after = fields.Float(readonly=True, digits=(16, 2), aggregator="sum")
    difference = fields.Float(readonly=True, digits=(16, 2), aggregator="sum")

    @api.model
    def _get_asked(self):
        """The two versions, (before, after); none of both where the person may not see one of them."""
        Version = self.env["sdm.plan.version"]
        asked = [self.env.context.get(name, 0) for name in ("sdm_plan_before", "sdm_plan_after")]
        seen = Version.search([("id", "in", asked)])
        return tuple(Version.browse(number) if len(seen) == len(asked) else Version for number in asked)

    @property
    def _table_query(self):
        before, after = self._get_asked()
        return SQL(
            """SELECT COALESCE(one.id::int8 * 2, other.id::int8 * 2 + 1) AS id, %(cell)s,
                      COALESCE(one.perimeter_id, other.perimeter_id) AS perimeter_id,
                      %(before)s::int4 AS before_id, %(after)s::int4 AS after_id,
                      one.decided AS before, other.decided AS after,
                      COALESCE(other.decided, 0) - COALESCE(one.decided, 0) AS difference,
                      COALESCE(one.cell, other.cell) AS cell
                 FROM (%(targets_before)s) one
                 FULL JOIN (%(targets_after)s) other ON %(same)s""",
            cell=SQL(", ").join(
                SQL(
                    "COALESCE(%s, %s) AS %s",
                    SQL.identifier("one", name),
                    SQL.identifier("other", name),
                    SQL.identifier(name),
                )
                for name in CELL
            ),
            before=before.id or None,
            after=after.id or None,
            targets_before=self._query_targets(before),
            targets_after=self._query_targets(after),
            same=SQL(" AND ").join(self._same(name) for name in CELL),
        )

    def _same(self, name):
        one, other = SQL.identifier("one", name), SQL.identifier("other", name)
        if name in ("kpi_id", "date"):
            return SQL("%s = %s", one, other)
        return SQL("COALESCE(%s, 0) = COALESCE(%s, 0)", one, other)

    def _query_targets(self, version):
        return SQL(
            """SELECT target.*, %s AS cell,
                      CASE WHEN target.is_blended THEN target.value_decided ELSE target.value END AS decided
                 FROM sdm_plan_target target
                 JOIN sdm_kpi kpi ON kpi.id = target.kpi_id
                WHERE target.version_id = %s""",
            self._get_cell_sql("target"),
            version.id or 0,
        )

    @api.model
    def _get_action(self, before, after):
        """The differences of two versions.

        :param before: ``sdm.plan.version``; :param after: another one of the same plan
        :return: action as dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_comparison_action")
        return {
            **action,
            "name": self.env._(
                "%(plan)s: %(before)s and %(after)s",
                plan=after.plan_id.name,
                before=f"{before.number}. {before.name}",
                after=f"{after.number}. {after.name}",
            ),
            "context": {"sdm_plan_before": before.id, "sdm_plan_after": after.id, "search_default_changed": 1},
        }

from odoo import fields, models
from odoo.tools import SQL

from ..engine import facts


class SdmPlanCells(models.AbstractModel):
    """A report on targets, whose sums are only of what can be added up.

    Targets of several KPI have no sum. Those of a KPI that cannot be added over people or months (a share, a state, a
    count of customers) have one only for a single person and month.
    """

    _name = "sdm.plan.cells"
    _description = "Report on Targets"

    kpi_id = fields.Many2one("sdm.kpi", string="KPI", readonly=True)
    date = fields.Date("Month", readonly=True)
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    head_id = fields.Many2one("hr.employee", string="Group of", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales team", readonly=True)
    cell = fields.Char(readonly=True)

    def _get_cell_sql(self, alias):
        """What tells targets apart that cannot be added up; the same for all of a KPI that can.

        :param alias: of the table with the cell's columns, beside ``kpi``
        """
        columns = [SQL.identifier(alias, name) for name in ("date", "employee_id", "head_id", "team_id")]
        return SQL(
            "CASE WHEN kpi.semantics = %s THEN '' ELSE CONCAT_WS('/', %s) END",
            facts.FLOW,
            SQL(", ").join(SQL("COALESCE(%s::varchar, '')", column) for column in columns),
        )

    def _read_group_select(self, aggregate_spec, query):
        name, _separator, function = aggregate_spec.partition(":")
        if function != "sum":
            return super()._read_group_select(aggregate_spec, query)
        kpi, cell = (self._field_to_sql(self._table, column, query) for column in ("kpi_id", "cell"))
        value = self._field_to_sql(self._table, name, query)
        return SQL("CASE WHEN MIN(%s) = MAX(%s) AND MIN(%s) = MAX(%s) THEN SUM(%s) END", kpi, kpi, cell, cell, value)

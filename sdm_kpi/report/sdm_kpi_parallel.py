from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class SdmKpiParallel(models.Model):
    """Facts of persons beside those of the old spreadsheet, for the KPI and months that were uploaded."""

    _name = "sdm.kpi.parallel"
    _description = "Facts beside the old Spreadsheet"
    _auto = False
    _order = "differs desc, date desc, kpi_id, employee_id"
    _rec_name = "kpi_id"
    _depends = {
        "sdm.kpi.fact": ["perimeter_id", "kpi_id", "date", "employee_id", "value"],
        "sdm.control.total": ["perimeter_id", "kpi_id", "date", "employee_id", "amount"],
    }

    kpi_id = fields.Many2one("sdm.kpi", string="KPI", readonly=True)
    date = fields.Date("Month", readonly=True)
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    ours = fields.Float("Facts", digits=(16, 2), readonly=True)
    theirs = fields.Float("Spreadsheet", digits=(16, 2), readonly=True)
    difference = fields.Float(digits=(16, 2), readonly=True)
    differs = fields.Boolean(readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """WITH uploaded AS (
                SELECT kpi_id, date, employee_id, amount FROM sdm_control_total
                 WHERE perimeter_id = %(perimeter)s AND kpi_id IS NOT NULL
            ),
            compared AS (
                SELECT kpi_id, date, employee_id, ROUND(SUM(ours), 2) AS ours, ROUND(SUM(theirs), 2) AS theirs
                  FROM (
                      SELECT fact.kpi_id, fact.date, fact.employee_id, fact.value AS ours, 0 AS theirs
                        FROM sdm_kpi_fact fact
                       WHERE fact.perimeter_id = %(perimeter)s
                         AND EXISTS (SELECT FROM uploaded
                                      WHERE uploaded.kpi_id = fact.kpi_id AND uploaded.date = fact.date)
                       UNION ALL
                      SELECT kpi_id, date, employee_id, 0, amount FROM uploaded
                  ) side
                 GROUP BY kpi_id, date, employee_id
            )
            SELECT ROW_NUMBER() OVER (ORDER BY kpi_id, date, employee_id) AS id, compared.*,
                   ours - theirs AS difference, ours <> theirs AS differs
              FROM compared""",
            perimeter=self.env["sdm.perimeter"]._get_asked().id or 0,
        )

    def action_open_facts(self):
        """Open the facts of the person in the month, and from there their documents."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_report_action")
        domain = Domain("kpi_id", "=", self.kpi_id.id) & Domain("date", "=", self.date)
        action["domain"] = list(domain & Domain("employee_id", "=", self.employee_id.id))
        action["views"] = [(False, "list")]
        action["context"] = {}
        return action

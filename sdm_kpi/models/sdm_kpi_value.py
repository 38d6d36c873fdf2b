from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SdmKpiValue(models.Model):
    """A value of a KPI that Odoo has no documents for: entered by hand, or imported from a file."""

    _name = "sdm.kpi.value"
    _description = "Entered Value of a KPI"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _rec_name = "kpi_id"

    kpi_id = fields.Many2one(
        "sdm.kpi",
        string="KPI",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("kind", "=", "manual")],
        tracking=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    value = fields.Float(required=True, digits=(16, 4), tracking=True)
    employee_id = fields.Many2one(
        "hr.employee", string="Person", index=True, ondelete="restrict", tracking=True, help="Empty: of nobody."
    )
    team_id = fields.Many2one("crm.team", string="Sales team", ondelete="restrict", help="Where it is of no person.")
    segment_id = fields.Many2one("sdm.segment", ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    note = fields.Char(help="Where the value comes from.")

    _value_uniq = models.UniqueIndex(
        "(kpi_id, date, company_id, COALESCE(employee_id, 0), COALESCE(team_id, 0), COALESCE(segment_id, 0))",
        "A value of this KPI is there already for this day and person: change that one. "
        "Perhaps the file was imported before.",
    )

    @api.model
    def get_import_templates(self):
        """The file that the import screen offers to begin with."""
        return [
            {
                "label": self.env._("Template for values of KPI"),
                "template": "/sdm_kpi/static/csv/values_of_kpi.csv",
            }
        ]

    @api.constrains("kpi_id")
    def _check_kpi_id(self):
        for entered in self:
            if entered.kpi_id.kind != "manual":
                raise ValidationError(
                    self.env._(
                        "“%(kpi)s” is computed and takes no entered values. Choose a KPI of the kind "
                        "“Entered or imported”.",
                        kpi=entered.kpi_id.name,
                    )
                )

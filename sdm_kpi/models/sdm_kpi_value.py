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

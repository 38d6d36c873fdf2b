from odoo import fields, models


class SdmPlanChange(models.Model):
    """What a new version of a plan changes for a person in a KPI, as it stood when it was decided.

    Noted when the version is approved and when it comes into force; nobody enters rows.
    """

    _name = "sdm.plan.change"
    _description = "Change of a Target"
    _order = "version_id desc, employee_id, kpi_id, id"
    _rec_name = "kpi_id"
    _log_access = False

    version_id = fields.Many2one("sdm.plan.version", required=True, index=True, ondelete="cascade")
    perimeter_id = fields.Many2one(related="version_id.perimeter_id", store=True, index=True)
    employee_id = fields.Many2one("hr.employee", string="Person", required=True, index=True, ondelete="cascade")
    head_id = fields.Many2one("hr.employee", string="Group of", index="btree_not_null", ondelete="set null")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, ondelete="cascade")
    date = fields.Date("Month", required=True, help="In which the new targets begin.")
    value_old = fields.Float("Old target", digits=(16, 2), aggregator=None)
    value_new = fields.Float(
        "New target", digits=(16, 2), aggregator=None, help="Of the whole month, by what was decided for it."
    )
    has_actual = fields.Boolean()
    actual = fields.Float(digits=(16, 2), aggregator=None, help="In the month, when it was decided.")
    attainment_old = fields.Char("Old, %", help="Attainment of the old target when it was decided.")
    attainment_new = fields.Char("New, %", help="Attainment of the new target when it was decided.")
    rest_old = fields.Float(
        "Later, old",
        digits=(16, 2),
        aggregator=None,
        help="All later months together; the mean of what cannot be added up.",
    )
    rest_new = fields.Float("Later, new", digits=(16, 2), aggregator=None)

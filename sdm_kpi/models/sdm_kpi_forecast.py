from odoo import api, fields, models

from ..engine import periods


class SdmKpiForecast(models.Model):
    """What a head expects of a KPI in a month: what is sure, and what it may come to."""

    _name = "sdm.kpi.forecast"
    _description = "Forecast of a Head"
    _inherit = ["mail.thread"]
    _order = "date desc, kpi_id, id"
    _rec_name = "kpi_id"

    perimeter_id = fields.Many2one(
        "sdm.perimeter",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env["sdm.perimeter"]._get_default(),
    )
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, ondelete="cascade")
    date = fields.Date(
        "Month", required=True, default=lambda self: periods.month_of(fields.Date.context_today(self)), tracking=True
    )
    head_id = fields.Many2one(
        "hr.employee",
        string="Group of",
        index="btree_not_null",
        ondelete="cascade",
        default=lambda self: self.env.user.employee_id,
        help="Empty: the whole company, by the director.",
    )
    commit = fields.Float(digits=(16, 2), tracking=True, help="What is sure to come.")
    best = fields.Float("Best case", digits=(16, 2), tracking=True, help="What may come if all goes well.")
    note = fields.Text("Why")

    _once = models.UniqueIndex(
        "(perimeter_id, kpi_id, date, COALESCE(head_id, 0))",
        "This group has a forecast of the KPI for the month already. Change that one.",
    )
    _month_first_day = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date) = 1)", "A month is named by its first day: enter the first of the month."
    )
    _best_order = models.Constraint("CHECK(best >= commit)", "The best case is at least what is sure to come.")

    @api.onchange("commit")
    def _onchange_commit(self):
        self.best = max(self.best, self.commit)

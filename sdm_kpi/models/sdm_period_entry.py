from odoo import api, fields, models
from odoo.tools import SQL

# The documents that entries are of, with the table and the column that names a record. A customer is the document of
# silence, an employee that of working days.
DOCUMENTS = {
    "account.move": ("account_move", "name"),
    "sale.order": ("sale_order", "name"),
    "crm.lead": ("crm_lead", "name"),
    "calendar.event": ("calendar_event", "name"),
    "mail.activity": ("mail_activity", "summary"),
    "sdm.kpi.value": ("sdm_kpi_value", "note"),
    "res.partner": ("res_partner", "name"),
    "sdm.kpi.history": ("sdm_kpi_history", "reference"),
    "hr.employee": ("hr_employee", "name"),
    "res.company": ("res_company", "name"),
}
KEYS = ("employee_id", "head_id", "team_id", "segment_id", "category_id", "company_id")


class SdmPeriodEntry(models.Model):
    """What a document counted for a KPI and a person when its month was closed, and by decisions since.

    Rows are only added: closing writes one for each document, a restatement one with the change. A correction is a row
    of the month in which it counts, and one of the closed month that counts nothing but settles the difference.
    """

    _name = "sdm.period.entry"
    _description = "Entry of a Closed Month"
    _order = "date desc, id"
    _rec_name = "reference"
    _log_access = False

    period_id = fields.Many2one("sdm.period", string="Month", required=True, index=True, ondelete="cascade")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, index=True, ondelete="cascade")
    date = fields.Date(required=True)
    employee_id = fields.Many2one("hr.employee", string="Person", ondelete="set null", index="btree_not_null")
    head_id = fields.Many2one("hr.employee", string="Group of", ondelete="set null")
    team_id = fields.Many2one("crm.team", string="Sales team", ondelete="set null")
    segment_id = fields.Many2one("sdm.segment", ondelete="set null")
    category_id = fields.Many2one("product.category", string="Product category", ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="set null", index="btree_not_null")
    res_model = fields.Char("Kind of document", required=True)
    res_id = fields.Many2oneReference("Number", model_field="res_model", required=True)
    reference = fields.Char("Name of the document")
    credit = fields.Char("Credited by")
    share = fields.Float(digits=(16, 4))
    value = fields.Float(digits=False, required=True, help="What the document counts in the month.")
    settled = fields.Float(
        digits=False, required=True, default=0, help="What of a later change counts in another month by decision."
    )
    restatement_id = fields.Many2one(
        "sdm.period.restatement", string="Decision", index="btree_not_null", ondelete="cascade"
    )
    is_correction = fields.Boolean(
        required=True, default=False, help="It belongs to an earlier month and counts in this one."
    )

    _counted_idx = models.Index("(period_id, kpi_id)")

    @api.model
    def _query_reference(self, alias):
        """SQL of the name of a document, by its model and number in a relation."""
        return SQL(
            "(CASE %s.res_model %s END)::varchar",
            SQL.identifier(alias),
            SQL(" ").join(
                SQL(
                    "WHEN %s THEN (SELECT document.%s FROM %s document WHERE document.id = %s.res_id)",
                    model,
                    SQL.identifier(name),
                    SQL.identifier(table),
                    SQL.identifier(alias),
                )
                for model, (table, name) in DOCUMENTS.items()
            ),
            to_flush=[self.env[model]._fields[name] for model, (_table, name) in DOCUMENTS.items()],
        )

    @api.model
    def _query_exists(self, alias):
        """SQL that says whether a document, by its model and number in a relation, is still there."""
        return SQL(
            "(CASE %s.res_model %s ELSE FALSE END)",
            SQL.identifier(alias),
            SQL(" ").join(
                SQL(
                    "WHEN %s THEN EXISTS(SELECT FROM %s document WHERE document.id = %s.res_id)",
                    model,
                    SQL.identifier(table),
                    SQL.identifier(alias),
                )
                for model, (table, _name) in DOCUMENTS.items()
            ),
        )

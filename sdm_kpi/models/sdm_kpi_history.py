from odoo import fields, models

KINDS = [
    ("order", "Orders or invoices, one line each"),
    ("sales", "Sales of a customer and month"),
    ("activity", "Activities"),
]


class SdmKpiHistory(models.Model):
    """A sale or an activity from before Odoo, as it came in from a file."""

    _name = "sdm.kpi.history"
    _description = "History from before Odoo"
    _order = "date desc, id desc"
    _rec_name = "reference"
    _log_access = False

    import_id = fields.Many2one("sdm.kpi.import", string="File", required=True, index=True, ondelete="cascade")
    row = fields.Integer("Row of the file", aggregator=None)
    key = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True)
    date = fields.Date(required=True, index=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", index="btree_not_null", ondelete="set null")
    employee_id = fields.Many2one("hr.employee", string="Person", index="btree_not_null", ondelete="set null")
    category_id = fields.Many2one("product.category", string="Product category", ondelete="set null")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary()
    quantity = fields.Float()
    reference = fields.Char()

    _key_uniq = models.UniqueIndex("(company_id, kind, key)", "The row is there already.")

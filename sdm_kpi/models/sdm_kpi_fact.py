from odoo import fields, models


class SdmKpiFact(models.Model):
    """What the entries of a KPI add up to for a person, head, team, segment, category, company and month.

    Only what is not zero is there. Counts of customers keep the customer, so that nobody counts twice in a team or a
    year; ratios and formulas are worked out when they are read. Runs write here; nobody enters rows.
    """

    _name = "sdm.kpi.fact"
    _description = "Fact"
    _order = "date desc, kpi_id, id"
    _rec_name = "kpi_id"
    _log_access = False

    perimeter_id = fields.Many2one("sdm.perimeter", required=True, ondelete="cascade")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, index=True, ondelete="cascade")
    date = fields.Date("Month", required=True)
    employee_id = fields.Many2one("hr.employee", string="Person", ondelete="set null", index="btree_not_null")
    head_id = fields.Many2one("hr.employee", string="Group of", ondelete="set null")
    team_id = fields.Many2one("crm.team", string="Sales team", ondelete="set null")
    segment_id = fields.Many2one("sdm.segment", ondelete="set null")
    category_id = fields.Many2one("product.category", string="Product category", ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="set null", index="btree_not_null")
    restatement_id = fields.Many2one(
        "sdm.period.restatement",
        string="Correction",
        index="btree_not_null",
        ondelete="cascade",
        help="It belongs to a closed month and counts in this one by decision.",
    )
    value = fields.Float(digits=(16, 6), required=True)

    _perimeter_date_idx = models.Index("(perimeter_id, kpi_id, date)")

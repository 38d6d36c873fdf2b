from odoo import fields, models
from odoo.tools import formatLang

from .sdm_diagnosis_measure import NO_BREAK


class SdmDiagnosisSeller(models.Model):
    """Results of one seller in the window of a diagnosis: win rate, cycle, money and load side by side."""

    _name = "sdm.diagnosis.seller"
    _description = "Diagnosis of a Seller"
    _order = "diagnosis_id, value desc, id"
    _rec_name = "name"

    diagnosis_id = fields.Many2one("sdm.diagnosis", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="diagnosis_id.company_id", store=True)
    currency_id = fields.Many2one(related="diagnosis_id.currency_id")
    date = fields.Date(related="diagnosis_id.date", store=True)
    user_id = fields.Many2one("res.users", string="Salesperson", ondelete="set null")
    name = fields.Char("Seller", required=True, help="The name at that time, kept when the user is gone.")
    won = fields.Integer()
    lost = fields.Integer()
    win_rate = fields.Float(aggregator=None, help="Won of all closed deals; empty without closed deals.")
    has_cycle = fields.Boolean()
    cycle_days = fields.Float(
        "Days to win", digits=(16, 1), aggregator=None, help="Average days from assignment to winning."
    )
    value = fields.Monetary("Value won")
    open_count = fields.Integer("Open deals")

    def _tell_win_rate(self):
        """The win rate as the reader's language writes it, nothing without closed deals."""
        self.ensure_one()
        if not self.won and not self.lost:
            return ""
        return f"{formatLang(self.env, self.win_rate * 100, digits=0)}{NO_BREAK}%"

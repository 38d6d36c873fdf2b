from odoo import models
from odoo.tools import SQL


class IrModelConstraint(models.Model):
    _inherit = "ir.model.constraint"

    def _sdm_forget(self):
        """Remove the notes and leave the constraints in the database, which ``unlink`` would drop with them."""
        self.env.execute_query(SQL("DELETE FROM ir_model_constraint WHERE id = ANY(%s) RETURNING id", self.ids))
        self.invalidate_recordset()

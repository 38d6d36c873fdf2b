from odoo import api, fields, models

from ..engine import roll_out as engine
from ..report.sdm_access_report import ROLE_LABELS

GIVEN, HAD, LEFT_OUT, TAKEN, KEPT = "given", "had", "left_out", "taken", "kept"
NO_USER, USER_ARCHIVED, PORTAL_USER, OTHER_COMPANY = "no_user", "user_archived", "portal_user", "other_company"


class SdmRollOutLine(models.Model):
    """What a roll-out did to one person, so that it can be taken back exactly."""

    _name = "sdm.roll.out.line"
    _description = "Person of a Roll-out"
    _order = "roll_out_id, role, employee_id"
    _rec_name = "employee_id"

    roll_out_id = fields.Many2one("sdm.roll.out", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="roll_out_id.company_id", store=True)
    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", index="btree_not_null", ondelete="cascade")
    role = fields.Selection(ROLE_LABELS, required=True)
    outcome = fields.Selection(
        [
            (GIVEN, "Given"),
            (HAD, "Has it already"),
            (LEFT_OUT, "Left out"),
            (NO_USER, "No user"),
            (USER_ARCHIVED, "User archived"),
            (PORTAL_USER, "Portal user"),
            (OTHER_COMPANY, "Other company"),
            (TAKEN, "Taken back"),
            (KEPT, "Kept otherwise"),
        ],
        required=True,
    )
    role_before = fields.Selection(
        ROLE_LABELS, "Had before", help="The role that the person had without this roll-out."
    )
    role_after = fields.Selection(
        ROLE_LABELS, "Has with it", help="The role that the person has with it. Empty: it gave nothing."
    )
    date_acknowledged = fields.Datetime("Read on", compute="_compute_date_acknowledged")

    _employee_uniq = models.UniqueIndex("(roll_out_id, employee_id)", "The person is part of this roll-out already.")

    @api.depends("user_id", "roll_out_id.acknowledgement_ids.date_acknowledged")
    def _compute_date_acknowledged(self):
        rows = (
            self.env["sdm.acknowledgement"]
            .sudo()
            .search([("res_model", "=", "sdm.roll.out"), ("res_id", "in", self.roll_out_id.ids)])
        )
        dates = {(row.res_id, row.user_id): row.date_acknowledged for row in rows}
        for line in self:
            line.date_acknowledged = dates.get((line.roll_out_id.id, line.user_id))

    def _prepare_engine_grants(self):
        return [engine.Grant(line.id, line.role, line.role_before or None, line.role_after or None) for line in self]

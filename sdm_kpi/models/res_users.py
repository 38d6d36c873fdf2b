from odoo import fields, models


class ResUsers(models.Model):
    """Who wants the workbook of plan and fact by mail, chosen in one's own preferences."""

    _inherit = "res.users"

    sdm_wants_workbook = fields.Boolean(
        "Plan and fact by mail each Monday", help="As a workbook, with what you may see in Sales Drive."
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["sdm_wants_workbook"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["sdm_wants_workbook"]

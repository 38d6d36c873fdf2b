from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResourceCalendarLeaves(models.Model):
    """An absence names who stands in. Time Off writes its leaves here too; without it, they are entered by hand."""

    _inherit = "resource.calendar.leaves"

    sdm_employee_id = fields.Many2one(
        "hr.employee",
        string="Absent",
        compute="_compute_sdm_employee_id",
        inverse="_inverse_sdm_employee_id",
        search="_search_sdm_employee_id",
    )
    sdm_substitute_id = fields.Many2one(
        "hr.employee",
        string="Substitute",
        index="btree_not_null",
        ondelete="set null",
        help="Stands in for the absent person: sees the same customers and documents on those days.",
    )

    @api.depends("resource_id")
    def _compute_sdm_employee_id(self):
        for leave in self:
            leave.sdm_employee_id = leave.resource_id.employee_id[:1]

    def _inverse_sdm_employee_id(self):
        for leave in self:
            leave.resource_id = leave.sdm_employee_id.resource_id
            leave.calendar_id = leave.sdm_employee_id.resource_calendar_id

    def _search_sdm_employee_id(self, operator, value):
        return [("resource_id.employee_id", operator, value)]

    @api.constrains("sdm_substitute_id", "resource_id")
    def _check_sdm_substitute_id(self):
        for leave in self:
            if leave.sdm_substitute_id and leave.sdm_substitute_id == leave.sdm_employee_id:
                raise ValidationError(
                    self.env._(
                        "%(employee)s cannot stand in for oneself. Choose somebody else.",
                        employee=leave.sdm_employee_id.name,
                    )
                )

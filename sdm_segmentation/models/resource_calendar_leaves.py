from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

# Who enters absences of others
KEEPERS = ("sdm_segmentation.group_sdm_director", "sdm_segmentation.group_sdm_payroll", "hr.group_hr_user")


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

    @api.model_create_multi
    def create(self, vals_list):
        # known from the start: rules of access look at the resource
        leaves = super().create([self._prepare_resource(vals) for vals in vals_list])
        leaves._check_sdm_may_appoint()
        return leaves

    def write(self, vals):
        result = super().write(vals)
        if {"sdm_substitute_id", "resource_id", "sdm_employee_id"} & vals.keys():
            self._check_sdm_may_appoint()
        return result

    @api.model
    def _prepare_resource(self, vals):
        employee = self.env["hr.employee"].browse(vals.get("sdm_employee_id")).sudo()
        if not employee:
            return vals
        place = {"resource_id": employee.resource_id.id, "calendar_id": employee.resource_calendar_id.id}
        return {name: value for name, value in vals.items() if name != "sdm_employee_id"} | place

    def _check_sdm_may_appoint(self):
        """A substitute sees the customers of the absent person, so nobody appoints one for a colleague.

        Not a constraint: those run as superuser, whoever writes.
        """
        user = self.env.user
        if self.env.su or any(user.has_group(group) for group in KEEPERS):
            return
        for leave in self.filtered("sdm_substitute_id"):
            absent = leave.resource_id.sudo()
            if absent.user_id != user:
                raise AccessError(
                    self.env._(
                        "Who stands in for %(employee)s is entered by %(employee)s, HR or the sales director.",
                        employee=absent.name,
                    )
                )

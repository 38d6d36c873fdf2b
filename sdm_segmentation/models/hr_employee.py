from datetime import timedelta

from odoo import api, fields, models

from .timezones import to_utc


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    sdm_position_ids = fields.One2many("sdm.position", "employee_id", string="Positions", groups="hr.group_hr_user")

    @api.model_create_multi
    def create(self, vals_list):
        employees = super().create(vals_list)
        self.env["sdm.position"]._take_over_employees(employees)
        employees._follow_user()
        return employees

    def write(self, vals):
        result = super().write(vals)
        Position = self.env["sdm.position"]
        if "parent_id" in vals:
            Position._follow(self, {"head_id": vals["parent_id"]})
        if vals.get("user_id"):
            self._follow_user()
        if vals.get("active") is False or vals.get("departure_date"):
            for employee in self.sudo():
                Position._end(employee, employee.departure_date or fields.Date.context_today(self))
        return result

    def _follow_user(self):
        """A salesperson who gets an employee card owns the customers from that day on."""
        users = self.sudo().user_id
        if users:
            partners = self.env["res.partner"].sudo().with_context(active_test=False)
            self.env["sdm.ownership"]._follow(partners.search([("user_id", "in", users.ids)]))

    def action_open_sdm_positions(self):
        """Open the dated history of the employee's positions."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_position_action")
        action["domain"] = [("employee_id", "=", self.id)]
        action["context"] = {"default_employee_id": self.id}
        return action

    def _get_sdm_absences(self, date):
        """Absences of these employees on a day."""
        zone = self.env.user.tz or "UTC"
        return (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                [
                    ("resource_id", "in", self.sudo().resource_id.ids),
                    ("date_from", "<", to_utc(date + timedelta(days=1), zone)),
                    ("date_to", ">", to_utc(date, zone)),
                ]
            )
        )

    def _get_sdm_first_day(self):
        """The first day HR knows the employee for: the contract's, else the first version's, else that of the entry."""
        self.ensure_one()
        versions = self.sudo().version_ids.sorted("date_version")
        first = versions[:1]
        return first.contract_date_start or first.date_version or fields.Date.to_date(self.create_date)

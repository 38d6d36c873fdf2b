from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .timezones import to_utc

NAMED = 3


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
            # HR lets whoever is at the top lead oneself
            top = self.filtered(lambda employee: employee.id == vals["parent_id"])
            Position._follow(top, {"head_id": False})
            Position._follow(self - top, {"head_id": vals["parent_id"]})
        if vals.get("user_id"):
            self._follow_user()
        if vals.get("active") is False or vals.get("departure_date"):
            for employee in self.sudo():
                Position._end(employee, employee.departure_date or fields.Date.context_today(self))
        if vals.get("active") is False:
            self._tell_what_is_left()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sdm_history(self):
        for employee in self.sudo():
            known = employee._describe_sdm_records(Domain.TRUE, Domain.TRUE, Domain.TRUE)
            if known:
                raise UserError(
                    self.env._(
                        "%(employee)s cannot be deleted, since this belongs to the history: %(records)s. "
                        "Archive the employee instead.",
                        employee=employee.name,
                        records=known,
                    )
                )

    def _tell_what_is_left(self):
        """Say what an employee who leaves still has, on the employee and to the user; nothing is taken away."""
        today = fields.Date.context_today(self)
        present = self.env["sdm.position"]._get_domain_on(today)
        ahead = Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        for employee in self.sudo():
            left = employee._describe_sdm_records(
                ahead,
                present & Domain("employee_id.active", "=", True),
                Domain("state", "not in", ("done", "cancelled")),
            )
            if not left:
                continue
            text = self.env._(
                "%(employee)s is archived and still has: %(records)s. Hand the customers over (Customers > "
                "Hand-overs), cancel open hand-overs, and give the people another head (Structure > Transfer from a "
                "date).",
                employee=employee.name,
                records=left,
            )
            employee.message_post(body=text)
            self.env.user._bus_send("simple_notification", {"type": "warning", "message": text, "sticky": True})

    def _describe_sdm_records(self, owned, led, moved):
        """What an employee has in ownership, structure and hand-overs, with names; empty when there is nothing.

        :param owned: domain of ownerships; :param led: of positions under the employee; :param moved: of hand-overs
        """
        self.ensure_one()
        sides = Domain("giver_id", "=", self.id) | Domain("receiver_id", "=", self.id)
        customers = self.env["sdm.ownership"].search(Domain("employee_id", "=", self.id) & owned).partner_id
        people = self.env["sdm.position"].search(Domain("head_id", "=", self.id) & led).employee_id
        hand_overs = self.env["sdm.hand.over"].search(sides & moved)
        parts = (
            (self.env._("customers"), customers),
            (self.env._("people led"), people),
            (self.env._("hand-overs"), hand_overs),
        )
        return "; ".join(
            f"{title} – {len(records)} ({', '.join(records[:NAMED].mapped('display_name'))}"
            f"{', …' if len(records) > NAMED else ''})"
            for title, records in parts
            if records
        )

    def _follow_user(self):
        """Their customers get the new user; who was a salesperson without a card owns customers from today on."""
        users = self.sudo().user_id
        if users:
            self.env["sdm.ownership"]._get_leads_on(fields.Date.context_today(self), self)._write_back()
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

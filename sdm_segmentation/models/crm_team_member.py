from odoo import api, models


class CrmTeamMember(models.Model):
    """Joining and leaving a sales team is followed by the position."""

    _inherit = "crm.team.member"

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        members._follow_team()
        return members

    def write(self, vals):
        result = super().write(vals)
        if {"active", "crm_team_id", "user_id"} & vals.keys():
            self._follow_team()
        return result

    def _follow_team(self):
        for member in self.sudo():
            employees = member.user_id.employee_ids
            if member.active:
                self.env["sdm.position"]._follow(employees, {"team_id": member.crm_team_id.id})
            elif member.crm_team_id in employees.sdm_position_ids.filtered("is_current").team_id:
                self.env["sdm.position"]._follow(employees, {"team_id": False})

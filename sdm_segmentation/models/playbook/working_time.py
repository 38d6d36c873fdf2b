"""Who changes working hours or common days off makes the working time be read anew, which playbooks keep in memory."""

from odoo import api, models


class SdmWorkingTimeMixin(models.AbstractModel):
    """A model of Odoo that the working time of a company comes from."""

    _name = "sdm.working.time.mixin"
    _description = "Part of the working time"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._forget_working_time()
        return records

    def write(self, vals):
        self._forget_working_time()
        result = super().write(vals)
        self._forget_working_time()
        return result

    def unlink(self):
        self._forget_working_time()
        return super().unlink()

    def _forget_working_time(self):
        if self:
            self.env.registry.clear_cache()


class ResourceCalendar(models.Model):
    _name = "resource.calendar"
    _inherit = ["resource.calendar", "sdm.working.time.mixin"]


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "sdm.working.time.mixin"]


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "sdm.working.time.mixin"]

    def _forget_working_time(self):
        # somebody's own absence is no day off of the company
        return super(ResourceCalendarLeaves, self.filtered(lambda leave: not leave.resource_id))._forget_working_time()


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        result = super().write(vals)
        if {"resource_calendar_id", "country_id", "sdm_calendar_country_id", "partner_id"} & vals.keys():
            self.env.registry.clear_cache()
        return result

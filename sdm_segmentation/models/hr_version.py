from odoo import api, models


class HrVersion(models.Model):
    """A change of the job in HR is dated by its version."""

    _inherit = "hr.version"

    @api.model_create_multi
    def create(self, vals_list):
        versions = super().create(vals_list)
        versions.filtered(lambda version: version.employee_id.sdm_position_ids)._follow_job()
        return versions

    def write(self, vals):
        result = super().write(vals)
        if "job_id" in vals:
            self._follow_job()
        return result

    def _follow_job(self):
        for version in self.sudo().filtered(lambda version: version.employee_id.sdm_position_ids):
            self.env["sdm.position"]._follow(version.employee_id, {"job_id": version.job_id.id}, version.date_version)

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..engine import periods


class DigestDigest(models.Model):
    """What Odoo's digest by mail tells of plans: each one's own, of a head that of the group."""

    _inherit = "digest.digest"

    kpi_sdm_revenue = fields.Boolean("Credited revenue")
    kpi_sdm_revenue_value = fields.Monetary(compute="_compute_kpi_sdm_revenue_value")
    kpi_sdm_pace = fields.Boolean("Pace of the revenue plan, %")
    kpi_sdm_pace_value = fields.Integer(compute="_compute_kpi_sdm_pace_value")

    def _compute_kpi_sdm_revenue_value(self):
        self._check_sdm_reader()
        start, end, _companies = self._get_kpi_compute_parameters()
        today = fields.Date.context_today(self)
        first, last = fields.Date.to_date(start) or today, fields.Date.to_date(end) or today
        Entry = self.env["sdm.kpi.entry"].with_context(
            sdm_source="revenue", sdm_first=periods.month_of(first), sdm_last=periods.month_of(last)
        )
        between = Domain("date", ">=", first) & Domain("date", "<", last)
        [(amount,)] = Entry._read_group(between, [], ["amount:sum"])
        self.kpi_sdm_revenue_value = amount or 0

    def _compute_kpi_sdm_pace_value(self):
        """Of the month that runs; the frames of a digest are no months, so that it is the same in all."""
        self._check_sdm_reader()
        month = periods.month_of(fields.Date.context_today(self))
        of_month = Domain("kpi_id.code", "=", "revenue") & Domain("date", "=", month)
        [(pace,)] = self.env["sdm.kpi.report"]._read_group(of_month, [], ["pace:sum"])
        self.kpi_sdm_pace_value = round(pace or 0)

    def _check_sdm_reader(self):
        if not self.env["sdm.kpi.report"].has_access("read"):
            raise AccessError(self.env._("Plans and facts are for people of Sales Drive."))

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("sdm_segmentation.sdm_segmentation_menu_root").id
        actions["kpi_sdm_revenue"] = f"sdm_kpi.sdm_kpi_report_action?menu_id={menu}"
        actions["kpi_sdm_pace"] = f"sdm_kpi.sdm_my_plan_action?menu_id={menu}"
        return actions

from odoo import http
from odoo.http import content_disposition, request


class PlanSheet(http.Controller):
    @http.route("/sdm_kpi/plan/<int:version_id>/targets.xlsx", type="http", auth="user", readonly=True)
    def download_targets(self, version_id):
        """The targets of a version that the user may see, as a workbook."""
        version = request.env["sdm.plan.version"].browse(version_id)
        content = version._make_workbook()
        return request.make_response(
            content,
            [
                ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                ("Content-Disposition", content_disposition(f"{version.display_name}.xlsx")),
            ],
        )

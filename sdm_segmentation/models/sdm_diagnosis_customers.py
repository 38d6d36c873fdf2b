from odoo import api, models
from odoo.fields import Domain

from ..engine import sellers


class SdmDiagnosis(models.Model):
    """Figures on customers: who answers for them, what is known of them, when they were last spoken to."""

    _inherit = "sdm.diagnosis"

    def _get_populations(self):
        return {
            **super()._get_populations(),
            "customer": ("res.partner", Domain("is_sdm_customer", "=", True) & Domain("active", "=", True)),
        }

    def _get_parts(self):
        return {
            **super()._get_parts(),
            "customer_unowned": ("customer", Domain("user_id", "=", False)),
            "customer_unclassified": ("customer", Domain("industry_id", "=", False)),
            "customer_duplicate": ("customer", Domain("is_sdm_duplicate", "=", True)),
            "customer_silent": ("customer", Domain("is_sdm_silent", "=", True)),
            "customer_unreachable": (
                "customer",
                Domain("phone", "=", False)
                & Domain("email", "=", False)
                # a subsidiary below a holding is no contact person
                & Domain("child_ids", "not any", [("is_company", "=", False), ("active", "=", True)]),
            ),
        }

    def _get_breakdowns(self):
        return {**super()._get_breakdowns(), "res.partner": ("user_id",)}

    def _get_measurements(self, counts):
        return {
            **super()._get_measurements(counts),
            "customer_load": self._measure_customer_load(counts["res.partner"]),
        }

    def _measure_customer_load(self, rows):
        """How much more customers the busiest owner has than the median one.

        :param rows: counts of customers by owner
        """
        owned = {row["user_id"]: row["customer"] for row in rows if row["user_id"]}
        owners = self.env["res.users"].browse(owned)
        return sellers.load(list(owned.values()), owners.mapped("name"))

    @api.model
    def _get_list_view(self, model_name, code):
        if model_name != "res.partner":
            return super()._get_list_view(model_name, code)
        return self.env.ref("sdm_segmentation.res_partner_view_list").id

    def _get_record_actions(self):
        return {
            **super()._get_record_actions(),
            "customer_load": lambda: (
                *self._get_populations()["customer"],
                {"context": {"group_by": ["user_id"]}},
            ),
        }

"""What tests of plans share: a head with two sellers and a plan of 2025 in force, whose targets a test writes."""

from odoo import fields

from .common import KpiCase

YEAR_FIRST = fields.Date.to_date("2025-01-01")


class PlanCase(KpiCase):
    """Today is Monday, 30 June 2025: 20 of the 21 working days of June are over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.north = cls.team("North")
        cls.head = cls.worker("Head", team=cls.north)
        cls.anna = cls.worker("Anna", cls.head, cls.north)
        cls.boris = cls.worker("Boris", cls.head, cls.north)
        cls.carl = cls.worker("Carl", team=cls.north)
        for user, group in ((cls.head, "manager"), (cls.anna, "user"), (cls.boris, "user"), (cls.carl, "user")):
            user.group_ids |= cls.env.ref(f"sdm_segmentation.group_sdm_{group}")
        cls.acme, cls.bolt = cls.customer("Acme"), cls.customer("Bolt")
        cls.plan = cls.env["sdm.plan"].create({"perimeter_id": cls.perimeter.id, "date_from": YEAR_FIRST})
        cls.version = cls.env["sdm.plan.version"].create({"plan_id": cls.plan.id})
        cls.version.sudo().write({"state": "in_force", "date_from": fields.Date.context_today(cls.version)})

    @classmethod
    def target(cls, code, value, user=None, month="2025-06-01", head=None, **where):
        """A target that holds; of a user, of the group of a head, or of the company."""
        head_card = cls.head.employee_id if user in (cls.anna, cls.boris) else cls.env["hr.employee"]
        return (
            cls.env["sdm.plan.target"]
            .sudo()
            .create(
                {
                    "version_id": cls.version.id,
                    "is_effective": True,
                    "kpi_id": cls.kpi(code).id,
                    "date": month,
                    "employee_id": user.employee_id.id if user else False,
                    "head_id": head.employee_id.id if head else head_card.id,
                    "value": value,
                    **where,
                }
            )
        )

    def measured(self, code, measure, *groupby, domain=(), env=None):
        """A measure of the report by names, as ``values`` gives the fact; 1 is all of the plan."""
        Report = (env or self.env)["sdm.kpi.report"]
        rows = Report._read_group([("kpi_id.code", "=", code), *domain], groupby, [f"{measure}:sum"])
        if measure in ("attainment", "pace"):
            rows = [(*keys, value if value is False else float(value) / 100) for *keys, value in rows]
        if not groupby:
            return rows[0][0]
        found = {tuple(self._name(key) for key in keys): value for *keys, value in rows}
        return {key[0] if len(key) == 1 else key: value for key, value in found.items()}

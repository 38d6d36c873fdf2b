"""What tests of plans share: a group of two sellers, a plan of 2025, targets by name."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from .common import KpiCase

JUNE = "2025-06-01"
# 2025-06: 21 working days, 10 of them before the 16th
MID_JUNE = fields.Date.to_date("2025-06-16")


class PlanLifeCase(KpiCase):
    """The head leads Anna and Boris; Clara sells elsewhere. The plan of 2025 has a draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales = cls.team("Sales")
        cls.director = cls.persona("director")
        cls.director.tz = "UTC"
        cls.head = cls.worker("Head", team=cls.sales)
        cls.head.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_manager")
        cls.anna = cls.worker("Anna", cls.head, cls.sales)
        cls.boris = cls.worker("Boris", cls.head, cls.sales)
        cls.clara = cls.worker("Clara", team=cls.sales)
        sellers = cls.anna | cls.boris | cls.clara
        sellers.write({"group_ids": [Command.link(cls.env.ref("sdm_segmentation.group_sdm_user").id)]})
        cls.switch_on("revenue", "won_deals", "win_rate")
        cls.plan = cls.env["sdm.plan"].create({"perimeter_id": cls.perimeter.id, "date_from": "2025-01-01"})
        cls.version = cls.env["sdm.plan.version"].create({"plan_id": cls.plan.id})

    @classmethod
    def months(cls, first=1, last=12):
        return [f"2025-{month:02}-01" for month in range(first, last + 1)]

    @classmethod
    def target(cls, user, value, month=JUNE, code="revenue", version=None, head=True, **values):
        """A target of a person; ``user`` None: of the head's group, without ``head`` of the company."""
        return cls.env["sdm.plan.target"].create(
            {
                "version_id": (version or cls.version).id,
                "kpi_id": cls.kpi(code).id,
                "date": month,
                "employee_id": user.employee_id.id if user else False,
                "head_id": cls.head.employee_id.id if head else False,
                "value": value,
                **values,
            }
        )

    @classmethod
    def year(cls, user, value, **values):
        """The same target in each month."""
        for month in cls.months():
            cls.target(user, value, month, **values)

    @classmethod
    def in_force(cls, version, date, month_rule=None):
        """Put a version in force on a day that is today then."""
        if month_rule:
            version.month_rule = month_rule
        with freeze_time(date):
            version._put_in_force(fields.Date.to_date(date), "Agreed")

    @classmethod
    def change(cls, version=None):
        """A draft made from a version."""
        version = version or cls.version
        return cls.env["sdm.plan.version"].browse(version.action_change()["res_id"])

    def held(self, user, code="revenue"):
        """What is effective for a person, by month: {1..12: value}"""
        targets = self.env["sdm.plan.target"].search(
            [
                ("employee_id", "=", user.employee_id.id if user else False),
                ("kpi_id.code", "=", code),
                ("is_effective", "=", True),
            ],
            order="date",
        )
        months = [target.date.month for target in targets]
        self.assertEqual(len(months), len(set(months)), "one target holds in each month")
        return {target.date.month: round(target.value, 2) for target in targets}

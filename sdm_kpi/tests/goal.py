"""A department with a year of sales, and the plan of the next one."""

from odoo import fields

from .common import KpiCase


class GoalCase(KpiCase):
    """Today is 30 June 2025; the plan is of 2026. Two groups sold from July 2024 to May 2025, and June 2024 before.

    North: Anna 100 a month, Boris 50. South: Carl 150; December is double. Last twelve months up to May 2025: June 2024
    to May 2025.
    """

    SALES = (("anna", 100), ("boris", 50), ("carl", 150))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.north_head, cls.south_head = cls.worker("North"), cls.worker("South")
        cls.anna = cls.worker("Anna", cls.north_head)
        cls.boris = cls.worker("Boris", cls.north_head)
        cls.carl = cls.worker("Carl", cls.south_head)
        cls.switch_on("revenue")
        cls.acme = cls.customer("Acme")
        cls.sell()
        cls.refresh(fields.Date.to_date("2024-06-01"))
        cls.plan = cls.env["sdm.plan"].create({"perimeter_id": cls.perimeter.id, "date_from": "2026-01-01"})
        cls.version = cls.env["sdm.plan.version"].create({"plan_id": cls.plan.id})

    @classmethod
    def sell(cls):
        for name, amount in cls.SALES:
            for number in range(12):
                month = fields.Date.add(fields.Date.to_date("2024-06-10"), months=number)
                value = amount * (2 if month.month == 12 else 1)
                cls.won(fields.Date.to_string(month), value, cls.acme, getattr(cls, name))

    @classmethod
    def goal(cls, **values):
        """A goal of revenue, by default without the working days of the calendar."""
        return cls.env["sdm.plan.goal"].create(
            {"version_id": cls.version.id, "kpi_id": cls.kpi("revenue").id, "use_working_days": False, **values}
        )

    def targets(self, *names, version=None):
        """The targets of the version, added up by what is named.

        :return: {tuple of names or the one name: value}
        """
        rows = self.env["sdm.plan.target"]._read_group(
            [("version_id", "=", (version or self.version).id)], names, ["value:sum"]
        )
        if not names:
            return rows[0][0]
        found = {tuple(self._name(key) for key in keys): value for *keys, value in rows}
        return {key[0] if len(key) == 1 else key: value for key, value in found.items()}

    @classmethod
    def away(cls, user, first, last):
        """Let somebody be away on whole days."""
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "sdm_employee_id": user.employee_id.id,
                "date_from": f"{first} 00:00:00",
                "date_to": f"{last} 23:59:59",
            }
        )

    def part(self, goal, name):
        """The part of a person or group by name."""
        return goal.part_ids.filtered(lambda part: part.name.strip() == name)

    @classmethod
    def hold(cls, user, value, month="2026-01-01", head=None):
        return cls.env["sdm.plan.target"].create(
            {
                "version_id": cls.version.id,
                "kpi_id": cls.kpi("revenue").id,
                "date": month,
                "employee_id": user.employee_id.id if user else False,
                "head_id": (head or cls.north_head).employee_id.id,
                "value": value,
                "is_held": True,
            }
        )

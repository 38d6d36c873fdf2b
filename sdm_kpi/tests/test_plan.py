from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.tests.common import AS_OF

from .common import KpiCase


@tagged("post_install", "-at_install", "sdm")
class TestPlan(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls.worker("Head")
        cls.head.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_manager")
        cls.director = cls.persona("director")
        cls.anna = cls.worker("Anna", head=cls.head)
        cls.boris = cls.worker("Boris", head=cls.head)
        (cls.anna | cls.boris).write({"group_ids": [Command.link(cls.env.ref("sdm_segmentation.group_sdm_user").id)]})
        cls.plan = cls.env["sdm.plan"].create({"perimeter_id": cls.perimeter.id, "date_from": "2026-01-01"})
        cls.version = cls.env["sdm.plan.version"].create({"plan_id": cls.plan.id})
        cls.target(cls.anna, 100)
        cls.target(cls.boris, 50)

    @classmethod
    def target(cls, user, value, month="2026-01-01", version=None):
        return cls.env["sdm.plan.target"].create(
            {
                "version_id": (version or cls.version).id,
                "kpi_id": cls.kpi("revenue").id,
                "date": month,
                "employee_id": user.employee_id.id,
                "head_id": cls.head.employee_id.id,
                "value": value,
            }
        )

    def test_name_and_months(self):
        self.assertEqual(self.plan.name, "Plan 2026")
        self.assertEqual(str(self.plan.date_to), "2026-12-01")

    def test_a_month_has_one_plan(self):
        with self.assertRaisesRegex(ValidationError, "Plan 2026"):
            self.env["sdm.plan"].create({"perimeter_id": self.perimeter.id, "date_from": "2026-12-01"})

    def test_targets_of_the_version_in_force_hold(self):
        self.version._put_in_force(AS_OF, "Agreed")
        self.assertEqual(self.version.target_ids.mapped("is_effective"), [True, True])
        second = self.env["sdm.plan.version"].create({"plan_id": self.plan.id, "name": "Cautious"})
        self.target(self.anna, 80, version=second)
        second._put_in_force(AS_OF, "Less is realistic")
        self.assertEqual(self.version.target_ids.mapped("is_effective"), [False, False])
        self.assertEqual(second.target_ids.mapped("is_effective"), [True])
        self.assertEqual(self.plan.version_id, second)

    def test_what_was_decided_stays(self):
        self.version._put_in_force(AS_OF, "Agreed")
        with self.assertRaisesRegex(UserError, "Plan 2026, version 1: Base"):
            self.version.with_user(self.director).target_ids[0].value = 1

    def test_who_sees_targets(self):
        targets = self.env["sdm.plan.target"]
        self.assertFalse(targets.with_user(self.anna).search([]), "of a draft")
        self.version._put_in_force(AS_OF, "Agreed")
        self.assertEqual(targets.with_user(self.anna).search([]).mapped("value"), [100])
        self.assertEqual(sorted(targets.with_user(self.head).search([]).mapped("value")), [50, 100])
        with self.assertRaises(AccessError):
            targets.with_user(self.head).search([], limit=1).value = 1

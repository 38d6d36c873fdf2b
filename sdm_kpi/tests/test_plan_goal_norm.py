"""Norms: goals of ratios, states and counts of customers, which cannot be added up."""

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .goal import GoalCase


@tagged("post_install", "-at_install", "sdm")
class TestPlanGoalNorm(GoalCase):
    """Anna won 12 deals for 1300 last year, Boris 12 for 650, Carl 12 for 1950."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.average = cls.switch_on("average_deal")
        cls.customers = cls.switch_on("active_customers")
        cls.refresh(fields.Date.to_date("2024-06-01"))

    def test_a_ratio_has_one_norm_for_all(self):
        """3900 by 36 deals are 108.33, the ratio of the year and not the mean of months; 20 % more are 130."""
        goal = self.goal(kpi_id=self.average.id, growth=0.2)
        self.assertAlmostEqual(goal.base_amount, 3900 / 36, 4)
        goal.action_write()
        targets = self.version.target_ids
        self.assertEqual(len(targets), 12)
        self.assertEqual(set(targets.mapped("value")), {130})
        self.assertFalse(targets.employee_id | targets.head_id)

    def test_a_group_and_a_person_are_excepted_by_hand(self):
        goal = self.goal(kpi_id=self.average.id, goal_by="amount", given_amount=120)
        goal.action_work_out()
        self.assertAlmostEqual(self.part(goal, "Carl").base_amount, 162.5)
        self.part(goal, "Group of North").write({"is_by_hand": True, "given_amount": 90})
        self.part(goal, "Carl").write({"is_by_hand": True, "given_amount": 170.5})
        goal.action_write()
        january = self.version.target_ids.filtered(lambda target: target.date.month == 1)
        found = {(target.employee_id.name, target.head_id.name): target.value for target in january}
        self.assertEqual(found, {(False, False): 120, (False, "North"): 90, ("Carl", "South"): 170.5})
        self.assertIn("Group of North: 90.00, entered by hand", january[1].why + january[0].why + january[2].why)
        self.assertIn("is a ratio: the goal holds for all", january.filtered(lambda target: target.value == 120).why)

    def test_customers_grow_for_each_from_the_own_month(self):
        """All bought from one customer: one for the company, a group and a person; Anna had three more in March."""
        for name in ("B", "C", "D"):
            self.won("2025-03-11", 1, self.customer(name), self.anna)
        self.refresh(fields.Date.to_date("2024-06-01"))
        goal = self.goal(kpi_id=self.customers.id, growth=1)
        goal.action_write()
        march = self.version.target_ids.filtered(lambda target: target.date.month == 3)
        found = {(target.employee_id.name, target.head_id.name): target.value for target in march}
        self.assertEqual(
            found,
            {
                (False, False): 8,
                (False, "North"): 8,
                (False, "South"): 2,
                ("Anna", "North"): 8,
                ("Boris", "North"): 2,
                ("Carl", "South"): 2,
            },
        )

    def test_a_group_counts_by_its_people_of_the_plan(self):
        """Carl works in the north from 2026 on: its 12 deals of 1950 count there, 3900 by 36."""
        self.env["sdm.position"]._transfer(
            self.carl.employee_id,
            fields.Date.to_date("2026-01-01"),
            {"head_id": self.north_head.employee_id.id},
        )
        goal = self.goal(kpi_id=self.average.id, growth=0.2)
        goal.action_work_out()
        self.assertAlmostEqual(self.part(goal, "Group of North").base_amount, 3900 / 36, 4)

    def test_what_is_held_stays_and_again_gives_the_same(self):
        goal = self.goal(kpi_id=self.average.id, goal_by="amount", given_amount=120)
        held = self.env["sdm.plan.target"].create(
            {
                "version_id": self.version.id,
                "kpi_id": self.average.id,
                "date": "2026-01-01",
                "value": 99,
                "is_held": True,
            }
        )
        goal.action_write()
        goal.action_write()
        self.assertEqual(sorted(self.version.target_ids.mapped("value")), [99] + [120] * 11)
        self.assertEqual(held.value, 99)

    def test_the_steps_leave_out_the_months(self):
        goal = self.goal(kpi_id=self.average.id, growth=0.2)
        goal.action_next()
        self.assertEqual(goal.step, "people")
        self.assertIn("is a ratio", goal.notice)
        goal.action_next()
        self.assertIn("130.00", goal.preview)
        goal.action_back()
        goal.action_back()
        self.assertEqual(goal.step, "goal")

    def test_a_norm_takes_no_work(self):
        self.goal()
        with self.assertRaisesRegex(ValidationError, "Both are added up"):
            self.goal(kpi_id=self.average.id, goal_by="needed", from_kpi_id=self.kpi("revenue").id)

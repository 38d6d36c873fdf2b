"""The work that a goal takes, by conversion: deals, offers, meetings; and what would come of so much work."""

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .goal import GoalCase


@tagged("post_install", "-at_install", "sdm")
class TestPlanGoalFunnel(GoalCase):
    """Each of the three won a deal a month: Anna for 1300 a year, Boris for 650, Carl for 1950."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals = cls.switch_on("won_deals")
        cls.refresh(fields.Date.to_date("2024-06-01"))
        cls.revenue = cls.goal(growth=0.2)

    def needed(self, kpi=None, origin=None, **values):
        return self.goal(
            kpi_id=(kpi or self.deals).id,
            goal_by="needed",
            from_kpi_id=(origin or self.kpi("revenue")).id,
            **values,
        )

    def done(self, code, count):
        """So many of a KPI of each of the three in each of the last twelve months."""
        kpi = self.switch_on(code)
        heads = {self.anna: self.north_head, self.boris: self.north_head, self.carl: self.south_head}
        self.env["sdm.kpi.fact"].create(
            [
                {
                    "perimeter_id": self.perimeter.id,
                    "company_id": self.company.id,
                    "kpi_id": kpi.id,
                    "date": fields.Date.add(fields.Date.to_date("2024-06-01"), months=number),
                    "employee_id": user.employee_id.id,
                    "head_id": head.employee_id.id,
                    "value": count,
                }
                for user, head in heads.items()
                for number in range(12)
            ]
        )
        return kpi

    def deals_of_people(self):
        rows = self.targets("kpi_id", "employee_id")
        return {key[1]: value for key, value in rows.items() if key[0] == self.deals.display_name}

    def test_by_the_own_conversion(self):
        """1560 of Anna's 1300 are 1.2 times as much: 14.4 deals; likewise Boris and Carl. 43.2 in all."""
        goal = self.needed()
        self.assertEqual(goal.amount, 43)
        goal.action_write()
        found = self.deals_of_people()
        self.assertEqual(sum(found.values()), 43)
        self.assertEqual(set(found.values()) | {14, 15}, {14, 15})
        part = self.part(goal, "Anna")
        self.assertEqual(part.ratio_origin, "own")
        self.assertAlmostEqual(part.ratio, 12 / 1300, 8)
        self.assertEqual(part.conversion, "one for 108.3")

    def test_by_the_groups_and_the_companys_conversion(self):
        """With fewer than 13 deals nobody has an own one. The north: 24 for 1950; the company: 36 for 3900.

        Anna 19.2, Boris 9.6 and Carl 21.6 make 50.4."""
        goal = self.needed(least_cases=13)
        goal.action_write()
        found = self.deals_of_people()
        self.assertEqual(sum(found.values()), 50)
        for name, deals in (("Anna", 19.2), ("Boris", 9.6), ("Carl", 21.6)):
            self.assertAlmostEqual(found[name], deals, delta=1)
        self.assertEqual(self.part(goal, "Anna").ratio_origin, "group")
        self.assertEqual(self.part(goal, "Carl").ratio_origin, "company")

    def test_work_follows_what_is_held_and_changed_in_the_result(self):
        """Anna holds 60 in January, and Boris gets the other 120 of the north."""
        self.hold(self.anna, 60)
        goal = self.needed(rounding=0.01)
        self.revenue.action_write()
        january = {
            key[1]: value
            for key, value in self.targets("kpi_id", "employee_id", "date:month").items()
            if key[0] == self.deals.display_name and key[2] == "2026-01"
        }
        self.assertAlmostEqual(january["Anna"], 60 * 12 / 1300, delta=0.01)
        self.assertAlmostEqual(january["Boris"], 120 * 12 / 650, delta=0.01)
        self.assertTrue(goal.written_on, "written together with the result")

    def test_work_is_held_by_hand_as_well(self):
        goal = self.needed()
        goal.action_work_out()
        self.part(goal, "Carl").write({"is_by_hand": True, "given_amount": 24})
        goal.action_write()
        found = self.deals_of_people()
        self.assertEqual((found["Carl"], sum(found.values())), (24, 43))

    def test_the_whole_chain_at_once_and_back(self):
        """36 deals took 72 offers and 108 meetings; nobody's calls are counted, so the chain ends there."""
        self.done("offers", 2)
        self.done("meetings", 3)
        self.revenue.action_add_work()
        goals = self.version.goal_ids
        self.assertEqual(goals.kpi_id.mapped("code"), ["revenue", "won_deals", "offers", "meetings"])
        self.assertEqual(goals.mapped("amount"), [4680, 43, 86, 129])
        self.revenue.action_add_work()
        self.assertEqual(len(self.version.goal_ids), 4)
        meetings = goals[-1]
        meetings.step = "preview"
        for text in ("Offers 86</b> (2.00 for each", "Meetings 129</b> (1.50 for each", "one for 108.3"):
            self.assertIn(text, meetings.preview)
        meetings.seek_amount = 216
        for text in ("Offers 144", "Won deals 72", "Revenue 7,800"):
            self.assertIn(text, meetings.seek)
        meetings.action_take()
        self.assertEqual((self.revenue.goal_by, self.revenue.amount), ("amount", 7800))
        self.revenue.action_write()
        self.assertEqual(meetings.amount, 216)

    def test_a_target_of_work_says_why(self):
        goal = self.needed()
        goal.action_write()
        target = self.version.target_ids.filtered(
            lambda target: target.kpi_id == self.deals and target.employee_id.name == "Anna"
        )[:1]
        for text in ("what the targets of “Revenue” take", "one for 108.3 of “Revenue”", "Conversion: Own"):
            self.assertIn(text, target.why)

    def test_a_circle_and_a_goal_of_nothing_are_refused(self):
        deals = self.needed()
        with self.assertRaisesRegex(ValidationError, "in a circle: Revenue → Won deals → Revenue"):
            self.revenue.write({"goal_by": "needed", "from_kpi_id": self.deals.id})
        with self.assertRaisesRegex(ValidationError, "choose in “Needed for”"):
            deals.from_kpi_id = False

    def test_nothing_to_work_with_is_told(self):
        self.deals.is_on = False
        self.env["sdm.kpi.fact"].search([("kpi_id", "=", self.deals.id)]).unlink()
        with self.assertRaisesRegex(UserError, "Switch on “Won deals”"):
            self.revenue.action_add_work()
        goal = self.needed()
        self.assertIn("no conversion is known", goal.notice)
        with self.assertRaisesRegex(UserError, "The goal is 0"):
            goal.action_write()

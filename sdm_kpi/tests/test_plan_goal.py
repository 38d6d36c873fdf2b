"""Next year's plan from a goal: months, groups, people; each number worked out here by hand."""

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.sdm_segmentation.tests.common import AS_OF, RpcCase

from .goal import GoalCase


@tagged("post_install", "-at_install", "sdm")
class TestPlanGoal(GoalCase):
    def test_the_goal_is_growth_on_the_last_twelve_months(self):
        """300 a month in eleven months and 600 in December are 3900; 20 % more are 4680."""
        goal = self.goal(growth=0.2)
        self.assertEqual((goal.base_amount, goal.amount), (3900, 4680))
        goal.write({"goal_by": "amount", "given_amount": 4290})
        self.assertEqual(goal.amount, 4290)
        self.assertAlmostEqual(goal.change, 0.1)

    def test_a_shorter_plan_grows_on_its_own_months(self):
        self.plan.write({"date_from": "2026-11-01", "date_to": "2026-12-01"})
        self.assertEqual(self.goal().base_amount, 900)

    def test_months_follow_history(self):
        """December is 2 of 13 parts: 720 of 4680, the others 360."""
        goal = self.goal(growth=0.2)
        goal.action_write()
        by_month = self.targets("date:month")
        self.assertEqual(by_month.pop("2026-12"), 720)
        self.assertEqual(set(by_month.values()), {360})
        self.assertEqual(self.targets(), 4680)

    def test_groups_and_people_follow_history(self):
        """Anna, Boris and Carl sold 2, 1 and 3 of 6 parts."""
        self.goal(growth=0.2).action_write()
        self.assertEqual(self.targets("head_id"), {"North": 2340, "South": 2340})
        self.assertEqual(self.targets("employee_id"), {"Anna": 1560, "Boris": 780, "Carl": 2340})
        self.assertEqual(self.targets("employee_id", "date:month")["Anna", "2026-12"], 240)

    def test_evenly(self):
        """A third each; what cannot be divided goes round, so that each month is exact."""
        self.goal(goal_by="amount", given_amount=1300, history_weight=0, equal_weight=1).action_write()
        self.assertEqual(self.targets("date:month")["2026-01"], 100)
        self.assertEqual(sorted(self.targets("employee_id").values()), [433, 433, 434])

    def test_a_month_by_hand(self):
        """Half of the year in March; the others keep their proportions: 1 of 12 parts of what is left."""
        goal = self.goal(goal_by="amount", given_amount=2400, step="months")
        with Form(goal) as form, form.month_ids.edit(2) as march:
            march.share = 50
        self.assertEqual(goal.month_ids.mapped("is_by_hand").count(True), 1)
        goal.action_write()
        by_month = self.targets("date:month")
        self.assertEqual((by_month["2026-03"], by_month["2026-12"], by_month["2026-01"]), (1200, 200, 100))

    def test_more_than_the_year_by_hand_is_refused(self):
        goal = self.goal()
        goal.month_ids[0].write({"share": 60, "is_by_hand": True})
        goal.month_ids[1].write({"share": 60, "is_by_hand": True})
        with self.assertRaisesRegex(ValidationError, "120"):
            goal.action_work_out()

    def test_working_days_move_the_months(self):
        """May has fewer working days than usual, June as many: May's share falls against June's by as much."""
        country = self.env.ref("base.ru")
        self.company.country_id = country
        Day = self.env["sdm.calendar.day"]
        Day.search([("country_id", "=", country.id), ("date", ">=", "2024-01-01")]).unlink()
        Day.create([{"country_id": country.id, "date": f"2026-05-{day:02}", "kind": "holiday"} for day in range(4, 9)])
        goal = self.goal(goal_by="amount", given_amount=100000, use_working_days=True)
        rows = {row.date.month: row for row in goal.month_ids}
        # May: 22 working days in 2025, 21 - 5 in 2026; June: 20 in 2024, 22 in 2026
        self.assertEqual((rows[5].working_days, rows[6].working_days), (16, 22))
        self.assertAlmostEqual(rows[5].share / rows[6].share, (16 / 22) / (22 / 20), 5)

    def test_again_gives_the_same(self):
        goal = self.goal(growth=0.2)
        goal.action_write()
        before = {target.id: (target.value, target.write_date) for target in self.version.target_ids}
        goal.action_write()
        self.assertEqual({t.id: (t.value, t.write_date) for t in self.version.target_ids}, before)

    def test_what_is_held_stays_and_the_group_pays_for_it(self):
        """North gets 180 in January; Anna holds 150 of it, so Boris gets 30."""
        held = self.hold(self.anna, 150)
        self.goal(growth=0.2).action_write()
        january = {
            key[0]: value for key, value in self.targets("employee_id", "date:month").items() if key[1][5:] == "01"
        }
        self.assertEqual(january, {"Anna": 150, "Boris": 30, "Carl": 180})
        self.assertTrue(held.exists().is_held)
        self.assertEqual(self.targets(), 4680)

    def test_what_is_held_for_nobody_counts(self):
        self.hold(None, 100)
        self.goal(growth=0.2).action_write()
        january = {
            key[0]: value for key, value in self.targets("employee_id", "date:month").items() if key[1][5:] == "01"
        }
        self.assertEqual(sum(january.values()), 360)
        self.assertEqual(january[None], 100)

    def test_more_held_than_the_goal_is_told_with_place_and_month(self):
        self.hold(self.anna, 1000)
        goal = self.goal(growth=0.2)
        with self.assertRaisesRegex(UserError, "Test, January 2026.*1,000.*360"):
            goal.action_write()
        goal.step = "preview"
        self.assertIn("alert-danger", goal.preview)

    def test_closed_months_keep_their_targets(self):
        """January is closed with 100 of Anna; the other eleven months share the 4580 that are left, December doubly."""
        kept = self.hold(self.anna, 100)
        kept.is_held = False
        self.env["sdm.period"].create({"perimeter_id": self.perimeter.id, "date": "2026-01-01", "state": "closed"})
        self.goal(growth=0.2).action_write()
        by_month = self.targets("date:month")
        self.assertEqual((by_month["2026-01"], kept.exists().value), (100, 100))
        self.assertAlmostEqual(by_month["2026-12"], 4580 * 2 / 12, delta=1)
        self.assertEqual(self.targets(), 4680)

    def test_what_is_not_held_is_replaced(self):
        held = self.hold(self.anna, 5)
        held.write({"is_held": False, "value": 5})
        self.goal(growth=0.2).action_write()
        self.assertEqual(held.value, 120)

    def test_an_amount_by_hand(self):
        """Boris gets 1300 of the year, 100 a month and 200 in December; Anna the rest of the north's 2340."""
        goal = self.goal(growth=0.2)
        goal.action_work_out()
        self.part(goal, "Boris").write({"given_amount": 1300, "is_by_hand": True})
        goal.action_write()
        self.assertEqual(self.targets("employee_id"), {"Anna": 1040, "Boris": 1300, "Carl": 2340})
        self.part(goal, "Group of North").write({"given_amount": 2600, "is_by_hand": True})
        goal.action_write()
        self.assertEqual(self.targets("employee_id"), {"Anna": 1300, "Boris": 1300, "Carl": 2080})

    def test_who_is_left_out_leaves_the_part_to_the_group(self):
        """What Boris sold stays a part of the north's weight."""
        goal = self.goal(growth=0.2)
        goal.action_work_out()
        self.part(goal, "Boris").is_left_out = True
        goal.action_write()
        self.assertEqual(self.targets("employee_id"), {"Anna": 2340, "Carl": 2340})
        goal.step = "preview"
        self.assertIn("Boris: left out by hand", goal.preview)
        self.part(goal, "Boris").is_left_out = False
        goal.action_write()
        self.assertEqual(self.targets("employee_id")["Boris"], 780)

    def test_who_left_is_told_and_the_group_keeps_the_part(self):
        position = self.env["sdm.position"].search([("employee_id", "=", self.boris.employee_id.id)])
        position.date_to = "2025-12-31"
        goal = self.goal(growth=0.2)
        goal.action_write()
        self.assertEqual(self.targets("employee_id"), {"Anna": 2340, "Carl": 2340})
        goal.step = "preview"
        self.assertIn("Boris: has no position in these months", goal.preview)

    def test_who_leaves_in_the_year_hands_over_to_the_group(self):
        """Boris is there until the end of June: 60 in each of six months; then the north is Anna's."""
        self.env["sdm.position"].search([("employee_id", "=", self.boris.employee_id.id)]).date_to = "2026-06-30"
        self.goal(growth=0.2).action_write()
        self.assertEqual(self.targets("employee_id")["Boris"], 360)
        july = {key[0]: value for key, value in self.targets("employee_id", "date:month").items() if key[1][5:] == "07"}
        # from July the weights are 2 and 3
        self.assertEqual(july, {"Anna": 144, "Carl": 216})

    def test_nobody_sells(self):
        self.env["sdm.kpi.fact"].search([("perimeter_id", "=", self.perimeter.id)]).unlink()
        goal = self.goal(goal_by="amount", given_amount=1200)
        goal.step = "people"
        self.assertIn("no facts", goal.notice)
        goal.action_write()
        self.assertEqual(self.targets("employee_id", "head_id"), {(None, None): 1200})
        self.assertEqual(set(self.targets("date:month").values()), set(goal.month_ids.mapped("amount")))

    def test_without_facts_a_team_gets_the_goal_evenly(self):
        self.env["sdm.kpi.fact"].search([("perimeter_id", "=", self.perimeter.id)]).unlink()
        team = self.team("Team")
        people = (self.anna | self.boris).employee_id
        self.env["sdm.position"].search([("employee_id", "in", people.ids)]).team_id = team
        goal = self.goal(goal_by="amount", given_amount=1200)
        goal.action_write()
        self.assertEqual(self.targets("employee_id"), {"Anna": 600, "Boris": 600})
        self.assertEqual(self.targets("team_id"), {"Team": 1200})
        goal.step = "preview"
        self.assertIn("capacity was taken instead", goal.preview)

    def test_a_goal_of_nothing_writes_nothing(self):
        with self.assertRaisesRegex(UserError, "The goal is 0"):
            self.goal(goal_by="amount").action_write()

    def test_why_this_number(self):
        goal = self.goal(growth=0.2)
        goal.action_write()
        target = self.version.target_ids.filtered(
            lambda target: target.employee_id.name == "Anna" and target.date.month == 12
        )
        self.assertEqual(target.value, 240)
        text = target.with_user(self.director).why
        for part in (
            "4,680",
            "3,900",
            "December 2026: 15.38 %",
            "Group of North: 50.00 %",
            "Anna: 33.33 %",
            "by history",
        ):
            self.assertIn(part, text)
        self.assertIn("Held", self.hold(self.carl, 7, "2026-02-01").why)

    def test_the_preview_shows_targets_beside_facts(self):
        goal = self.goal(growth=0.2)
        for _step in range(3):
            goal.action_next()
        self.assertEqual(goal.step, "preview")
        self.assertIn("36 targets to write", goal.preview)
        self.assertIn(">720<div", goal.preview)
        self.assertIn("600</div>", goal.preview)
        self.assertIn("20.0 %", goal.preview)
        goal.action_write()
        goal.invalidate_recordset(["preview"])
        self.assertIn("They take the place of 36 that are not held", goal.preview)

    def test_the_button_of_a_plan_opens_the_goal_of_a_draft(self):
        action = self.plan.with_user(self.director).action_make()
        goal = self.env["sdm.plan.goal"].browse(action["res_id"])
        self.assertEqual((goal.version_id, goal.kpi_id.code), (self.version, "revenue"))
        self.assertEqual(self.plan.action_make()["res_id"], goal.id)
        goal.write({"goal_by": "amount", "given_amount": 1300})
        goal.action_write()
        self.version._put_in_force(AS_OF, "Agreed")
        other = self.env["sdm.plan.goal"].browse(self.plan.action_make()["res_id"])
        self.assertEqual(other.version_id.number, 2)

    def test_a_copy_of_a_version_keeps_the_settings(self):
        goal = self.goal(growth=0.2)
        goal.action_work_out()
        self.part(goal, "Boris").write({"given_amount": 1300, "is_by_hand": True})
        copy = self.version.copy()
        copy.goal_ids.action_write()
        self.assertEqual(self.targets("employee_id", version=copy), {"Anna": 1040, "Boris": 1300, "Carl": 2340})

    def test_what_was_decided_stays(self):
        goal = self.goal(growth=0.2)
        goal.action_write()
        self.version._put_in_force(AS_OF, "Agreed")
        mine = goal.with_user(self.director)
        for change in (
            lambda: mine.write({"growth": 1}),
            lambda: mine.month_ids[0].write({"share": 1}),
            lambda: mine.part_ids[0].write({"is_left_out": True}),
            mine.action_write,
            mine.unlink,
        ):
            with self.assertRaisesRegex(UserError, "Plan 2026, version 1: Base"):
                change()
        mine.step = "months"

    def test_queries_do_not_grow_with_people(self):
        """Worked out and written for 3 people and for 33: the same number of queries."""
        goal = self.goal(growth=0.2, history_weight=0, equal_weight=1)
        goal.action_work_out()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            worked_out = goal._work_out()
            self.env["sdm.plan.target"]._write_cells(goal.version_id, goal.kpi_id, worked_out.cells)
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        team = self.team("Team")
        for number in range(30):
            self.worker(f"More {number:02}", self.north_head, team)
        count()
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 30)
        self.assertEqual(len(self.version.target_ids.employee_id), 33)


@tagged("post_install", "-at_install", "sdm")
class TestPlanGoalPeople(GoalCase):
    """Newcomers, absences, parts of posts, potential."""

    def january(self):
        """Targets of January by person."""
        rows = self.targets("employee_id", "date:month")
        return {key[0]: value for key, value in rows.items() if key[1] == "2026-01"}

    def test_a_newcomer_counts_like_the_group_on_a_ramp(self):
        """Dora begins in January in the north, whose mean is (1300 + 650) / 2 a year. In January a quarter of it."""
        self.worker("Dora", self.north_head, self.team("Team"), since="2026-01-01")
        goal = self.goal(goal_by="amount", given_amount=1300000)
        goal.action_write()
        dora = self.part(goal, "Dora")
        self.assertEqual((dora.basis, dora.year_amount), ("group", 975))
        january = self.january()
        # 243.75 beside 3900 of the others; 100000 in January
        self.assertEqual(january["Dora"], round(100000 * 243.75 / 4143.75))
        april = self.targets("employee_id", "date:month")["Dora", "2026-04"]
        self.assertEqual(april, round(100000 * 975 / 4875))
        self.assertEqual(self.targets(), 1300000)

    def test_who_joins_in_the_middle_of_a_month_gets_its_working_days(self):
        """From 19 January on: 10 of 22 working days, of a quarter."""
        self.worker("Dora", self.north_head, self.team("Team"), since="2026-01-19")
        goal = self.goal(goal_by="amount", given_amount=1300000)
        goal.action_write()
        weight = 975 / 4 * 10 / 22
        self.assertAlmostEqual(self.january()["Dora"], 100000 * weight / (3900 + weight), delta=1)
        self.assertAlmostEqual(self.part(goal, "Dora").presence, 11 + 10 / 22, 2)

    def test_part_of_the_year_counts_as_a_whole_one(self):
        """Carl began in December 2024: 300 then and 150 in each of five months are 1050 in half a year."""
        carl = self.carl.employee_id
        self.env["sdm.kpi.fact"].search([("employee_id", "=", carl.id), ("date", "<", "2024-12-01")]).unlink()
        self.env["sdm.position"].search([("employee_id", "=", carl.id)]).date_from = "2024-12-02"
        goal = self.goal(growth=0)
        goal.action_work_out()
        part = self.part(goal, "Carl")
        self.assertEqual((part.basis, part.base_amount, part.year_amount), ("part", 1050, 2100))

    def test_absences_lower_a_target_only_where_that_is_set(self):
        """Carl is away for 11 of the 22 working days of January: he weighs a half."""
        self.away(self.carl, "2026-01-01", "2026-01-15")
        goal = self.goal(goal_by="amount", given_amount=1300000)
        goal.action_write()
        self.assertEqual(self.january()["Carl"], 50000)
        goal.absences_lower = True
        goal.action_write()
        # 975 beside the 1950 of the north
        self.assertEqual(self.january()["Carl"], 33333)
        self.assertEqual(self.targets("date:month")["2026-01"], 100000)

    def test_capacity_knows_parts_of_posts(self):
        self.env["sdm.position"].search([("employee_id", "=", self.carl.employee_id.id)]).share = 0.5
        self.goal(goal_by="amount", given_amount=1300, history_weight=0, capacity_weight=1).action_write()
        self.assertEqual(self.january(), {"Anna": 40, "Boris": 40, "Carl": 20})

    def test_potential_of_the_customers(self):
        """Anna owns a customer who could buy for 9000, Carl one of 3000; both together one of 4000."""
        for name, amount, owners in (
            ("Big", 9000, {self.anna: 1}),
            ("Small", 3000, {self.carl: 1}),
            ("Both", 4000, {self.anna: 0.25, self.carl: 0.75}),
        ):
            customer = self.customer(name)
            for number, (user, share) in enumerate(owners.items()):
                self.owned(customer, user, "lead" if not number else "co", share)
            self.env["sdm.potential"].create(
                {"partner_id": customer.id, "amount": amount, "date": "2025-06-01", "company_id": self.company.id}
            )
        goal = self.goal(goal_by="amount", given_amount=20800, history_weight=0, potential_weight=1)
        goal.action_write()
        self.assertEqual(self.part(goal, "Anna").potential, 10000)
        self.assertEqual(self.targets("employee_id"), {"Anna": 13000, "Boris": 0, "Carl": 7800})
        goal.write({"potential_weight": 1, "history_weight": 1})
        goal.action_write()
        # of 1600 by history a third, a sixth and a half, by potential 10/16, nothing and 6/16
        self.assertEqual(self.january(), {"Anna": 767, "Boris": 133, "Carl": 700})

    def test_somebody_changes_the_group_in_the_year(self):
        """Boris works in the south from July on: the north has his target until June, the south from July."""
        self.env["sdm.position"]._transfer(
            self.boris.employee_id,
            fields.Date.to_date("2026-07-01"),
            {"head_id": self.south_head.employee_id.id},
        )
        self.goal(growth=0.2).action_write()
        found = self.targets("employee_id", "head_id")
        self.assertEqual((found["Boris", "North"], found["Boris", "South"]), (360, 420))


@tagged("post_install", "-at_install", "sdm")
class TestPlanGoalMix(GoalCase):
    """Targets divided by segment and product category."""

    SALES = ()

    @classmethod
    def sell(cls):
        """Anna sells pumps for 30 in summer and 10 else, and hoses for 10; Carl hoses for 20. Boris sells nothing."""
        cls.pump, cls.hose = cls.in_category("Pumps"), cls.in_category("Hoses")
        for number in range(12):
            month = fields.Date.add(fields.Date.to_date("2024-06-10"), months=number)
            pumps = 30 if month.month in (6, 7, 8) else 10
            cls.bill(cls.acme, month, [(cls.pump, 1, pumps), (cls.hose, 1, 10)], cls.anna)
            cls.bill(cls.acme, month, [(cls.hose, 1, 20)], cls.carl)

    def test_to_product_categories_by_the_own_sales_and_seasons(self):
        """Anna sold 180 of pumps and 120 of hoses, Carl 240 of hoses: 540, and the goal is ten times that."""
        goal = self.goal(goal_by="amount", given_amount=5400, by_category=True)
        goal.action_write()
        found = self.targets("employee_id", "category_id")
        self.assertEqual(found["Carl", "Hoses"], 2400)
        self.assertAlmostEqual(found["Anna", "Pumps"], 1800, delta=60)
        self.assertEqual(found["Anna", "Pumps"] + found["Anna", "Hoses"], 3000)
        self.assertEqual(self.targets(), 5400)
        by_month = self.targets("employee_id", "category_id", "date:month")
        self.assertGreater(by_month["Anna", "Pumps", "2026-07"], 2 * by_month["Anna", "Pumps", "2026-02"])
        goal.step = "preview"
        self.assertIn("By product category", goal.preview)

    def test_new_products_sell_like_others(self):
        """Valves sell like half of the hoses, from July on; what everybody gets stays the same."""
        valves = self.env["product.category"].create({"name": "Valves"})
        goal = self.goal(goal_by="amount", given_amount=5400, by_category=True)
        goal.analogue_ids = [
            Command.create(
                {
                    "category_id": valves.id,
                    "like_id": self.hose.categ_id.id,
                    "percent": 50,
                    "date_from": "2026-07-01",
                }
            )
        ]
        goal.action_write()
        months = {
            key[1]: value for key, value in self.targets("category_id", "date:month").items() if key[0] == "Valves"
        }
        self.assertEqual(min(months), "2026-07")
        carl = self.targets("employee_id", "category_id", "date:month")
        self.assertAlmostEqual(carl["Carl", "Hoses", "2026-09"], 2 * carl["Carl", "Valves", "2026-09"], delta=2)
        self.assertEqual(self.targets("employee_id")["Carl"], 2400)

    def test_to_segments(self):
        self.goal(goal_by="amount", given_amount=5400, by_segment=True).action_write()
        self.assertEqual(self.targets("employee_id", "segment_id"), {("Anna", None): 3000, ("Carl", None): 2400})


@tagged("post_install", "-at_install", "sdm")
class TestPlanGoalAccess(GoalCase, RpcCase):
    def test_who_may(self):
        goal = self.goal(growth=0.2)
        goal.action_work_out()
        people = {name: self.persona(name) for name in ("seller", "head", "auditor", "payroll", "stranger")}
        for model in (
            "sdm.plan.goal",
            "sdm.plan.goal.month",
            "sdm.plan.goal.part",
            "sdm.plan.goal.analogue",
        ):
            for name, user in people.items():
                with self.subTest(model=model, name=name):
                    records = self.env[model].with_user(user)
                    self.assertEqual(records.has_access("read"), name == "auditor")
                    for operation in ("write", "create", "unlink"):
                        self.assertFalse(records.has_access(operation))
            self.assertTrue(self.env[model].with_user(self.director).has_access("write"))
        with self.assertRaises(AccessError):
            self.plan.with_user(people["head"]).action_make()
        with self.assertRaises(AccessError):
            goal.with_user(people["auditor"]).action_write()

    def test_margin_is_for_its_group(self):
        self.goal(kpi_id=self.kpi("order_margin").id)
        self.assertFalse(
            self.env["sdm.plan.goal"].with_user(self.director).search([("version_id", "=", self.version.id)])
        )

    def test_a_hidden_perimeter_is_hidden(self):
        self.goal()
        self.perimeter.company_ids |= self.env["res.company"].create({"name": "Other"})
        found = (
            self.env["sdm.plan.goal.month"]
            .with_user(self.director)
            .search([("goal_id.version_id", "=", self.version.id)])
        )
        self.assertFalse(found)

    @mute_logger("odoo.http")
    def test_nobody_writes_targets_over_the_wire(self):
        goal = self.goal(growth=0.2)
        head = self.persona("head")
        head.password = "sdm_head_1"
        self.authenticate(head.login, "sdm_head_1")
        self.assertEqual(self.call("sdm.plan.goal", "action_write", goal.ids)[1], "odoo.exceptions.AccessError")
        _result, error = self.call("sdm.plan.target", "_write_cells", goal.version_id.id, goal.kpi_id.id, {})
        self.assertEqual(error, "odoo.exceptions.AccessError")
        self.assertFalse(self.version.target_ids)

"""Plan against fact in the report: by hand, against the engine on random targets, and who sees what."""

import random
from fractions import Fraction

from odoo import fields
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from ..engine.plan import targets
from .plan import PlanCase


@tagged("post_install", "-at_install")
class TestReportPlan(PlanCase):
    def test_sums_of_people_groups_and_what_nobody_has(self):
        self.switch_on("won_amount")
        self.won("2025-06-10", 90, self.acme, self.anna)
        self.won("2025-06-11", 30, self.acme, self.boris)
        self.won("2025-06-11", 5, self.acme)
        self.refresh()
        self.target("won_amount", 100, self.anna)
        self.target("won_amount", 60, self.boris)
        self.target("won_amount", 20, head=self.head)
        self.target("won_amount", 10)
        self.assertEqual(self.measured("won_amount", "target"), 190)
        self.assertEqual(self.measured("won_amount", "target", "head_id"), {"Head": 180, None: 10})
        self.assertEqual(self.measured("won_amount", "gap"), 125 - 190)
        self.assertAlmostEqual(self.measured("won_amount", "attainment"), 125 / 190)
        shares = self.measured("won_amount", "attainment", "employee_id")
        self.assertEqual(
            {name: round(share, 9) for name, share in shares.items()}, {"Anna": 0.9, "Boris": 0.5, None: 0.166666667}
        )

    def test_to_date_by_the_working_days_of_each(self):
        """20 of 21 days are over; Anna was away on the first five, so 15 of 16."""
        self.switch_on("won_amount")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": self.anna.employee_id.resource_id.id,
                "calendar_id": self.anna.employee_id.resource_calendar_id.id,
                "date_from": "2025-06-02 00:00:00",
                "date_to": "2025-06-06 23:59:59",
            }
        )
        self.won("2025-06-10", 90, self.acme, self.anna)
        self.won("2025-05-10", 10, self.acme, self.boris)
        self.refresh()
        self.target("won_amount", 160, self.anna)
        self.target("won_amount", 42, self.boris)
        self.target("won_amount", 8, self.boris, "2025-05-01")
        self.target("won_amount", 1000, self.boris, "2025-07-01")
        to_date = self.measured("won_amount", "target_to_date", "employee_id")
        self.assertAlmostEqual(to_date["Anna"], 150)
        self.assertAlmostEqual(to_date["Boris"], 40 + 8)
        self.assertAlmostEqual(self.measured("won_amount", "pace"), 100 / 198)
        paces = self.measured("won_amount", "pace", "date:month")
        self.assertAlmostEqual(paces["2025-05"], 1.25)
        self.assertIs(paces["2025-07"], False, "nothing is due yet")
        self.assertIs(self.measured("won_amount", "attainment", "date:month")["2025-07"], False)
        self.assertIs(self.measured("won_amount", "gap", "date:month")["2025-07"], False)

    def test_no_fact_of_what_is_planned_is_zero(self):
        self.switch_on("won_amount", "win_rate")
        self.target("won_amount", 100, self.anna)
        self.target("win_rate", 30, self.anna)
        self.assertEqual(self.values("won_amount"), 0)
        self.assertEqual(self.measured("won_amount", "attainment"), 0)
        self.assertIs(self.values("win_rate"), False)
        self.assertIs(self.measured("win_rate", "attainment"), False)

    def test_no_plan_and_a_plan_of_nothing_say_nothing(self):
        self.switch_on("won_amount")
        self.won("2025-06-10", 90, self.acme, self.anna)
        self.refresh()
        self.assertIs(self.measured("won_amount", "attainment"), False)
        self.target("won_amount", 0, self.anna)
        self.target("won_amount", -5, self.boris)
        for measure in ("attainment", "pace"):
            self.assertEqual(
                self.measured("won_amount", measure, "employee_id"), {"Anna": False, "Boris": False}, measure
            )

    def test_less_is_better(self):
        """20 lost of 16 planned: a quarter too many is 75 %; at the plan it is 100 %."""
        kpi = self.switch_on("lost_deals")
        kpi.direction = "down"
        for _number in range(5):
            self.lost("2025-06-10", self.acme, self.anna)
        self.refresh()
        self.target("lost_deals", 4, self.anna)
        self.assertAlmostEqual(self.measured("lost_deals", "attainment"), 0.75)
        kpi.direction = "up"
        self.assertAlmostEqual(self.measured("lost_deals", "attainment"), 1.25)

    def test_a_ratio_is_planned_by_its_inputs_else_by_its_own(self):
        self.switch_on("average_deal")
        self.won("2025-06-10", 90, self.acme, self.anna)
        self.won("2025-06-10", 30, self.acme, self.boris)
        self.refresh()
        self.target("average_deal", 50)
        self.assertEqual(
            self.measured("average_deal", "target", "employee_id", domain=[("employee_id", "!=", False)]),
            {"Anna": 50, "Boris": 50, "Head": 50, "Carl": 50},
            "who has no own target is judged by the company's",
        )
        self.assertEqual(self.measured("average_deal", "target"), 50)
        self.assertEqual(self.measured("average_deal", "attainment"), 1.2)
        self.target("average_deal", 80, head=self.head)
        self.assertEqual(
            self.measured("average_deal", "target", "employee_id", domain=[("employee_id", "!=", False)]),
            {"Anna": 80, "Boris": 80, "Head": 50, "Carl": 50},
        )
        self.assertEqual(self.measured("average_deal", "target", "head_id"), {"Head": 80, None: 50})
        self.target("won_amount", 300, self.anna)
        self.target("won_deals", 3, self.anna)
        self.target("won_amount", 60, self.boris)
        self.target("won_deals", 1, self.boris)
        self.assertEqual(self.measured("average_deal", "target"), 90, "360 of 4, not the mean of 100 and 60")

    def test_customers_over_months_are_shown_and_not_judged(self):
        self.switch_on("active_customers")
        self.bill(self.acme, "2025-05-05", [(self.in_category("Pumps"), 1, 10)], self.anna)
        self.refresh()
        for month, value in (("2025-05-01", 2), ("2025-06-01", 4)):
            self.target("active_customers", value, self.anna, month)
        self.assertEqual(self.measured("active_customers", "target"), 3)
        self.assertIs(self.measured("active_customers", "attainment"), False)
        self.assertEqual(self.measured("active_customers", "attainment", "date:month"), {"2025-05": 0.5, "2025-06": 0})

    def test_a_plan_of_states_is_that_of_the_last_month(self):
        self.switch_on("pipeline")
        self.entered(self.deal(self.acme, self.anna, "2025-01-10", expected_revenue=70), "2025-01-10")
        self.refresh()
        for month, value in (("2025-05-01", 50), ("2025-06-01", 140), ("2025-07-01", 900)):
            self.target("pipeline", value, self.anna, month)
        self.assertEqual(self.measured("pipeline", "target_to_date"), 140)
        self.assertEqual(self.measured("pipeline", "pace"), 0.5)
        self.assertEqual(self.measured("pipeline", "target"), 900)

    def test_only_what_holds_counts(self):
        self.switch_on("won_amount")
        self.target("won_amount", 100, self.anna).is_effective = False
        self.assertFalse(self.env["sdm.kpi.report"].search([]))
        self.target("won_amount", 70, self.boris)
        self.assertEqual(self.measured("won_amount", "target", "employee_id"), {"Boris": 70})

    def test_rows_of_targets_open_the_targets_and_of_facts_the_documents(self):
        self.switch_on("won_amount")
        won = self.won("2025-06-10", 90, self.acme, self.anna)
        self.refresh()
        target = self.target("won_amount", 100, self.anna)
        rows = self.env["sdm.kpi.report"].search([("employee_id", "=", self.anna.employee_id.id)])
        self.assertEqual(len(set(rows.ids)), 2)
        action = rows.action_open_entries()
        entries = self.env["sdm.kpi.entry"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(entries.lead_id, won)
        action = rows.filtered("is_target").action_open_entries()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), target)

    def test_targets_agree_with_the_engine_on_random_ones(self):
        """Levels, months and parts at random: each group of the report is what the engine says of its cells."""
        kpis = self.switch_on("won_amount", "active_customers", "pipeline", "average_deal")
        semantics = {kpi: kpi.semantics for kpi in kpis}
        segments = self.env["sdm.segment"]
        rnd = random.Random(5)
        people = [(self.anna, self.head), (self.boris, self.head), (self.carl, None), (None, self.head), (None, None)]
        cells = {}
        for _number in range(150):
            kpi, (person, head) = rnd.choice(kpis), rnd.choice(people)
            if person is None and kpi.semantics == "ratio":
                continue  # who has none gets those: another test
            month = fields.Date.to_date(f"2025-0{rnd.randint(4, 8)}-01")
            team = self.north if rnd.random() < 0.3 else None
            cell = targets.Cell(
                month,
                Fraction(rnd.choice((10, 20, 30))),
                person and person.employee_id.id,
                head and head.employee_id.id,
                team and team.id,
                # one that was changed within the month
                **({"old": Fraction(5), "share": Fraction(1, rnd.choice((2, 4)))} if rnd.random() < 0.3 else {}),
            )
            if (kpi, month, cell.key) in cells:
                continue
            cells[kpi, month, cell.key] = cell
            self.target(
                kpi.code,
                float(cell.value),
                person,
                month,
                head if not person else None,
                team_id=cell.team or False,
                part_old=float(cell.old),
                share_old=float(cell.share),
            )
        self.assertFalse(segments)
        passed = {person: Fraction(*map(int, days)) for person, days in self.days_passed().items()}
        for groupby in ([], ["employee_id"], ["head_id"], ["date:month"], ["team_id", "date:quarter"]):
            rows = self.env["sdm.kpi.report"]._read_group(
                [], ["kpi_id", *groupby], ["target:sum", "target_to_date:sum", "id:array_agg"]
            )
            self.assertTrue(rows)
            for kpi, *keys, target, to_date, _ids in rows:
                found = [
                    cell
                    for (owner, _month, _key), cell in cells.items()
                    if owner == kpi and all(self.fits(cell, by, key) for by, key in zip(groupby, keys, strict=True))
                ]
                expected = targets.target_of(found, semantics[kpi])
                due = targets.to_date(
                    found, semantics[kpi], fields.Date.to_date("2025-06-01"), lambda key: passed.get(key, passed[None])
                )
                expected_due = targets.target_of(due, semantics[kpi])
                with self.subTest(kpi=kpi.code, groupby=groupby, keys=keys):
                    self.assertSame(target, expected)
                    self.assertSame(to_date, expected_due)

    def days_passed(self):
        return self.env["sdm.plan.target"]._get_working_days(self.perimeter, fields.Date.to_date("2025-06-30"))

    def assertSame(self, found, expected):
        if expected is None:
            self.assertIs(found, False)
        else:
            self.assertAlmostEqual(float(found), float(expected), 6)

    @staticmethod
    def fits(cell, by, key):
        if by == "date:month":
            return cell.month == key
        if by == "date:quarter":
            return (cell.month.month - 1) // 3 == (key.month - 1) // 3
        return {"employee_id": cell.person, "head_id": cell.head, "team_id": cell.team}[by] == (key.id or None)

    def test_queries_do_not_depend_on_people(self):
        self.switch_on("won_amount", "win_rate", "active_customers", "pipeline")
        measures = [f"{name}:sum" for name in ("value", "target", "target_to_date", "gap", "attainment", "pace")]

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["sdm.kpi.report"].with_user(self.head).formatted_read_grouping_sets(
                [], [["kpi_id"], ["kpi_id", "date:month"], []], measures
            )
            return self.env.cr.sql_log_count - before

        self.target("won_amount", 5, self.anna)
        count()
        few = count()
        for number in range(8):
            worker = self.worker(f"More {number}", self.head, self.north)
            self.target("won_amount", 5, worker, head=self.head)
        count()
        self.assertLessEqual(count(), few)
        self.assertLessEqual(few, 30)


class PlanAccessCase(PlanCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch_on("won_amount", "order_margin", "average_deal")
        for user, value in ((cls.head, 1), (cls.anna, 10), (cls.boris, 100), (cls.carl, 1000)):
            cls.target("won_amount", value, user)
        cls.target("won_amount", 10000, head=cls.head)
        cls.target("won_amount", 100000)
        cls.target("order_margin", 7, cls.anna)
        cls.target("average_deal", 55)


@tagged("post_install", "-at_install")
class TestReportPlanAccess(PlanAccessCase):
    def test_each_sees_the_plan_that_is_theirs(self):
        self.env.flush_all()
        for user, expected in (
            (self.anna, 10),
            (self.boris, 100),
            (self.head, 10111),
            (self.director, 111111),
            (self.persona("auditor"), 111111),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.measured("won_amount", "target", env=self.env(user=user)), expected)

    def test_a_seller_is_told_by_which_ratio_of_the_company_he_is_judged(self):
        self.assertEqual(
            self.measured("average_deal", "target", "employee_id", env=self.env(user=self.anna)), {"Anna": 55}
        )

    def test_margin_plans_are_for_their_group(self):
        self.assertIs(self.measured("order_margin", "target", env=self.env(user=self.director)), False)
        self.director.group_ids |= self.env.ref("sdm_segmentation.group_sdm_margin")
        self.assertEqual(self.measured("order_margin", "target", env=self.env(user=self.director)), 7)


@tagged("post_install", "-at_install")
class TestReportPlanRpc(RpcCase, PlanAccessCase):
    def test_a_seller_sees_no_plan_of_a_peer_over_the_wire(self):
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")
        rows, error = self.call("sdm.kpi.report", "search_read", [], ["target", "employee_id"])
        self.assertIsNone(error)
        self.assertEqual({row["employee_id"][1] for row in rows}, {"Anna"})
        domain = [["kpi_id.code", "=", "won_amount"]]
        groups, error = self.call("sdm.kpi.report", "formatted_read_group", domain, [], ["target:sum"])
        self.assertIsNone(error)
        self.assertEqual(groups[0]["target:sum"], 10)
        _result, error = self.call("sdm.kpi.report", "write", [rows[0]["id"]], {"target": 1})
        self.assertEqual(error, "odoo.exceptions.AccessError")

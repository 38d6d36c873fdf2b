"""A seller's plan by hand: how far, what is needed a day, where it lands, and what does not count yet."""

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from .plan import PlanCase


class MyPlanCase(PlanCase):
    """Today is Monday, 16 June 2025: 10 of 21 working days are over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2025-06-16"))
        cls.switch_on("revenue", "won_amount", "win_rate", "lost_deals")
        cls.kpi("lost_deals").direction = "down"
        cls.deal_won = cls.won("2025-06-10", 100, cls.acme, cls.anna)
        cls.won("2025-05-05", 40, cls.acme, cls.anna)
        cls.lost("2025-06-10", cls.acme, cls.anna)
        cls.target("won_amount", 210, cls.anna)
        cls.target("won_amount", 50, cls.anna, "2025-05-01")
        cls.target("won_amount", 210, cls.boris)
        cls.target("win_rate", 40, cls.anna)
        cls.target("lost_deals", 2.1, cls.anna)
        cls.refresh()

    def plan_of(self, user, *arguments):
        return self.env["sdm.my.plan"].with_user(user).get_plan(*arguments)

    def kpis(self, user, *arguments):
        return {kpi["code"]: kpi for kpi in self.plan_of(user, *arguments)["kpis"]}


@tagged("post_install", "-at_install")
class TestMyPlan(MyPlanCase):
    def test_pace_needed_and_landing(self):
        """100 of 210 by day 10 of 21: exactly on pace. 110 over 11 days is 10 a day; 100 * 21 / 10 lands at 210."""
        plan = self.plan_of(self.anna)
        self.assertEqual(plan["days"], {"over": 10, "left": 11, "all": 21})
        won = self.kpis(self.anna)["won_amount"]
        self.assertEqual((won["value"], won["target"], won["target_to_date"]), (100, 210, 100))
        self.assertEqual((won["needed"], won["landing"], won["pace"], won["band"]), (10, 210, 1, "success"))
        self.assertAlmostEqual(won["attainment"], 100 / 210, 4)
        # 140 of 50 and the part of June
        self.assertAlmostEqual(won["year_attainment"], 140 / 150, 4)
        self.assertEqual(won["year_band"], "warning")

    def test_a_ratio_has_no_needed_and_no_landing(self):
        rate = self.kpis(self.anna)["win_rate"]
        self.assertEqual((rate["value"], rate["target"], rate["attainment"]), (50, 40, 1.25))
        self.assertEqual((rate["needed"], rate["landing"]), (None, None))

    def test_less_is_better_has_a_landing_and_nothing_needed(self):
        """1 lost where 1 may be by today."""
        lost = self.kpis(self.anna)["lost_deals"]
        self.assertEqual((lost["pace"], lost["band"], lost["needed"]), (1, "success", None))
        self.assertAlmostEqual(lost["landing"], 2.1)

    def test_a_month_that_is_over_is_judged_by_its_attainment(self):
        may = self.kpis(self.anna, None, "2025-05-20")
        self.assertEqual(set(may), {"won_amount"})
        won = may["won_amount"]
        self.assertEqual((won["attainment"], won["band"], won["needed"], won["landing"]), (0.8, "warning", None, None))
        self.assertEqual(self.plan_of(self.anna, None, "2025-05-20")["days"]["left"], 0)

    def test_bounds_of_colours_belong_to_the_better_one(self):
        kpi = self.kpi("won_amount")
        bands = [kpi._get_band(value, False) for value in (0.7999, 0.8, 0.9999, 1, None)]
        self.assertEqual(bands, ["danger", "warning", "warning", "success", None])
        self.assertEqual([kpi._get_band(value, True) for value in (0.8999, 0.9)], ["danger", "warning"])

    def test_without_targets_it_is_empty_and_says_nothing(self):
        plan = self.plan_of(self.carl)
        self.assertEqual((plan["kpis"], plan["person"]["name"]), ([], "Carl"))

    def test_who_may_look_at_whom(self):
        names = [person["name"] for person in self.plan_of(self.anna)["people"]]
        self.assertEqual(names, ["Anna"])
        names = [person["name"] for person in self.plan_of(self.head)["people"]]
        self.assertEqual(names, ["Anna", "Boris"])
        self.assertEqual(self.kpis(self.head, self.anna.employee_id.id)["won_amount"]["value"], 100)
        with self.assertRaises(AccessError):
            self.plan_of(self.anna, self.boris.employee_id.id)
        with self.assertRaises(AccessError):
            self.plan_of(self.persona("payroll"))

    def test_what_it_is_made_of(self):
        action = self.env["sdm.my.plan"].open_documents(
            self.kpi("won_amount").id, self.anna.employee_id.id, "2025-06-01"
        )
        entries = self.env["sdm.kpi.entry"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(entries.lead_id, self.deal_won)
        action = self.env["sdm.my.plan"].open_documents(self.kpi("win_rate").id, self.anna.employee_id.id, "2025-06-01")
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sorted(rows.mapped("value")), [1, 1])

    def test_what_does_not_count_yet(self):
        """With invoices revenue is counted from those, and all before them waits."""
        self.assertEqual(self.plan_of(self.anna)["waiting"], [])
        self.won("2025-06-11", 0, self.acme, self.anna)
        [waiting] = self.plan_of(self.anna)["waiting"]
        self.assertEqual((waiting["key"], waiting["count"]), ("won_without_amount", 1))
        pump = self.in_category("Pumps")
        self.bill(self.bolt, "2025-06-12", [(pump, 1, 70)])
        self.owned(self.bolt, self.anna)
        # owners get nothing by themselves
        rules = self.env["sdm.credit.rule"].search([("method", "=", "owner")])
        rules.active = False
        draft = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.acme.id,
                "invoice_user_id": self.anna.id,
                "invoice_date": "2025-06-13",
                "journal_id": self.journal.id,
                "invoice_line_ids": [
                    (0, 0, {"product_id": pump.id, "price_unit": 30, "account_id": self.account.id, "tax_ids": False})
                ],
            }
        )
        self.order(self.acme, "2025-06-12", 15, seller=self.anna, confirmed=False)
        waiting = {one["key"]: one for one in self.plan_of(self.anna)["waiting"]}
        self.assertEqual(
            {key: (one["count"], one["amount"]) for key, one in waiting.items()},
            {
                "draft_invoice": (1, "30"),
                "quotation": (1, "15"),
                "won_without_order": (2, "100"),
                "won_without_amount": (1, ""),
                "unassigned": (1, "70"),
            },
        )
        action = waiting["draft_invoice"]["action"]
        self.assertEqual(self.env["account.move"].search(action["domain"]), draft)

    def test_a_commitment_that_is_asked_for_is_said_from_here(self):
        self.assertEqual(self.plan_of(self.anna)["commitments"], [])
        plan = self.env["sdm.plan"].create({"perimeter_id": self.perimeter.id, "date_from": "2026-01-01"})
        version = self.env["sdm.plan.version"].create({"plan_id": plan.id})
        for user in (self.anna, self.head):
            self.env["sdm.plan.target"].create(
                {
                    "version_id": version.id,
                    "kpi_id": self.kpi("won_amount").id,
                    "date": "2026-03-01",
                    "employee_id": user.employee_id.id,
                    "value": 10,
                }
            )
        version.with_user(self.director).action_ask_commitments()
        asked = {"id": version.id, "plan": "Plan 2026", "until": "06/23/2025", "is_late": False, "is_given": False}
        self.assertEqual(self.plan_of(self.anna)["commitments"], [asked])
        # who has no target in it is not asked, and nobody is asked for somebody else
        self.assertEqual(self.plan_of(self.boris)["commitments"], [])
        of_boris = self.env["sdm.my.plan"].with_user(self.head).get_plan(self.boris.employee_id.id)
        self.assertEqual((of_boris["person"]["is_me"], of_boris["commitments"]), (False, [asked]))
        self.target("won_amount", 1, self.head)
        of_boris = self.env["sdm.my.plan"].with_user(self.head).get_plan(self.boris.employee_id.id)
        self.assertEqual(of_boris["commitments"], [], "it stands in the own plan")
        action = version.with_user(self.anna).action_my_commitment()
        rows = self.env["sdm.plan.commitment"].with_user(self.anna).search(action["domain"])
        self.assertFalse(self.plan_of(self.anna)["commitments"][0]["is_given"], "a proposal is no commitment")
        rows.filtered(lambda row: row.date.month == 3).value = 8
        self.assertTrue(self.plan_of(self.anna)["commitments"][0]["is_given"])
        version.date_commitments = "2025-06-15"
        self.assertTrue(self.plan_of(self.head)["commitments"][0]["is_late"])
        version.with_user(self.director).action_submit()
        self.assertEqual(len(self.plan_of(self.anna)["commitments"]), 1, "until the plan is decided")
        version.sudo().write({"state": "in_force", "date_from": "2025-06-16"})
        self.assertEqual(self.plan_of(self.anna)["commitments"], [])

    def test_queries_do_not_depend_on_kpi_and_people(self):
        def count(user):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.plan_of(user)
            return self.env.cr.sql_log_count - before

        count(self.head)
        few = count(self.head)
        for number in range(6):
            worker = self.worker(f"More {number}", self.head, self.north)
            self.target("won_amount", 5, worker, head=self.head)
        self.target("won_deals", 5, self.anna)
        self.switch_on("won_deals")
        count(self.head)
        self.assertLessEqual(count(self.head), few)
        self.assertLessEqual(few, 46)


@tagged("post_install", "-at_install")
class TestMyPlanRpc(RpcCase, MyPlanCase):
    def test_a_seller_gets_no_plan_of_a_peer_over_the_wire(self):
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")
        plan, error = self.call("sdm.my.plan", "get_plan")
        self.assertIsNone(error)
        self.assertEqual(plan["person"]["name"], "Anna")
        _plan, error = self.call("sdm.my.plan", "get_plan", self.boris.employee_id.id)
        self.assertEqual(error, "odoo.exceptions.AccessError")
        action, error = self.call(
            "sdm.my.plan", "open_documents", self.kpi("won_amount").id, self.boris.employee_id.id, "2025-06-01"
        )
        self.assertIsNone(error)
        rows, error = self.call("sdm.kpi.entry", "search_read", action["domain"], ["amount"], context=action["context"])
        self.assertEqual((rows, error), ([], None))

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .plan_life import PlanLifeCase


@tagged("post_install", "-at_install", "sdm")
class TestReplan(PlanLifeCase):
    """Each is to reach 100 a month. Until June Anna has made 500 of 500, less 140; Boris 620."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.year(cls.anna, 100)
        cls.year(cls.boris, 100)
        customer = cls.customer("Acme")
        for month in range(1, 6):
            cls.won(f"2025-0{month}-10", 72, customer, cls.anna)
            cls.won(f"2025-0{month}-11", 124, customer, cls.boris)
        cls.refresh()
        cls.in_force(cls.version, "2025-06-02")

    def replan(self, month=6, **options):
        return self.version._replan(fields.Date.to_date(f"2025-{month:02}-01"), **options)

    def planned(self, version, user):
        targets = version.target_ids.filtered(lambda target: target.employee_id == user.employee_id)
        return [target.value for target in targets.sorted("date")]

    def test_each_makes_up_for_the_own_part(self):
        """Anna: 1200 less 360 are 840 in 7 months. Boris is ahead and keeps his targets."""
        draft = self.replan()
        self.assertEqual(self.planned(draft, self.anna), [72] * 5 + [120] * 7)
        self.assertEqual(self.planned(draft, self.boris), [124] * 5 + [100] * 7)
        self.assertEqual((draft.state, draft.parent_id), ("draft", self.version))

    def test_good_results_may_lower_targets(self):
        """Boris: 1200 less 620 are 580 in 7 months: 82.857, and 6 cents more than 82.85 each."""
        draft = self.replan(keeps_ahead=False)
        boris = self.planned(draft, self.boris)[5:]
        self.assertAlmostEqual(sum(boris), 580, 2)
        self.assertEqual(set(boris), {82.85, 82.86})

    def test_all_together(self):
        """2400 less 980 are 1420 in 14 shares; 1400 were planned."""
        draft = self.replan(scope="all")
        for user in (self.anna, self.boris):
            self.assertAlmostEqual(sum(self.planned(draft, user)[5:]), 710, 2)

    def test_all_together_with_what_a_leaver_made_beyond_the_goal(self):
        """Clara was to make 300 by March, made 400 and left: 2700 less 1380 are 1320 in 14 shares, 2700 in the year."""
        for month in (1, 2, 3):
            self.target(self.clara, 100, f"2025-0{month}-01", head=False, is_effective=True)
        self.won("2025-03-12", 400, self.customer("Bolt"), self.clara)
        self.refresh()
        draft = self.replan(scope="all", keeps_ahead=False)
        self.assertAlmostEqual(sum(draft.target_ids.mapped("value")), 2700, 2)
        for user in (self.anna, self.boris):
            self.assertAlmostEqual(sum(self.planned(draft, user)[5:]), 660, 2)
        self.assertEqual(self.planned(draft, self.clara), [0, 0, 400])

    def test_held_targets_stay(self):
        """Anna's June is held at 100, so 740 fall to six months: 123.33."""
        june = self.version.target_ids.filtered(
            lambda target: target.employee_id == self.anna.employee_id and target.date.month == 6
        )
        june.sudo().is_held = True
        planned = self.planned(self.replan(), self.anna)[5:]
        self.assertEqual(planned[0], 100)
        self.assertAlmostEqual(sum(planned), 840, 2)
        self.assertEqual(set(planned[1:]), {123.33, 123.34})

    def test_held_targets_that_leave_no_room_are_named(self):
        targets = self.version.target_ids.filtered(lambda target: target.employee_id == self.boris.employee_id)
        targets.sudo().is_held = True
        with self.assertRaisesRegex(UserError, "Held targets of “Revenue” are 700.00, and only 580.00 are left"):
            self.replan(keeps_ahead=False)

    def test_months_that_are_over_may_keep_their_targets(self):
        draft = self.replan(past="target")
        self.assertEqual(self.planned(draft, self.anna), [100] * 5 + [120] * 7)

    def test_who_left_hands_the_rest_to_nobody_of_the_group(self):
        """Anna left after May: 500 less 360 are 140, 20 in each of the 7 months left."""
        self.version.target_ids.sudo().filtered(
            lambda target: target.employee_id == self.anna.employee_id and target.date.month > 5
        ).unlink()
        draft = self.replan()
        rest = draft.target_ids.filtered(lambda target: not target.employee_id)
        self.assertEqual(rest.head_id, self.head.employee_id)
        self.assertEqual(rest.mapped("value"), [20] * 7)

    def test_shares_stay_as_they_are(self):
        self.version.action_change()
        draft = self.version.plan_id.version_ids.filtered(lambda version: version.state == "draft")
        self.target(self.anna, 30, "2025-07-01", code="win_rate", version=draft)
        again = draft._replan(fields.Date.to_date("2025-06-01"))
        self.assertEqual(again.target_ids.filtered(lambda target: target.kpi_id.code == "win_rate").value, 30)

    def test_what_cannot_be_planned_anew_is_told(self):
        with self.assertRaisesRegex(UserError, "after the first one of “Plan 2025”"):
            self.replan(1)
        self.kpi("revenue").is_on = False
        with self.assertRaisesRegex(UserError, "no facts of Revenue"):
            self.replan()

    def test_the_wizard_proposes_the_running_month(self):
        wizard = self.env["sdm.plan.replan"].with_context(default_version_id=self.version.id).create({})
        self.assertEqual((wizard.month, wizard.scope, wizard.keeps_ahead), ("2025-06-01", "person", True))
        draft = self.env["sdm.plan.version"].browse(wizard.action_apply()["res_id"])
        self.assertEqual(self.planned(draft, self.anna)[5:], [120] * 7)

    def test_the_past_keeps_the_targets_that_held(self):
        """A plan made anew decides nothing about months that are over."""
        draft = self.replan()
        self.in_force(draft, "2025-06-30")
        self.assertEqual(self.held(self.anna), {**dict.fromkeys(range(1, 6), 100), **dict.fromkeys(range(6, 13), 120)})

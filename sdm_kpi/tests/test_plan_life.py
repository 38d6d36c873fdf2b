from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .plan_life import JUNE, MID_JUNE, PlanLifeCase


@tagged("post_install", "-at_install", "sdm")
class TestPlanLife(PlanLifeCase):
    def test_submit_and_recall(self):
        version = self.version.with_user(self.director)
        with self.assertRaisesRegex(UserError, "has no targets yet"):
            version.action_submit()
        target = self.target(self.anna, 100)
        version.action_submit()
        self.assertEqual((version.state, version.submitted_by_id), ("submitted", self.director))
        self.assertEqual(str(version.date_submitted), "2025-06-30")
        self.assertEqual(self.plan.stands, "submitted")
        with self.assertRaisesRegex(UserError, "submitted or decided"):
            target.with_user(self.director).value = 1
        with self.assertRaisesRegex(UserError, "Recall it first"), self.env.cr.savepoint():
            version.unlink()
        mine = self.env["sdm.plan.target"].with_user(self.anna)
        self.assertEqual(mine.search([]).mapped("value"), [100])
        version.action_recall()
        self.assertEqual((version.state, version.date_submitted, self.plan.stands), ("draft", False, "draft"))
        self.assertFalse(mine.search([]))
        with self.assertRaises(UserError):
            version.action_recall()

    def test_nobody_else_moves_a_plan_on(self):
        self.target(self.anna, 100)
        for user in (self.anna, self.head):
            for step in ("action_submit", "action_put_in_force", "action_recall", "action_ask_commitments"):
                with self.assertRaises(AccessError):
                    getattr(self.version.with_user(user), step)()
        with self.assertRaisesRegex(UserError, "Put in force"):
            self.version.with_user(self.director).month_rule = "days"
        with self.assertRaisesRegex(UserError, "Put in force"):
            self.version.with_user(self.director).target_ids.is_effective = True

    def test_approved_for_a_day_to_come(self):
        self.target(self.anna, 100, "2025-08-01")
        self.version.with_user(self.director).action_submit()
        with freeze_time("2025-07-01"):
            self.version._put_in_force(fields.Date.to_date("2025-08-01"), "Agreed")
            self.assertEqual((self.version.state, self.plan.stands), ("scheduled", "scheduled"))
            self.assertEqual(self.held(self.anna), {})
            self.env["sdm.plan.version"]._cron_come_into_force()
            self.assertEqual(self.version.state, "scheduled")
        with freeze_time("2025-08-02"):
            self.env["sdm.plan.version"]._cron_come_into_force()
        self.assertEqual((self.version.state, self.plan.version_id), ("in_force", self.version))
        self.assertEqual(self.held(self.anna), {8: 100})

    def test_recall_what_was_approved_and_announced(self):
        self.target(self.anna, 100, "2025-08-01")
        with freeze_time("2025-07-01"):
            self.version._put_in_force(fields.Date.to_date("2025-08-01"), "Agreed")
            self.version._announce_to(self.version._get_audience(), *self.version._get_announcement())
            self.assertEqual(self.version.acknowledgement_ids.user_id, self.anna | self.head)
            self.version.with_user(self.director).action_recall()
        self.assertEqual((self.version.state, self.version.reason), ("draft", False))
        self.assertFalse(self.version.acknowledgement_ids)
        self.assertFalse(self.version.activity_ids)

    def test_change_copies_all_targets_at_once(self):
        for user in (self.anna, self.boris):
            self.year(user, 100, note="why")
        self.in_force(self.version, "2025-06-30")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        draft = self.change()
        self.env.flush_all()
        queries = self.env.cr.sql_log_count - before
        self.assertEqual((draft.parent_id, draft.number, draft.name, draft.state), (self.version, 2, "Base", "draft"))
        self.assertEqual(draft.target_count, 24)
        self.assertEqual(set(draft.target_ids.mapped("note")), {"why"})
        self.assertFalse(any(draft.target_ids.mapped("is_effective")))
        self.assertEqual(draft.target_ids.perimeter_id, self.perimeter)
        self.assertEqual(self.change(), draft, "the draft is there already")
        self.assertLessEqual(queries, 30)
        scenario = self.env["sdm.plan.version"].browse(draft.action_copy_scenario()["res_id"])
        self.assertEqual((scenario.name, scenario.target_count), ("Base, another way", 24))

    def test_targets_are_within_the_plan(self):
        with self.assertRaisesRegex(ValidationError, "January 2026 is not in “Plan 2025”"):
            self.target(self.anna, 1, "2026-01-01")
        self.target(self.anna, 1, "2025-12-01")
        with self.assertRaisesRegex(ValidationError, "December 2025"):
            self.plan.date_to = "2025-11-01"

    def test_a_decided_plan_is_not_deleted(self):
        self.target(self.anna, 100)
        self.version.action_submit()
        with self.assertRaisesRegex(UserError, "Archive “Plan 2025” instead"):
            self.plan.unlink()

    def test_a_closed_month_is_judged_by_nothing_that_came_later(self):
        self.year(self.anna, 100)
        self.env["sdm.period"].sudo().create(
            {"perimeter_id": self.perimeter.id, "date": "2025-05-01", "state": "closed"}
        )
        self.in_force(self.version, "2025-06-30")
        self.assertEqual(sorted(self.held(self.anna)), [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12])

    def test_overdue(self):
        Plan = self.env["sdm.plan"]
        overdue = Plan.search([("overdue", "!=", False), ("perimeter_id", "=", self.perimeter.id)])
        self.assertEqual(overdue, self.plan)
        self.assertIn("no version is in force", self.plan.overdue)
        self.target(self.anna, 100)
        self.in_force(self.version, "2025-06-30")
        self.plan.invalidate_recordset(["overdue"])
        self.assertFalse(self.plan.overdue)
        draft = self.change()
        with freeze_time("2025-07-01"):
            draft.action_submit()
        for day, waits in (("2025-07-08", False), ("2025-07-09", True)):
            with freeze_time(day):
                self.plan.invalidate_recordset(["overdue"])
                self.assertEqual(bool(self.plan.overdue), waits, day)
                self.assertEqual(self.plan in Plan.search([("overdue", "!=", False)]), waits, day)
                self.assertEqual(self.plan in Plan.search([("overdue", "=", False)]), not waits, day)

    def test_open_the_plan_begins_a_draft(self):
        plan = self.env["sdm.plan"].create({"perimeter_id": self.perimeter.id, "date_from": "2026-01-01"})
        action = plan.with_user(self.director).action_open_version()
        version = self.env["sdm.plan.version"].browse(action["res_id"])
        self.assertEqual((version.plan_id, version.name, plan.stands), (plan, "Base", "draft"))
        self.assertEqual(plan.action_open_version()["res_id"], version.id)


@tagged("post_install", "-at_install", "sdm")
class TestPlanChange(PlanLifeCase):
    """The plan changes on the 16th of June: 10 of 21 working days are over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.year(cls.anna, 210)
        cls.year(cls.boris, 100)
        cls.in_force(cls.version, "2025-06-02")
        cls.draft = cls.change()
        anna = cls.draft.target_ids.filtered(lambda target: target.employee_id == cls.anna.employee_id)
        anna.filtered(lambda target: target.date.month >= 6).value = 420

    def expect(self, june):
        old, new = dict.fromkeys(range(1, 6), 210), dict.fromkeys(range(7, 13), 420)
        self.assertEqual(self.held(self.anna), {**old, 6: june, **new})
        self.assertEqual(self.held(self.boris), dict.fromkeys(range(1, 13), 100))

    def test_the_whole_month_is_new(self):
        self.in_force(self.draft, MID_JUNE, "whole")
        self.expect(420)
        self.assertEqual(str(self.draft.month_from), JUNE)

    def test_from_the_next_month_on(self):
        self.in_force(self.draft, MID_JUNE, "next")
        self.expect(210)
        self.assertEqual(str(self.draft.month_from), "2025-07-01")

    def test_by_working_days(self):
        """210 * 10/21 = 100, and 420 * 11/21 = 220."""
        self.in_force(self.draft, MID_JUNE, "days")
        self.expect(320)
        june = self.draft.target_ids.filtered(
            lambda target: target.employee_id == self.anna.employee_id and str(target.date) == JUNE
        )
        self.assertEqual((june.is_blended, june.part_old, june.value_decided), (True, 100, 420))
        # a copy has what was decided
        again = self.change(self.draft).target_ids.filtered(
            lambda target: target.employee_id == self.anna.employee_id and str(target.date) == JUNE
        )
        self.assertEqual((again.is_blended, again.value), (False, 420))

    def test_to_date_each_day_asks_for_the_target_that_held_on_it(self):
        """210 until the 15th, 420 from the 16th on: 100 after the 10 days before, 20 for each of the 11 since."""
        self.in_force(self.draft, MID_JUNE, "days")
        for today, due in (("2025-06-16", 100), ("2025-06-17", 120), ("2025-06-30", 300)):
            with freeze_time(today):
                [(found,)] = self.env["sdm.kpi.report"]._read_group(
                    [("employee_id", "=", self.anna.employee_id.id), ("date", "=", JUNE), ("is_target", "=", True)],
                    [],
                    ["target_to_date:sum"],
                )
            self.assertAlmostEqual(float(found), due, 6, today)

    def test_twice_in_a_month(self):
        """210 for 10 days, 420 for the 5 until the 23rd, 840 for the last 6: 100 + 100 + 240."""
        self.in_force(self.draft, MID_JUNE, "days")
        third = self.change(self.draft)
        anna = third.target_ids.filtered(lambda target: target.employee_id == self.anna.employee_id)
        anna.filtered(lambda target: str(target.date) == JUNE).value = 840
        self.in_force(third, "2025-06-23", "days")
        self.assertEqual(self.held(self.anna)[6], 440)

    def test_who_has_no_target_any_more_keeps_the_days_before(self):
        self.draft.target_ids.filtered(lambda target: target.employee_id == self.boris.employee_id).unlink()
        self.target(self.clara, 210, version=self.draft, head=False)
        self.in_force(self.draft, MID_JUNE, "days")
        # 100 * 10/21 = 47.619; 210 * 11/21
        self.assertEqual(self.held(self.boris), {**dict.fromkeys(range(1, 6), 100), 6: 47.62})
        self.assertEqual(self.held(self.clara), {6: 110})
        self.assertEqual(self.change(self.draft).target_count, 13, "Anna's year and Clara's June")

    def test_a_share_is_weighed_and_a_state_is_not(self):
        for code in ("win_rate", "pipeline"):
            self.target(self.anna, 21, code=code, version=self.draft)
        self.in_force(self.draft, MID_JUNE, "days")
        # nothing held before: the new target holds for all days
        self.assertEqual(self.held(self.anna, "win_rate"), {6: 21})
        third = self.change(self.draft)
        third.target_ids.filtered(lambda target: target.kpi_id.code in ("win_rate", "pipeline")).value = 42
        self.in_force(third, "2025-06-23", "days")
        # 21 for 15 of 21 days, 42 for 6
        self.assertEqual(self.held(self.anna, "win_rate"), {6: 27})
        self.assertEqual(self.held(self.anna, "pipeline"), {6: 42})

    def test_a_plan_that_would_never_count_is_refused(self):
        self.draft.month_rule = "next"
        with freeze_time("2025-12-10"), self.assertRaisesRegex(UserError, "no month after this one"):
            self.draft._put_in_force(fields.Date.to_date("2025-12-10"), "Agreed")

    def test_what_changes_is_shown_and_read(self):
        self.won("2025-06-10", 160, self.customer("Acme"), self.anna)
        self.refresh()
        with freeze_time(MID_JUNE):
            wizard = self.env["sdm.plan.put.in.force"].with_user(self.director)
            wizard = wizard.create({"version_id": self.draft.id, "reason": "A new market", "month_rule": "days"})
            self.assertTrue(wizard.is_within_month)
            wizard.action_apply()
        row = self.draft.change_ids
        self.assertEqual((row.employee_id, row.head_id), (self.anna.employee_id, self.head.employee_id))
        self.assertEqual((row.value_old, row.value_new, row.actual), (210, 320, 160))
        # 160 / 210 = 76.2 %, 160 / 320 = 50 %
        self.assertEqual((row.attainment_old, row.attainment_new), ("76", "50"))
        self.assertEqual((row.rest_old, row.rest_new), (6 * 210, 6 * 420))
        # Boris' targets stay: he need not read anything
        self.assertEqual(self.draft.acknowledgement_ids.user_id, self.anna | self.head)
        for user, seen in ((self.boris, row.browse()), (self.anna, row), (self.head, row)):
            self.assertEqual(row.with_user(user).search([]), seen)
        body = self.draft.message_ids.filtered("subject")[:1].body
        self.assertIn("What changes", body)
        self.assertNotIn("320", body, "numbers of others are in no message")
        self.assertTrue(self.draft.with_user(self.anna).can_acknowledge)
        self.draft.with_user(self.anna).action_acknowledge()
        self.assertEqual((self.draft.asked_count, self.draft.acknowledged_count), (2, 1))

    def test_changes_are_noted_for_a_day_to_come(self):
        with freeze_time("2025-06-05"):
            self.draft.month_rule = "days"
            self.draft._put_in_force(MID_JUNE, "Agreed")
            self.assertEqual(self.draft.change_ids.mapped("value_new"), [320])
            self.assertEqual(self.held(self.anna)[6], 210)
        with freeze_time(MID_JUNE):
            self.env["sdm.plan.version"]._cron_come_into_force()
        self.assertEqual(self.draft.change_ids.mapped("value_new"), [320])
        self.assertEqual(self.held(self.anna)[6], 320)

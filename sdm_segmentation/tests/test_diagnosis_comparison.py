from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import AS_OF, SdmCase

NEW_YEAR = "2024-12-31"


@tagged("post_install", "-at_install")
class TestDiagnosisComparison(SdmCase):
    """Forty customers who bought in 2024; whether they have a salesperson changes between two diagnoses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.seller("Anna")
        cls.customers = [cls.customer(f"Customer {number}", industry_id=cls.industry.id) for number in range(40)]
        for customer in cls.customers:
            cls.won("2024-12-01", 100, customer)

    def own(self, count):
        for number, customer in enumerate(self.customers):
            customer.user_id = self.anna if number < count else False

    def test_the_one_before_is_compared_with_and_another_can_be_chosen(self):
        self.diagnose("2024-06-30")
        oldest = self.diagnosis
        self.assertFalse(oldest.compared_id)
        self.assertFalse(oldest.comparison)
        self.diagnose(NEW_YEAR)
        before = self.diagnosis
        draft = self.env["sdm.diagnosis"].create({"date": "2025-05-31", "company_id": self.company.id})
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids = [(4, elsewhere.id)]
        other = self.env["sdm.diagnosis"].create({"date": "2025-06-01", "company_id": elsewhere.id})
        other.action_measure()
        self.diagnose()
        now = self.diagnosis
        self.assertEqual(now.compared_id, before)
        # a second one of the same day is not compared with the first one by itself
        self.diagnose()
        self.assertEqual(self.diagnosis.compared_id, before)
        self.diagnosis.compared_id = now
        self.diagnosis.compared_id = oldest
        for wrong in (self.diagnosis, draft):
            with self.assertRaisesRegex(ValidationError, "choose another one that is measured"):
                self.diagnosis.compared_id = wrong
        with self.assertRaisesRegex(ValidationError, "same or an earlier day"):
            before.compared_id = now

    def test_better_and_resolved(self):
        self.own(0)
        before = self.diagnose(NEW_YEAR)["customer_unowned"]
        self.own(39)
        figure = self.diagnose()["customer_unowned"]
        self.assertEqual((before.value, figure.value, figure.then_id), (1, 0.025, before))
        self.assertEqual((figure.change, figure.news), ("better", "resolved"))
        self.assertEqual(figure._tell_change(), "100\xa0% on 12/31/2024: better")
        self.assertIn("No longer critical: Customers without a salesperson 2.5\xa0%.", self.diagnosis.comparison)

    def test_worse_and_newly_critical(self):
        self.own(40)
        self.diagnose(NEW_YEAR)
        self.own(20)
        figure = self.diagnose()["customer_unowned"]
        self.assertEqual((figure.change, figure.news), ("worse", "critical"))
        self.assertIn("Newly critical: Customers without a salesperson 50\xa0%", self.diagnosis.comparison)

    def test_what_chance_gives_is_no_change(self):
        self.own(33)
        before = self.diagnose(NEW_YEAR)["customer_unowned"]
        self.own(31)
        # 17.5 % and 22.5 % of 40: 5 points by a standard error of 8.9
        figure = self.diagnose()["customer_unowned"]
        self.assertEqual((before.level, figure.level), ("attention", "critical"))
        self.assertEqual((figure.change, figure.news), ("same", False))

    def test_too_few_records_cannot_be_compared(self):
        self.env.ref("sdm_segmentation.sdm_diagnosis_measure_customer_unowned").minimum_base = 41
        self.own(0)
        self.diagnose(NEW_YEAR)
        self.own(40)
        figure = self.diagnose()["customer_unowned"]
        self.assertEqual((figure.change, figure.news), (False, False))
        self.assertEqual(figure._tell_change(), "100\xa0% on 12/31/2024: cannot be compared")

    def test_moving_a_limit_resolves_nothing(self):
        self.own(20)
        self.diagnose(NEW_YEAR)
        self.env.ref("sdm_segmentation.sdm_diagnosis_measure_customer_unowned").write(
            {"limit_attention": 0.8, "limit_critical": 0.9}
        )
        figure = self.diagnose()["customer_unowned"]
        self.assertEqual((figure.then_id.level, figure.level), ("critical", "fine"))
        self.assertEqual((figure.change, figure.news), ("same", False))

    def test_another_source_of_revenue_is_not_compared_and_said(self):
        self.diagnose(NEW_YEAR, revenue_source="order")
        figures = self.diagnose(revenue_source="deal")
        self.assertFalse(figures["customer_top_share"].change)
        self.assertEqual(figures["customer_unowned"].change, "same")
        self.assertEqual(
            self.diagnosis.comparison.splitlines()[-1],
            "Revenue was taken from other documents then (Confirmed orders, without tax), so figures on revenue are "
            "not compared.",
        )

    def test_maturity_then_and_now(self):
        self.diagnose(NEW_YEAR)
        self.answer("strategy", "1", "1", "1")
        self.answer("plan", "3", "3", "3")
        self.answer("training", "2", "2", "2")
        self.answer("staffing", "2", "2", "2")
        self.diagnose()
        self.answer("strategy", "3", "3", "2")
        self.answer("plan", "1", "1", "1")
        self.answer("training", "2", "2", "2")
        changes = {code: self.verdict(code).change for code in ("strategy", "plan", "training", "staffing", "control")}
        self.assertEqual(
            changes, {"strategy": "better", "plan": "worse", "training": "same", "staffing": False, "control": False}
        )
        self.assertEqual(self.verdict("strategy")._tell_change(), "1 – In heads on 12/31/2024: better")
        lines = self.diagnosis.comparison.splitlines()
        self.assertIn("Maturity up: Sales strategy 1→2.", lines)
        self.assertIn("Maturity down: Plan and KPI 3→1.", lines)

    def test_the_sum_of_changes_is_told_first(self):
        self.own(0)
        self.diagnose(NEW_YEAR)
        self.own(40)
        figures = self.diagnose()
        # what nobody knows at either time is not counted
        changes = [figure.change for figure in figures.values() if figure.has_value or figure.then_id.has_value]
        self.assertTrue(0 < len(changes) < len(figures))
        counted = [changes.count(change) for change in ("better", "worse", "same", False)]
        self.assertGreaterEqual(counted[0], 1)
        self.assertEqual(
            self.diagnosis.comparison.splitlines()[0],
            "Compared with 12/31/2024: better {}, worse {}, no clear change {}, not comparable {}.".format(*counted),
        )

    def test_choosing_another_one_shows_at_once_what_changed(self):
        self.own(0)
        self.diagnose("2024-12-30")
        oldest = self.diagnosis
        self.own(40)
        self.diagnose(NEW_YEAR)
        self.diagnose()
        with Form(self.diagnosis) as form:
            step = next(step for step in form.board if step["position"] == 1)
            self.assertEqual(step["figures"][0]["change"], "same")
            form.compared_id = oldest
            step = next(step for step in form.board if step["position"] == 1)
            self.assertEqual((step["figures"][0]["change"], step["figures"][0]["then"]), ("better", "100\xa0%"))
            self.assertEqual(step["figures"][0]["id"], self.diagnosis.figure_ids[0].id)

    @freeze_time("2025-07-01 12:00:00")
    def test_history_of_maturity_is_numbers_by_date(self):
        for date, answers in ((NEW_YEAR, "111"), ("2025-03-31", "222"), (AS_OF, "")):
            self.diagnose(date)
            self.answer("strategy", *answers)
        rows = self.env["sdm.diagnosis.step"]._read_group(
            [("maturity", "!=", False), ("company_id", "=", self.company.id)], ["date:day", "step_id"], ["score:avg"]
        )
        self.assertEqual(
            [(str(date), step.code, score) for date, step, score in rows],
            [("2024-12-31", "strategy", 1), ("2025-03-31", "strategy", 2)],
        )

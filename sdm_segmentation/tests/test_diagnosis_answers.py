from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ..engine.roadmap import Status
from .common import AS_OF, SdmCase


@tagged("post_install", "-at_install")
class TestDiagnosisAnswers(SdmCase):
    """Ten customers whom nobody owns and nobody spoke to: segmentation, technology and automation are critical."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what the tools of the steps show is tried apart
        cls.startClassPatcher(patch.object(type(cls.env["sdm.roadmap.step"]), "_get_statuses", lambda self: {}))
        for number in range(10):
            cls.won("2025-06-10", 10, cls.customer(f"Customer {number}", industry_id=cls.industry.id))

    def decide(self, *codes):
        steps = self.env["sdm.roadmap.step"].search([("code", "in", codes)])
        steps.decision = "<p>Agreed.</p>"
        steps.action_decide()

    def test_every_step_is_asked_in_the_order_of_the_roadmap(self):
        self.diagnose()
        answers = self.diagnosis.answer_ids
        self.assertEqual(answers.question_id, self.env["sdm.diagnosis.question"].search([]))
        steps = [answer.step_id for answer in answers]
        self.assertEqual(steps, sorted(steps, key=lambda step: step.position))
        for step in self.env["sdm.roadmap.step"].search([]):
            self.assertTrue(2 <= len(answers.filtered(lambda answer, step=step: answer.step_id == step)) <= 4)
        self.assertFalse(any(answers.mapped("value")))
        self.assertFalse(any(self.diagnosis.step_ids.mapped("maturity")))

    def test_who_answered_and_when_is_kept(self):
        director = self.persona("director")
        self.diagnose()
        first, second, *_rest = self.diagnosis.answer_ids
        with freeze_time("2025-07-03 12:00:00"):
            self.diagnosis.sudo().measured_on = "2025-07-02 12:00:00"
            first.with_user(director).write({"value": "2", "comment": "Agreed in spring"})
            second.with_user(director).comment = "Ask Anna"
        self.assertEqual((first.user_id, str(first.date), first.comment), (director, "2025-07-03", "Agreed in spring"))
        self.assertFalse(second.user_id)

    def test_dont_know_is_no_answer_and_is_said(self):
        self.diagnose()
        count = len(self.diagnosis.answer_ids)
        self.assertEqual(self.diagnosis.answered_text, f"0 of {count} questions answered")
        self.answer("strategy", "3", "unknown", "4")
        self.assertEqual((self.diagnosis.answered_count, self.diagnosis.question_count), (2, count))
        self.assertEqual(self.diagnosis.answered_text, f"2 of {count} questions answered, 1 not known")
        # 3 and 4 without the third
        self.assertEqual(self.verdict("strategy").maturity, "3")
        self.answer("strategy", "unknown")
        self.assertFalse(self.verdict("strategy").maturity)
        self.assertEqual(
            self.verdict("strategy").remark, "Too little is answered to tell the maturity: 1 of 3 questions."
        )

    def test_who_does_not_know_has_looked_at_the_question(self):
        self.diagnose()
        first, *rest = self.diagnosis.answer_ids
        for answer in rest:
            answer.value = "unknown"
        self.assertTrue(self.diagnosis.has_open_questions)
        first.value = "1"
        self.assertFalse(self.diagnosis.has_open_questions)
        self.assertEqual(self.diagnosis.answered_count, 1)

    def test_answers_are_given_before_measuring_too(self):
        self.diagnosis = self.env["sdm.diagnosis"].create({"date": AS_OF, "company_id": self.company.id})
        self.answer("control", "1", "2", "2")
        self.diagnosis.action_measure()
        line = self.verdict("control")
        self.assertEqual((line.maturity, line.score, line.said, line.lowered_by), ("1", 1, "1", False))
        self.assertFalse(line.remark)

    def test_the_facts_lower_what_is_answered(self):
        self.decide("segmentation", "training")
        self.diagnose()
        self.answer("segmentation", "4", "4", "3")
        self.answer("requirements", "4", "4", "4")
        self.answer("training", "4", "4", "4")
        line = self.verdict("segmentation")
        self.assertEqual((line.level, line.said, line.maturity, line.lowered_by), ("critical", "3", "2", "critical"))
        self.assertEqual(line.contradiction, "said_followed")
        self.assertEqual(
            line.remark,
            "The answers say “3 – Followed”, but the facts contradict it: Customers without a salesperson 100\xa0%. "
            "It counts as “2 – Written down”.",
        )
        line = self.verdict("requirements")
        self.assertEqual((line.said, line.maturity, line.lowered_by), ("4", "3", "undecided"))
        self.assertEqual(
            line.remark,
            "“4 – Reviewed on facts” by the answers, “3 – Followed” since the decision is not recorded on the roadmap.",
        )
        line = self.verdict("training")
        self.assertEqual((line.said, line.maturity, line.lowered_by, line.remark), ("4", "4", False, False))

    def test_a_figure_that_wants_attention_lowers_to_followed(self):
        self.env.ref("sdm_segmentation.sdm_diagnosis_measure_customer_unowned").write(
            {"limit_attention": 1, "limit_critical": 2}
        )
        self.decide("segmentation")
        self.diagnose()
        self.answer("segmentation", "4", "4", "4")
        line = self.verdict("segmentation")
        self.assertEqual((line.maturity, line.lowered_by, line.contradiction), ("3", "attention", False))
        self.assertEqual(
            line.remark,
            "“4 – Reviewed on facts” by the answers, “3 – Followed” since figures want attention: "
            "Customers without a salesperson 100\xa0%.",
        )

    def test_a_decision_that_its_tool_does_not_show_is_not_followed(self):
        self.decide("structure")
        step = self.env["sdm.roadmap.step"]
        statuses = {self.env.ref("sdm_segmentation.sdm_roadmap_step_structure").id: Status(0, 3, "heads")}
        with patch.object(type(step), "_get_statuses", lambda self: statuses):
            self.diagnose()
        self.answer("structure", "3", "4", "3")
        line = self.verdict("structure")
        self.assertEqual((line.missing, line.said, line.maturity), (True, "3", "2"))
        self.assertEqual((line.lowered_by, line.contradiction), ("not_carried_out", "said_followed"))
        self.assertEqual(
            line.remark,
            "The answers say “3 – Followed”, but the facts contradict it: its tool shows nothing of it. It counts as "
            "“2 – Written down”.",
        )

    def test_a_decision_that_people_do_not_know_is_a_contradiction(self):
        self.decide("training")
        self.diagnose()
        self.answer("training", "1", "1", "0")
        line = self.verdict("training")
        self.assertEqual((line.maturity, line.contradiction), ("0", "said_absent"))
        self.assertIn("The decision is recorded as taken, but the answers say “0 – Absent”", line.remark)
        self.assertEqual(self.diagnosis.summary.splitlines()[0], "Answers and facts contradict each other: Training.")

    def test_maturity_moves_the_starting_point(self):
        self.diagnose()
        self.assertEqual(self.diagnosis.start_step_id.code, "segmentation")
        self.answer("segmentation", "3", "3", "3")
        self.answer("strategy", "1", "0", "0")
        self.answer("plan", "2", "2", "2")
        # critical by figures or absent by answers alike, in the order of the method
        self.assertEqual(
            [line.step_id.code for line in self.diagnosis.step_ids.filtered("rank").sorted("rank")],
            ["segmentation", "strategy", "technology", "automation"],
        )
        self.answer("strategy", "3", "3", "3")
        self.answer("plan", "1", "1", "1")
        self.assertEqual(
            [line.step_id.code for line in self.diagnosis.step_ids.filtered("rank").sorted("rank")],
            ["segmentation", "technology", "plan", "automation"],
        )
        self.env.ref("sdm_segmentation.sdm_diagnosis_measure_customer_unowned").active = False
        self.diagnose()
        self.answer("strategy", "1", "0", "0")
        self.assertEqual(self.diagnosis.start_step_id.code, "strategy")
        self.assertEqual(
            self.diagnosis.summary.splitlines()[:3],
            [
                "Start with “Sales strategy”.",
                "Because: maturity “0 – Absent”.",
                "It rests on what is not decided yet: Segmentation.",
            ],
        )

    def test_answers_alone_name_the_start_where_there_is_nothing_to_measure(self):
        self.env["crm.lead"].search([("company_id", "=", self.company.id)]).unlink()
        self.env["mail.activity"].search([]).unlink()
        self.diagnose()
        self.assertIn("nothing to measure yet", self.diagnosis.summary)
        for step in ("segmentation", "strategy", "technology"):
            self.answer(step, "3", "3", "3")
        self.answer("control", "0", "0", "0")
        self.assertEqual(self.diagnosis.start_step_id.code, "control")
        self.assertEqual(self.diagnosis.summary.splitlines()[0], "Start with “Control”.")

    def test_a_new_diagnosis_offers_the_last_answers(self):
        self.diagnose("2025-01-31")
        self.answer("segmentation", "1", "unknown")
        self.diagnose("2025-03-31")
        self.answer("segmentation", None, "4")
        self.diagnose()
        lines = self.diagnosis.answer_ids.filtered(lambda line: line.step_id.code == "segmentation")
        self.assertEqual(lines.mapped("suggestion"), ["1", "4", False])
        # offered, not given
        self.assertEqual(lines.mapped("value"), [False, False, False])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.env["sdm.diagnosis"].create({"date": AS_OF, "company_id": elsewhere.id})
        self.assertFalse(any(other.answer_ids.mapped("suggestion")))

    def test_answers_are_kept_once_a_later_diagnosis_is_measured_or_a_month_has_gone(self):
        with freeze_time("2025-07-01 12:00:00"):
            self.diagnose()
            first = self.diagnosis
            self.assertTrue(first.can_answer)
        with freeze_time("2025-08-01 11:00:00"):
            first.invalidate_recordset(["can_answer"])
            self.assertTrue(first.can_answer)
        with freeze_time("2025-08-01 12:00:00"):
            first.invalidate_recordset(["can_answer"])
            self.assertFalse(first.can_answer)
            with self.assertRaisesRegex(UserError, "Make a new diagnosis"):
                first.answer_ids[0].value = "4"
        with freeze_time("2025-07-02 12:00:00"):
            draft = self.env["sdm.diagnosis"].create({"date": AS_OF, "company_id": self.company.id})
            first.invalidate_recordset(["can_answer"])
            self.assertTrue(first.can_answer)
            draft.action_measure()
            first.invalidate_recordset(["can_answer"])
            self.assertFalse(first.can_answer)
            self.assertTrue(draft.can_answer)

    def test_questions_added_later_are_asked_when_the_questions_are_opened(self):
        self.diagnose()
        count = len(self.diagnosis.answer_ids)
        step = self.env["sdm.roadmap.step"].create({"name": "Export", "code": "export"})
        own = self.env["sdm.diagnosis.question"].create({"name": "Is the customs file agreed?", "step_id": step.id})
        archived = self.env.ref("sdm_segmentation.sdm_diagnosis_question_plan_targets")
        archived.active = False
        action = self.diagnosis.action_answer()
        self.assertEqual(action["res_id"], self.diagnosis.id)
        self.assertEqual(len(self.diagnosis.answer_ids), count + 1)
        self.assertIn(own, self.diagnosis.answer_ids.question_id)
        # asked before it was archived: kept here, left out of the next one
        self.assertIn(archived, self.diagnosis.answer_ids.question_id)
        self.diagnose()
        self.assertEqual(len(self.diagnosis.answer_ids), count)
        self.assertNotIn(archived, self.diagnosis.answer_ids.question_id)

    def test_a_question_that_was_asked_cannot_be_deleted_by_the_director(self):
        self.diagnose()
        director = self.persona("director")
        with self.assertRaises(AccessError):
            self.diagnosis.answer_ids.question_id[0].with_user(director).unlink()

    def test_the_board_shows_answers_and_what_presses(self):
        self.diagnose()
        self.answer("segmentation", "3", "3")
        self.answer("requirements", "3", "3", "3")
        board = {step["id"]: step for step in self.diagnosis.board}
        step = board[self.env.ref("sdm_segmentation.sdm_roadmap_step_segmentation").id]
        self.assertEqual((step["maturity"], step["maturity_name"]), ("2", "2 – Written down"))
        self.assertTrue(step["contradicts"] and step["presses"])
        self.assertEqual([answer["value_name"] for answer in step["answers"]], ["Followed", "Followed", ""])
        self.assertEqual(
            [figure["name"] for figure in step["figures"] if figure["presses"]], ["Customers without a salesperson"]
        )
        step = board[self.env.ref("sdm_segmentation.sdm_roadmap_step_requirements").id]
        self.assertEqual((step["maturity"], step["presses"]), ("3", False))

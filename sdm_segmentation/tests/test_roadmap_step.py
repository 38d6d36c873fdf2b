from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import SdmCase


@tagged("post_install", "-at_install")
class TestRoadmapStep(SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Step = cls.env["sdm.roadmap.step"]
        cls.Step.search([]).active = False
        cls.ground = cls.step("Segments", 1)
        cls.house = cls.step("Strategy", 2, cls.ground)
        cls.roof = cls.step("Plan", 3, cls.ground | cls.house)

    @classmethod
    def step(cls, name, sequence, requires=None):
        return cls.Step.create(
            {
                "name": name,
                "code": f"test_{name}",
                "sequence": sequence,
                "requires_ids": [(6, 0, requires.ids if requires else [])],
            }
        )

    def decide(self, step):
        step.decision = "<p>Three segments by revenue and potential.</p>"
        step.action_decide()

    def test_all_steps_of_the_method_ship_in_three_stages(self):
        steps = self.Step.with_context(active_test=False).search([("code", "not like", "test_")])
        self.assertEqual(
            [(step.code, step.stage) for step in steps.sorted("sequence")],
            [
                ("segmentation", "organisation"),
                ("strategy", "organisation"),
                ("technology", "organisation"),
                ("plan", "organisation"),
                ("control", "organisation"),
                ("structure", "organisation"),
                ("staffing", "people"),
                ("requirements", "people"),
                ("training", "people"),
                ("motivation", "people"),
                ("automation", "crm"),
            ],
        )
        self.assertEqual(
            steps.filtered(lambda step: step.code == "motivation").requires_ids.mapped("code"), ["plan", "structure"]
        )

    def test_a_step_waits_for_what_it_rests_on(self):
        self.assertEqual((self.ground | self.house | self.roof).mapped("state"), ["ready", "waiting", "waiting"])
        self.assertEqual(self.roof.waits_for_ids, self.ground | self.house)
        self.decide(self.ground)
        self.assertEqual((self.ground | self.house | self.roof).mapped("state"), ["decided", "ready", "waiting"])
        self.assertEqual(self.roof.waits_for_ids, self.house)

    def test_the_order_follows_what_rests_on_what(self):
        self.roof.sequence = 0
        self.assertEqual((self.ground | self.house | self.roof).mapped("position"), [1, 2, 3])

    def test_a_circle_is_refused_with_names(self):
        with self.assertRaisesRegex(ValidationError, "Segments.*Strategy|Strategy.*Segments"):
            self.ground.requires_ids = self.house

    def test_a_new_step_of_the_company_has_a_state_before_it_is_saved(self):
        with Form(self.Step) as form:
            self.assertEqual(form.state, "ready")
            form.name = "Returns"
            form.code = "returns"
        self.assertEqual(form.record.state, "ready")

    def test_a_decision_needs_its_text(self):
        with self.assertRaisesRegex(UserError, "Write down what was decided on “Segments”"):
            self.ground.action_decide()
        self.ground.decision = "<p><br></p>"
        with self.assertRaises(UserError):
            self.ground.action_decide()

    @freeze_time("2025-06-30 12:00:00")
    def test_deciding_keeps_the_date_and_can_be_taken_back(self):
        self.decide(self.ground)
        self.assertEqual(str(self.ground.date_decided), "2025-06-30")
        self.ground.action_reopen()
        self.assertFalse(self.ground.decided or self.ground.date_decided)
        self.assertIn("Three segments", self.ground.decision)

    @freeze_time("2025-06-30 12:00:00")
    def test_late_is_undecided_past_the_due_date(self):
        self.ground.date_due = "2025-06-29"
        self.house.date_due = "2025-06-30"
        self.assertEqual((self.ground | self.house).mapped("is_late"), [True, False])
        self.decide(self.ground)
        self.assertFalse(self.ground.is_late)

    def test_a_step_of_the_method_cannot_be_deleted_an_own_one_can(self):
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.env.ref("sdm_segmentation.sdm_roadmap_step_plan").unlink()
        self.roof.unlink()
        self.assertFalse(self.roof.exists())

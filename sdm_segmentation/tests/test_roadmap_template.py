from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import RpcCase, SdmCase

ORDERS = {
    "distribution": [
        "segmentation",
        "strategy",
        "technology",
        "plan",
        "control",
        "structure",
        "staffing",
        "requirements",
        "training",
        "motivation",
        "automation",
    ],
    "project_sales": [
        "strategy",
        "segmentation",
        "technology",
        "structure",
        "plan",
        "control",
        "requirements",
        "staffing",
        "training",
        "motivation",
        "automation",
    ],
    "services": [
        "segmentation",
        "strategy",
        "structure",
        "technology",
        "plan",
        "control",
        "staffing",
        "requirements",
        "training",
        "motivation",
        "automation",
    ],
}


@tagged("post_install", "-at_install")
class TestRoadmapTemplate(SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2025-06-30 12:00:00"))
        cls.Step = cls.env["sdm.roadmap.step"]
        steps = cls.Step.with_context(active_test=False).search([("active", "in", [True, False])])
        shipped = steps.filtered(lambda step: step.code in ORDERS["distribution"])
        (steps - shipped).active = False
        shipped.write({"active": True, "user_id": False, "date_due": False})
        cls.director, cls.head, cls.hr = (cls.persona(name) for name in ("director", "head", "payroll"))

    def step(self, code):
        return self.env.ref(f"sdm_segmentation.sdm_roadmap_step_{code}")

    def template(self, code):
        return self.env.ref(f"sdm_segmentation.sdm_roadmap_template_{code}")

    def wizard(self, code="project_sales", **values):
        return (
            self.env["sdm.roadmap.template.apply"]
            .with_user(self.director)
            .create({"template_id": self.template(code).id, **values})
        )

    def order(self):
        return self.Step.search([("active", "=", True)]).sorted("position").mapped("code")

    def decide(self, step):
        step.decision = "<p>So it is.</p>"
        step.action_decide()

    # -- what ships ---------------------------------------------------------------------------------------------------

    def test_each_template_is_whole_and_in_an_order_that_holds(self):
        for code, order in ORDERS.items():
            lines = self.template(code).line_ids
            self.assertEqual(lines.step_id.mapped("code"), order)
            for place, line in enumerate(lines):
                with self.subTest(template=code, step=line.step_id.code):
                    self.assertTrue(line.question and line.reason and line.days and line.owner_role)
                    self.assertLessEqual(set(line.requires_ids.mapped("code")), set(order[:place]))

    def test_applying_gives_the_order_of_the_template(self):
        for code in ("project_sales", "services", "distribution"):
            self.wizard(code).action_apply()
            self.assertEqual(self.order(), ORDERS[code])
            self.assertFalse(self.Step.search([("active", "=", True)]).moved_after_ids)

    # -- what changes -------------------------------------------------------------------------------------------------

    def test_open_steps_get_texts_owners_and_due_dates(self):
        self.wizard(director_id=self.director.id, head_id=self.head.id, hr_id=self.hr.id).action_apply()
        strategy, technology, staffing = (self.step(code) for code in ("strategy", "technology", "staffing"))
        line = self.template("project_sales").line_ids[0]
        self.assertEqual((strategy.question, strategy.reason), (line.question, line.reason))
        self.assertEqual(
            (strategy.requires_ids.ids, technology.requires_ids.mapped("code")), ([], ["segmentation", "strategy"])
        )
        self.assertEqual((strategy.user_id, technology.user_id, staffing.user_id), (self.director, self.head, self.hr))
        # Monday 30 June + 14, + 14, + 30 = Wednesday 27 August
        days = [str(self.step(code).date_due) for code in ("strategy", "segmentation", "technology")]
        self.assertEqual(days, ["2025-07-14", "2025-07-28", "2025-08-27"])

    def test_owners_and_due_dates_that_are_set_stay(self):
        strategy = self.step("strategy")
        strategy.write({"user_id": self.head.id, "date_due": "2025-12-01"})
        self.wizard().action_apply()
        self.assertEqual((strategy.user_id, str(strategy.date_due)), (self.head, "2025-12-01"))
        self.wizard(reschedule=True).action_apply()
        self.assertEqual((strategy.user_id, str(strategy.date_due)), (self.head, "2025-07-14"))

    def test_without_a_start_no_due_dates(self):
        self.wizard(date_start=False).action_apply()
        self.assertFalse(any(self.Step.search([("active", "=", True)]).mapped("date_due")))

    def test_what_is_decided_stays_and_takes_no_days(self):
        strategy = self.step("strategy")
        strategy.write({"question": "Where do we play?", "user_id": self.head.id})
        self.decide(strategy)
        self.wizard().action_apply()
        # what a step rests on is its place in the order, not its text
        self.assertFalse(strategy.requires_ids)
        self.wizard("services", reschedule=True).action_apply()
        self.assertEqual(
            (strategy.question, strategy.user_id, strategy.date_due, strategy.requires_ids, strategy.decided),
            ("Where do we play?", self.head, False, self.step("segmentation"), True),
        )
        self.assertIn("So it is.", strategy.decision)
        self.assertTrue(strategy.reason)
        self.assertEqual(str(self.step("segmentation").date_due), "2025-07-14")
        self.assertEqual(str(self.step("structure").date_due), "2025-07-28")

    def test_the_chatter_tells_what_changed_and_nothing_twice(self):
        strategy = self.step("strategy")
        before = strategy.message_ids
        old = strategy.question
        self.wizard().action_apply()
        self.env.cr.precommit.run()
        [message] = strategy.message_ids - before
        self.assertIn("Project sales", message.body)
        self.assertIn("Place: 2 → <b>1</b>", message.body)
        self.assertIn(old, message.body)
        self.assertEqual(message.author_id, self.director.partner_id)

    def test_applied_again_nothing_would_change(self):
        self.wizard().action_apply()
        with self.assertRaisesRegex(UserError, "Nothing would change"):
            self.wizard().action_apply()

    def test_steps_of_the_company_stay_behind_what_they_follow(self):
        own = self.Step.create({"name": "Returns", "sequence": 45})
        archived = self.step("automation")
        archived.active = False
        self.wizard().action_apply()
        expected = [code for code in ORDERS["project_sales"] if code != "automation"]
        expected.insert(expected.index("plan") + 1, own.code)
        self.assertEqual(self.order(), expected)

    def test_a_circle_with_steps_of_the_company_is_refused_with_names(self):
        own = self.Step.create({"name": "Returns", "requires_ids": [Command.link(self.step("segmentation").id)]})
        self.template("project_sales").line_ids[0].requires_ids = own
        with self.assertRaisesRegex(UserError, "own steps.*circle: .*Returns"):
            self.wizard().action_apply()
        self.assertIn("Returns", self.wizard().preview)
        self.assertEqual(self.order()[:-1], ORDERS["distribution"])

    def test_texts_come_in_all_languages(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        line = self.template("project_sales").line_ids[0]
        line.with_context(lang="ru_RU").question = "Где мы боремся?"
        self.director.lang = "ru_RU"
        self.wizard().with_context(lang="ru_RU").action_apply()
        strategy = self.step("strategy")
        self.assertEqual(strategy.with_context(lang="ru_RU").question, "Где мы боремся?")
        self.assertEqual(strategy.with_context(lang="en_US").question, line.with_context(lang="en_US").question)

    def test_the_preview_shows_it_before(self):
        self.decide(self.step("plan"))
        preview = " ".join(self.wizard("services", director_id=self.director.id).preview.split())
        for text in ("Decided: its text, dates and owner stay.", "6 → <b>3</b>", "sdm_director", "07/14/2025"):
            self.assertIn(text, preview)
        self.assertEqual(self.order(), ORDERS["distribution"])

    # -- templates of the company -------------------------------------------------------------------------------------

    def test_a_template_of_the_present_roadmap(self):
        template = self.env["sdm.roadmap.template"].create({"name": "Ours"})
        self.step("structure").sequence = 1
        template.line_ids = [Command.create({"step_id": self.step("control").id, "sequence": 5})]
        template.action_take_roadmap()
        order = template.line_ids.sorted().step_id.mapped("code")
        self.assertEqual(order, ["control", *(code for code in self.order() if code != "control")])
        self.assertEqual(template.copy().name, "Ours (copy)")

    def test_a_circle_in_a_template_is_refused_with_names(self):
        lines = self.template("services").line_ids
        with self.assertRaisesRegex(
            ValidationError, "“Services”.*Segmentation.*circle|“Services”.*circle.*Segmentation"
        ):
            lines[0].requires_ids = lines[1].step_id

    def test_the_top_offers_it_until_one_is_chosen(self):
        def offered(user):
            told = self.Step.with_user(user).get_next_steps()
            return [also["kind"] for also in told["also"]]

        self.assertIn("template", offered(self.director))
        self.assertNotIn("template", offered(self.head))
        self.wizard().action_apply()
        self.assertNotIn("template", offered(self.director))


@tagged("post_install", "-at_install")
class TestRoadmapTemplateAccess(RpcCase, SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("seller", "head", "payroll", "auditor", "stranger", "director"):
            cls.persona(name)

    def test_only_the_director_applies_and_writes_templates(self):
        template = self.env.ref("sdm_segmentation.sdm_roadmap_template_services")
        denied = "odoo.exceptions.AccessError"
        for name in ("seller", "head", "payroll", "auditor", "stranger"):
            self.authenticate(f"sdm_{name}", f"sdm_{name}")
            _result, error = self.call("sdm.roadmap.template.apply", "create", [{"template_id": template.id}])
            self.assertEqual(error, denied, name)
            self.assertEqual(self.call("sdm.roadmap.template", "write", template.ids, {"name": "X"})[1], denied, name)
            _result, error = self.call("sdm.roadmap.template.line", "unlink", template.line_ids.ids)
            self.assertEqual(error, denied, name)
            _result, error = self.call("sdm.roadmap.template", "search_read", [], ["name"])
            self.assertEqual(error, None if name == "auditor" else denied, name)
        self.authenticate("sdm_director", "sdm_director")
        [wizard], error = self.call("sdm.roadmap.template.apply", "create", [{"template_id": template.id}])
        self.assertFalse(error)
        action, error = self.call("sdm.roadmap.template.apply", "action_apply", [wizard])
        self.assertEqual((action["res_model"], error), ("sdm.roadmap.step", None))
        self.assertEqual(self.env.ref("sdm_segmentation.sdm_roadmap_step_structure").sequence, 30)

    def test_another_ones_preview_is_not_for_reading(self):
        wizard = self.env["sdm.roadmap.template.apply"].create({})
        for name in ("head", "auditor"):
            user = self.env["res.users"].search([("login", "=", f"sdm_{name}")])
            with self.assertRaises(AccessError):
                wizard.with_user(user).action_apply()

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.roadmap import Status
from .common import SdmCase


@tagged("post_install", "-at_install")
class TestRoadmapChecks(SdmCase):
    """What the system shows of the decisions, in a company where nobody sells yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # teams without company are everybody's
        cls.env["crm.team"].search([("company_id", "=", False)]).company_id = cls.env.ref("base.main_company")
        cls.env["res.partner"].search([("customer_rank", ">", 0)]).customer_rank = 0
        cls.env["crm.lead"].search([("won_status", "=", "pending")]).active = False
        cls.structure = cls.env.ref("sdm_segmentation.sdm_roadmap_step_structure")
        cls.automation = cls.env.ref("sdm_segmentation.sdm_roadmap_step_automation")
        cls.plan = cls.env.ref("sdm_segmentation.sdm_roadmap_step_plan")

    def status(self, step):
        step.invalidate_recordset()
        return step._get_statuses().get(step.id)

    def decide(self, step):
        step.decision = "<p>So it is.</p>"
        step.action_decide()

    # -- completeness -------------------------------------------------------------------------------------------------

    def test_every_model_that_answers_has_a_step_and_every_step_a_model_that_answers(self):
        answering = self.env.registry.descendants(["sdm.roadmap.mixin"], "_inherit") - {"sdm.roadmap.mixin"}
        steps = self.env["sdm.roadmap.step"].with_context(active_test=False).search([("code", "not like", "own_")])
        self.assertEqual(answering - set(steps.mapped("res_model")), set())
        for step in steps:
            with self.subTest(step=step.code):
                self.assertTrue(step.res_model and step.action_xmlid)
                if step.res_model in self.env:
                    self.assertIn(step.res_model, answering)
                    self.assertEqual(self.env.ref(step.action_xmlid).res_model, step.res_model)
                    self.assertEqual(step.tool, "installed")
                    self.assertIsInstance(self.status(step), Status)
                else:
                    self.assertEqual((step.tool, step.can_open_tool, step.check_text), ("missing", False, False))

    def test_a_step_whose_app_is_not_installed_is_decided_as_text(self):
        self.plan.res_model = "sdm.not.there"
        self.assertEqual(self.plan.tool, "missing")
        with self.assertRaisesRegex(UserError, "The tool of “Plan and KPI” is not installed"):
            self.plan.action_open_tool()
        self.decide(self.plan)
        self.assertEqual(self.plan.state, "decided")

    def test_a_model_that_looks_after_no_decision_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "“res.partner” cannot answer for “Plan and KPI”"):
            self.plan.res_model = "res.partner"

    def test_a_step_of_the_company_needs_no_tool(self):
        step = self.env["sdm.roadmap.step"].create({"name": "Returns"})
        self.assertEqual((step.tool, step.check_text, step.state), ("none", False, "ready"))

    def test_the_tool_opens_for_who_may_read_it(self):
        for name, may in (("seller", True), ("payroll", True), ("stranger", False)):
            step = self.structure.with_user(self.persona(name)).sudo(False)
            if may:
                self.assertEqual(step.action_open_tool()["res_model"], "sdm.position")
        self.automation.action_xmlid = "sdm_segmentation.gone"
        self.assertFalse(self.automation.can_open_tool)

    # -- structure ----------------------------------------------------------------------------------------------------

    def test_without_sellers_there_is_nothing_to_judge(self):
        status = self.status(self.structure)
        self.assertEqual((status.done, status.total), (0, 0))
        self.assertTrue(self.structure.check_text.startswith("Nobody sells yet"))
        self.decide(self.structure)
        self.assertEqual(self.structure.state, "decided")

    def test_sellers_without_their_place_are_counted_by_what_is_missing(self):
        chief = self.env["hr.employee"].create({"name": "Chief", "company_id": self.company.id})
        self.deal(seller=self.seller("Anna", chief))
        self.deal(seller=self.seller("Boris"))
        self.deal(seller=self.seller("Vera", employee=False))
        gone = self.seller("Gleb", chief)
        self.deal(seller=gone)
        gone.employee_id.sdm_position_ids.write({"date_from": "2025-01-01", "date_to": "2025-03-31"})
        self.assertEqual(
            self.structure.check_text,
            "1 of 4: people who sell have a position under a head today. "
            "Missing: employee card – 1, position – 1, and head – 1.",
        )

    def test_a_head_on_top_who_sells_needs_no_head(self):
        chief = self.seller("Chief")
        self.deal(seller=chief)
        self.deal(seller=self.seller("Anna", chief.employee_id))
        self.assertEqual(self.structure.check_text, "2 of 2: everybody who sells has a position under a head today.")

    def test_members_of_a_team_sell_without_any_deal(self):
        anna = self.seller("Anna")
        self.env["crm.team"].create(
            {"name": "North", "company_id": self.company.id, "member_ids": [Command.link(anna.id)]}
        )
        self.assertEqual(self.status(self.structure).total, 1)

    def test_decided_without_anything_in_the_system_contradicts(self):
        self.deal(seller=self.seller("Anna"))
        self.decide(self.structure)
        self.assertEqual(self.structure.state, "contradicts")
        found = self.env["sdm.roadmap.step"].search([("state", "=", "contradicts")])
        self.assertEqual(found, self.structure)
        self.deal(
            seller=self.seller("Boris", self.env["hr.employee"].create({"name": "C", "company_id": self.company.id}))
        )
        self.structure.invalidate_recordset()
        self.assertEqual(self.structure.state, "decided")

    # -- customers ----------------------------------------------------------------------------------------------------

    def test_customers_without_a_lead_are_told(self):
        self.assertEqual(self.automation.check_text, "There are no customers yet.")
        anna = self.seller("Anna")
        self.customer("Alfa", anna, customer_rank=1)
        self.customer("Beta", customer_rank=1)
        self.deal(self.customer("Gamma"))
        contact = self.env["res.partner"].create({"name": "Ivan", "parent_id": self.customer("Delta", anna).id})
        self.deal(contact)
        self.customer("Unknown")
        self.automation.invalidate_recordset()
        self.assertEqual(
            self.automation.check_text,
            "2 of 4: customers and prospects in work have a lead seller today. For the others the CRM has nobody to "
            "remind.",
        )
        self.env["res.partner"].search([("name", "in", ("Beta", "Gamma"))]).user_id = anna
        self.automation.invalidate_recordset()
        self.assertEqual(
            self.automation.check_text,
            "4 of 4: customers and prospects in work have a lead seller today, so the CRM knows whose day it fills.",
        )

    # -- what is counted ----------------------------------------------------------------------------------------------

    def counted(self, step, user):
        """What a person finds behind the status of a step, None where it is not for that person."""
        step = step.with_user(user)
        self.env.invalidate_all()
        if not step.can_open_counted:
            with self.assertRaisesRegex(UserError, "is not for you to open"):
                step.action_open_counted()
            return None
        action = step.action_open_counted()
        return self.env[action["res_model"]].with_user(user).search(action["domain"])

    def test_a_status_opens_what_it_counts(self):
        chief = self.env["hr.employee"].create({"name": "Chief", "company_id": self.company.id})
        anna, boris = self.seller("Anna", chief), self.seller("Boris", employee=False)
        customers = self.customer("Alfa", anna, customer_rank=1) | self.customer("Beta", customer_rank=1)
        self.deal(customers[0], anna)
        self.deal(self.customer("Gamma"), boris)
        customers |= self.env["res.partner"].search([("name", "=", "Gamma")])
        director, auditor, seller = (self.persona(name) for name in ("director", "auditor", "seller"))
        for user in (director, auditor):
            self.assertEqual(self.counted(self.structure, user).user_id, anna | boris, user.name)
            self.assertEqual(self.counted(self.automation, user), customers, user.name)
        self.assertEqual(self.status(self.automation).total, len(customers))
        self.assertEqual(self.counted(self.structure, seller), anna.employee_id.sdm_position_ids)
        self.assertIsNone(self.counted(self.automation, seller))
        self.assertIsNone(self.counted(self.automation, self.persona("payroll")))

    def test_every_status_opens_as_many_records_as_it_counts(self):
        director = self.persona("director")
        director.company_ids = self.env["res.company"].search([("active", "=", True)])
        self.env["sdm.scheme"].create({"name": "ABC", "perimeter_id": self.env["sdm.perimeter"]._get_default().id})
        for step in self.env["sdm.roadmap.step"].search([("active", "=", True)]):
            status = self.status(step)
            if status and status.total:
                with self.subTest(step=step.code):
                    self.assertEqual(len(self.counted(step, director)), status.total)
        self.assertEqual(
            self.counted(self.env.ref("sdm_segmentation.sdm_roadmap_step_segmentation"), director).name, "ABC"
        )

    # -- whose --------------------------------------------------------------------------------------------------------

    def test_another_company_is_another_status(self):
        self.deal(self.customer("Alfa"), self.seller("Anna"))
        other = self.env["res.company"].create({"name": "Other Trade"})
        self.customer("Omega", customer_rank=1, company_id=other.id)
        self.customer("Sigma", customer_rank=1)
        self.customer("Tau", customer_rank=1, company_id=other.id)
        elsewhere = {"allowed_company_ids": (other | self.company).ids}
        self.env.user.company_ids += other
        here, there = self.structure, self.structure.with_context(**elsewhere)
        self.assertEqual((self.status(here).total, self.status(there).total), (1, 0))
        here, there = self.automation, self.automation.with_context(**elsewhere)
        self.assertEqual((self.status(here).total, self.status(there).total), (2, 3))

    def test_everybody_reads_the_same_status(self):
        chief = self.env["hr.employee"].create({"name": "Chief", "company_id": self.company.id})
        self.deal(self.customer("Alfa", self.seller("Anna", chief)), self.seller("Boris", chief))
        for name in ("seller", "head", "director", "payroll", "auditor"):
            step = (self.structure | self.automation).with_user(self.persona(name))
            texts = [text.partition(":")[0] for text in step.mapped("check_text")]
            self.assertEqual(texts, ["1 of 1", "1 of 1"], name)

    def test_the_whole_roadmap_is_judged_in_a_constant_number_of_queries(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            steps = self.env["sdm.roadmap.step"].search([("active", "=", True)])
            steps.read(["state", "position", "check_text", "tool", "can_open_tool", "waits_for_ids", "is_late"])
            self.env["sdm.roadmap.step"].get_next_steps()
            return self.env.cr.sql_log_count - before

        def sellers(names):
            for name in names:
                self.deal(self.customer(name, customer_rank=1), self.seller(name, chief))

        chief = self.env["hr.employee"].create({"name": "Chief", "company_id": self.company.id})
        sellers(["Anna", "Boris"])
        queries()
        few = queries()
        sellers(f"Seller {number}" for number in range(12))
        # new users empty the caches of access rules
        queries()
        self.assertEqual(queries(), few)
        self.assertLessEqual(few, 45)


@tagged("post_install", "-at_install")
class TestNextSteps(SdmCase):
    """What the top of the roadmap tells whom: segments -> strategy -> plan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2025-06-30 12:00:00"))
        cls.Step = cls.env["sdm.roadmap.step"]
        cls.Step.search([("active", "=", True)]).active = False
        cls.director, cls.head, cls.hr, cls.seller_user, cls.auditor = (
            cls.persona(name) for name in ("director", "head", "payroll", "seller", "auditor")
        )
        # with a reason for its place the order is chosen
        cls.segments = cls.Step.create(
            {"name": "Segments", "sequence": 1, "user_id": cls.director.id, "reason": "All rests on it."}
        )
        cls.strategy = cls.Step.create(
            {"name": "Strategy", "sequence": 2, "user_id": cls.head.id, "requires_ids": [Command.link(cls.segments.id)]}
        )
        cls.plan = cls.Step.create(
            {"name": "Plan", "sequence": 3, "requires_ids": [Command.link(cls.strategy.id)], "user_id": cls.director.id}
        )

    def told(self, user):
        """Text and reason of the first line and of what presses besides.

        :return: tuple (text, why, {kind: text})
        """
        self.env.invalidate_all()
        told = self.Step.with_user(user).get_next_steps()
        return told["text"], told["why"], {also["kind"]: also["text"] for also in told["also"]}

    def decide(self, step, day="2025-06-30"):
        step.decision = "<p>So it is.</p>"
        step.action_decide()
        step.sudo().date_decided = day

    def test_the_director_hears_what_to_decide_and_why(self):
        self.assertEqual(
            self.told(self.director),
            (
                "Decide next: Segments",
                "Nothing that it rests on is open, and these wait for it: “Strategy” and “Plan”.",
                {},
            ),
        )
        action = self.Step.with_user(self.director).get_next_steps()["action"]
        self.assertEqual((action["res_id"], action["views"]), (self.segments.id, [(False, "form")]))

    def test_what_is_overdue_pulls_its_ground_forward(self):
        self.plan.date_due = "2025-06-29"
        self.assertEqual(
            self.told(self.director),
            ("Decide next: Segments", "Overdue and resting on it: “Plan”.", {"late": "Overdue: 1"}),
        )
        self.segments.date_due = "2025-06-28"
        self.assertEqual(self.told(self.director)[1:], ("It was due on 06/28/2025.", {"late": "Overdue: 2"}))

    def test_the_diagnosis_pulls_its_ground_forward(self):
        office = self.Step.create({"name": "Office", "sequence": 0, "user_id": self.director.id})
        self.assertEqual(self.told(self.director)[0], "Decide next: Office")
        diagnosis = self.env["sdm.diagnosis"].create({"date": "2025-06-30", "company_id": self.company.id})
        diagnosis.sudo().write({"state": "measured", "start_step_id": self.plan.id})
        self.assertEqual(
            self.told(self.director)[:2],
            ("Decide next: Segments", "The latest diagnosis begins with “Plan”, which rests on it."),
        )
        diagnosis.sudo().start_step_id = office
        self.assertEqual(self.told(self.director)[:2], ("Decide next: Office", "The latest diagnosis begins with it."))

    def test_lists_of_what_presses_open_their_steps(self):
        (self.strategy | self.plan).user_id = False
        told = self.Step.with_user(self.auditor).get_next_steps()
        [also] = told["also"]
        self.assertEqual((also["kind"], also["text"]), ("no_owner", "Without owner: 2"))
        self.assertEqual(also["action"]["domain"], [("id", "in", (self.strategy | self.plan).ids)])

    def test_reviews_and_decisions_not_carried_out(self):
        for step in self.segments | self.strategy | self.plan:
            self.decide(step)
        self.assertEqual(
            self.told(self.director), ("Every decision is taken, and none is due for a review.", False, {})
        )
        (self.strategy | self.plan).date_review = "2025-06-30"
        self.assertEqual(
            self.told(self.director),
            ("Review: Strategy", "Its review is due since 06/30/2025.", {"review": "To review: 2"}),
        )
        self.strategy.res_model = "sdm.position"
        self.deal(seller=self.seller("Anna"))
        told = self.told(self.director)
        self.assertEqual(told[0], "Carry out what is decided: Strategy")
        self.assertIn("0 of ", told[1])
        self.assertEqual(told[2], {"review": "To review: 1"})

    def test_an_owner_hears_of_the_own_steps(self):
        self.assertEqual(
            self.told(self.head),
            ("Your step “Strategy” waits for others", "Before it: “Segments”.", {}),
        )
        self.decide(self.segments)
        self.assertEqual(
            self.told(self.head),
            (
                "Decide next: Strategy",
                "Nothing that it rests on is open, and these wait for it: “Plan”.",
                {"news": "Decided lately: 1"},
            ),
        )

    def test_a_seller_hears_what_was_decided_in_the_last_thirty_days(self):
        nothing = ("Nothing is waiting for you, and nothing was decided in the last 30 days.", False, {})
        for user in (self.seller_user, self.hr):
            self.assertEqual(self.told(user), nothing)
        self.decide(self.segments, "2025-05-31")
        self.decide(self.strategy, "2025-05-30")
        self.assertEqual(self.told(self.seller_user), ("Read what is decided: Segments", "Decided on 05/31/2025.", {}))

    def test_the_own_order_tells_where_it_contradicts(self):
        self.plan.sequence = 0
        steps = self.segments | self.strategy | self.plan
        self.assertEqual(steps.mapped("position"), [1, 2, 3])
        self.assertEqual(self.plan.moved_after_ids, self.strategy)
        self.assertFalse((self.segments | self.strategy).moved_after_ids)

    def test_steps_can_be_found_by_how_they_stand(self):
        self.decide(self.segments)
        self.segments.date_review = "2025-06-01"
        for state, steps in (
            ("review", self.segments),
            ("ready", self.strategy),
            ("waiting", self.plan),
            ("decided", self.Step),
        ):
            found = self.Step.search([("state", "=", state)])
            self.assertEqual(found, steps, state)
        self.strategy.decision = "<p>Keep A, grow B.</p>"
        self.assertEqual(self.Step.search([("state", "in", ("ready", "started"))]), self.strategy)
        self.assertEqual(self.strategy.state, "started")
        self.assertEqual(self.Step.search([("state", "!=", "started")]), self.segments | self.plan)


@tagged("post_install", "-at_install")
class TestSellersOfCompanies(SdmCase):
    def test_who_works_for_another_company_does_not_sell_here(self):
        other = self.env["res.company"].create({"name": "Other Trade"})
        stranger = new_test_user(
            self.env,
            login="sdm_stranger_company",
            groups="sales_team.group_sale_salesman",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.env["crm.team"].create({"name": "Shared", "company_id": False, "member_ids": [Command.link(stranger.id)]})
        self.assertNotIn(stranger, self.env["sdm.position"]._get_sellers())

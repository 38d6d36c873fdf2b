from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AS_OF, GROUPS, RpcCase, SdmCase

MODELS = [
    "sdm.roadmap.step",
    "sdm.diagnosis",
    "sdm.diagnosis.step",
    "sdm.diagnosis.figure",
    "sdm.diagnosis.measure",
    "sdm.diagnosis.question",
    "sdm.diagnosis.answer",
]
OPERATIONS = ("read", "write", "create", "unlink")
# r, w, c, u: what each persona may do with each model, in the order of MODELS
ALLOWED = {
    "seller": ("r", "", "", "", "", "", ""),
    "head": ("rw", "", "", "", "", "", ""),
    "director": ("rwcu", "rwcu", "r", "r", "rw", "rwc", "rw"),
    "payroll": ("rw", "", "", "", "", "", ""),
    "auditor": ("r", "r", "r", "r", "r", "r", "r"),
    "stranger": ("", "", "", "", "", "", ""),
}


@tagged("post_install", "-at_install")
class TestAccess(SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {name: cls.persona(name) for name in GROUPS}
        cls.step = cls.env.ref("sdm_segmentation.sdm_roadmap_step_plan")
        cls.diagnosis = cls.env["sdm.diagnosis"].create({"date": AS_OF, "company_id": cls.company.id})
        cls.diagnosis.action_measure()

    def test_each_group_can_do_what_it_must_and_nothing_else(self):
        for name, user in self.people.items():
            for model, allowed in zip(MODELS, ALLOWED[name], strict=True):
                for operation in OPERATIONS:
                    with self.subTest(persona=name, model=model, operation=operation):
                        may = self.env[model].with_user(user).has_access(operation)
                        self.assertEqual(may, operation[0] in allowed)

    def test_a_head_writes_the_own_steps_only(self):
        head = self.people["head"]
        with self.assertRaises(AccessError):
            self.step.with_user(head).decision = "<p>Mine</p>"
        self.step.user_id = head
        self.step.with_user(head).decision = "<p>Plan by segment and month.</p>"
        for values in ({"name": "Mine"}, {"requires_ids": [(5,)]}, {"sequence": 1}, {"active": False}):
            with self.assertRaises(AccessError):
                self.step.with_user(head).write(values)
        self.step.with_user(head).action_decide()
        self.assertEqual((self.step.decided, self.step.decided_by_id), (True, head))

    def test_hr_decides_on_the_own_steps(self):
        hr = self.people["payroll"]
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_training")
        step.user_id = hr
        step.with_user(hr).decision = "<p>Track of 90 days.</p>"
        step.with_user(hr).action_decide()
        self.assertEqual(step.decided_by_id, hr)
        with self.assertRaises(AccessError):
            self.step.with_user(hr).decision = "<p>Mine</p>"

    def test_the_form_offers_to_decide_to_who_may(self):
        self.step.user_id = self.people["payroll"]
        may = {name for name, user in self.people.items() if self.step.with_user(user).may_decide}
        self.assertEqual(may, {"director", "payroll"})

    def test_owners_are_people_who_may_write_what_they_own(self):
        owners = self.env["res.users"].search(self.env["sdm.roadmap.step"]._domain_user_id())
        people = {name for name, user in self.people.items() if user in owners}
        self.assertEqual(people, {"head", "director", "payroll"})

    def test_a_seller_reads_the_decision_and_not_the_verdict(self):
        seller = self.people["seller"]
        self.assertEqual(self.step.with_user(seller).name, "Plan and KPI")
        with self.assertRaises(AccessError):
            self.step.with_user(seller).read(["level"])
        with self.assertRaises(AccessError):
            self.step.with_user(seller).action_decide()

    def test_only_who_may_read_a_diagnosis_gets_the_banner(self):
        for name, user in self.people.items():
            banner = self.env["sdm.diagnosis"].with_user(user).get_banner()
            self.assertEqual(bool(banner), name in ("director", "auditor"), name)
            if banner:
                self.assertEqual(banner["can_measure"], name == "director")

    def test_measuring_is_the_directors(self):
        draft = self.env["sdm.diagnosis"].create({"date": AS_OF, "company_id": self.company.id})
        for name in ("auditor", "head", "seller", "payroll"):
            with self.assertRaises(AccessError):
                draft.with_user(self.people[name]).action_measure()
        director = self.people["director"]
        draft.with_user(director).action_measure()
        self.assertEqual((draft.state, draft.user_id), ("measured", director))

    def test_a_figure_counts_documents_that_the_director_may_open(self):
        customer = self.customer("Alfa")
        self.won("2025-01-10", 10, customer, self.people["seller"])
        diagnosis = self.env["sdm.diagnosis"].with_user(self.people["director"]).create({"date": AS_OF})
        diagnosis.action_measure()
        self.order(customer, "2025-06-10", 100, discount=20, seller=self.people["seller"])
        by_order = self.env["sdm.diagnosis"].with_user(self.people["director"]).create({"date": AS_OF})
        by_order.action_measure()
        self.assertEqual((diagnosis.measured_source, by_order.measured_source), ("deal", "order"))
        for person in ("director", "auditor"):
            for figure in (diagnosis | by_order).with_user(self.people[person]).figure_ids.filtered("has_records"):
                action = figure.action_open_records()
                model = self.env[action["res_model"]].with_user(self.people[person])
                found = model.with_context(**action["context"]).search(action["domain"])
                self.read_as_the_screen_does(found[:1], action)
                if figure.measure_id.code == "deal_won_no_order":
                    self.assertEqual(len(found), 1)

    def read_as_the_screen_does(self, records, action):
        """Read all fields of the views that an action opens."""
        for view_id, kind in action["views"]:
            arch = records.get_views([(view_id, kind)])["models"][records._name]["fields"]
            names = {name: {"fields": {"display_name": {}}} if arch[name].get("relation") else {} for name in arch}
            if kind in ("list", "form"):
                records.web_read({name: spec for name, spec in names.items() if name in records._fields})

    def test_the_auditor_reads_the_configuration_and_changes_none_of_it(self):
        auditor = self.people["auditor"]
        # as where a company uses several companies
        auditor.group_ids += self.env.ref("base.group_multi_company")
        root = self.env.ref("sdm_segmentation.sdm_configuration_menu")
        Menu = self.env["ir.ui.menu"]
        below = Menu.search([("id", "child_of", root.id), ("action", "!=", False)])
        self.assertGreater(len(below), 4)
        shown = Menu.with_user(auditor)._visible_menu_ids()
        self.assertFalse((below | root).filtered(lambda menu: menu.id not in shown).mapped("name"))
        for menu in below:
            with self.subTest(menu=menu.name):
                model = self.env[menu.action.res_model].with_user(auditor)
                views = [(False, mode) for mode in menu.action.view_mode.split(",")]
                self.read_as_the_screen_does(model.search([], limit=1), {"views": views})
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(model.has_access(operation), operation)
        self.assertNotIn(root.id, Menu.with_user(self.people["seller"])._visible_menu_ids())

    def test_director_and_auditor_open_invoices(self):
        for person in ("director", "auditor"):
            for model in ("account.move", "account.move.line", "account.invoice.report"):
                self.env[model].with_user(self.people[person]).search([], limit=1)

    def test_an_auditor_who_sells_gets_no_right_to_change_deals_of_others(self):
        auditor = self.people["auditor"]
        auditor.group_ids += self.env.ref("sales_team.group_sale_salesman")
        deal = self.won("2025-01-10", 10, self.customer("Alfa"), self.people["seller"])
        self.assertEqual(deal.with_user(auditor).name, "Deal")
        with self.assertRaises(AccessError):
            deal.with_user(auditor).name = "Mine"

    def test_a_diagnosis_stays_in_its_company(self):
        other = self.env["res.company"].create({"name": "Other Trade"})
        director = self.people["director"]
        director.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        Diagnosis = self.env["sdm.diagnosis"].with_user(director).with_context(allowed_company_ids=other.ids)
        self.assertFalse(Diagnosis.search([("id", "=", self.diagnosis.id)]))
        with self.assertRaises(AccessError):
            Diagnosis.browse(self.diagnosis.id).read(["date"])
        with self.assertRaises(AccessError):
            self.diagnosis.figure_ids[0].with_user(director).with_context(allowed_company_ids=other.ids).read(["value"])
        with self.assertRaises(AccessError):
            self.diagnosis.answer_ids[0].with_user(director).with_context(allowed_company_ids=other.ids).read(["value"])
        self.assertFalse(Diagnosis.get_banner()["id"])


@tagged("post_install", "-at_install")
class TestAccessByRpc(RpcCase, SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {name: cls.persona(name) for name in GROUPS}
        cls.diagnosis = cls.env["sdm.diagnosis"].create({"date": AS_OF, "company_id": cls.company.id})

    def test_who_may_not_is_refused_over_the_wire(self):
        denied = "odoo.exceptions.AccessError"
        for name in ("seller", "head", "payroll", "stranger"):
            self.authenticate(f"sdm_{name}", f"sdm_{name}")
            for model in MODELS[1:]:
                self.assertEqual(self.call(model, "search_read", [], ["id"])[1], denied, (name, model))
                self.assertEqual(self.call(model, "web_search_read", [], {"id": {}})[1], denied, (name, model))
            self.assertEqual(self.call("sdm.diagnosis", "action_measure", self.diagnosis.ids)[1], denied, name)
            self.assertEqual(self.call("sdm.diagnosis", "get_banner"), (None, None), name)

    def test_what_to_do_next_is_told_to_who_reads_the_roadmap(self):
        for name in GROUPS:
            self.authenticate(f"sdm_{name}", f"sdm_{name}")
            told, error = self.call("sdm.roadmap.step", "get_next_steps")
            if name == "stranger":
                self.assertEqual(error, "odoo.exceptions.AccessError")
            else:
                self.assertEqual((bool(told["text"]), error), (True, None), name)

    def test_what_a_tool_is_is_the_directors(self):
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_plan")
        step.user_id = self.people["head"]
        self.authenticate("sdm_head", "sdm_head")
        for values in ({"res_model": "sdm.position"}, {"action_xmlid": "base.action_res_users"}):
            _result, error = self.call("sdm.roadmap.step", "write", step.ids, values)
            self.assertEqual(error, "odoo.exceptions.AccessError")

    def test_private_methods_are_not_for_the_wire(self):
        self.authenticate("sdm_director", "sdm_director")
        for method in ("_get_measurements", "_apply_measurements", "_query_revenue"):
            self.assertEqual(self.call("sdm.diagnosis", method, self.diagnosis.ids)[1], "odoo.exceptions.AccessError")

    def test_the_director_measures_and_the_auditor_reads(self):
        self.authenticate("sdm_director", "sdm_director")
        self.assertEqual(self.call("sdm.diagnosis", "action_measure", self.diagnosis.ids), (True, None))
        self.authenticate("sdm_auditor", "sdm_auditor")
        rows, error = self.call("sdm.diagnosis.figure", "search_read", [("diagnosis_id", "=", self.diagnosis.id)], [])
        self.assertEqual((len(rows), error), (36, None))
        self.assertEqual(
            self.call("sdm.diagnosis", "write", self.diagnosis.ids, {"date": "2025-01-01"})[1],
            "odoo.exceptions.AccessError",
        )

    def test_figures_and_decisions_cannot_be_entered_over_the_wire(self):
        denied = "odoo.exceptions.AccessError"
        self.authenticate("sdm_director", "sdm_director")
        self.call("sdm.diagnosis", "action_measure", self.diagnosis.ids)
        for values in ({"state": "draft"}, {"start_step_id": False}, {"figure_ids": [(5,)]}):
            self.assertEqual(self.call("sdm.diagnosis", "write", self.diagnosis.ids, values)[1], denied)
        self.assertEqual(self.call("sdm.diagnosis", "create", [{"state": "measured"}])[1], denied)
        self.assertEqual(self.call("sdm.diagnosis", "unlink", self.diagnosis.ids)[1], "odoo.exceptions.UserError")
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_plan")
        self.assertEqual(self.call("sdm.roadmap.step", "write", step.ids, {"decided": True})[1], denied)

    def test_the_director_answers_and_the_auditor_reads_the_answers(self):
        denied = "odoo.exceptions.AccessError"
        answers = self.diagnosis.answer_ids
        self.authenticate("sdm_director", "sdm_director")
        self.assertEqual(self.call("sdm.diagnosis.answer", "write", answers[0].ids, {"value": "3"}), (True, None))
        for values in ({"user_id": self.people["head"].id}, {"date": "2020-01-01"}, {"suggestion": "4"}):
            self.assertEqual(self.call("sdm.diagnosis.answer", "write", answers.ids, values)[1], denied, values)
        line = {"diagnosis_id": self.diagnosis.id, "question_id": answers[0].question_id.id}
        self.assertEqual(self.call("sdm.diagnosis.answer", "create", [line])[1], denied)
        self.assertEqual(self.call("sdm.diagnosis", "write", self.diagnosis.ids, {"answer_ids": [(5,)]})[1], denied)
        self.authenticate("sdm_auditor", "sdm_auditor")
        rows, error = self.call(
            "sdm.diagnosis.answer", "search_read", [("id", "=", answers[0].id)], ["value", "user_id"]
        )
        self.assertEqual(error, None)
        self.assertEqual((rows[0]["value"], rows[0]["user_id"][0]), ("3", self.people["director"].id))
        self.assertEqual(self.call("sdm.diagnosis.answer", "write", answers.ids, {"value": "4"})[1], denied)
        self.assertEqual(self.call("sdm.diagnosis", "action_answer", self.diagnosis.ids)[1], None)

    def test_who_buys_is_not_asked_past_the_rules(self):
        for name in ("seller", "head", "payroll", "stranger"):
            self.authenticate(f"sdm_{name}", f"sdm_{name}")
            for field in ("is_sdm_customer", "is_sdm_silent", "is_sdm_duplicate"):
                _result, error = self.call("res.partner", "search_count", [(field, "=", True)])
                self.assertEqual(error, "odoo.exceptions.AccessError", (name, field))
        self.authenticate("sdm_director", "sdm_director")
        _result, error = self.call(
            "res.partner", "search_count", [("is_sdm_customer", "=", True)], context={"sdm_as_of": "yesterday"}
        )
        self.assertEqual(error, "odoo.exceptions.UserError")

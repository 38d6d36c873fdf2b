import json

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import AS_OF, GROUPS, SdmCase

MODELS = ["sdm.roadmap.step", "sdm.diagnosis", "sdm.diagnosis.step", "sdm.diagnosis.figure", "sdm.diagnosis.measure"]
OPERATIONS = ("read", "write", "create", "unlink")
# r, w, c, u: what each persona may do with each model, in the order of MODELS
ALLOWED = {
    "seller": ("r", "", "", "", ""),
    "head": ("rw", "", "", "", ""),
    "director": ("rwcu", "rwcu", "r", "r", "rw"),
    "payroll": ("r", "", "", "", ""),
    "auditor": ("r", "r", "r", "r", "r"),
    "stranger": ("", "", "", "", ""),
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
        self.step.with_user(head).action_decide()
        self.assertTrue(self.step.decided)

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
        for person in ("director", "auditor"):
            for figure in diagnosis.with_user(self.people[person]).figure_ids.filtered("has_records"):
                action = figure.action_open_records()
                model = self.env[action["res_model"]].with_user(self.people[person])
                found = model.with_context(**action["context"]).search(action["domain"])
                found.mapped("display_name")
                if figure.measure_id.code == "deal_won_no_order":
                    self.assertEqual(len(found), 1)

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
        self.assertFalse(Diagnosis.get_banner()["id"])


@tagged("post_install", "-at_install")
class TestAccessByRpc(HttpCase, SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {name: cls.persona(name) for name in GROUPS}
        cls.diagnosis = cls.env["sdm.diagnosis"].create({"date": AS_OF, "company_id": cls.company.id})

    def call(self, model, method, *args, **kwargs):
        """Call a method as the browser does.

        :return: tuple (result, name of the error or None)
        """
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}),
            headers={"Content-Type": "application/json"},
        ).json()
        return response.get("result"), response.get("error", {}).get("data", {}).get("name")

    def test_who_may_not_is_refused_over_the_wire(self):
        denied = "odoo.exceptions.AccessError"
        for name in ("seller", "head", "payroll", "stranger"):
            self.authenticate(f"sdm_{name}", f"sdm_{name}")
            for model in MODELS[1:]:
                self.assertEqual(self.call(model, "search_read", [], ["id"])[1], denied, (name, model))
                self.assertEqual(self.call(model, "web_search_read", [], {"id": {}})[1], denied, (name, model))
            self.assertEqual(self.call("sdm.diagnosis", "action_measure", self.diagnosis.ids)[1], denied, name)
            self.assertEqual(self.call("sdm.diagnosis", "get_banner"), (None, None), name)

    def test_private_methods_are_not_for_the_wire(self):
        self.authenticate("sdm_director", "sdm_director")
        for method in ("_get_measurements", "_apply_measurements", "_query_revenue"):
            self.assertEqual(self.call("sdm.diagnosis", method, self.diagnosis.ids)[1], "odoo.exceptions.AccessError")

    def test_the_director_measures_and_the_auditor_reads(self):
        self.authenticate("sdm_director", "sdm_director")
        self.assertEqual(self.call("sdm.diagnosis", "action_measure", self.diagnosis.ids), (True, None))
        self.authenticate("sdm_auditor", "sdm_auditor")
        rows, error = self.call("sdm.diagnosis.figure", "search_read", [("diagnosis_id", "=", self.diagnosis.id)], [])
        self.assertEqual((len(rows), error), (35, None))
        self.assertEqual(
            self.call("sdm.diagnosis", "write", self.diagnosis.ids, {"user_id": False})[1],
            "odoo.exceptions.AccessError",
        )

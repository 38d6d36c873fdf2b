from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.tests.common import GROUPS, RpcCase

from .plan_life import JUNE, PlanLifeCase

MODELS = [
    "sdm.plan",
    "sdm.plan.version",
    "sdm.plan.target",
    "sdm.plan.change",
    "sdm.plan.commitment",
    "sdm.plan.gap",
    "sdm.plan.check",
    "sdm.plan.comparison",
    "sdm.plan.compare",
    "sdm.plan.put.in.force",
    "sdm.plan.replan",
]
OPERATIONS = ("read", "write", "create", "unlink")
# r, w, c, u: what each persona may do with each model, in the order of MODELS
ALLOWED = {
    "seller": ("r", "r", "r", "r", "rwcu", "", "", "", "", "", ""),
    "head": ("r", "r", "r", "r", "rwcu", "r", "r", "r", "rwcu", "", ""),
    "director": ("rwcu", "rwcu", "rwcu", "r", "rwcu", "r", "r", "r", "rwcu", "rwcu", "rwcu"),
    "payroll": ("",) * 11,
    "auditor": ("r", "r", "r", "r", "r", "r", "r", "r", "rwcu", "", ""),
    "stranger": ("",) * 11,
}
PEOPLE, KPIS = 200, 12


@tagged("post_install", "-at_install", "sdm")
class TestPlanAccess(PlanLifeCase):
    def test_each_group_can_do_what_it_must_and_nothing_else(self):
        people = {name: self.persona(name) for name in GROUPS if name != "director"} | {"director": self.director}
        for name, user in people.items():
            for model, allowed in zip(MODELS, ALLOWED[name], strict=True):
                for operation in OPERATIONS:
                    with self.subTest(persona=name, model=model, operation=operation):
                        may = self.env[model].with_user(user).has_access(operation)
                        self.assertEqual(may, operation[0] in allowed)

    def test_margin_is_for_its_group(self):
        self.switch_on("order_margin")
        for code in ("order_margin", "revenue"):
            self.target(self.anna, 100, code=code)
        self.target(None, 5, code="order_margin")
        draft = self.change()
        models = {
            "sdm.plan.target": {},
            "sdm.plan.gap": {},
            "sdm.plan.check": {"sdm_plan_version": self.version.id},
            "sdm.plan.comparison": {"sdm_plan_before": self.version.id, "sdm_plan_after": draft.id},
        }
        for may in (False, True):
            if may:
                self.director.group_ids |= self.env.ref("sdm_segmentation.group_sdm_margin")
            for model, context in models.items():
                rows = self.env[model].with_user(self.director).with_context(**context).search([])
                self.assertEqual("order_margin" in rows.kpi_id.mapped("code"), may, model)
        # who does not see it copies it all the same
        self.assertEqual(draft.target_count, 3)

    def test_who_may_not_see_the_whole_perimeter_sees_nothing_of_it(self):
        self.target(self.anna, 100)
        draft = self.change()
        self.version.action_submit()
        self.perimeter.company_ids |= self.env["res.company"].create({"name": "Other"})
        contexts = {
            "sdm_plan_version": self.version.id,
            "sdm_plan_before": self.version.id,
            "sdm_plan_after": draft.id,
        }
        for model in MODELS[:8]:
            rows = self.env[model].with_user(self.director).with_context(**contexts)
            domain = [("perimeter_id", "=", self.perimeter.id)]
            self.assertFalse(rows.search(domain), model)

    def test_opening_a_plan_of_many_people_costs_the_same(self):
        """200 people x 12 KPI x 12 months."""

        def count(version):
            self.env.flush_all()
            self.env.invalidate_all()
            self.director.with_user(self.director).partner_id.mapped("name")
            before = self.env.cr.sql_log_count
            form = version.with_user(self.director)
            form.get_views([(False, "form")])
            form.web_read({name: {} for name in self.shown})
            plan = form.plan_id
            plan.web_read({"version_ids": {"fields": {"target_count": {}, "state": {}}}, "overdue": {}, "stands": {}})
            return self.env.cr.sql_log_count - before

        self.shown = [
            *("name", "state", "plan_id", "target_count", "check_count", "commitment_count", "change_count", "is_open"),
            *("may_commit", "can_acknowledge", "asked_count", "acknowledged_count", "replaces_id", "month_from"),
        ]
        self.target(self.anna, 1)
        few = self.change()
        many = self.change(few)
        count(few)
        little = count(few)
        self._fill(many)
        self.assertEqual(many.target_count, PEOPLE * KPIS * 12)
        count(many)
        much = count(many)
        self.assertLessEqual(much, little)
        self.assertLessEqual(much, 30)

    def _fill(self, version):
        version.target_ids.unlink()
        self.env["hr.employee"].create([{"name": f"P{n}", "company_id": self.company.id} for n in range(PEOPLE)])
        kpis = self.env["sdm.kpi"].search([("semantics", "=", "flow"), ("has_margin", "=", False)], limit=KPIS)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO sdm_plan_target (version_id, perimeter_id, kpi_id, date, employee_id, value)
                   SELECT %s, %s, kpi.id, month::date, employee.id, 100
                     FROM sdm_kpi kpi, hr_employee employee,
                          generate_series(DATE '2025-01-01', DATE '2025-12-01', INTERVAL '1 month') month
                    WHERE kpi.id IN %s AND employee.company_id = %s AND employee.name ~ '^P[0-9]+$'""",
                version.id,
                self.perimeter.id,
                tuple(kpis.ids),
                self.company.id,
            )
        )
        self.env.invalidate_all()


@tagged("post_install", "-at_install", "sdm")
class TestPlanAccessRpc(RpcCase, PlanLifeCase):
    def setUp(self):
        super().setUp()
        for user, value in ((self.anna, 100), (self.boris, 50)):
            self.target(user, value)
        self.version.action_submit()
        self.version.with_user(self.boris).action_my_commitment()
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")

    def test_a_seller_sees_no_peer_over_the_wire(self):
        for model in ("sdm.plan.target", "sdm.plan.change", "sdm.plan.commitment"):
            rows, error = self.call(model, "search_read", [], ["employee_id"])
            self.assertIsNone(error)
            self.assertLessEqual({row["employee_id"][1] for row in rows}, {"Anna"}, model)
        targets = self.env["sdm.plan.target"].search([("employee_id", "=", self.boris.employee_id.id)])
        _rows, error = self.call("sdm.plan.target", "read", targets.ids, ["value"])
        self.assertEqual(error, "odoo.exceptions.AccessError")
        contexts = {"sdm_plan_version": self.version.id, "sdm_plan_before": self.version.id}
        for model in ("sdm.plan.gap", "sdm.plan.check", "sdm.plan.comparison"):
            _rows, error = self.call(model, "search_read", [], ["kpi_id"], context=contexts)
            self.assertEqual(error, "odoo.exceptions.AccessError", model)

    def test_a_seller_commits_and_changes_nothing_else(self):
        result, error = self.call("sdm.plan.version", "action_my_commitment", self.version.ids)
        self.assertIsNone(error)
        rows, _error = self.call("sdm.plan.commitment", "search_read", result["domain"], ["date"])
        june = [row["id"] for row in rows if row["date"] == JUNE]
        _result, error = self.call("sdm.plan.commitment", "write", june, {"value": 80})
        self.assertIsNone(error)
        self.assertEqual(self.env["sdm.plan.commitment"].browse(june).value, 80)
        others = self.env["sdm.plan.commitment"].search([("employee_id", "=", self.boris.employee_id.id)])
        target = self.version.target_ids[0]
        for model, method, arguments in (
            ("sdm.plan.commitment", "write", [others.ids, {"value": 1}]),
            ("sdm.plan.commitment", "action_commit", [others.ids]),
            ("sdm.plan.target", "write", [target.ids, {"value": 1}]),
            ("sdm.plan.version", "write", [self.version.ids, {"name": "Mine"}]),
            ("sdm.plan.version", "action_submit", [self.version.ids]),
            ("sdm.plan.version", "action_recall", [self.version.ids]),
            ("sdm.plan.version", "action_take_commitments", [self.version.ids]),
            ("sdm.plan.version", "action_change", [self.version.ids]),
            ("sdm.plan.version", "copy", [self.version.ids]),
            ("sdm.plan.put.in.force", "create", [{"version_id": self.version.id, "reason": "Me"}]),
            ("sdm.plan.replan", "create", [{"version_id": self.version.id}]),
        ):
            _result, error = self.call(model, method, *arguments)
            self.assertEqual(error, "odoo.exceptions.AccessError", f"{model}.{method}")

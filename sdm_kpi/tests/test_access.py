from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.tests.common import GROUPS, RpcCase

from .common import FIRST, LAST, KpiCase

MODELS = [
    "sdm.kpi",
    "sdm.kpi.report",
    "sdm.kpi.fact",
    "sdm.kpi.entry",
    "sdm.kpi.value",
    "sdm.credit",
    "sdm.credit.rule",
    "sdm.period",
    "sdm.kpi.run",
    "sdm.credit.assign",
]
OPERATIONS = ("read", "write", "create", "unlink")
READS = ("r", "r", "r", "r", "r", "r", "r", "r", "", "")
# r, w, c, u: what each persona may do with each model, in the order of MODELS
ALLOWED = {
    "seller": READS,
    "head": READS,
    "director": ("rwcu", "r", "r", "r", "rwcu", "rwcu", "rwcu", "r", "r", "rwcu"),
    "payroll": ("",) * 10,
    "auditor": ("r", "r", "r", "r", "r", "r", "r", "r", "r", ""),
    "stranger": ("",) * 10,
}


class AccessCase(KpiCase):
    """A head with a seller, another seller elsewhere, and a result of each and of nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {name: cls.persona(name) for name in GROUPS}
        cls.head = cls.worker("Head")
        cls.anna = cls.worker("Anna", cls.head)
        cls.boris = cls.worker("Boris")
        cls.leaver = cls.worker("Leaver", cls.head)
        for user, group in ((cls.head, "manager"), (cls.anna, "user"), (cls.boris, "user")):
            user.group_ids |= cls.env.ref(f"sdm_segmentation.group_sdm_{group}")
        cls.acme = cls.customer("Acme")
        cls.switch_on("won_amount", "order_margin", "margin_share", "active_customers")
        for user, value in ((cls.head, 1), (cls.anna, 10), (cls.boris, 100), (cls.leaver, 1000), (None, 10000)):
            cls.won("2025-03-10", value, cls.acme, user)
        cls.order(cls.acme, "2025-03-10", 50, seller=cls.anna)
        # who left and works under nobody any more
        cls.env["sdm.position"].search([("employee_id", "=", cls.leaver.employee_id.id)]).date_to = "2025-05-31"
        cls.refresh()

    def seen(self, user):
        """What a user sees in all: by facts, by values of groups, by entries."""
        env = self.env(user=user)
        fact = sum(env["sdm.kpi.fact"].search([("kpi_id.code", "=", "won_amount")]).mapped("value"))
        value = self.values("won_amount", env=env) or 0
        entries = sum(self.entries("won", env=env).mapped("amount"))
        return fact, value, entries


@tagged("post_install", "-at_install")
class TestAccess(AccessCase):
    def test_each_group_can_do_what_it_must_and_nothing_else(self):
        for name, user in self.people.items():
            for model, allowed in zip(MODELS, ALLOWED[name], strict=True):
                for operation in OPERATIONS:
                    with self.subTest(persona=name, model=model, operation=operation):
                        may = self.env[model].with_user(user).has_access(operation)
                        self.assertEqual(may, operation[0] in allowed)

    def test_a_seller_sees_no_peer(self):
        self.assertEqual(self.seen(self.anna), (10, 10, 10))
        self.assertEqual(self.seen(self.boris), (100, 100, 100))

    def test_a_head_sees_the_group_and_who_was_in_it(self):
        self.assertEqual(self.seen(self.head), (1011, 1011, 1011))

    def test_the_director_and_the_auditor_see_all(self):
        for name in ("director", "auditor"):
            self.assertEqual(self.seen(self.people[name]), (11111, 11111, 11111), name)

    def test_a_seller_without_a_card_sees_nothing(self):
        self.assertEqual(self.seen(self.people["seller"]), (0, 0, 0))

    def test_margin_is_for_its_group(self):
        director = self.people["director"]
        self.assertFalse(self.values("order_margin", env=self.env(user=director)))
        self.assertFalse(self.values("margin_share", env=self.env(user=director)))
        with self.assertRaises(AccessError):
            self.entries("order", env=self.env(user=director)).mapped("margin")
        director.group_ids |= self.env.ref("sdm_segmentation.group_sdm_margin")
        self.assertEqual(self.values("order_margin", env=self.env(user=director)), 50)
        self.assertEqual(self.values("margin_share", env=self.env(user=director)), 100)

    def test_a_trial_and_a_filter_tell_no_margin(self):
        director = self.people["director"]
        Kpi = self.env["sdm.kpi"].with_user(director)
        self.assertFalse(Kpi.new({"source": "order", "measure": "margin"}).trial)
        self.assertFalse(Kpi.browse(self.kpi("margin_share").id).trial)
        for domain in ("[('margin', '>', 5)]", "[('employee_id.pin', '=', '1234')]"):
            values = {"name": "F", "source": "order", "filter_domain": domain}
            self.assertIn("text-danger", Kpi.new(values).trial)
            with self.assertRaisesRegex(ValidationError, "cannot be read|may see margin"), self.env.cr.savepoint():
                Kpi.create(values)
        director.group_ids |= self.env.ref("sdm_segmentation.group_sdm_margin")
        self.assertTrue(Kpi.create({"name": "F", "source": "order", "filter_domain": "[('margin', '>', 5)]"}))

    def test_who_may_not_see_the_whole_perimeter_sees_nothing_of_it(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.perimeter.company_ids |= other
        director = self.people["director"]
        self.assertFalse(self.env["sdm.kpi.report"].with_user(director).search([]))
        self.assertFalse(self.entries("won", env=self.env(user=director)))
        # not by asking for it either
        asked = self.env["sdm.kpi.entry"].with_user(director).with_context(sdm_perimeter=self.perimeter.id)
        self.assertFalse(asked.search([]))

    def test_drill_down_shows_the_seller_what_was_counted_of_the_seller(self):
        """Also by a filter on documents that the seller may not read."""
        deal = self.env["crm.lead"].search([("user_id", "=", self.anna.id)])
        kpi = self.env["sdm.kpi"].create(
            {"name": "F", "source": "won", "filter_domain": "[('lead_id.expected_revenue', '>', 5)]", "is_on": True}
        )
        self.refresh()
        deal.user_id = self.boris
        Report = self.env["sdm.kpi.report"].with_user(self.anna)
        row = Report.search([("kpi_id", "=", kpi.id)])
        action = row.action_open_entries()
        self.assertEqual(row.value, 10)
        found = (
            self.env["sdm.kpi.entry"].with_user(self.anna).with_context(**action["context"]).search(action["domain"])
        )
        # it is Boris' by now, as the next computation will say
        self.assertFalse(found)
        self.refresh()
        boris = self.env["sdm.kpi.report"].with_user(self.boris).search([("kpi_id", "=", kpi.id)])
        self.assertEqual(sum(boris.mapped("value")), 110)

    def test_queries_do_not_depend_on_how_many_people_and_months_there_are(self):
        def count(function):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            function()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        def pivot():
            self.env["sdm.kpi.report"].with_user(self.head).formatted_read_grouping_sets(
                [], [["kpi_id"], ["kpi_id", "date:month"], []], ["value:sum"]
            )

        self.perimeter.revenue_source = "won"
        self.refresh()
        pivot()
        few = count(self.refresh), count(pivot)
        for number in range(8):
            worker = self.worker(f"More {number}", self.head)
            for month in range(1, 6):
                self.won(f"2025-0{month}-10", 10, self.customer(f"C {number} {month}"), worker)
        self.refresh()
        pivot()
        many = count(self.refresh), count(pivot)
        self.assertEqual(few[0], many[0])
        self.assertLessEqual(many[1], few[1])
        self.assertLessEqual(few[1], 30)


@tagged("post_install", "-at_install")
class TestAccessRpc(RpcCase, AccessCase):
    def test_a_seller_sees_no_peer_over_the_wire(self):
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")
        context = {"sdm_source": "won", "sdm_first": str(FIRST), "sdm_last": str(LAST)}
        for model, field in (("sdm.kpi.fact", "value"), ("sdm.kpi.report", "value"), ("sdm.kpi.entry", "amount")):
            rows, error = self.call(model, "search_read", [], [field, "employee_id"], context=context)
            self.assertIsNone(error)
            self.assertEqual({row["employee_id"][1] for row in rows}, {"Anna"}, model)
            groups, error = self.call(
                model, "formatted_read_group", [], [], [f"{field}:sum", "__count"], context=context
            )
            self.assertIsNone(error)
            self.assertEqual(groups[0]["__count"], len(rows), model)
        everything = self.env["sdm.kpi.fact"].search([("kpi_id.code", "=", "won_amount")])
        others = everything.filtered(lambda fact: fact.employee_id != self.anna.employee_id)
        for model, ids in (("sdm.kpi.fact", others.ids),):
            _rows, error = self.call(model, "read", ids, ["value"])
            self.assertEqual(error, "odoo.exceptions.AccessError")

    def test_a_seller_changes_nothing_over_the_wire(self):
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")
        kpi = self.kpi("won_amount")
        deal = self.env["crm.lead"].search([("user_id", "=", self.boris.id)])
        credit = {
            "document": f"crm.lead,{deal.id}",
            "employee_id": self.anna.employee_id.id,
            "reason": "Mine",
        }
        for model, method, arguments in (
            ("sdm.kpi", "write", [kpi.ids, {"is_on": False}]),
            ("sdm.kpi.fact", "write", [self.env["sdm.kpi.fact"].search([], limit=1).ids, {"value": 1}]),
            ("sdm.kpi.value", "create", [{"kpi_id": self.kpi("answers").id, "value": 1}]),
            ("sdm.credit", "create", [credit]),
            ("sdm.kpi.run", "action_refresh", []),
            ("sdm.credit.assign", "create", [{}]),
        ):
            _result, error = self.call(model, method, *arguments)
            self.assertEqual(error, "odoo.exceptions.AccessError", f"{model}.{method}")

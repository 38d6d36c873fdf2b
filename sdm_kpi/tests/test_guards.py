"""What a director cannot do past the screens: forge what is worked out or decided, and read margin."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from .plan import PlanCase


class GuardsCase(PlanCase):
    """An order of Anna with a margin of 50 in March, and a director who may not see margins."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch_on("order_margin", "margin_share", "order_amount")
        cls.order(cls.acme, "2025-03-10", 50, seller=cls.anna)
        cls.refresh()
        cls.margin = cls.kpi("order_margin").with_user(cls.director)

    def seen(self, *codes):
        """Values that the director sees."""
        return [self.values(code, env=self.env(user=self.director)) for code in codes]

    def close(self, month="2025-03-01"):
        period = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", month)])
        period._close()
        return period


@tagged("post_install", "-at_install")
class TestMargin(GuardsCase):
    def test_what_is_worked_out_is_not_entered(self):
        for name, value in (("has_margin", False), ("semantics", "stock"), ("input_ids", [(5, 0, 0)])):
            with self.subTest(field=name):
                with self.assertRaisesRegex(AccessError, "is worked out and cannot be entered"):
                    self.margin.write({name: value})
                with self.assertRaisesRegex(AccessError, "is worked out and cannot be entered"):
                    self.margin.create({"name": "F", "kind": "formula", "formula": "order_margin * 1", name: value})
        self.assertEqual(self.seen("order_margin", "order_amount"), [False, 50])

    def test_a_default_does_not_make_margin_public(self):
        self.env["ir.default"].with_user(self.director).set("sdm.kpi", "has_margin", False, user_id=True)
        Kpi = self.margin.with_context(default_has_margin=False, default_input_ids=[(6, 0, [])])
        kpi = Kpi.create({"name": "F", "kind": "formula", "formula": "order_margin * 1", "is_on": True})
        self.assertTrue(kpi.has_margin)
        self.assertEqual(self.seen("f"), [False])

    def test_a_trial_does_not_believe_the_form(self):
        Kpi = self.margin.browse()
        asked = {"trial": {}, "has_margin": {}, "input_ids": {}}
        for values in (
            {"kind": "measure", "source": "order", "measure": "margin"},
            {"kind": "formula", "formula": "order_margin * 1"},
        ):
            forged = {"name": "F", "unit": "money", "direction": "up", "has_margin": False, "input_ids": [], **values}
            self.assertFalse(Kpi.onchange(forged, ["has_margin"], asked)["value"].get("trial"))

    def test_who_may_not_see_margin_does_not_change_what_it_is_counted_by(self):
        for values in ({"measure": "amount"}, {"source": "invoice"}, {"kind": "manual"}, {"filter_domain": "[]"}):
            with self.subTest(values=values), self.assertRaisesRegex(AccessError, "tells margin"):
                self.margin.write(values)
        with self.assertRaisesRegex(AccessError, "tells margin"):
            self.kpi("margin_share").with_user(self.director).numerator_id = self.kpi("order_amount")
        # the rest is no secret
        self.margin.description = "By orders"

    def test_a_change_forgets_what_was_counted_before(self):
        self.kpi("order_margin").measure = "amount"
        self.assertEqual(self.seen("order_margin"), [False])
        self.order(self.acme, "2025-03-11", 7, seller=self.anna)
        self.refresh()
        self.assertEqual(self.seen("order_margin"), [57])

    def test_the_same_again_forgets_nothing(self):
        self.kpi("order_amount").write({"source": "order", "measure": "amount", "filter_domain": "[]"})
        self.assertEqual(self.seen("order_amount"), [50])

    def test_numbers_that_were_margin_stay_so(self):
        self.director.group_ids |= self.env.ref("sdm_segmentation.group_sdm_margin")
        self.target("margin_share", 30)
        with self.assertRaisesRegex(UserError, "% of orders” has told margin.*Target"), self.env.cr.savepoint():
            self.kpi("margin_share").with_user(self.director).numerator_id = self.kpi("order_amount")
        # also through what it is worked out from
        with self.assertRaisesRegex(UserError, "“Margin, % of orders” has told margin"), self.env.cr.savepoint():
            self.margin.measure = "amount"


@tagged("post_install", "-at_install")
class TestClosed(GuardsCase):
    def test_what_is_closed_goes_on_counting_the_same(self):
        self.close()
        amount = self.kpi("order_amount")
        for values in ({"measure": "quantity"}, {"source": "invoice"}, {"kind": "manual"}):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(UserError, "March 2025, which is closed"),
                self.env.cr.savepoint(),
            ):
                amount.write(values)
        self.assertEqual(self.seen("order_amount"), [50])

    def test_another_filter_leaves_closed_months_as_they_are(self):
        self.order(self.acme, "2025-04-10", 7, seller=self.anna)
        self.refresh()
        self.close()
        self.kpi("order_amount").filter_domain = "[('amount', '>', 5)]"
        months = {"2025-03": 50}
        self.assertEqual(self.values("order_amount", "date:month"), months)
        self.refresh()
        self.assertEqual(self.values("order_amount", "date:month"), {**months, "2025-04": 7})


@tagged("post_install", "-at_install")
class TestForgedPlan(GuardsCase):
    FORGED = {"state": "in_force", "approved_by_id": 1, "submitted_by_id": 1, "date_from": "2025-01-01"}

    def test_no_version_is_forged(self):
        context = {f"default_{name}": value for name, value in self.FORGED.items()}
        Version = self.env["sdm.plan.version"].with_user(self.director).with_context(**context)
        version = Version.create({"plan_id": self.plan.id})
        self.assertEqual([version[name] for name in self.FORGED if name[-3:] != "_id"], ["draft", False])
        self.assertFalse(version.approved_by_id | version.submitted_by_id)
        for name, value in self.FORGED.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                version.write({name: value})

    def test_no_target_of_a_draft_holds(self):
        version = self.env["sdm.plan.version"].with_user(self.director).create({"plan_id": self.plan.id})
        values = {"version_id": version.id, "kpi_id": self.kpi("order_amount").id, "date": "2025-06-01", "value": 9}
        Target = self.env["sdm.plan.target"].with_user(self.director)
        self.env["ir.default"].with_user(self.director).set("sdm.plan.target", "is_effective", True, user_id=True)
        self.assertFalse(Target.with_context(default_is_effective=True).create(values).is_effective)
        with self.assertRaisesRegex(AccessError, "Put in force"):
            Target.create({**values, "date": "2025-07-01", "is_effective": True})

    def test_a_plan_belongs_to_its_perimeter(self):
        other = self.env["sdm.perimeter"].create({"name": "Other", "company_ids": [(6, 0, [])]})
        with self.assertRaisesRegex(AccessError, "“Perimeter” of “Version of a Plan” is worked out"):
            self.version.with_user(self.director).perimeter_id = other


@tagged("post_install", "-at_install")
class TestGuardsByRpc(RpcCase, GuardsCase):
    def test_nothing_is_forged_over_the_wire(self):
        self.director.password = "director-password"
        self.authenticate(self.director.login, "director-password")
        denied = "odoo.exceptions.AccessError"
        self.assertEqual(self.call("sdm.kpi", "write", self.margin.ids, {"has_margin": False})[1], denied)
        self.assertEqual(self.call("sdm.kpi", "write", self.margin.ids, {"measure": "amount"})[1], denied)
        context = {"default_state": "in_force", "default_approved_by_id": 2}
        made, _error = self.call("sdm.plan.version", "create", [{"plan_id": self.plan.id}], context=context)
        version = self.env["sdm.plan.version"].browse(made)
        self.assertEqual((version.state, version.approved_by_id.id), ("draft", False))
        target = {"version_id": made[0], "kpi_id": self.kpi("order_amount").id, "date": "2025-06-01", "value": 9}
        made, _error = self.call("sdm.plan.target", "create", [target], context={"default_is_effective": True})
        self.assertFalse(self.env["sdm.plan.target"].browse(made).is_effective)
        self.assertEqual(self.call("sdm.plan.target", "write", made, {"is_effective": True})[1], denied)


@tagged("post_install", "-at_install")
class TestFilter(GuardsCase):
    def make(self, domain, user=None, source="order"):
        return (
            self.env["sdm.kpi"]
            .with_user(user or self.director)
            .create({"name": "F", "source": source, "filter_domain": domain, "is_on": True})
        )

    def test_a_filter_is_read_and_not_carried_out(self):
        for text in (
            "[('order_id.user_id', '=', uid)]",
            "[('id', 'in', [x for x in range(10**7)])]",
            "[('id', '=', 1 + 1)]",
            "[('date', '>', context_today())]",
            "__import__('os')",
            "['|']",
            "(" * 5000,
            f"[('reference', '=', '{'x' * 10000}')]",
        ):
            with (
                self.subTest(text=text[:30]),
                self.assertRaisesRegex(ValidationError, "cannot be read"),
                self.env.cr.savepoint(),
            ):
                self.make(text)

    def test_a_filter_says_the_same_whoever_asks(self):
        for condition in (
            ("order_id.message_is_follower", "=", True),
            ("employee_id.user_id.is_sdm_led", "=", True),
            ("order_id.my_activity_date_deadline", ">", "2020-01-01"),
            ("order_id", "any", [("message_needaction", "=", True)]),
            ("partner_id.property_payment_term_id", "=", 1),
            ("stage_id", "ilike", "Won"),
            ("product_id.name", "ilike", "Pump"),
        ):
            with (
                self.subTest(condition=condition),
                self.assertRaisesRegex(ValidationError, "not the same for everybody"),
                self.env.cr.savepoint(),
            ):
                self.make(str([condition]))
        for condition in (
            ("partner_id", "ilike", "Acme"),
            ("order_id.partner_id.city", "=", "Bern"),
            ("product_id.default_code", "=", "P1"),
            ("order_id", "any", [("tag_ids", "in", [1])]),
            ("date", ">=", "2020-01-01"),
            ("stage_id", "in", [1, 2]),
        ):
            with self.subTest(condition=condition):
                self.assertFalse(self.make(str([condition])).has_margin)

    def test_a_filter_by_costs_tells_margin(self):
        conditions = (
            ("order_id.margin", ">", 10),
            ("order_id.order_line.purchase_price", ">", 10),
            ("order_id", "any", [("order_line.margin_percent", ">", 0.5)]),
            ("product_id.seller_ids.price", ">", 10),
        )
        for condition in conditions:
            with (
                self.subTest(condition=condition),
                self.assertRaisesRegex(ValidationError, "only who may see margin"),
                self.env.cr.savepoint(),
            ):
                self.make(str([condition]))
        boss = self.env.user
        for condition in conditions:
            with self.subTest(condition=condition):
                kpi = self.make(str([condition]), boss)
                self.assertTrue(kpi.has_margin)
        self.refresh()
        self.assertFalse(self.values(kpi.code))
        kpi.filter_domain = "[('order_id.margin', '>', 10)]"
        self.refresh()
        self.assertEqual((self.values(kpi.code), self.seen(kpi.code)), (50, [False]))
        self.assertIn("only who may see margin", kpi.with_user(self.director).trial)
        # what margin chose is margin once it is kept
        self.close()
        with self.assertRaisesRegex(UserError, "has told margin"), self.env.cr.savepoint():
            kpi.filter_domain = "[]"
        # each company has costs of its own: no filter at all
        with self.assertRaisesRegex(ValidationError, "not the same for everybody"):
            self.make("[('product_id.standard_price', '>', 10)]", self.persona_with_margin())

    def persona_with_margin(self):
        self.director.group_ids |= self.env.ref("sdm_segmentation.group_sdm_margin")
        return self.director


@tagged("post_install", "-at_install")
class TestFormula(GuardsCase):
    def formula(self, code, text, **values):
        return (
            self.env["sdm.kpi"]
            .with_user(self.director)
            .create({"name": code, "code": code, "kind": "formula", "formula": text, **values})
        )

    def test_formulas_that_double_each_other_are_refused(self):
        before = "order_amount"
        for number in range(1, 8):
            before = self.formula(f"k{number}", f"{before} + {before}", is_on=number == 7).code
        self.assertEqual(self.seen("k7"), [50 * 2**7])
        refused = "“%s” is worked out in more than 250 steps"
        with self.assertRaisesRegex(ValidationError, refused % "k8"), self.env.cr.savepoint():
            self.formula("k8", "k7 + k7")
        # nor by changing what others rest on
        with self.assertRaisesRegex(ValidationError, refused % "k7"), self.env.cr.savepoint():
            self.env["sdm.kpi"].search([("code", "=", "k1")]).formula = "+".join(["order_amount"] * 4)
        asked = {"trial": {}}
        tried = self.env["sdm.kpi"].with_user(self.director)
        form = {"name": "F", "kind": "formula", "formula": "k7 + k7", "unit": "money", "direction": "up"}
        self.assertIn("more than 250 steps", tried.onchange(form, ["formula"], asked)["value"]["trial"])

    def test_what_is_too_large_is_not_available(self):
        self.formula("huge", "order_amount * 1e17 * 1e17", is_on=True)
        self.formula("large", "order_amount * 1e16", is_on=True)
        self.assertEqual(self.seen("huge", "large"), [False, 5e17])
        director = self.env(user=self.director)
        self.assertIn("kpis", director["sdm.scorecard"].get_scorecard())
        with self.assertRaisesRegex(ValidationError, "“1e309” .* is too large or too small"):
            self.formula("none", "order_amount * 1e999")

    def test_a_formula_without_a_kpi_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "names no KPI"):
            self.formula("five", "5")

    def test_what_no_database_keeps_is_refused(self):
        for name, value in (("formula", "order_amount\0"), ("filter_domain", "[]\0"), ("code", "a\0")):
            with self.subTest(field=name), self.assertRaisesRegex(ValidationError, "cannot be seen"):
                self.kpi("order_amount").with_user(self.director).write({name: value})


@tagged("post_install", "-at_install")
class TestCompanies(GuardsCase):
    """A director of another company, whose perimeter is another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.env["sdm.perimeter"].create({"name": "Others", "company_ids": [Command.set(cls.other.ids)]})
        cls.stranger = new_test_user(
            cls.env,
            login="sdm_other_director",
            groups="sdm_segmentation.group_sdm_director",
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
            lang="en_US",
        )
        cls.document = cls.order(cls.acme, "2025-03-12", 70, seller=cls.anna)
        cls.credit = cls.split(cls.document, cls.boris, 0.5)

    def theirs(self, model):
        """A model as the director of the other company has it."""
        return self.env[model].with_user(self.stranger).with_context(allowed_company_ids=self.other.ids)

    def test_credits_are_of_those_who_have_the_company(self):
        Credit = self.env["sdm.credit"]
        own = Credit.with_user(self.director)
        theirs = self.theirs("sdm.credit")
        self.assertEqual(own.search([("id", "=", self.credit.id)]), self.credit)
        self.assertFalse(theirs.search([]))
        for refused in (
            lambda: theirs.browse(self.credit.id).read(["share", "reason"]),
            lambda: theirs.browse(self.credit.id).write({"share": 1}),
            lambda: theirs.browse(self.credit.id).unlink(),
            lambda: theirs.create(
                {
                    "document": f"sale.order,{self.document.id}",
                    "employee_id": self.anna.employee_id.id,
                    "share": 0.2,
                    "reason": "Mine",
                }
            ),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                refused()
        # nor are they told who else is credited with it
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            theirs.create(
                {
                    "document": f"sale.order,{self.document.id}",
                    "employee_id": self.anna.employee_id.id,
                    "share": 0.9,
                    "reason": "Mine",
                }
            )
        # a deal of no company is everybody's
        deal = self.deal(self.acme, self.anna, company_id=False)
        self.assertIn(self.split(deal, self.boris, 0.5), theirs.search([]))
        # who has both, has it while the company is open
        self.stranger.company_ids |= self.company
        both = theirs.with_context(allowed_company_ids=[self.other.id, self.company.id])
        self.assertEqual(both.search([("id", "=", self.credit.id)]), self.credit)

    def test_a_deal_that_moves_to_another_company_takes_its_credits_along(self):
        deal = self.deal(self.acme, self.anna)
        credit = self.split(deal, self.boris, 0.5)
        theirs = self.theirs("sdm.credit")
        self.assertNotIn(credit, theirs.search([]))
        deal.write({"company_id": self.other.id, "user_id": False, "team_id": False})
        self.env.flush_all()
        self.assertIn(credit, theirs.search([]))
        self.assertNotIn(credit, self.env["sdm.credit"].with_user(self.director).search([]))

    def test_what_counts_for_all_is_changed_by_who_may_see_all(self):
        rule = self.env["sdm.credit.rule"].search([("perimeter_id", "=", False)], limit=1)
        kpi = self.kpi("order_amount")
        theirs, rules = self.theirs("sdm.kpi"), self.theirs("sdm.credit.rule")
        for refused in (
            lambda: theirs.browse(kpi.id).write({"is_on": False}),
            lambda: theirs.browse(kpi.id).write({"active": False}),
            lambda: theirs.browse(kpi.id).unlink(),
            lambda: theirs.create({"name": "F", "source": "order", "is_on": True}),
            lambda: rules.browse(rule.id).write({"active": False}),
            lambda: rules.browse(rule.id).unlink(),
            lambda: rules.create({"method": "salesperson", "date_to": "2020-01-01"}),
        ):
            with self.assertRaisesRegex(AccessError, "counts for all companies"), self.env.cr.savepoint():
                refused()
        # the director of all the perimeters in which anything is counted may
        kpi.with_user(self.director).sequence = 7
        rule.with_user(self.director).date_from = "2020-01-01"

    def test_a_perimeter_has_rules_of_its_own(self):
        perimeter = self.env["sdm.perimeter"].search([("company_ids", "in", self.other.ids)])
        Rule = self.theirs("sdm.credit.rule")
        self.env["sdm.credit.rule"].search([]).active = False
        own = Rule.create({"method": "team", "perimeter_id": perimeter.id})
        own.sequence = 3
        with self.assertRaisesRegex(AccessError, "counts for all companies"):
            own.perimeter_id = False

    def test_a_plan_of_others_is_not_named(self):
        self.plan.name = "Secret growth"
        values = {"name": "F", "perimeter_id": self.perimeter.id, "date_from": "2025-01-01"}
        with self.assertRaises(AccessError) as caught:
            self.theirs("sdm.plan").create(values)
        self.assertNotIn("Secret", str(caught.exception))


@tagged("post_install", "-at_install")
class TestRawErrors(GuardsCase):
    def test_a_reason_is_more_than_blanks(self):
        period = self.close()
        for reason in (False, "", " \n"):
            with self.subTest(reason=reason), self.assertRaisesRegex(UserError, "Say why"):
                period.with_user(self.director)._reopen(reason)
            with self.subTest(reason=reason), self.assertRaisesRegex(UserError, "Say why"):
                self.env["sdm.credit"].create(
                    {
                        "document": f"crm.lead,{self.deal(self.acme).id}",
                        "employee_id": self.anna.employee_id.id,
                        "reason": reason or " ",
                    }
                )
        self.order(self.acme, "2025-03-20", 5, seller=self.anna)
        self.refresh()
        differences = self.env["sdm.period.difference"].with_user(self.director)
        action = differences.search([("period_id", "=", period.id)]).action_decide()
        wizard = self.env[action["res_model"]].with_user(self.director).browse(action["res_id"])
        for reason in (False, "  "):
            wizard.reason = reason
            with self.subTest(decision=reason), self.assertRaisesRegex(UserError, "Say why"):
                wizard.action_apply()
        wizard.reason = " Came late \n"
        wizard.action_apply()
        self.assertEqual(period.restatement_ids.mapped("reason"), ["Came late"])
        period.with_user(self.director)._reopen(" Once more ")
        self.assertEqual(period.state, "open")

    def test_entries_are_of_some_months_and_of_one_kpi(self):
        Entry = self.env["sdm.kpi.entry"]

        def count(**context):
            return Entry.with_context(sdm_source="order", **context).search_count([])

        self.assertEqual(count(), 1)
        # as far as facts go back, and no further
        self.assertEqual(count(sdm_first="1900-01-01", sdm_last="9999-12-31"), 1)
        self.assertEqual(count(sdm_first="2025-04-01"), 0)
        for name in ("sdm_first", "sdm_last"):
            for value in (9999, "soon", [1]):
                with self.subTest(key=name, value=value), self.assertRaisesRegex(UserError, "is no day"):
                    count(**{name: value})
        for value in ([1, 2], "1"):
            with self.subTest(kpi=value), self.assertRaisesRegex(UserError, "of one KPI"):
                count(sdm_kpi=value)

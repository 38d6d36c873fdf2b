"""Who reads what is only thought about, what HR sees by a link, and two who decide on one customer at once."""

from unittest.mock import patch

from lxml import etree
from psycopg2.errors import ExclusionViolation, QueryCanceled

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .common import RpcCase
from .segmentation import SegmentationCase
from .test_ideal_client import IdealClientCase

MONEY = {"customer_count", "amount", "revenue", "revenue_before", "change", "share", "box_grid", "is_unused"}


@tagged("post_install", "-at_install")
class TestDrafts(RpcCase, IdealClientCase):
    def setUp(self):
        super().setUp()
        self.mine = self.customer("Mine", industry_id=self.mining.id)
        first = self.draft()
        self.criterion(first, "industry_id", 100, {self.mining: 100})
        self.put_in_force(first)
        self.decided = first
        first.scheme_id.action_new_version()
        self.thought = first.scheme_id.draft_version_id

    def parts(self, version):
        return [version, version.line_ids, version.criterion_ids, version.criterion_ids.point_ids]

    def test_sellers_and_hr_read_what_was_decided_only(self):
        for name in ("seller", "payroll"):
            user = self.persona(name)
            for decided, thought in zip(self.parts(self.decided), self.parts(self.thought), strict=True):
                with self.subTest(persona=name, model=decided._name):
                    self.assertTrue(decided.with_user(user).read(["display_name"]))
                    with self.assertRaises(AccessError):
                        thought.with_user(user).read(["display_name"])
            self.authenticate(user.login, user.login)
            for record in self.parts(self.thought):
                self.assertEqual(self.call(record._name, "search_count", [("id", "in", record.ids)]), (0, None))
            scheme = self.decided.scheme_id.with_user(user)
            self.env.invalidate_all()
            self.assertEqual((scheme.version_id, scheme.draft_version_id.ids), (self.decided, []))

    def test_heads_and_the_auditor_read_drafts_and_write_none(self):
        for name in ("head", "auditor"):
            user = self.persona(name)
            for record in self.parts(self.thought):
                self.assertTrue(record.with_user(user).read(["display_name"]), name)
                self.assertFalse(record.with_user(user).has_access("write"), name)

    def test_an_approved_version_is_read_before_its_day(self):
        self.thought._put_in_force(fields.Date.to_date("2025-07-15"), "Since the test needs it")
        seller = self.persona("seller")
        self.assertTrue(self.thought.with_user(seller).read(["reason"]))


@tagged("post_install", "-at_install")
class TestPerimeter(RpcCase, SegmentationCase):
    def test_a_director_of_one_company_changes_no_scheme_of_all(self):
        scheme = self.scheme("abc")
        director = self.persona("director")
        self.authenticate(director.login, director.login)
        self.assertEqual(self.call("sdm.scheme", "write", scheme.ids, {"name": "Ours"}), (True, None))
        other = self.env["res.company"].create({"name": "Other"})
        director.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        own = self.env["sdm.perimeter"].create({"name": "Own", "company_ids": [Command.set(other.ids)]})
        segment, version = scheme.segment_ids[0], scheme.draft_version_id
        context = {"allowed_company_ids": other.ids}
        for record, method, *arguments in (
            (scheme, "write", {"name": "Mine"}),
            (scheme, "write", {"is_primary": True}),
            (scheme, "write", {"active": False}),
            (scheme, "unlink"),
            (segment, "write", {"name": "Mine"}),
            (version, "write", {"window_months": 1}),
            (version.line_ids, "write", {"limit": 1}),
            (version.line_ids[0], "write", {"name": "Mine"}),
        ):
            with self.subTest(record=record, method=method, arguments=arguments):
                error = self.call(record._name, method, record.ids, *arguments, context=context)[1]
                self.assertEqual(error, "odoo.exceptions.AccessError")
        values = {"name": "Own", "method": "abc", "perimeter_id": own.id}
        self.assertTrue(self.call("sdm.scheme", "create", values, context=context)[0])
        self.assertEqual(scheme.name, "Ours")


@tagged("post_install", "-at_install")
class TestHr(SegmentationCase):
    """HR is told of decisions, so it can read them; the customers and the money behind them it does not see."""

    def opened(self, record, user):
        """What the form of a record shows to somebody."""
        shown = record.with_user(user)
        view = etree.fromstring(shown.get_view(view_type="form")["arch"])
        names = {node.get("name") for node in view.xpath("//field[not(ancestor::field)]")} & shown.fields_get().keys()
        nested = {
            node.get("name"): {
                "fields": {
                    inner.get("name"): {"fields": {"display_name": {}}}
                    if shown[node.get("name")]._fields[inner.get("name")].relational
                    else {}
                    for inner in node.xpath("./list//field")
                }
            }
            for node in view.xpath("//field[list]")
        }
        values = {
            name: nested.get(name) or ({"fields": {"display_name": {}}} if shown._fields[name].relational else {})
            for name in names
        }
        return shown.web_read(values)[0]

    def test_the_forms_open(self):
        self.sold(One=80, Two=20)
        scheme = self.in_force("abc", is_primary=True)
        strategy = self.env["sdm.strategy"].create(
            {"segment_id": scheme.segment_ids[0].id, "goal": "keep", "offer": "A part in four hours", "job_id": False}
        )
        strategy.user_id = self.persona("head")
        strategy._put_in_force(fields.Date.context_today(strategy), "Since the test needs it")
        payroll = self.persona("payroll")
        matrix = self.env["sdm.scheme"].create({"name": "Cross", "method": "matrix"})
        for record in (scheme, matrix, scheme.version_id, strategy):
            with self.subTest(record=record):
                shown = self.opened(record, payroll)
                self.assertFalse(MONEY & shown.keys())
        self.assertEqual(self.opened(scheme.version_id, payroll)["line_ids"][0]["name"], "A")
        self.assertEqual(self.opened(strategy, payroll)["offer"], "A part in four hours")
        for model in ("sdm.scheme", "sdm.scheme.version", "sdm.strategy"):
            Model = self.env[model].with_user(payroll)
            for view in ("list", "kanban", "search"):
                Model.get_view(view_type=view)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(Model.has_access(operation))

    def test_hr_reads_no_customers_by_them(self):
        self.sold(One=80)
        scheme = self.in_force("abc")
        payroll = self.persona("payroll")
        for record, name in ((scheme, "customer_count"), (scheme, "is_unused"), (scheme.segment_ids, "amount")):
            with self.assertRaises(AccessError):
                record.with_user(payroll).read([name])
        with self.assertRaises(AccessError):
            self.membership(scheme, self.env["res.partner"]).with_user(payroll).search([])


@tagged("post_install", "-at_install")
class TestOverrideOnce(SegmentationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls.sold(One=90, Two=10)
        cls.abc = cls.in_force("abc", is_primary=True)
        cls.best, cls.middle, _last = cls.abc.segment_ids.sorted()

    def override(self, segment=None, customer=None, **values):
        return self.env["sdm.segment.override"].create(
            {
                "partner_id": (customer or self.two).id,
                "segment_id": (segment or self.best).id,
                "reason": "New plant",
                "date_to": "2025-12-31",
                **values,
            }
        )

    def test_a_second_one_on_the_same_days_is_refused_with_the_customer(self):
        self.override()
        with self.assertRaisesRegex(ValidationError, "Two is overridden until"):
            self.override(self.middle)

    def test_the_database_holds_one_of_two_that_did_not_see_each_other(self):
        kept = self.override()
        self.override(customer=self.one)
        self.env.flush_all()

        def add(**values):
            row = {
                "partner_id": self.two.id,
                "scheme_id": self.abc.id,
                "segment_id": self.middle.id,
                "reason": "Otherwise",
                "user_id": self.env.uid,
                "date_from": "2025-12-31",
                "date_to": "2026-06-30",
                **values,
            }
            columns = SQL(", ").join(map(SQL.identifier, row))
            self.env.cr.execute(SQL("INSERT INTO sdm_segment_override (%s) VALUES %s", columns, tuple(row.values())))

        with self.assertRaises(ExclusionViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            add()
        # one day later, another scheme, or after the first one was ended
        add(date_from="2026-01-01")
        add(scheme_id=self.scheme("rfm", "Other").id)
        kept.action_end()
        self.env.flush_all()
        add(date_to="2025-12-31")

    def test_the_error_of_the_database_is_told_in_words(self):
        found = self.env["sdm.segment.override"]._table_objects["sdm_segment_override_overlap_excl"]
        self.assertIn("Somebody else has just overridden", found.get_error_message(self.env["sdm.segment.override"]))

    def test_why_tells_the_decision_and_the_run_that_computed(self):
        membership = self.membership(self.abc, self.two)
        computed = membership.explanation
        run = membership.run_id
        self.assertEqual(run.kind, "apply")
        override = self.override()
        override.user_id.name = "Anna"
        told = self.membership(self.abc, self.two)
        self.assertEqual(told.run_id.kind, "override")
        decided, by_scheme = told.explanation.split("\n")
        self.assertEqual(decided, "A, decided by Anna on 06/30/2025 until 12/31/2025: New plant. The scheme says:")
        self.assertEqual(by_scheme, computed)
        for text in ("Posted invoices, without tax", "07/01/2024 – 06/30/2025", run.display_name):
            self.assertIn(text, told.explanation_table)
        # the next night finds the same and leaves it
        with freeze_time("2025-07-01"):
            self.run_again(self.abc)
            self.assertEqual(told.explanation.split("\n"), [decided, by_scheme])
        # the decision ends: the scheme decides, by what the first run computed
        with freeze_time("2025-07-02"):
            override.action_end()
            ended = self.membership(self.abc, self.two)
            self.assertEqual((ended.segment_id.name, ended.explanation), (by_scheme[0], by_scheme))
            self.assertIn(run.display_name, ended.explanation_table)

    def test_why_of_a_customer_that_the_scheme_gives_no_class(self):
        customer = self.customer("New")
        self.override(customer=customer)
        decided, by_scheme = self.membership(self.abc, customer).explanation.split("\n")
        self.assertTrue(decided.startswith("A, decided by"))
        self.assertEqual(by_scheme, "The scheme gives no class to this customer.")

    def test_who_decides_is_told_to_sellers(self):
        seller = self.persona("seller")
        self.env["hr.employee"].create({"name": "Anna", "user_id": seller.id, "company_id": self.company.id})
        self.two.user_id = seller
        self.override()
        told = self.membership(self.abc, self.two).with_user(seller)
        self.assertIn("New plant", told.explanation)
        self.assertIn("06/30/2025", told.explanation_table)


@tagged("post_install", "-at_install")
class TestCancel(RpcCase, SegmentationCase):
    def test_the_director_cancels_what_waits(self):
        self.sold(One=90)
        version = self.scheme("abc").draft_version_id
        run = self.env["sdm.segmentation.run"]._start(version, "preview")
        with self.assertRaises(AccessError):
            run.with_user(self.persona("head")).action_cancel()
        run.with_user(self.persona("director")).action_cancel()
        self.assertEqual(run.state, "cancelled")

    def test_what_cannot_be_found_at_work_says_so(self):
        self.sold(One=90)
        version = self.scheme("abc").draft_version_id
        run = self.env["sdm.segmentation.run"]._start(version, "preview")
        locked = type(run).try_lock_for_update
        # somebody else's transaction holds the row
        self.patch(type(run), "try_lock_for_update", lambda runs, **kwargs: locked(runs[:0], **kwargs))
        with self.assertRaisesRegex(UserError, "“Scheme, .+” is just being begun or ended"):
            run.action_cancel()
        self.assertEqual(run.state, "waiting")

    def test_what_is_broken_off_is_cancelled_and_the_others_go_on(self):
        self.sold(One=90)
        version = self.scheme("abc").draft_version_id
        run = self.env["sdm.segmentation.run"]._start(version, "preview")

        def break_off(runs):
            raise QueryCanceled("canceling statement due to user request")

        with patch.object(type(run), "_stage", break_off):
            run._run_safely()
        self.assertEqual((run.state, run.error), ("cancelled", "canceling statement due to user request"))


@tagged("post_install", "-at_install")
class TestWhyForASeller(IdealClientCase):
    """A seller asks why of the own customer, also where the class comes from fields and other schemes."""

    def setUp(self):
        super().setUp()
        self.anna = self.persona("seller")
        self.env["hr.employee"].create({"name": "Anna", "user_id": self.anna.id, "company_id": self.company.id})

    def why(self, scheme, customer):
        self.env.invalidate_all()
        membership = self.membership(scheme, customer).with_user(self.anna)
        words = (membership.explanation, membership.explanation_table)
        return [text.replace("\N{NO-BREAK SPACE}", " ") for text in words]

    def test_the_score_of_the_ideal_client(self):
        mine = self.customer("Mine", self.anna, industry_id=self.food.id)
        version = self.draft()
        self.criterion(version, "industry_id", 75, {self.mining: 100, self.food: 80})
        self.criterion(version, "orders", 25, {1: 100})
        self.put_in_force(version)
        sentence, table = self.why(version.scheme_id, mine)
        self.assertEqual(sentence, "A: 80 of 100 points; 75.0 % of what counts is known.")
        self.assertIn("Food: 80 points, weight 75.0 %, gives 80", table)
        self.assertIn("not known", table)
        self.assertIn("A ≥ 75, B ≥ 50", table)

    def test_two_schemes_crossed(self):
        mine = self.customer("Mine", self.anna)
        for month in (*[f"2024-{month:02}" for month in range(7, 13)], *[f"2025-{month:02}" for month in range(1, 7)]):
            self.invoice(mine, 10, f"{month}-15")
        abc, xyz = self.in_force("abc", "By money"), self.in_force("xyz", "By months")
        scheme = self.env["sdm.scheme"].create({"name": "Boxes", "method": "matrix"})
        version = self.env["sdm.scheme.version"].create(
            {"scheme_id": scheme.id, "row_scheme_id": abc.id, "column_scheme_id": xyz.id}
        )
        version.action_fill_boxes()
        self.put_in_force(version)
        sentence, table = self.why(scheme, mine)
        self.assertEqual(sentence, "AX: A in “By money” and X in “By months”.")
        self.assertIn("By money", table)
        with self.assertRaises(AccessError):
            others = self.sold(Other=1)
            self.run_again(abc)
            self.membership(abc, others).with_user(self.anna).read(["explanation"])

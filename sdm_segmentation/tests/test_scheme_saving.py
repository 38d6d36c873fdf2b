"""What is refused before a draft of a scheme is saved, and what is not: who makes a scheme gets there step by step."""

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .common import RpcCase
from .segmentation import SegmentationCase
from .test_ideal_client import IdealClientCase


class SavingCase(SegmentationCase):
    @classmethod
    def own(cls, name, method="rules", **values):
        """A draft without classes."""
        scheme = cls.env["sdm.scheme"].create({"name": name, "method": method})
        return cls.env["sdm.scheme.version"].create({"scheme_id": scheme.id, **values})

    def assertNotSaved(self, text, change):
        """A change is refused with a text, and nothing of it remains."""
        with self.assertRaisesRegex(ValidationError, text), self.env.cr.savepoint():
            change()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestLimits(SavingCase):
    def limits(self, version):
        return version.line_ids.sorted().mapped("limit")

    def test_limits_that_overlap(self):
        version = self.scheme("abc").draft_version_id
        first, second, _last = version.line_ids.sorted()
        for change in (
            lambda: second.write({"limit": 80}),
            lambda: version.write({"line_ids": [Command.update(first.id, {"limit": 95})]}),
            lambda: first.write({"sequence": 25}),
            lambda: version._add_line("Between", sequence=15, limit=70),
        ):
            self.assertNotSaved("Limits overlap: “.+” must end above", change)
        self.assertEqual(self.limits(version), [80, 95, 100])

    def test_limits_that_change_together_are_judged_together(self):
        version = self.scheme("abc").draft_version_id
        first, second, last = version.line_ids.sorted()
        # between the two steps they would overlap
        version.write({"line_ids": [Command.update(first.id, {"limit": 96}), Command.update(second.id, {"limit": 98})]})
        self.assertEqual(self.limits(version), [96, 98, 100])
        # the last one takes the rest, whatever stands there
        version.write({"line_ids": [Command.delete(last.id)]})
        self.assertEqual(self.limits(version), [96, 98])

    def test_limits_beyond_the_scale(self):
        version = self.scheme("abc").draft_version_id
        first, second, _last = version.line_ids.sorted()
        text = "The limit of “{}” must lie between 0 and 100"
        self.assertNotSaved(text.format("B"), lambda: second.write({"limit": 100}))
        self.assertNotSaved(text.format("A"), lambda: first.write({"limit": -1}))
        variation = self.scheme("xyz").draft_version_id.line_ids.sorted()[0]
        self.assertNotSaved("The limit of “X” must be above 0", lambda: variation.write({"limit": 0}))

    def test_taking_a_class_away(self):
        version = self.scheme("abc").draft_version_id
        # C is no longer the last one then, and its 100 is no limit below 100
        self.assertNotSaved("The limit of “C” must lie between", lambda: version._add_line("D", sequence=40))
        last = version.line_ids.sorted()[-1]
        added = Command.create({"name": "D", "sequence": 40})
        version.write({"line_ids": [Command.update(last.id, {"limit": 99}), added]})
        version.line_ids.sorted()[-1].unlink()
        self.assertEqual(self.limits(version), [80, 95, 99])

    def test_scores_that_do_not_fall(self):
        version = self.scheme("ideal_client").draft_version_id
        best, second, _last = version.line_ids.sorted()
        self.assertNotSaved("“B” must begin below 75", lambda: second.write({"limit": 75}))
        self.assertNotSaved("The limit of “A” must lie between 0 and 100", lambda: best.write({"limit": 101}))

    def test_fixed_cuts_of_rfm(self):
        version = self.scheme("rfm", cut_method="fixed").draft_version_id
        for text, told in (("30; many", "no number"), ("30; 20; 90; 180", "4 rising"), ("30; 60", "4 rising")):
            with self.subTest(text=text):
                self.assertNotSaved(
                    f"“Days, best first”.*{told}", lambda text=text: version.write({"recency_cuts": text})
                )
        self.assertNotSaved("needs 3 rising values", lambda: version.write({"bin_count": 4}))
        line = version.line_ids[0]
        self.assertNotSaved("scores go from 1 to 5", lambda: line.write({"recency_from": 5, "recency_to": 4}))

    def test_what_the_method_cannot_do(self):
        self.assertNotSaved("One month does not vary", lambda: self.scheme("xyz", window_months=1))
        version = self.scheme("life_cycle").draft_version_id
        self.assertNotSaved("“Sleeping after” is at least 1", lambda: version.write({"sleeping_multiple": 0.5}))
        self.assertNotSaved(
            "“None”: “Sales from” must be less than",
            lambda: self.own("Own")._add_line("None", orders_from=3, orders_below=3),
        )

    def test_boxes_of_two_schemes(self):
        abc, xyz = self.scheme("abc", "ABC"), self.scheme("xyz", "XYZ")
        version = self.own("Cross", "matrix", row_scheme_id=abc.id, column_scheme_id=xyz.id)
        box = {"row_segment_id": abc.segment_ids[0].id, "column_segment_id": xyz.segment_ids[0].id}
        version._add_line("AX", **box)
        self.assertNotSaved("“AX” and “Again” are the same box", lambda: version._add_line("Again", sequence=20, **box))
        wrong = {**box, "row_segment_id": xyz.segment_ids[1].id}
        self.assertNotSaved("“YX” asks for “Y” of “XYZ”, which", lambda: version._add_line("YX", sequence=20, **wrong))
        self.assertNotSaved("two different schemes", lambda: version.write({"column_scheme_id": abc.id}))

    def test_numbers_out_of_range(self):
        version = self.scheme("abc").draft_version_id
        for name, value in (
            ("window_months", 0),
            ("window_months", 121),
            ("confirming_runs", 0),
            ("promotion_margin", -1),
            ("bin_count", 2),
            ("share_limit", 101),
            ("default_interval", 0),
        ):
            with (
                self.subTest(name=name),
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                version[name] = value
                self.env.flush_all()
            self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestWeights(SavingCase, IdealClientCase):
    def test_weights_that_are_not_the_whole(self):
        version = self.draft()
        lines = [
            Command.create({"source": source, "weight": weight})
            for source, weight in (("orders", 60), ("revenue", 30.5))
        ]
        text = "The weights are {} % together. Change them so that they are 100 %"
        self.assertNotSaved(text.format("90.50"), lambda: version.write({"criterion_ids": lines}))
        self.assertNotSaved(
            text.format("60"),
            lambda: self.env["sdm.scheme.criterion"].create(
                {"version_id": version.id, "source": "orders", "weight": 60}
            ),
        )
        # points may follow: what is missing is told when the version is computed
        lines[1][2]["weight"] = 40
        version.write({"criterion_ids": lines})
        first, second = version.criterion_ids
        self.assertNotSaved(text.format("110"), lambda: first.write({"weight": 70}))
        self.assertNotSaved(text.format("60"), second.unlink)
        version.write(
            {"criterion_ids": [Command.update(first.id, {"weight": 70}), Command.update(second.id, {"weight": 30})]}
        )
        self.assertEqual(version.weight_total, 100)
        # all of them, to begin anew
        version.criterion_ids.unlink()


@tagged("post_install", "-at_install")
class TestNesting(SavingCase):
    def test_schemes_that_ask_each_other(self):
        one, two = self.own("First"), self.own("Second")
        one._add_line("A", domain="[('is_company', '=', True)]")
        asks = "[('sdm_membership_ids.segment_id', '=', {})]"
        two._add_line("B", domain=asks.format(one.line_ids.segment_id.id))
        circle = "First → Second → First|Second → First → Second"
        back = asks.format(two.line_ids.segment_id.id)
        for change in (
            lambda: one._add_line("C", sequence=20, domain=back),
            lambda: one.line_ids.write({"domain": back}),
            lambda: one.write({"scope_domain": back}),
            lambda: one.line_ids.write({"domain": back.replace(".segment_id", ".computed_segment_id")}),
            lambda: one.line_ids.write(
                {"domain": f"[('sdm_membership_ids', 'any', [('segment_id', 'in', {two.line_ids.segment_id.ids})])]"}
            ),
            lambda: one.line_ids.write({"domain": f"[('sdm_membership_ids.scheme_id', '=', {two.scheme_id.id})]"}),
        ):
            self.assertNotSaved(circle, change)

    def test_a_change_of_what_is_in_force_is_judged_by_the_draft(self):
        customer = self.customer("One")
        one, two = self.own("First"), self.own("Second")
        one._add_line("A", domain="[('is_company', '=', True)]")
        self.put_in_force(one)
        two._add_line("B", domain=f"[('sdm_membership_ids.segment_id', '=', {one.line_ids.segment_id.id})]")
        self.put_in_force(two)
        self.assertEqual(self.classes(two.scheme_id)[customer], "B")
        one.scheme_id.action_new_version()
        draft = one.scheme_id.draft_version_id
        back = f"[('sdm_membership_ids.segment_id', '=', {two.line_ids.segment_id.id})]"
        self.assertNotSaved("in a circle", lambda: draft.line_ids.write({"domain": back}))

    def test_a_filter_that_cannot_be_read_any_more_stops_its_own_scheme_only(self):
        customer = self.customer("One")
        broken, sound = self.own("Broken"), self.own("Sound")
        for version in (broken, sound):
            version._add_line("A", domain="[('is_company', '=', True)]")
            self.put_in_force(version)
        # as when the addon that brought the field is taken away
        broken.line_ids.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE sdm_scheme_version_line SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s", broken.line_ids.id
            )
        )
        broken.line_ids.invalidate_recordset(flush=False)
        schemes = broken.scheme_id | sound.scheme_id
        self.assertEqual(schemes._in_order(), schemes)
        self.assertEqual(schemes.filtered("is_unused"), schemes)
        sound.scheme_id.is_primary = True
        self.assertEqual(customer.sdm_segment_id.name, "A")
        run = self.env["sdm.segmentation.run"]._start(broken, "nightly")
        run._run_safely()
        self.assertEqual(run.state, "failed")
        self.assertIn("“A” cannot be read as a filter", run.error)

    def test_a_scheme_does_not_ask_itself(self):
        version = self.own("Own")
        version._add_line("A", domain="[('is_company', '=', True)]")
        own = f"[('sdm_membership_ids.segment_id', '=', {version.line_ids.segment_id.id})]"
        self.assertNotSaved("Own → Own", lambda: version.line_ids.write({"domain": own}))

    def test_nor_by_becoming_the_primary_one(self):
        version = self.own("Own")
        for rule in (
            "[('sdm_segment_id.name', '=', 'A')]",
            "[('sdm_segment_id', '=', False)]",
            "[('sdm_customer_segment_id', 'any', [('name', '=', 'A')])]",
            "[('commercial_partner_id.sdm_segment_id', '=', 'A')]",
        ):
            with self.subTest(rule=rule):
                version.line_ids.unlink()
                version._add_line("A", domain=rule)
                self.assertNotSaved("Own → Own", lambda: version.scheme_id.write({"is_primary": True}))


@tagged("post_install", "-at_install")
class TestScope(SavingCase):
    NOBODY = "[('name', '=', 'Nobody at all')]"

    def test_a_filter_that_is_none(self):
        version = self.scheme("abc").draft_version_id
        for text in ("[('name', '=', ", "__import__('os')", "[('name', 'resembles', 1)]", "[('nonsense', '=', 1)]"):
            with self.subTest(text=text):
                self.assertNotSaved(
                    "“Which customers” cannot be read", lambda text=text: version.write({"scope_domain": text})
                )
                self.assertNotSaved(
                    "“Bad” cannot be read", lambda text=text: self.own("Own")._add_line("Bad", domain=text)
                )

    def test_customers_that_nobody_is(self):
        self.customer("One")
        text = "“Scheme”: “Which customers” fits no customer, so nobody would have a class"
        self.assertNotSaved(text, lambda: self.scheme("abc", scope_domain=self.NOBODY))
        version = self.scheme("abc").draft_version_id
        self.assertNotSaved(text, lambda: version.write({"scope_domain": self.NOBODY}))

    def test_before_there_are_customers_any_choice_is_kept_and_the_preview_says_so(self):
        self.env["res.partner"].search([("partner_share", "=", True)]).active = False
        version = self.scheme("abc", scope_domain=self.NOBODY).draft_version_id
        version.action_preview()
        self.assertEqual(
            version.preview["warnings"][0], "There are no customers yet. Put in force, each gets its class as it comes."
        )

    def test_what_fits_nobody_by_now_can_be_changed(self):
        customer = self.customer("One", city="Omsk")
        version = self.scheme("abc", scope_domain="[('city', '=', 'Omsk')]").draft_version_id
        self.put_in_force(version)
        customer.city = "Perm"
        scheme = version.scheme_id
        self.assertEqual(self.run_again(scheme).state, "done")
        scheme.action_new_version()
        with self.assertRaisesRegex(UserError, "fits no customer"):
            scheme.draft_version_id.action_put_in_force()
        scheme.draft_version_id.scope_domain = "[('city', '=', 'Perm')]"
        scheme.draft_version_id.action_put_in_force()


@tagged("post_install", "-at_install")
class TestStepByStep(SavingCase):
    """What a director does on the screen saves each time."""

    def test_each_template_in_three_fields(self):
        director = self.persona("director")
        self.sold(One=80, Two=20)
        for template in self.env["sdm.scheme.template"].search([("active", "=", True)]):
            with self.subTest(template=template.name), self.env.cr.savepoint():
                form = Form(self.env["sdm.scheme.new"].with_user(director))
                form.template_id = template
                form.name = f"Own {template.name}"
                action = form.save().action_make()
                version = self.env["sdm.scheme.version"].with_user(director).browse(action["res_id"])
                self.assertEqual(version.line_ids.sorted().mapped("name"), template.line_ids.sorted().mapped("name"))
                self.assertEqual(
                    version.line_ids.segment_id.mapped("description"), template.line_ids.mapped("description")
                )
                self.assertEqual(version.criterion_ids.mapped("weight"), template.criterion_ids.mapped("weight"))

    def test_rules_one_after_the_other(self):
        version = self.own("Own").with_user(self.persona("director"))
        with self.assertRaisesRegex(UserError, "“Own” has no classes yet"):
            version.action_put_in_force()
        for name in ("One", "Two"):
            with Form(version) as form, form.line_ids.new() as line:
                line.name = name
        self.assertEqual(version.line_ids.mapped("name"), ["One", "Two"])
        with self.assertRaisesRegex(UserError, "“One” has no rule"):
            version.action_preview()
        with Form(version) as form:
            for place in range(2):
                with form.line_ids.edit(place) as line:
                    line.amount_from = 100 - place
        version.action_preview()

    def test_limits_in_the_form(self):
        version = self.scheme("abc").draft_version_id.with_user(self.persona("director"))
        with Form(version) as form:
            for place, limit in enumerate((96, 98)):
                with form.line_ids.edit(place) as line:
                    line.limit = limit
        self.assertEqual(version.line_ids.sorted().mapped("limit"), [96, 98, 100])


@tagged("post_install", "-at_install")
class TestOneDraft(RpcCase, SegmentationCase):
    def test_a_scheme_has_one_draft(self):
        scheme = self.in_force("abc")
        scheme.action_new_version()
        draft = scheme.draft_version_id
        self.assertEqual(scheme.action_new_version()["res_id"], draft.id)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            scheme.version_id.copy()

    @mute_logger("odoo.sql_db", "odoo.http")
    def test_nor_over_the_wire(self):
        scheme = self.scheme("abc")
        director = self.persona("director")
        self.authenticate(director.login, director.login)
        version = scheme.draft_version_id
        for method, arguments in (("copy", version.ids), ("create", {"scheme_id": scheme.id})):
            response = self.url_open(
                f"/web/dataset/call_kw/sdm.scheme.version/{method}",
                json={"params": {"model": version._name, "method": method, "args": [arguments], "kwargs": {}}},
            ).json()
            message = response["error"]["data"]["message"]
            self.assertIn("The scheme has a draft already. Work on that one.", message, method)
        self.assertEqual(scheme.version_ids, version)

    @mute_logger("odoo.http")
    def test_nobody_says_over_the_wire_that_a_class_was_judged(self):
        version = self.scheme("abc").draft_version_id
        director = self.persona("director")
        self.authenticate(director.login, director.login)
        line = version.line_ids.sorted()[1]
        for saving in (True, "TOGETHER", {}):
            error = self.call(line._name, "write", line.ids, {"limit": 1}, context={"sdm_saving": saving})[1]
            self.assertEqual(error, "odoo.exceptions.ValidationError")

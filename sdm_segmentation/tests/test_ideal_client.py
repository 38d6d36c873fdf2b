"""How much a customer looks like the one that we want: weighted criteria, what is not known left out."""

import random
from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..engine.segmentation import ideal_client
from ..models.segmentation.sdm_scheme_version_check import TOGETHER
from .common import RpcCase
from .segmentation import AS_OF, SegmentationCase

SEEDS = (21, 22, 23)


class IdealClientCase(SegmentationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mining, cls.food, cls.trade = cls.env["res.partner.industry"].create(
            [{"name": name} for name in ("Mining", "Food", "Trade")]
        )
        cls.vip, cls.slow = cls.env["res.partner.category"].create([{"name": "VIP"}, {"name": "Slow"}])

    @classmethod
    def criterion(cls, version, source, weight, points, **values):
        """A criterion of a version, to which others are added before it is used.

        :param points: {record, number or choice: points}
        """

        def line(value, number):
            if isinstance(value, int):
                return {"start": value, "points": number}
            if isinstance(value, str):
                return {"value": value, "points": number}
            return {"value_id": value.id, "points": number}

        return (
            cls.env["sdm.scheme.criterion"]
            .with_context(sdm_saving=TOGETHER)
            .create(
                {
                    "version_id": version.id,
                    "source": source,
                    "weight": weight,
                    "point_ids": [Command.create(line(*pair)) for pair in points.items()],
                    **values,
                }
            )
        )

    @classmethod
    def draft(cls, name="Ideal", **values):
        """A draft with the classes of the template and no criteria."""
        version = cls.scheme("ideal_client", name=name, **values).draft_version_id
        version.criterion_ids.unlink()
        return version


@tagged("post_install", "-at_install")
class TestIdealClient(IdealClientCase):
    def test_worked_out_by_hand(self):
        full, part, none = (
            self.customer("Full", industry_id=self.mining.id),
            self.customer("Part", industry_id=self.food.id),
            self.customer("Other", industry_id=self.trade.id),
        )
        self.invoice(full, 100)
        self.customer("Unknown")
        version = self.draft()
        self.criterion(version, "industry_id", 60, {self.mining: 100, self.food: 60})
        self.criterion(version, "revenue", 40, {1: 20, 100: 50})
        self.put_in_force(version)
        # Full 100 * 60 % + 50 * 40 % = 80; Part and Other have no sales: 60 and 0 of what is known, 60 % of it
        scheme = version.scheme_id
        self.assertEqual(self.classes(scheme), {full: "A", part: "B", none: "C"})
        membership = self.membership(scheme, full)
        self.assertEqual(
            membership.explanation.replace("\N{NO-BREAK SPACE}", " "),
            "A: 80 of 100 points; 100.0 % of what counts is known.",
        )
        table = membership.explanation_table.replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("Mining: 100 points, weight 60.0 %, gives 60", table)
        self.assertIn("100: 50 points, weight 40.0 %, gives 20", table)
        self.assertIn("A ≥ 75, B ≥ 50", table)
        table = self.membership(scheme, part).explanation_table
        self.assertIn("not known", table)

    def test_too_little_known_is_no_class(self):
        one = self.customer("One", industry_id=self.mining.id)
        version = self.draft(minimum_completeness=40)
        self.criterion(version, "industry_id", 40, {self.mining: 100})
        self.criterion(version, "orders", 60, {1: 100})
        self.put_in_force(version)
        self.assertEqual(self.classes(version.scheme_id), {one: "A"})
        more = version.copy()
        more.minimum_completeness = 40.01
        self.put_in_force(more)
        self.assertEqual(self.classes(version.scheme_id), {})

    def test_of_several_tags_the_best_counts(self):
        both = self.customer("Both", category_id=[Command.set((self.vip | self.slow).ids)])
        slow = self.customer("Slow", category_id=[Command.set(self.slow.ids)])
        self.customer("None")
        version = self.draft()
        self.criterion(version, "category_id", 100, {self.vip: 90, self.slow: 10})
        self.put_in_force(version)
        self.assertEqual(self.classes(version.scheme_id), {both: "A", slow: "C"})

    def test_other_values_may_tell_nothing(self):
        one = self.customer("One", industry_id=self.mining.id)
        self.customer("Two", industry_id=self.trade.id)
        version = self.draft()
        self.criterion(version, "industry_id", 100, {self.mining: 100}, is_other_unknown=True)
        self.put_in_force(version)
        self.assertEqual(self.classes(version.scheme_id), {one: "A"})

    def test_what_is_missing_is_named(self):
        version = self.scheme("ideal_client").draft_version_id
        with self.assertRaisesRegex(UserError, "“Industry” has no points yet"):
            version.action_preview()
        version.criterion_ids.unlink()
        with self.assertRaisesRegex(UserError, "Add what the ideal client has"):
            version.action_preview()
        self.criterion(version, "orders", 100, {1: 100})
        version.action_preview()

    def test_a_value_is_there_once_and_exists(self):
        with self.assertRaisesRegex(ValidationError, "“Industry”: a line has no value"):
            self.criterion(self.draft("One"), "industry_id", 100, {self.mining.browse(): 1})
        criterion = self.criterion(self.draft("Two"), "industry_id", 100, {self.mining: 1})
        with self.assertRaisesRegex(ValidationError, "“Mining” is there twice"):
            criterion.point_ids = [Command.create({"value_id": self.mining.id, "points": 5})]
        with self.assertRaisesRegex(ValidationError, "has no choice “nonsense”"):
            self.criterion(self.draft("Three"), "type", 50, {"nonsense": 1})
        # by its key or by its name
        named = dict(self.env["res.partner"]._fields["type"]._description_selection(self.env))["invoice"]
        found = self.criterion(self.draft("Four"), "type", 50, {named.upper(): 1})
        self.assertEqual(found.point_ids._get_key(), "invoice")

    def test_criteria_in_force_are_not_rewritten(self):
        version = self.draft()
        criterion = self.criterion(version, "orders", 100, {1: 100})
        self.put_in_force(version)
        director = self.persona("director")
        for change in (
            lambda: criterion.with_user(director).write({"weight": 50}),
            lambda: criterion.point_ids.with_user(director).write({"points": 1}),
            lambda: criterion.point_ids.with_user(director).unlink(),
            lambda: criterion.with_user(director).unlink(),
        ):
            with self.assertRaisesRegex(UserError, "has been in force"):
                change()
        version.action_change()
        draft = version.scheme_id.draft_version_id
        draft.criterion_ids.with_user(director).point_ids.points = 40
        self.assertEqual(criterion.point_ids.points, 100)

    def test_sql_equals_the_engine(self):
        for seed in SEEDS:
            chance = random.Random(seed)
            rows = []
            for number in range(25):
                industry = chance.choice((self.mining, self.food, self.trade, self.trade.browse()))
                tags = chance.choice((self.vip, self.slow, self.vip | self.slow, self.vip.browse()))
                customer = self.customer(
                    f"Customer {number}", industry_id=industry.id, category_id=[Command.set(tags.ids)]
                )
                amounts = [chance.choice((10, 20, 50, 100)) for _sale in range(chance.choice((0, 0, 1, 2, 4)))]
                for amount in amounts:
                    self.won((AS_OF - timedelta(days=chance.randrange(300))).isoformat(), amount, customer)
                # of several tags the one with the most points
                tag = self.vip.id if self.vip in tags else tags.id
                revenue = Decimal(sum(amounts)) if amounts else None
                rows.append((customer.id, industry.id or None, tag or None, len(amounts) or None, revenue))
            for minimum in (0, 50, 100):
                with self.subTest(seed=seed, minimum=minimum):
                    version = self.draft(f"{seed} {minimum}", minimum_completeness=minimum, source="deal")
                    criteria = [
                        self.criterion(version, "industry_id", 33.33, {self.mining: 100, self.food: 70}),
                        self.criterion(version, "category_id", 16.67, {self.vip: 100}, other_points=25),
                        self.criterion(version, "orders", 20, {2: 50, 4: 100}, is_other_unknown=True),
                        self.criterion(version, "revenue", 30, {20: 50, 100: 100}),
                    ]
                    self.put_in_force(version)
                    keys = [criterion.id for criterion in criteria]
                    customers = [(key, dict(zip(keys, values, strict=True))) for key, *values in rows]
                    places = ideal_client.classify(customers, version._prepare_ideal_client_options())
                    current = self.env["sdm.segment.membership"].search(
                        [("scheme_id", "=", version.scheme_id.id), ("date_to", "=", False)]
                    )
                    found = {
                        row.partner_id.id: (
                            row.segment_id.id,
                            round(row.details["score"], 9),
                            row.details["known"],
                            [part["points"] for part in row.details["parts"]],
                        )
                        for row in current
                    }
                    expected = {
                        place.key: (
                            place.code,
                            round(float(place.score), 9),
                            float(place.completeness),
                            [None if part.points is None else float(part.points) for part in place.parts],
                        )
                        for place in places
                        if place.code
                    }
                    self.assertEqual(found, expected)
            self.env["crm.lead"].search([("company_id", "=", self.company.id)]).unlink()
            self.env["res.partner"].search([("name", "like", "Customer %")]).active = False


@tagged("post_install", "-at_install")
class TestCriterionAccess(RpcCase, IdealClientCase):
    def test_who_may_what(self):
        version = self.draft()
        criterion = self.criterion(version, "orders", 100, {1: 100})
        allowed = {"seller": "", "head": "r", "director": "rwcu", "payroll": "", "auditor": "r", "stranger": ""}
        users = {name: self.persona(name) for name in allowed}
        self.assertAllowed(criterion, users, allowed)
        self.put_in_force(version)
        # what is decided everybody reads who is judged by it or told of it
        self.assertAllowed(criterion, users, {**allowed, "seller": "r", "payroll": "r"})

    def assertAllowed(self, criterion, users, allowed):
        for name, letters in allowed.items():
            user = users[name]
            for record in (criterion, criterion.point_ids):
                for operation in ("read", "write", "create", "unlink"):
                    with self.subTest(persona=name, model=record._name, operation=operation):
                        self.assertEqual(record.with_user(user).has_access(operation), operation[0] in letters)
            if name != "director":
                self.authenticate(user.login, user.login)
                error = self.call("sdm.scheme.criterion", "write", criterion.ids, {"weight": 1})[1]
                self.assertEqual(error, "odoo.exceptions.AccessError", name)

    def test_a_director_of_one_company_does_not_change_the_criteria_of_all(self):
        criterion = self.criterion(self.draft(), "orders", 100, {1: 100})
        other = self.env["res.company"].create({"name": "Other"})
        director = self.persona("director")
        director.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        context = {"allowed_company_ids": other.ids}
        for record, values in ((criterion, {"weight": 1}), (criterion.point_ids, {"points": 1})):
            with self.assertRaises(AccessError):
                record.with_user(director).with_context(**context).write(values)

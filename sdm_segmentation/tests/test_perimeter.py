from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import GROUPS, RpcCase, SdmCase
from .test_access import OPERATIONS

ALLOWED = {"seller": "r", "head": "r", "director": "rwcu", "payroll": "r", "auditor": "r", "stranger": ""}


class PerimeterCase(SdmCase):
    """Companies One (with a branch) and Two beside those of the database; the director may see One only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls.env["res.company"].create([{"name": "One"}, {"name": "Two"}])
        cls.branch = cls.env["res.company"].create({"name": "One, Kazan", "parent_id": cls.one.id})
        cls.env.user.company_ids += cls.one | cls.two | cls.branch
        cls.whole = cls.env.ref("sdm_segmentation.sdm_perimeter_default")
        cls.director = cls.persona("director")

    @classmethod
    def perimeter(cls, name, *companies, **values):
        return cls.env["sdm.perimeter"].create(
            {"name": name, "company_ids": [Command.set([company.id for company in companies])], **values}
        )

    def allow(self, user, *companies):
        """Let a user see these companies, the first ticked only."""
        ids = [company.id for company in companies]
        user.write({"company_id": ids[0], "company_ids": [Command.set(ids)]})
        self.env.invalidate_all()

    def seen(self, user, perimeter):
        """Whether a user finds a perimeter."""
        model = self.env["sdm.perimeter"].with_user(user).with_context(allowed_company_ids=user.company_id.ids)
        found = model.search([("id", "=", perimeter.id)])
        self.assertEqual(bool(found), model.browse(perimeter.id).has_access("read"))
        return bool(found)


@tagged("post_install", "-at_install")
class TestPerimeter(PerimeterCase):
    def test_the_shipped_one_holds_all_companies_without_set_up(self):
        self.assertFalse(self.whole.company_ids)
        self.assertEqual(self.whole._get_companies(), self.env["res.company"].sudo().search([("active", "=", True)]))
        self.assertEqual(self.env["sdm.perimeter"]._get_default(), self.whole)
        self.assertEqual(self.whole.currency_id, self.env.ref("base.main_company").currency_id)

    def test_a_company_comes_with_its_branches_and_without_the_archived_ones(self):
        both = self.perimeter("Both", self.one, self.two)
        self.assertEqual(both._get_companies(), self.one | self.branch | self.two)
        self.two.active = False
        self.assertEqual(both._get_companies(), self.one | self.branch)

    def test_the_companies_are_no_customers_of_each_other(self):
        both = self.perimeter("Both", self.one, self.two)
        partners = (self.one | self.branch | self.two).partner_id
        self.assertEqual(both._get_commercial_partners_of_companies(), partners.commercial_partner_id)
        self.assertNotIn(self.company.partner_id, partners.commercial_partner_id)

    def test_the_perimeter_that_lists_the_company_comes_first(self):
        listed = self.perimeter("Only One", self.one)
        for company, expected in ((self.one, listed), (self.branch, listed), (self.two, self.whole)):
            self.assertEqual(self.env["sdm.perimeter"].with_company(company)._get_default(), expected, company.name)
        listed.active = False
        self.assertEqual(self.env["sdm.perimeter"].with_company(self.one)._get_default(), self.whole)

    def test_a_company_is_in_one_perimeter_at_most(self):
        self.perimeter("First", self.one)
        for company in (self.one, self.branch):
            with self.assertRaisesRegex(ValidationError, r"One.* would belong to the perimeters First and Second"):
                self.perimeter("Second", self.two, company)

    def test_an_archived_perimeter_frees_its_companies(self):
        first = self.perimeter("First", self.one)
        first.active = False
        self.perimeter("Second", self.one)
        with self.assertRaises(ValidationError):
            first.active = True

    def test_it_counts_in_the_currency_of_its_company_or_in_the_chosen_one(self):
        euro, franc = self.env.ref("base.EUR"), self.env.ref("base.CHF")
        (euro | franc).active = True
        self.one.currency_id = euro
        self.assertEqual(self.perimeter("One", self.one).currency_id, euro)
        self.assertEqual(self.perimeter("Two", self.two, currency_id=franc.id).currency_id, franc)

    def test_the_currency_of_a_company_before_its_first_entry_takes_the_perimeter_along(self):
        euro, franc = self.env.ref("base.EUR"), self.env.ref("base.CHF")
        (euro | franc).active = True
        follows, chosen = self.perimeter("One", self.one), self.perimeter("Two", self.two, currency_id=franc.id)
        (self.one | self.two).write({"currency_id": euro.id})
        self.assertEqual((follows.currency_id, chosen.currency_id), (euro, franc))


@tagged("post_install", "-at_install")
class TestPerimeterAccess(PerimeterCase):
    def test_each_group_can_do_what_it_must_and_nothing_else(self):
        for name in GROUPS:
            user = self.director if name == "director" else self.persona(name)
            for operation in OPERATIONS:
                may = self.env["sdm.perimeter"].with_user(user).has_access(operation)
                self.assertEqual(may, operation[0] in ALLOWED[name], (name, operation))

    def test_a_total_is_for_who_may_see_every_company_in_it(self):
        both, only = self.perimeter("Both", self.one, self.two), self.perimeter("Only", self.company)
        everything = self.env["res.company"].sudo().search([("active", "=", True)])
        cases = [
            ((self.company,), (False, True, False)),
            ((self.one, self.two), (False, False, False)),
            ((self.one, self.two, self.branch), (True, False, False)),
            (tuple(everything), (True, True, True)),
        ]
        for companies, expected in cases:
            self.allow(self.director, *companies)
            seen = tuple(self.seen(self.director, perimeter) for perimeter in (both, only, self.whole))
            self.assertEqual(seen, expected, [company.name for company in companies])
            self.assertEqual(
                tuple((both | only | self.whole).with_user(self.director).sudo().mapped("is_allowed")), seen
            )

    def test_nobody_makes_a_perimeter_over_companies_that_one_may_not_see(self):
        Perimeter = self.env["sdm.perimeter"].with_user(self.director)
        self.allow(self.director, self.company)
        mine = Perimeter.create({"name": "Mine", "company_ids": [Command.set(self.company.ids)]})
        self.assertEqual(Perimeter._get_default(), mine)
        with self.assertRaises(AccessError):
            Perimeter.create({"name": "All"})
        with self.assertRaises(AccessError):
            mine.write({"company_ids": [Command.link(self.two.id)]})

    def test_there_is_no_default_for_who_may_not_see_the_whole(self):
        self.allow(self.director, self.company)
        self.assertFalse(self.env["sdm.perimeter"].with_user(self.director)._get_default())


@tagged("post_install", "-at_install")
class TestPerimeterRpc(PerimeterCase, RpcCase):
    def test_over_the_wire_a_perimeter_of_hidden_companies_is_not_there(self):
        self.allow(self.director, self.company)
        self.authenticate("sdm_director", "sdm_director")
        result, _error = self.call("sdm.perimeter", "search_read", [], ["name"])
        self.assertNotIn("Whole business", [row["name"] for row in result])
        _result, error = self.call("sdm.perimeter", "read", [self.whole.id], ["name"])
        self.assertEqual(error, "odoo.exceptions.AccessError")

    def test_over_the_wire_a_seller_changes_no_perimeter(self):
        self.persona("seller")
        self.authenticate("sdm_seller", "sdm_seller")
        for method, *args in (("write", [self.whole.id], {"name": "Mine"}), ("create", {"name": "Mine"})):
            self.assertEqual(self.call("sdm.perimeter", method, *args)[1], "odoo.exceptions.AccessError")

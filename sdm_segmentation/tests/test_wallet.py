"""What a customer could buy and how much of it is bought from us: entries, quadrants, who may enter."""

import random
from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..engine.segmentation import wallet
from .common import GROUPS, RpcCase
from .segmentation import AS_OF, SegmentationCase

SEEDS = (11, 12, 13)
NAMES = {"loyal": "Loyal", "cultivate": "Cultivate", "maintain": "Maintain", "minor": "Minor"}


class WalletCase(SegmentationCase):
    @classmethod
    def potential(cls, customer, amount, day=AS_OF, **values):
        """A potential of a customer, as of a day."""
        return cls.env["sdm.potential"].create(
            {"partner_id": customer.id, "amount": amount, "date": day, "company_id": cls.company.id, **values}
        )


@tagged("post_install", "-at_install")
class TestWallet(WalletCase):
    def wallet(self, limit=1000, name="Wallet", **values):
        return self.in_force("wallet", name=name, value_limit=limit, **values)

    def test_four_quadrants_worked_out_by_hand(self):
        big_high, big_low, small_high, small_low = self.sold(BigHigh=500, BigLow=499, SmallHigh=500, SmallLow=10)
        # exactly at both limits is high; 499 of 1000 is below half
        self.potential(big_high, 1000)
        self.potential(big_low, 1000)
        self.potential(small_high, 999)
        self.potential(small_low, 100)
        self.assertEqual(
            self.classes(self.wallet()),
            {big_high: "Loyal", big_low: "Cultivate", small_high: "Maintain", small_low: "Minor"},
        )

    def test_the_latest_entry_counts_while_it_is_fresh(self):
        one = self.sold(One=100)
        self.potential(one, 5000, AS_OF - timedelta(days=366))
        # too old: the best year of the customer is that of now
        self.assertEqual(self.classes(self.wallet(name="Old")), {one: "Maintain"})
        self.assertEqual(self.classes(self.wallet(name="For ever", potential_days=0)), {one: "Cultivate"})
        self.potential(one, 4000, AS_OF - timedelta(days=365))
        self.potential(one, 50, AS_OF + timedelta(days=1))
        self.assertEqual(self.classes(self.wallet(name="Fresh")), {one: "Cultivate"})

    def test_without_an_entry_the_best_year_counts(self):
        one = self.sold(One=300)
        self.invoice(one, 2000, "2022-05-05")
        scheme = self.wallet()
        self.assertEqual(self.classes(scheme), {one: "Cultivate"})
        membership = self.membership(scheme, one)
        self.assertEqual(
            membership.explanation.replace("\N{NO-BREAK SPACE}", " "),
            "Cultivate: could buy for $ 2,000 a year and buys for $ 300 from us, 15.0 % of it.",
        )
        self.assertIn("the best year so far, 2022", membership.explanation_table)

    def test_a_prospect_with_a_potential_is_judged(self):
        prospect = self.customer("Prospect")
        self.customer("Nobody")
        self.potential(prospect, 1000, source="tender", confidence="75")
        scheme = self.wallet()
        self.assertEqual(self.classes(scheme), {prospect: "Cultivate"})
        table = self.membership(scheme, prospect).explanation_table
        self.assertIn("Tenders and purchase plans, Well founded, 06/30/2025", table)

    def test_what_is_bought_more_than_was_known_is_the_potential(self):
        one = self.sold(One=700)
        self.potential(one, 400)
        scheme = self.wallet()
        self.assertEqual(self.classes(scheme), {one: "Maintain"})
        self.assertIn("more than was known", self.membership(scheme, one).explanation_table)

    def test_another_currency_is_changed_at_the_rate_of_its_day(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other = self.env["res.company"].create({"name": "Other", "currency_id": euro.id})
        self.perimeter.company_ids = [Command.link(other.id)]
        self.env.user.company_ids += other
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2025-01-01", "rate": 0.5, "company_id": self.company.id}
        )
        self.env["res.currency.rate"].create(
            {"currency_id": self.company.currency_id.id, "name": "2025-01-01", "rate": 2, "company_id": other.id}
        )
        one = self.sold(One=500)
        # 500 euros are 1000 dollars
        self.potential(one, 500, company_id=other.id)
        scheme = self.scheme("wallet", value_limit=1000)
        scheme.perimeter_id = self.perimeter
        self.put_in_force(scheme.draft_version_id)
        self.assertEqual(self.classes(scheme), {one: "Loyal"})

    def test_it_needs_a_limit_and_its_four_classes(self):
        version = self.scheme("wallet").draft_version_id
        with self.assertRaisesRegex(UserError, "“High value from” what a customer"):
            version.action_preview()
        version.value_limit = 10
        version.line_ids[0].unlink()
        with self.assertRaisesRegex(UserError, "loyal, cultivate, maintain, minor"):
            version.action_preview()

    def test_it_judges_customers_and_not_groups(self):
        with self.assertRaisesRegex(ValidationError, "cannot judge customer groups"):
            self.scheme("wallet").level = "group"

    def test_sql_equals_the_engine(self):
        for seed in SEEDS:
            chance = random.Random(seed)
            values = []
            for number in range(25):
                customer = self.customer(f"Customer {number}")
                sales, years, entered = Decimal(0), {}, []
                for _sale in range(chance.choice((0, 1, 2, 4))):
                    day = AS_OF - timedelta(days=chance.randrange(1200))
                    amount = Decimal(chance.choice((10, 20, 40, 100)))
                    self.won(day.isoformat(), float(amount), customer)
                    years[day.year] = years.get(day.year, 0) + amount
                    sales += amount if day > AS_OF.replace(year=2024) else 0
                for _entry in range(chance.choice((0, 0, 1, 2, 3))):
                    day = AS_OF - timedelta(days=chance.choice((-5, 0, 10, 365, 366, 500)))
                    amount = Decimal(chance.choice((0, 20, 40, 80, 200)))
                    self.potential(customer, float(amount), day)
                    entered.append(wallet.Entered(amount, day))
                values.append(wallet.Values(customer.id, sales, years, tuple(entered)))
            for value in (wallet.POTENTIAL, wallet.SALES):
                for days in (365, 0):
                    with self.subTest(seed=seed, value=value, days=days):
                        scheme = self.wallet(
                            40, f"{seed} {value} {days}", wallet_value=value, potential_days=days, source="deal"
                        )
                        options = wallet.Options(Decimal(40), Decimal(50), value, days or None)
                        places = {place.key: place for place in wallet.classify(values, AS_OF, options) if place.code}
                        current = self.env["sdm.segment.membership"].search(
                            [("scheme_id", "=", scheme.id), ("date_to", "=", False)]
                        )
                        found = {
                            row.partner_id.id: (
                                row.segment_id.name,
                                row.details["potential"],
                                row.details["basis"],
                                row.details["year"],
                                row.details["stale"],
                            )
                            for row in current
                        }
                        expected = {
                            key: (NAMES[place.code], place.potential, place.basis, place.year, place.stale)
                            for key, place in places.items()
                        }
                        self.assertEqual(found, expected)
            self.env["crm.lead"].search([("company_id", "=", self.company.id)]).unlink()
            self.env["sdm.potential"].search([("company_id", "=", self.company.id)]).unlink()

    def test_the_strategy_shows_the_share_of_wallet(self):
        one, two = self.sold(One=900, Two=600)
        scheme = self.in_force("abc", is_primary=True)
        self.potential(one, 2100)
        strategy = self.env["sdm.strategy"].create({"segment_id": scheme.segment_ids.sorted()[0].id})
        # One 900 of 2100, Two 600 of its best year of 600: 1500 of 2700
        self.assertEqual(strategy.share.replace("\N{NO-BREAK SPACE}", " "), "56 % (potential entered for 1 of 2)")


@tagged("post_install", "-at_install")
class TestPotentialAccess(RpcCase, WalletCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = new_test_user(
            cls.env, "sdm_anna", GROUPS["seller"], company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)]
        )
        cls.env["hr.employee"].create({"name": "Anna", "user_id": cls.anna.id, "company_id": cls.company.id})
        cls.own, cls.other = cls.customer("Own", cls.anna), cls.customer("Other")

    def test_a_seller_enters_it_for_the_own_customers(self):
        Potential = self.env["sdm.potential"].with_user(self.anna)
        entry = Potential.create({"partner_id": self.own.id, "amount": 10, "user_id": self.env.uid})
        self.assertEqual((entry.user_id, entry.date, entry.source), (self.anna, AS_OF, "estimate"))
        entry.amount = 20
        with self.assertRaises(AccessError):
            Potential.create({"partner_id": self.other.id, "amount": 10})
        with self.assertRaises(AccessError):
            entry.partner_id = self.other
        with self.assertRaises(AccessError):
            entry.unlink()
        foreign = self.potential(self.own, 30)
        self.assertEqual(foreign.with_user(self.anna).amount, 30)
        with self.assertRaises(AccessError):
            foreign.with_user(self.anna).amount = 1
        self.assertFalse(Potential.search([("partner_id", "=", self.other.id)]))

    def test_a_contact_has_that_of_its_company(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.own.id})
        with self.assertRaisesRegex(ValidationError, "Ann is a contact of Own"):
            self.potential(contact, 10)
        action = contact.action_open_sdm_potentials()
        self.assertEqual(action["context"]["default_partner_id"], self.own.id)

    def test_who_may_what(self):
        entry = self.potential(self.own, 10)
        allowed = {"head": "", "director": "rwcu", "payroll": "", "auditor": "r", "stranger": ""}
        for name, letters in allowed.items():
            user = self.persona(name)
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(persona=name, operation=operation):
                    self.assertEqual(entry.with_user(user).has_access(operation), operation[0] in letters)

    def test_over_the_wire(self):
        denied = "odoo.exceptions.AccessError"
        foreign = self.potential(self.other, 10)
        self.authenticate("sdm_anna", "sdm_anna")
        rows, _error = self.call("sdm.potential", "search_read", [], ["amount"])
        self.assertNotIn(foreign.id, {row["id"] for row in rows})
        self.assertEqual(self.call("sdm.potential", "write", foreign.ids, {"amount": 1})[1], denied)
        self.assertEqual(self.call("sdm.potential", "create", [{"partner_id": self.other.id, "amount": 1}])[1], denied)
        self.assertIsNone(self.call("sdm.potential", "create", [{"partner_id": self.own.id, "amount": 1}])[1])
        for name in ("payroll", "stranger"):
            user = self.persona(name)
            self.authenticate(user.login, user.login)
            self.assertEqual(self.call("sdm.potential", "search_read", [], ["amount"])[1], denied, name)

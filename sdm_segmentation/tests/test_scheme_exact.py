"""Cases in which classes go wrong elsewhere, worked out by hand.

Which test covers which: refunds and zero, contacts, exactly 80 % in ``test_scheme``; holdings and the perimeter's
currency in ``test_segment_dimension``; merged customers in ``test_merged_customers``; seasonal customers in
``test_scheme_oracle``; what is refused when it is saved in ``test_scheme_saving``; all others here.
"""

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .segmentation import SegmentationCase


@tagged("post_install", "-at_install")
class TestSchemeExact(SegmentationCase):
    def test_a_customer_that_gave_back_more_than_it_bought_stands_outside(self):
        one, two = self.sold(One=80, Two=20)
        three = self.sold(Three=10)
        self.invoice(three, 50, refund=True)
        # of 100, not of 60: exactly 80 % are before Two
        self.assertEqual(self.classes(self.in_force("abc")), {one: "A", two: "B"})
        with_all = self.in_force("abc", name="With all", without_sales="last")
        self.assertEqual(self.classes(with_all)[three], "C")
        self.assertEqual(self.membership(with_all, three).amount, -40)

    def test_equal_customers_are_told_apart_the_same_way_each_time(self):
        customers = self.sold(One=40, Two=40, Three=40, Four=40)
        scheme = self.in_force("abc")
        # by their order of entry: 0, 25, 50 and 75 % are before them
        self.assertEqual([self.classes(scheme)[customer] for customer in customers], ["A"] * 4)
        again = self.in_force("abc", name="Again", abc_rule="inclusive")
        first = [self.classes(again)[customer] for customer in customers]
        self.assertEqual(first, ["A", "A", "A", "C"])
        self.assertEqual(self.run_again(again).changed_count, 0)

    def test_a_new_customer_comes_in_and_an_archived_one_leaves(self):
        one, two = self.sold(One=80, Two=20)
        scheme = self.in_force("abc")
        new = self.sold(New=30)
        two.active = False
        with freeze_time("2025-07-01"):
            self.run_again(scheme)
        # 80 and 30 of 110: 72.7 % are before New
        self.assertEqual(self.classes(scheme), {one: "A", new: "A"})
        gone = self.env["sdm.segment.membership"].search([("partner_id", "=", two.id)])
        self.assertEqual((gone.segment_id.name, str(gone.date_to)), ("B", "2025-06-30"))
        two.active = True
        with freeze_time("2025-07-02"):
            self.run_again(scheme)
        # 110 of 130: 84.6 % are before Two
        self.assertEqual(self.classes(scheme)[two], "B")

    def test_the_window_begins_and_ends_with_its_days(self):
        first, last, before, after = (self.customer(name) for name in ("First", "Last", "Before", "After"))
        for customer, day in (
            (first, "2024-07-01"),
            (last, "2025-06-30"),
            (before, "2024-06-30"),
            (after, "2025-07-01"),
        ):
            self.invoice(customer, 10, day)
        self.assertEqual(set(self.classes(self.in_force("abc"))), {first, last})

    def test_two_companies_count_together_each_in_its_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        sister = self.env["res.company"].create({"name": "Sister", "currency_id": euro.id})
        self.env.user.company_ids = [Command.link(sister.id)]
        self.env["res.currency.rate"].create(
            # a dollar is half a euro, so a euro is two dollars
            [{"currency_id": euro.id, "name": "2025-01-01", "rate": 0.5, "company_id": self.company.id}]
            + [{"currency_id": self.company.currency_id.id, "name": "2025-01-01", "rate": 2, "company_id": sister.id}]
        )
        one, two = self.sold(One=100, Two=50)
        work = self.env(context={**self.env.context, "allowed_company_ids": [self.company.id, sister.id]})
        stage = self.env["crm.stage"].create({"name": "Won there", "is_won": True})
        for company, customer, amount in ((self.company, one, 100), (self.company, two, 50), (sister, two, 60)):
            deal = work["crm.lead"].create(
                {
                    "name": "Deal",
                    "type": "opportunity",
                    "company_id": company.id,
                    "team_id": False,
                    "user_id": False,
                    "partner_id": customer.id,
                    "stage_id": stage.id,
                    "expected_revenue": amount,
                }
            )
            deal.date_closed = self.noon("2025-06-01")
        alone = self.in_force("abc", source="deal")
        self.assertEqual([self.membership(alone, customer).amount for customer in (one, two)], [100, 50])
        self.perimeter.company_ids |= sister
        both = self.in_force("abc", name="Both", source="deal")
        # 50 dollars and 60 euro are 170 dollars
        self.assertEqual([self.membership(both, customer).amount for customer in (one, two)], [100, 170])
        self.assertEqual([self.membership(both, customer).details["rank"] for customer in (one, two)], [2, 1])

    def test_rising_and_falling_have_margins_and_need_runs_of_their_own(self):
        one, two = self.sold(One=79, Two=21)
        scheme = self.in_force("abc", promotion_margin=10, demotion_margin=5, confirming_runs=2)
        self.assertEqual(self.classes(scheme)[two], "A")
        # 90 % before Two: beyond 85, so it is to fall; one run is not enough
        self.invoice(one, 110)
        days = iter(fields.Date.add(fields.Date.to_date("2025-07-01"), days=number) for number in range(9))

        def night():
            with freeze_time(next(days)):
                self.run_again(scheme)
            return self.classes(scheme)[two]

        self.assertEqual([night(), night()], ["A", "B"])
        # 75 % before Two: below 80, but not below 70
        self.invoice(two, 42)
        self.assertEqual([night(), night()], ["B", "B"])
        # 65.4 % before Two: below 70
        self.invoice(two, 37)
        self.assertEqual([night(), night()], ["B", "A"])

    def test_a_run_in_between_that_disagrees_begins_the_count_anew(self):
        one, two = self.sold(One=79, Two=21)
        scheme = self.in_force("abc", confirming_runs=2)
        self.invoice(one, 110)
        with freeze_time("2025-07-01"):
            self.run_again(scheme)
        self.assertEqual(self.membership(scheme, two).pending_count, 1)
        self.invoice(one, 110, "2025-07-02", refund=True)
        with freeze_time("2025-07-02"):
            self.run_again(scheme)
        self.assertEqual((self.classes(scheme)[two], self.membership(scheme, two).pending_count), ("A", 0))

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import GROUPS, RpcCase, SdmCase
from .test_access import OPERATIONS

TODAY = "2025-06-30"
ALLOWED = {"seller": "r", "head": "r", "director": "rwcu", "payroll": "", "auditor": "r", "stranger": ""}


class GroupCase(SdmCase):
    """The holding Lutik: Alfa leads, Beta follows; Gamma is alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.seller("Anna")
        cls.alfa, cls.beta = cls.customer("Alfa", cls.anna), cls.customer("Beta")
        cls.gamma = cls.customer("Gamma")
        cls.group = cls.env["sdm.customer.group"].create({"name": "Lutik"})
        (cls.alfa | cls.beta).sdm_customer_group_id = cls.group
        cls.group.head_member_id = cls.alfa

    def contact(self, name, customer):
        return self.env["res.partner"].create({"name": name, "parent_id": customer.id})

    def books(self):
        """Let the test company post invoices."""
        income, receivable = (
            self.env["account.account"].create(
                {"name": kind, "code": code, "account_type": kind, "company_ids": [Command.set(self.company.ids)]}
            )
            for kind, code in (("income", "SDM1"), ("asset_receivable", "SDM2"))
        )
        self.env["account.journal"].create(
            {"name": "Sales", "code": "SDM", "type": "sale", "default_account_id": income.id}
        )
        (self.alfa | self.beta | self.gamma).property_account_receivable_id = receivable

    def invoice(self, customer, day, price, kind="out_invoice"):
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": customer.id,
                "invoice_date": day,
                "invoice_line_ids": [Command.create({"name": "Pump", "price_unit": price, "tax_ids": False})],
            }
        )
        move.action_post()
        return move


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCustomerGroup(GroupCase):
    def test_contacts_show_the_group_of_their_customer(self):
        ivan = self.contact("Ivan", self.beta)
        self.assertEqual((ivan.sdm_commercial_group_id, ivan.sdm_customer_group_id.id), (self.group, False))
        self.assertEqual(self.alfa.sdm_commercial_group_id, self.group)
        Partner = self.env["res.partner"]
        mine = [("id", "in", (self.alfa | self.beta | self.gamma | ivan).ids)]
        found = Partner.search([("sdm_commercial_group_id", "=", self.group.id), *mine])
        self.assertEqual(found, self.alfa | self.beta | ivan)
        rows = Partner._read_group(mine, ["sdm_commercial_group_id"], ["__count"])
        self.assertEqual(dict(rows), {self.group: 3, self.group.browse(): 1})

    def test_a_contact_is_in_a_group_with_its_whole_customer_only(self):
        ivan = self.contact("Ivan", self.gamma)
        with self.assertRaisesRegex(ValidationError, "Ivan is a contact of Gamma. Choose Gamma"):
            ivan.sdm_customer_group_id = self.group

    def test_what_becomes_a_contact_leaves_the_members(self):
        person = self.env["res.partner"].create({"name": "Vera", "sdm_customer_group_id": self.group.id})
        self.group.head_member_id = person
        person.parent_id = self.gamma
        self.assertEqual((person.sdm_customer_group_id.id, person.sdm_commercial_group_id.id), (False, False))
        self.assertFalse(self.group.head_member_id)
        self.beta.write({"is_company": False, "parent_id": self.alfa.id})
        self.assertEqual(self.group.member_ids, self.alfa)
        self.assertEqual(self.beta.sdm_commercial_group_id, self.group)

    def test_a_company_under_another_company_stays_a_member(self):
        self.beta.parent_id = self.alfa
        self.assertEqual(self.group.member_ids, self.alfa | self.beta)

    def test_the_main_company_is_a_member(self):
        with self.assertRaisesRegex(ValidationError, "Gamma is no member of Lutik"):
            self.group.head_member_id = self.gamma
        self.alfa.sdm_customer_group_id = False
        self.assertFalse(self.group.head_member_id)

    def test_a_group_of_one_company_takes_in_its_customers_only(self):
        with self.assertRaisesRegex(ValidationError, "The group Lutik is of Test Trade only, and Alfa is not"):
            self.group.company_id = self.company
        (self.alfa | self.beta).company_id = self.company
        self.group.company_id = self.company
        with self.assertRaisesRegex(ValidationError, "and Gamma is not"):
            self.gamma.sdm_customer_group_id = self.group

    def test_the_group_tells_who_came_and_who_left(self):
        env = self.env(context={**self.env.context, "tracking_disable": False})
        group = env["sdm.customer.group"].create({"name": "Told"})
        members = env["res.partner"].create([{"name": name, "is_company": True} for name in ("Alfa Told", "Beta Told")])
        members.sdm_customer_group_id = group
        members[0].sdm_customer_group_id = False
        bodies = group.message_ids.sorted("id")[-2:].mapped("body")
        self.assertEqual(bodies, ["<p>Joined: Alfa Told and Beta Told</p>", "<p>Left: Alfa Told</p>"])
        self.assertNotIn("sdm_customer_group_id", env["res.partner"]._track_get_fields())

    def test_a_deleted_group_leaves_its_customers(self):
        self.group.unlink()
        self.assertFalse(self.alfa.sdm_customer_group_id)

    def test_a_merged_customer_keeps_its_group(self):
        copy = self.customer("Alfa again")
        Merge = self.env["base.partner.merge.automatic.wizard"]
        Merge._merge((self.alfa | copy).ids, copy)
        self.assertEqual((copy.sdm_customer_group_id, self.group.head_member_id), (self.group, copy))
        Merge._merge((self.beta | copy).ids, copy)
        self.assertEqual(self.group.member_ids, copy)

    def test_money_of_the_members_by_won_deals(self):
        self.won("2025-06-30", 100, self.alfa)
        self.won("2024-07-01", 40, self.contact("Ivan", self.beta))
        self.won("2024-06-30", 1000, self.alfa)
        self.won("2025-01-10", 7, self.gamma)
        self.assertEqual((self.alfa | self.beta | self.gamma).mapped("sdm_year_revenue"), [100, 40, 7])
        self.assertEqual((self.group.revenue, self.group.currency_id), (140, self.company.currency_id))

    def test_orders_go_before_deals_and_invoices_before_orders(self):
        self.won("2025-01-10", 1000, self.alfa)
        self.order(self.alfa, "2025-02-01", 200, discount=10)
        self.order(self.beta, "2025-02-01", 30)
        self.order(self.beta, "2025-02-01", 500, confirmed=False)
        self.assertEqual(self.group.revenue, 210)
        self.books()
        self.invoice(self.alfa, "2025-03-01", 70)
        self.invoice(self.beta, "2025-03-02", 20, "out_refund")
        self.env.invalidate_all()
        self.assertEqual(self.group.revenue, 50)

    def test_counts_of_what_is_open_and_of_documents(self):
        self.deal(self.alfa, expected_revenue=10)
        self.deal(self.contact("Ivan", self.beta), expected_revenue=5)
        self.deal(self.gamma, expected_revenue=99)
        self.won("2025-01-10", 1000, self.alfa)
        self.lost("2025-01-10", self.beta)
        self.order(self.alfa, "2025-02-01", 200)
        self.order(self.beta, "2025-02-01", 200, confirmed=False)
        self.books()
        self.invoice(self.beta, "2025-03-02", 20)
        group = self.group
        self.assertEqual((group.member_count, group.deal_count, group.deal_value), (2, 2, 15))
        self.assertEqual((group.order_count, group.invoice_count), (2, 1))
        for action, count in (
            (group.action_open_members(), 2),
            (group.action_open_deals(), 2),
            (group.action_open_orders(), 2),
            (group.action_open_invoices(), 1),
            (group.action_open_owners(), 1),
        ):
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(found), count, action["name"])
            self.assertIn("Lutik: ", action["name"])
        self.assertEqual(group.owner_ids.ids, self.anna.employee_ids.ids)

    def test_each_company_counts_by_its_own_source_at_the_rate_of_the_day(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": euro.id})
        self.env.user.company_ids += abroad
        self.env["res.currency.rate"].create(
            [
                {"currency_id": self.company.currency_id.id, "company_id": abroad.id, "name": day, "rate": rate}
                for day, rate in (("2025-01-01", 2), ("2025-03-01", 4))
            ]
        )
        perimeter = self.env["sdm.perimeter"].create(
            {
                "name": "Both",
                "company_ids": [Command.set((self.company | abroad).ids)],
                "currency_id": self.company.currency_id.id,
            }
        )
        self.order(self.alfa, "2025-02-01", 100)
        self.won("2025-02-01", 1000, self.alfa)
        # before the first rate the first one holds
        for day, value in (("2024-12-01", 1), ("2025-02-10", 10), ("2025-03-01", 100)):
            self.won(day, value, self.beta, company_id=abroad.id)
        revenue = perimeter._get_revenue(self.alfa | self.beta | self.gamma)
        self.assertEqual(revenue, {self.alfa: 100, self.beta: 1 * 2 + 10 * 2 + 100 * 4, self.gamma: 0})
        day = fields.Date.to_date("2025-03-01")
        odoo = euro._convert(100, self.company.currency_id, abroad, day)
        self.assertEqual(odoo, 400)
        # which company is ticked does not matter
        self.assertEqual(self.env["sdm.perimeter"]._get_default(), perimeter)
        self.assertEqual(self.group.revenue, 522)

    def test_a_deal_without_company_is_of_the_main_one(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        perimeter = self.env["sdm.perimeter"].create(
            {"name": "Both", "company_ids": [Command.set((self.company | other).ids)]}
        )
        self.won("2025-02-01", 50, self.alfa, company_id=False)
        self.assertEqual(perimeter._get_revenue(self.alfa), {self.alfa: 50})

    def test_sales_between_the_companies_of_the_perimeter_are_no_revenue(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        perimeter = self.env["sdm.perimeter"].create(
            {"name": "Both", "company_ids": [Command.set((self.company | other).ids)]}
        )
        self.won("2025-02-01", 50, other.partner_id)
        self.won("2025-02-01", 5, self.alfa)
        self.assertEqual(perimeter._get_revenue(other.partner_id | self.alfa), {other.partner_id: 0, self.alfa: 5})

    def test_who_sees_everything_counts_what_the_source_of_sales_counts(self):
        perimeter = self.env["sdm.perimeter"]._get_for_totals()
        end = fields.Date.to_date(TODAY) + timedelta(days=1)
        start = end - relativedelta(months=12)

        def by_source(source):
            rows = self.env["sdm.sales.source"]._query(self.company, source)
            sums = SQL(
                "SELECT customer, SUM(amount) FROM (%s) sold WHERE date >= %s AND date < %s GROUP BY 1",
                rows,
                start,
                end,
            )
            return dict(self.env.execute_query(sums))

        def check(source):
            self.assertEqual(self.env["sdm.sales.source"]._find_best(self.company, start, end), source)
            revenue = perimeter._get_revenue(self.alfa | self.beta)
            found = by_source(source)
            for customer in self.alfa | self.beta:
                self.assertAlmostEqual(revenue[customer], float(found.get(customer.id, 0)), 2, (source, customer.name))
            self.assertTrue(revenue[self.alfa], source)

        for day, value in ((TODAY, 70), (str(start), 7), ("2024-06-30", 700)):
            self.won(day, value, self.alfa)
        check("deal")
        contact = self.env["res.partner"].create({"name": "Olga", "parent_id": self.alfa.id})
        for day, value in ((TODAY, 100), (str(start), 10), ("2024-06-30", 1000)):
            self.order(contact, day, value, discount=10)
        check("order")
        self.books()
        self.invoice(self.alfa, TODAY, 300)
        self.invoice(self.alfa, str(start), 30)
        self.invoice(self.alfa, "2024-06-30", 3000)
        self.invoice(self.alfa, TODAY, 3, "out_refund")
        check("invoice")
        self.assertEqual(perimeter._get_revenue(self.alfa), {self.alfa: 327})

    def test_figures_take_as_many_queries_for_one_group_as_for_many(self):
        groups = self.group
        for number in range(10):
            group = self.env["sdm.customer.group"].create({"name": f"Group {number}"})
            group.member_ids = self.customer(f"One {number}") | self.customer(f"Two {number}")
            self.won("2025-02-01", 5, group.member_ids[0])
            groups |= group
        names = ["revenue", "deal_count", "deal_value", "order_count", "invoice_count", "owner_ids", "member_count"]

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.read(names)
            return self.env.cr.sql_log_count - before

        count(groups)
        self.assertEqual(count(self.group), count(groups))

    def test_a_customer_form_takes_two_queries_more_at_most(self):
        def count(names):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.beta.web_read({name: {"fields": {"display_name": {}}} if "_id" in name else {} for name in names})
            return self.env.cr.sql_log_count - before

        plain, grouped = ["name", "user_id"], ["sdm_customer_group_id", "sdm_commercial_group_id"]
        count(plain + grouped)
        self.assertLessEqual(count(plain + grouped) - count(plain), 2)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCustomerGroupAccess(GroupCase):
    def test_each_group_can_do_what_it_must_and_nothing_else(self):
        for name in GROUPS:
            user = self.persona(name)
            for operation in OPERATIONS:
                may = self.env["sdm.customer.group"].with_user(user).has_access(operation)
                self.assertEqual(may, operation[0] in ALLOWED[name], (name, operation))

    def test_only_the_director_says_who_belongs_together(self):
        for name in ("seller", "head"):
            user = self.persona(name)
            user.group_ids += self.env.ref("base.group_partner_manager")
            with self.assertRaisesRegex(AccessError, "up to the sales director"):
                self.gamma.with_user(user).sdm_customer_group_id = self.group
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).create({"name": "New", "sdm_customer_group_id": self.group.id})
            # nothing changes: what a form or an import sends along
            self.alfa.with_user(user).write({"sdm_customer_group_id": self.group.id, "city": "Tver"})
        director = self.persona("director")
        self.gamma.with_user(director).sdm_customer_group_id = self.group
        self.group.with_user(director).write({"member_ids": [Command.unlink(self.beta.id)]})
        self.assertEqual(self.group.member_ids, self.alfa | self.gamma)

    def test_who_merges_contacts_need_not_be_the_director(self):
        user = self.persona("seller")
        user.group_ids += self.env.ref("base.group_partner_manager")
        copy = self.customer("Alfa again").with_user(user)
        self.env["base.partner.merge.automatic.wizard"].with_user(user)._merge((self.alfa | copy).ids, copy)
        self.assertEqual(copy.sdm_customer_group_id, self.group)

    def test_the_figures_are_of_the_documents_that_one_may_see(self):
        seller = self.persona("seller")
        seller.group_ids -= self.env.ref("sales_team.group_sale_salesman")
        self.won("2025-01-10", 10, self.alfa, seller)
        self.won("2025-01-10", 100, self.alfa, self.anna)
        self.assertEqual(self.group.with_user(seller).revenue, 10)
        self.assertEqual(self.group.with_user(self.persona("director")).revenue, 110)
        self.assertEqual(self.group.with_user(self.persona("auditor")).revenue, 110)

    def test_strangers_and_payroll_are_told_nothing_of_groups(self):
        for name in ("stranger", "payroll"):
            user = self.persona(name)
            with self.assertRaises(AccessError):
                self.alfa.with_user(user).read(["sdm_customer_group_id"])
            with self.assertRaises(AccessError):
                self.alfa.with_user(user).read(["sdm_year_revenue"])

    def test_a_group_of_another_company_is_not_there(self):
        other = self.env["res.company"].create({"name": "Other"})
        (self.alfa | self.beta).company_id = other
        self.group.company_id = other
        director = self.persona("director")
        self.assertFalse(self.env["sdm.customer.group"].with_user(director).search([("id", "=", self.group.id)]))


@tagged("post_install", "-at_install")
class TestCustomerGroupRpc(GroupCase, RpcCase):
    def test_over_the_wire_a_seller_reads_and_changes_nothing(self):
        self.persona("seller")
        self.authenticate("sdm_seller", "sdm_seller")
        rows, _error = self.call("sdm.customer.group", "read", [self.group.id], ["name"])
        self.assertEqual(rows[0]["name"], "Lutik")
        for model, method, *args in (
            ("sdm.customer.group", "write", [self.group.id], {"name": "Mine"}),
            ("sdm.customer.group", "create", {"name": "Mine"}),
            ("sdm.customer.group", "unlink", [self.group.id]),
            ("res.partner", "write", [self.gamma.id], {"sdm_customer_group_id": self.group.id}),
            ("sdm.customer.group.proposal", "action_search", []),
            ("sdm.customer.group.proposal", "search_read", []),
        ):
            self.assertEqual(self.call(model, method, *args)[1], "odoo.exceptions.AccessError", (model, method))

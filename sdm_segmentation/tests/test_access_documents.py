from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import RpcCase
from .test_ownership import TODAY, OwnershipCase

MODELS = ("crm.lead", "sale.order", "sale.order.line", "account.move", "account.move.line")
REPORTS = ("sale.report", "crm.activity.report", "account.invoice.report")


class DocumentsCase(OwnershipCase):
    """Anna under North owns Alfa, Boris under South owns Beta; each has a deal, an order and an invoice there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beta = cls.customer("Beta", cls.boris.user_id)
        for employee, group in (
            (cls.north, "manager"),
            (cls.south, "manager"),
            (cls.anna, "user"),
            (cls.boris, "user"),
        ):
            employee.user_id.group_ids += cls.env.ref(f"sdm_segmentation.group_sdm_{group}")
            employee.user_id.group_ids += cls.env.ref("base.group_allow_export")
        receivable = cls.keep_accounts()
        (cls.alfa | cls.beta).property_account_receivable_id = receivable
        cls.documents = {
            name: cls.papers(customer, seller)
            for name, customer, seller in (
                ("anna", cls.alfa, cls.anna.user_id),
                ("boris", cls.beta, cls.boris.user_id),
                ("nobody", cls.customer("Nobody's", property_account_receivable_id=receivable.id), None),
            )
        }
        cls.env.flush_all()

    @classmethod
    def papers(cls, customer, seller):
        """A document of each model, as {model: records}."""
        order = cls.order(customer, TODAY, 10, seller=seller, confirmed=False)
        order.user_id = seller
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_user_id": seller.id if seller else False,
                "invoice_line_ids": [Command.create({"name": "Pump", "price_unit": 10, "tax_ids": False})],
            }
        )
        # a deal without salesperson would get the one who enters it
        deal = cls.deal(customer, seller)
        deal.user_id = seller
        invoice.invoice_user_id = seller
        return {
            "crm.lead": deal,
            "sale.order": order,
            "sale.order.line": order.order_line,
            "account.move": invoice,
            "account.move.line": invoice.line_ids,
        }

    def own_domain(self, model):
        """All of the documents made here."""
        return [("id", "in", [i for papers in self.documents.values() for i in papers[model].ids])]


@tagged("post_install", "-at_install")
class TestAccessDocuments(DocumentsCase):
    def assertSees(self, employee, *names):
        """Exactly the documents of these people, by every way there is to read them."""
        for model in MODELS:
            with self.subTest(employee=employee.name, model=model):
                self.env.invalidate_all()
                expected = self.env[model].concat(*(self.documents[name][model] for name in names))
                records = self.env[model].with_user(employee.user_id)
                domain = self.own_domain(model)
                found = records.search(domain)
                self.assertEqual(found, expected)
                self.assertEqual(records.search_count(domain), len(expected))
                groups = records.formatted_read_group(domain, ["company_id"], ["__count"])
                self.assertEqual(sum(group["__count"] for group in groups), len(expected))
                self.assertEqual(len(found.export_data(["id", "display_name"])["datas"]), len(expected))
                for papers in self.documents.values():
                    other = papers[model].with_user(employee.user_id)
                    if papers[model] <= expected:
                        other.read(["display_name"])
                    else:
                        with self.assertRaises(AccessError):
                            other.read(["display_name"])

    def assertAnalyses(self, employee, *customers):
        """Exactly the documents of these customers, in each analysis, by every way there is to read it."""
        self.env.invalidate_all()
        everybody = [papers["sale.order"].partner_id.id for papers in self.documents.values()]
        for model in REPORTS:
            with self.subTest(employee=employee.name, model=model):
                records = self.env[model].with_user(employee.user_id)
                domain = [("partner_id", "in", everybody)]
                found = records.search(domain)
                self.assertEqual(set(found.sudo().mapped("partner_id.name")), set(customers))
                groups = records.formatted_read_group(domain, ["partner_id"], ["__count"])
                self.assertEqual({group["partner_id"][1] for group in groups}, set(customers))
                self.assertEqual(sum(group["__count"] for group in groups), len(found))
                self.assertEqual(len(found.export_data(["partner_id"])["datas"]), len(found))
                hidden = self.env[model].search(domain) - found
                self.assertTrue(hidden)
                with self.assertRaises(AccessError):
                    hidden.with_user(employee.user_id).read(["partner_id"])

    def drop_sales_groups(self, *employees):
        for employee in employees:
            employee.user_id.group_ids -= self.env.ref("sales_team.group_sale_salesman")

    def test_a_seller_sees_the_own_documents_and_odoos_unassigned_ones(self):
        self.assertSees(self.anna, "anna", "nobody")
        self.assertSees(self.boris, "boris", "nobody")

    def test_a_head_sees_the_own_groups_documents_and_odoos_unassigned_ones(self):
        self.assertSees(self.north, "anna", "nobody")
        self.assertSees(self.south, "boris", "nobody")

    def test_without_odoos_sales_groups_nobody_sees_unassigned_ones(self):
        self.drop_sales_groups(self.north, self.anna)
        self.assertSees(self.north, "anna")
        self.assertSees(self.anna, "anna")

    def test_analyses_show_what_the_documents_show(self):
        for papers in self.documents.values():
            activity = papers["crm.lead"].activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
            activity.action_feedback("Called")
        self.assertAnalyses(self.anna, "Alfa", "Nobody's")
        self.assertAnalyses(self.north, "Alfa", "Nobody's")
        self.drop_sales_groups(self.boris, self.south)
        self.assertAnalyses(self.boris, "Beta")
        self.assertAnalyses(self.south, "Beta")
        self.Ownership._hand_over(self.alfa, self.anna, self.boris, self.noon("2025-07-15").date())
        with freeze_time("2025-07-15 12:00:00"):
            self.assertAnalyses(self.boris, "Alfa", "Beta")

    def test_who_opens_all_invoices_keeps_the_whole_analysis(self):
        self.drop_sales_groups(self.anna)
        self.anna.user_id.group_ids += self.env.ref("account.group_account_readonly")
        domain = [("partner_id", "in", (self.alfa | self.beta).ids)]
        found = self.env["account.invoice.report"].with_user(self.anna.user_id).search(domain)
        self.assertEqual(found.partner_id, self.alfa | self.beta)

    def test_documents_of_another_company_stay_there(self):
        other = self.env["res.company"].create({"name": "Other Trade"})
        deal = self.deal(self.alfa)
        deal.write({"user_id": False, "company_id": other.id})
        self.assertFalse(deal.with_user(self.anna.user_id).has_access("read"), "though Alfa is hers")
        self.assertFalse(self.env["crm.lead"].with_user(self.north.user_id).search([("id", "=", deal.id)]))

    def test_names_are_found_no_further_than_documents(self):
        for model in ("crm.lead", "sale.order", "account.move"):
            names = self.env[model].with_user(self.anna.user_id).name_search("", self.own_domain(model), limit=None)
            expected = self.documents["anna"][model] | self.documents["nobody"][model]
            self.assertEqual({found for found, _name in names}, set(expected.ids), model)

    def test_access_follows_a_transfer_by_date(self):
        self.env["sdm.position"]._transfer(self.anna, self.noon("2025-07-15").date(), {"head_id": self.south.id})
        self.drop_sales_groups(self.north, self.south)
        self.assertSees(self.north, "anna")
        self.assertSees(self.south, "boris")
        with freeze_time("2025-07-15 12:00:00"):
            self.assertSees(self.north)
            self.assertSees(self.south, "anna", "boris")

    def test_access_follows_the_customer_by_date(self):
        self.drop_sales_groups(self.anna, self.boris, self.north, self.south)
        self.Ownership._hand_over(self.alfa, self.anna, self.boris, self.noon("2025-07-15").date())
        self.assertSees(self.boris, "boris")
        with freeze_time("2025-07-15 12:00:00"):
            # documents stay with whom they belong, who owns the customer reads them
            self.assertSees(self.boris, "anna", "boris")
            self.assertSees(self.anna, "anna")
            self.assertSees(self.south, "anna", "boris")

    def test_who_stands_in_reads_the_documents_on_those_days(self):
        self.drop_sales_groups(self.boris)
        self.env["resource.calendar.leaves"].create(
            {
                "sdm_employee_id": self.anna.id,
                "date_from": "2025-07-01 06:00:00",
                "date_to": "2025-07-14 15:00:00",
                "sdm_substitute_id": self.boris.id,
            }
        )
        self.assertSees(self.boris, "boris")
        with freeze_time("2025-07-10 12:00:00"):
            self.assertSees(self.boris, "anna", "boris")
        with freeze_time("2025-07-16 12:00:00"):
            self.assertSees(self.boris, "boris")

    def test_a_seller_writes_deals_of_own_customers_and_no_other_document(self):
        deal = self.deal(self.beta, self.boris.user_id)
        self.own(self.beta, self.anna, "2025-02-01", kind="co")
        deal.with_user(self.anna.user_id).expected_revenue = 5
        self.assertEqual(deal.expected_revenue, 5)
        with self.assertRaises(AccessError):
            self.documents["boris"]["sale.order"].with_user(self.anna.user_id).note = "Mine"
        with self.assertRaises(AccessError):
            self.documents["boris"]["account.move"].with_user(self.anna.user_id).ref = "Mine"
        with self.assertRaises(AccessError):
            self.documents["anna"]["crm.lead"].with_user(self.boris.user_id).expected_revenue = 5

    def test_a_head_reads_deals_of_the_group_and_writes_none(self):
        deal = self.documents["anna"]["crm.lead"].with_user(self.north.user_id)
        self.assertEqual(deal.name, "Deal")
        with self.assertRaises(AccessError):
            deal.expected_revenue = 5

    def test_contacts_of_a_customer_count_for_it(self):
        contact = self.env["res.partner"].create({"name": "Olga", "parent_id": self.beta.id})
        deal = self.deal(contact, self.north.user_id)
        self.drop_sales_groups(self.boris, self.anna)
        self.assertTrue(deal.with_user(self.boris.user_id).has_access("write"))
        self.assertFalse(deal.with_user(self.anna.user_id).has_access("read"))

    def test_purchases_and_entries_are_nobodys_business(self):
        bill = self.documents["anna"]["account.move"].copy({"move_type": "out_receipt"})
        bill.invoice_user_id = self.anna.user_id
        self.assertFalse(bill.with_user(self.north.user_id).has_access("read"))


@tagged("post_install", "-at_install")
class TestAccessDocumentsByRpc(RpcCase, DocumentsCase):
    def test_over_the_wire_a_head_and_a_seller_see_the_same_as_on_the_screen(self):
        for employee, others in ((self.north, "boris"), (self.anna, "boris"), (self.south, "anna")):
            login = employee.user_id.login
            self.authenticate(login, login)
            for model in MODELS:
                with self.subTest(login=login, model=model):
                    expected = {
                        i for name, papers in self.documents.items() if name != others for i in papers[model].ids
                    }
                    rows, error = self.call(model, "search_read", self.own_domain(model), ["id"])
                    self.assertEqual(({row["id"] for row in rows or []}, error), (expected, None))
                    rows, error = self.call(model, "web_search_read", self.own_domain(model), {"id": {}})
                    self.assertEqual(({row["id"] for row in rows["records"]}, error), (expected, None))
                    hidden = self.documents[others][model].ids
                    for method, args in (
                        ("read", [["display_name"]]),
                        ("web_read", [{"display_name": {}}]),
                        ("export_data", [["display_name"]]),
                    ):
                        self.assertEqual(self.call(model, method, hidden, *args)[1], "odoo.exceptions.AccessError")

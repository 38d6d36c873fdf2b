from contextlib import contextmanager
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import GROUPS, SdmCase


@tagged("post_install", "-at_install")
class TestQueries(SdmCase):
    def count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    @contextmanager
    def without_our_code(self):
        """Every method of Odoo as it is without our addons, wherever they extend it."""
        taken = []
        for model in self.registry.values():
            line = model.mro()
            ours = [part for part in line if part.__module__.startswith("odoo.addons.sdm_")]
            for part in ours:
                others = [other for other in line if other not in ours]
                for name, method in list(vars(part).items()):
                    if callable(method) and any(name in vars(other) for other in others):
                        taken.append((model._name, part, name, method))
                        delattr(part, name)
        try:
            yield {f"{model}.{name}" for model, _part, name, _method in taken}
        finally:
            for _model, part, name, method in taken:
                setattr(part, name, method)

    def test_a_diagnosis_takes_as_many_queries_over_few_deals_as_over_many(self):
        sellers = [self.seller(name) for name in ("Anna", "Boris", "Vera")]

        def deals(count):
            for number in range(count):
                customer = self.customer(f"Customer {count} {number}", sellers[number % 3])
                self.won("2025-01-10", 10, customer, sellers[number % 3])
                self.deal(customer, sellers[number % 3])

        deals(6)
        self.diagnose()
        few = self.count_queries(self.diagnose)
        deals(60)
        many = self.count_queries(self.diagnose)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 60)

    def test_the_roadmap_is_read_in_a_constant_number_of_queries(self):
        self.diagnose()
        steps = self.env["sdm.roadmap.step"].create([{"name": f"Step {number}"} for number in range(12)])
        names = ["name", "position", "state", "waits_for_ids", "level", "user_id", "date_due", "is_late"]
        few = self.count_queries(lambda: steps[:6].read(names))
        many = self.count_queries(lambda: steps.read(names))
        self.assertEqual(many, few)
        self.assertLessEqual(many, 15)

    def test_odoo_s_own_work_costs_no_query(self):
        """The same work once as it is, once without the methods that we extend: by a seller of Sales Drive, dated in
        the structure, for a customer that is dated too."""
        head = self.env["hr.employee"].create({"name": "Head", "company_id": self.company.id})
        seller = new_test_user(self.env, "sdm_queries", GROUPS["seller"], company_id=self.company.id)
        card = {"name": "Anna", "user_id": seller.id, "parent_id": head.id, "company_id": self.company.id}
        self.env["hr.employee"].create(card)
        customer = self.customer("Petrov and Sons", seller)
        self.assertTrue(customer.sdm_ownership_ids)
        product = self.env["product.product"].create({"name": "Pump", "taxes_id": False, "invoice_policy": "order"})
        line = {"product_id": product.id, "product_uom_qty": 2, "price_unit": 10}
        customer.property_account_receivable_id = self.keep_accounts()
        work = self.env(user=seller)
        made = {}

        def deal():
            made["deal"] = work["crm.lead"].create({"name": "Pumps", "type": "opportunity", "partner_id": customer.id})

        def company():
            made["company"] = work["res.partner"].sudo().create({"name": "Sidorov", "is_company": True})

        def order():
            values = {"partner_id": customer.id, "order_line": [Command.create(line)]}
            made["order"] = work["sale.order"].create(values)

        def confirm():
            made["order"].action_confirm()

        def bill():
            made["invoice"] = made["order"].sudo()._create_invoices()

        def post():
            made["invoice"].action_post()

        steps = (deal, company, order, confirm, bill, post)

        def count():
            return {step.__name__: self.count_queries(step) for step in steps}

        count()  # what Odoo looks up once
        ours = count()
        with self.without_our_code() as taken:
            odoos = count()
        self.assertIn("res.partner.create", taken)
        self.assertFalse({step: (ours[step], odoos[step]) for step in ours if ours[step] > odoos[step]})

    def test_confirming_orders_reads_the_segments_once_and_only_where_a_scheme_gives_them(self):
        customers = self.env["res.partner"].concat(*(self.customer(f"Customer {number}") for number in range(5)))

        def count():
            orders = self.env["sale.order"].concat(
                *(self.order(customer, "2025-06-30", 10, confirmed=False) for customer in customers)
            )
            return self.count_queries(orders.action_confirm), orders

        def no_segment(orders):
            for order in orders:
                order.sdm_segment_id = False

        self.env["sdm.scheme"].search([("is_primary", "=", True)]).is_primary = False
        count()
        with patch.object(self.registry["sale.order"], "_compute_sdm_segment_id", no_segment):
            floor, _orders = count()
        without, orders = count()
        self.assertEqual((without, orders.sdm_segment_id.ids), (floor, []))
        scheme = self.env["sdm.scheme"].create({"name": "ABC", "is_primary": True})
        segment = self.env["sdm.segment"].create({"name": "A", "scheme_id": scheme.id})
        customers.sudo().sdm_segment_id = segment
        count()
        stamped, orders = count()
        self.assertEqual(orders.mapped("sdm_segment_id"), segment)
        self.assertTrue(all(order.sdm_segment_id for order in orders))
        self.assertLessEqual(stamped - floor, 1)

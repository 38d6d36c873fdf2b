"""The segment wherever customers are counted: reports, moves between two days, access."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import Form, freeze_time, tagged

from .common import AS_OF, RpcCase
from .segmentation import SegmentationCase

LATER = fields.Date.to_date("2025-07-01")


@tagged("post_install", "-at_install")
class TestSegmentDimension(SegmentationCase):
    def move(self):
        """Two was B and rises to A, Three comes in, Four leaves."""
        one, two, four = self.sold(One=80, Two=15, Four=5)
        scheme = self.in_force("abc", is_primary=True)
        self.invoice(two, 1000)
        three = self.sold(Three=30)
        four.active = False
        with freeze_time(LATER):
            self.run_again(scheme)
        return scheme, one, two, three, four

    def migration(self, scheme):
        with freeze_time(LATER):
            return self.env["sdm.segment.migration"].create(
                {"scheme_id": scheme.id, "date_from": AS_OF, "date_to": LATER}
            )

    def test_moves_between_two_days(self):
        scheme, *_customers = self.move()
        matrix = self.migration(scheme).matrix
        # 1015 of 1125 is 90.2 %: Two is A; One with 90.2 % before is B; Three with 97.3 % before is C
        self.assertEqual(matrix["columns"], ["A", "B", "C", "No class"])
        self.assertEqual(
            [[cell["count"] for cell in row["cells"]] for row in matrix["rows"]],
            [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]],
        )
        self.assertEqual(
            [(total["kind"], total["count"]) for total in matrix["totals"]],
            [("up", 1), ("down", 1), ("entered", 1), ("left", 1)],
        )
        # money of the second day, of who left that of the first
        self.assertEqual(
            [total["money"].replace("\N{NO-BREAK SPACE}", " ") for total in matrix["totals"]],
            ["$ 1,015", "$ 80", "$ 30", "$ 5"],
        )
        self.assertEqual(
            [[cell["money"].replace("\N{NO-BREAK SPACE}", " ") for cell in row["cells"]] for row in matrix["rows"]],
            [["", "$ 80", "", ""], ["$ 1,015", "", "", ""], ["", "", "", "$ 5"], ["", "", "$ 30", ""]],
        )

    def test_moves_between_any_two_days(self):
        scheme, one, two, *_others = self.move()
        self.invoice(one, 100000)
        august = fields.Date.to_date("2025-08-01")
        with freeze_time(august):
            self.run_again(scheme)
        days = {"before": AS_OF - timedelta(days=1), "june": AS_OF, "july": LATER, "august": august}
        expected = {
            # nobody had a class before June: three come in, One and Two and Four
            ("before", "june"): {"entered": 3},
            ("july", "august"): {"up": 1, "down": 1, "stayed": 1},
            # One is A again and Two is B or lower again; Three came, Four left
            ("june", "august"): {"stayed": 1, "down": 1, "entered": 1, "left": 1},
        }
        for (first, second), kinds in expected.items():
            with self.subTest(first=first, second=second), freeze_time(august):
                migration = self.env["sdm.segment.migration"].create(
                    {"scheme_id": scheme.id, "date_from": days[first], "date_to": days[second]}
                )
                self.assertEqual({total["kind"]: total["count"] for total in migration.matrix["totals"]}, kinds)

    def test_a_cell_opens_its_customers(self):
        scheme, one, two, three, four = self.move()
        migration = self.migration(scheme)
        segment = {segment.name: segment.id for segment in scheme.segment_ids}
        for before, after, customer in (
            (segment["B"], segment["A"], two),
            (segment["A"], segment["B"], one),
            (None, segment["C"], three),
            (segment["C"], None, four),
        ):
            action = migration.action_open_cell(before, after)
            found = self.env["sdm.segment.membership"].search(Domain(action["domain"])).partner_id
            self.assertEqual(found, customer)

    def test_sales_and_invoices_by_segment(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc", is_primary=True)
        segment = {segment.name: segment for segment in scheme.segment_ids}
        order = self.order(two, "2025-06-01", 10)
        self.invoice(two, 10000)
        self.run_again(scheme)
        self.env.flush_all()
        sales = self.env["sale.report"]._read_group(
            [("order_reference", "=", f"sale.order,{order.id}")],
            ["sdm_segment_id", "sdm_customer_segment_id"],
            ["price_subtotal:sum"],
        )
        self.assertEqual(sales, [(segment["B"], segment["A"], 10)])
        invoices = self.env["account.invoice.report"]._read_group(
            [("commercial_partner_id", "in", (one | two).ids)], ["sdm_segment_id"], ["price_subtotal:sum"]
        )
        # Two has 10010 of 10100 and is A, One has 90 behind 99.1 % and is C
        self.assertEqual(dict(invoices), {segment["A"]: 10010, segment["C"]: 90})

    def test_activities_by_segment(self):
        one = self.sold(One=90)
        scheme = self.in_force("abc", is_primary=True)
        deal = self.deal(one)
        self.assertEqual(deal.sdm_segment_id, scheme.segment_ids[0])
        self.assertEqual(self.env["crm.lead"].search([("sdm_segment_id", "=", scheme.segment_ids[0].id)]), deal)

    def test_who_sees_which_memberships(self):
        seller = self.seller("Anna")
        other = self.seller("Boris")
        seller.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        mine = self.customer("Mine", seller)
        theirs = self.customer("Theirs", other)
        for customer in (mine, theirs):
            self.invoice(customer, 10)
        scheme = self.in_force("abc")
        domain = [("scheme_id", "=", scheme.id)]
        seen = self.env["sdm.segment.membership"].with_user(seller).search(domain).partner_id
        self.assertEqual(seen.ids, mine.ids)
        auditor = self.persona("auditor")
        self.assertEqual(self.env["sdm.segment.membership"].with_user(auditor).search(domain).partner_id, mine | theirs)
        with self.assertRaises(AccessError):
            self.env["sdm.segment.membership"].with_user(self.persona("director")).create(
                {"partner_id": mine.id, "scheme_id": scheme.id, "date_from": AS_OF}
            )

    def test_a_seller_reads_why_a_customer_is_in_its_class(self):
        seller = self.seller("Anna")
        seller.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        mine = self.customer("Mine", seller)
        self.invoice(mine, 10)
        for template in ("abc", "xyz", "rfm", "life_cycle", "wallet", "rules"):
            scheme = self.scheme(template, name=template)
            scheme.draft_version_id.value_limit = 1
            self.put_in_force(scheme.draft_version_id)
            self.env.invalidate_all()
            reason = self.membership(scheme, mine).with_user(seller)
            with self.subTest(template=template):
                self.assertIn(reason.computed_segment_id.name, reason.explanation)
                self.assertIn(f"{template}, version 1", reason.explanation_table)

    def test_a_seller_opens_a_scheme_and_its_version_and_computes_nothing(self):
        seller = self.seller("Anna")
        seller.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        mine = self.customer("Mine", seller)
        self.invoice(mine, 10)
        scheme = self.in_force("abc")
        self.env["sdm.segmentation.run"]._start(scheme.version_id, "preview")._run()
        for record in (scheme, scheme.version_id):
            with Form(record.with_user(seller)) as form:
                self.assertEqual(form.method, "abc")
        for user in (seller, self.persona("auditor")):
            with self.assertRaises(AccessError):
                self.membership(scheme, mine).with_user(user).action_classify()

    def test_margin_is_for_its_group(self):
        customer = self.customer("One")
        order = self.order(customer, "2025-06-01", 100)
        order.order_line.purchase_price = 60
        scheme = self.in_force("abc", measure="margin")
        membership = self.membership(scheme, customer)
        self.assertEqual(membership.amount, 40)
        director = self.persona("director")
        domain = [("scheme_id", "=", scheme.id)]
        self.assertFalse(self.env["sdm.segment.membership"].with_user(director).search(domain))
        self.assertFalse(self.env["sdm.segmentation.run"].with_user(director).search(domain))
        director.group_ids |= self.env.ref("sdm_segmentation.group_sdm_margin")
        self.assertEqual(self.env["sdm.segment.membership"].with_user(director).search(domain), membership)

    def test_a_perimeter_of_two_companies_in_its_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "name": "2025-01-01", "rate": 0.5, "company_id": self.company.id},
            ]
        )
        one = self.sold(One=100)
        self.perimeter.currency_id = euro
        scheme = self.in_force("abc")
        # 100 dollars at 0.5 euro a dollar
        self.assertEqual(self.membership(scheme, one).amount, 50)
        other = self.env["res.company"].create({"name": "Sister"})
        self.perimeter.company_ids |= other
        self.invoice(other.partner_id, 500)
        self.run_again(scheme)
        self.assertEqual(self.classes(scheme), {one: "A"})

    def test_a_customer_group_is_judged_as_one(self):
        one, two, three = self.sold(One=45, Two=40, Three=50)
        group = self.env["sdm.customer.group"].create({"name": "Holding"})
        (one | two).sdm_customer_group_id = group
        scheme = self.scheme("abc")
        scheme.level = "group"
        self.put_in_force(scheme.draft_version_id)
        # Holding has 85 of 135; Three has 63 % before it
        self.assertEqual(self.classes(scheme), {one: "A", two: "A", three: "A"})
        self.assertEqual(self.membership(scheme, one).amount, 85)
        self.assertEqual(self.membership(scheme, three).details["rank"], 2)


@tagged("post_install", "-at_install")
class TestSegmentationRpc(RpcCase, SegmentationCase):
    def test_a_seller_changes_nothing_over_the_wire(self):
        customer = self.sold(One=10)
        scheme = self.in_force("abc", is_primary=True)
        seller = self.persona("seller")
        seller.password = "sdm_seller_password"
        self.authenticate(seller.login, "sdm_seller_password")
        segment, version = scheme.segment_ids[0], scheme.version_id
        for model, method, *arguments in (
            ("sdm.scheme", "write", [scheme.id], {"name": "Mine"}),
            ("sdm.scheme", "action_new_version", [scheme.id]),
            ("sdm.scheme.version", "write", [version.id], {"window_months": 1}),
            ("sdm.scheme.version", "action_preview", [version.id]),
            ("sdm.scheme.version", "action_put_in_force", [version.id]),
            ("sdm.segment", "write", [segment.id], {"name": "Mine"}),
            ("sdm.segmentation.run", "action_cancel", version.run_ids.ids),
            ("sdm.segmentation.change", "search_read", []),
            ("sdm.scheme.put.in.force", "create", [{"version_id": version.id, "reason": "x"}]),
            ("sdm.scheme.new", "create", [{"name": "x"}]),
            ("sdm.segment.override", "create", [{"partner_id": customer.id, "segment_id": segment.id, "reason": "x"}]),
            ("res.partner", "write", [customer.id], {"sdm_segment_id": False}),
            ("sdm.segment.membership", "unlink", self.membership(scheme, customer).ids),
        ):
            _result, error = self.call(model, method, *arguments)
            self.assertEqual(error, "odoo.exceptions.AccessError", (model, method))

    def test_segments_are_not_forged_by_values_or_defaults(self):
        customer = self.sold(One=10)
        scheme = self.in_force("abc", is_primary=True)
        segment = scheme.segment_ids[0]
        head = self.persona("head")
        self.env["hr.employee"].create({"name": "North", "user_id": head.id, "company_id": self.company.id})
        customer.user_id = head
        head.group_ids += self.env.ref("base.group_partner_manager")
        order = self.order(customer, "2025-06-29", 5, seller=head, confirmed=False)
        self.authenticate(head.login, head.login)
        denied = "odoo.exceptions.AccessError"
        override = {"partner_id": customer.id, "segment_id": segment.id, "reason": "x", "date_to": "2025-12-31"}
        stamp = {"sdm_segment_id": segment.id}
        for model, method, arguments, error in (
            ("sale.order", "write", [order.ids, stamp], denied),
            ("sale.order", "create", [{"partner_id": customer.id, **stamp}], denied),
            ("crm.lead", "create", [{"name": "Lead", "sdm_own_segment_id": segment.id}], denied),
            ("res.partner", "create", [{"name": "New", **stamp}], denied),
            ("sdm.segment.override", "create", [{**override, "user_id": self.env.uid}], denied),
            ("sdm.segment.override", "create", [{**override, "date_from": "2025-01-01"}], denied),
        ):
            with self.subTest(model=model, method=method, arguments=arguments):
                self.assertEqual(self.call(model, method, *arguments)[1], error)
        defaults = {f"default_{name}": segment.id for name in ("sdm_segment_id", "sdm_own_segment_id")}
        for model, values, field in (
            ("res.partner", {"name": "New"}, "sdm_segment_id"),
            ("crm.lead", {"name": "Lead", "type": "lead"}, "sdm_own_segment_id"),
            ("sale.order", {"partner_id": customer.id}, "sdm_segment_id"),
        ):
            created, error = self.call(model, "create", values, context=defaults)
            self.assertFalse(error, model)
            self.assertFalse(self.env[model].browse(created)[field], model)
        made, _error = self.call(
            "sdm.segment.override",
            "create",
            override,
            context={"default_user_id": 1, "default_date_from": "2020-01-01"},
        )
        found = self.env["sdm.segment.override"].browse(made)
        self.assertEqual((found.user_id, found.date_from), (head, AS_OF))

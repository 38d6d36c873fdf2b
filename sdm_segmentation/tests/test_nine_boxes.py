"""ABC and XYZ crossed: nine boxes with customers, money and a policy each."""

from odoo.tests import tagged

from .segmentation import SegmentationCase


@tagged("post_install", "-at_install")
class TestNineBoxes(SegmentationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.even, cls.once, cls.small = (cls.customer(name) for name in ("Even", "Once", "Small"))
        # of the twelve full months July 2024 to June 2025: the same each month; one month only
        for month in range(12):
            year, number = divmod(6 + month, 12)
            cls.invoice(cls.even, 50, f"{2024 + year}-{number + 1:02}-15")
        cls.invoice(cls.once, 340, "2025-03-15")
        cls.invoice(cls.small, 60, "2025-03-15")
        cls.abc, cls.xyz = cls.in_force("abc", name="ABC"), cls.in_force("xyz", name="XYZ")

    def matrix(self, row=None, column=None):
        """A matrix in force; its boxes are filled from both schemes."""
        scheme = self.scheme("matrix", name="Boxes")
        version = scheme.draft_version_id
        version.write({"row_scheme_id": (row or self.abc).id, "column_scheme_id": (column or self.xyz).id})
        version.action_fill_boxes()
        self.put_in_force(version)
        return scheme

    def boxes(self, scheme):
        scheme.invalidate_recordset(["box_grid"])
        return {box["name"]: box for row in scheme.box_grid["rows"] for box in row["boxes"] if box}

    def test_each_box_has_its_customers_and_money(self):
        scheme = self.matrix()
        grid = scheme.box_grid
        self.assertEqual(grid["columns"], ["X", "Y", "Z"])
        self.assertEqual([row["name"] for row in grid["rows"]], ["A", "B", "C"])
        # 600, 340 and 60 of 1000: nothing, 60 and 94 % are before them
        boxes = self.boxes(scheme)
        self.assertEqual(
            {name: (box["customers"], box["amount"].replace("\N{NO-BREAK SPACE}", " ")) for name, box in boxes.items()},
            {
                "AX": (1, "$ 600"),
                "AY": (0, "$ 0"),
                "AZ": (1, "$ 340"),
                "BX": (0, "$ 0"),
                "BY": (0, "$ 0"),
                "BZ": (1, "$ 60"),
                "CX": (0, "$ 0"),
                "CY": (0, "$ 0"),
                "CZ": (0, "$ 0"),
            },
        )
        self.assertAlmostEqual(boxes["AX"]["share"], 0.6)

    def test_usual_policies_are_offered_and_taken_on_demand(self):
        scheme = self.matrix()
        boxes = self.boxes(scheme)
        self.assertFalse(boxes["AX"]["policy"])
        self.assertIn("Yearly contract", boxes["AX"]["usual"])
        self.assertIn("Leave those who cost more", boxes["CZ"]["usual"])
        own = scheme.segment_ids.filtered(lambda segment: segment.name == "CZ")
        own.policy = "Ours"
        scheme.action_take_policies()
        boxes = self.boxes(scheme)
        self.assertEqual((boxes["CZ"]["policy"], boxes["CZ"]["usual"]), ("Ours", ""))
        self.assertIn("Yearly contract", boxes["AX"]["policy"])

    def test_policies_are_taken_in_every_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        scheme = self.matrix()
        scheme.action_take_policies()
        segment = scheme.segment_ids.filtered(lambda segment: segment.name == "AX")
        russian = scheme.with_context(lang="ru_RU")._get_policy_texts()[0][0]
        self.assertEqual(segment.with_context(lang="ru_RU").policy, russian)
        self.assertIn("Yearly contract", segment.policy)

    def test_money_in_the_columns_turns_the_policies(self):
        boxes = self.boxes(self.matrix(self.xyz, self.abc))
        self.assertIn("Know their projects", boxes["ZA"]["usual"])
        self.assertIn("Serve cheaply", boxes["XC"]["usual"])

    def test_other_pairs_have_no_usual_policies(self):
        cycle = self.in_force("life_cycle", name="Cycle")
        boxes = self.boxes(self.matrix(self.abc, cycle))
        self.assertEqual(len(boxes), 12)
        self.assertFalse(any(box["usual"] for box in boxes.values()))

    def test_a_scheme_of_one_kind_has_no_boxes(self):
        self.assertFalse(self.abc.box_grid)

    def test_a_seller_sees_the_own_customers_in_the_boxes(self):
        seller = self.persona("seller")
        self.env["hr.employee"].create({"name": "Anna", "user_id": seller.id, "company_id": self.company.id})
        self.once.user_id = seller
        scheme = self.matrix().with_user(seller)
        boxes = self.boxes(scheme)
        self.assertEqual((boxes["AZ"]["customers"], boxes["AX"]["customers"]), (1, 0))
        self.assertFalse(scheme.box_grid["can_write"])

    def test_boxes_are_printed(self):
        scheme = self.matrix()
        scheme.action_take_policies()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "sdm_segmentation.sdm_nine_boxes_report_document", (scheme | self.abc).ids
        )
        self.assertIn("Yearly contract", html.decode())
        self.assertIn("it has no boxes", html.decode())

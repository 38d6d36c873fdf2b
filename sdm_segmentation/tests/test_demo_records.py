from odoo import fields
from odoo.modules import get_manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file


@tagged("post_install", "-at_install")
class TestDemoRecords(TransactionCase):
    """The tiny department that an installation with demo data brings along."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for path in get_manifest("sdm_segmentation")["demo"]:
            convert_file(cls.env, "sdm_segmentation", path, {}, "init", True)
        cls.today = fields.Date.context_today(cls.env.user)

    def ref(self, name):
        return self.env.ref(f"sdm_segmentation.{name}_demo")

    def test_people_have_heads_by_date(self):
        seller, head, director = (self.ref(f"hr_employee_{name}") for name in ("seller", "head", "director"))
        positions = seller.sdm_position_ids.sorted("date_from")
        self.assertEqual(positions.mapped("head_id"), director | head)
        self.assertEqual(seller.parent_id, head)
        subtree = self.env["sdm.position"]._get_subtree(director, self.today)
        self.assertEqual(subtree & (seller | head), seller | head)

    def test_customers_have_a_lead_a_co_seller_and_a_former_lead(self):
        self.assertEqual(
            self.ref("res_partner_neva").sdm_ownership_ids.mapped(lambda owner: (owner.kind, owner.share)),
            [("co", 0.3), ("lead", 0.7)],
        )
        baltic = self.ref("res_partner_baltic").sdm_ownership_ids.sorted("date_from")
        self.assertEqual(baltic.mapped("employee_id.name"), ["Anton Lebedev", "Elena Sokolova"])
        self.assertEqual(baltic.mapped("is_current"), [False, True])

    def test_a_hand_over_is_planned_and_somebody_stands_in(self):
        hand_over = self.ref("sdm_hand_over")
        self.assertEqual((hand_over.state, hand_over.deal_count), ("proposed", 1))
        self.assertGreater(hand_over.date, self.today)
        seller = self.ref("res_users_seller")
        mine = self.env["res.partner"].with_user(seller).search([("is_sdm_mine", "=", True)])
        self.assertIn(self.ref("res_partner_siberia"), mine, "a customer of the absent colleague")

    def test_where_the_department_stands_is_measured(self):
        self.assertTrue(self.ref("sdm_diagnosis").figure_ids)

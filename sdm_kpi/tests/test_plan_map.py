"""The plan on the roadmap and on the decision map."""

from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.sdm_segmentation.tests.common import AS_OF
from odoo.addons.sdm_segmentation.tests.test_decision_map import MapCase


@tagged("post_install", "-at_install", "sdm")
class TestPlanMap(MapCase):
    """The plan of the running year; months have 100 of revenue for segment A."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(AS_OF))
        super().setUpClass()
        cls.env["sdm.plan"].search([("active", "=", True)]).active = False
        perimeter = cls.env["sdm.perimeter"]._get_default()
        cls.plan = cls.env["sdm.plan"].create({"name": "P", "perimeter_id": perimeter.id, "date_from": "2025-01-01"})
        cls.version = cls.env["sdm.plan.version"].create({"plan_id": cls.plan.id})
        cls.target(cls.segment["A"])

    @classmethod
    def target(cls, segment, value=100):
        cls.env["sdm.plan.target"].create(
            [
                {
                    "version_id": cls.version.id,
                    "kpi_id": cls.env["sdm.kpi"].search([("code", "=", "revenue")]).id,
                    "date": f"2025-{month:02}-01",
                    "segment_id": segment.id if segment else False,
                    "value": value,
                }
                for month in range(1, 13)
            ]
        )

    def test_the_roadmap_counts_plans_in_force(self):
        step = self.steps["plan"]
        status = self.env["sdm.plan"]._roadmap_status(step)
        self.assertEqual((status.done, status.total), (0, 1))
        self.assertIn("Missing: P", status.reason)
        self.version._put_in_force(AS_OF, "Agreed")
        status = self.env["sdm.plan"]._roadmap_status(step)
        self.assertEqual((status.done, status.total), (1, 1))

    def test_each_segment_shows_what_is_planned_for_it(self):
        rows, columns, _counts = self.map()
        self.assertFalse(columns["plan"]["wide"])
        self.assertEqual((rows["A"]["plan"]["state"], rows["A"]["plan"]["label"]), ("missing", "Draft"))
        self.assertEqual(rows["A"]["plan"]["action"]["res_id"], self.version.id)
        self.assertEqual((rows["B"]["plan"]["state"], rows["B"]["plan"]["text"]), ("missing", ""))
        self.version._put_in_force(AS_OF, "Agreed", fields.Date.to_date("2025-09-30"))
        cell = self.map()[0]["A"]["plan"]
        self.assertEqual(cell["state"], "decided")
        self.assertIn("1,200.00", cell["text"])
        with freeze_time("2025-09-30"):
            self.assertEqual(self.map()[0]["A"]["plan"]["state"], "out_of_date")

    def test_less_than_the_strategy_wants_contradicts_it(self):
        self.segment["A"].strategy_id.sudo().target_revenue = 1500
        self.version._put_in_force(AS_OF, "Agreed")
        cell = self.map()[0]["A"]["plan"]
        self.assertEqual(cell["state"], "contradicts")
        self.assertIn("The strategy wants", cell["why"][0])
        self.segment["A"].strategy_id.sudo().target_revenue = 1200
        self.assertEqual(self.map()[0]["A"]["plan"]["state"], "decided")

    def test_a_plan_without_segments_is_one_for_all(self):
        self.version.target_ids.unlink()
        self.target(None)
        self.assertTrue(self.map()[1]["plan"]["wide"])

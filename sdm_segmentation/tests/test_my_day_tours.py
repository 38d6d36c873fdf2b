"""Playbook, my day, contact and stage in the browser, in both languages: a phone in the field, a desk in the office."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .playbook import PlaybookCase


@tagged("post_install", "-at_install")
class TestMyDayTours(HttpCase, PlaybookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.chief = cls.sdm_seller("chief")
        cls.chief.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_manager")
        cls.anna.employee_id.parent_id = cls.chief.employee_id
        (cls.alfa | cls.beta).write({"phone": "+7 1"})
        cls.alfa.name, cls.beta.name = "Tour Alfa", "Tour Beta"
        cls.env["crm.stage"].search([("id", "not in", (cls.stage_open | cls.stage_won).ids)]).fold = True
        cls.offer = cls.env["crm.stage"].create({"name": "Tour offer", "sequence": 2})
        cls.tour_deal = cls.deal(cls.alfa, cls.anna, name="Pumps")
        for name, severity, field in (
            ("The budget is known", "block", "expected_revenue"),
            ("The plan is there", "warn", "date_deadline"),
        ):
            cls.env["sdm.stage.criterion"].create(
                {
                    "name": name,
                    "severity": severity,
                    "stage_id": cls.stage_open.id,
                    "kind": "field",
                    "field_id": cls.env["ir.model.fields"]._get("crm.lead", field).id,
                }
            )

    def run_tour(self, url, tour, user, size="1366x900"):
        self.browser_size = size
        self.touch_enabled = size != "1366x900"
        self.start_tour(url, tour, login=user.login)

    def work(self):
        self.run_tour("/odoo", "sdm_playbook_tour", self.director)
        playbook = self.env["sdm.playbook"].search([("name", "=", "Tour playbook")])
        self.assertEqual((playbook.state, playbook.segment_ids), ("in_force", self.segments["A"]))
        # as if it held since January
        playbook.sudo().date_begun = "2025-01-01"
        playbook.sudo().script_ids = [Command.create({"name": "Call", "body": "<p>What did they buy last?</p>"})]

        self.run_tour("/odoo/sdm-my-day", "sdm_my_day_tour", self.anna, "390x844")
        logged = self.env["sdm.contact"].search([("user_id", "=", self.anna.id)])
        self.assertEqual(
            sorted((one.partner_id.name, one.result, one.note or "") for one in logged),
            [("Tour Alfa", "connected", ""), ("Tour Beta", "no_response", "Try the plant")],
        )
        self.assertEqual([bool(one.next_activity_id) for one in logged], [True, True])
        done = self.env["mail.activity"].with_context(active_test=False).search([("res_id", "=", self.alfa.id)])
        self.assertEqual(len(done.filtered(lambda one: not one.active and one.res_model == "res.partner")), 1)
        attempts = self.beta.message_ids.filtered(lambda message: "Try the plant" in (message.body or ""))
        self.assertEqual(len(attempts), 1)

        deal = f"/odoo/crm.lead/{self.tour_deal.id}"
        self.run_tour(deal, "sdm_stage_tour", self.anna)
        self.assertEqual(self.tour_deal.stage_id, self.stage_open)
        self.run_tour(deal, "sdm_stage_exemption_tour", self.chief)
        exemption = self.env["sdm.stage.exemption"].search([("lead_id", "=", self.tour_deal.id)])
        self.assertEqual(
            (exemption.user_id, exemption.reason, exemption.previous_stage_id, exemption.stage_id),
            (self.chief, "The papers follow on Monday", self.stage_open, self.offer),
        )
        self.assertEqual(exemption.missing.splitlines(), ["The budget is known", "The plan is there"])
        self.assertEqual(self.tour_deal.stage_id, self.offer)

    def test_playbook_to_stage_in_english(self):
        self.work()

    def test_playbook_to_stage_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        (self.director | self.anna | self.chief).lang = "ru_RU"
        self.work()

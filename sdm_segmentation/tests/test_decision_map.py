"""The decision map: what is decided for each segment, and what does not fit together."""

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, tagged

from .common import AS_OF, RpcCase
from .test_strategy import StrategyCase

# Whatever the number of segments and steps
QUERIES = 30


class MapCase(StrategyCase):
    """Segment A is decided in order. B, which is to be served cheaply, gets a meeting a month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.follow(cls.strategy("A"))
        cls.follow(cls.strategy("B", goal="serve", offer="Orders online"))
        cls.meeting = cls.env.ref("sdm_segmentation.sdm_contact_channel_meeting")
        cls.steps = {step.code: step for step in cls.env["sdm.roadmap.step"].search([("code", "!=", False)])}
        cls.playbook("A")
        cls.playbook("B")

    @classmethod
    def playbook(cls, segment):
        playbook = cls.env["sdm.playbook"].create(
            {
                "name": f"Work with {segment}",
                "segment_ids": [Command.set(cls.segment[segment].ids)],
                "norm_ids": [Command.create({"channel_id": cls.meeting.id, "ideal": 20, "maximum": 30})],
            }
        )
        playbook._put_in_force(AS_OF, "So it is worked")
        return playbook

    def map(self, user=None):
        """The map by names: rows {segment: {step: cell}}, columns {step: column}, counts {state: number}."""
        found = self.env["sdm.roadmap.step"].with_user(user or self.director).get_decision_map()
        names = {step.id: code for code, step in self.steps.items()}
        return (
            {row["name"]: {names[int(key)]: cell for key, cell in row["cells"].items()} for row in found["rows"]},
            {names[column["id"]]: column for column in found["columns"]},
            {count["state"]: count["count"] for count in found["counts"]},
        )


@tagged("post_install", "-at_install")
class TestDecisionMap(RpcCase, MapCase):
    def test_what_is_decided_in_order_holds(self):
        rows, columns, _counts = self.map()
        self.assertEqual(list(rows["A"]), ["segmentation", "strategy", "technology"])
        self.assertEqual({cell["state"] for cell in rows["A"].values()}, {"decided"})
        self.assertEqual(rows["A"]["segmentation"]["text"], "Customers: 1")
        self.assertEqual(rows["A"]["strategy"]["text"], "Keep: A part within four hours")
        self.assertEqual(rows["A"]["technology"]["text"], "Meeting: every 20 days")
        self.assertTrue(columns["structure"]["wide"])
        self.assertFalse(columns["technology"]["wide"])

    def test_a_playbook_that_spends_what_the_strategy_saves_contradicts_it(self):
        self.assertEqual(self.steps["structure"].state, "waiting")
        rows, columns, counts = self.map()
        self.assertEqual(columns["structure"]["state"], "missing")
        cell = rows["B"]["technology"]
        self.assertEqual((cell["state"], cell["label"]), ("contradicts", "Contradicts"))
        self.assertEqual(
            cell["why"], ["The strategy says “Serve cheaply”, and a meeting is due every 20 working days."]
        )
        self.assertEqual(cell["action"]["res_model"], "sdm.playbook")
        self.assertEqual((counts["decided"], counts["contradicts"], counts["out_of_date"]), (6, 1, 0))

    def test_what_was_decided_anew_puts_in_question_what_rests_on_it(self):
        with freeze_time("2025-07-10"):
            draft = self.env["sdm.strategy"].browse(self.segment["A"].strategy_id.action_change()["res_id"])
            draft._put_in_force(fields.Date.to_date("2025-07-10"), "Grow them now")
            cell = self.map()[0]["A"]["technology"]
        self.assertEqual(cell["state"], "out_of_date")
        self.assertEqual(cell["why"], ["“Sales strategy” was decided anew on 07/10/2025. Does this still fit?"])

    def test_a_review_is_due_on_its_day(self):
        self.segment["A"].strategy_id.date_review = "2025-08-01"
        for day, state in (("2025-07-31", "decided"), ("2025-08-01", "out_of_date")):
            with self.subTest(day=day), freeze_time(day):
                self.assertEqual(self.map()[0]["A"]["strategy"]["state"], state)

    def test_a_leader_who_has_left_leads_nothing(self):
        leader = self.persona("head")
        draft = self.env["sdm.strategy"].browse(self.segment["A"].strategy_id.action_change()["res_id"])
        draft.user_id = leader
        draft._put_in_force(AS_OF, "Somebody else")
        leader.active = False
        cell = self.map()[0]["A"]["strategy"]
        self.assertEqual(cell["state"], "contradicts")
        self.assertEqual(cell["why"], [f"{leader.name}, who is to lead it, works here no more."])

    def test_a_draft_says_so_and_opens(self):
        self.env["sdm.playbook"].search([("segment_ids", "in", self.segment["B"].ids)]).sudo().state = "draft"
        cell = self.map()[0]["B"]["technology"]
        self.assertEqual((cell["state"], cell["label"], cell["why"]), ("missing", "Draft", []))
        self.assertTrue(cell["action"]["res_id"])

    def test_what_is_missing_is_begun_from_the_map_by_who_may(self):
        self.segment["B"].strategy_ids.sudo().state = "draft"
        self.segment["B"].strategy_ids.sudo().unlink()
        rows, _columns, _counts = self.map()
        action = rows["B"]["strategy"]["action"]
        self.assertEqual(action["context"], {"default_segment_id": self.segment["B"].id})
        self.assertNotIn("res_id", action)
        # the playbook rests on it
        self.assertEqual(
            rows["B"]["technology"]["why"], ["It rests on “Sales strategy”, and that is not decided here."]
        )
        seller = self.persona("seller")
        self.assertFalse(self.map(seller)[0]["B"]["strategy"]["action"])

    def test_without_segments_there_are_no_rows(self):
        self.scheme_in_force.is_primary = False
        rows, columns, counts = self.map()
        self.assertEqual(rows, {})
        self.assertTrue(all(column["wide"] for column in columns.values()))
        self.assertEqual(sum(counts.values()), len(columns))

    def test_who_reads_the_roadmap_reads_the_map(self):
        for name, opens in (("seller", True), ("payroll", False), ("auditor", True)):
            with self.subTest(persona=name):
                cell = self.map(self.persona(name))[0]["A"]["strategy"]
                self.assertEqual((cell["state"], bool(cell["action"])), ("decided", opens))
        with self.assertRaises(AccessError):
            self.map(self.persona("stranger"))

    def test_hr_opens_segments_and_playbooks_without_the_customers_behind_them(self):
        payroll = self.persona("payroll")
        for record in (self.segment["A"], self.env["sdm.playbook"].search([], limit=1)):
            with self.subTest(model=record._name):
                shown = record.with_user(payroll)
                view = etree.fromstring(shown.get_view(view_type="form")["arch"])
                names = {node.get("name") for node in view.iter("field")} & shown.fields_get().keys()
                self.assertNotIn("customer_count", names)
                self.assertTrue(shown.web_read({name: {} for name in names}))

    def test_it_opens_in_few_queries(self):
        self.map()  # a worker knows its rights and translations
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(QUERIES):
            self.map()


@tagged("post_install", "-at_install")
class TestDecisionMapTour(HttpCase, MapCase):
    browser_size = "1366x900"

    def test_from_a_contradiction_to_the_playbook_in_english(self):
        self.start_tour("/odoo", "sdm_decision_map_tour", login=self.director.login)

    def test_from_a_contradiction_to_the_playbook_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self.start_tour("/odoo", "sdm_decision_map_tour_ru", login=self.director.login)

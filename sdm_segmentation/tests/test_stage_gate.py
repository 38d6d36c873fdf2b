from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import RpcCase
from .playbook import PlaybookCase


class StageCase(PlaybookCase):
    """In work -> Offered -> Negotiated -> Won here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sdm.stage.criterion"].search([("active", "=", True)]).active = False
        cls.stage_open.sequence = 901
        cls.stage_won.sequence = 999
        cls.offered = cls.env["crm.stage"].create({"name": "Offered", "sequence": 902})
        cls.negotiated = cls.env["crm.stage"].create({"name": "Negotiated", "sequence": 903})
        cls.lead = cls.deal(cls.alfa, cls.anna)

    @classmethod
    def criterion(cls, name, stage=None, severity="block", **values):
        values.setdefault("kind", "field")
        if values["kind"] == "field":
            values.setdefault("field_id", cls.env["ir.model.fields"]._get("crm.lead", "expected_revenue").id)
        return cls.env["sdm.stage.criterion"].create(
            {"name": name, "stage_id": (stage or cls.stage_open).id, "severity": severity, **values}
        )


@tagged("post_install", "-at_install")
class TestStageGate(StageCase):
    def test_a_missing_field_blocks_and_the_error_names_criterion_and_remedy(self):
        self.criterion("Budget known", remedy="Fill in the expected revenue")
        self.assertEqual(self.lead.sdm_missing, "Budget known: Fill in the expected revenue")
        message = "Budget known: Fill in the expected revenue"
        with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
            self.lead.stage_id = self.offered
        self.env.invalidate_all()
        self.assertEqual(self.lead.stage_id, self.stage_open)
        # filled in together with the stage
        self.lead.write({"stage_id": self.offered.id, "expected_revenue": 100})
        self.assertEqual((self.lead.stage_id, self.lead.sdm_missing), (self.offered, ""))

    def test_each_way_to_another_stage_is_checked(self):
        self.criterion("Budget known")
        won = {"stage_id": self.stage_won.id}
        for move in (
            lambda: self.lead.action_set_won(),
            lambda: self.lead.write(won),
            lambda: self.lead.web_save({"stage_id": self.negotiated.id}, {}),
            lambda: (self.lead | self.deal(self.beta)).write(won),
        ):
            with self.assertRaisesRegex(ValidationError, "Budget known"), self.env.cr.savepoint():
                move()
            self.env.invalidate_all()
            self.assertEqual(self.lead.stage_id, self.stage_open)
        self.env["ir.model.data"].create(
            {"module": "__test__", "name": "deal", "model": "crm.lead", "res_id": self.lead.id}
        )
        result = self.env["crm.lead"].load(["id", "stage_id/.id"], [["__test__.deal", str(self.offered.id)]])
        self.assertFalse(result["ids"])
        self.assertIn("Budget known", result["messages"][0]["message"])

    def test_stages_that_are_skipped_are_asked_too_back_is_free(self):
        self.criterion("Budget known", self.offered)
        self.criterion("Contract", self.negotiated, kind="document")
        with self.assertRaisesRegex(ValidationError, "Budget known\nContract"), self.env.cr.savepoint():
            self.lead.stage_id = self.stage_won
        self.lead.stage_id = self.offered
        self.lead.stage_id = self.stage_open
        self.assertEqual(self.lead.sdm_missing, "")

    def test_each_kind_of_criterion(self):
        self.criterion(
            "Called", kind="activity", activity_type_ids=[Command.link(self.ref("mail.mail_activity_data_call"))]
        )
        self.criterion("Contract", kind="document")
        self.criterion("Offer", kind="quotation")
        self.criterion("Hot", kind="domain", condition="[('priority', 'in', ['2', '3'])]")
        self.assertEqual(self.lead.sdm_missing.splitlines(), ["Called", "Contract", "Offer", "Hot"])
        self.contacted(self.lead, "2025-06-20", "mail.mail_activity_data_meeting")
        self.contacted(self.lead, "2025-06-20")
        self.env["ir.attachment"].create(
            {"name": "a.txt", "raw": b"a", "res_model": "crm.lead", "res_id": self.lead.id}
        )
        self.env["sale.order"].create({"partner_id": self.alfa.id, "opportunity_id": self.lead.id})
        self.lead.priority = "2"
        self.env.invalidate_all()
        self.assertEqual(self.lead.sdm_missing, "")
        self.lead.stage_id = self.offered

    def test_a_warning_lets_pass_and_is_kept(self):
        self.criterion("Budget known", severity="warn")
        self.lead.stage_id = self.offered
        self.assertIn("Moved on without: Budget known", self.lead.message_ids[0].body)

    def test_segments_are_asked_differently(self):
        self.criterion("Budget known", segment_ids=[Command.set(self.segments["A"].ids)])
        other = self.deal(self.gamma)
        other.stage_id = self.offered
        self.assertEqual(self.lead.sdm_missing, "Budget known")
        with self.assertRaises(ValidationError):
            self.lead.stage_id = self.offered

    def test_a_merge_is_checked(self):
        self.criterion("Budget known")
        first = self.deal(self.alfa, self.anna, name="First")
        with (
            patch.object(type(self.lead), "_merge_data", lambda _self, _fnames=None: {"stage_id": self.negotiated.id}),
            self.assertRaisesRegex(ValidationError, "Budget known"),
        ):
            (self.lead | first).merge_opportunity()

    def test_a_scheduled_job_is_exempt(self):
        self.criterion("Budget known")
        self.lead.with_context(cron_id=1).stage_id = self.offered
        self.assertEqual(self.lead.stage_id, self.offered)

    def test_a_head_lets_pass_with_a_reason_which_is_kept(self):
        self.criterion("Budget known")
        chief = self.sdm_seller("chief")
        chief.group_ids = [Command.link(self.env.ref("sdm_segmentation.group_sdm_manager").id)]
        self.anna.employee_id.parent_id = chief.employee_id
        with self.assertRaises(AccessError):
            self.lead.with_user(self.anna).action_sdm_move_anyway()
        leave = self.env["sdm.stage.exemption"].with_user(chief)
        values = {"lead_id": self.lead.id, "stage_id": self.negotiated.id, "reason": "Ordered by phone"}
        with self.assertRaises(AccessError):
            leave.with_user(self.anna).create(values)
        with self.assertRaises(AccessError):
            leave.create({**values, "user_id": self.anna.id})
        other = self.deal(self.beta, self.sdm_seller("boris"))
        self.beta.user_id = other.user_id
        with self.assertRaises(AccessError):
            leave.create({**values, "lead_id": other.id})
        given = leave.create(values)
        self.assertEqual(self.lead.stage_id, self.negotiated)
        self.assertEqual(
            (given.user_id, given.previous_stage_id, given.missing), (chief, self.stage_open, "Budget known")
        )
        with self.assertRaises(AccessError):
            given.reason = "Otherwise"
        self.assertEqual(given.with_user(self.anna).reason, "Ordered by phone")

    def test_a_criterion_that_cannot_be_checked_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "choose the field"):
            self.criterion("Field", field_id=False)
        with self.assertRaisesRegex(ValidationError, "which activities"):
            self.criterion("Activity", kind="activity")
        for condition in ("[]", "[('nothing', '=', 1)]", "__import__('os')", "[('name', '='"):
            with self.assertRaises(ValidationError, msg=condition), self.env.cr.savepoint():
                self.criterion("Condition", kind="domain", condition=condition)

    def test_a_condition_does_not_ask_for_what_its_author_may_not_read(self):
        values = {"name": "Pin", "stage_id": self.stage_open.id, "kind": "domain"}
        condition = "[('user_id.employee_ids.pin', '=', '1234')]"
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self.env["sdm.stage.criterion"].with_user(self.persona("director")).create(
                {**values, "condition": condition}
            )

    def count(self, function):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_nothing_is_read_where_no_stage_changes(self):
        self.lead.name = "Before"
        without = self.count(lambda: self.lead.write({"name": "Other"}))
        self.criterion("Budget known")
        self.env["sdm.stage.criterion"]._get_gates(self.env.lang)
        self.assertEqual(self.count(lambda: self.lead.write({"name": "Another"})), without)
        new = {"name": "New", "stage_id": self.stage_open.id, "type": "opportunity", "team_id": False}
        self.env["crm.lead"].create(new)
        with_criteria = self.count(lambda: self.env["crm.lead"].create(new))
        with patch.object(type(self.env["sdm.stage.criterion"]), "_get_gates", lambda _self, _lang: ()):
            self.assertEqual(self.count(lambda: self.env["crm.lead"].create(new)), with_criteria)


@tagged("post_install", "-at_install")
class TestStageGateOverTheWire(RpcCase, StageCase):
    def test_a_context_of_a_scheduled_job_opens_no_gate(self):
        self.criterion("Budget known")
        self.authenticate(self.anna.login, self.anna.login)
        values = {"stage_id": self.offered.id}
        for context in ({}, {"cron_id": 1}):
            _result, error = self.call("crm.lead", "write", self.lead.ids, values, context=context)
            self.assertEqual(error, "odoo.exceptions.ValidationError")
        values["expected_revenue"] = 5
        self.assertEqual(self.call("crm.lead", "write", self.lead.ids, values), (True, None))


@tagged("post_install", "-at_install")
class TestHiddenFields(RpcCase, StageCase):
    """Whether a field is filled in would tell who may not read it what is there."""

    def setUp(self):
        super().setUp()
        self.patch(self.env["crm.lead"]._fields["referred"], "groups", "base.group_system")
        self.director = self.persona("director")
        # the only stage that asks, so that what is missing is about this field
        self.values = {"name": "Source known", "stage_id": self.stage_open.id, "severity": "block", "kind": "field"}
        self.hidden = self.env["ir.model.fields"]._get("crm.lead", "referred")

    def test_an_author_asks_for_no_field_that_it_does_not_see(self):
        Criterion = self.env["sdm.stage.criterion"].with_user(self.director)
        with self.assertRaisesRegex(ValidationError, "“Source known”: you may not read “Referred By” of a deal"):
            Criterion.create({**self.values, "field_id": self.hidden.id})
        within = "[('duplicate_lead_ids', 'any', [('referred', '!=', False)])]"
        for condition in ("[('referred', '!=', False)]", within):
            with self.assertRaisesRegex(ValidationError, "the condition cannot be read"):
                Criterion.create({**self.values, "kind": "domain", "condition": condition})
        criterion = Criterion.create({**self.values, "field_id": self.hidden._get("crm.lead", "name").id})
        with self.assertRaisesRegex(ValidationError, "you may not read “Referred By”"):
            criterion.field_id = self.hidden

    def test_nor_for_a_field_that_deals_do_not_keep(self):
        Fields = self.env["ir.model.fields"]
        for model, name, label in (("res.partner", "name", "Name"), ("crm.lead", "activity_state", "Activity State")):
            with self.assertRaisesRegex(ValidationError, f"deals do not keep “{label}”"):
                self.env["sdm.stage.criterion"].create({**self.values, "field_id": Fields._get(model, name).id})

    def test_nothing_is_asked_of_who_does_not_see_it(self):
        self.criterion("Source known", field_id=self.hidden.id)
        asks = "[('referred', '!=', False)]"
        for number, condition in enumerate((asks, f"[('partner_id.opportunity_ids', 'any', {asks})]")):
            self.criterion(f"Of a source {number}", kind="domain", condition=condition)
        lead = self.lead.with_user(self.anna)
        self.assertEqual(lead.sdm_missing, "")
        lead.stage_id = self.offered
        self.assertEqual(self.lead.stage_id, self.offered)
        # who sees it is asked
        other = self.deal(self.alfa, self.anna)
        self.assertEqual(other.sdm_missing, "Source known\nOf a source 0\nOf a source 1")
        with self.assertRaisesRegex(ValidationError, "Source known\nOf a source 0\nOf a source 1"):
            other.stage_id = self.offered

"""What somebody tries who knows the names of models, fields and methods, and calls them over the wire."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import AS_OF, RpcCase
from .test_access_documents import MODELS, DocumentsCase
from .test_ownership import TODAY

DENIED = "odoo.exceptions.AccessError"
# All that a seller may ever write of our own models; the rules of each say which records
SELLER_WRITES = {"sdm.hand.over": {"write", "create"}, "sdm.potential": {"write", "create"}}


@tagged("post_install", "-at_install")
class TestWhoMayWriteWhat(DocumentsCase):
    def own_models(self):
        """Models that keep something; what is entered into a dialog is seen by its author only and soon gone."""
        return [
            self.env[name]
            for name, model in self.env.registry.items()
            if model._original_module == "sdm_segmentation" and not (model._abstract or model._transient)
        ]

    def may(self, model, user):
        operations = ("read", "write", "create", "unlink")
        return {operation for operation in operations if model.with_user(user).has_access(operation)}

    def test_a_seller_writes_hand_overs_and_potentials_only(self):
        self.assertIn("sdm.roll.out.line", [model._name for model in self.own_models()])
        for model in self.own_models():
            written = self.may(model, self.anna.user_id) - {"read"}
            self.assertEqual(written, SELLER_WRITES.get(model._name, set()), model._name)

    def test_an_auditor_writes_nothing_and_a_stranger_sees_nothing(self):
        auditor, stranger = self.persona("auditor"), self.persona("stranger")
        for model in self.own_models():
            self.assertLessEqual(self.may(model, auditor), {"read"}, model._name)
            self.assertFalse(self.may(model, stranger), model._name)


@tagged("post_install", "-at_install")
class TestAttack(RpcCase, DocumentsCase):
    """Boris, a seller under South, and South want what Anna under North has: the customer Alfa and its documents."""

    def log_in(self, employee):
        self.authenticate(employee.user_id.login, employee.user_id.login)

    def assertDenied(self, model, method, *args, **kwargs):
        _result, error = self.call(model, method, *args, **kwargs)
        self.assertEqual(error, DENIED, (model, method, args, kwargs))

    def assertNothingGained(self):
        """Neither of them reads a document of Anna's, by any way, and Alfa is still hers."""
        self.env.invalidate_all()
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])
        self.assertEqual(self.alfa.user_id, self.anna.user_id)
        for employee in (self.boris, self.south):
            self.log_in(employee)
            for model in MODELS:
                hidden = self.documents["anna"][model].ids
                self.assertDenied(model, "read", hidden, ["display_name"])
                self.assertEqual(self.call(model, "search_count", [("id", "in", hidden)]), (0, None))

    def test_a_customer_is_not_taken_by_becoming_its_salesperson(self):
        for employee in (self.boris, self.south):
            self.log_in(employee)
            for salesperson in (employee.user_id, self.boris.user_id, self.env["res.users"]):
                self.assertDenied("res.partner", "write", self.alfa.ids, {"user_id": salesperson.id})
        self.assertNothingGained()

    def test_a_customer_is_not_taken_by_making_it_a_contact_of_ones_own(self):
        contact = self.env["res.partner"].create({"name": "Olga", "parent_id": self.alfa.id})
        self.log_in(self.boris)
        for partner in (self.alfa, contact):
            self.assertDenied("res.partner", "write", partner.ids, {"parent_id": self.beta.id, "is_company": False})
        self.assertDenied("res.partner", "write", contact.ids, {"parent_id": False})
        self.assertDenied("res.partner", "write", self.beta.ids, {"parent_id": self.alfa.id, "is_company": False})
        self.assertNothingGained()

    def test_what_is_free_or_ones_own_is_changed_as_ever(self):
        free = self.customer("Free")
        self.log_in(self.boris)
        self.assertEqual(self.call("res.partner", "write", free.ids, {"user_id": self.boris.user_id.id}), (True, None))
        self.assertEqual(self.call("res.partner", "write", self.alfa.ids, {"city": "Tver"}), (True, None))
        self.assertEqual(
            self.call("res.partner", "write", self.alfa.ids, {"user_id": self.anna.user_id.id}), (True, None)
        )
        self.log_in(self.south)
        self.assertEqual(self.call("res.partner", "write", free.ids, {"user_id": self.south.user_id.id}), (True, None))
        self.assertEqual(free.user_id, self.south.user_id)

    def test_who_sees_all_documents_by_odoo_changes_salespeople_as_ever(self):
        self.boris.user_id.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.log_in(self.boris)
        values = {"user_id": self.boris.user_id.id}
        self.assertEqual(self.call("res.partner", "write", self.alfa.ids, values), (True, None))

    def test_ownership_is_not_entered_for_customers_of_others(self):
        own = {"partner_id": self.alfa.id, "employee_id": self.boris.id, "kind": "co", "date_from": TODAY}
        beta = self.beta.sdm_ownership_ids
        for employee in (self.boris, self.south):
            self.log_in(employee)
            self.assertDenied("sdm.ownership", "create", [own])
            self.assertDenied("sdm.ownership", "write", self.alfa.sdm_ownership_ids.ids, {"employee_id": self.boris.id})
            self.assertDenied("sdm.ownership", "write", beta.ids, {"partner_id": self.alfa.id})
            self.assertDenied("sdm.ownership", "unlink", self.alfa.sdm_ownership_ids.ids)
            lines = {"sdm_ownership_ids": [Command.create(own)]}
            self.assertDenied("res.partner", "write", self.alfa.ids, lines)
        self.assertNothingGained()

    def test_a_hand_over_is_not_forced(self):
        """Neither by the context nor by changing sides does it go past consent, nor tell what the giver has."""
        values = {"giver_id": self.anna.id, "receiver_id": self.boris.id, "date": TODAY, "partner_ids": self.alfa.ids}
        self.log_in(self.south)
        hand_over, error = self.call(
            "sdm.hand.over",
            "create",
            [values],
            context={
                "default_state": "agreed",
                "default_giver_consent_id": self.anna.user_id.id,
                "default_receiver_consent_id": self.boris.user_id.id,
            },
        )
        self.assertIsNone(error)
        record = self.env["sdm.hand.over"].browse(hand_over)
        self.assertEqual((record.state, record.giver_consent_id.id), ("draft", False))
        names = ["deal_count", "deal_value", "preview"]
        self.env["sdm.hand.over"]._cron_carry_out()
        self.call("sdm.hand.over", "action_propose", hand_over)
        for employee in (self.south, self.boris):
            self.log_in(employee)
            (row,), error = self.call("sdm.hand.over", "read", hand_over, names)
            self.assertEqual((row["deal_count"], row["deal_value"], error), (0, 0, None))
            self.assertIn("once the giver has consented", row["preview"])
        self.assertDenied("sdm.hand.over", "create", [values])
        mine, _error = self.call(
            "sdm.hand.over", "create", [{**values, "giver_id": self.boris.id, "receiver_id": self.anna.id}]
        )
        self.call("sdm.hand.over", "write", mine, {"giver_id": self.anna.id, "receiver_id": self.boris.id})
        self.assertDenied("sdm.hand.over", "action_propose", mine)
        self.assertNothingGained()

    def test_nobody_stands_in_for_who_did_not_say_so(self):
        leave = {"date_from": f"{TODAY} 00:00:00", "date_to": "2025-07-31 00:00:00", "sdm_substitute_id": self.boris.id}
        resources = {employee: employee.resource_id.id for employee in (self.anna, self.boris, self.south)}
        gone = self.employee("Gone", self.north)
        self.own(self.customer("Left"), gone, "2025-01-01")
        gone.user_id = False
        for employee in (self.boris, self.south):
            self.log_in(employee)
            self.assertDenied("resource.calendar.leaves", "create", [{**leave, "resource_id": resources[self.anna]}])
            self.assertDenied("resource.calendar.leaves", "create", [{**leave, "resource_id": gone.resource_id.id}])
            self.assertDenied("resource.calendar.leaves", "create", [{**leave, "sdm_employee_id": self.anna.id}])
            self.assertDenied(
                "resource.calendar.leaves",
                "create",
                [{**leave, "resource_id": resources[self.south], "sdm_employee_id": self.anna.id}],
            )
        own, error = self.call("resource.calendar.leaves", "create", [{**leave, "resource_id": resources[self.south]}])
        self.assertIsNone(error, "who is away names the own substitute")
        self.assertDenied("resource.calendar.leaves", "write", own, {"sdm_employee_id": self.anna.id})
        self.assertDenied("resource.calendar.leaves", "write", own, {"resource_id": resources[self.anna]})
        self.env["resource.calendar.leaves"].browse(own).unlink()
        self.assertNothingGained()

    def test_the_structure_is_not_changed(self):
        position = self.anna.sdm_position_ids
        place = {"employee_id": self.anna.id, "head_id": self.south.id, "date_from": TODAY}
        line = {"head_id": self.south.id, "employee_id": self.anna.id, "depth": 1, "date_from": TODAY}
        for employee in (self.boris, self.south):
            self.log_in(employee)
            self.assertDenied("sdm.position", "write", position.ids, {"head_id": self.south.id})
            self.assertDenied("sdm.position", "create", [place])
            self.assertDenied("sdm.position", "unlink", position.ids)
            self.assertDenied("sdm.position.link", "create", [line])
            self.assertDenied("sdm.position.transfer", "create", [{"employee_ids": [Command.set(self.anna.ids)]}])
            self.assertDenied("hr.employee", "write", self.anna.ids, {"parent_id": self.south.id})
            self.assertDenied("hr.employee", "write", self.south.ids, {"user_id": self.boris.user_id.id})
            self.assertDenied("crm.team.member", "create", [{"user_id": employee.user_id.id, "crm_team_id": 1}])
        self.assertNothingGained()

    def test_decisions_and_diagnoses_are_not_touched(self):
        diagnosis = self.env["sdm.diagnosis"].create({"date": AS_OF, "company_id": self.company.id})
        diagnosis.action_measure()
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_plan")
        for employee in (self.boris, self.south):
            self.log_in(employee)
            for method in ("action_measure", "action_answer", "unlink"):
                self.assertDenied("sdm.diagnosis", method, diagnosis.ids)
            self.assertDenied("sdm.diagnosis", "read", diagnosis.ids, ["date"])
            self.assertDenied("sdm.diagnosis.figure", "action_open_records", diagnosis.figure_ids[:1].ids)
            self.assertDenied("sdm.diagnosis.seller", "search_read", [], ["id"])
            for method in ("action_decide", "action_reopen"):
                self.assertDenied("sdm.roadmap.step", method, step.ids)
            self.assertDenied("sdm.roadmap.step", "write", step.ids, {"decision": "<p>Mine</p>"})
        director = self.persona("director")
        self.authenticate(director.login, director.login)
        made, _error = self.call("sdm.roadmap.step", "create", [{"name": "Own"}], context={"default_decided": True})
        self.assertFalse(self.env["sdm.roadmap.step"].browse(made).decided)
        made, _error = self.call(
            "sdm.diagnosis", "create", [{"date": "2025-06-30"}], context={"default_state": "measured"}
        )
        self.assertEqual(self.env["sdm.diagnosis"].browse(made).state, "draft")
        made, _error = self.call(
            "sdm.roll.out", "create", [{"head_id": self.north.id}], context={"default_state": "pilot"}
        )
        self.assertEqual(self.env["sdm.roll.out"].browse(made).state, "draft")

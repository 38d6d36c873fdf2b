from unittest.mock import patch

from psycopg2.errors import ExclusionViolation

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.bus.models.bus_listener_mixin import BusListenerMixin

from .common import RpcCase
from .test_ownership import TODAY, OwnershipCase


@tagged("post_install", "-at_install")
class TestOwnershipChanges(OwnershipCase):
    """What happens to ownership when customers, people, users and companies change around it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beta = cls.customer("Beta", cls.boris.user_id)
        cls.beta.sdm_ownership_ids.date_from = "2024-07-01"

    def merge(self, kept, *others):
        """As Odoo's wizard does it."""
        partners = self.env["res.partner"].union(kept, *others)
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"state": "option", "dst_partner_id": kept.id, "partner_ids": [Command.set(partners.ids)]}
        )
        wizard.action_merge()

    def shares(self, partner):
        return {
            (owner.employee_id.name, str(owner.date_from)): owner.share
            for owner in partner.with_context(active_test=False).sdm_ownership_ids
        }

    # -- customers become one -----------------------------------------------------------------------------------------

    def test_merged_customers_have_one_history_in_which_the_kept_one_comes_first(self):
        vera = self.employee("Vera", self.north)
        self.alfa.sdm_ownership_ids.share = 0.7
        self.own(self.alfa, self.north, "2025-03-01", kind="co", share=0.3)
        self.beta.sdm_ownership_ids.share = 0.6
        self.own(self.beta, vera, "2024-07-01", kind="co", share=0.4)
        self.merge(self.alfa, self.beta)
        self.assertFalse(self.beta.exists())
        self.assertEqual(
            self.history(self.alfa),
            [
                ("Vera", "co", "2024-07-01", "2024-12-31"),
                ("Boris", "lead", "2024-07-01", "2024-12-31"),
                ("Vera", "co", "2025-01-01", "2025-02-28"),
                ("Anna", "lead", "2025-01-01", ""),
                ("Vera", "co", "2025-03-01", ""),
                ("North", "co", "2025-03-01", ""),
            ],
        )
        self.assertEqual(
            self.shares(self.alfa),
            {
                ("Vera", "2024-07-01"): 0.4,
                ("Boris", "2024-07-01"): 0.6,
                ("Vera", "2025-01-01"): 0.3,
                ("Anna", "2025-01-01"): 0.7,
                ("Vera", "2025-03-01"): 0,
                ("North", "2025-03-01"): 0.3,
            },
        )
        self.assertEqual(self.alfa.user_id, self.anna.user_id)

    def test_a_kept_customer_without_lead_gets_that_of_the_other(self):
        gamma = self.customer("Gamma")
        self.merge(gamma, self.beta)
        self.assertEqual(self.history(gamma), [("Boris", "lead", "2024-07-01", "")])
        self.assertEqual(gamma.user_id, self.boris.user_id)

    def test_open_hand_overs_go_along_with_a_merged_customer(self):
        hand_over = self.env["sdm.hand.over"].create(
            {"giver_id": self.boris.id, "receiver_id": self.anna.id, "date": "2025-08-01"}
        )
        self.assertEqual(hand_over.partner_ids, self.beta)
        self.merge(self.alfa, self.beta)
        hand_over.invalidate_recordset()
        self.assertEqual(hand_over.partner_ids, self.alfa)

    def test_a_customer_put_under_another_one_goes_into_its_history(self):
        person = self.customer("Petrov", self.boris.user_id, is_company=False)
        person.sdm_ownership_ids.date_from = "2024-12-01"
        person.parent_id = self.alfa
        self.assertFalse(person.sdm_ownership_ids)
        self.assertEqual(
            self.history(self.alfa),
            [("Boris", "lead", "2024-12-01", "2024-12-31"), ("Anna", "lead", "2025-01-01", "")],
        )
        self.assertEqual((self.alfa.user_id, person.user_id), (self.anna.user_id, self.boris.user_id))

    def test_a_contact_on_its_own_begins_a_history(self):
        contact = self.customer("Ivan", self.boris.user_id, is_company=False, parent_id=self.alfa.id)
        contact.parent_id = False
        self.assertEqual(self.history(contact), [("Boris", "lead", TODAY, "")])
        other = self.customer("Semyon", self.boris.user_id, is_company=False, parent_id=self.alfa.id)
        other.company_type = "company"
        self.assertEqual(self.history(other), [("Boris", "lead", TODAY, "")])
        # and back again
        other.company_type = "person"
        self.assertFalse(other.sdm_ownership_ids)
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])

    def test_contacts_of_a_customer_put_under_another_one_stay_without_owner(self):
        person = self.customer("Petrov", self.boris.user_id, is_company=False)
        contact = self.customer("Ivan", self.boris.user_id, is_company=False, parent_id=person.id)
        person.parent_id = self.alfa
        self.assertEqual(contact.commercial_partner_id, self.alfa)
        self.assertFalse((person | contact).sdm_ownership_ids)

    def test_an_archived_customer_keeps_its_history(self):
        self.alfa.active = False
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])
        self.alfa.user_id = self.boris.user_id
        self.assertEqual(self.history(self.alfa)[-1], ("Boris", "lead", TODAY, ""))

    def test_a_customer_of_another_company_keeps_its_owner(self):
        other = self.env["res.company"].create({"name": "Test Trade South"})
        self.anna.user_id.company_ids += other
        self.alfa.company_id = other
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])
        self.assertEqual(self.alfa.sdm_ownership_ids.company_id, self.company)

    # -- people -------------------------------------------------------------------------------------------------------

    def test_an_employee_with_history_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, r"Anna cannot be deleted.*customers – 1 \(Alfa.*Archive the employee"):
            self.anna.unlink()
        with self.assertRaisesRegex(UserError, r"North cannot be deleted.*people led – 1 \(Anna"):
            self.north.unlink()
        vera = self.employee("Vera", self.north)
        self.env["sdm.hand.over"].create({"giver_id": self.anna.id, "receiver_id": vera.id, "date": "2025-08-01"})
        with self.assertRaisesRegex(UserError, r"Vera cannot be deleted.*hand-overs – 1 \(Anna → Vera"):
            vera.unlink()
        gleb = self.employee("Gleb", self.north)
        gleb.unlink()
        self.assertFalse(self.env["sdm.position"].search([("employee_id", "=", gleb.id)]))

    def archive(self, employee):
        """Archive and give what the user is told."""
        told = []

        def send(self, kind, message=None, **kwargs):
            if kind == "simple_notification":
                told.append(message["message"])

        with patch.object(BusListenerMixin, "_bus_send", send):
            employee.action_archive()
        return told

    def test_who_leaves_is_told_with_what_is_left(self):
        for number in range(4):
            self.customer(f"Customer {number}", self.anna.user_id)
        [told] = self.archive(self.anna)
        self.assertRegex(told, r"Anna is archived and still has: customers – 5 \(.*, …\)\. Hand the customers over")
        self.assertIn("still has: customers – 5", self.anna.message_ids[0].body)
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])
        [told] = self.archive(self.south)
        self.assertRegex(told, r"South is archived and still has: people led – 1 \(Boris.*give the people another head")
        self.assertEqual(self.archive(self.employee("Gleb", self.north)), [])

    def test_a_new_user_of_an_employee_takes_the_customers_over(self):
        former, new = self.anna.user_id, self.seller("Anna Smith", employee=False)
        self.anna.user_id = new
        self.assertEqual(self.alfa.user_id, new)
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])
        # the former user has no card any more and is not followed
        self.alfa.user_id = former
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])

    def test_a_user_who_consented_is_not_deleted(self):
        hand_over = self.env["sdm.hand.over"].create(
            {"giver_id": self.anna.id, "receiver_id": self.boris.id, "date": "2025-08-01"}
        )
        director = new_test_user(self.env, "sdm_leaver", "sdm_segmentation.group_sdm_director", name="Leaver")
        hand_over.sudo().write({"giver_consent_id": director.id})
        with self.assertRaisesRegex(UserError, r"Leaver consented to the hand-over Anna → Boris.*Archive the user"):
            director.unlink()
        hand_over.sudo().write({"giver_consent_id": False})
        director.unlink()
        self.assertFalse(director.exists())

    # -- whatever the way in ------------------------------------------------------------------------------------------

    def test_an_import_is_refused_whole_with_names(self):
        names = ["partner_id/.id", "employee_id/.id", "kind", "share", "date_from"]
        rows = [
            [str(self.alfa.id), str(self.boris.id), "Co-seller", "0", "2025-02-01"],
            [str(self.beta.id), str(self.anna.id), "Lead seller", "0", "2025-02-01"],
        ]
        result = self.Ownership.load(names, rows)
        self.assertFalse(result["ids"])
        self.assertRegex(result["messages"][0]["message"], "Beta would have several leads.*Boris, Anna")
        self.assertEqual(len(self.alfa.sdm_ownership_ids | self.beta.sdm_ownership_ids), 2)
        rows[1][2:4] = ["Co-seller", "0.5"]
        self.assertRegex(self.Ownership.load(names, rows)["messages"][0]["message"], "would be 150 %")
        rows[1][3] = "0"
        self.assertEqual(len(self.Ownership.load(names, rows)["ids"]), 2)

    @mute_logger("odoo.sql_db")
    def test_the_database_itself_knows_one_lead_a_day(self):
        with self.assertRaises(ExclusionViolation):
            self.env.cr.execute(SQL("SET CONSTRAINTS ALL IMMEDIATE"))
            self.env.cr.execute(
                SQL(
                    "INSERT INTO sdm_ownership (partner_id, employee_id, kind, share, date_from)"
                    " VALUES (%s, %s, 'lead', 0, '2025-06-01')",
                    self.alfa.id,
                    self.boris.id,
                )
            )


@tagged("post_install", "-at_install")
class TestOwnershipByRpc(OwnershipCase, RpcCase):
    def test_neither_create_nor_write_gets_past_the_rules(self):
        self.anna.user_id.group_ids += self.env.ref("sdm_segmentation.group_sdm_director")
        self.anna.user_id.password = "anna of alfa"
        self.env.flush_all()
        self.authenticate(self.anna.user_id.login, "anna of alfa")
        vals = {"partner_id": self.alfa.id, "employee_id": self.boris.id, "date_from": "2025-06-01", "kind": "lead"}
        self.assertEqual(self.call("sdm.ownership", "create", [vals])[1], "odoo.exceptions.ValidationError")
        saved = self.call("sdm.ownership", "web_save", [], vals | {"kind": "co", "share": 0.2}, specification={})
        self.assertEqual(saved[1], "odoo.exceptions.ValidationError")
        [created] = self.call("sdm.ownership", "create", [vals | {"kind": "co", "share": 0}])[0]
        for change in ({"kind": "lead"}, {"share": 0.1}, {"employee_id": self.anna.id}):
            self.assertEqual(
                self.call("sdm.ownership", "write", [created], change)[1], "odoo.exceptions.ValidationError"
            )

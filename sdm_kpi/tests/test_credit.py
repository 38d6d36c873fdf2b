from datetime import date

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import KpiCase


@tagged("post_install", "-at_install")
class TestCredit(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.boris = cls.worker("Anna"), cls.worker("Boris")
        cls.acme = cls.customer("Acme")
        cls.switch_on("won_amount", "won_deals")

    def credited(self, source="won"):
        return {
            (entry.employee_id.name or None, entry.credit): round(entry.amount, 2) for entry in self.entries(source)
        }

    def test_a_part_by_hand_leaves_the_rest_to_the_salesperson(self):
        deal = self.won("2025-03-10", 1000, self.acme, self.anna)
        self.split(deal, self.boris, 0.3)
        self.assertEqual(self.credited(), {("Boris", "split"): 300, ("Anna", "salesperson"): 700})

    def test_the_shares_of_a_document_are_at_most_the_whole(self):
        deal = self.won("2025-03-10", 1000, self.acme, self.anna)
        self.split(deal, self.boris, 0.7)
        with self.assertRaisesRegex(ValidationError, "Boris and Anna would have 110 %|Anna and Boris would have 110 %"):
            self.split(deal, self.anna, 0.4)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.split(deal, self.anna, 0)

    def test_a_salesperson_without_a_card_counts_as_none(self):
        outsider = self.seller("Outsider", employee=False)
        self.won("2025-03-10", 100, self.acme, outsider)
        self.assertEqual(self.credited(), {(None, "none"): 100})

    def test_who_enters_for_others_gets_nothing(self):
        rule = self.env["sdm.credit.rule"].search([("method", "=", "salesperson")])
        rule.ignored_user_ids = self.boris
        self.owned(self.acme, self.anna)
        self.won("2025-03-10", 100, self.acme, self.boris)
        self.assertEqual(self.credited(), {("Anna", "owner"): 100})

    def test_an_archived_seller_keeps_the_results(self):
        self.won("2025-03-10", 100, self.acme, self.boris)
        self.boris.employee_id.active = False
        self.boris.active = False
        self.refresh()
        self.assertEqual(self.values("won_amount", "employee_id"), {"Boris": 100})

    def test_one_person_with_cards_in_two_companies_is_one_person(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.anna.company_ids |= other
        second = self.env["hr.employee"].create({"name": "Anna", "user_id": self.anna.id, "company_id": other.id})
        self.acme.user_id = False
        self.env["sdm.ownership"].create(
            {"partner_id": self.acme.id, "employee_id": second.id, "share": 1, "date_from": "2024-01-01"}
        )
        self.won("2025-03-10", 100, self.acme, self.anna)
        self.won("2025-03-11", 50, self.acme)
        self.refresh()
        rows = self.env["sdm.kpi.report"]._read_group(
            [("kpi_id.code", "=", "won_amount")], ["employee_id"], ["value:sum"]
        )
        self.assertEqual(
            rows,
            [
                (
                    self.env["sdm.position"]
                    .search([("company_id", "=", self.company.id), ("employee_id.user_id", "=", self.anna.id)])
                    .employee_id,
                    150,
                )
            ],
        )

    def test_a_rule_stands_in_the_order_once_on_each_day(self):
        Rule = self.env["sdm.credit.rule"]
        with self.assertRaisesRegex(ValidationError, "twice in the order"):
            Rule.create({"method": "owner", "date_from": "2025-01-01"})
        Rule.search([("method", "=", "owner")]).date_to = "2024-12-31"
        Rule.create({"method": "owner", "date_from": "2025-01-01", "sequence": 1})
        self.assertEqual(
            Rule._get_rules(self.perimeter)._get_orders(),
            [
                (date(2025, 1, 1), ["owner", "salesperson", "team"]),
                (date(1, 1, 1), ["salesperson", "owner", "team"]),
            ],
        )

    def test_documents_without_a_person_are_credited_together(self):
        self.won("2025-03-10", 100, self.acme)
        self.won("2025-03-11", 50)
        entries = self.entries("won")
        self.assertEqual(entries.mapped("credit"), ["none", "none"])
        action = entries.action_credit()
        assign = self.env["sdm.credit.assign"].browse(action["res_id"])
        self.assertEqual(sorted(assign.line_ids.mapped("amount")), [50, 100])
        with self.assertRaisesRegex(UserError, "say why"):
            assign.action_apply()
        with Form(assign) as form:
            form.employee_id = self.anna.employee_id
            form.reason = "She sold them"
        assign.action_apply()
        self.refresh()
        self.assertEqual(self.values("won_amount", "employee_id"), {"Anna": 150})

    def test_what_is_no_document_cannot_be_credited_by_hand(self):
        self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.acme.id,
                "user_id": self.anna.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
            }
        ).action_done()
        entries = self.entries("activity")
        self.assertEqual(entries.employee_id, self.anna.employee_id)
        with self.assertRaisesRegex(UserError, "None of these entries"):
            entries.action_credit()

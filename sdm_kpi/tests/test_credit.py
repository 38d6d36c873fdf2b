from datetime import date

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
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

    def test_a_person_who_moved_to_another_company_goes_on_with_the_new_card(self):
        """Anna leaves the main company on 15 April, under Head, and is in the other from the 1st, under Chief.

        Deals of March, April and May count for the new card, each under the head of its day; the days of April, 22,
        are worked once; a value entered for the old card is hers too.
        """
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.company.currency_id.id})
        self.perimeter.company_ids |= other
        self.env.user.company_ids |= other
        self.company.country_id = False
        head, chief = self.worker("Head"), self.worker("Chief")
        team = self.team("North")
        self.switch_on("working_days", "average_satisfaction")
        old = self.anna.employee_id
        position = self.env["sdm.position"].search([("employee_id", "=", old.id)])
        position.write({"team_id": team.id, "head_id": head.employee_id.id, "date_to": "2025-04-15"})
        self.anna.company_ids |= other
        new = self.env["hr.employee"].create({"name": "Anna", "user_id": self.anna.id, "company_id": other.id})
        old.active = False
        self.env["sdm.position"].search([("employee_id", "in", (old | new).ids)]).unlink()
        for card, boss, begin, until in (
            (old, head, "2025-01-01", "2025-04-15"),
            (new, chief, "2025-04-01", False),
        ):
            self.env["sdm.position"].create(
                {
                    "employee_id": card.id,
                    "head_id": boss.employee_id.id,
                    "team_id": team.id,
                    "date_from": begin,
                    "date_to": until,
                }
            )
        for day, amount in (("2025-03-10", 100), ("2025-04-10", 20), ("2025-05-10", 3)):
            self.won(day, amount, self.acme, self.anna)
        self.env["sdm.kpi.value"].create(
            {"kpi_id": self.kpi("satisfaction").id, "date": "2025-02-03", "value": 9, "employee_id": old.id}
        )
        self.refresh()

        def facts(code):
            rows = self.env["sdm.kpi.fact"].search(
                [
                    ("perimeter_id", "=", self.perimeter.id),
                    ("kpi_id.code", "=", code),
                    ("employee_id", "in", (old | new).ids),
                ],
                order="date",
            )
            return [(row.employee_id, row.date.month, row.head_id.name, row.value) for row in rows]

        self.assertEqual(facts("won_amount"), [(new, 3, "Head", 100), (new, 4, "Chief", 20), (new, 5, "Chief", 3)])
        days = {}
        for card, month, _head, value in facts("working_days"):
            self.assertEqual(card, new)
            days[month] = days.get(month, 0) + value
        self.assertEqual(days, {1: 23, 2: 20, 3: 21, 4: 22, 5: 22, 6: 21})
        self.assertEqual([row[:2] + row[3:] for row in facts("satisfaction")], [(new, 2, 9)])

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

    def test_documents_of_closed_months_are_told_before_they_are_credited(self):
        self.won("2025-03-10", 100, self.acme)
        self.won("2025-05-11", 50)
        self.refresh()
        months = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id)])
        months.filtered(lambda period: period.date.isoformat() == "2025-03-01").sudo()._close()
        entries = self.entries("won")
        assign = self.env["sdm.credit.assign"].browse(entries.action_credit()["res_id"])
        self.assertIn("Closed already: March 2025.", assign.notice)
        late = entries.filtered(lambda entry: entry.date.month == 5)
        self.assertFalse(self.env["sdm.credit.assign"].browse(late.action_credit()["res_id"]).notice)

    def test_a_chosen_line_shows_its_whole_document_and_who_has_it(self):
        """One line of two: the whole invoice is credited, so the whole is shown."""
        pump = self.in_category("Pumps")
        self.owned(self.acme, self.boris, share=0.25)
        self.bill(self.acme, "2025-03-12", [(pump, 1, 100), (pump, 1, 60)])
        nobody = self.entries("invoice").filtered(lambda entry: not entry.employee_id)
        assign = self.env["sdm.credit.assign"].browse(nobody[0].action_credit()["res_id"])
        self.assertEqual(assign.line_ids.mapped("amount"), [160])
        self.assertEqual(set(assign.line_ids.present.split(", ")), {"Boris 25 %", "nobody 75 %"})

    def test_the_tile_says_what_nobody_has(self):
        self.assertEqual(self.env["sdm.kpi.entry"].get_unassigned(), "")
        self.won("2025-06-10", 1000, self.acme, self.anna)
        self.won("2025-06-10", 70, self.acme)
        self.won("2025-01-01", 5, self.acme)
        # seven months ago
        self.won("2024-12-31", 3, self.acme)
        for persona in ("director", "auditor"):
            text = self.env["sdm.kpi.entry"].with_user(self.persona(persona)).get_unassigned()
            self.assertRegex(text, r"in the last 6 months: .*75\.00.*, documents: 2", persona)
        self.assertEqual(self.env["sdm.kpi.entry"].with_user(self.persona("head")).get_unassigned(), "")

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


@tagged("post_install", "-at_install")
class TestCreditOnTop(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north, cls.south = cls.team("North"), cls.team("South")
        cls.head = cls.worker("Head")
        cls.anna, cls.vera = cls.worker("Anna", team=cls.north), cls.worker("Vera", cls.head, cls.south)
        cls.acme = cls.customer("Acme")
        cls.switch_on("won_amount", "won_deals", "won_customers")

    def test_it_counts_for_the_person_and_in_no_total(self):
        deal = self.won("2025-03-10", 1000, self.acme, self.anna)
        self.split(deal, self.vera, 0.4, is_overlay=True)
        self.refresh()
        self.assertEqual(self.values("won_amount", "employee_id"), {"Anna": 1000, "Vera": 400, None: -400})
        self.assertEqual(self.values("won_amount", "team_id"), {"North": 1000, "South": 0})
        self.assertEqual(self.values("won_amount", "head_id"), {None: 1000, "Head": 0})
        self.assertEqual((self.values("won_amount"), self.values("won_deals")), (1000, 1))
        self.assertEqual(self.values("won_customers", "employee_id"), {"Anna": 1, "Vera": 1})
        self.assertEqual(self.values("won_customers"), 1)

    def test_it_comes_on_top_of_the_whole(self):
        deal = self.won("2025-03-10", 1000, self.acme, self.anna)
        self.split(deal, self.anna, 1)
        self.split(deal, self.vera, 1, is_overlay=True)
        with self.assertRaisesRegex(ValidationError, "110 %"):
            self.split(deal, self.head, 0.1)

    def test_it_is_not_without_a_person(self):
        deal = self.won("2025-03-10", 1000, self.acme, self.anna)
        self.split(deal, self.vera, 0.4, is_overlay=True)
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_entry_action_unassigned")
        self.assertIn("search_default_unassigned", action["context"])
        search = self.env["sdm.kpi.entry"].get_view(view_type="search")["arch"]
        self.assertIn("[('credit', 'in', ['team', 'none'])]", search)
        self.assertFalse(self.entries("won").filtered(lambda entry: entry.credit in ("team", "none")))

    def test_the_specialist_sees_it_and_the_seller_does_not(self):
        for user in (self.anna, self.vera):
            user.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        deal = self.won("2025-03-10", 1000, self.acme, self.anna)
        self.split(deal, self.vera, 0.4, is_overlay=True)
        self.refresh()
        self.assertEqual(self.values("won_amount", env=self.env(user=self.vera)), 400)
        self.assertEqual(self.values("won_amount", env=self.env(user=self.anna)), 1000)
        self.assertEqual(self.entries("won", self.env(user=self.vera)).mapped("amount"), [400])

    def test_documents_are_credited_on_top_together(self):
        self.won("2025-03-10", 100, self.acme, self.anna)
        self.won("2025-03-11", 50, self.acme, self.anna)
        assign = self.env["sdm.credit.assign"].browse(self.entries("won").action_credit()["res_id"])
        assign.write({"employee_id": self.vera.employee_id.id, "is_overlay": True, "reason": "Knows the pumps"})
        assign.action_apply()
        self.refresh()
        self.assertEqual(self.values("won_amount", "employee_id"), {"Anna": 150, "Vera": 150, None: -150})


@tagged("post_install", "-at_install")
class TestCreditChain(KpiCase):
    """A deal of Anna's with an order and an invoice, of which Boris was promised a part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.boris, cls.vera = cls.worker("Anna"), cls.worker("Boris"), cls.worker("Vera")
        cls.acme = cls.customer("Acme")
        cls.pump = cls.in_category("Pumps")
        cls.sold = cls.won("2025-03-10", 1000, cls.acme, cls.anna)
        cls.ordered = cls.order(cls.acme, "2025-03-11", 1000, seller=cls.anna)
        cls.ordered.opportunity_id = cls.sold
        cls.billed = cls.bill(cls.acme, "2025-03-12", [(cls.pump, 1, 1000)], cls.anna)
        cls.billed.invoice_line_ids.sale_line_ids = cls.ordered.order_line
        cls.split(cls.sold, cls.boris, 0.3)

    def credited(self, source):
        return {entry.employee_id.name: round(entry.amount, 2) for entry in self.entries(source) if entry.share > 0}

    def test_what_was_agreed_for_the_deal_holds_for_its_order_and_invoice(self):
        for source in ("won", "order", "invoice", "revenue"):
            self.assertEqual(self.credited(source), {"Boris": 300, "Anna": 700}, source)

    def test_an_own_credit_goes_before(self):
        self.split(self.ordered, self.vera, 0.5)
        for source in ("order", "invoice"):
            self.assertEqual(self.credited(source), {"Vera": 500, "Anna": 500}, source)
        self.split(self.billed, self.boris)
        self.assertEqual(self.credited("invoice"), {"Boris": 1000})
        self.assertEqual(self.credited("won"), {"Boris": 300, "Anna": 700})

    def test_what_is_on_top_of_the_invoice_leaves_the_parts_of_the_deal(self):
        self.split(self.billed, self.vera, 0.1, is_overlay=True)
        self.assertEqual(self.credited("invoice"), {"Boris": 300, "Anna": 700, "Vera": 100})
        self.assertEqual(self.credited("order"), {"Boris": 300, "Anna": 700})

    def test_an_invoice_of_several_orders_takes_each_by_its_part(self):
        """Three equal lines: one of the deal's order, one of another order, one of none."""
        other = self.order(self.acme, "2025-03-11", 1000, seller=self.anna)
        self.split(other, self.vera)
        move = self.bill(self.acme, "2025-04-12", [(self.pump, 1, 100)] * 3, self.anna)
        for line, order in zip(move.invoice_line_ids, (self.ordered, other), strict=False):
            line.sale_line_ids = order.order_line
        found = {}
        for entry in self.entries("invoice").filtered(lambda entry: entry.move_id == move):
            found[entry.employee_id.name] = found.get(entry.employee_id.name, 0) + entry.amount
        self.assertEqual(
            {name: round(amount, 6) for name, amount in found.items()}, {"Boris": 30, "Vera": 100, "Anna": 170}
        )

    def test_three_orders_of_one_person_leave_no_crumb(self):
        move = self.bill(self.acme, "2025-04-12", [(self.pump, 1, 100)] * 3, self.anna)
        for line in move.invoice_line_ids:
            order = self.order(self.acme, "2025-03-11", 1000, seller=self.anna)
            self.split(order, self.vera)
            line.sale_line_ids = order.order_line
        entries = self.entries("invoice").filtered(lambda entry: entry.move_id == move)
        self.assertEqual({(entry.employee_id.name, entry.credit) for entry in entries}, {("Vera", "split")})

    def test_money_goes_the_way_of_its_invoice(self):
        journal = self.env["account.journal"].create(
            {"name": "Bank", "code": "TBNK", "type": "bank", "company_id": self.company.id}
        )
        entry = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": "2025-04-05",
                "line_ids": [
                    Command.create({"account_id": journal.default_account_id.id, "debit": 600}),
                    Command.create({"account_id": self.receivable.id, "credit": 600, "partner_id": self.acme.id}),
                ],
            }
        )
        entry.action_post()
        (self.billed + entry).line_ids.filtered(lambda line: line.account_id == self.receivable).reconcile()
        self.assertEqual(self.credited("payment"), {"Boris": 180, "Anna": 420})

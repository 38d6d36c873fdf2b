"""What customers owed at the end of each month, and orders that were promised."""

import random
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..engine import periods
from .common import FIRST, LAST, KpiCase


class ReceivableCase(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.boris = cls.worker("Anna"), cls.worker("Boris")
        cls.acme, cls.bolt = cls.customer("Acme"), cls.customer("Bolt")
        cls.pump = cls.in_category("Pumps")
        cls.bank = cls.env["account.journal"].create(
            {"name": "Bank", "code": "TBNK", "type": "bank", "company_id": cls.company.id}
        )

    @classmethod
    def owed_line(cls, move):
        return move.line_ids.filtered(lambda line: line.account_id == cls.receivable)

    @classmethod
    def paid(cls, customer, day, amount, *moves):
        """Money of a customer, matched with documents."""
        entry = cls.env["account.move"].create(
            {
                "journal_id": cls.bank.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": cls.bank.default_account_id.id, "debit": amount}),
                    Command.create({"account_id": cls.receivable.id, "credit": amount, "partner_id": customer.id}),
                ],
            }
        )
        entry.action_post()
        for move in moves:
            (cls.owed_line(move) + cls.owed_line(entry)).reconcile()
        return entry

    @classmethod
    def billed(cls, customer, day, amount, due=None, refund=False):
        move = cls.bill(customer, day, [(cls.pump, 1, amount)], cls.boris, refund)
        if due:
            cls.owed_line(move).date_maturity = due
        return move


@tagged("post_install", "-at_install")
class TestReceivables(ReceivableCase):
    def test_what_is_owed_at_the_end_of_each_month(self):
        """Billed in January, half paid in March, the rest in May; due in February."""
        self.switch_on("receivables", "overdue_receivables", "overdue_share", "long_overdue_receivables")
        move = self.billed(self.acme, "2025-01-20", 100, due="2025-02-20")
        self.paid(self.acme, "2025-03-10", 50, move)
        self.paid(self.acme, "2025-05-31", 50, move)
        self.refresh()
        self.assertEqual(
            self.values("receivables", "date:month"),
            {"2025-01": 100, "2025-02": 100, "2025-03": 50, "2025-04": 50, "2025-05": 0},
        )
        self.assertEqual(
            self.values("overdue_receivables", "date:month"),
            {"2025-02": 100, "2025-03": 50, "2025-04": 50, "2025-05": 0},
        )
        # 8 days past due at the end of February, 39 at the end of March
        self.assertEqual(
            self.values("long_overdue_receivables", "date:month"), {"2025-03": 50, "2025-04": 50, "2025-05": 0}
        )
        self.assertEqual(self.values("overdue_share", "date:quarter"), {"2025-01": 100, "2025-04": False})

    def test_a_debt_is_its_customers_whoever_sold(self):
        self.switch_on("receivables")
        self.owned(self.acme, self.anna, end="2025-03-15")
        self.env["sdm.ownership"].search([("partner_id", "=", self.acme.id)]).date_to = "2025-03-15"
        self.owned(self.acme, self.boris, start="2025-03-16")
        self.billed(self.acme, "2025-02-20", 100)
        self.refresh()
        self.assertEqual(
            self.values("receivables", "employee_id", "date:month", domain=[("date", "<=", "2025-04-01")]),
            {
                ("Anna", "2025-02"): 100,
                # handed over with the customer
                ("Anna", "2025-03"): 0,
                ("Boris", "2025-03"): 100,
                ("Boris", "2025-04"): 100,
            },
        )

    def test_money_that_is_not_matched_stands_apart(self):
        self.switch_on("receivables", "overdue_receivables", "unmatched_money", "overdue_share")
        self.billed(self.acme, "2025-04-10", 300, due="2025-04-30")
        self.billed(self.acme, "2025-04-10", 100, due="2025-07-30")
        self.paid(self.acme, "2025-05-10", 80)
        self.refresh()
        may = [("date", "=", "2025-05-01")]
        self.assertEqual(self.values("receivables", domain=may), 320)
        self.assertEqual(self.values("unmatched_money", domain=may), -80)
        self.assertEqual(self.values("overdue_receivables", domain=may), 300)
        self.assertEqual(self.values("overdue_share", domain=may), 75)
        # on the very day it is not past due yet
        self.assertFalse(self.values("overdue_receivables", domain=[("date", "=", "2025-04-01")]))

    def test_debts_are_not_credited_by_hand(self):
        self.billed(self.acme, "2025-04-10", 300)
        self.assertIsNone(self.entries("receivable")[0]._get_credited())
        self.assertEqual(self.entries("receivable")[0].action_open_document()["res_model"], "account.move")

    def test_all_together_is_the_balance_of_the_accounts(self):
        """On random documents and payments, line by line and in all."""
        for seed in range(3):
            chance = random.Random(seed)

            def day(chance=chance):
                return (FIRST + timedelta(days=chance.randrange(170))).isoformat()

            for _number in range(12):
                customer = chance.choice((self.acme, self.bolt))
                move = self.billed(customer, day(), chance.choice((10, 33.33, 250)), refund=chance.random() < 0.2)
                self.owed_line(move).date_maturity = day()
                if move.move_type == "out_invoice":
                    for _part in range(chance.randrange(3)):
                        amount = chance.choice((5, 12.5, 33.33))
                        self.paid(customer, day(), amount, *([move] if self.owed_line(move).amount_residual else []))
            lines = self.env["account.move.line"].search(
                [("account_id", "=", self.receivable.id), ("parent_state", "=", "posted")]
            )
            entries = self.entries("receivable")
            for month in periods.months_between(FIRST, LAST):
                end = min(periods.end_of(month), fields.Date.to_date("2025-06-30"))
                found = entries.filtered(lambda entry, end=end: entry.date == end)
                known = lines.filtered(lambda line, end=end: line.date <= end)
                self.assertAlmostEqual(sum(found.mapped("amount")), sum(known.mapped("balance")), 6)
                expected = []
                for line in known:
                    owed = line.balance
                    owed -= sum(part.amount for part in line.matched_credit_ids if part.max_date <= end)
                    owed += sum(part.amount for part in line.matched_debit_ids if part.max_date <= end)
                    if round(owed, 2):
                        late = (end - line.date_maturity).days if owed > 0 else 0
                        expected.append((line.move_id.id, round(owed, 2), max(late, 0), owed > 0 and late > 0))
                self.assertEqual(
                    sorted((e.move_id.id, round(e.amount, 2), e.age, e.is_late) for e in found), sorted(expected)
                )


@tagged("post_install", "-at_install")
class TestPromisedOrders(ReceivableCase):
    def promise(self, day, delivered, kind="consu"):
        order = self.order(self.acme, "2025-02-03", 50, seller=self.anna)
        order.commitment_date = self.noon(day)
        order.order_line.product_id.type = kind
        order.order_line.qty_delivered = delivered
        return order

    def test_an_order_is_late_until_its_goods_are_delivered_in_full(self):
        self.switch_on("late_orders", "late_order_share")
        late = self.promise("2025-03-10", 0)
        self.promise("2025-03-20", 1)
        self.promise("2025-03-20", 0, "service")
        # of today and of days to come nothing is late
        self.promise("2025-06-30", 0)
        self.promise("2025-07-10", 0)
        self.order(self.acme, "2025-02-03", 50)
        self.refresh()
        self.assertEqual(self.values("late_orders", "date:month"), {"2025-03": 1})
        self.assertAlmostEqual(self.values("late_order_share"), 100 / 3)
        self.assertEqual(self.entries("promised").filtered("is_late").order_id, late)
        self.assertEqual(self.values("late_orders", "employee_id"), {"Anna": 1})

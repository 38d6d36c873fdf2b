"""Planted cases of figures that are worked on instead of sales, beside innocent ones."""

from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from .common import KpiCase


class SignCase(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls.worker("Head")
        cls.anna = cls.worker("Anna", cls.head)
        cls.boris = cls.worker("Boris")
        for user, group in ((cls.head, "manager"), (cls.anna, "user"), (cls.boris, "user")):
            user.group_ids |= cls.env.ref(f"sdm_segmentation.group_sdm_{group}")
        cls.acme, cls.bolt = cls.customer("Acme"), cls.customer("Bolt")
        cls.pump = cls.in_category("Pumps")

    @classmethod
    def made(cls, record, day):
        """Date the entry of a record back: only the database can."""
        cls.env.flush_all()
        table = SQL.identifier(record._table)
        cls.env.cr.execute(SQL("UPDATE %s SET create_date = %s WHERE id = %s", table, cls.noon(day), record.id))
        record.invalidate_recordset(["create_date"])
        return record

    @classmethod
    def meeting(cls, user, day, entered):
        start = cls.noon(day)
        event = (
            cls.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": f"Visit of {day}",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "partner_ids": [Command.set((user.partner_id | cls.acme).ids)],
                }
            )
        )
        return cls.made(event, entered)

    def signs(self, kind=None, env=None):
        domain = [("kind", "=", kind)] if kind else []
        return (env or self.env)["sdm.kpi.sign"].search(domain)

    def told(self, kind):
        return {(sign.reference, sign.employee_id.name): sign.evidence for sign in self.signs(kind)}


@tagged("post_install", "-at_install")
class TestSigns(SignCase):
    def test_what_was_entered_days_later(self):
        self.meeting(self.anna, "2025-06-02", "2025-06-04")
        self.meeting(self.anna, "2025-06-03", "2025-06-06")
        self.meeting(self.boris, "2025-06-10", "2025-06-01")
        self.assertEqual(
            self.told("late_entry"),
            {
                (
                    "Visit of 2025-06-03",
                    "Anna",
                ): "Took place on 06/03/2025 and was entered on 06/06/2025, 3 days later"
            },
        )
        self.perimeter.sign_late_days = 2
        self.assertEqual(len(self.signs("late_entry")), 2)

    def test_deals_made_on_the_day_they_were_won(self):
        self.made(self.won("2025-06-05", 500, self.acme, self.anna, name="At once"), "2025-06-05")
        self.made(self.won("2025-06-05", 500, self.acme, self.anna, name="In time"), "2025-05-05")
        # one that was loaded later says nothing
        self.made(self.won("2025-06-05", 500, self.acme, self.anna, name="Loaded"), "2025-06-20")
        self.assertEqual(list(self.told("won_at_once")), [("At once", "Anna")])
        self.assertIn("Made and won on 06/05/2025, for", self.signs("won_at_once").evidence)
        self.perimeter.sign_won_amount = 501
        self.assertFalse(self.signs("won_at_once"))

    def test_orders_split_around_a_limit(self):
        for customer, day, price, user in (
            (self.acme, "2025-06-02", 60000, self.anna),
            (self.acme, "2025-06-03", 70000, self.anna),
            # too late, of another, too small, and above the limit by itself
            (self.acme, "2025-06-06", 90000, self.anna),
            (self.acme, "2025-06-03", 90000, self.boris),
            (self.bolt, "2025-06-02", 60000, self.anna),
            (self.bolt, "2025-06-03", 45000, self.anna),
            (self.bolt, "2025-06-03", 150000, self.anna),
        ):
            self.order(customer, day, price, seller=user)
        sign = self.signs("split")
        self.assertEqual((sign.partner_id, sign.employee_id, sign.number), (self.acme, self.anna.employee_id, 2))
        self.assertEqual((sign.amount, sign.other_date.isoformat()), (130000, "2025-06-02"))
        self.perimeter.sign_split_limit = 0
        self.assertFalse(self.signs("split"))

    def test_sold_at_the_end_and_returned_in_the_next_month(self):
        sold = self.bill(self.acme, "2025-05-30", [(self.pump, 1, 100)], self.anna)
        back = self.bill(self.acme, "2025-06-03", [(self.pump, 1, 100)], self.anna, refund=True)
        # of another amount, later, and sold in the middle of the month
        self.bill(self.acme, "2025-06-03", [(self.pump, 1, 99)], self.anna, refund=True)
        self.bill(self.bolt, "2025-05-31", [(self.pump, 1, 70)], self.boris)
        self.bill(self.bolt, "2025-06-08", [(self.pump, 1, 70)], self.boris, refund=True)
        self.bill(self.bolt, "2025-05-29", [(self.pump, 1, 50)], self.boris)
        self.bill(self.bolt, "2025-06-02", [(self.pump, 1, 50)], self.boris, refund=True)
        sign = self.signs("returned")
        self.assertEqual((sign.res_id, sign.amount, sign.other_reference), (back.id, 100, sold.name))
        self.assertIn(f"{sold.name} of 05/30/2025 was returned on 06/03/2025", sign.evidence)

    def test_a_refund_knows_its_invoice(self):
        sold = self.bill(self.acme, "2025-05-31", [(self.pump, 1, 100)], self.anna)
        back = self.bill(self.acme, "2025-06-01", [(self.pump, 1, 40)], self.anna, refund=True)
        self.assertFalse(self.signs("returned"))
        back.reversed_entry_id = sold
        self.assertEqual(self.signs("returned").amount, 40)

    def test_a_lost_deal_made_anew(self):
        lost = self.lost("2025-06-02", self.acme, self.anna, name="Pumps", expected_revenue=100)
        self.made(lost, "2025-03-01")
        for name, revenue, made, customer in (
            ("pumps", 5, "2025-06-10", self.acme),
            ("Other name", 109, "2025-06-11", self.acme),
            ("Other deal", 120, "2025-06-11", self.acme),
            ("Pumps", 100, "2025-06-11", self.bolt),
            ("Pumps before", 100, "2025-05-20", self.acme),
        ):
            deal = self.deal(customer, self.anna, name=name, expected_revenue=revenue)
            self.made(deal, made)
        self.assertEqual(set(self.told("recreated")), {("pumps", "Anna"), ("Other name", "Anna")})
        self.perimeter.sign_recreate_days = 8
        self.assertEqual(
            self.told("recreated"),
            {("pumps", "Anna"): "“Pumps” was lost on 06/02/2025, and this one was made on 06/10/2025"},
        )

    def test_users_who_enter_for_others_are_left_out(self):
        self.made(self.won("2025-06-05", 500, self.acme, self.anna), "2025-06-05")
        self.assertTrue(self.signs())
        rules = self.env["sdm.credit.rule"].search([("method", "=", "salesperson")])
        rules.ignored_user_ids = self.anna
        self.assertFalse(self.signs())

    def test_each_opens_its_document(self):
        deal = self.made(self.won("2025-06-05", 500, self.acme, self.anna), "2025-06-05")
        action = self.signs().action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", deal.id))


@tagged("post_install", "-at_install")
class TestSignsAccess(RpcCase, SignCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.anna, cls.boris, cls.head):
            cls.made(cls.won("2025-06-05", 500, cls.acme, user, name=f"Of {user.name}"), "2025-06-05")

    def test_the_head_sees_the_group_and_the_director_all(self):
        self.assertEqual(self.signs(env=self.env(user=self.head)).mapped("reference"), ["Of Anna"])
        for name in ("director", "auditor"):
            self.assertEqual(len(self.signs(env=self.env(user=self.persona(name)))), 3, name)
        for user in (self.anna, self.persona("payroll"), self.persona("stranger")):
            self.assertFalse(self.env["sdm.kpi.sign"].with_user(user).has_access("read"))

    def test_over_the_wire(self):
        for user in (self.anna, self.head):
            user.password = f"{user.login}-password"
        self.authenticate(self.anna.login, f"{self.anna.login}-password")
        _rows, error = self.call("sdm.kpi.sign", "search_read", [], ["evidence"])
        self.assertEqual(error, "odoo.exceptions.AccessError")
        self.authenticate(self.head.login, f"{self.head.login}-password")
        rows, error = self.call("sdm.kpi.sign", "search_read", [], ["reference"])
        self.assertIsNone(error)
        self.assertEqual([row["reference"] for row in rows], ["Of Anna"])

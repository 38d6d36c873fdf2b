"""A month is closed, its documents change, and the director decides what becomes of it."""

import random
from fractions import Fraction

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from ..engine import closing, facts
from .common import FIRST, LAST, KpiCase

FEBRUARY, MARCH, MAY = (fields.Date.to_date(f"2025-0{month}-01") for month in (2, 3, 5))
KEYS = ("employee_id", "head_id", "team_id", "segment_id", "category_id", "company_id", "partner_id")


class ClosingCase(KpiCase):
    """Anna and Boris with won deals in February and March; the director closes months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.anna = cls.worker("Anna", team=cls.team("North"))
        cls.boris = cls.worker("Boris")
        cls.acme, cls.bolt = cls.customer("Acme"), cls.customer("Bolt")
        cls.switch_on("won_amount", "won_deals", "won_customers", "pipeline", "average_deal")
        cls.february = cls.won("2025-02-10", 10, cls.acme, cls.anna, name="First")
        cls.march = cls.won("2025-03-10", 20, cls.acme, cls.anna, name="Second")
        cls.bolts = cls.won("2025-03-11", 5, cls.bolt, cls.boris, name="Bolts")
        cls.refresh()

    @classmethod
    def period(cls, month):
        return cls.env["sdm.period"].search([("perimeter_id", "=", cls.perimeter.id), ("date", "=", month)])

    def close(self, month=MARCH, note=False):
        self.period(month).with_user(self.director)._close(note)

    def facts_of(self, month=MARCH):
        rows = self.env["sdm.kpi.fact"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", month)])
        return {
            (row.kpi_id.code, row.employee_id.name, row.partner_id.name, bool(row.restatement_id)): row.value
            for row in rows
        }

    def differences(self, *names, domain=()):
        """Undecided ones as a set of what they say."""
        rows = self.env["sdm.period.difference"].search([("restatement_id", "=", False), *domain])
        names = names or ("reference", "kind", "old_value", "new_value")
        return {
            (row.kpi_id.code, row.employee_id.name or None, *(row[name] for name in names))
            for row in rows
            if row.period_id.perimeter_id == self.perimeter
        }

    def decide(self, kind, domain=()):
        rows = self.env["sdm.period.difference"].search([("restatement_id", "=", False), *domain])
        action = rows.with_user(self.director).action_decide()
        wizard = self.env["sdm.period.restate"].with_user(self.director).browse(action["res_id"])
        wizard.write({"kind": kind, "reason": "Posted late"})
        wizard.action_apply()
        return self.env["sdm.period.restatement"].search([], limit=1)

    def drill(self, code, month=MARCH, employee=None, correction=False, env=None):
        """What a fact opens: {name of the document: value}."""
        domain = [("input_kpi_id.code", "=", code), ("kpi_id.code", "=", code), ("date", "=", month)]
        domain += [("restatement_id", "!=" if correction else "=", False)]
        domain += [("employee_id", "=", employee.employee_id.id)] if employee else []
        Report = (env or self.env)["sdm.kpi.report"]
        action = Report.search(domain).action_open_entries()
        entries = Report.env["sdm.kpi.entry"].with_context(**action["context"]).search(action["domain"])
        measure = "documents" if code != "won_amount" else "amount"
        found = {}
        for entry in entries:
            name = entry.reference or entry.lead_id.name
            found[name] = found.get(name, 0) + entry[measure]
        return found


@tagged("post_install", "-at_install")
class TestClosing(ClosingCase):
    def test_a_late_invoice_of_several_lines_is_one_document(self):
        """Lines of 1, 2 and 4 in three categories: 0 -> 7 of revenue, 0 -> 1 customer, in one row each."""
        self.switch_on("revenue", "active_customers")
        products = [self.in_category(name) for name in ("Pumps", "Parts", "Pipes")]
        self.perimeter.revenue_source = "invoice"
        self.refresh()
        self.close()
        self.bill(self.acme, "2025-03-20", [(product, 1, 2**n) for n, product in enumerate(products)], self.anna)
        self.refresh()
        rows = self.env["sdm.period.difference"].search([("period_id", "=", self.period(MARCH).id)])
        shown = rows.search(self.period(MARCH).action_open_differences()["domain"])
        self.assertEqual(
            sorted(
                (row.kpi_id.code, row.document_old_value, row.document_new_value, row.document_difference)
                for row in shown
            ),
            [("active_customers", 0, 1, 1), ("revenue", 0, 7, 7)],
        )
        self.assertEqual(sum(rows.filtered(lambda row: row.kpi_id.code == "revenue").mapped("difference")), 7)
        action = shown.with_user(self.director).action_decide()
        wizard = self.env["sdm.period.restate"].with_user(self.director).browse(action["res_id"])
        self.assertEqual(wizard.difference_ids, shown)
        wizard.write({"kind": "restated", "reason": "Posted late"})
        wizard.action_apply()
        self.assertEqual(self.values("revenue", "category_id"), {"Pumps": 1, "Parts": 2, "Pipes": 4})
        self.assertEqual(self.values("active_customers"), 1)
        self.refresh()
        self.assertFalse(rows.search([("restatement_id", "=", False), ("period_id", "=", self.period(MARCH).id)]))

    def test_who_has_another_card_since_is_no_difference(self):
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.company.currency_id.id})
        self.perimeter.company_ids |= other
        self.director.company_ids |= other
        self.close()
        old = self.anna.employee_id
        self.anna.company_ids |= other
        new = self.env["hr.employee"].create({"name": "Anna", "user_id": self.anna.id, "company_id": other.id})
        old.active = False
        self.refresh()
        self.assertFalse(self.differences())
        self.march.expected_revenue = 21
        self.refresh()
        rows = self.env["sdm.period.difference"].search([("kpi_id.code", "=", "won_amount")])
        self.assertEqual([(row.employee_id, row.old_value, row.new_value) for row in rows], [(new, 20, 21)])

    def test_closing_keeps_the_facts_and_what_each_document_counted(self):
        self.won("2025-03-12", 7, self.bolt, self.anna, name="Not computed yet")
        self.close(note="Known")
        months = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id)], order="date")
        # those before it are closed with it
        self.assertEqual(months.mapped("state"), ["closed"] * 3 + ["open"] * 3)
        march = self.period(MARCH)
        self.assertEqual((march.closed_by_id, march.closing_note), (self.director, "Known"))
        self.assertEqual(march.closed_on, fields.Datetime.now())
        self.assertEqual(set(march.kpi_ids.mapped("code")), {"won_amount", "won_deals", "won_customers", "pipeline"})
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-02": 10, "2025-03": 32})
        self.assertEqual(self.drill("won_amount"), {"Second": 20, "Bolts": 5, "Not computed yet": 7})

    def test_what_was_counted_adds_up_to_the_facts(self):
        self.close()
        for period in self.env["sdm.period"].search([("state", "=", "closed")]):
            for kpi in period.kpi_ids:
                entries = self.env["sdm.period.entry"].search([("period_id", "=", period.id), ("kpi_id", "=", kpi.id)])
                kept = self.env["sdm.kpi.fact"].search([("date", "=", period.date), ("kpi_id", "=", kpi.id)])
                kept = kept.filtered(lambda fact, period=period: fact.perimeter_id == period.perimeter_id)
                if kpi.semantics == facts.DISTINCT:
                    self.assertEqual(entries.partner_id, kept.partner_id)
                else:
                    self.assertEqual(sum(entries.mapped("value")), sum(kept.mapped("value")), kpi.code)

    def test_what_is_on_top_is_kept_as_it_was_counted(self):
        deal = self.env["crm.lead"].search([("company_id", "=", self.company.id), ("won_status", "=", "won")], limit=1)
        self.split(deal, self.worker("Specialist"), 0.5, is_overlay=True)
        self.refresh()
        before = self.facts_of()
        self.close()
        self.refresh()
        self.assertFalse(self.differences())
        self.assertEqual(self.facts_of(), before)
        self.assertTrue(any(person == "Specialist" for _code, person, _customer, _correction in before))

    def test_a_closed_month_never_changes(self):
        self.close()
        before = self.facts_of()
        self.march.unlink()
        self.bolts.user_id = self.anna
        self.won("2025-03-20", 100, self.acme, self.boris)
        self.refresh()
        self.assertEqual(self.facts_of(), before)
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-02": 10, "2025-03": 25})
        self.assertEqual(self.drill("won_amount", employee=self.anna), {"Second": 20})
        # the months after it go on
        self.won("2025-05-05", 3, self.acme, self.anna)
        self.refresh()
        self.assertEqual(self.values("won_amount", domain=[("date", "=", MAY)]), 3)

    def test_late_changed_and_deleted_documents_are_listed(self):
        self.close()
        self.won("2025-03-20", 100, self.acme, self.boris, name="Late")
        self.bolts.expected_revenue = 8
        self.march.unlink()
        self.february.stage_id = self.stage_open
        self.february.write({"probability": 50, "date_closed": False})
        self.refresh()
        self.assertEqual(
            self.differences(domain=[("kpi_id.code", "=", "won_amount")]),
            {
                ("won_amount", "Boris", "Late", "late", 0, 100),
                ("won_amount", "Boris", "Bolts", "changed", 5, 8),
                ("won_amount", "Anna", "Second", "deleted", 20, 0),
                ("won_amount", "Anna", "First", "gone", 10, 0),
            },
        )
        self.assertEqual(
            self.differences(domain=[("kpi_id.code", "=", "won_customers")]),
            # Acme bought from Anna then, and from Boris now
            {
                ("won_customers", "Anna", "Second", "deleted", 1, 0),
                ("won_customers", "Anna", "First", "gone", 1, 0),
                ("won_customers", "Boris", "Late", "late", 0, 1),
            },
        )
        # states are known best by who looked then
        self.assertFalse(self.differences(domain=[("kpi_id.code", "=", "pipeline")]))
        self.assertEqual(self.period(MARCH).open_difference_count, 3)
        late = self.env["sdm.period.difference"].search([("reference", "=", "Late")], limit=1)
        self.assertEqual(late.action_open_document()["res_model"], "crm.lead")
        deleted = self.env["sdm.period.difference"].search([("reference", "=", "Second")], limit=1)
        self.assertEqual(deleted.action_open_document()["res_id"], self.acme.id)

    def test_differences_go_when_the_document_is_as_it_was(self):
        self.close()
        self.bolts.expected_revenue = 8
        self.refresh()
        [row] = self.env["sdm.period.difference"].search([("reference", "=", "Bolts")])
        self.refresh()
        self.assertTrue(row.exists(), "what is listed already is left alone")
        self.bolts.expected_revenue = 5
        self.refresh()
        self.assertFalse(self.differences())

    def test_a_document_that_moves_to_another_person_is_changed_for_both(self):
        self.close()
        self.bolts.user_id = self.anna
        self.refresh()
        self.assertEqual(
            self.differences("kind", "difference", domain=[("kpi_id.code", "=", "won_amount")]),
            {("won_amount", "Boris", "changed", -5), ("won_amount", "Anna", "changed", 5)},
        )

    def test_restating_replaces_the_facts_and_keeps_what_they_were(self):
        self.close()
        self.won("2025-03-20", 100, self.bolt, self.boris, name="Late")
        self.march.unlink()
        self.refresh()
        # who chooses one line of a document decides on the whole document
        decision = self.decide("restated", [("kpi_id.code", "=", "won_amount")])
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-02": 10, "2025-03": 105})
        self.assertEqual(self.values("won_deals", "employee_id", domain=[("date", "=", MARCH)]), {"Boris": 2})
        self.assertEqual(self.values("won_customers", domain=[("date", "=", MARCH)]), 1)
        self.assertEqual(
            {(line.kpi_id.code, line.old_value, line.new_value) for line in decision.line_ids},
            {("won_amount", 25, 105), ("won_deals", 2, 2), ("won_customers", 2, 1)},
        )
        self.assertEqual((decision.user_id, decision.reason), (self.director, "Posted late"))
        self.assertEqual(self.drill("won_amount"), {"Bolts": 5, "Late": 100})
        self.refresh()
        self.assertFalse(self.differences())
        self.assertEqual(self.values("won_amount", domain=[("date", "=", MARCH)]), 105)
        self.assertIn("Posted late", self.period(MARCH).message_ids[0].body)

    def test_a_correction_counts_in_the_present_month(self):
        self.close()
        self.won("2025-03-20", 100, self.bolt, self.boris, name="Late")
        self.won("2025-06-05", 1, self.bolt, self.boris, name="Of June")
        self.refresh()
        decision = self.decide("corrected")
        self.assertEqual(decision.counted_in_id.date, LAST)
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-02": 10, "2025-03": 25, "2025-06": 101})
        self.assertEqual(self.drill("won_amount", LAST), {"Of June": 1})
        self.assertEqual(self.drill("won_amount", LAST, correction=True), {"Late": 100})
        # nothing is counted twice by the next computation, and nothing is found again
        self.refresh()
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-02": 10, "2025-03": 25, "2025-06": 101})
        self.assertFalse(self.differences())
        # what changes after the decision is found
        self.env["crm.lead"].search([("name", "=", "Late")]).expected_revenue = 110
        self.refresh()
        self.assertEqual(self.differences("old_value", "new_value"), {("won_amount", "Boris", 100, 110)})

    def test_customers_are_not_corrected_in_another_month(self):
        self.close()
        self.won("2025-03-20", 100, self.customer("New"), self.boris)
        self.refresh()
        wizard = self.env["sdm.period.restate"].create(
            {"period_id": self.period(MARCH).id, "difference_ids": self.env["sdm.period.difference"].search([]).ids}
        )
        self.assertIn("Counts of customers cannot move to another month", wizard.explanation)
        self.decide("corrected")
        self.assertEqual({code for code, *_rest in self.differences()}, {"won_customers"})
        with self.assertRaisesRegex(UserError, "can only be restated"):
            self.decide("corrected")
        self.decide("restated")
        self.assertEqual(self.values("won_customers", domain=[("date", "=", MARCH)]), 3)

    def test_a_kpi_switched_on_later_is_counted_all_along(self):
        own = self.env["sdm.kpi"].create({"name": "Own", "source": "won", "is_on": True})
        self.close()
        self.switch_on("lost_deals")
        self.lost("2025-03-05", self.acme, self.anna)
        self.refresh()
        self.assertEqual(self.values("lost_deals", "date:month"), {"2025-03": 1})
        # and one that is switched off keeps what is closed
        self.env["sdm.kpi"].search([("code", "in", ("won_amount", "average_deal"))]).is_on = False
        self.march.unlink()
        self.refresh()
        self.env["sdm.kpi"].search([("code", "=", "won_amount")]).is_on = True
        self.refresh()
        self.assertEqual(self.values("won_amount", domain=[("date", "=", MARCH)]), 25)
        with self.assertRaisesRegex(UserError, "“Own” is part of .* 2025, which is closed"):
            own.unlink()

    def test_nobody_keeps_an_open_deal_that_is_gone(self):
        """Zero in the month after comes from what is closed, whatever the documents say now."""
        deal = self.entered(self.deal(self.acme, self.anna, "2025-02-01", expected_revenue=70), "2025-02-01")
        self.refresh()
        self.close(FEBRUARY)
        self.assertEqual(self.values("pipeline", domain=[("date", "=", FEBRUARY)]), 70)
        deal.unlink()
        self.refresh()
        self.assertEqual(self.values("pipeline", domain=[("date", "=", FEBRUARY)]), 70)
        self.assertEqual(self.values("pipeline", "employee_id"), {"Anna": 0})

    def test_only_the_last_closed_month_is_opened_again(self):
        self.close()
        with self.assertRaisesRegex(UserError, "Only the last closed month is opened again: March 2025"):
            self.period(FEBRUARY).with_user(self.director)._reopen("Why")
        self.won("2025-03-20", 100, self.bolt, self.boris, name="Late")
        self.refresh()
        self.decide("corrected")
        march = self.period(MARCH)
        march.with_user(self.director)._reopen("A day was missing")
        self.assertEqual((march.state, march.closed_by_id.id, march.kpi_ids.ids), ("open", False, []))
        self.assertIn("A day was missing", march.message_ids[0].body)
        self.refresh()
        # the month counts the document itself, and the correction is withdrawn
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-02": 10, "2025-03": 125})
        self.assertTrue(march.restatement_ids.withdrawn_on)
        march.with_user(self.director)._close()
        self.assertEqual(self.values("won_amount", domain=[("date", "=", MARCH)]), 125)

    def test_who_may_not_and_what_may_not(self):
        june = self.period(LAST)
        with self.assertRaisesRegex(UserError, "June 2025 is not over yet"):
            june.with_user(self.director)._close()
        self.assertFalse(june.with_user(self.director).can_close)
        self.assertTrue(self.period(MARCH).with_user(self.director).can_close)
        for name in ("seller", "head", "auditor"):
            with self.assertRaises(AccessError):
                self.period(MARCH).with_user(self.persona(name))._close()
        self.close()
        with self.assertRaisesRegex(UserError, "March 2025 has been closed by"):
            self.close()

    def test_while_facts_are_computed_nothing_is_closed(self):
        run = self.env["sdm.kpi.run"]._start(self.perimeter, FIRST, LAST)
        with self.assertRaisesRegex(UserError, "has been computing the facts"):
            self.close()
        # a dead one does not stand in the way, and what it had done is computed again
        run.heartbeat = fields.Datetime.subtract(fields.Datetime.now(), minutes=16)
        run.sources_done = ["won"]
        self.won("2025-03-20", 100, self.bolt, self.boris)
        self.close()
        self.assertEqual((run.state, self.period(MARCH).state), ("cancelled", "closed"))
        self.assertEqual(self.values("won_amount", domain=[("date", "=", MARCH)]), 125)

    def test_what_is_looked_at_before(self):
        self.won("2025-03-21", 30, self.bolt)
        self.company.sale_lock_date = "2025-02-28"
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.acme.id,
                "invoice_date": "2025-03-05",
                "journal_id": self.journal.id,
            }
        )
        action = self.period(MARCH).with_user(self.director).action_close()
        wizard = self.env["sdm.period.close"].with_user(self.director).browse(action["res_id"])
        self.assertEqual(wizard.months, "January 2025, February 2025, March 2025")
        checks = {check.name: (check.state, check.text) for check in wizard.check_ids}
        self.assertEqual(checks["Without a person"][0], "look")
        self.assertIn("30.00, documents: 1.", checks["Without a person"][1])
        self.assertEqual(checks["Drafts"], ("look", "Invoices of these days that are not posted and do not count: 1."))
        self.assertEqual(checks["Freshness"][0], "fine")
        self.assertEqual(checks["Earlier months"][0], "fine")
        self.assertIn("Odoo still takes sales entries of these days in: Test Trade.", checks["Odoo's lock date"][1])
        with self.assertRaisesRegex(UserError, "asks for a look"):
            wizard.action_apply()
        unassigned = wizard.check_ids.filtered(lambda check: check.name == "Without a person").action_open()
        entries = self.env["sdm.kpi.entry"].with_context(**unassigned["context"]).search(unassigned["domain"])
        self.assertEqual(entries.mapped("amount"), [30])
        wizard.note = "It is the shop's"
        wizard.action_apply()
        self.assertEqual(self.period(MARCH).closing_note, "It is the shop's")

    def test_a_customer_that_is_deleted_stays_counted(self):
        gone = self.customer("Gone")
        deal = self.won("2025-03-20", 1, gone, self.anna)
        self.close()
        self.assertEqual(self.values("won_customers", domain=[("date", "=", MARCH)]), 3)
        deal.unlink()
        gone.unlink()
        self.assertEqual(self.values("won_customers", domain=[("date", "=", MARCH)]), 3)


@tagged("post_install", "-at_install")
class TestClosingOracle(ClosingCase):
    """What is listed is what the engine says, on random changes of random documents."""

    def present(self, kpi, month):
        """What each document counts, by the entries one after another."""
        action = self.env["sdm.kpi.entry"]._get_action(kpi, month, month)
        context = {**action["context"], "sdm_kpi": False}
        found = {}
        for entry in self.env["sdm.kpi.entry"].with_context(**context).search(action["domain"]):
            leaf = self.leaf(entry, month, kpi)
            key = (leaf, ("crm.lead", entry.lead_id.id))
            if kpi.semantics == facts.DISTINCT:
                if entry.partner_id:
                    found[key] = Fraction(1)
            else:
                value = Fraction(f"{entry[kpi.measure]:.6f}")
                found[key] = found.get(key, Fraction(0)) + value
        return {key: value for key, value in found.items() if value}

    def leaf(self, row, month, kpi):
        values = {name: row[name].id or None for name in KEYS}
        if not kpi._has_categories():
            values["category_id"] = None
        return facts.Leaf(month, *(values[name] for name in KEYS))

    def listed(self, kpi, month):
        rows = self.env["sdm.period.difference"].search(
            [("kpi_id", "=", kpi.id), ("period_id", "=", self.period(month).id), ("restatement_id", "=", False)]
        )
        kinds = {"deleted": "gone"}
        return {
            closing.Difference(
                self.leaf(row, month, kpi),
                (row.res_model, row.res_id),
                kinds.get(row.kind, row.kind),
                Fraction(f"{row.old_value:.6f}"),
                Fraction(f"{row.new_value:.6f}"),
            )
            for row in rows
        }

    def test_differences_are_those_of_the_engine(self):
        chance = random.Random(5)
        users, customers = [self.anna, self.boris, None], [self.acme, self.bolt, None]
        deals = self.env["crm.lead"]
        for _number in range(15):
            day = f"2025-03-{chance.randrange(1, 29):02}"
            deals |= self.won(day, chance.choice((0, 10, 33.33)), chance.choice(customers), chance.choice(users))
        for deal in deals[:6]:
            self.split(deal, self.boris, chance.choice((0.3, 0.5)))
        kpis = self.env["sdm.kpi"].search([("code", "in", ("won_amount", "won_deals", "won_customers"))])
        self.close()
        before = {kpi: self.present(kpi, MARCH) for kpi in kpis}
        for deal in deals:
            changes = {
                "user": {"user_id": chance.choice(users) and self.anna.id},
                "amount": {"expected_revenue": 12.5},
                "customer": {"partner_id": chance.choice([self.acme.id, self.bolt.id, False])},
                "day": {"date_closed": self.noon("2025-04-02")},
                "nothing": {},
            }
            change = chance.choice([*changes, "delete"])
            deal.unlink() if change == "delete" else deal.write(changes[change])
        for _number in range(3):
            self.won("2025-03-15", 7, chance.choice(customers), chance.choice(users))
        self.refresh()
        for kpi in kpis:
            after = self.present(kpi, MARCH)
            expected = closing.compare(before[kpi], after, kpi.semantics)
            self.assertTrue(expected)
            if kpi.semantics == facts.DISTINCT:
                # which of several documents of a customer is named does not matter
                self.assertEqual(
                    {(row.leaf, row.old, row.new) for row in self.listed(kpi, MARCH)},
                    {(row.leaf, row.old, row.new) for row in expected},
                )
            else:
                self.assertEqual(self.listed(kpi, MARCH), set(expected), kpi.code)
        self.decide("restated")
        self.refresh()
        self.assertFalse(self.differences())
        for kpi in kpis:
            self.assertEqual(
                {
                    self.leaf(row, MARCH, kpi): Fraction(f"{row.value:.6f}")
                    for row in self.env["sdm.kpi.fact"].search(
                        [("kpi_id", "=", kpi.id), ("date", "=", MARCH), ("perimeter_id", "=", self.perimeter.id)]
                    )
                },
                closing.facts_of(self.present(kpi, MARCH), kpi.semantics),
            )


@tagged("post_install", "-at_install")
class TestClosingAccess(RpcCase, ClosingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.anna, cls.boris):
            user.group_ids |= cls.env.ref("sdm_segmentation.group_sdm_user")
        cls.period(MARCH).with_user(cls.director)._close()
        cls.march.expected_revenue = 21
        cls.bolts.expected_revenue = 6
        cls.refresh()

    def test_a_seller_sees_the_own_differences_and_decides_nothing(self):
        Difference = self.env["sdm.period.difference"]
        self.assertEqual(Difference.with_user(self.anna).search([]).mapped("reference"), ["Second"])
        self.assertEqual(len(Difference.with_user(self.director).search([])), 2)
        with self.assertRaises(AccessError):
            Difference.with_user(self.anna).search([]).action_decide()
        for model in ("sdm.period.restatement", "sdm.period.entry", "sdm.period.close"):
            self.assertFalse(self.env[model].with_user(self.anna).has_access("read"), model)
        self.assertEqual(self.drill("won_amount", env=self.env(user=self.anna)), {"Second": 20})

    def test_over_the_wire(self):
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")
        march = self.period(MARCH)
        for method in ("action_close", "action_reopen"):
            _result, error = self.call("sdm.period", method, march.ids)
            self.assertEqual(error, "odoo.exceptions.AccessError", method)
        _result, error = self.call("sdm.period", "write", march.ids, {"state": "open"})
        self.assertEqual(error, "odoo.exceptions.AccessError")
        rows, error = self.call("sdm.period.difference", "search_read", [], ["reference", "reason"])
        self.assertIsNone(error)
        self.assertEqual([row["reference"] for row in rows], ["Second"])
        self.decide("corrected")
        rows, error = self.call(
            "sdm.kpi.report", "web_search_read", [], {"restatement_id": {"fields": {"display_name": {}}}}
        )
        self.assertIsNone(error)
        self.assertIn(
            "Posted late", [row["restatement_id"] and row["restatement_id"]["display_name"] for row in rows["records"]]
        )

"""How fresh and complete the documents of a month are."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.tests.common import RpcCase

from .common import KpiCase

MAY, JUNE = (fields.Date.to_date(f"2025-0{month}-01") for month in (5, 6))


class StatusCase(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.anna = cls.worker("Anna")
        cls.acme = cls.customer("Acme")
        cls.pump = cls.in_category("Pumps")
        cls.switch_on("won_amount", "revenue")
        for day in ("2025-06-03", "2025-06-20"):
            cls.bill(cls.acme, day, [(cls.pump, 1, 5)], cls.anna)
        cls.bill(cls.acme, "2025-05-20", [(cls.pump, 1, 5)], cls.anna)
        cls.may_draft = cls.bill(cls.acme, "2025-05-31", [(cls.pump, 1, 5)], cls.anna)
        cls.draft = cls.bill(cls.acme, "2025-06-25", [(cls.pump, 1, 5)], cls.anna)
        (cls.draft | cls.may_draft).button_draft()
        cls.cancelled = cls.bill(cls.acme, "2025-06-26", [(cls.pump, 1, 5)], cls.anna)
        cls.cancelled.button_cancel()
        cls.deal = cls.won("2025-06-05", 10, cls.acme, cls.anna)
        cls.written(fields.Datetime.now() - timedelta(hours=1))
        cls.refresh()

    @classmethod
    def written(cls, moment, record=None):
        """Date the last change of documents: only the database can."""
        cls.env.flush_all()
        for table in ("account_move", "crm_lead"):
            chosen = record if record and record._table == table else None
            only = SQL("id = %s", chosen.id) if chosen else SQL("%s", record is None)
            cls.env.cr.execute(SQL("UPDATE %s SET write_date = %s WHERE %s", SQL.identifier(table), moment, only))
        cls.env.invalidate_all()

    def status(self, month=JUNE):
        rows = self.env["sdm.source.status"].search([("date", "=", month)])
        return {row.source: (row.total, row.counted, row.draft, row.changed, str(row.last_date)) for row in rows}

    def period(self, month=JUNE):
        return self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id), ("date", "=", month)])

    def look(self, user, month=None):
        found = self.env["sdm.period"].with_user(user)._describe_status(self.perimeter.with_user(user), month)
        # the space before AM depends on the version of babel
        return {**found, "text": found["text"].replace("\u202f", " ")}


@tagged("post_install", "-at_install")
class TestSourceStatus(StatusCase):
    def test_how_many_count_and_which_was_the_last(self):
        self.assertEqual(self.status(), {"invoice": (3, 2, 1, 0, "2025-06-20"), "deal": (1, 1, 0, 0, "2025-06-05")})
        self.assertEqual(self.status(MAY), {"invoice": (2, 1, 1, 0, "2025-05-20")})

    def test_days_end_where_the_company_is(self):
        self.company.partner_id.tz = "Asia/Vladivostok"
        # 00:30 on the first of July there
        self.deal.date_closed = "2025-06-30 14:30:00"
        self.env.flush_all()
        self.assertNotIn("deal", self.status())

    def test_what_was_written_since_is_told_and_no_reason_to_worry(self):
        self.written(fields.Datetime.now() + timedelta(minutes=1), self.deal)
        self.assertEqual(self.status()["deal"], (1, 1, 0, 1, "2025-06-05"))
        june = self.period()
        self.assertEqual(
            (june.status, june.is_marked), ("Invoices: 2 of 3. Won and lost deals: changed since: 1", False)
        )

    def test_a_month_that_is_over_is_marked_for_its_drafts(self):
        may = self.period(MAY)
        self.assertEqual((may.status, may.is_marked), ("Invoices: 1 of 2", True))
        self.may_draft.action_post()
        self.written(fields.Datetime.now() - timedelta(hours=1))
        may.invalidate_recordset()
        self.assertEqual((may.status, may.is_marked), ("", False))
        self.assertEqual(self.status(MAY)["invoice"][:3], (2, 2, 0))

    def test_of_a_closed_month_its_differences_tell(self):
        self.period(MAY).with_user(self.director)._close("Known")
        self.written(fields.Datetime.now() + timedelta(minutes=1))
        may = self.period(MAY)
        self.assertEqual((may.status, may.is_marked), ("", False))
        self.assertEqual(self.status(MAY)["invoice"], (2, 1, 1, 0, "2025-05-20"))
        self.assertEqual(self.look(self.director, MAY)["marks"], [])

    def test_each_perimeter_has_its_own(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= other
        elsewhere = self.env["sdm.perimeter"].create({"name": "Elsewhere", "company_ids": other.ids})
        june = self.env["sdm.period"].create({"perimeter_id": elsewhere.id, "date": JUNE})
        self.assertFalse(june.status_ids)
        self.assertEqual(self.period().status_ids.mapped("source"), ["invoice", "deal"])

    def test_facts_say_when_they_are_of_and_what_they_lack(self):
        self.assertEqual(
            self.look(self.director),
            {
                "text": "Facts as of 6/30/25, 12:00 AM. "
                "2 of 3 invoices of June 2025 are posted; the others do not count yet.",
                "marks": ["1 of 2 invoices of May 2025 are posted; the others do not count yet."],
            },
        )
        self.assertEqual(self.look(self.director, MAY)["text"], "Facts as of 6/30/25, 12:00 AM.")
        self.assertEqual(len(self.look(self.director, MAY)["marks"]), 1)
        self.assertEqual(self.look(self.director, JUNE)["marks"], [])

    def test_who_does_not_see_the_whole_is_told_no_numbers(self):
        self.anna.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        for user in (self.anna, self.persona("head")):
            self.assertEqual(
                self.look(user),
                {
                    "text": "Facts as of 6/30/25, 12:00 AM.",
                    "marks": ["Not all invoices of May 2025 are posted; the others do not count yet."],
                },
            )

    def test_where_no_kpi_takes_invoices_their_drafts_do_not_matter(self):
        self.kpi("revenue").is_on = False
        self.assertEqual(self.look(self.director), {"text": "Facts as of 6/30/25, 12:00 AM.", "marks": []})

    def test_where_revenue_is_counted_by_orders_drafts_of_invoices_do_not_matter(self):
        self.perimeter.revenue_source = "order"
        self.assertEqual(self.look(self.director)["marks"], [])
        self.perimeter.revenue_source = "invoice"
        self.assertEqual(len(self.look(self.director)["marks"]), 1)

    def test_old_facts_are_marked(self):
        self.kpi("revenue").is_on = False
        self.anna.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        months = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id)])
        months.refreshed_on = fields.Datetime.now() - timedelta(hours=36)
        self.assertEqual(self.look(self.anna)["marks"], [])
        months.refreshed_on = fields.Datetime.now() - timedelta(hours=37)
        self.assertEqual(
            self.look(self.director)["marks"],
            ["These facts are more than a day and a half old. The director sees why under KPIs > Computations."],
        )
        self.assertTrue(self.period().is_marked)

    def test_without_facts_nothing_is_said(self):
        self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id)]).unlink()
        self.assertEqual(self.look(self.director), {"text": "", "marks": []})

    def test_my_plan_and_the_scorecard_say_it(self):
        self.anna.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        plan = self.env["sdm.my.plan"].with_user(self.anna).get_plan(month="2025-05-01")
        self.assertEqual(plan["status"]["marks"], self.look(self.anna, MAY)["marks"])
        card = self.env["sdm.scorecard"].with_user(self.director).get_scorecard(month="2025-05-01")
        self.assertEqual(card["status"]["marks"], self.look(self.director, MAY)["marks"])

    def test_queries_do_not_depend_on_how_many_months_are_shown(self):
        def count(months):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            months.web_read({"status": {}, "is_marked": {}})
            return self.env.cr.sql_log_count - before

        months = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id)])
        few = months.browse(months[:3].ids)
        count(few), count(months)
        self.assertEqual(count(months), count(few))
        self.assertLessEqual(count(months), 10)


@tagged("post_install", "-at_install")
class TestSourceStatusAccess(RpcCase, StatusCase):
    def test_counts_are_for_who_sees_the_whole(self):
        allowed = {"seller": False, "head": False, "payroll": False, "director": True, "auditor": True}
        for name, may in allowed.items():
            user = self.director if name == "director" else self.persona(name)
            self.assertEqual(self.env["sdm.source.status"].with_user(user).has_access("read"), may, name)
            self.assertFalse(self.env["sdm.source.status"].with_user(user).has_access("write"), name)
            self.assertEqual("status" in self.env["sdm.period"].with_user(user).fields_get(), may, name)

    def test_over_the_wire(self):
        self.anna.group_ids |= self.env.ref("sdm_segmentation.group_sdm_user")
        self.anna.password = "anna-password"
        self.authenticate(self.anna.login, "anna-password")
        _rows, error = self.call("sdm.source.status", "search_read", [], ["total"])
        self.assertEqual(error, "odoo.exceptions.AccessError")
        _rows, error = self.call("sdm.period", "search_read", [], ["status"])
        self.assertEqual(error, "odoo.exceptions.AccessError")
        status, error = self.call("sdm.period", "get_status")
        self.assertIsNone(error)
        self.assertIn("Facts as of", status["text"])
        self.assertNotIn(" of 3 ", str(status))

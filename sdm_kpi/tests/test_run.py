from datetime import timedelta
from math import inf
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.sdm_kpi_source import Scope
from .common import FIRST, LAST, KpiCase


@tagged("post_install", "-at_install")
class TestRun(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.worker("Anna", team=cls.team("North"))
        cls.acme = cls.customer("Acme")
        cls.switch_on("won_amount", "won_deals", "won_customers", "pipeline", "working_days", "win_rate")
        for day, value in (("2025-02-10", 10), ("2025-03-10", 20)):
            cls.won(day, value, cls.acme, cls.anna)
        cls.entered(cls.deal(cls.acme, cls.anna, "2025-02-01", expected_revenue=5), "2025-02-01")

    def without_commits(self):
        """Let what a scheduled job does be rolled back with the test."""
        return patch.object(self.registry["ir.cron"], "_commit_progress", lambda *arguments, **values: inf)

    def stored(self):
        return self.env["sdm.kpi.fact"].search([("perimeter_id", "=", self.perimeter.id)])

    def test_run_again_nothing_changes(self):
        first = self.refresh()
        before = self.stored()
        self.assertEqual((first.state, first.added_count, first.removed_count), ("done", len(before), 0))
        second = self.refresh()
        self.assertEqual((second.added_count, second.removed_count), (0, 0))
        self.assertEqual(self.stored(), before)

    def test_only_what_differs_is_touched(self):
        self.refresh()
        before = {fact.id: fact.value for fact in self.stored()}
        self.won("2025-03-11", 5, self.acme, self.anna)
        run = self.refresh()
        # the amount and the number of March are written anew
        self.assertEqual((run.added_count, run.removed_count), (2, 2))
        after = {fact.id: fact.value for fact in self.stored()}
        self.assertEqual(after.keys(), before.keys())
        self.assertEqual(sum(after[key] != before[key] for key in after), 2)

    def test_a_deleted_document_takes_its_fact_along(self):
        self.refresh()
        self.env["crm.lead"].search([("company_id", "=", self.company.id), ("won_status", "=", "won")]).unlink()
        self.refresh()
        self.assertFalse(self.values("won_amount"))

    def test_months_outside_are_left_alone(self):
        self.refresh()
        self.env["crm.lead"].search([("company_id", "=", self.company.id), ("won_status", "=", "won")]).unlink()
        self.refresh(fields.Date.to_date("2025-03-01"))
        self.assertEqual(self.values("won_amount", "date:month"), {"2025-02": 10})

    def test_a_second_one_is_told_who_is_running(self):
        Run = self.env["sdm.kpi.run"]
        Run._start(self.perimeter, FIRST, LAST)
        with self.assertRaisesRegex(UserError, "has been computing the facts of “Test” since"):
            Run._start(self.perimeter, FIRST, LAST)

    def test_a_dead_one_is_taken_over_where_it_was(self):
        Run = self.env["sdm.kpi.run"]
        dead = Run._start(self.perimeter, FIRST, LAST)
        for source in ("revenue", "won"):
            dead._refresh(source, Scope(self.perimeter))
        dead.heartbeat = fields.Datetime.now() - timedelta(minutes=16)
        taken = Run._start(self.perimeter, FIRST, LAST)
        self.assertEqual(taken, dead)
        self.assertNotIn("won", taken._get_sources_left())
        taken._run()
        self.assertEqual((taken.state, self.values("won_amount")), ("done", 30))

    def test_the_months_know_how_fresh_they_are(self):
        self.refresh()
        months = self.env["sdm.period"].search([("perimeter_id", "=", self.perimeter.id)])
        self.assertEqual(months.mapped("date"), [LAST.replace(month=month) for month in range(6, 0, -1)])
        self.assertEqual(set(months.mapped("refreshed_on")), {fields.Datetime.now()})
        self.company.country_id = False
        june = months[0]
        self.assertEqual((june.display_name, june.working_days), ("June 2025", 21))
        self.assertEqual(june.fact_count, len(self.stored().filtered(lambda fact: fact.date == LAST)))
        action = june.action_open_facts()
        self.assertEqual(set(self.env["sdm.kpi.report"].search(action["domain"]).mapped("date")), {LAST})

    def test_facts_go_back_to_the_first_document(self):
        self.env["crm.lead"].search([("company_id", "!=", self.company.id)]).company_id = False
        self.assertLessEqual(
            self.env["sdm.kpi.source"]._find_first_month(self.company), fields.Date.to_date("2025-02-01")
        )

    def test_every_perimeter_is_computed_at_night(self):
        with self.without_commits():
            self.env["sdm.kpi.run"]._cron_run()
        runs = self.env["sdm.kpi.run"].search([])
        self.assertEqual(set(runs.mapped("state")), {"done"})
        self.assertIn(self.perimeter, runs.perimeter_id)
        self.assertEqual(self.values("won_amount"), 30)

    def test_an_error_is_kept_and_stops_nobody_else(self):
        kpi = self.kpi("won_amount")
        kpi.flush_recordset()
        self.env.cr.execute("UPDATE sdm_kpi SET filter_domain = '[(' WHERE id = %s", [kpi.id])
        kpi.invalidate_recordset()
        run = self.env["sdm.kpi.run"]._start(self.perimeter, FIRST, LAST)
        with self.without_commits():
            run._run_safely()
        self.assertEqual(run.state, "failed")
        self.assertIn("Won deals, amount", run.error)
        self.assertEqual(run._get_sources_left()[0], "won")

    def test_the_director_computes_at_once_and_nobody_else(self):
        director, head = self.persona("director"), self.persona("head")
        with self.assertRaises(AccessError):
            self.env["sdm.kpi.run"].with_user(head).action_refresh()
        self.env["sdm.kpi.run"].with_user(director).action_refresh()
        self.assertEqual(self.values("won_amount"), 30)
        run = self.env["sdm.kpi.run"]._start(self.perimeter, FIRST, LAST)
        with self.assertRaises(AccessError):
            run.with_user(head).action_cancel()
        run.with_user(director).action_cancel()
        self.assertEqual(run.state, "cancelled")

"""Large files are read in the background, batch after batch; killed or cancelled anywhere, nothing is half loaded."""

from contextlib import suppress
from math import inf
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..engine.history import make_keys
from ..models import sdm_kpi_import, sdm_kpi_import_read
from .test_history import HistoryCase

LINES = ["Date,Customer,Seller,Number,Amount"] + [
    f"{day:02}.0{month}.2025,{'Acme' if day % 2 else 'Bolt'},Anna,S{day}-{month},{day}.50"
    for month in range(1, 4)
    for day in range(1, 11)
]


class Killed(BaseException):
    """The process ends."""


@tagged("post_install", "-at_install")
class TestHistoryLarge(HistoryCase):
    def setUp(self):
        super().setUp()
        self.patch(sdm_kpi_import, "IN_REQUEST", 10)
        self.patch(sdm_kpi_import_read, "BATCH", 8)

    def bring(self, *lines, check=True, **values):
        return super().bring(*lines, check=check, **{"kind": "order", **values})

    def work(self, after_batch=lambda number: None):
        """Let the scheduled job work; what it commits is rolled back with the test.

        :param after_batch: called after each commit with its number
        """
        batches = []

        def commit(*_arguments, **_values):
            batches.append(1)
            after_batch(len(batches))
            return inf

        with patch.object(self.registry["ir.cron"], "_commit_progress", commit):
            self.env["sdm.kpi.import"]._cron_run()
        return len(batches)

    def loaded(self):
        return self.env["sdm.kpi.history"].search([("company_id", "=", self.company.id)])

    def test_checked_and_loaded_in_the_background(self):
        record = self.bring(*LINES, "soon,Acme,Anna,S,1")
        self.assertEqual((record.state, record.row_count, record.right_count), ("checking", 32, 0))
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", self.env.ref("sdm_kpi.ir_cron_history").id)])
        self.assertTrue(trigger)
        # four batches and the file
        self.assertEqual(self.work(), 5)
        self.assertEqual((record.state, record.right_count, record.rejected_count), ("checked", 30, 1))
        self.assertEqual(record.totals, [[f"2025-0{month}-01", 10, "60.00"] for month in range(1, 4)])
        self.assertEqual(record.rejected[0][0], 32)
        record.action_load()
        self.assertEqual((record.state, len(self.loaded())), ("loading", 0))
        self.work()
        self.assertEqual((record.state, record.history_count, bool(record.loaded_on)), ("loaded", 30, True))
        self.assertEqual(sum(self.loaded().mapped("amount")), 180)
        told = record.message_ids.filtered(lambda message: message.partner_ids == self.director.partner_id)
        self.assertIn("“old.csv” is checked: 30 rows are right, 1 are rejected.", told[-1].body)
        self.assertIn("“old.csv” is loaded.", told[0].body)
        # what is wrong can still be looked at
        self.assertEqual(self.rows(record).mapped("is_right"), [False])

    def test_keys_are_those_of_the_engine(self):
        record = self.bring(*LINES[:4], LINES[1], LINES[2], LINES[1])
        keys = {
            row: key
            for key, row in self.env.execute_query(
                SQL("SELECT key, row FROM (%s) keyed", self.env["sdm.kpi.import.row"]._query_keyed(record))
            )
        }
        sales = {
            day: {"date": f"2025-01-0{day}", "person": "Anna", "reference": f"S{day}-1", "amount": f"{day}.5"}
            for day in (1, 2, 3)
        }
        rows = [sales[day] | {"customer": "Acme" if day % 2 else "Bolt"} for day in (1, 2, 3, 1, 2, 1)]
        self.assertEqual([keys[row] for row in sorted(keys)], make_keys(rows))

    def test_killed_while_reading_it_goes_on_there(self):
        record = self.bring(*LINES)

        def kill(number):
            if number == 2:
                raise Killed

        # what was committed stays, which assertRaises() would roll back
        with suppress(Killed):
            self.work(kill)
        self.assertEqual((record.state, len(self.rows(record)), len(self.loaded())), ("checking", 16, 0))
        self.assertEqual(round(record.progress), 55)
        # two batches are left, and the file
        self.assertEqual(self.work(), 3)
        self.assertEqual((record.state, record.right_count, record.progress), ("checked", 30, 100))

    def test_cancelled_while_reading(self):
        record = self.bring(*LINES)

        def cancel(number):
            if number == 1:
                record.action_cancel()

        self.work(cancel)
        self.assertEqual((record.state, len(self.rows(record))), ("new", 0))
        record.action_check()
        self.work()
        self.assertEqual((record.state, record.right_count), ("checked", 30))
        record.action_load()
        record.action_cancel()
        self.assertEqual((record.state, self.work(), len(self.loaded())), ("checked", 0, 0))

    def test_nothing_is_changed_meanwhile(self):
        record = self.bring(*LINES)
        for change in (
            lambda: record.write({"accepts_unknown": True}),
            lambda: record.column_ids[0].write({"meaning": False}),
            record.action_check,
            record.action_load,
            record.unlink,
        ):
            with self.assertRaisesRegex(UserError, "“old.csv” is being worked on. Press “Cancel” first."):
                change()

    def test_what_fails_is_told_and_leaves_nothing(self):
        record = self.bring(*LINES)
        self.work()
        record.action_load()
        with patch.object(type(record), "_keep_profile", side_effect=UserError("No disk")):
            self.work()
        self.assertEqual((record.state, record.error, len(self.loaded())), ("checked", "No disk", 0))
        self.assertIn("“old.csv” failed: No disk", record.message_ids[0].body)
        record.action_load()
        self.work()
        self.assertEqual((record.state, record.error, len(self.loaded())), ("loaded", False, 30))

    def test_somebody_who_was_deleted_since_is_not_left_out_silently(self):
        record = self.bring(*LINES)
        self.work()
        self.bolt.unlink()
        record.action_load()
        self.work()
        self.assertIn("Something that the file names was deleted since", record.error)
        self.assertFalse(self.loaded())

    def test_what_nobody_looks_at_is_forgotten_after_a_month(self):
        checked, reading = self.bring(*LINES[:5], "soon,Acme,Anna,S,1"), self.bring(*LINES)
        loaded = self.bring(*LINES[:3], "soon,Acme,Anna,S,1")
        loaded.action_load()
        self.env.flush_all()
        # the ORM knows no other time than that of the transaction
        self.cr.execute("UPDATE sdm_kpi_import SET write_date = '2025-06-30 12:00:00'")
        self.env.invalidate_all()
        for day, left in (("2025-07-30", {checked: 5, loaded: 1}), ("2025-08-01", {})):
            with freeze_time(day):
                self.env["sdm.kpi.import"]._gc_rows()
            rows = self.env["sdm.kpi.import.row"]._read_group([], ["import_id"], ["__count"])
            self.assertEqual({record: count for record, count in rows}, left)
        self.assertEqual((checked.state, loaded.state, reading.state), ("new", "loaded", "checking"))

    def test_queries_of_a_batch_do_not_grow_with_it(self):
        self.patch(sdm_kpi_import_read, "BATCH", 100)
        counts = []
        # the first one fills the caches
        for lines in (LINES[:4], LINES[:4], LINES):
            record = self.bring(*lines, check=False)
            [(first, rows)] = record._read_batches()
            before = self.cr.sql_log_count
            record._stage(first, rows)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[0], 12)

"""What follows a run: people are told of customers that came in, of failures, and of schemes that nothing uses."""

from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .segmentation import AS_OF, SegmentationCase

JULY = fields.Date.to_date("2025-07-01")


@tagged("post_install", "-at_install")
class TestSegmentEntry(SegmentationCase):
    def rise(self, **entry):
        """Two is B and rises to A in July."""
        anna = self.seller("Anna")
        one, two = self.sold(One=90, Two=10)
        two.user_id = anna
        scheme = self.in_force("abc", is_primary=True)
        segment = scheme.segment_ids[0]
        segment.write(entry)
        self.invoice(two, 10000)
        with freeze_time(JULY):
            self.run_again(scheme)
            self.run_again(scheme)
        return segment, two, anna

    def test_the_salesperson_is_told(self):
        segment, two, anna = self.rise(entry_action="notice", entry_note="Thank them")
        told = self.env["mail.message"].search(
            [("message_type", "=", "user_notification"), ("partner_ids", "in", anna.partner_id.ids)]
        )
        self.assertEqual(told.subject, "Two is “A” now, no longer “B”")
        self.assertIn("Thank them", told.body)

    def test_an_activity_is_planned_once_in_working_days(self):
        call = self.env["mail.activity.type"].create({"name": "Call", "res_model": False})
        segment, two, anna = self.rise(
            entry_action="activity", entry_activity_type_id=call.id, entry_days=4, entry_note="Thank them"
        )
        [activity] = two.activity_ids
        # from Tuesday, 1 July: Wednesday, Thursday, Friday, Monday
        self.assertEqual(
            (activity.user_id, activity.summary, str(activity.date_deadline)), (anna, "Thank them", "2025-07-07")
        )

    def test_putting_in_force_tells_nobody(self):
        scheme = self.scheme("abc")
        call = self.env["mail.activity.type"].create({"name": "Call", "res_model": False})
        scheme.segment_ids.write({"entry_action": "activity", "entry_activity_type_id": call.id})
        one = self.sold(One=90)
        one.user_id = self.env.user
        self.put_in_force(scheme.draft_version_id)
        self.assertFalse(one.activity_ids)

    def test_many_at_once_are_told_to_the_owner_of_the_segment(self):
        with patch("odoo.addons.sdm_segmentation.models.segmentation.sdm_segmentation_run_entry.ONE_BY_ONE", 0):
            segment, two, _anna = self.rise(entry_action="notice", user_id=self.env.uid)
        self.assertIn("More than 0 customers came in at once", segment.message_ids[0].body)

    def test_an_activity_needs_its_type(self):
        segment = self.scheme("abc").segment_ids[0]
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            segment.entry_action = "activity"
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestRuns(SegmentationCase):
    def failed(self, scheme, day):
        run = self.env["sdm.segmentation.run"]
        with freeze_time(day), patch.object(type(run), "_apply", side_effect=UserError("The disk is full")):
            run = run._start(scheme.version_id, "nightly")
            run._run_safely()
        return run

    def told(self, scheme):
        return scheme.message_ids.filtered(lambda message: message.subject == "The segments could not be computed")

    def test_a_failure_is_told_once_while_it_goes_on(self):
        one = self.sold(One=90)
        scheme = self.in_force("abc")
        director = self.persona("director")
        scheme.version_id.sudo().approved_by_id = director
        run = self.failed(scheme, "2025-07-01")
        self.assertEqual((run.state, run.error), ("failed", "The disk is full"))
        self.assertEqual(self.told(scheme).partner_ids, director.partner_id)
        self.assertIn("The disk is full", self.told(scheme).body)
        self.failed(scheme, "2025-07-02")
        self.assertEqual(len(self.told(scheme)), 1)
        with freeze_time("2025-07-03"):
            self.run_again(scheme)
        self.failed(scheme, "2025-07-04")
        self.assertEqual(len(self.told(scheme)), 2)
        self.assertEqual(self.classes(scheme), {one: "A"})

    def test_a_run_keeps_and_shows_what_it_did(self):
        self.sold(One=90, Two=10)
        scheme = self.in_force("abc")
        [run] = scheme.run_ids
        self.assertEqual((run.customer_count, run.changed_count, run.source), (2, 2, "invoice"))
        self.assertTrue(run.ended_on)
        self.assertEqual(
            [(size["name"], size["customers"]) for size in run.summary["sizes"]], [("A", 1), ("B", 1), ("C", 0)]
        )
        self.assertFalse(run.summary["can_open"])

    def test_a_run_is_compared_with_the_one_before(self):
        one, two = self.sold(One=90, Two=10)
        scheme = self.in_force("abc")
        with self.assertRaisesRegex(UserError, "no earlier run of “Scheme”"):
            scheme.run_ids.action_compare()
        self.invoice(two, 10000)
        with freeze_time(JULY):
            run = self.run_again(scheme)
            action = run.action_compare()
        migration = self.env["sdm.segment.migration"].browse(action["res_id"])
        self.assertEqual((migration.date_from, migration.date_to), (AS_OF, JULY))
        self.assertEqual({total["kind"]: total["count"] for total in migration.matrix["totals"]}, {"up": 1, "down": 1})

    def test_a_run_can_be_cancelled_by_the_director_before_it_is_carried_out(self):
        one = self.sold(One=90)
        scheme = self.in_force("abc")
        self.invoice(self.customer("New"), 10000)
        run = self.env["sdm.segmentation.run"]._start(scheme.version_id, "nightly")
        with self.assertRaises(AccessError):
            run.with_user(self.persona("auditor")).action_cancel()
        run.with_user(self.persona("director")).action_cancel()
        self.assertEqual(run.state, "cancelled")
        self.assertEqual(self.classes(scheme), {one: "A"})
        # another one may start at once
        self.run_again(scheme)

    def test_a_preview_names_the_largest_of_each_class(self):
        self.sold(**{f"Customer {number}": 100 - number for number in range(7)})
        version = self.scheme("abc").draft_version_id
        version.action_preview()
        sizes = {size["name"]: size["examples"] for size in version.preview["sizes"]}
        # 100 to 95 of 679 are A while less than 80 % are before: five are named
        self.assertEqual(sizes["A"], "Customer 0, Customer 1, Customer 2, Customer 3, Customer 4")
        self.assertEqual(sizes["B"], "Customer 6")

    def test_an_ideal_client_is_reviewed_each_quarter(self):
        for template, month in (("ideal_client", "2025-09-30"), ("abc", "2026-06-30")):
            version = self.scheme(template, name=template).draft_version_id
            wizard = (
                self.env["sdm.scheme.put.in.force"]
                .with_context(default_version_id=version.id)
                .create({"reason": "They buy most"})
            )
            self.assertEqual(str(wizard.date_review), month)

    def test_schemes_that_nothing_uses_are_found(self):
        self.sold(One=90)
        primary, strategic, crossed, unused = (
            self.in_force("abc", name=name, is_primary=name == "Primary")
            for name in ("Primary", "Strategic", "Crossed", "Unused")
        )
        self.env["sdm.strategy"].create({"segment_id": strategic.segment_ids[0].id, "goal": "keep"})
        matrix = self.env["sdm.scheme"].create({"name": "Cross", "method": "matrix"})
        self.env["sdm.scheme.version"].create(
            {"scheme_id": matrix.id, "row_scheme_id": crossed.id, "column_scheme_id": primary.id}
        )
        schemes = primary | strategic | crossed | unused | matrix
        self.assertEqual(schemes.filtered("is_unused"), unused)
        self.assertEqual(schemes.search([("is_unused", "=", True), ("id", "in", schemes.ids)]), unused)

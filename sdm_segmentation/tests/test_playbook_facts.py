from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .playbook import PlaybookCase


@tagged("post_install", "-at_install")
class TestPlaybookFacts(PlaybookCase):
    def well(self, count, days, amount=10):
        """Customers of A who bought twice as much as the year before and were called every so many working days."""
        for number in range(count):
            customer = self.customer(f"Customer {number} {days}", self.anna)
            self.env["sdm.segment.membership"].create(
                {
                    "partner_id": customer.id,
                    "scheme_id": self.segments["A"].scheme_id.id,
                    "segment_id": self.segments["A"].id,
                    "date_from": "2025-01-01",
                }
            )
            self.invoice(customer, 10, "2024-03-01")
            self.invoice(customer, amount, "2025-03-01")
            # from Monday to Monday are five working days
            monday = self.day("2025-03-03")
            for turn in range(5):
                self.contacted(customer, monday + timedelta(days=7 * turn * days // 5))
        self.env["sdm.segment.membership"]._write_primary()

    def proposals(self, playbook):
        return {
            (norm.channel_id, kind): (found.present, found.proposed, found.observed, found.base, found.reason)
            for norm, kind, found in playbook._propose_norms()
        }

    def test_facts_of_customers_who_do_well_propose_and_accepting_makes_a_version(self):
        playbook = self.playbook((self.phone, 15, 30))
        self.well(9, 10)
        self.assertEqual(self.proposals(playbook), {(self.phone, "interval"): (15, None, 10, 9, "few")})
        self.well(1, 10)
        # who bought less than the year before does not count
        self.well(5, 5, amount=5)
        self.assertEqual(self.proposals(playbook), {(self.phone, "interval"): (15, 10, 10, 10, "shorter")})
        action = playbook.action_open_facts()
        proposal = self.env["sdm.norm.proposal"].browse(action["res_id"])
        self.assertTrue(proposal.is_open)
        version = self.env["sdm.playbook"].browse(proposal.action_accept()["res_id"])
        self.assertEqual((version.state, version.origin_id, version.norm_ids.ideal), ("draft", playbook, 10))
        self.assertEqual((version.norm_ids.maximum, playbook.norm_ids.ideal), (30, 15))

    def test_the_length_is_that_of_meetings(self):
        playbook = self.playbook((self.meeting, 20, 30))
        for number in range(10):
            meeting = self.held(self.alfa, f"2025-05-{number + 1:02}")
            meeting.write({"stop": meeting.start + timedelta(minutes=60)})
        # the norm says 30
        self.assertEqual(self.proposals(playbook)[self.meeting, "minutes"], (30, 60, 60, 10, "longer"))

    def test_only_the_director_asks(self):
        playbook = self.playbook((self.phone, 10, 15))
        for name in ("seller", "head", "auditor"):
            with self.assertRaises(AccessError):
                playbook.with_user(self.persona(name)).action_open_facts()
        self.assertTrue(playbook.with_user(self.persona("director")).action_open_facts()["res_id"])

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..engine import playbook as engine
from .playbook import PlaybookCase


@tagged("post_install", "-at_install")
class TestCoverage(PlaybookCase):
    """June 2025 has 21 working days; the 2nd is a Monday, the 30th, today, too."""

    def rows(self, first="2025-06-01", last="2025-06-30", user=None):
        coverage = self.env["sdm.coverage"].with_user(user or self.env.user)
        return coverage.with_context(sdm_from=first, sdm_to=last).search([])

    def test_due_done_and_capped(self):
        # every 10 working days from the last contact
        self.playbook((self.phone, 10, 15))
        # last on 23 May: due on 6 June and 20 June
        self.contacted(self.alfa, "2025-05-23")
        for day in ("2025-06-02", "2025-06-03", "2025-06-03", "2025-06-04", "2025-07-01"):
            self.contacted(self.alfa, day)
        # never: due on the first day of June, then on 13 and 27 June
        alfa, beta = self.rows().sorted("partner_id")
        self.assertEqual((alfa.required, alfa.done, alfa.counted, alfa.missed), (2, 3, 2, 0))
        self.assertEqual((beta.required, beta.done, beta.counted, beta.missed), (3, 0, 0, 3))
        self.assertEqual((alfa.overdue, beta.overdue, alfa.share, beta.share), (1, 1, 1, 0))
        self.assertEqual((alfa.employee_id, alfa.contacted_partner_id), (self.anna.employee_id, self.alfa))
        self.assertFalse(beta.contacted_partner_id)
        # what Alfa had too much does not make up for Beta: 2 of 5
        coverage = self.env["sdm.coverage"].with_context(sdm_from="2025-06-01", sdm_to="2025-06-30")
        self.assertEqual(
            coverage._read_group(
                [], ["segment_id"], ["required:sum", "share:avg", "contacted_partner_id:count_distinct"]
            ),
            [(self.segments["A"], 5, 2 / 5, 1)],
        )

    def test_where_nothing_was_due_there_is_no_share(self):
        self.playbook((self.phone, 10, 15), segments="AC")
        # called today: due again in July, nothing in between
        self.contacted(self.gamma, "2025-06-27")
        coverage = self.env["sdm.coverage"].with_context(sdm_from="2025-06-28", sdm_to="2025-06-30")
        groups = coverage.formatted_read_group([], ["segment_id"], ["required:sum", "share:avg"])
        self.assertEqual(
            [(group["required:sum"], group["share:avg"]) for group in groups],
            # Alfa and Beta were due, and nobody called them
            [(2, 0), (0, False)],
        )
        # at a level above, what was due counts
        [total] = coverage.formatted_read_group([], [], ["required:sum", "share:avg"])
        self.assertEqual((total["required:sum"], total["share:avg"]), (2, 0))

    def test_the_period_comes_from_the_filters(self):
        coverage = self.env["sdm.coverage"]
        for period, days in (
            (None, ("2025-06-01", "2025-06-30")),
            ("last_month", ("2025-05-01", "2025-05-31")),
            ("this_quarter", ("2025-04-01", "2025-06-30")),
            ("last_quarter", ("2025-01-01", "2025-03-31")),
            ("this_year", ("2025-01-01", "2025-06-30")),
            ("nonsense", ("2025-06-01", "2025-06-30")),
        ):
            first, last = coverage.with_context(sdm_period=period)._get_period()
            self.assertEqual((str(first), str(last)), days, period)

    def test_without_playbook_there_are_no_rows(self):
        self.assertFalse(self.rows())

    def test_the_statement_agrees_with_the_engine(self):
        playbook = self.playbook(
            (self.phone, 4, 6, self.meeting), (self.meeting, 11, 20), segments="AC", begun="2025-03-10"
        )
        scheme = self.segments["A"].scheme_id
        customers = self.env["res.partner"]
        since, contacts = {}, {}
        for number in range(30):
            customer = self.customer(f"Customer {number}", self.anna)
            day = self.day(f"2025-0{1 + number % 6}-{1 + (number * 5) % 27:02}")
            self.env["sdm.segment.membership"].create(
                {
                    "partner_id": customer.id,
                    "scheme_id": scheme.id,
                    "segment_id": self.segments["AC"[number % 2]].id,
                    "date_from": day,
                }
            )
            since[customer] = max(day, playbook.date_begun)
            contacts[customer] = []
            for turn in range(number % 7):
                month, date = 1 + (number + turn) % 6, 1 + (number * 3 + turn * 11) % 28
                when = f"2025-0{month}-{date:02}"
                if turn % 2:
                    self.held(customer, when)
                else:
                    self.contacted(customer, when)
                channel = self.meeting if turn % 2 else self.phone
                contacts[customer].append(engine.Contact(channel.id, self.day(when)))
            customers |= customer
        norms = tuple(norm._prepare_engine_norm() for norm in playbook.norm_ids)
        working = self.env["sdm.playbook"]._get_working_time()
        for first, last in (("2025-06-01", "2025-06-30"), ("2025-04-01", "2025-05-15"), ("2025-03-12", "2025-03-12")):
            expected = {}
            for customer in customers:
                # who came later was in no segment on the last day
                membership = self.env["sdm.segment.membership"].search([("partner_id", "=", customer.id)])
                if membership.date_from > self.day(last):
                    continue
                account = engine.Account(customer.id, since[customer], norms, tuple(contacts[customer]))
                for row in engine.cover(account, working, self.day(first), self.day(last)):
                    expected[row.customer, row.channel] = (row.required, row.done, row.counted, int(row.overdue))
            playbook.sudo().date_from = "2025-03-10"
            found = {
                (row.partner_id.id, row.channel_id.id): (row.required, row.done, row.counted, row.overdue)
                for row in self.rows(first, last)
                if row.partner_id in customers
            }
            self.assertEqual(found, expected, (first, last))
            self.assertTrue(any(required for required, *_others in expected.values()), first)

    def test_who_sees_what(self):
        self.playbook((self.phone, 10, 15), segments="AC")
        boris = self.sdm_seller("boris")
        self.beta.user_id = boris
        chief = self.sdm_seller("chief")
        chief.group_ids = [Command.link(self.env.ref("sdm_segmentation.group_sdm_manager").id)]
        boris.employee_id.parent_id = chief.employee_id
        self.assertEqual(self.rows(user=self.anna).partner_id, self.alfa | self.gamma)
        self.assertEqual(self.rows(user=boris).partner_id, self.beta)
        self.assertEqual(self.rows(user=chief).partner_id, self.beta)
        self.assertEqual(self.rows(user=chief).head_id, chief.employee_id)
        self.assertEqual(self.rows(user=self.persona("auditor")).partner_id, self.alfa | self.beta | self.gamma)
        with self.assertRaises(AccessError):
            self.rows(user=self.persona("stranger"))

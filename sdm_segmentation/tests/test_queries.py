from odoo.tests import tagged

from .common import SdmCase


@tagged("post_install", "-at_install")
class TestQueries(SdmCase):
    def count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_a_diagnosis_takes_as_many_queries_over_few_deals_as_over_many(self):
        sellers = [self.seller(name) for name in ("Anna", "Boris", "Vera")]

        def deals(count):
            for number in range(count):
                customer = self.customer(f"Customer {count} {number}", sellers[number % 3])
                self.won("2025-01-10", 10, customer, sellers[number % 3])
                self.deal(customer, sellers[number % 3])

        deals(6)
        self.diagnose()
        few = self.count_queries(self.diagnose)
        deals(60)
        many = self.count_queries(self.diagnose)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 60)

    def test_the_roadmap_is_read_in_a_constant_number_of_queries(self):
        self.diagnose()
        steps = self.env["sdm.roadmap.step"].search([])
        names = ["name", "position", "state", "waits_for_ids", "level", "user_id", "date_due", "is_late"]
        few = self.count_queries(lambda: steps[:6].read(names))
        many = self.count_queries(lambda: steps.read(names))
        # a part of the roadmap is placed within the whole, so it takes one more
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 15)

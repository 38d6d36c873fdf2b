from odoo.tests import tagged

from .common import SdmCase


@tagged("post_install", "-at_install")
class TestDiagnosisDeals(SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.seller("Anna")
        cls.gone = cls.seller("Gone")
        cls.alfa = cls.customer("Alfa")

    def test_open_deals(self):
        moved = self.noon("2025-06-20")
        planned = self.deal(self.alfa, self.anna, expected_revenue=100, date_deadline="2025-07-15")
        planned.activity_schedule(
            "mail.mail_activity_data_call", date_deadline="2025-07-01", user_id=self.anna.id, summary="Call"
        )
        overdue = self.deal(self.alfa, self.gone, expected_revenue=0, date_deadline="2025-06-29")
        due_today = self.deal(self.alfa, False, expected_revenue=50, date_deadline="2025-06-30")
        old = self.deal(self.alfa, self.anna, expected_revenue=50)
        self.env["crm.lead"].create({"name": "A lead", "type": "lead", "company_id": self.company.id})
        self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "res_id": old.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": self.anna.id,
                "active": False,
                "date_done": "2025-06-01",
            }
        )
        self.gone.active = False
        (planned | overdue | due_today).write({"date_last_stage_update": moved})
        # the last moment that still counts as moved is the midnight 30 days before the date
        overdue.date_last_stage_update = "2025-05-31 00:00:00"
        old.date_last_stage_update = "2025-05-30 23:59:59"
        figures = self.diagnose()
        self.assertFigure(figures["deal_no_activity"], 3, 4, 3 / 4)
        self.assertFigure(figures["deal_no_value"], 1, 4, 1 / 4)
        self.assertFigure(figures["deal_no_deadline"], 1, 4, 1 / 4)
        self.assertFigure(figures["deal_overdue"], 1, 4, 1 / 4)
        self.assertFigure(figures["deal_stalled"], 1, 4, 1 / 4)
        # one of nobody, one of somebody who left
        self.assertFigure(figures["deal_orphan"], 2, 4, 2 / 4)

    def test_lost_deals_without_reason_in_the_window(self):
        reason = self.env["crm.lost.reason"].create({"name": "Price"})
        self.lost("2025-06-30")
        self.lost("2024-07-01")
        self.lost("2024-06-30")
        self.lost("2025-01-10", lost_reason_id=reason.id)
        self.assertFigure(self.diagnose()["lost_without_reason"], 2, 3, 2 / 3)

    def test_the_day_ends_at_midnight_of_the_users_time_zone(self):
        self.lost("2025-06-30").date_closed = "2025-06-30 20:59:59"
        self.lost("2025-06-30").date_closed = "2025-06-30 21:00:00"
        self.assertFigure(self.diagnose()["lost_without_reason"], 2, 2, 1)
        # 21:00 UTC is midnight in Moscow, so the second one belongs to 1 July there
        self.env.user.tz = "Europe/Moscow"
        self.assertFigure(self.diagnose()["lost_without_reason"], 1, 1, 1)

    def test_won_deals_without_order_and_won_at_once(self):
        self.won("2025-01-10", 100, self.alfa).day_close = 0
        quoted = self.won("2025-01-10", 100, self.alfa)
        quoted.day_close = 12
        ordered = self.won("2025-01-10", 100, self.alfa)
        ordered.day_close = 1
        self.order(self.alfa, "2025-01-10", 100, confirmed=False).opportunity_id = quoted
        self.order(self.alfa, "2025-01-10", 100).opportunity_id = ordered
        figures = self.diagnose()
        self.assertFigure(figures["deal_won_no_order"], 2, 3, 2 / 3)
        self.assertFigure(figures["deal_won_same_day"], 1, 3, 1 / 3)

    def test_overdue_activities_of_sales_only(self):
        deal = self.deal(self.alfa, self.anna)
        before = self.diagnose()["activity_overdue"]
        for record, day in ((deal, "2025-06-29"), (deal, "2025-06-30"), (self.alfa, "2025-07-01")):
            record.activity_schedule("mail.mail_activity_data_call", date_deadline=day, user_id=self.anna.id)
        employee = self.anna.employee_id
        employee.activity_schedule("mail.mail_activity_data_todo", date_deadline="2025-01-01", user_id=self.anna.id)
        after = self.diagnose()["activity_overdue"]
        self.assertEqual((after.part - before.part, after.base - before.base), (1, 3))

    def test_age_of_the_data(self):
        self.assertFalse(self.diagnose()["data_age"].has_value)
        self.won("2025-06-01", 10, opened="2025-05-01")
        self.won("2025-07-05", 10)
        figure = self.diagnose()["data_age"]
        self.assertFigure(figure, 1, 1, 29)
        self.assertEqual(figure.details, {"newest_date": "2025-06-01"})
        self.assertEqual(figure.level, "attention")
        self.order(self.alfa, "2025-06-30", 10)
        self.assertFigure(self.diagnose()["data_age"], 1, 1, 0)

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
        # assigned after the date: not yet open on it
        self.deal(self.alfa, self.anna, opened="2025-07-01")
        figures = self.diagnose()
        self.assertFigure(figures["deal_no_activity"], 3, 4, 3 / 4)
        self.assertFigure(figures["deal_no_value"], 1, 4, 1 / 4)
        self.assertFigure(figures["deal_no_deadline"], 1, 4, 1 / 4)
        # one of the four has no closing date that it could be past
        self.assertFigure(figures["deal_overdue"], 1, 3, 1 / 3)
        self.assertFigure(figures["deal_stalled"], 1, 4, 1 / 4)
        self.assertFigure(figures["activity_overdue"], 0, 1, 0)
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
        self.entered(self.won("2025-01-10", 100, self.alfa), "2025-01-10")
        quoted = self.entered(self.won("2025-01-10", 100, self.alfa), "2024-12-29")
        ordered = self.entered(self.won("2025-01-10", 100, self.alfa), "2025-01-09")
        # brought in from elsewhere, two days after it was closed: it says nothing of when deals are entered
        self.order(self.alfa, "2025-01-10", 100).opportunity_id = self.entered(
            self.won("2025-01-10", 100, self.alfa), "2025-01-12"
        )
        self.order(self.alfa, "2025-01-10", 100, confirmed=False).opportunity_id = quoted
        self.order(self.alfa, "2025-01-10", 100).opportunity_id = ordered
        figures = self.diagnose()
        self.assertFigure(figures["deal_won_no_order"], 2, 4, 2 / 4)
        self.assertFigure(figures["deal_won_same_day"], 1, 3, 1 / 3)

    def test_deals_with_an_overdue_activity(self):
        for days in (("2025-06-29",), ("2025-06-30",), ("2025-06-01", "2025-07-01")):
            deal = self.deal(self.alfa, self.anna)
            for day in days:
                deal.activity_schedule("mail.mail_activity_data_call", date_deadline=day, user_id=self.anna.id)
        self.deal(self.alfa, self.anna)
        other = self.env["res.company"].create({"name": "Other Trade"})
        self.deal(self.alfa, company_id=other.id).activity_schedule(
            "mail.mail_activity_data_call", date_deadline="2025-06-01", user_id=self.env.uid
        )
        self.assertFigure(self.diagnose()["activity_overdue"], 2, 3, 2 / 3)

    def test_stages_in_which_nothing_moves(self):
        quiet = self.env["crm.stage"].create({"name": "Quiet", "sequence": 2})
        for stage, day in (
            (self.stage_open, "2025-01-01"),
            (self.stage_open, "2025-06-20"),
            (quiet, "2025-05-30"),
            (quiet, "2025-01-01"),
            (self.env["crm.stage"], "2025-01-01"),
        ):
            self.deal(self.alfa, stage_id=stage.id).date_last_stage_update = f"{day} 12:00:00"
        figure = self.diagnose()["stage_stalled"]
        self.assertFigure(figure, 2, 3, 2 / 3)
        self.assertEqual(figure.details, {"stages": "Quiet, no stage"})

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

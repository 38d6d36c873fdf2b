import random

from odoo.tests import tagged

from .common import AS_OF, SdmCase


@tagged("post_install", "-at_install")
class TestDiagnosisRecords(SdmCase):
    """A figure and the records that it opens agree, and both agree with a plain loop over all records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chance = random.Random(7)
        sellers = [cls.seller(name) for name in ("Anna", "Boris", "Vera")]
        customers = [
            cls.customer(
                f"Customer {number % 9}",
                chance.choice([*sellers, None]),
                industry_id=chance.choice([cls.industry.id, False]),
                phone=chance.choice(["+7 495 000-00-01", False]),
            )
            for number in range(12)
        ]
        reason = cls.env["crm.lost.reason"].create({"name": "Price"})
        cls.deals = cls.env["crm.lead"]
        for _number in range(80):
            day = f"{chance.choice((2024, 2025))}-{chance.randint(1, 6):02d}-{chance.randint(1, 28):02d}"
            customer, seller = chance.choice([*customers, None]), chance.choice([*sellers, None])
            kind = chance.choice(("open", "won", "lost"))
            if kind == "won":
                cls.deals |= cls.won(day, chance.randint(0, 900), customer, seller, opened="2024-01-01")
            elif kind == "lost":
                cls.deals |= cls.lost(day, customer, seller, lost_reason_id=chance.choice([reason.id, False]))
            else:
                deal = cls.deal(
                    customer,
                    seller,
                    expected_revenue=chance.choice((0, 10)),
                    date_deadline=chance.choice((day, False)),
                )
                deal.date_last_stage_update = f"{day} 10:00:00"
                if chance.random() < 0.5:
                    deal.activity_schedule("mail.mail_activity_data_call", date_deadline=day, user_id=cls.env.uid)
                cls.deals |= deal
        sellers[2].active = False

    def test_shares_equal_the_records_they_open(self):
        figures = self.diagnose()
        compared = 0
        for code in self.diagnosis._get_parts():
            figure = figures[code]
            if not figure.has_records:
                self.assertFalse(figure.part, code)
                continue
            action = figure.action_open_records()
            records = self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"])
            self.assertEqual(len(records), figure.part, code)
            compared += 1
        self.assertEqual(compared, 14)

    def test_shares_equal_a_plain_loop(self):
        figures = self.diagnose()
        start, end = self.noon("2024-07-01").date(), AS_OF
        opened = self.deals.filtered(lambda deal: deal.won_status == "pending")
        closed = self.deals.filtered(lambda deal: deal.date_closed and start <= deal.date_closed.date() <= end)
        lost = closed.filtered(lambda deal: deal.won_status == "lost")
        won = closed.filtered(lambda deal: deal.won_status == "won")
        expected = {
            "deal_no_activity": (opened.filtered(lambda deal: not deal.activity_ids), opened),
            "deal_no_value": (opened.filtered(lambda deal: not deal.expected_revenue), opened),
            "deal_no_deadline": (opened.filtered(lambda deal: not deal.date_deadline), opened),
            "deal_overdue": (
                opened.filtered(lambda deal: deal.date_deadline and deal.date_deadline < end),
                opened.filtered("date_deadline"),
            ),
            "deal_orphan": (opened.filtered(lambda deal: not deal.user_id.active), opened),
            "lost_without_reason": (lost.filtered(lambda deal: not deal.lost_reason_id), lost),
            "win_rate": (won, won | lost),
        }
        for code, (part, base) in expected.items():
            self.assertTrue(part, code)
            self.assertFigure(figures[code], len(part), len(base), len(part) / len(base))

    def test_every_figure_opens_records_that_can_be_read(self):
        figures = self.diagnose()
        opened = set()
        for code, figure in figures.items():
            if figure.has_records:
                action = figure.action_open_records()
                self.assertEqual(action["name"], figure.measure_id.name)
                self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"]).mapped(
                    "display_name"
                )
                opened.add(code)
        self.assertEqual(opened, {code for code, figure in figures.items() if figure.has_value and figure.part})

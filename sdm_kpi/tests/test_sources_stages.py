"""The way of deals through the stages: what Odoo's history of changes says, and the same by plain loops."""

import random
from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged

from ..engine import periods
from .common import FIRST, LAST, KpiCase


class StageCase(KpiCase):
    """Four stages; ``cls.stages`` in their order, the last one is that of won deals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.worker("Anna", team=cls.team("North"))
        cls.acme = cls.customer("Acme")
        cls.stages = cls.env["crm.stage"].create(
            [{"name": name, "sequence": 50 + number} for number, name in enumerate(("New", "Talk", "Offer"))]
        )
        cls.stages += cls.stage_won

    @classmethod
    def moved(cls, deal, *days):
        """Let the history of a deal say that it came to stages on days: (stage, day), the first one without a day."""
        field = cls.env["ir.model.fields"]._get("crm.lead", "stage_id")
        stages = [stage for stage, *_day in days]
        for before, (stage, day) in zip(stages, days[1:], strict=False):
            message = cls.env["mail.message"].create({"model": "crm.lead", "res_id": deal.id, "date": cls.noon(day)})
            cls.env["mail.tracking.value"].create(
                {
                    "mail_message_id": message.id,
                    "field_id": field.id,
                    "old_value_integer": before.id,
                    "new_value_integer": stage.id,
                }
            )
        deal.stage_id = stages[-1]
        return deal

    def open_deal(self, day, **values):
        return self.entered(self.deal(self.acme, self.anna, day, **values), day)


@tagged("post_install", "-at_install")
class TestStages(StageCase):
    def came(self):
        return [
            (entry.stage_id.name, entry.date.isoformat(), entry.stage_number, entry.is_passed)
            for entry in self.entries("stage").sorted(lambda entry: (entry.lead_id.id, entry.stage_number))
        ]

    def test_a_stage_counts_once_for_a_deal(self):
        """New, Offer, back to Talk, Offer again: Talk is gone on from, Offer is not."""
        new, talk, offer, _won = self.stages
        self.moved(
            self.open_deal("2025-02-03"),
            *((new,), (offer, "2025-02-10"), (talk, "2025-03-03"), (offer, "2025-03-20")),
        )
        self.assertEqual(
            self.came(),
            [
                ("New", "2025-02-03", 1, True),
                ("Offer", "2025-02-10", 2, False),
                ("Talk", "2025-03-03", 3, True),
            ],
        )

    def test_a_deal_that_never_moved_came_to_its_stage_when_it_came(self):
        self.moved(self.open_deal("2025-02-03"), (self.stages[1],))
        self.entered(self.won("2025-04-08", 5, self.acme, opened="2025-03-01"), "2025-03-01")
        self.assertEqual(
            self.came(),
            # what was loaded as won came to that stage when it was won
            [("Talk", "2025-02-03", 1, False), ("Won here", "2025-04-08", 1, False)],
        )

    def test_what_odoo_itself_keeps_is_read(self):
        deal = (
            self.env["crm.lead"]
            .with_context(tracking_disable=False)
            .create({"name": "D", "type": "opportunity", "company_id": self.company.id, "stage_id": self.stages[0].id})
        )
        self.flush_tracking()
        self.entered(deal, "2025-06-30")
        deal.stage_id = self.stages[2]
        self.flush_tracking()
        self.assertEqual(self.came(), [("New", "2025-06-30", 1, True), ("Offer", "2025-06-30", 2, False)])

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()

    def test_conversion_is_of_what_came_in_the_period(self):
        """Three came to New, two have gone on; of these two at Talk one has: 3 of 5, and 2 of 3 of the first stage."""
        new, talk, offer, won = self.stages
        self.switch_on("stage_conversion", "first_stage_conversion", "stages_entered")
        self.moved(self.open_deal("2025-02-03"), (new,), (talk, "2025-02-10"))
        self.moved(self.open_deal("2025-02-03"), (new,), (talk, "2025-02-12"), (won, "2025-04-10"))
        self.open_deal("2025-02-04", stage_id=new.id)
        self.refresh()
        self.assertEqual(self.values("stages_entered"), 5)
        self.assertAlmostEqual(self.values("stage_conversion"), 60)
        self.assertAlmostEqual(self.values("first_stage_conversion"), 200 / 3)
        self.assertEqual(self.values("stages_entered", "employee_id"), {"Anna": 5})

    def test_a_deal_stands_still_by_the_days_to_rot_of_its_stage(self):
        self.switch_on("stalled_deals", "stalled_amount", "stalled_share")
        self.stages[1].rotting_threshold_days = 20
        deal = self.open_deal("2025-02-01", expected_revenue=30)
        self.moved(deal, (self.stages[0],), (self.stages[1], "2025-03-11"))
        self.open_deal("2025-03-20", stage_id=self.stages[0].id, expected_revenue=70)
        self.refresh()
        # 27 days in New in February; 20 in Talk in March, and not more; from April on it stands still, and from April,
        # after 41 days, the other one too: New has no days to rot and few stays, so thirty days
        self.assertEqual(self.values("stalled_amount", "date:month"), {"2025-04": 100, "2025-05": 100, "2025-06": 100})
        self.assertEqual(self.values("stalled_share", domain=[("date", "=", "2025-04-01")]), 100)
        [entry] = self.entries("standing").filtered(lambda e: e.lead_id == deal and e.date == date(2025, 3, 31))
        self.assertEqual((entry.stage_id, entry.age, entry.is_late), (self.stages[1], 20, False))

    def test_usual_stays_say_when_a_deal_stands_still(self):
        """Ten deals left New after four days: from the seventh day on one is there too long."""
        new, talk = self.stages[:2]
        for _number in range(10):
            self.moved(self.open_deal("2025-03-01"), (new,), (talk, "2025-03-05"))
        six, seven = self.open_deal("2025-03-25", stage_id=new.id), self.open_deal("2025-03-24", stage_id=new.id)
        late = self.entries("standing").filtered(lambda e: e.date == date(2025, 3, 31) and e.stage_id == new)
        self.assertEqual({entry.lead_id: entry.is_late for entry in late}, {six: False, seven: True})

    def test_a_next_step_is_one_that_was_planned_then(self):
        self.switch_on("deals_without_step", "without_step_share")
        first, second = self.open_deal("2025-04-10"), self.open_deal("2025-04-10")
        activity = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "res_id": first.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": self.anna.id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_activity SET create_date = '2025-04-15' WHERE id = %s", [activity.id])
        activity.write({"active": False, "date_done": "2025-05-31"})
        self.refresh()
        self.assertEqual(self.values("deals_without_step", "date:month"), {"2025-04": 1, "2025-05": 2, "2025-06": 2})
        self.assertEqual(self.values("without_step_share", domain=[("date", "=", "2025-04-01")]), 50)
        self.assertTrue(second)

    def test_a_lost_deal_without_a_reason(self):
        self.switch_on("lost_without_reason_share")
        reason = self.env["crm.lost.reason"].create({"name": "Price"})
        self.lost("2025-03-10", self.acme, self.anna, lost_reason_id=reason.id)
        for _number in range(3):
            self.lost("2025-03-10", self.acme, self.anna)
        self.refresh()
        self.assertEqual(self.values("lost_without_reason_share"), 75)


@tagged("post_install", "-at_install")
class TestStagesOracle(StageCase):
    def test_the_statement_says_what_plain_loops_say(self):
        for seed in range(3):
            chance = random.Random(seed)
            ways = {}
            for _number in range(15):
                opened = FIRST + timedelta(days=chance.randrange(100))
                day, stage = opened, chance.choice(self.stages[:3])
                way = [(stage, opened)]
                for _turn in range(chance.randrange(5)):
                    day += timedelta(days=chance.randrange(0, 30))
                    stage = chance.choice(self.stages[:3] - stage)
                    way.append((stage, min(day, fields.Date.to_date("2025-06-30"))))
                deal = self.open_deal(opened.isoformat(), expected_revenue=chance.choice((1, 10)))
                self.moved(deal, (way[0][0],), *((stage, day.isoformat()) for stage, day in way[1:]))
                ways[deal] = way
            self.check_stages(ways)
            self.check_standing(ways)

    def check_stages(self, ways):
        expected = set()
        for deal, way in ways.items():
            first = {}
            for number, (stage, day) in enumerate(way):
                first.setdefault(stage, (number, day))
            for place, (stage, (number, day)) in enumerate(first.items(), start=1):
                passed = any(later.sequence > stage.sequence for later, _day in way[number + 1 :])
                expected.add((deal.id, stage.id, day, place, passed))
        found = {
            (entry.lead_id.id, entry.stage_id.id, entry.date, entry.stage_number, entry.is_passed)
            for entry in self.entries("stage")
            if entry.lead_id in ways
        }
        self.assertEqual(found, expected)

    def check_standing(self, ways):
        today = fields.Date.to_date("2025-06-30")
        stays = [
            (stage, (after - day).days)
            for way in self.known_ways(ways)
            for (stage, day), (_next, after) in zip(way, way[1:], strict=False)
        ]
        limits = {}
        for stage in self.stages:
            days = sorted(length for at, length in stays if at == stage)
            middle = len(days) // 2
            median = days[middle] if len(days) % 2 else sum(days[middle - 1 : middle + 1]) / 2 if days else 0
            limits[stage] = 1.5 * median if len(days) >= 10 else 30
        expected = set()
        for deal, way in ways.items():
            for month in periods.months_between(FIRST, LAST):
                end = min(periods.end_of(month), today)
                at = [(stage, day) for stage, day in way if day <= end]
                if at:
                    stage, since = at[-1]
                    age = (end - since).days
                    expected.add((deal.id, end, stage.id, age, age > limits[stage]))
        found = {
            (entry.lead_id.id, entry.date, entry.stage_id.id, entry.age, entry.is_late)
            for entry in self.entries("standing")
            if entry.lead_id in ways
        }
        self.assertEqual(found, expected)

    def known_ways(self, ways):
        self.all_ways = [*getattr(self, "all_ways", []), *ways.values()]
        return self.all_ways

"""The statements that class a million customers agree with the pure engines, on random data."""

import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo.fields import Command
from odoo.tests import tagged

from ..engine.segmentation import abc, life_cycle, rfm, xyz
from .segmentation import AS_OF, SegmentationCase

SEEDS = range(3)
CUSTOMERS = 25


@tagged("post_install", "-at_install")
class TestSchemeOracle(SegmentationCase):
    def plant(self, seed, days=400):
        """Won deals of random customers: few amounts and few days, so that ties and limits are met.

        :return: dict {customer id: list of (day, amount)}
        """
        chance = random.Random(seed)
        sales = defaultdict(list)
        for number in range(CUSTOMERS):
            customer = self.customer(f"Customer {number}")
            for _sale in range(chance.choice((0, 1, 2, 3, 6))):
                day = AS_OF - timedelta(days=chance.randrange(days))
                amount = chance.choice((10, 20, 20, 40, 100))
                self.won(day.isoformat(), amount, customer)
                sales[customer.id].append((day, Decimal(amount)))
        return sales

    def found(self, scheme):
        return {partner.id: name for partner, name in self.classes(scheme).items()}

    def within(self, sales, months=12):
        start = AS_OF + timedelta(days=1) - relativedelta(months=months)
        return {
            key: [(day, amount) for day, amount in rows if day >= start]
            for key, rows in sales.items()
            if any(day >= start for day, _amount in rows)
        }

    def test_abc(self):
        for seed in SEEDS:
            sales = self.plant(seed)
            values = [(key, sum(amount for _day, amount in rows)) for key, rows in self.within(sales).items()]
            for rule in ("crossing", "inclusive"):
                with self.subTest(seed=seed, rule=rule):
                    scheme = self.in_force("abc", name=f"{seed} {rule}", abc_rule=rule, source="deal")
                    options = abc.Options(rule=rule, outside=abc.NONE)
                    self.assertEqual(self.found(scheme), abc.classify(values, options).classes)
            self.env["crm.lead"].search([("company_id", "=", self.company.id)]).unlink()

    def test_xyz(self):
        for seed in SEEDS:
            sales = self.plant(seed)
            first = AS_OF.replace(day=1) - relativedelta(months=11)
            # the last day of June is that of a full month
            series = []
            for key, rows in sales.items():
                months = defaultdict(Decimal)
                for day, amount in rows:
                    if day >= first:
                        months[day.replace(day=1)] += amount
                if months:
                    series.append((key, xyz.fill_months(months, first, 12)))
            for deviation in ("population", "sample"):
                with self.subTest(seed=seed, deviation=deviation):
                    limits = (Decimal(150), Decimal(250))
                    scheme = self.scheme("xyz", f"{seed} {deviation}", deviation=deviation, source="deal")
                    lines = zip(scheme.draft_version_id.line_ids, limits, strict=False)
                    scheme.draft_version_id.line_ids = [
                        Command.update(line.id, {"limit": float(limit)}) for line, limit in lines
                    ]
                    self.put_in_force(scheme.draft_version_id)
                    places = xyz.classify(series, first, xyz.Options(limits=limits, deviation=deviation))
                    self.assertEqual(self.found(scheme), {place.key: place.code for place in places if place.code})
            self.env["crm.lead"].search([("company_id", "=", self.company.id)]).unlink()

    def test_rfm(self):
        names = {
            "champions": "Champions",
            "loyal": "Loyal",
            "new": "New",
            "promising": "Promising",
            "attention": "Needs attention",
            "cannot_lose": "Cannot lose",
            "at_risk": "At risk",
            "sleeping": "Sleeping",
            "lost": "Lost",
        }
        for seed in SEEDS:
            sales = self.plant(seed)
            values = [
                rfm.Values(
                    key,
                    (AS_OF - max(day for day, _amount in rows)).days,
                    len(rows),
                    sum(amount for _day, amount in rows),
                )
                for key, rows in self.within(sales).items()
            ]
            for bins in (3, 4, 5):
                with self.subTest(seed=seed, bins=bins):
                    scheme = self.in_force("rfm", name=f"{seed} {bins}", bin_count=bins, source="deal")
                    expected = rfm.classify(values, rfm.Options(bins=bins)).classes
                    self.assertEqual(self.found(scheme), {key: names[code] for key, code in expected.items()})
            with self.subTest(seed=seed, cuts="fixed"):
                cuts = {"recency": "20; 60; 120; 200", "frequency": "1; 2; 3; 5", "money": "20; 40; 60; 100"}
                scheme = self.in_force(
                    "rfm",
                    name=f"{seed} fixed",
                    source="deal",
                    cut_method="fixed",
                    **{f"{axis}_cuts": text for axis, text in cuts.items()},
                )
                fixed = {axis: tuple(Decimal(cut) for cut in text.split("; ")) for axis, text in cuts.items()}
                expected = rfm.classify(values, rfm.Options(method="fixed", cuts=fixed)).classes
                self.assertEqual(self.found(scheme), {key: names[code] for key, code in expected.items()})
            self.env["crm.lead"].search([("company_id", "=", self.company.id)]).unlink()

    def test_life_cycle(self):
        names = {"new": "New", "active": "Active", "sleeping": "Sleeping", "lost": "Lost"}
        for seed in SEEDS:
            sales = self.plant(seed, days=900)
            for number in range(3):
                # buys in March and April only, for three years
                customer = self.customer(f"Seasonal {number}")
                for year in (2022, 2023, 2024):
                    for month in (3, 4):
                        day = AS_OF.replace(year=year, month=month, day=1 + number)
                        self.won(day.isoformat(), 10, customer)
                        sales[customer.id].append((day, Decimal(10)))
            scheme = self.in_force("life_cycle", name=f"{seed}", source="deal")
            places = life_cycle.classify([(key, [day for day, _amount in rows]) for key, rows in sales.items()], AS_OF)
            expected = {place.key: names[place.code] for place in places if place.code}
            self.assertEqual(self.found(scheme), expected)
            self.env["crm.lead"].search([("company_id", "=", self.company.id)]).unlink()

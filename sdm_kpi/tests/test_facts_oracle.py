"""The SQL of credit and facts says what the engines say, on random documents."""

import random
from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

from odoo import fields
from odoo.tests import tagged

from odoo.addons.sdm_segmentation.engine.ownership import Ownership

from ..engine import credit, facts, periods
from .common import FIRST, LAST, KpiCase

SEEDS = range(3)
KPIS = {
    # code: (source, measure)
    "won_amount": ("won", facts.Measure(name="amount")),
    "won_deals": ("won", facts.Measure(name="documents", by_category=False)),
    "won_customers": ("won", facts.Measure(facts.DISTINCT)),
    "lost_deals": ("lost", facts.Measure(name="documents", by_category=False)),
    "open_deals": ("open", facts.Measure(facts.STOCK, name="documents", by_category=False)),
    "pipeline": ("open", facts.Measure(facts.STOCK, name="amount")),
    "pipeline_customers": ("open", facts.Measure(facts.DISTINCT)),
    "invoiced": ("invoice", facts.Measure(name="amount")),
    "invoices": ("invoice", facts.Measure(name="documents", by_category=False, counts=lambda entry: not entry.refund)),
    "refunds": ("invoice", facts.Measure(name="amount", counts=lambda entry: entry.refund)),
    "invoiced_customers": ("invoice", facts.Measure(facts.DISTINCT, counts=lambda entry: not entry.refund)),
    "order_amount": ("order", facts.Measure(name="amount")),
    "orders": ("order", facts.Measure(name="documents", by_category=False)),
}


class Line(facts.Entry):
    """An entry that knows whether it is of a refund."""

    refund = False


@tagged("post_install", "-at_install")
class TestFactsOracle(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north, cls.south = cls.team("North"), cls.team("South")
        cls.head = cls.worker("Head")
        cls.anna = cls.worker("Anna", cls.head, cls.north)
        cls.boris = cls.worker("Boris", cls.head, cls.south)
        cls.vera = cls.worker("Vera", cls.head)
        cls.robot = cls.worker("Robot")
        # Anna goes to the south in the middle of March
        position = cls.env["sdm.position"].search([("employee_id", "=", cls.anna.employee_id.id)])
        position._transfer(
            cls.anna.employee_id, fields.Date.to_date("2025-03-15"), {"team_id": cls.south.id, "head_id": False}
        )
        rules = {rule.method: rule for rule in cls.env["sdm.credit.rule"].search([("active", "=", True)])}
        rules["salesperson"].ignored_user_ids = cls.robot
        # until April the owner goes before the salesperson, and in May there is no team
        rules["owner"].date_from = "2025-04-01"
        cls.env["sdm.credit.rule"].create({"sequence": 5, "method": "owner", "date_to": "2025-03-31"})
        rules["team"].date_to = "2025-04-30"
        cls.env["sdm.credit.rule"].create({"sequence": 30, "method": "team", "date_from": "2025-06-01"})
        cls.scheme = cls.env["sdm.scheme"].create({"name": "S", "is_primary": True, "perimeter_id": cls.perimeter.id})
        cls.segments = cls.env["sdm.segment"].create(
            [{"name": name, "scheme_id": cls.scheme.id} for name in ("One", "Two")]
        )
        cls.switch_on(*KPIS)

    def plant(self, seed):
        """Customers with owners and segments by date; deals, orders, invoices and credit of all kinds."""
        chance = random.Random(seed)
        users = [self.anna, self.boris, self.vera, self.robot, None]
        teams = [self.north, self.south, None]
        products = [self.in_category(f"{seed} {name}") for name in ("Pumps", "Parts")]
        customers = [self.customer(f"{seed} {number}") for number in range(4)]
        self.env["sdm.ownership"].search([("partner_id", "in", [each.id for each in customers])]).unlink()
        for customer in customers[:3]:
            middle = FIRST + timedelta(days=chance.randrange(1, 170))
            first, second = chance.sample([self.anna, self.boris, self.vera], 2)
            self.owned(customer, first, share=chance.choice((0.6, 1)), end=middle - timedelta(days=1))
            self.owned(customer, second, share=chance.choice((0.3333, 0.5)), start=middle)
            self.env["sdm.segment.membership"].create(
                [
                    {
                        "partner_id": customer.id,
                        "scheme_id": self.scheme.id,
                        "segment_id": segment.id,
                        "date_from": start,
                        "date_to": end,
                    }
                    for segment, start, end in (
                        (self.segments[0], middle, middle + timedelta(days=20)),
                        (self.segments[1], middle + timedelta(days=30), False),
                    )
                ]
            )

        def day():
            return (FIRST + timedelta(days=chance.randrange(180))).isoformat()

        documents = []
        for _number in range(12):
            make = chance.choice((self.won, self.lost))
            customer, user, team = chance.choice([*customers, None]), chance.choice(users), chance.choice(teams)
            opened = day()
            closed = max(day(), opened)
            deal = make(closed, customer=customer, seller=user, team_id=team.id if team else False)
            deal.expected_revenue = chance.choice((0, 10, 33.33))
            deal.date_open = self.noon(opened)
            documents.append(self.entered(deal, opened))
        for _number in range(5):
            customer, user = chance.choice(customers), chance.choice(users)
            opened = day()
            deal = self.deal(customer, user, opened, expected_revenue=chance.choice((5, 70)), team_id=self.north.id)
            documents.append(self.entered(deal, opened))
        for _number in range(8):
            order = self.order(chance.choice(customers), day(), chance.choice((10, 20)), seller=chance.choice(users))
            order.team_id = chance.choice(teams)
            # most orders come from a deal
            order.opportunity_id = chance.choice([*documents[:17], False]) or False
            documents.append(order)
        orders = documents[17:]
        for _number in range(10):
            lines = [
                (chance.choice(products), chance.choice((1, 2)), chance.choice((10, 12.5)))
                for _line in range(chance.choice((1, 3)))
            ]
            move = self.bill(
                chance.choice(customers), day(), lines, chance.choice(users), refund=chance.random() < 0.25
            )
            move.team_id = chance.choice(teams)
            for line in move.invoice_line_ids:
                # lines of one invoice come from several orders, or from none
                line.sale_line_ids = (chance.choice([*orders, False]) or self.env["sale.order"]).order_line
            documents.append(move)
        for document in chance.sample(documents, 16):
            people = chance.sample([self.anna, self.boris, self.vera], chance.choice((1, 2, 3)))
            for number, user in enumerate(people):
                self.split(document, user, chance.choice((0.25, 0.5)), is_overlay=number == 2 or chance.random() < 0.2)
        return customers

    # -- one document after another -----------------------------------------------------------------------------------

    def expected_entries(self):
        """Credited lines by source, by plain loops over records."""
        self.people = {user.id: user.employee_id.id for user in self.anna + self.boris + self.vera + self.robot}
        self.positions = self.env["sdm.position"].search([("company_id", "=", self.company.id)])
        self.rules = self.env["sdm.credit.rule"].search([("active", "=", True)])._prepare_engine_rules()
        self.owners = self.env["sdm.ownership"].search([])._prepare_engine_ownerships()
        self.memberships = self.env["sdm.segment.membership"].search([], order="date_from, id")
        self.splits = defaultdict(list)
        for part in self.env["sdm.credit"].search([]):
            given = (part.employee_id.id, Fraction(f"{part.share:.4f}"))
            self.splits[part.document, part.is_overlay].append(given)
        own = [("company_id", "=", self.company.id)]
        found = defaultdict(list)
        for deal in self.env["crm.lead"].with_context(active_test=False).search(own):
            line = [(None, {"amount": Fraction(f"{deal.expected_revenue:.2f}"), "documents": Fraction(1)})]
            partner = deal.partner_id.commercial_partner_id
            state = (partner, deal.user_id, deal.team_id, line)
            if deal.won_status in ("won", "lost"):
                found[deal.won_status] += self.credited(deal, deal.date_closed.date(), *state)
            for month in periods.months_between(FIRST, LAST):
                end = min(periods.end_of(month), fields.Date.context_today(deal))
                opened = min(deal.create_date, deal.date_open or deal.create_date).date()
                closed = deal.date_closed.date() if deal.won_status != "pending" else None
                if opened <= end and (closed is None or closed > end):
                    found["open"] += self.credited(deal, end, *state)
        for order in self.env["sale.order"].search([*own, ("state", "=", "sale")]):
            lines = self.lines_of(order.order_line, "price_subtotal")
            partner = order.partner_id.commercial_partner_id
            found["order"] += self.credited(
                order, order.date_order.date(), partner, order.user_id, order.team_id, lines
            )
        for move in self.env["account.move"].search([*own, ("state", "=", "posted"), ("invoice_date", "!=", False)]):
            sign = -1 if move.move_type == "out_refund" else 1
            lines = self.lines_of(move.invoice_line_ids, "price_subtotal", sign)
            entries = self.credited(
                move, move.invoice_date, move.commercial_partner_id, move.invoice_user_id, move.team_id, lines
            )
            for entry in entries:
                object.__setattr__(entry, "refund", sign < 0)
            found["invoice"] += entries
        return found

    def lines_of(self, lines, name, sign=1):
        return [
            (
                line.product_id.categ_id.id or None,
                {"amount": sign * Fraction(f"{line[name]:.2f}"), "documents": Fraction(number == 0)},
            )
            for number, line in enumerate(lines.sorted("id"))
        ]

    def credited(self, record, day, partner, user, team, lines):
        if not FIRST <= day <= periods.end_of(LAST):
            return []
        document = credit.Document(day, user.id or None, team.id or None, partner.id or None)
        parts = credit.resolve(
            document,
            self.rules,
            self.people,
            self.given(record, False),
            [
                Ownership(row.customer, row.employee, row.kind, row.start, row.end, row.share)
                for row in self.owners
                if row.customer == partner.id
            ],
            {self.robot.id},
            self.given(record, True),
        )
        segment = self.segment_on(partner, day)
        entries = []
        for part in parts:
            place = self.positions.filtered_domain(
                [("employee_id", "=", part.person or part.under or 0), *self.env["sdm.position"]._get_domain_on(day)]
            )
            for category, values in lines:
                leaf = facts.Leaf(
                    day,
                    part.person,
                    place.head_id.id or None,
                    place.team_id.id or part.team,
                    segment,
                    category,
                    self.company.id,
                    partner.id or None,
                )
                values_of = {name: value * part.share for name, value in values.items()}
                entries.append(Line(day, leaf, values_of, is_taken_off=part.share < 0))
        return entries

    def given(self, record, is_overlay):
        """What was credited by hand and holds for a document, by way of its deal and orders."""
        sources = []
        if record._name == "sale.order" and record.opportunity_id:
            sources = [(1, self.given(record.opportunity_id, is_overlay))]
        elif record._name == "account.move":
            lines = record.invoice_line_ids
            whole = sum(Fraction(f"{line.price_subtotal:.2f}") for line in lines)
            for order in lines.sale_line_ids.order_id:
                own = lines.filtered(lambda line, order=order: line.sale_line_ids.order_id == order)
                part = sum(Fraction(f"{line.price_subtotal:.2f}") for line in own)
                sources.append((part / whole, self.given(order, is_overlay)))
        return credit.inherit(self.splits[record, is_overlay], sources)

    def segment_on(self, partner, day):
        """The segment on the day; before the first one that."""
        rows = [row for row in self.memberships if row.partner_id == partner]
        for number, row in enumerate(rows):
            if (number == 0 or row.date_from <= day) and (not row.date_to or day <= row.date_to):
                return row.segment_id.id
        return None

    # -- the comparison -----------------------------------------------------------------------------------------------

    def computed(self, code):
        rows = self.env["sdm.kpi.fact"].search([("kpi_id.code", "=", code), ("perimeter_id", "=", self.perimeter.id)])
        return {
            facts.Leaf(
                row.date,
                *(
                    row[name].id or None
                    for name in (
                        *("employee_id", "head_id", "team_id", "segment_id", "category_id", "company_id"),
                        "partner_id",
                    )
                ),
            ): round(row.value, 6)
            for row in rows
        }

    def test_facts_are_those_of_the_engine(self):
        for seed in SEEDS:
            self.plant(seed)
            self.refresh()
            entries = self.expected_entries()
            for code, (source, measure) in KPIS.items():
                with self.subTest(seed=seed, kpi=code):
                    expected = facts.collect(entries[source], measure, LAST)
                    self.assertEqual(
                        self.computed(code), {leaf: round(float(value), 6) for leaf, value in expected.items()}
                    )
                    self.assertTrue(expected)

    def test_values_at_all_levels_are_those_of_the_engine(self):
        self.plant(7)
        self.refresh()
        entries = self.expected_entries()
        levels = {"employee_id": "person", "head_id": "head", "team_id": "team", "segment_id": "segment"}
        for code, (source, measure) in KPIS.items():
            leaves = facts.collect(entries[source], measure, LAST)
            for field, name in levels.items():
                with self.subTest(kpi=code, level=name):
                    rows = self.env["sdm.kpi.report"]._read_group(
                        [("kpi_id.code", "=", code)], [field, "date:quarter"], ["value:sum"]
                    )
                    groups = defaultdict(dict)
                    for leaf, value in leaves.items():
                        quarter = leaf.month.replace(month=1 if leaf.month.month < 4 else 4)
                        groups[getattr(leaf, name), quarter][leaf] = value
                    expected = {
                        key: round(float(facts.value_of(group, measure.semantics)), 6) for key, group in groups.items()
                    }
                    self.assertEqual(
                        {(group.id or None, quarter): round(float(value), 6) for group, quarter, value in rows},
                        expected,
                    )

    def test_persons_without_what_is_on_top_and_nobody_make_the_whole(self):
        """Of every source, in every month and team; what is on top adds to no total."""
        for seed in (21, 22):
            self.plant(seed)
            self.refresh()
            for code, (source, measure) in KPIS.items():
                kpi = self.kpi(code)
                if measure.semantics == facts.DISTINCT:
                    continue
                entries = self.entries(source).filtered_domain(list(kpi._parse_filter()))
                on_top = entries.filtered(lambda entry: entry.credit == "overlay")
                months = defaultdict(float)
                for entry in entries - on_top:
                    months[periods.month_of(entry.date)] += entry[kpi.measure]
                totals = dict(
                    self.env["sdm.kpi.report"]._read_group([("kpi_id", "=", kpi.id)], ["date:month"], ["value:sum"])
                )
                for month in months.keys() | totals.keys():
                    with self.subTest(seed=seed, kpi=code, month=month):
                        self.assertAlmostEqual(months[month], float(totals.get(month) or 0), 4)
                self.assertAlmostEqual(sum(on_top.mapped(kpi.measure)), 0, 6)
            self.assertTrue(on_top)

    def test_every_fact_opens_what_it_was_counted_from(self):
        self.plant(11)
        self.refresh()
        for row in self.env["sdm.kpi.report"].search([("perimeter_id", "=", self.perimeter.id)]):
            action = row.action_open_entries()
            Entry = self.env["sdm.kpi.entry"].with_context(**action["context"])
            kpi = row.input_kpi_id
            if kpi.semantics == facts.DISTINCT:
                self.assertEqual(Entry.search(action["domain"]).partner_id, row.partner_id)
            else:
                [(total,)] = Entry._read_group(action["domain"], [], [f"{kpi.measure}:sum"])
                self.assertAlmostEqual(total or 0, row.value, 4, f"{kpi.code} {row.date}")

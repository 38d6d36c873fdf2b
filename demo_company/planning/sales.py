"""Orders, the deals they come from, deals that were lost or are open, leads and quotations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import sqrt
from random import Random

from demo_company import catalogue
from demo_company.cast import PEOPLE, Style
from demo_company.days import DAY, add_months, is_working, moment, some_working_day, working_day
from demo_company.plan import LOST, OPEN, WON, Customer, Deal, Line, Order
from demo_company.planning.customers import Base
from demo_company.planning.structure import Structure
from demo_company.planted import STORIES

# Share of orders that come from a deal; the others are repeat orders
FROM_DEAL = {"A": 0.38, "B": 0.6, "C": 0.7}
CYCLE_DAYS = 32
# Demand by month of the year
SEASON = (0.85, 0.95, 1.05, 1.05, 0.95, 1.0, 1.0, 0.95, 1.1, 1.05, 1.0, 1.1)
PRICE_RISE = 0.006  # a month
OPEN_DEALS = 21  # of a usual seller
LEADS_A_MONTH = 16
WITHOUT_VALUE, WITHOUT_DEADLINE = 0.07, 0.07
STAGE_OF_LOSS = (30, 32, 38)
QUOTED_LOST, QUOTED_OPEN = 0.3, 0.6


@dataclass
class Sales:
    """Deals and orders in the order of their time."""

    deals: list[Deal] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)


def make(anchor: date, start: date, seed: int, scale: float, structure: Structure, base: Base) -> Sales:
    """Plan what was sold, lost and is open. Nothing happens on the anchor date itself or later."""
    maker = _Maker(anchor, start, seed, scale, structure, base)
    for customer in base.customers:
        maker.sell_to(customer)
    for person in sorted({deal.person for deal in maker.deals}):
        maker.lose(person)
    for person in [*structure.sellers(anchor), *STORIES["selling_head"].people]:
        maker.open(person)
    maker.leave_orphans()
    maker.stall()
    maker.take_leads()
    return maker.sales()


class _Maker:
    def __init__(self, anchor: date, start: date, seed: int, scale: float, structure: Structure, base: Base) -> None:
        self.anchor, self.start, self.seed, self.scale = anchor, start, seed, scale
        self.structure, self.base = structure, base
        self.last = working_day(anchor - DAY, -1)  # the last day on which anything happens
        self.deals: list[Deal] = []
        self.orders: list[Order] = []
        self.quiet = {each.key: each.last for each in base.customers if each.story == "silent"}

    def sales(self) -> Sales:
        """What was made, in order of time."""
        deals = sorted(self.deals, key=lambda deal: (deal.created, deal.key))
        return Sales(deals, sorted(self.orders, key=lambda order: (order.at, order.key)))

    def _random(self, *topic: object) -> Random:
        return Random("/".join(map(str, (self.seed, *topic))))

    # ---- orders and the deals that were won

    def sell_to(self, customer: Customer) -> None:
        """Plan all orders of a customer."""
        random = self._random("orders", customer.key)
        months = (self.anchor.year - self.start.year) * 12 + self.anchor.month - self.start.month
        for index in range(months + 1):
            month = add_months(self.start, index, on=1)
            for _ in range(self._orders_in(random, customer, month)):
                day = some_working_day(random, month, add_months(month, 1) - DAY)
                if max(self.start, customer.first) <= day <= min(customer.last, self.last) and is_working(day):
                    self._sell(random, customer, moment(random, day))

    def _orders_in(self, random: Random, customer: Customer, month: date) -> int:
        season = SEASON[month.month - 1] if customer.story != "seasonal" else 5 <= month.month <= 9
        # a small company has fewer customers, and they order less often, too
        expected = customer.rate * season * sqrt(self.scale)
        # the fraction decides by chance, so a customer that orders monthly does so rather evenly
        return int(expected) + (random.random() < expected % 1)

    def _sell(self, random: Random, customer: Customer, at: datetime) -> None:
        person = self._seller(random, customer, at.date())
        team = self.structure.team(person, at.date())
        amount = customer.amount * random.lognormvariate(0, 0.35) * self._trend(customer, at.date())
        order = Order(
            key=f"order/{customer.key}/{len(self.orders):05}",
            customer=customer.key,
            person=person,
            team=team,
            at=at,
            lines=self._lines(random, customer, person, at.date(), amount),
        )
        if random.random() < FROM_DEAL[customer.tier]:
            deal = self._won(random, customer, order)
            self.deals.append(deal)
            if person not in STORIES["unlinked_orders"].people:
                order = replace(order, deal=deal.key)
        self.orders.append(order)

    def _seller(self, random: Random, customer: Customer, day: date) -> str:
        """The owner; where there is none or the owner is gone, somebody of the group that serves the industry."""
        owner = self.base.owner(customer.key, day)
        if owner and self.structure.on(owner, day):
            return owner
        return random.choice(self.structure.sellers(day, customer.team))

    def _trend(self, customer: Customer, day: date) -> float:
        """How large orders of a customer are on a day, compared with its usual ones."""
        story = STORIES["shrinking"]
        if customer.story != "shrinking" or day < story.date(self.anchor):
            return 1
        return max(0.75 - (day - story.date(self.anchor)).days / 30 * 0.09, 0.1)

    def _lines(self, random: Random, customer: Customer, person: str, day: date, amount: float) -> tuple[Line, ...]:
        """Lines that come to about an amount, without tax, at the prices and costs of the day."""
        wanted = catalogue.INDUSTRIES.get(customer.industry, ())
        fitting = [
            place
            for place, product in enumerate(catalogue.PRODUCTS)
            if product.price < amount and (not wanted or product.category in wanted or random.random() < 0.15)
        ]
        places = random.sample(fitting, min(len(fitting), random.choice((1, 2, 2, 3, 3, 4))))
        style = PEOPLE[person].style
        lines = []
        for place in places or [min(range(len(catalogue.PRODUCTS)), key=lambda p: catalogue.PRODUCTS[p].price)]:
            product = catalogue.PRODUCTS[place]
            discount = max(0, min(25, round(random.gauss(style.discount, 2.5))))
            price = round(product.price * self._level(day), -1 if product.price < 100_000 else -2)
            quantity = max(1, round(amount / len(places or [0]) / (price * (1 - discount / 100))))
            lines.append(Line(place, quantity, round(price), discount, self._cost(place, day)))
        return tuple(lines)

    def _level(self, day: date) -> float:
        """Prices of a day by those at the anchor date: the list rises in January and July."""
        months = (self.anchor.year - day.year) * 2 + (self.anchor.month > 6) - (day.month > 6)
        return (1 + PRICE_RISE) ** (-6 * months)

    def _cost(self, place: int, day: date) -> int:
        product, story = catalogue.PRODUCTS[place], STORIES["cost_rise"]
        cost = product.cost * self._level(day)
        if product.category == "Seals and gaskets" and day >= story.date(self.anchor):
            cost *= 1 + story.size
        return round(cost)

    def _won(self, random: Random, customer: Customer, order: Order) -> Deal:
        style = PEOPLE[order.person].style
        story = STORIES["entered_afterwards"]
        share = story.size if order.person in story.people else 0.03
        if random.random() < share:
            created = order.at - timedelta(minutes=random.randint(5, 40))
            moves = ((0, created), (3, order.at))
        else:
            created = self._created(random, order.person, order.at, self._cycle(random, style))
            moves = (*self._moves(random, created, order.at, 2), (3, order.at))
        amount = round(order.amount * random.uniform(0.95, 1.05), -2)
        return self._deal(random, customer, order.person, created, moves, amount, WON, order.at, order.lines[0].product)

    # ---- deals that were not won

    def lose(self, person: str) -> None:
        """Plan as many lost deals as a person's win rate says."""
        random = self._random("lost", person)
        style = PEOPLE[person].style
        won = sum(deal.person == person for deal in self.deals)
        first = max(self.start, self.structure.hired(person))
        last = min(self.structure.left(person) or self.last, self.last)
        for _ in range(round(won * (1 - style.win_rate) / style.win_rate)):
            closed = moment(random, some_working_day(random, min(first + 20 * DAY, last), last))
            created = self._created(random, person, closed, self._cycle(random, style) * 1.15)
            stage = random.choices(range(3), STAGE_OF_LOSS)[0]
            customer = self._prospect(random, person, closed.date())
            reasons = catalogue.LOST_REASONS
            reason = "" if random.random() < style.unexplained else random.choices(list(reasons), reasons.values())[0]
            moves = self._moves(random, created, closed, stage)
            deal = self._deal(random, customer, person, created, moves, None, LOST, closed)
            self.deals.append(replace(deal, reason=reason))
            if stage == 2 and customer and random.random() < QUOTED_LOST:
                self._quote(random, deal, customer, "cancel")

    def open(self, person: str) -> None:
        """Plan a person's open deals."""
        random = self._random("open", person)
        style = PEOPLE[person].style
        hired = self.structure.hired(person)
        count = round(OPEN_DEALS * style.portfolio * random.uniform(0.85, 1.2) * min(self.scale * 1.5, 1))
        for _ in range(max(count, 2)):
            age = min(round(random.expovariate(1 / 34)) + 1, 150)
            day = max(working_day(self.last - age * DAY, -1), working_day(hired))
            customer = self._prospect(random, person, day)
            self.deals.append(self._open_deal(random, customer, person, moment(random, min(day, self.last))))
            deal = self.deals[-1]
            if deal.moves[-1][0] == 2 and customer and random.random() < QUOTED_OPEN:
                self._quote(random, deal, customer, "sent")

    def leave_orphans(self) -> None:
        """The open deals of the one who has left."""
        story = STORIES["orphans"]
        person, random = story.people[0], self._random("orphans")
        for _ in range(round(story.size)):
            day = working_day(story.date(self.anchor) - random.randint(5, 60) * DAY, -1)
            customer = self._prospect(random, person, story.date(self.anchor))
            self.deals.append(self._open_deal(random, customer, person, moment(random, day)))

    def stall(self) -> None:
        """The open deals of the story: large ones that have reached a stage and stayed there."""
        story = STORIES["stalled"]
        person, random = story.people[0], self._random("stalled")
        own = [each for each in self._owned(person, self.anchor) if each.tier in "AB" and each.story != "silent"]
        for number in range(round(story.size)):
            moved = working_day(story.date(self.anchor) - random.randint(2, 45) * DAY, -1)
            created = moment(random, working_day(moved - random.randint(10, 40) * DAY, -1))
            moves = self._moves(random, created, moment(random, moved) + DAY, 1 + number % 2)
            moves = (*moves[:-1], (moves[-1][0], moment(random, moved)))
            amount = random.randrange(400_000, 1_200_000, 1_000)
            deal = self._deal(random, random.choice(own), person, created, moves, amount)
            self.deals.append(replace(deal, deadline=moved + random.randint(20, 50) * DAY))

    def take_leads(self) -> None:
        """Leads that came in: those of the last weeks are being looked at, the others were given up."""
        random = self._random("leads")
        names = self._random("leads/names")
        for number in range(round(LEADS_A_MONTH * 24 * self.scale)):
            created = moment(random, some_working_day(random, self.start, self.last))
            if random.random() < 0.08:
                created = moment(random, some_working_day(random, self.last - 25 * DAY, self.last))
            person = random.choice(self.structure.sellers(created.date()))
            is_new = (self.last - created.date()).days < 26
            closed = None
            if not is_new:
                closed = moment(random, working_day(min(created.date() + random.randint(2, 24) * DAY, self.last), -1))
                closed = max(closed, created + timedelta(hours=1))
            sex = names.choice("mmf")
            last = names.choice(catalogue.LAST_NAMES) + ("a" if sex == "f" else "")
            product = random.randrange(len(catalogue.PRODUCTS))
            outcome, reason = (OPEN, "") if is_new else (LOST, random.choice(("No decision", "Budget was cut", "")))
            deal = self._deal(random, None, person, created, ((0, created),), 0, outcome, closed, product)
            contact = f"{names.choice(catalogue.FIRST_NAMES[sex])} {last}"
            deal = replace(deal, key=f"lead/{number:04}", is_lead=True, reason=reason, contact_name=contact)
            self.deals.append(replace(deal, converted=None, source=random.choice(("Website", "Website", "Exhibition"))))

    # ---- parts

    def _cycle(self, random: Random, style: Style) -> float:
        return CYCLE_DAYS * style.cycle * random.lognormvariate(-0.1, 0.45)

    def _created(self, random: Random, person: str, closed: datetime, days: float) -> datetime:
        """A working moment so many days before the closing, not before the story or the person begins."""
        first = working_day(max(self.start, self.structure.hired(person)))
        day = max(working_day(closed.date() - timedelta(days=max(round(days), 2)), -1), first)
        return min(moment(random, day), closed - timedelta(minutes=20))

    def _moves(
        self, random: Random, created: datetime, closed: datetime, stage: int
    ) -> tuple[tuple[int, datetime], ...]:
        """Moves up to a stage, spread over the time until the closing."""
        moves = [(0, created)]
        for number in range(1, stage + 1):
            share = (number + random.uniform(-0.3, 0.3)) / (stage + 1)
            at = created + (closed - created) * share
            day = working_day(at.date(), -1)
            at = max(moment(random, day), moves[-1][1] + timedelta(minutes=7))
            moves.append((number, min(at, closed - timedelta(minutes=1 + stage - number))))
        return tuple(moves)

    def _open_deal(self, random: Random, customer: Customer | None, person: str, created: datetime) -> Deal:
        """An open deal that has come as far as its age and chance say."""
        stage = random.choices(range(3), (25, 38, 37))[0]
        if (self.last - created.date()).days < 6:
            stage = min(stage, 1)
        # some moved lately, others long ago
        end = created + (datetime.combine(self.last, created.time()) - created) * random.uniform(0.35, 1.1)
        end = min(end, datetime.combine(self.last, created.time()))
        moves = self._moves(random, created, max(end, created + timedelta(hours=2)), stage)
        return self._deal(random, customer, person, created, moves, None)

    def _deal(
        self,
        random: Random,
        customer: Customer | None,
        person: str,
        created: datetime,
        moves: tuple[tuple[int, datetime], ...],
        amount: float | None,
        outcome: str = OPEN,
        closed: datetime | None = None,
        product: int | None = None,
    ) -> Deal:
        """A deal; without an amount it gets a usual one of the customer."""
        team = self.structure.team(person, created.date())
        if amount is None:
            usual = customer.amount if customer else 180_000
            amount = 0 if random.random() < WITHOUT_VALUE else usual * random.lognormvariate(0, 0.4)
        if product is None:
            wanted = catalogue.INDUSTRIES.get(customer.industry if customer else "", ())
            fitting = [n for n, each in enumerate(catalogue.PRODUCTS) if not wanted or each.category in wanted]
            product = random.choice(fitting)
        deadline = None
        if outcome != OPEN:
            deadline = closed.date() + timedelta(days=random.randint(-12, 10))
        elif random.random() >= WITHOUT_DEADLINE:
            deadline = created.date() + timedelta(days=round(CYCLE_DAYS * 2 * random.uniform(0.7, 2.2)))
        converted = None
        is_from_lead = random.random() < 0.3 and len(moves) > 1 and moves[1][1] - created > timedelta(days=1)
        if is_from_lead:
            converted = created + (moves[1][1] - created) * random.uniform(0.2, 0.9)
            converted = moment(random, working_day(converted.date(), -1))
            converted = converted if created < converted < moves[1][1] else None
        sources = catalogue.SOURCES
        return Deal(
            key=f"deal/{person}/{len(self.deals):05}",
            name=random.choice(catalogue.DEAL_SUBJECTS[catalogue.PRODUCTS[product].category]),
            customer=customer.key if customer else "",
            person=person,
            team=team,
            source=random.choices(list(sources), sources.values())[0] if random.random() < 0.8 else "",
            amount=round(amount, -2) if amount else 0,
            created=created,
            moves=moves,
            outcome=outcome,
            closed=closed,
            deadline=deadline,
            converted=converted,
        )

    def _owned(self, person: str, day: date) -> list[Customer]:
        return [each for each in self.base.customers if self.base.owner(each.key, day) == person]

    def _prospect(self, random: Random, person: str, day: date) -> Customer | None:
        """Somebody to offer to on a day: a customer of the person, or one that does not buy yet."""
        team = self.structure.team(person, day)
        own = self._owned(person, day)
        if random.random() < 0.3 or not own:
            own = [each for each in self.base.customers if each.tier == "P" and each.team == team]
        own = [each for each in own if each.since < day and day <= self.quiet.get(each.key, day)]
        return random.choice(own) if own else None

    def _quote(self, random: Random, deal: Deal, customer: Customer, state: str) -> None:
        """The quotation of a deal that was lost or is open, sent the day it came to its stage."""
        at = deal.moves[-1][1] + timedelta(minutes=1)
        lines = self._lines(random, customer, deal.person, at.date(), max(deal.amount, 20_000))
        key = f"quotation/{deal.key}"
        self.orders.append(Order(key, customer.key, deal.person, deal.team, at, lines, state, deal.key))

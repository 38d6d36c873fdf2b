"""Customers, their contacts, holdings, doubles, and who they belonged to when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from demo_company import catalogue
from demo_company.cast import HEADS, PEOPLE, TEAMS
from demo_company.days import DAY
from demo_company.plan import Contact, Customer, Ownership
from demo_company.planning.structure import NOVICES, Structure
from demo_company.planted import STORIES

COUNT = 400
TIERS = {"A": 8, "B": 22, "C": 51, "P": 19}
# Orders a month, and between what and what a usual order is
RATES = {"A": (0.6, 1.05), "B": (0.2, 0.4), "C": (0.1, 0.18), "P": (0, 0)}
AMOUNTS = {"A": (420_000, 850_000), "B": (150_000, 380_000), "C": (40_000, 140_000), "P": (60_000, 250_000)}
HABITS = {"on time": 73, "late": 20, "very late": 2, "prepaid": 5}
CONTACTS = {"A": (2, 3), "B": (1, 2), "C": (0, 1), "P": (0, 2)}
SUBSIDIARIES = ("Servis", "Energo", "Stroy")
WITHOUT_OWNER = 0.08
# Customers of these sellers order more or less often than others'
ORDERING = {"lebedev": 1.75, "volkov": 0.5, "frolov": 0.7, "sorokin": 0.6}

# How the customers that a story is about buy: (story, changes to a usual customer)
PLANTED = {
    "big_customer": {"tier": "A", "industry": "E", "rate": 3.1, "amount": 1_400_000},
    "seasonal": {"tier": "A", "industry": "D", "rate": 1.7, "amount": 420_000},
    "shrinking": {"tier": "A", "industry": "E", "rate": 1.6, "amount": 680_000},
    "silent": {"tier": "A", "rate": 0.9, "amount": 560_000},
    "late_payer": {"tier": "B", "industry": "C", "rate": 0.9, "amount": 420_000, "habit": "very late"},
    "prepaying": {"tier": "B", "industry": "I", "rate": 0.9, "amount": 260_000, "habit": "prepaid"},
    "paying_in_parts": {"tier": "B", "industry": "A", "rate": 2.6, "amount": 120_000, "habit": "in parts"},
}


@dataclass
class Base:
    """All customers and whom they belonged to."""

    customers: tuple[Customer, ...]
    ownerships: tuple[Ownership, ...]

    def __post_init__(self) -> None:
        self.by_key = {customer.key: customer for customer in self.customers}
        self._history: dict[str, list[Ownership]] = {}
        for ownership in self.ownerships:
            self._history.setdefault(ownership.customer, []).append(ownership)

    def owner(self, customer: str, day: date) -> str:
        """Whose customer it is on a day; empty when nobody's."""
        for each in self._history.get(customer, ()):
            if each.start <= day and (each.end is None or day <= each.end):
                return each.person
        return ""


def make(anchor: date, start: date, seed: int, scale: float, structure: Structure) -> Base:
    """Plan the customers."""
    maker = _Maker(anchor, start, Random(f"{seed}/customers"), structure)
    maker.plant()
    maker.add_holdings(round(STORIES["holdings"].size))
    maker.add_usual(max(round(COUNT * scale), len(maker.customers) + 40))
    maker.add_doubles(round(STORIES["duplicates"].size))
    return Base(tuple(maker.customers), tuple(maker.ownerships()))


class _Maker:
    def __init__(self, anchor: date, start: date, random: Random, structure: Structure) -> None:
        self.anchor, self.start, self.random, self.structure = anchor, start, random, structure
        self.customers: list[Customer] = []
        self.owners: dict[str, str] = {}  # customer -> who leads it, as far as no later change says otherwise
        planted = {name.rpartition(" ")[0] for story in STORIES.values() for name in story.customers}
        names = [f"{first} {second}" for first in catalogue.FIRST_WORDS for second in catalogue.SECOND_WORDS]
        self.names = sorted(set(names) - planted)
        random.shuffle(self.names)

    # ---- who there is

    def plant(self) -> None:
        """Add the customers that stories are about, with their owners."""
        for story, changes in PLANTED.items():
            for name, owner in zip(STORIES[story].customers, STORIES[story].people, strict=True):
                team = self.structure.on(owner, self.anchor).team
                last = self.anchor
                if story == "silent":
                    last = STORIES[story].date(self.anchor)
                habit = changes.get("habit", "on time")
                industry = changes.get("industry") or TEAMS[team].industries[0]
                customer = self._customer(name, changes["tier"], team, story=story)
                customer = replace(
                    customer, **{**changes, "habit": habit, "industry": industry}, first=self.start, last=last
                )
                self._add(customer, owner)

    def add_holdings(self, count: int) -> None:
        """Add holding companies with subsidiaries that buy."""
        for number in range(count):
            team = list(TEAMS)[number % len(TEAMS)]
            name = self.names.pop()
            parent = self._customer(f"{name} Group JSC", "P", team)
            self._add(parent, self._some_owner(team))
            for word in SUBSIDIARIES:
                child = self._customer(f"{name} {word} LLC", self.random.choice("ABCC"), team)
                self._add(replace(child, parent=parent.key), self._some_owner(team))

    def add_usual(self, count: int) -> None:
        """Add customers until there are so many."""
        while len(self.customers) < count:
            team = self.random.choice(list(TEAMS))
            tier = self.random.choices(list(TIERS), TIERS.values())[0]
            name = f"{self.names.pop()} {self.random.choice(catalogue.FORMS)}"
            owner = "" if self.random.random() < WITHOUT_OWNER else self._some_owner(team)
            self._add(self._customer(name, tier, team), owner)

    def add_doubles(self, count: int) -> None:
        """Enter some small customers a second time, as somebody does who has not searched before."""
        usual = [each for each in self.customers if each.tier == "C" and not each.story and not each.parent]
        for customer in self.random.sample(usual, count):
            double = self._customer(customer.name.upper(), "C", customer.team)
            changes = {"city": customer.city, "industry": "", "contacts": (), "since": self.start + 200 * DAY}
            changes |= {"first": self.start + 200 * DAY, "last": self.anchor, "rate": 0.3}
            self._add(replace(double, **changes), self._some_owner(customer.team))

    def _add(self, customer: Customer, owner: str) -> None:
        factor = 1 if customer.story else ORDERING.get(owner, 1)
        self.customers.append(replace(customer, rate=customer.rate * factor))
        if owner:
            self.owners[customer.key] = owner

    def _some_owner(self, team: str) -> str:
        people = [*self.structure.sellers(self.start, team), *self._novices(team), HEADS[team]]
        return self.random.choices(people, [PEOPLE[person].style.portfolio for person in people])[0]

    def _novices(self, team: str) -> list[str]:
        people = [STORIES[name].people[0] for name in NOVICES]
        return [person for person in people if self.structure.on(person, self.anchor).team == team]

    def _customer(self, name: str, tier: str, team: str, story: str = "") -> Customer:
        random = self.random
        known = story or tier in "AB"
        city = random.choice(list(catalogue.CITIES))
        slug = name.rpartition(" ")[0].lower().replace(" ", "-")
        first, last = self._life(tier)
        has_data = known or random.random() > 0.13
        customer = Customer(
            key=f"customer_{len(self.customers) + 1:03}",
            name=name,
            tier=tier,
            team=team,
            industry=random.choice(TEAMS[team].industries) if random.random() > (0.1 if known else 0.58) else "",
            city=city,
            tax_number=self._tax_number() if has_data else "",
            email=f"info.{slug}@example.com" if has_data and random.random() > 0.15 else "",
            phone=self._phone(city) if has_data and random.random() > 0.1 else "",
            parent="",
            habit=random.choices(list(HABITS), HABITS.values())[0],
            since=first - random.randint(20, 700) * DAY
            if first <= self.start
            else first - random.randint(15, 60) * DAY,
            first=first,
            last=last,
            rate=random.uniform(*RATES[tier]),
            amount=round(random.uniform(*AMOUNTS[tier]), -3),
            story=story,
        )
        count = random.randint(*CONTACTS[tier]) if has_data else 0
        return replace(customer, contacts=tuple(self._contact(slug, city, number) for number in range(count)))

    def _life(self, tier: str) -> tuple[date, date]:
        """Between which days it buys: all the time, from a day on (new) or until a day (lost)."""
        days = (self.anchor - self.start).days
        chance = self.random.random()
        if chance < 0.2:
            return self.start + timedelta(days=self.random.randint(60, days - 40)), self.anchor
        if chance < {"A": 0.24, "B": 0.3}.get(tier, 0.32):
            return self.start, self.start + timedelta(days=self.random.randint(days // 4, days * 3 // 4))
        return self.start, self.anchor

    def _tax_number(self) -> str:
        """Like a Russian one, of region 00: nobody has it. The last digit checks the others."""
        digits = [0, 0, *(self.random.randrange(10) for _ in range(7))]
        weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
        digits.append(sum(w * d for w, d in zip(weights, digits, strict=True)) % 11 % 10)
        return "".join(map(str, digits))

    def _phone(self, city: str) -> str:
        """A number that starts with zeros after the code of the city: nobody has it."""
        code = catalogue.CITIES[city]
        zeros = "0" * (6 - len(code))
        return f"+7 {code} {zeros}-{self.random.randrange(100):02}-{self.random.randrange(100):02}"

    def _contact(self, slug: str, city: str, number: int) -> Contact:
        sex = self.random.choice("mmf")
        first = self.random.choice(catalogue.FIRST_NAMES[sex])
        last = self.random.choice(catalogue.LAST_NAMES) + ("a" if sex == "f" else "")
        email = f"{last}.{slug}@example.com".lower()
        function = catalogue.FUNCTIONS[(number + self.random.randrange(2)) % len(catalogue.FUNCTIONS)]
        return Contact(f"{first} {last}", function, email, self._phone(city))

    # ---- whose they were

    def ownerships(self) -> list[Ownership]:
        """The history of every customer's owner, changes of the stories included."""
        changes = self._changes()
        result = []
        for customer in self.customers:
            owner = self.owners.get(customer.key)
            if owner is None:
                continue
            steps = [(customer.since, owner), *changes.get(customer.key, [])]
            for (day, person), following in zip(steps, [*steps[1:], None], strict=True):
                end = following[0] - DAY if following else None
                if end is None or end >= day:
                    result.append(Ownership(customer.key, person, day, end))
        return result

    def _of(self, person: str) -> list[Customer]:
        return [each for each in self.customers if self.owners.get(each.key) == person and not each.story]

    def _changes(self) -> dict[str, list[tuple[date, str]]]:
        """Who takes over what and when; a customer changes hands at most once."""
        random, changes = self.random, {}

        def give(customers: list[Customer], day: date, *takers: str) -> None:
            for customer in customers:
                # customers that came later belong to the new owner from the start
                changes[customer.key] = [(max(day, customer.since), random.choice(takers))]

        for name in NOVICES:
            novice, head = STORIES[name].people
            for customer in self._of(novice):
                self.owners[customer.key] = head
                give([customer], STORIES[name].date(self.anchor), novice)
        hand_over = STORIES["hand_over"]
        giver, taker = hand_over.people
        day = hand_over.date(self.anchor)
        give([each for each in self._of(giver) if each.since < day][: round(hand_over.size)], day, taker)
        transfer = STORIES["transfer"]
        give(self._of(transfer.people[0]), transfer.date(self.anchor), "belyaev", "nikitina", "fedorova")
        given = [each for each in self._of("kuznetsova") if each.tier != "A"][:14]
        give(given, transfer.date(self.anchor), transfer.people[0])
        departure = STORIES["departure"]
        leaver, successor = departure.people
        left = self._of(leaver)
        small = [each for each in left if each.tier in "CP"][: round(STORIES["orphans"].size)]
        day = departure.date(self.anchor) + DAY
        for number, customer in enumerate(each for each in left if each not in small):
            give([customer], day, "belyaev" if number % 3 == 2 else successor)
        return changes

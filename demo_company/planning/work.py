"""What sellers do: calls, mails, meetings and what they plan to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from demo_company import catalogue
from demo_company.cast import PEOPLE
from demo_company.days import DAY, moment, some_working_day, working_day
from demo_company.plan import OPEN, Activity, Customer, Deal, Mail, Meeting
from demo_company.planning.customers import Base
from demo_company.planning.sales import Sales
from demo_company.planning.structure import Structure

KINDS = {"call": 52, "email": 26, "meeting": 22}
CONTACTS_OF_DEAL = 2.1  # besides the first one
# Days between contacts with a customer apart from deals
INTERVALS = {"A": 24, "B": 48, "C": 115}
IN_CALENDAR = 0.45  # share of meetings that are in the calendar, too
MAILS_OF_DEAL = 0.7


@dataclass
class Work:
    """Activities, meetings and mails in the order of their time."""

    activities: list[Activity] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)


def make(anchor: date, start: date, seed: int, structure: Structure, base: Base, sales: Sales) -> Work:
    """Plan what was done up to the day before the anchor date and what is planned."""
    maker = _Maker(anchor, start, seed, structure, base)
    for deal in sales.deals:
        maker.work_on(deal)
    for customer in base.customers:
        maker.care_for(customer)
    work = maker.work
    work.activities.sort(key=lambda each: (each.done or datetime.max, each.due, each.deal, each.customer))
    work.meetings.sort(key=lambda each: (each.start, each.deal, each.customer))
    work.mails.sort(key=lambda each: (each.at, each.deal))
    return work


class _Maker:
    def __init__(self, anchor: date, start: date, seed: int, structure: Structure, base: Base) -> None:
        self.anchor, self.start, self.seed, self.structure, self.base = anchor, start, seed, structure, base
        self.last = working_day(anchor - DAY, -1)
        self.work = Work()

    def work_on(self, deal: Deal) -> None:
        """Contacts on a deal, and its next activity while it is open."""
        random = Random(f"{self.seed}/work/{deal.key}")
        style = PEOPLE[deal.person].style
        last = deal.closed or min(
            deal.moves[-1][1] + timedelta(days=random.randint(1, 25)), datetime.combine(self.last, deal.created.time())
        )
        count = round(random.expovariate(1 / (CONTACTS_OF_DEAL * style.contacts))) if not deal.is_lead else 0
        if random.random() < min(0.85 * style.contacts, 1):
            self._contact(random, deal.person, deal.customer, deal.key, "call", deal.created + timedelta(minutes=15))
        for _ in range(min(count, 9)):
            at = moment(random, some_working_day(random, deal.created.date(), last.date()))
            if deal.created < at <= last and self._is_there(deal.person, at.date()):
                self._contact(random, deal.person, deal.customer, deal.key, self._kind(random), at)
        for _ in range(round(random.expovariate(1 / MAILS_OF_DEAL)) if deal.customer else 0):
            at = moment(random, some_working_day(random, deal.created.date(), last.date()))
            if at > deal.created and self._is_there(deal.person, at.date()):
                is_incoming = random.random() < 0.5
                self.work.mails.append(Mail(deal.person, deal.customer, deal.key, deal.name, at, is_incoming))
        if deal.outcome == OPEN and random.random() < style.planned and self._is_there(deal.person, self.anchor):
            self._plan(random, deal.person, deal.customer, deal.key, style.late)

    def care_for(self, customer: Customer) -> None:
        """Contacts with a customer apart from deals."""
        random = Random(f"{self.seed}/care/{customer.key}")
        interval = INTERVALS.get(customer.tier)
        day = max(self.start, customer.since) + timedelta(days=random.randint(1, 20))
        # who stopped buying is called a while longer
        end = customer.last if customer.story == "silent" else min(self.last, customer.last + 60 * DAY)
        while interval and day <= end:
            day = working_day(day)
            owner = self.base.owner(customer.key, day)
            if owner and day <= end and self._is_there(owner, day):
                self._contact(random, owner, customer.key, "", self._kind(random), moment(random, day))
            style = PEOPLE[owner].style if owner else None
            contacts = style.contacts if style else 1
            day += timedelta(days=max(round(interval / contacts * random.uniform(0.6, 1.5)), 2))
        owner = self.base.owner(customer.key, self.anchor)
        has_next = interval and owner and customer.story != "silent" and self._is_there(owner, self.anchor)
        if has_next and random.random() < {"A": 0.5, "B": 0.25, "C": 0.06}[customer.tier]:
            self._plan(random, owner, customer.key, "", PEOPLE[owner].style.late)

    def _is_there(self, person: str, day: date) -> bool:
        return self.structure.on(person, day) is not None

    @staticmethod
    def _kind(random: Random) -> str:
        return random.choices(list(KINDS), KINDS.values())[0]

    def _contact(self, random: Random, person: str, customer: str, deal: str, kind: str, at: datetime) -> None:
        if at.date() > self.last:
            return
        summary = random.choice(catalogue.CALLS[kind])
        due = at.date() - timedelta(days=random.choice((0, 0, 0, 0, 1, 2)))
        self.work.activities.append(Activity(person, customer, deal, kind, summary, due, at))
        if kind == "meeting" and customer and random.random() < IN_CALENDAR:
            start = at.replace(minute=at.minute // 30 * 30) - timedelta(hours=1)
            minutes = random.choice((60, 60, 90, 120))
            self.work.meetings.append(Meeting(person, customer, deal, summary, start, minutes))

    def _plan(self, random: Random, person: str, customer: str, deal: str, late: float) -> None:
        """The next activity: overdue, or due in the next days."""
        kind = self._kind(random)
        due = working_day(self.anchor + random.randint(0, 12) * DAY)
        if random.random() < late:
            due = working_day(self.last - round(random.expovariate(1 / 12)) * DAY, -1)
        summary = {"call": "Call", "email": "Send the offer", "meeting": "Meet"}[kind]
        self.work.activities.append(Activity(person, customer, deal, kind, summary, due))
        if kind == "meeting" and customer and due > self.anchor:
            self.work.meetings.append(Meeting(person, customer, deal, "Meeting", moment(random, due)))

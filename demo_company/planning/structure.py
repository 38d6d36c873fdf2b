"""Who worked where and when."""

from __future__ import annotations

from datetime import date
from random import Random

from demo_company.cast import HEADS, PEOPLE, PLACES
from demo_company.days import DAY, add_months
from demo_company.plan import Position
from demo_company.planted import STORIES

NOVICES = ("novice_first", "novice_second", "novice_third")


class Structure:
    """Positions of everybody, and questions about them on a day."""

    def __init__(self, anchor: date, start: date, seed: int) -> None:
        self.positions = tuple(_positions(anchor, start, Random(f"{seed}/structure")))
        self._by_person: dict[str, list[Position]] = {}
        for position in self.positions:
            self._by_person.setdefault(position.person, []).append(position)

    def on(self, person: str, day: date) -> Position | None:
        """The position of a person on a day, if they have one."""
        for position in self._by_person.get(person, ()):
            if position.start <= day and (position.end is None or day <= position.end):
                return position
        return None

    def team(self, person: str, day: date) -> str:
        """The group of a person on a day; before the first day the first one, after the last day the last one."""
        day = max(day, self.hired(person))
        last = self.left(person)
        return self.on(person, min(day, last) if last else day).team

    def hired(self, person: str) -> date:
        """The first day of a person."""
        return self._by_person[person][0].start

    def left(self, person: str) -> date | None:
        """The last day of a person, None for those who are there."""
        return self._by_person[person][-1].end

    def sellers(self, day: date, team: str | None = None) -> list[str]:
        """Who sells on a day, heads left out, in a team or anywhere."""
        found = []
        for person, positions in self._by_person.items():
            position = self.on(person, day) if positions[0].person not in HEADS.values() else None
            if position and PEOPLE[person].style and (team is None or position.team == team):
                found.append(person)
        return found


def _positions(anchor: date, start: date, random: Random) -> list[Position]:
    begun = {STORIES[name].people[0]: STORIES[name].date(anchor) for name in NOVICES}
    transfer, departure = STORIES["transfer"], STORIES["departure"]
    jobless = STORIES["novice_third"].people[0]
    positions = []
    for person, (team, head) in PLACES.items():
        first = begun.get(person) or add_months(start, -random.randint(3, 60), on=1)
        job = "" if person == jobless else PEOPLE[person].job
        if person == transfer.people[0]:
            day = transfer.date(anchor)
            positions.append(Position(person, head, team, job, first, day - DAY))
            first, team, head = day, "process", HEADS["process"]
        last = departure.date(anchor) if person == departure.people[0] else None
        positions.append(Position(person, head, team, job, first, last))
    return positions

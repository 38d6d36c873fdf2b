"""Who is away from when until when, and who stands in. Only from the anchor date on: nobody works while away."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from demo_company.days import DAY
from demo_company.plan import Absence
from demo_company.planning.structure import Structure
from demo_company.planted import STORIES

LENGTH = timedelta(days=14)
FIRST_WEEK, WEEKS = 6, 30  # planned leaves begin in these weeks from the anchor on
WITH_SUBSTITUTE = 0.6  # of the planned leaves; the others still wait for somebody


def make(anchor: date, seed: int, structure: Structure) -> tuple[Absence, ...]:
    """Plan the absence of today and a leave of each other seller, in order of the first day."""
    random = Random(f"{seed}/absences")
    story = STORIES["absence"]
    absent, substitute = story.people
    first = story.date(anchor)
    absences = [Absence(absent, first, first + (int(story.size) - 1) * DAY, substitute)]
    for person in structure.sellers(anchor):
        if person == absent:
            continue
        monday = anchor - anchor.weekday() * DAY + timedelta(weeks=FIRST_WEEK + random.randrange(WEEKS))
        absences.append(Absence(person, monday, monday + LENGTH - DAY))
    return tuple(
        _with_substitute(absence, absences, structure, anchor, random)
        for absence in sorted(absences, key=lambda absence: (absence.start, absence.person))
    )


def _with_substitute(absence, absences, structure, anchor, random):
    """Somebody of the same group who is there on all of these days, for most of the leaves."""
    if absence.substitute or random.random() > WITH_SUBSTITUTE:
        return absence
    away = {other.person for other in absences if other.start <= absence.end and absence.start <= other.end}
    there = [
        person for person in structure.sellers(anchor, structure.team(absence.person, anchor)) if person not in away
    ]
    return Absence(absence.person, absence.start, absence.end, random.choice(there) if there else "")

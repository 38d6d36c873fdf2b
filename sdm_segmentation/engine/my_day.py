"""A seller's day: whom to contact and why, what matters most first.

Everything that asks for a customer becomes one entry: a contact norm, a step, an activity, an e-mail without answer.
Overdue entries come first; among them the key segments, and then who has waited longest.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from .calendar import Calendar, add_working_days, count_working_days
from .options import require_choice
from .playbook import DUE, OVERDUE

ANSWER = "answer"
STEP = "step"
ACTIVITY = "activity"
NORM = "norm"
# of two that press alike, the one that somebody waits for comes first
KINDS = (ANSWER, STEP, ACTIVITY, NORM)

# an agreed day may lie so many working days ahead before the contact norm asks again
AGREED_AHEAD = 5

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reason:
    """Why something is in a day.

    :param kind: one of ``KINDS``; :param subject: whom it is about: reasons of one subject make one entry
    :param due: day from which it is due; :param latest: last day before it is overdue
    :param code: by which the caller finds it again
    :param channels: channels whose contacts settle a norm; an agreed contact by one of them puts it off
    """

    kind: str
    subject: Hashable
    due: date
    latest: date
    code: Hashable = None
    channels: tuple = ()

    def __post_init__(self):
        require_choice(self.kind, KINDS, "kind")


@dataclass(frozen=True)
class Entry:
    """One customer, or another subject, of a day.

    :param subject: whom it is about; :param state: ``overdue`` or ``due``: the most pressing of its reasons
    :param late: working days since the first of them is due; :param reasons: the most pressing first
    """

    subject: Hashable
    state: str
    late: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Plan:
    """A day.

    :param entries: what is to be done, in order; :param agreed: subjects left out since a contact is agreed for a later
        day and nothing else asks for them
    """

    entries: tuple[Entry, ...]
    agreed: tuple = ()


def plan(
    reasons: Iterable[Reason],
    calendar: Calendar,
    day: date,
    ranks: Mapping[Hashable, int],
    agreed: Mapping[tuple, date] | None = None,
) -> Plan:
    """Put together what a day asks for.

    A norm does not press where a contact that keeps it is agreed for a day to come: up to its last day, or up to five
    working days ahead where that is later.

    :param reasons: in any order; what is due later than on the day is left out
    :param ranks: place of each subject's segment, the key one lowest; subjects without one come last
    :param agreed: first later day agreed on for a subject and a channel
    """
    agreed = agreed or {}
    horizon = add_working_days(calendar, day, AGREED_AHEAD)
    found, put_off = {}, []
    for reason in reasons:
        if reason.due > day:
            continue
        days = [agreed[reason.subject, channel] for channel in reason.channels if (reason.subject, channel) in agreed]
        if any(day < later <= max(reason.latest, horizon) for later in days):
            put_off.append(reason.subject)
        else:
            found.setdefault(reason.subject, []).append(reason)
    entries = [_enter(subject, asked, calendar, day) for subject, asked in found.items()]
    last = max(ranks.values(), default=0) + 1
    entries.sort(
        key=lambda entry: (
            entry.state != OVERDUE,
            ranks.get(entry.subject, last),
            -entry.late,
            KINDS.index(entry.reasons[0].kind),
            str(entry.subject),
        )
    )
    return Plan(tuple(entries), tuple(dict.fromkeys(subject for subject in put_off if subject not in found)))


def _enter(subject, reasons, calendar, day):
    ordered = tuple(
        sorted(
            reasons,
            key=lambda reason: (reason.latest >= day, reason.due, KINDS.index(reason.kind), str(reason.code)),
        )
    )
    state = OVERDUE if ordered[0].latest < day else DUE
    late = max(count_working_days(calendar, reason.due + DAY, day) for reason in ordered)
    return Entry(subject, state, late, ordered)

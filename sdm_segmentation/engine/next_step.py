"""What comes after a contact: by which channel, and on which day.

The result decides. Who was not reached is tried again on the next working day, who asked for later is asked again in a
week; after a contact the next step of the playbook comes, or else what its norms ask for first. Days are those of the
person who does it: the norm counts the company's working days, and a day on which the person is away gives way.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from .calendar import Calendar, add_working_days, is_working
from .enrolment import BAD_DATA, CONNECTED, CONTACT_LATER, DISPOSITIONS, DUPLICATE, NO_RESPONSE, NOT_INTERESTED
from .options import require_choice

# the customer was spoken to; anything else was an attempt and keeps no norm
CONTACTS = (CONNECTED, CONTACT_LATER, NOT_INTERESTED)
# after these nobody goes on with the steps of a playbook
ENDS_STEPS = (NOT_INTERESTED, BAD_DATA, DUPLICATE)

AGAIN = "again"
LATER = "later"
CORRECT = "correct"
STEP = "step"
NORM = "norm"

# "later" where the customer named no day
LATER_DAYS = 5

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """A norm of a customer as it stands before the contact.

    :param channel: what the norm is about; :param keeps: channels whose contacts keep it, its own included
    :param ideal: working days until the next is due; :param maximum: until it is overdue
    :param due: day from which the next is due; :param latest: last day before it is overdue
    """

    channel: Hashable
    keeps: tuple
    ideal: int
    maximum: int
    due: date
    latest: date


@dataclass(frozen=True)
class NextStep:
    """A proposal.

    :param reason: ``again``, ``later``, ``correct`` (find the right data: no contact), ``step`` or ``norm``
    :param day: when; :param channel: None where it is no contact
    :param ideal: working days that the norm asks for, None for any other reason
    """

    reason: str
    day: date
    channel: Hashable | None = None
    ideal: int | None = None


def propose(
    result: str,
    channel: Hashable,
    day: date,
    working: Calendar,
    own: Calendar,
    standings: Iterable[Standing] = (),
    step: tuple[Hashable | None, date] | None = None,
) -> tuple[NextStep, ...]:
    """What may come next, the best first; empty where nothing is asked for.

    :param result: how the contact ended, one of ``DISPOSITIONS``; :param channel: by which it was; :param day: when
    :param working: working time of the company, by which norms count; :param own: that of the person
    :param standings: the norms of the customer; :param step: channel and day of the next step of the playbook
    """
    require_choice(result, DISPOSITIONS, "result")
    tomorrow = add_working_days(own, day, 1)
    if result == NO_RESPONSE:
        return (NextStep(AGAIN, tomorrow, channel),)
    if result == CONTACT_LATER:
        return (NextStep(LATER, add_working_days(own, day, LATER_DAYS), channel),)
    if result == BAD_DATA:
        return (NextStep(CORRECT, tomorrow),)
    if result == DUPLICATE:
        return ()
    found = [_follow_norm(standing, channel, day, working, own) for standing in standings]
    found.sort(key=lambda proposal: (proposal.day, str(proposal.channel)))
    if step is not None and result == CONNECTED:
        found.insert(0, NextStep(STEP, step[1], step[0]))
    return tuple(found)


def _follow_norm(standing, channel, day, working, own):
    if channel in standing.keeps:
        due, latest = (add_working_days(working, day, count) for count in (standing.ideal, standing.maximum))
    else:
        due, latest = standing.due, standing.latest
    return NextStep(NORM, fit(own, day, due, latest), standing.channel, standing.ideal)


def fit(own: Calendar, day: date, due: date, latest: date) -> date:
    """The day on which a person does what is due: the first own working day from the due one on.

    Where that is after the last day in time, it is the last own working day before, if one is left.

    :param day: today; the answer is a later day
    """
    first = add_working_days(own, max(due, day + DAY) - DAY, 1)
    if first <= latest:
        return first
    before = latest
    while before > day and not is_working(own, before):
        before -= DAY
    return before if before > day else first

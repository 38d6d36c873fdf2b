"""A customer's or lead's way through the steps of a playbook.

An enrolment is active, paused or ended. Each step waits so many working days after the one before it was done, so a
late step moves the later ones, and days of a pause do not count. It ends with a reason: there are no more steps, the
customer answered or ordered, left the segment, or somebody took it out.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .calendar import Calendar, add_working_days, count_working_days
from .errors import EngineError
from .options import OUT_OF_RANGE, WRONG_NUMBER, require, require_choice, require_distinct

ACTIVE = "active"
PAUSED = "paused"
ENDED = "ended"

NO_MORE_STEPS = "no_more_steps"
ANSWERED = "answered"
ORDERED = "ordered"
MET = "met"
LEFT_SEGMENT = "left_segment"
CUSTOMER_GONE = "customer_gone"
REMOVED = "removed"
# what happens outside of the steps and may end an enrolment by itself
EVENTS = (ANSWERED, ORDERED, MET, LEFT_SEGMENT, CUSTOMER_GONE)
REASONS = (NO_MORE_STEPS, *EVENTS, REMOVED)

CONNECTED = "connected"
NO_RESPONSE = "no_response"
CONTACT_LATER = "contact_later"
NOT_INTERESTED = "not_interested"
BAD_DATA = "bad_data"
DUPLICATE = "duplicate"
DISPOSITIONS = (CONNECTED, NO_RESPONSE, CONTACT_LATER, NOT_INTERESTED, BAD_DATA, DUPLICATE)

RUNNING = "running"
TOO_SOON = "too_soon"

DAY = timedelta(days=1)


class TransitionError(EngineError):
    """An action that the state of an enrolment does not allow.

    :param state: the state it is in; :param action: what was asked for
    """

    def __init__(self, state: str, action: str):
        self.state = state
        self.action = action
        super().__init__(f"{action}: {state}")


@dataclass(frozen=True)
class Step:
    """A step of a playbook.

    :param wait: working days after the step before it was done, or after the start; 0 is the same day
    """

    code: Hashable
    wait: int = 0


@dataclass(frozen=True)
class Done:
    """A step that was done, with how it ended (one of ``DISPOSITIONS``, or None)."""

    step: Hashable
    day: date
    disposition: str | None = None


@dataclass(frozen=True)
class Enrolment:
    """Where somebody is in a playbook.

    :param steps: all steps; :param start: first day; :param state: ``active``, ``paused`` or ``ended``
    :param done: steps that were done, in order; :param shift: working days of pauses since the last of them
    :param paused_on: first day of the running pause; :param ended_on: last day
    :param reason: why it ended, one of ``REASONS``; :param disposition: how, one of ``DISPOSITIONS``
    """

    steps: tuple[Step, ...]
    start: date
    state: str = ACTIVE
    done: tuple[Done, ...] = ()
    shift: int = 0
    paused_on: date | None = None
    ended_on: date | None = None
    reason: str | None = None
    disposition: str | None = None

    @property
    def step(self) -> Step | None:
        """The step that is next, None at the end."""
        return self.steps[len(self.done)] if self.state != ENDED and len(self.done) < len(self.steps) else None


def enrol(steps: Sequence[Step], day: date) -> Enrolment:
    """Begin a playbook on a day.

    :raise OptionError: no steps, a step twice, or one that waits less than no days
    """
    require(len(steps) > 0, "steps", WRONG_NUMBER, 0)
    require_distinct([step.code for step in steps], "steps")
    for step in steps:
        require(step.wait >= 0, "wait", OUT_OF_RANGE, step.code)
    return Enrolment(tuple(steps), day)


def refuse(previous: Iterable[Enrolment], day: date, days_between: int = 0) -> str | None:
    """Why somebody cannot be enrolled anew: ``running`` or ``too_soon``; None where nothing speaks against it.

    :param previous: earlier enrolments of the same person; :param days_between: calendar days after the last one
    """
    for enrolment in previous:
        if enrolment.state != ENDED:
            return RUNNING
        if day < enrolment.ended_on + timedelta(days=days_between):
            return TOO_SOON
    return None


def due_on(enrolment: Enrolment, calendar: Calendar) -> date | None:
    """Day on which the next step is due; None in a pause and at the end.

    A step without waiting is due at once, on the next working day where today is free.
    """
    if enrolment.state != ACTIVE:
        return None
    anchor = enrolment.done[-1].day if enrolment.done else enrolment.start
    days = enrolment.step.wait + enrolment.shift
    if days:
        return add_working_days(calendar, anchor, days)
    return add_working_days(calendar, anchor - DAY, 1)


def complete(enrolment: Enrolment, day: date, disposition: str | None = None) -> Enrolment:
    """Note that the next step was done; after the last one the enrolment ends.

    :raise TransitionError: it is paused or has ended
    """
    _expect(enrolment, "complete", ACTIVE)
    if disposition is not None:
        require_choice(disposition, DISPOSITIONS, "disposition")
    done = (*enrolment.done, Done(enrolment.step.code, day, disposition))
    after = replace(enrolment, done=done, shift=0)
    if len(done) == len(after.steps):
        return end(after, day, NO_MORE_STEPS, disposition)
    return after


def pause(enrolment: Enrolment, day: date) -> Enrolment:
    """Stop the clock from a day on.

    :raise TransitionError: it is paused already or has ended
    """
    _expect(enrolment, "pause", ACTIVE)
    return replace(enrolment, state=PAUSED, paused_on=day)


def resume(enrolment: Enrolment, day: date, calendar: Calendar) -> Enrolment:
    """Let the clock run again from a day on; what is due moves by the working days between.

    :raise TransitionError: it is not paused; :raise OptionError: the day is before the pause
    """
    _expect(enrolment, "resume", PAUSED)
    require(day >= enrolment.paused_on, "day", OUT_OF_RANGE, day)
    lost = count_working_days(calendar, enrolment.paused_on, day - DAY)
    return replace(enrolment, state=ACTIVE, shift=enrolment.shift + lost, paused_on=None)


def happen(enrolment: Enrolment, event: str, day: date, exits: Iterable[str]) -> Enrolment:
    """End an enrolment by something that happened outside of it, where the playbook says so.

    :param event: one of ``EVENTS``; :param exits: the events that end an enrolment of this playbook
    :return: the enrolment, unchanged where it has ended before or the event is no exit
    """
    require_choice(event, EVENTS, "event")
    if enrolment.state == ENDED or event not in tuple(exits):
        return enrolment
    return end(enrolment, day, event)


def end(enrolment: Enrolment, day: date, reason: str, disposition: str | None = None) -> Enrolment:
    """End an enrolment, paused ones too.

    :raise TransitionError: it has ended before
    """
    _expect(enrolment, "end", ACTIVE, PAUSED)
    require_choice(reason, REASONS, "reason")
    if disposition is not None:
        require_choice(disposition, DISPOSITIONS, "disposition")
    return replace(enrolment, state=ENDED, paused_on=None, ended_on=day, reason=reason, disposition=disposition)


def _expect(enrolment, action, *states):
    if enrolment.state not in states:
        raise TransitionError(enrolment.state, action)


@dataclass(frozen=True)
class Absence:
    """Somebody is away from a day to a day, both included (last day None: until further notice)."""

    employee: Hashable
    start: date
    end: date | None = None
    substitute: Hashable | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the person is away on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Assignment:
    """Who does a step.

    :param employee: who; the owner where nobody stands in; :param owner: whose customer it is
    :param chain: those who were asked in vain, the owner first; :param present: whether the employee is there
    """

    employee: Hashable
    owner: Hashable
    chain: tuple = ()
    present: bool = True


def assign(owner: Hashable, day: date, absences: Iterable[Absence]) -> Assignment:
    """Who does a step on a day: the owner, or who stands in, or who stands in for them.

    Where the chain of substitutes ends without anybody present, or runs in a circle, the step stays with the owner.
    """
    substitutes = {absence.employee: absence.substitute for absence in absences if absence.holds_on(day)}
    chain = []
    person = owner
    while person in substitutes and person not in chain:
        chain.append(person)
        person = substitutes[person]
    if person is None or person in chain:
        return Assignment(owner, owner, tuple(chain), False)
    return Assignment(person, owner, tuple(chain))

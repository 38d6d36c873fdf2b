"""Order of the decisions of the method, how each of them stands, and what to do next.

The method asks for one thing only: a decision names what it rests on. Within that, a company chooses its own order,
so the order here is the company's sequence, corrected where a decision would come before what it rests on.

How a decision stands is judged from two sides: what people recorded (is it decided?) and what the system shows (is
anything of it there?). A decision is the company's: the system never takes one, it only says where it sees nothing.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from graphlib import CycleError as GraphCycleError
from graphlib import TopologicalSorter

from .errors import CycleError

# How a decision stands. The first three are open, the last three decided.
WAITING = "waiting"
READY = "ready"
STARTED = "started"
CONTRADICTS = "contradicts"
REVIEW = "review"
DECIDED = "decided"

# What to do next
DECIDE = "decide"
WAIT = "wait"
LATE = "late"
NO_OWNER = "no_owner"
NEWS = "news"

# Why this decision is the next one
HOLDS_LATE = "holds_late"
HOLDS_WANTED = "holds_wanted"
FIRST = "first"

SATURDAY = 5


@dataclass(frozen=True)
class Status:
    """What the system shows of a decision.

    :param done: how much of it is there
    :param total: of how much; 0: there is nothing to judge by, which is not the same as nothing done
    :param reason: a sentence on what is there and what is missing
    """

    done: int = 0
    total: int = 0
    reason: str = ""

    @property
    def is_missing(self) -> bool:
        """Something should be there, and nothing is."""
        return bool(self.total) and not self.done


@dataclass(frozen=True)
class Step:
    """A decision on the roadmap.

    :param code: what identifies it; codes can be ordered
    :param sequence: its place as the company wishes it, smaller first; ties follow the code
    :param requires: codes of the decisions it rests on; unknown codes are left out of account
    :param decided: whether the decision is taken
    :param begun: whether its text has been begun
    :param status: what the system shows of it; None: nothing looks at it
    :param due: day by which it is to be decided
    :param review: day on which it is looked at again
    :param decided_on: day of the decision
    :param owner: who prepares it; None: nobody
    """

    code: Hashable
    sequence: int = 0
    requires: tuple = ()
    decided: bool = False
    begun: bool = False
    status: Status | None = None
    due: date | None = None
    review: date | None = None
    decided_on: date | None = None
    owner: Hashable | None = None


@dataclass(frozen=True)
class Place:
    """Where a step stands.

    :param code: the step
    :param position: 1 for the first step to take
    :param state: ``waiting``, ``ready``, ``started``, ``contradicts``, ``review`` or ``decided``
    :param waits_for: codes of the undecided steps it directly rests on, in order
    :param moved_after: codes of the steps it rests on that the company's sequence has after it, in order
    """

    code: Hashable
    position: int
    state: str
    waits_for: tuple = ()
    moved_after: tuple = ()


@dataclass(frozen=True)
class Advice:
    """Something to do, or to know.

    :param kind: ``decide``, ``wait``, ``late``, ``contradicts``, ``review``, ``no_owner`` or ``news``
    :param codes: the steps it is about, in order; one for ``decide`` and ``wait``
    :param reason: why to decide this one next: ``holds_late``, ``holds_wanted`` or ``first``
    :param because: the steps behind the reason: those held up, or those waited for
    """

    kind: str
    codes: tuple
    reason: str = ""
    because: tuple = ()


def arrange(steps: Iterable[Step], today: date | None = None) -> list[Place]:
    """Put decisions in the order in which they can be taken, and say how each of them stands.

    The company's sequence is kept wherever it does not put a step before one it rests on. A decided step stays decided
    even if one it rests on is open: the decision was taken, and the screen says on what it does not yet stand.

    :param steps: the decisions, in any order
    :param today: the day on which reviews are due; None: without a look at reviews
    :return: a place for each of them, first to take first
    :raise CycleError: decisions rest on each other in a circle
    """
    steps = sorted(steps, key=lambda step: (step.sequence, step.code))
    by_code = {step.code: step for step in steps}
    rank = {step.code: index for index, step in enumerate(steps)}
    requires = {step.code: {code for code in step.requires if code in by_code} for step in steps}
    sorter = TopologicalSorter(requires)
    try:
        sorter.prepare()
    except GraphCycleError as error:
        # graphlib names the circle against the direction of "rests on"
        raise CycleError(reversed(error.args[1])) from error
    order, waiting = [], []
    while sorter.is_active():
        waiting = sorted([*waiting, *sorter.get_ready()], key=rank.__getitem__)
        first = waiting.pop(0)
        order.append(first)
        sorter.done(first)
    position = {code: index for index, code in enumerate(order, start=1)}
    places = []
    for code in order:
        ground = sorted(requires[code], key=position.__getitem__)
        open_codes = tuple(required for required in ground if not by_code[required].decided)
        places.append(
            Place(
                code,
                position[code],
                _judge(by_code[code], bool(open_codes), today),
                open_codes,
                tuple(required for required in ground if rank[required] > rank[code]),
            )
        )
    return places


def _judge(step: Step, is_waiting: bool, today: date | None) -> str:
    if not step.decided:
        if is_waiting:
            return WAITING
        return STARTED if step.begun or (step.status and step.status.done) else READY
    if step.status and step.status.is_missing:
        return CONTRADICTS
    return REVIEW if today and step.review and step.review <= today else DECIDED


def is_late(step: Step, today: date) -> bool:
    """Whether a decision should have been taken by now; the due date itself is still in time."""
    return bool(step.due and not step.decided and step.due < today)


def next_steps(
    steps: Iterable[Step],
    today: date,
    owner: Hashable | None = None,
    wanted: Hashable | None = None,
    news_days: int = 0,
) -> list[Advice]:
    """Say what to do next.

    The next decision is one that can be taken: it waits for nothing. Among those comes first the one that holds up a
    late step (or is late), then the one that holds up the step with which the diagnosis begins (or is it), then the
    earliest in order.

    :param steps: the decisions, in any order
    :param today: the day of the question
    :param owner: whose steps to speak of; None: of all, and of those without an owner
    :param wanted: the step with which the latest diagnosis begins
    :param news_days: for how many days a decision is news; 0: tell no news
    :return: advice in the order in which it presses; empty when there is nothing to do
    :raise CycleError: decisions rest on each other in a circle
    """
    steps = list(steps)
    by_code = {step.code: step for step in steps}
    places = arrange(steps, today)
    own = [place for place in places if owner is None or by_code[place.code].owner == owner]
    late = tuple(place.code for place in own if is_late(by_code[place.code], today))
    result = [*_next_decision(places, own, by_code, today, wanted)]
    kinds = [
        (LATE, late),
        (CONTRADICTS, tuple(place.code for place in own if place.state == CONTRADICTS)),
        (REVIEW, tuple(place.code for place in own if place.state == REVIEW)),
    ]
    if owner is None:
        ownerless = [place.code for place in places if by_code[place.code].owner is None]
        kinds.append((NO_OWNER, tuple(code for code in ownerless if not by_code[code].decided)))
    if news_days:
        kinds.append((NEWS, _news(places, by_code, today - timedelta(days=news_days))))
    return result + [Advice(kind, codes) for kind, codes in kinds if codes]


def _next_decision(places, own, by_code, today, wanted):
    """The decision to take next; where all own ones wait, the first of these."""
    held = _held_up(places)
    candidates = []
    for place in own:
        if place.state in (READY, STARTED):
            carried = held[place.code]
            late = tuple(code for code in carried if is_late(by_code[code], today))
            key = (not late, wanted not in carried, place.position)
            candidates.append((key, place, late))
    if candidates:
        (not_late, not_wanted, _position), place, late = min(candidates, key=lambda candidate: candidate[0])
        if not not_late:
            return [Advice(DECIDE, (place.code,), HOLDS_LATE, late)]
        if not not_wanted:
            return [Advice(DECIDE, (place.code,), HOLDS_WANTED, (wanted,))]
        return [Advice(DECIDE, (place.code,), FIRST, held[place.code][1:])]
    waiting = [place for place in own if place.state == WAITING]
    return [Advice(WAIT, (place.code,), because=place.waits_for) for place in waiting[:1]]


def _held_up(places: Sequence[Place]) -> dict:
    """Open steps that cannot be decided before another one is.

    :return: dict {code of an open step: tuple of codes in order, itself first}
    """
    position = {place.code: place.position for place in places}
    held = {place.code: {place.code} for place in places if place.state in (WAITING, READY, STARTED)}
    for place in reversed(places):
        if place.code in held:
            for required in place.waits_for:
                held[required] |= held[place.code]
    return {code: tuple(sorted(codes, key=position.__getitem__)) for code, codes in held.items()}


def _news(places, by_code, since):
    """Steps decided since a day, the latest first."""
    steps = [by_code[place.code] for place in places]
    recent = [step for step in steps if step.decided and step.decided_on and step.decided_on >= since]
    return tuple(step.code for step in sorted(recent, key=lambda step: step.decided_on, reverse=True))


def spread(days: Iterable[int], start: date) -> list[date]:
    """Due dates of decisions that are taken one after another.

    :param days: calendar days that each of them takes, in order
    :param start: the day of the beginning
    :return: a day for each; what would fall on a weekend is due on the Monday after
    """
    result = []
    for count in days:
        start += timedelta(days=count)
        result.append(start + timedelta(days=7 - start.weekday() if start.weekday() >= SATURDAY else 0))
    return result


def reorder(present: Iterable[Hashable], wanted: Iterable[Hashable]) -> list:
    """Put steps into a wanted order; steps of which it says nothing stay behind the step that they follow now.

    :param present: codes in their present order
    :param wanted: codes in the wanted order
    :return: all codes of both, each once
    """
    result = list(dict.fromkeys(wanted))
    before = None
    for code in present:
        if code not in result:
            result.insert(result.index(before) + 1 if before is not None else 0, code)
        before = code
    return result

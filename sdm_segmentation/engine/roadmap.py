"""Order of the decisions of the method, and which of them can be taken now.

The method asks for one thing only: a decision names what it rests on. Within that, a company chooses its own order,
so the order here is the company's sequence, corrected where a decision would come before what it rests on.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from graphlib import CycleError as GraphCycleError
from graphlib import TopologicalSorter

from .errors import CycleError

DECIDED = "decided"
READY = "ready"
WAITING = "waiting"


@dataclass(frozen=True)
class Step:
    """A decision on the roadmap.

    :param code: what identifies it
    :param sequence: its place as the company wishes it, smaller first
    :param requires: codes of the decisions it rests on; unknown codes are left out of account
    :param decided: whether the decision is taken
    """

    code: Hashable
    sequence: int = 0
    requires: tuple = ()
    decided: bool = False


@dataclass(frozen=True)
class Place:
    """Where a step stands.

    :param code: the step
    :param position: 1 for the first step to take
    :param state: ``decided``, ``ready`` or ``waiting``
    :param waits_for: codes of the undecided steps it directly rests on, in order
    """

    code: Hashable
    position: int
    state: str
    waits_for: tuple = ()


def arrange(steps: Iterable[Step]) -> list[Place]:
    """Put decisions in the order in which they can be taken.

    The company's sequence is kept wherever it does not put a step before one it rests on; ties follow the order given.
    A decided step stays decided even if one it rests on is open: the decision was taken, and the screen says on what
    it does not yet stand.

    :param steps: the decisions, in any order
    :return: a place for each of them, first to take first
    :raise CycleError: decisions rest on each other in a circle
    """
    steps = sorted(steps, key=lambda step: step.sequence)
    by_code = {step.code: step for step in steps}
    rank = {step.code: index for index, step in enumerate(steps)}
    sorter = TopologicalSorter(
        {step.code: [code for code in step.requires if code in by_code] for step in steps},
    )
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
        step = by_code[code]
        open_codes = sorted(
            {required for required in step.requires if required in by_code and not by_code[required].decided},
            key=position.__getitem__,
        )
        state = DECIDED if step.decided else WAITING if open_codes else READY
        places.append(Place(code, position[code], state, tuple(open_codes)))
    return places

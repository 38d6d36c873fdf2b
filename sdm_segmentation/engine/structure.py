"""Structure by date: who leads whom, from when until when.

A position says that an employee works under a head in a team and a job, from a day until a day (both included; no end:
until further notice). On any day an employee has at most one position, and between two of them there is no hole unless
the person left and came back. From positions follows the closure: who is above whom, directly or not, on which days.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

OVERLAP = "overlap"
GAP = "gap"
CYCLE = "cycle"
BACKWARDS = "backwards"

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Position:
    """A dated place in the structure.

    :param employee: who; :param start: first day; :param end: last day, None for until further notice
    :param head: the employee's head, None at the top
    :param returns: the person had left before, so a hole before ``start`` is right
    :param key: what the caller knows it by; :param place: anything else that belongs to it (team, job, share)
    """

    employee: Hashable
    start: date
    end: date | None = None
    head: Hashable | None = None
    returns: bool = False
    key: Hashable | None = None
    place: Hashable | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the position is in force on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Problem:
    """What is wrong with positions: ``overlap``, ``gap``, ``backwards`` (ends before it starts) or ``cycle``.

    :param employees: the people concerned; for a cycle in order, each led by the next one
    :param start: first wrong day; :param end: last wrong day, None for no end
    """

    kind: str
    employees: tuple
    start: date
    end: date | None = None


@dataclass(frozen=True, order=True)
class Link:
    """``head`` is above ``employee`` by ``depth`` steps (0: oneself) from ``start`` to ``end`` (None: no end)."""

    head: Hashable
    employee: Hashable
    depth: int
    start: date
    end: date | None = None


def check(positions: Iterable[Position]) -> list[Problem]:
    """Find what makes positions impossible.

    :return: problems in order of employee and day; a cycle is reported once, from its first day on
    """
    histories = _by_employee(positions)
    problems = [problem for history in histories.values() for problem in _check_history(history)]
    return problems or _find_cycles(histories)


def _by_employee(positions):
    histories = defaultdict(list)
    for position in sorted(positions, key=lambda position: position.start):
        histories[position.employee].append(position)
    return histories


def _check_history(history):
    for position in history:
        if position.end is not None and position.end < position.start:
            yield Problem(BACKWARDS, (position.employee,), position.start, position.end)
    for earlier, later in zip(history, history[1:], strict=False):
        if earlier.end is None or earlier.end >= later.start:
            ends = [end for end in (earlier.end, later.end) if end is not None]
            yield Problem(OVERLAP, (later.employee,), later.start, min(ends, default=None))
        elif later.start - earlier.end > DAY and not later.returns:
            yield Problem(GAP, (later.employee,), earlier.end + DAY, later.start - DAY)


def _meet(start, end, other_start, other_end):
    """Days that two spans share: (start, end), or None."""
    first = max(start, other_start)
    ends = [limit for limit in (end, other_end) if limit is not None]
    last = min(ends, default=None)
    return None if last is not None and last < first else (first, last)


def _find_cycles(histories):
    found = {}
    for employee, history in histories.items():
        for position in history:
            # follow the chain of heads with the days on which all of it holds
            chains = [((employee,), position.head, position.start, position.end)]
            while chains:
                people, head, start, end = chains.pop()
                if head is None:
                    continue
                if head in people:
                    circle = people[people.index(head) :]
                    known = found.get(frozenset(circle))
                    if known is None or start < known.start:
                        found[frozenset(circle)] = Problem(CYCLE, circle, start, end)
                    continue
                for above in histories.get(head, ()):
                    days = _meet(start, end, above.start, above.end)
                    if days:
                        chains.append(((*people, head), above.head, *days))
    return sorted(found.values(), key=lambda problem: problem.start)


def drop_circles(heads: Mapping[Hashable, Hashable | None]) -> dict[Hashable, Hashable | None]:
    """Heads as somebody entered them, without people who lead each other in a circle.

    :param heads: {employee: head, or None at the top}
    :return: the same; in each circle the first employee in order has no head
    """
    result = dict(heads)
    for employee in sorted(heads, key=str):
        above, passed = result[employee], set()
        while above is not None and above != employee and above not in passed:
            passed.add(above)
            above = result.get(above)
        if above == employee:
            result[employee] = None
    return result


def closure(positions: Iterable[Position]) -> list[Link]:
    """Who is above whom on which days, oneself at depth 0 included.

    The positions must be free of problems (see :func:`check`); in a circle the walk stops where it closes.

    :return: links in order; days that follow each other with the same depth are one link
    """
    histories = _by_employee(positions)
    links = defaultdict(list)
    for employee, history in histories.items():
        for position in history:
            links[employee, employee, 0].append((position.start, position.end))
            chains = [((employee,), position.head, position.start, position.end)]
            while chains:
                people, head, start, end = chains.pop()
                if head is None or head in people:
                    continue
                links[head, employee, len(people)].append((start, end))
                for above in histories.get(head, ()):
                    days = _meet(start, end, above.start, above.end)
                    if days:
                        chains.append(((*people, head), above.head, *days))
    return sorted(
        (Link(*key, *days) for key, spans in links.items() for days in _join(spans)),
        key=lambda link: (str(link.head), link.depth, str(link.employee), link.start),
    )


def _join(spans):
    """Join spans that follow each other without a hole."""
    joined = []
    for start, end in sorted(spans):
        if joined and joined[-1][1] is not None and joined[-1][1] + DAY >= start:
            joined[-1] = (joined[-1][0], end if end is None else max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def subtree(links: Iterable[Link], head: Hashable, day: date) -> set:
    """Everybody whom a head leads on a day, directly or not, the head included."""
    return {
        link.employee
        for link in links
        if link.head == head and link.start <= day and (link.end is None or day <= link.end)
    }


def transfer(history: Sequence[Position], day: date, **changes) -> list[Position]:
    """Change a person's place from a day on, until the next change that is already known.

    The position in force on the day is cut; one that begins on that day is changed as it is. A change before the first
    position makes one that lasts up to it.

    :param history: positions of one person, free of problems; empty: the person begins on that day
    :param changes: ``head``, ``place`` and other fields of :class:`Position` from that day on
    :return: the new history in order; a position that was changed or cut keeps its key, a new one has none
    """
    history = sorted(history, key=lambda position: position.start)
    result = []
    for position in history:
        if position.start == day:
            result.append(replace(position, **changes))
        elif position.holds_on(day):
            result.append(replace(position, end=day - DAY))
            result.append(replace(position, start=day, key=None, returns=False, **changes))
        else:
            result.append(position)
    if not any(position.holds_on(day) for position in result):
        after = next((position for position in result if position.start > day), None)
        before = any(position.start < day for position in result)
        employee = changes.pop("employee", history[0].employee if history else None)
        end = after.start - DAY if after else None
        result.append(Position(employee, day, end, **{"returns": before, **changes}))
    return sorted(result, key=lambda position: position.start)

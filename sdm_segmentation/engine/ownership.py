"""Ownership by date: who answers for a customer, from when until when, and with which share of the result.

An ownership says that an employee has a customer in one kind (lead, co-seller, substitute) from a day until a day (both
included; no end: until further notice). On any day a customer has at most one lead, nobody twice, and the shares of all
owners together are at most the whole.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

LEAD = "lead"
CO = "co"
SUBSTITUTE = "substitute"
# the first is the strongest
KINDS = (LEAD, CO, SUBSTITUTE)

BACKWARDS = "backwards"
TWO_LEADS = "two_leads"
TWICE = "twice"
SHARES = "shares"

WHOLE = 1
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ownership:
    """A dated right to a customer.

    :param customer: whose; :param employee: who owns; :param kind: one of ``KINDS``
    :param start: first day; :param end: last day, None for until further notice
    :param share: exact part of the customer's result, 1 is the whole; :param key: what the caller knows it by
    """

    customer: Hashable
    employee: Hashable
    kind: str
    start: date
    end: date | None = None
    share: Decimal | Fraction | int = 0
    key: Hashable | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the ownership is in force on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Problem:
    """What is wrong with the owners of a customer.

    :param kind: ``backwards`` (ends before it starts), ``two_leads``, ``twice`` (one person in two rows) or ``shares``
    :param employees: the people concerned, without repeats; :param start: first wrong day
    :param end: last wrong day, None for no end; :param share: what the shares add up to, for ``shares``
    """

    kind: str
    customer: Hashable
    employees: tuple
    start: date
    end: date | None = None
    share: Decimal | Fraction | int | None = None


def check(ownerships: Iterable[Ownership]) -> list[Problem]:
    """Find what makes ownerships impossible; the order of the input does not matter.

    :return: problems in order of customer and day; what lasts is reported once, from its first day to its last one
    """
    return [
        problem
        for customer, history in sorted(_by_customer(ownerships).items(), key=lambda item: str(item[0]))
        for problem in _check_history(customer, history)
    ]


def _by_customer(ownerships):
    histories = defaultdict(list)
    for ownership in _sort(ownerships):
        histories[ownership.customer].append(ownership)
    return histories


def _sort(ownerships):
    """In order of day, then the strongest kind first."""
    return sorted(
        ownerships,
        key=lambda row: (row.start, KINDS.index(row.kind), str(row.employee), row.end or date.max, str(row.key)),
    )


def _check_history(customer, history):
    backwards = [row for row in history if row.end is not None and row.end < row.start]
    if backwards:
        return [Problem(BACKWARDS, customer, (row.employee,), row.start, row.end) for row in backwards]
    problems = []
    for start, end in _stretches(history):
        for problem in _check_day(customer, [row for row in history if row.holds_on(start)], start, end):
            for number, known in enumerate(problems):
                if replace(known, start=start, end=end) == problem and known.end == start - DAY:
                    problems[number] = replace(known, end=end)
                    break
            else:
                problems.append(problem)
    return problems


def _stretches(history):
    """Spans of days on which the same ownerships are in force, in order: (first day, last day or None)."""
    starts = {row.start for row in history} | {row.end + DAY for row in history if row.end is not None}
    starts = sorted(starts)
    return [(start, after and after - DAY) for start, after in zip(starts, [*starts[1:], None], strict=True)]


def _check_day(customer, rows, start, end):
    people = tuple(dict.fromkeys(row.employee for row in rows))
    leads = tuple(dict.fromkeys(row.employee for row in rows if row.kind == LEAD))
    if len(leads) > 1:
        yield Problem(TWO_LEADS, customer, leads, start, end)
    twice = tuple(person for person in people if sum(row.employee == person for row in rows) > 1)
    if twice:
        yield Problem(TWICE, customer, twice, start, end)
    share = sum(row.share for row in rows)
    if share > WHOLE:
        yield Problem(
            SHARES, customer, tuple(dict.fromkeys(row.employee for row in rows if row.share)), start, end, share
        )


def owners(ownerships: Iterable[Ownership], customer: Hashable, day: date) -> list[Ownership]:
    """Who owns a customer on a day, the lead first."""
    rows = [row for row in ownerships if row.customer == customer and row.holds_on(day)]
    return sorted(rows, key=lambda row: (KINDS.index(row.kind), str(row.employee)))


def _meet(row, start, end):
    """Days that an ownership shares with a span: (start, end), or None."""
    first = max(row.start, start)
    last = min((limit for limit in (row.end, end) if limit is not None), default=None)
    return None if last is not None and last < first else (first, last)


def _cut(row, start, end):
    """What is left of an ownership without a span of days, in order; the first part keeps the key."""
    days = _meet(row, start, end)
    if days is None:
        return [row]
    parts = []
    if row.start < days[0]:
        parts.append(replace(row, end=days[0] - DAY))
    if days[1] is not None and (row.end is None or row.end > days[1]):
        parts.append(replace(row, start=days[1] + DAY, key=None))
    return parts


def _give(history, piece):
    """Add an ownership; on days on which the person owns the customer already, both become one.

    One ownership has the stronger kind and both shares together, so that the whole stays what it was.
    """
    result = []
    left = [piece]
    for row in history:
        days = _meet(row, piece.start, piece.end) if row.employee == piece.employee else None
        if days is None:
            result.append(row)
            continue
        parts = _cut(row, *days)
        kept = any(part.key is not None for part in parts)
        result += parts
        kind = min(row.kind, piece.kind, key=KINDS.index)
        joined = replace(row, kind=kind, start=days[0], end=days[1], share=row.share + piece.share)
        result.append(replace(joined, key=None) if kept else joined)
        left = [part for span in left for part in _cut(span, *days)]
    return [*result, *left]


def transfer(history: Sequence[Ownership], customer: Hashable, day: date, employee: Hashable | None) -> list[Ownership]:
    """Give a customer another lead from a day on, until the next change of the lead that is already known.

    The lead in force on the day is cut and its share goes to the new lead; one that begins on that day is changed as it
    is. Without a lead on that day the new one gets what the other owners leave of the whole.

    :param history: ownerships of one customer, free of problems
    :param employee: the new lead; None: the customer has no lead from that day on
    :return: the new history in order; what was changed or cut keeps its key, a new ownership has none
    """
    current = next((row for row in history if row.kind == LEAD and row.holds_on(day)), None)
    if current is not None and current.employee == employee:
        return _sort(history)
    result = [row for row in history if row is not current]
    if current is not None:
        result += _cut(current, day, None)
        key = current.key if current.start == day else None
        piece = replace(current, employee=employee, start=day, key=key)
    else:
        coming = min((row.start for row in history if row.kind == LEAD and row.start > day), default=None)
        piece = Ownership(customer, employee, LEAD, day, coming and coming - DAY)
        piece = replace(piece, share=WHOLE - _largest_sum(result, piece.start, piece.end))
    return _sort(result if employee is None else _give(result, piece))


def _largest_sum(history, start, end):
    """The most that shares add up to on a day of a span."""
    rows = [row for row in history if _meet(row, start, end)]
    days = [start, *(row.start for row in rows if row.start > start)]
    return max(sum(row.share for row in rows if row.holds_on(day)) for day in days)


def hand_over(history: Sequence[Ownership], giver: Hashable, receiver: Hashable, day: date) -> list[Ownership]:
    """Give everything that a person owns of a customer to another one, from a day on.

    Kind and share stay; where the receiver owns the customer already, the stronger kind and both shares together.

    :param history: ownerships of one customer, free of problems
    :return: the new history in order; what was changed or cut keeps its key, a new ownership has none
    """
    if giver == receiver:
        return _sort(history)
    result = [row for row in history if row.employee != giver]
    pieces = []
    for row in history:
        if row.employee != giver:
            continue
        days = _meet(row, day, None)
        result += _cut(row, day, None)
        if days:
            pieces.append(replace(row, employee=receiver, start=days[0], key=row.key if row.start >= day else None))
    for piece in _sort(pieces):
        result = _give(result, piece)
    return _sort(result)


def merge(kept: Sequence[Ownership], other: Sequence[Ownership], customer: Hashable) -> list[Ownership]:
    """One history out of those of two customers that turn out to be one.

    What the kept one has stays. Of the other one stays what does not contradict it: a lead on days without lead, others
    on days on which they do not own the customer; each with at most the share that is left of the whole.

    :param kept: history of the customer that remains; :param other: of the one that goes into it; both free of problems
    :param customer: the one that remains
    :return: the new history in order; what was changed or cut keeps its key, a new ownership has none
    """
    result = list(kept)
    for row in _sort(other):
        left = [replace(row, customer=customer)]
        for known in kept:
            if row.kind == known.kind == LEAD or (row.kind != LEAD and row.employee == known.employee):
                left = [part for span in left for part in _cut(span, known.start, known.end)]
        for part in left:
            for piece in _fit(result, part):
                result = _give(result, piece)
    return _sort(result)


def _fit(history, piece):
    """An ownership with at most the share that others leave of the whole, in as many parts as that takes."""
    parts = []
    for days in (_meet(piece, *stretch) for stretch in _stretches([piece, *history])):
        if days is None:
            continue
        share = min(piece.share, WHOLE - sum(row.share for row in history if row.holds_on(days[0])))
        if parts and parts[-1].share == share:
            parts[-1] = replace(parts[-1], end=days[1])
        else:
            parts.append(replace(piece, start=days[0], end=days[1], share=share, key=None if parts else piece.key))
    return parts


@dataclass(frozen=True)
class Change:
    """What a caller has to do to turn one history into another: each row by its key.

    :param gone: keys of ownerships that are no more; :param changed: ownerships with their new content
    :param new: ownerships to add
    """

    gone: tuple = ()
    changed: tuple = ()
    new: tuple = ()


def compare(before: Iterable[Ownership], after: Iterable[Ownership]) -> Change:
    """The smallest change of stored ownerships that leads from one history to another.

    Taken in the order given (gone, changed one after another, new), no step leaves a problem that was not there before:
    what becomes shorter comes first, what becomes more comes last.
    """
    known = {row.key: row for row in before}
    after = list(after)
    kept = {row.key for row in after if row.key is not None}
    changed = [row for row in after if row.key is not None and row != known[row.key]]

    def step(row):
        old = known[row.key]
        return 2 if (row.kind, row.share) != (old.kind, old.share) else int(row.employee != old.employee)

    return Change(
        gone=tuple(key for key in known if key not in kept),
        changed=tuple(sorted(changed, key=step)),
        new=tuple(row for row in after if row.key is None),
    )

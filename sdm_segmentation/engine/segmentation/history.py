"""Membership by date: which class a customer was in from when until when, and what a run has to change.

Spells follow each other without overlap, both ends included; the last one has no end. An override wins over what is
computed from its first day to its last; what was computed is kept beside it, and comes back when it expires.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..options import OUT_OF_RANGE, TWICE, OptionError, require

KEEP = "keep"
UPDATE = "update"
OPEN = "open"
CLOSE = "close"
DELETE = "delete"

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Spell:
    """A customer in a class for a while.

    :param code: the class in force; :param computed: what the method said, beside an override
    :param overridden: whether an override decided; :param key: what the caller knows the spell by
    """

    customer: Hashable
    code: Hashable
    start: date
    end: date | None = None
    computed: Hashable | None = None
    overridden: bool = False
    key: Hashable | None = None


@dataclass(frozen=True)
class Override:
    """A class that somebody decided against the method.

    :param code: the class; :param start: first day; :param until: last day, None for until further notice
    :param reason: why; :param author: who
    """

    customer: Hashable
    code: Hashable
    start: date
    until: date | None = None
    reason: str = ""
    author: Hashable | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the override is in force on a day."""
        return self.start <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Standing:
    """A customer's class on a day.

    :param code: in force, None for none; :param computed: by the method; :param override: what decided instead
    """

    customer: Hashable
    code: Hashable | None
    computed: Hashable | None
    override: Override | None = None

    @property
    def differs(self) -> bool:
        """Whether the override says something else than the method."""
        return self.override is not None and self.code != self.computed


@dataclass(frozen=True)
class Change:
    """What to do with a spell.

    :param kind: ``keep``, ``update`` (same class, another computed one or another decider), ``open``, ``close`` or
        ``delete`` (it would end before it begins)
    :param spell: as it is afterwards; for ``delete`` as it was
    """

    kind: str
    spell: Spell


def stand(
    computed: Mapping[Hashable, Hashable | None], overrides: Iterable[Override], day: date
) -> dict[Hashable, Standing]:
    """Class of each customer on a day, overrides before the method.

    :raise OptionError: two overrides of a customer hold on the day
    """
    held = {}
    for override in overrides:
        if override.holds_on(day):
            require(override.customer not in held, "overrides", TWICE, override.customer)
            held[override.customer] = override
    standings = {}
    for customer in [*computed, *(customer for customer in held if customer not in computed)]:
        override = held.get(customer)
        method = computed.get(customer)
        standings[customer] = Standing(customer, override.code if override else method, method, override)
    return standings


def merge(
    spells: Iterable[Spell],
    computed: Mapping[Hashable, Hashable | None],
    day: date,
    overrides: Iterable[Override] = (),
) -> tuple[Change, ...]:
    """What has to change so that the history says what holds from a day on.

    A second run on the same day with the same classes changes nothing; with others it rewrites what the first one
    began, without leaving spells of no days.

    :param spells: those without end, one for a customer at most
    :param computed: class by customer; absent or None: no class, so an open spell is closed
    :return: one change or two for each customer, customers in order; of two, the close or delete first
    :raise OptionError: a spell begins after the day, or a customer has two
    """
    present = {}
    for spell in spells:
        require(spell.customer not in present, "spells", TWICE, spell.customer)
        if spell.start > day:
            raise OptionError("day", OUT_OF_RANGE, spell.start)
        present[spell.customer] = spell
    standings = stand(computed, overrides, day)
    changes = []
    for customer in sorted(present.keys() | standings.keys()):
        standing = standings.get(customer) or Standing(customer, None, None)
        changes += _change(present.get(customer), standing, day)
    return tuple(changes)


def _change(spell, standing, day):
    wanted = None
    if standing.code is not None:
        wanted = Spell(standing.customer, standing.code, day, None, standing.computed, standing.override is not None)
    if spell is not None and wanted is not None and spell.code == wanted.code:
        after = replace(spell, computed=wanted.computed, overridden=wanted.overridden)
        return [Change(KEEP if after == spell else UPDATE, after)]
    changes = []
    if spell is not None:
        begun_today = spell.start == day
        changes.append(Change(DELETE, spell) if begun_today else Change(CLOSE, replace(spell, end=day - DAY)))
    if wanted is not None:
        changes.append(Change(OPEN, wanted))
    return changes


def apply(spells: Iterable[Spell], changes: Iterable[Change]) -> tuple[Spell, ...]:
    """The spells as changes leave them, in order of customer and day."""
    result = set(spells)
    for change in changes:
        if change.kind == OPEN:
            result.add(change.spell)
            continue
        spell = change.spell
        result = {other for other in result if (other.customer, other.start) != (spell.customer, spell.start)}
        if change.kind != DELETE:
            result.add(spell)
    return tuple(sorted(result, key=lambda spell: (spell.customer, spell.start)))


def join(own: Iterable[Spell], other: Iterable[Spell], customer: Hashable) -> tuple[Spell, ...]:
    """What remains of a customer's history when it turns out to be another one: days on which that one had no class.

    :param own: spells of the customer that remains; :param other: those of the one that is merged into it
    :param customer: the one that remains
    :return: the pieces of the other's spells, of that customer now, in order of day; the first piece of a spell keeps
        its key, further ones have none
    """
    gaps = list(_gaps(own))
    pieces = []
    for spell in sorted(other, key=lambda spell: spell.start):
        key = spell.key
        for first, last in gaps:
            start, end = max(spell.start, first), min(spell.end or date.max, last)
            if start <= end:
                until = None if end == date.max else end
                pieces.append(replace(spell, customer=customer, start=start, end=until, key=key))
                key = None
    return tuple(pieces)


def _gaps(spells):
    """First and last day of each time without a class, before, between and after the spells of a customer."""
    first = date.min
    for spell in sorted(spells, key=lambda spell: spell.start):
        if first < spell.start:
            yield first, spell.start - DAY
        if spell.end is None:
            return
        first = spell.end + DAY
    yield first, date.max


def class_on(spells: Iterable[Spell], customer: Hashable, day: date) -> Hashable | None:
    """Class of a customer on a day, None where there was none."""
    for spell in spells:
        if spell.customer == customer and spell.start <= day and (spell.end is None or day <= spell.end):
            return spell.code
    return None

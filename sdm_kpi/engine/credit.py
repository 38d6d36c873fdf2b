"""Credit: who gets a document, in parts that always add up to the whole.

Explicit rows come first; they may give a part only. What is left goes along the rules in force on the document's day,
in their order: the salesperson takes all of it, the owners of the customer take their shares of it, the team takes all
of it without naming a person. What nobody takes is unassigned. All shares are exact.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ...sdm_segmentation.engine.ownership import Ownership

SPLIT = "split"
SALESPERSON = "salesperson"
OWNER = "owner"
TEAM = "team"
NONE = "none"
RULES = (SALESPERSON, OWNER, TEAM)
WHOLE = Fraction(1)


@dataclass(frozen=True)
class Rule:
    """A step of the order in which documents are credited.

    :param method: one of ``RULES``; :param start: first day, None for ever since; :param end: last day, None for no end
    """

    method: str
    start: date | None = None
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the step is in force on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Document:
    """What is credited.

    :param day: its date; :param salesperson: user, None without; :param team: of the document; :param customer: whose
    """

    day: date
    salesperson: Hashable | None = None
    team: Hashable | None = None
    customer: Hashable | None = None


@dataclass(frozen=True)
class Part:
    """A part of a document.

    :param method: by what it was given; :param share: of the document, 1 is the whole
    :param person: who gets it, None where only a team or nobody does; :param team: of the document
    """

    method: str
    share: Fraction
    person: Hashable | None = None
    team: Hashable | None = None


def resolve(
    document: Document,
    rules: Iterable[Rule],
    people: Mapping[Hashable, Hashable],
    splits: Iterable[tuple[Hashable, Decimal | Fraction | int]] = (),
    owners: Iterable[Ownership] = (),
    ignored: Collection[Hashable] = (),
) -> tuple[Part, ...]:
    """Give a document to people.

    :param rules: in their order; those not in force on the day are passed over
    :param people: {user: person}; a salesperson who is not there counts as none
    :param splits: (person, share) that were entered for the document, together at most the whole
    :param owners: of all customers, at any time
    :param ignored: users who enter documents for others
    :return: parts that add up to 1, in the order in which they were given
    """
    parts = [Part(SPLIT, Fraction(share), person, document.team) for person, share in splits if share]
    left = WHOLE - sum(part.share for part in parts)
    if left < 0:
        raise ValueError(f"more than the whole is given away: {WHOLE - left}")
    for rule in rules:
        if left and rule.holds_on(document.day):
            taken = _take(rule.method, document, left, people, owners, ignored)
            parts += taken
            left -= sum(part.share for part in taken)
    if left:
        parts.append(Part(NONE, left, None, document.team))
    return tuple(parts)


def _take(method, document, left, people, owners, ignored):
    if method == SALESPERSON:
        person = None if document.salesperson in ignored else people.get(document.salesperson)
        return [Part(method, left, person, document.team)] if person is not None else []
    if method == TEAM:
        return [Part(method, left, None, document.team)] if document.team is not None else []
    return [
        Part(method, left * Fraction(owner.share), owner.employee, document.team)
        for owner in owners
        if owner.customer == document.customer and owner.share and owner.holds_on(document.day)
    ]

"""Credit: who gets a document, in parts that always add up to the whole.

Explicit rows come first; they may give a part only. What is left goes along the rules in force on the document's day,
in their order: the salesperson takes all of it, the owners of the customer take their shares of it, the team takes all
of it without naming a person. What nobody takes is unassigned. All shares are exact.

What somebody gets on top (a product specialist) is taken off again under nobody, in the same group and team: it counts
for the person, and no total counts it twice. What was given by hand for a deal holds for its orders and their invoices
unless these have an own one.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ...sdm_segmentation.engine.ownership import Ownership

SPLIT = "split"
OVERLAY = "overlay"
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

    :param method: by what it was given; :param share: of the document, 1 is the whole; below 0: taken off again
    :param person: who gets it, None where only a team or nobody does; :param team: of the document
    :param under: whose group and team it counts in, None for those of the person
    """

    method: str
    share: Fraction
    person: Hashable | None = None
    team: Hashable | None = None
    under: Hashable | None = None


def resolve(
    document: Document,
    rules: Iterable[Rule],
    people: Mapping[Hashable, Hashable],
    splits: Iterable[tuple[Hashable, Decimal | Fraction | int]] = (),
    owners: Iterable[Ownership] = (),
    ignored: Collection[Hashable] = (),
    overlays: Iterable[tuple[Hashable, Decimal | Fraction | int]] = (),
) -> tuple[Part, ...]:
    """Give a document to people.

    :param rules: in their order; those not in force on the day are passed over
    :param people: {user: person}; a salesperson who is not there counts as none
    :param splits: (person, share) that were entered for the document, together at most the whole
    :param owners: of all customers, at any time
    :param ignored: users who enter documents for others
    :param overlays: (person, share) that are given on top of all others
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
    for person, share in overlays:
        parts.append(Part(OVERLAY, Fraction(share), person, document.team))
        parts.append(Part(OVERLAY, -Fraction(share), None, document.team, person))
    return tuple(parts)


def inherit(
    own: Iterable[tuple[Hashable, Decimal | Fraction | int]],
    sources: Iterable[tuple[Fraction | int, Iterable[tuple[Hashable, Decimal | Fraction | int]]]],
) -> tuple[tuple[Hashable, Fraction], ...]:
    """What holds for a document that comes from others: what was given for itself, else what holds for those.

    >>> inherit((), [(Fraction(1, 2), [("anna", 1)]), (Fraction(1, 2), [])])
    (('anna', Fraction(1, 2)),)

    :param own: (person, share) given for the document; :param sources: (part of the document that comes from another
        one, what holds for that)
    :return: (person, share), each person once
    """
    shares: dict[Hashable, Fraction] = {}
    for weight, given in [(1, own)] if (own := tuple(own)) else sources:
        for person, share in given:
            shares[person] = shares.get(person, Fraction(0)) + Fraction(weight) * Fraction(share)
    return tuple(shares.items())


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

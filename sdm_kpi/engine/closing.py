"""Closed months: which may be closed and opened again, and what has changed since.

What a month counted is kept by document when it is closed. Compared with what its documents say later, the differences
are exactly what the facts would change by, for every person and KPI.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from .facts import DISTINCT, FLOW, STOCK, Leaf
from .periods import end_of

LATE = "late"
CHANGED = "changed"
GONE = "gone"


@dataclass(frozen=True)
class Difference:
    """What a document counts otherwise than when the month was closed.

    :param leaf: for whom; :param document: which, of a count of customers one of those that it is due to
    :param kind: ``late`` (was not counted then), ``gone`` (no longer counts) or ``changed``
    :param old: what was counted; :param new: what would be
    """

    leaf: Leaf
    document: Hashable
    kind: str
    old: Fraction
    new: Fraction


def months_to_close(open_months: Iterable[date], month: date) -> list[date]:
    """The months that are closed with a month: it and all open ones before it, in their order.

    >>> months_to_close([date(2026, 3, 1), date(2026, 1, 1), date(2026, 2, 1)], date(2026, 2, 1))
    [datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)]
    """
    return sorted(other for other in set(open_months) if other <= month)


def is_over(month: date, today: date) -> bool:
    """Whether all days of a month have passed.

    >>> is_over(date(2026, 2, 1), date(2026, 2, 28))
    False
    >>> is_over(date(2026, 2, 1), date(2026, 3, 1))
    True
    """
    return end_of(month) < today


def compare(
    counted: Mapping[tuple[Leaf, Hashable], Fraction],
    present: Mapping[tuple[Leaf, Hashable], Fraction],
    semantics: str = FLOW,
) -> list[Difference]:
    """What has changed in a closed month.

    States are not compared: what was open at the end of a month, and for how much, is known best by who looked then.

    :param counted: {(leaf, document): value} when the month was closed, with what was decided since
    :param present: the same by the documents of today
    :param semantics: of the KPI; of a count of customers a leaf has one difference, however many documents it has
    :return: differences whose sum is that of ``present`` less that of ``counted``, for every leaf
    """
    if semantics == STOCK:
        return []
    if semantics == DISTINCT:
        return _compare_customers(counted, present)
    then, now = {_document(key) for key, value in counted.items()}, {_document(key) for key in present}
    found = []
    for key in sorted({*counted, *present}, key=repr):
        old, new = counted.get(key, Fraction(0)), present.get(key, Fraction(0))
        if old != new:
            document = _document(key)
            kind = LATE if document not in then else CHANGED if document in now else GONE
            found.append(Difference(key[0], key[1], kind, old, new))
    return found


def _document(key):
    return key[1]


def _compare_customers(counted, present):
    """A customer was counted or not; a document more or less changes nothing as long as there is one."""
    then, now = _first_documents(counted), _first_documents(present)
    one, none = Fraction(1), Fraction(0)
    gained = [Difference(leaf, now[leaf], LATE, none, one) for leaf in now.keys() - then.keys()]
    lost = [Difference(leaf, then[leaf], GONE, one, none) for leaf in then.keys() - now.keys()]
    return sorted(gained + lost, key=repr)


def _first_documents(values):
    found: dict[Leaf, Hashable] = {}
    totals: dict[Leaf, Fraction] = {}
    for (leaf, document), value in values.items():
        totals[leaf] = totals.get(leaf, Fraction(0)) + value
        if value > 0:
            found[leaf] = min(found.get(leaf, document), document)
    return {leaf: document for leaf, document in found.items() if totals[leaf] > 0}


def facts_of(counted: Mapping[tuple[Leaf, Hashable], Fraction], semantics: str = FLOW) -> dict[Leaf, Fraction]:
    """The facts that what was counted by document comes to; zero is no fact."""
    found: dict[Leaf, Fraction] = {}
    for (leaf, _document_of), value in counted.items():
        leaf = leaf if semantics == DISTINCT else replace(leaf, customer=None)
        found[leaf] = found.get(leaf, Fraction(0)) + value
    if semantics == DISTINCT:
        return {leaf: Fraction(1) for leaf, value in found.items() if value > 0}
    return {leaf: value for leaf, value in found.items() if value}

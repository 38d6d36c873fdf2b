"""Facts worked out one entry after another: the oracle of the SQL that computes them for all documents at once.

An entry is a line of a document with the part of it that somebody is credited with. A fact is what a KPI's entries add
up to for one person, head, team, segment, category, company and month; zero is no fact. A count of customers keeps the
customer with the fact, so that it is right at every level: nobody is counted twice in a team or a year.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from .periods import add_months, month_of

FLOW = "flow"
STOCK = "stock"
DISTINCT = "distinct"


@dataclass(frozen=True)
class Leaf:
    """For whom and when a fact is. ``customer`` is None but for counts of customers."""

    month: date
    person: Hashable | None = None
    head: Hashable | None = None
    team: Hashable | None = None
    segment: Hashable | None = None
    category: Hashable | None = None
    company: Hashable | None = None
    customer: Hashable | None = None


@dataclass(frozen=True)
class Entry:
    """A credited line.

    :param day: its date; :param values: what it counts as, by the name of a measure, the credited part of it
    :param leaf: for whom; its month is not used; :param is_taken_off: a part that is taken off again counts no customer
    """

    day: date
    leaf: Leaf
    values: Mapping[str, Fraction]
    is_taken_off: bool = False


@dataclass(frozen=True)
class Measure:
    """What a KPI counts.

    :param semantics: ``flow``, ``stock`` (entries are the state on the last day of a month) or ``distinct``
    :param name: of the value that is added up; :param counts: whether an entry belongs to it
    :param by_category: whether the entries are lines with a product category
    """

    semantics: str = FLOW
    name: str = "amount"
    counts: Callable[[Entry], bool] = lambda entry: True
    by_category: bool = True


def collect(entries: Iterable[Entry], measure: Measure, last: date) -> dict[Leaf, Fraction]:
    """The facts of a KPI.

    A stock that is used up is kept as a zero in the month after, so that the latest month of anybody is the true one.

    :param last: the last month that is computed
    """
    found: dict[Leaf, Fraction] = defaultdict(Fraction)
    for entry in entries:
        if not measure.counts(entry):
            continue
        leaf = replace(entry.leaf, month=month_of(entry.day))
        if not measure.by_category:
            leaf = replace(leaf, category=None)
        if measure.semantics == DISTINCT:
            if leaf.customer is not None and not entry.is_taken_off:
                found[leaf] = Fraction(1)
        else:
            found[replace(leaf, customer=None)] += entry.values[measure.name]
    facts = {leaf: value for leaf, value in found.items() if value}
    if measure.semantics == STOCK:
        for leaf in list(facts):
            after = replace(leaf, month=add_months(leaf.month, 1))
            if after.month <= last:
                facts.setdefault(after, Fraction(0))
    return facts


def value_of(facts: Mapping[Leaf, Fraction], semantics: str) -> Fraction | int | None:
    """What facts come to together: the sum of flows, the last month of stocks, customers counted once.

    :return: None where there are none
    """
    if not facts:
        return None
    if semantics == DISTINCT:
        return len({leaf.customer for leaf in facts})
    if semantics == STOCK:
        latest = max(leaf.month for leaf in facts)
        return sum((value for leaf, value in facts.items() if leaf.month == latest), Fraction(0))
    return sum(facts.values(), Fraction(0))

"""Classes by ordered rules: the first rule that a customer matches decides.

The rules themselves (domains, limits of measures) are matched by the caller; here the matches become classes, and
what is wrong with a set of rules becomes visible: rules that share customers, rules that can never decide because
earlier ones take all they match, rules that match nobody, and customers whom no rule matches.

Of a lead less is known than of a customer, so that a rule may hold, fail, or be open: it asks something that a lead
does not have. An open rule stops the search, since it might have taken the lead; a lead is not put into a later class
for lack of knowledge.
"""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ..options import require_distinct


@dataclass(frozen=True)
class Rule:
    """A rule with the customers whom it matches.

    :param code: what identifies it; :param segment: the class that it leads to; :param customers: keys of its matches
    """

    code: Hashable
    segment: Hashable
    customers: frozenset


@dataclass(frozen=True)
class RuleSummary:
    """What a rule does among the others.

    :param matched: customers whom it matches; :param decided: those of them whom no earlier rule took
    :param taken: (code of an earlier rule, how many of the matches it took), in order of the rules
    """

    code: Hashable
    segment: Hashable
    matched: int
    decided: int
    taken: tuple[tuple[Hashable, int], ...] = ()

    @property
    def never_matches(self) -> bool:
        """Nobody at all matches it."""
        return not self.matched

    @property
    def unreachable(self) -> bool:
        """It matches customers, and earlier rules take all of them."""
        return bool(self.matched) and not self.decided


@dataclass(frozen=True)
class Overlap:
    """Two rules that share customers; harmless where both lead to the same class (``same_segment``)."""

    first: Hashable
    second: Hashable
    customers: int
    same_segment: bool


@dataclass(frozen=True)
class Place:
    """The class of a customer.

    :param code: the class, None where no rule matches; :param rule: the rule that decided
    :param further: codes of later rules that match as well
    """

    key: Hashable
    code: Hashable | None
    rule: Hashable | None = None
    further: tuple = ()


@dataclass(frozen=True)
class Result:
    """Classes by rules.

    :param places: one for each customer in order of key; :param rules: one summary for each rule, in order
    :param overlaps: pairs of rules that share customers; :param unmatched: keys in none, in order
    """

    places: tuple[Place, ...]
    rules: tuple[RuleSummary, ...]
    overlaps: tuple[Overlap, ...]
    unmatched: tuple

    @property
    def classes(self) -> dict:
        """Class of each customer by key."""
        return {place.key: place.code for place in self.places}


def classify(customers: Iterable[Hashable], rules: Iterable[Rule]) -> Result:
    """Class customers by the first rule that matches.

    :param customers: keys of everybody in scope; matches outside of it do not count
    :param rules: in order, the first one strongest
    :raise OptionError: two rules of one code
    """
    scope = frozenset(customers)
    rules = [Rule(rule.code, rule.segment, scope & frozenset(rule.customers)) for rule in rules]
    require_distinct([rule.code for rule in rules], "rules")
    matches = {}
    for rule in rules:
        for key in rule.customers:
            matches.setdefault(key, []).append(rule)
    places = []
    for key in sorted(scope):
        matching = matches.get(key)
        if matching:
            first, *later = matching
            places.append(Place(key, first.segment, first.code, tuple(rule.code for rule in later)))
        else:
            places.append(Place(key, None))
    takers = {rule.code: Counter() for rule in rules}
    for matching in matches.values():
        for rule in matching[1:]:
            takers[rule.code][matching[0].code] += 1
    summaries = []
    for rule in rules:
        taken = takers[rule.code]
        decided = len(rule.customers) - taken.total()
        shares = tuple((earlier.code, taken[earlier.code]) for earlier in rules if earlier.code in taken)
        summaries.append(RuleSummary(rule.code, rule.segment, len(rule.customers), decided, shares))
    return Result(
        tuple(places),
        tuple(summaries),
        tuple(_overlaps(rules)),
        tuple(place.key for place in places if place.rule is None),
    )


@dataclass(frozen=True)
class Decision:
    """The class of somebody of whom not everything is known.

    :param rule: place of the rule that decides, from 1; None where none does
    :param open: place of the rule that cannot be answered, because of which none decides
    """

    rule: int | None = None
    open: int | None = None


def decide(outcomes: Iterable[bool | None]) -> Decision:
    """The first rule that holds, unless an earlier one is open.

    :param outcomes: of each rule in order: True it holds, False it fails, None it cannot be answered
    """
    for place, outcome in enumerate(outcomes, start=1):
        if outcome:
            return Decision(rule=place)
        if outcome is None:
            return Decision(open=place)
    return Decision()


def _overlaps(rules):
    for number, first in enumerate(rules):
        for second in rules[number + 1 :]:
            shared = len(first.customers & second.customers)
            if shared:
                yield Overlap(first.code, second.code, shared, first.segment == second.segment)

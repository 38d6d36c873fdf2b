"""The tree down which a goal is handed: company, groups within groups, people, and what each of them sells.

A cell of a plan is a person in a group with a segment and a product category. A group is named by its head; a head's
own sales are in the group above. What nobody can take stays with the group or the company as what nobody has yet.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .cascade import Node, is_fixed

COMPANY, GROUP, PERSON, REST = "company", "group", "person", "rest"
ROOT = (COMPANY,)
WHOLE = (None, None)


class Cell(NamedTuple):
    """Who sells what: a person (None: nobody yet) in the group of a head (None: in none)."""

    person: Hashable | None = None
    head: Hashable | None = None
    segment: Hashable | None = None
    category: Hashable | None = None


def group_key(head: Hashable) -> tuple:
    """The key of a group's node."""
    return (GROUP, head)


def person_key(person: Hashable | None, head: Hashable | None) -> tuple:
    """The key of a person's node in the group of a head."""
    return (PERSON, person, head)


@dataclass
class Department:
    """Who is there in a month.

    :param people: {(person, head): weight}; :param heads: {head: the head above, None at the top}
    :param left: {head: weight that the group has beyond its people}
    :param fixed: {node key: amount} that groups and people get whatever the goal
    :param held: {cell: amount} that stay as they are
    :param mix: {(person, head): {(segment, category): weight}}; who is not there is not divided further
    """

    people: Mapping[tuple, Fraction]
    heads: Mapping[Hashable, Hashable | None] = field(default_factory=dict)
    left: Mapping[Hashable, Fraction] = field(default_factory=dict)
    fixed: Mapping[Hashable, Decimal] = field(default_factory=dict)
    held: Mapping[Cell, Decimal] = field(default_factory=dict)
    mix: Mapping[tuple, Mapping[tuple, Fraction]] = field(default_factory=dict)

    def tree(self) -> Node:
        """The tree of the month; its leaves are cells."""
        members = defaultdict(list)
        held = defaultdict(dict)
        for cell, amount in self.held.items():
            held[cell.person, cell.head][cell.segment, cell.category] = amount
        for seat in dict.fromkeys([*self.people, *held]):
            members[seat[1]].append(self._person(seat, held[seat]))
        groups = defaultdict(list)
        for head in self._find_groups(members):
            groups[self.heads.get(head)].append(head)
        return self._place(None, members, groups)

    def _find_groups(self, members):
        """The heads of all groups with people in them, and those above."""
        found = {}
        for head in members:
            while head is not None and head not in found:
                found[head] = None
                head = self.heads.get(head)
        return found

    def _place(self, head, members, groups):
        """The node of a group, of the company where ``head`` is None."""
        children = [self._place(below, members, groups) for below in groups[head]] + members[head]
        weight = sum((Fraction(child.weight) for child in children), Fraction(self.left.get(head, 0)))
        if all(map(is_fixed, children)) and Cell(None, head) not in self.held:
            children.append(Node(Cell(None, head), 0))
        key = ROOT if head is None else group_key(head)
        return Node(key, weight, self.fixed.get(key), tuple(children))

    def _person(self, seat, held):
        """The node of a person: a cell, or one for each thing that the person sells."""
        key, weight = person_key(*seat), self.people.get(seat, Fraction(0))
        mix = {**self.mix.get(seat, {WHOLE: 1}), **dict.fromkeys(held, 0)}
        if seat not in self.people:
            # cells of nobody, and of people who are not planned for: what is held and no more
            mix = held
        if list(mix) == [WHOLE]:
            amount = held.get(WHOLE, self.fixed.get(key))
            return Node(Cell(*seat), weight, amount)
        cells = tuple(Node(Cell(*seat, *what), share, held.get(what)) for what, share in mix.items())
        return Node(key, weight, self.fixed.get(key), cells)


def outline(trees: Iterable[Node]) -> list[tuple[tuple, int]]:
    """All places of a department down to its people, each once, as they stand in the trees of the months.

    :return: (key, level) from the company on; who sells nothing apart is named by ``person_key`` as well
    """
    below = defaultdict(dict)
    for tree in trees:
        places = [tree]
        for place in places:
            below[place.key].update((_name(child.key), None) for child in place.children)
            places.extend(child for child in place.children if child.key[0] == GROUP)
    found, stack = [], [(ROOT, 0)]
    while stack:
        key, level = stack.pop()
        found.append((key, level))
        stack.extend((child, level + 1) for child in reversed(below.get(key, ())))
    return found


def _name(key):
    return person_key(key.person, key.head) if isinstance(key, Cell) else key

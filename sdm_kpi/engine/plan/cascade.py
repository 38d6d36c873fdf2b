"""A goal handed down a tree: company, groups, sellers, months. Held cells stay, all others share what is left.

Sums are exact at every level: what a node gets is what its children get together.
"""

from collections.abc import Hashable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ....sdm_segmentation.engine.errors import EngineError
from .spread import CENT, spread

HELD_TOO_MUCH = "held_too_much"
HELD_ALL = "held_all"


class CascadeError(EngineError):
    """A goal that cannot be handed down.

    :param reason: ``held_too_much`` (held cells are more than the goal) or ``held_all`` (all are held and make another)
    :param key: of the node; :param held: what is held below it; :param goal: what it should get

    ``month`` is set where months are handed down.
    """

    def __init__(self, reason: str, key: Hashable, held: Decimal, goal: Decimal):
        self.reason = reason
        self.month = None
        self.key = key
        self.held = held
        self.goal = goal
        super().__init__(f"{reason}: {key} ({held} of {goal})")


@dataclass(frozen=True)
class Node:
    """A place in the tree.

    :param key: unique in the tree; :param weight: its share among its siblings, by history, potential or capacity
    :param held: what it has whatever the goal; None: it gets its share
    :param children: below it
    """

    key: Hashable
    weight: Decimal | Fraction | int = 1
    held: Decimal | None = None
    children: tuple["Node", ...] = field(default=())


def cascade(
    goal: Decimal, root: Node, step: Decimal = CENT, carry: MutableMapping[Hashable, Fraction] | None = None
) -> dict[Hashable, Decimal]:
    """Hand a goal down.

    What is held deep in the tree is a part of all above it: a node that holds nothing itself gets at least what is held
    below it.

    :param goal: of the root; :param step: the smallest unit of a target
    :param carry: what rounding owes each node from the months before, see ``spread``
    :return: {key: target} of all nodes
    :raise CascadeError: held cells that do not fit, with the node where they do not
    """
    targets = {root.key: goal}
    _hand_down(root, goal, step, {} if carry is None else carry, targets)
    return targets


def cascade_months(
    goals: Mapping[date, Decimal], trees: Mapping[date, Node], step: Decimal = CENT
) -> dict[tuple[Hashable, date], Decimal]:
    """Hand the goals of months down, each by the tree of that month: people come and go.

    Each month is exact at every level, and over the year everybody gets the own share to within some steps.

    :param goals: by month; :param trees: by month, their roots have the same key
    :return: {(key, month): target}
    :raise CascadeError: as ``cascade``; its ``month`` says when
    """
    carry, found = {}, {}
    for month in sorted(goals):
        try:
            targets = cascade(goals[month], trees[month], step, carry)
        except CascadeError as error:
            error.month = month
            raise
        found.update({(key, month): target for key, target in targets.items()})
    return found


def floor_of(node: Node) -> Decimal:
    """What a node has at least: what is held in it or below it."""
    if node.held is not None:
        return node.held
    return sum((floor_of(child) for child in node.children), Decimal(0))


def is_fixed(node: Node) -> bool:
    """Whether a node can get nothing but what is held: it is held, or all below it are."""
    return node.held is not None or bool(node.children) and all(is_fixed(child) for child in node.children)


def _hand_down(node, goal, step, carry, targets):
    if not node.children:
        return
    parts = _share(node, goal, step, carry)
    for child in node.children:
        targets[child.key] = parts[child.key]
        _hand_down(child, parts[child.key], step, carry, targets)


def _share(node, goal, step, carry) -> Mapping[Hashable, Decimal]:
    """The parts of the children: those fixed have theirs, and who would get less than is held below gets that."""
    parts = {child.key: floor_of(child) for child in node.children if is_fixed(child)}
    open_ones = [child for child in node.children if child.key not in parts]
    held = sum(parts.values(), Decimal(0))
    if not open_ones:
        if held != goal:
            raise CascadeError(HELD_ALL, node.key, held, goal)
        return parts
    while True:
        left = goal - sum(parts.values(), Decimal(0))
        least = sum((floor_of(child) for child in open_ones), Decimal(0))
        if left < least:
            raise CascadeError(HELD_TOO_MUCH, node.key, goal - left + least, goal)
        owed = {child.key: carry.get(child.key, Fraction(0)) for child in open_ones}
        shares = spread(left, {child.key: child.weight for child in open_ones}, step, owed)
        short = {child.key: floor for child in open_ones if shares[child.key] < (floor := floor_of(child))}
        if not short:
            carry.update(owed)
            return parts | shares
        # somebody is left over, since all together get no less than what is held
        parts |= short
        open_ones = [child for child in open_ones if child.key not in short]

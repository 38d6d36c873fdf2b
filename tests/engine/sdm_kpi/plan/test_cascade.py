"""Goals handed down: sums exact at every level, held cells where they were put."""

from decimal import Decimal

import pytest
from addons.sdm_kpi.engine.plan.cascade import HELD_ALL, HELD_TOO_MUCH, CascadeError, Node, cascade, floor_of
from hypothesis import assume, given
from hypothesis import strategies as st

D = Decimal


def tree(*children, key="company"):
    return Node(key, children=children)


def seller(key, weight=1, held=None):
    return Node(key, weight, None if held is None else D(held))


def test_by_weight_down_two_levels():
    north = Node("north", 3, children=(seller("a", 2), seller("b", 1)))
    south = Node("south", 1, children=(seller("c"),))
    assert cascade(D(100), tree(north, south), D(1)) == {
        "company": 100,
        "north": 75,
        "a": 50,
        "b": 25,
        "south": 25,
        "c": 25,
    }


def test_a_held_cell_stays_and_the_others_share_the_rest():
    found = cascade(D(100), tree(seller("a", 1, 40), seller("b", 1), seller("c", 2)), D(1))
    assert found == {"company": 100, "a": 40, "b": 20, "c": 40}


def test_a_group_gets_at_least_what_is_held_in_it():
    """By weight the north would get 50, and 60 are held there; the east keeps its part of what is left."""
    north = Node("north", 2, children=(seller("a", 1, 60), seller("b", 1)))
    found = cascade(D(100), tree(north, seller("south"), seller("east")), D(1))
    assert found == {"company": 100, "north": 60, "a": 60, "b": 0, "south": 20, "east": 20}


def test_a_group_of_held_cells_is_held():
    north = Node("north", 9, children=(seller("a", 1, 10), seller("b", 1, 20)))
    assert cascade(D(100), tree(north, seller("south")), D(1))["south"] == 70


@pytest.mark.parametrize(
    ("node", "reason", "key"),
    [
        (tree(seller("a", 1, 80), seller("b", 1, 30), seller("c")), HELD_TOO_MUCH, "company"),
        (tree(seller("a", 1, 80), seller("b", 1, 10)), HELD_ALL, "company"),
        (tree(Node("north", 1, D(10), (seller("a", 1, 20), seller("b"))), seller("c")), HELD_TOO_MUCH, "north"),
    ],
)
def test_held_cells_that_do_not_fit_are_told_with_the_place(node, reason, key):
    with pytest.raises(CascadeError) as caught:
        cascade(D(100), node, D(1))
    assert (caught.value.reason, caught.value.key) == (reason, key)


HELD = st.one_of(st.none(), st.integers(0, 50).map(D))
LEAVES = st.lists(st.tuples(st.integers(0, 9), HELD), min_size=1, max_size=4)


@given(st.integers(0, 400), st.lists(st.tuples(st.integers(0, 9), LEAVES), min_size=1, max_size=4))
def test_every_level_makes_the_one_above(goal, groups):
    root = tree(
        *(
            Node(
                f"g{number}",
                weight,
                children=tuple(Node((number, place), *leaf) for place, leaf in enumerate(leaves)),
            )
            for number, (weight, leaves) in enumerate(groups)
        )
    )
    try:
        found = cascade(D(goal), root, D(1))
    except CascadeError as error:
        assume(error.reason != HELD_TOO_MUCH or floor_of(root) <= goal)
        return
    for node in (root, *root.children):
        assert sum(found[child.key] for child in node.children) == found[node.key]
        for child in node.children:
            assert found[child.key] >= floor_of(child)
            assert child.held is None or found[child.key] == child.held

"""From a department to the cells of a plan."""

from datetime import date
from decimal import Decimal
from fractions import Fraction as F

import pytest
from addons.sdm_kpi.engine.plan.cascade import HELD_TOO_MUCH, CascadeError, cascade, cascade_months
from addons.sdm_kpi.engine.plan.department import ROOT, Cell, Department, group_key, outline, person_key
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
JAN = date(2026, 1, 1)


def department(people, **values):
    return Department({key: F(weight) for key, weight in people.items()}, **values)


PEOPLE = {("anna", "north"): 2, ("boris", "north"): 1, ("north", "top"): 1, ("carl", "south"): 2}
HEADS = {"north": "top", "south": "top", "top": None}


def test_groups_within_groups():
    """The head of the north sells in the group of the top, apart from the own group."""
    tree = department(PEOPLE, heads=HEADS).tree()
    assert cascade(D(60), tree, D(1)) == {
        ROOT: 60,
        group_key("top"): 60,
        group_key("north"): 30,
        Cell("anna", "north"): 20,
        Cell("boris", "north"): 10,
        group_key("south"): 20,
        Cell("carl", "south"): 20,
        Cell("north", "top"): 10,
    }
    assert outline([tree]) == [
        (ROOT, 0),
        (group_key("top"), 1),
        (group_key("north"), 2),
        (person_key("anna", "north"), 3),
        (person_key("boris", "north"), 3),
        (group_key("south"), 2),
        (person_key("carl", "south"), 3),
        (person_key("north", "top"), 2),
    ]


def test_without_anybody_the_goal_stays_with_the_company():
    assert cascade(D(60), department({}).tree()) == {ROOT: 60, Cell(): 60}


def test_what_the_gone_sold_is_a_part_of_their_group():
    tree = department(PEOPLE, heads=HEADS, left={"north": F(4)}).tree()
    assert cascade(D(100), tree, D(1))[group_key("north")] == 70


def test_held_cells_of_people_of_nobody_and_of_strangers_stay():
    held = {Cell("anna", "north"): D(5), Cell(None, "north"): D(7), Cell("zoe", "south"): D(9), Cell(): D(3)}
    found = cascade(D(60), department(PEOPLE, heads=HEADS, held=held).tree(), D(1))
    assert {cell: found[cell] for cell in held} == held
    assert found[ROOT] == sum(amount for key, amount in found.items() if isinstance(key, Cell)) == 60


def test_less_than_the_goal_is_held_and_nothing_is_open():
    """Nobody has the rest yet: it stays where it is missing."""
    held = {Cell("anna", "north"): D(5), Cell("boris", "north"): D(5)}
    people = {key: 1 for key in PEOPLE if key[1] == "north"}
    found = cascade(D(60), department(people, fixed={group_key("north"): D(20)}, held=held).tree(), D(1))
    assert found[Cell(None, "north")] == 10
    assert found[Cell()] == 40


def test_more_than_the_goal_is_refused():
    with pytest.raises(CascadeError) as caught:
        cascade_months({JAN: D(4)}, {JAN: department(PEOPLE, held={Cell("anna", "north"): D(5)}).tree()})
    assert (caught.value.reason, caught.value.key, caught.value.month) == (HELD_TOO_MUCH, ROOT, JAN)


def test_what_is_given_by_hand_is_shared_by_what_is_sold():
    mix = {("carl", "south"): {("a", None): F(1), ("b", None): F(3)}}
    tree = department(PEOPLE, heads=HEADS, mix=mix, fixed={person_key("carl", "south"): D(8)}).tree()
    found = cascade(D(60), tree, D(1))
    assert (found[Cell("carl", "south", "a")], found[Cell("carl", "south", "b")]) == (2, 6)
    assert (person_key("carl", "south"), 3) in outline([tree])


def test_a_held_segment_leaves_the_others():
    mix = {("carl", "south"): {("a", None): F(1), ("b", None): F(3)}}
    held = {Cell("carl", "south", "a"): D(5)}
    found = cascade(D(20), department({("carl", "south"): 1}, mix=mix, held=held).tree(), D(1))
    assert (found[Cell("carl", "south", "a")], found[Cell("carl", "south", "b")]) == (5, 15)


def test_small_numbers_go_round():
    """Two deals a month for five people: everybody gets some over the year, no one more than another by more than 1."""
    months = [date(2026, number, 1) for number in range(1, 11)]
    people = {(name, None): 1 for name in "abcde"}
    found = cascade_months(
        {month: D(2) for month in months}, {month: department(people).tree() for month in months}, D(1)
    )
    assert [sum(found[Cell(name), month] for month in months) for name in "abcde"] == [4, 4, 4, 4, 4]


WEIGHTS = st.dictionaries(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["north", "south", None])), st.integers(0, 9), max_size=8
)
HELD = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "z", None]), st.sampled_from(["north", "west", None])).map(
        lambda seat: Cell(*seat)
    ),
    st.integers(0, 9).map(D),
    max_size=3,
)


@given(WEIGHTS, HELD, st.lists(st.integers(30, 99).map(D), min_size=1, max_size=4))
def test_cells_make_the_goal(people, held, goals):
    months = [date(2026, number, 1) for number in range(1, len(goals) + 1)]
    tree = department(people, heads={"north": "south"}, held=held).tree()
    by_month = dict(zip(months, goals, strict=True))
    found = cascade_months(by_month, dict.fromkeys(months, tree), D(1))
    for month, goal in by_month.items():
        cells = {key: amount for (key, of), amount in found.items() if of == month and isinstance(key, Cell)}
        assert sum(cells.values()) == goal
        assert held.items() <= cells.items()
        assert min(cells.values()) >= 0

"""Structure by date; the naive answer is a walk up the heads on one day."""

from datetime import date, timedelta

import pytest
from addons.sdm_segmentation.engine.structure import (
    BACKWARDS,
    CYCLE,
    GAP,
    OVERLAP,
    Link,
    Position,
    Problem,
    check,
    closure,
    drop_circles,
    subtree,
    transfer,
)
from hypothesis import given
from hypothesis import strategies as st

JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ({"a": "b", "b": None}, {"a": "b", "b": None}),
        ({"a": "x"}, {"a": "x"}),
        # one's own head, as some companies enter whoever is at the top
        ({"a": "a", "b": "a"}, {"a": None, "b": "a"}),
        ({"c": "a", "b": "c", "a": "b", "d": "b"}, {"c": "a", "b": "c", "a": None, "d": "b"}),
        ({"a": "b", "b": "c", "c": "b"}, {"a": "b", "b": None, "c": "b"}),
    ],
)
def test_circles_are_dropped_at_the_first_of_them(heads, expected):
    assert drop_circles(heads) == expected


def test_positions_that_follow_each_other_are_fine():
    assert check([Position("a", JAN, FEB - DAY, "h"), Position("a", FEB, None, "g"), Position("h", JAN)]) == []


@pytest.mark.parametrize(
    ("positions", "problem"),
    [
        ([Position("a", JAN, FEB), Position("a", FEB)], Problem(OVERLAP, ("a",), FEB, FEB)),
        ([Position("a", JAN), Position("a", FEB)], Problem(OVERLAP, ("a",), FEB, None)),
        ([Position("a", JAN), Position("a", FEB, MAR)], Problem(OVERLAP, ("a",), FEB, MAR)),
        ([Position("a", JAN, FEB), Position("a", APR)], Problem(GAP, ("a",), FEB + DAY, APR - DAY)),
        ([Position("a", FEB, JAN)], Problem(BACKWARDS, ("a",), FEB, JAN)),
        ([Position("a", JAN, None, "a")], Problem(CYCLE, ("a",), JAN, None)),
    ],
)
def test_what_is_impossible_is_named_with_its_days(positions, problem):
    assert check(positions) == [problem]


def test_who_left_and_came_back_has_a_hole_by_right():
    assert check([Position("a", JAN, FEB), Position("a", APR, returns=True)]) == []


def test_a_circle_exists_only_on_the_days_on_which_all_of_it_holds():
    positions = [
        Position("a", JAN, MAR, "b"),
        Position("a", MAR + DAY),
        Position("b", FEB, None, "c"),
        Position("c", JAN),
    ]
    assert check(positions) == []
    positions[-1] = Position("c", MAR, None, "a")
    [problem] = check(positions)
    assert (problem.kind, set(problem.employees), problem.start, problem.end) == (CYCLE, {"a", "b", "c"}, MAR, MAR)


def test_closure_of_a_transfer():
    positions = [
        Position("top", JAN),
        Position("h", JAN, None, "top"),
        Position("g", JAN, None, "top"),
        Position("a", JAN, FEB - DAY, "h"),
        Position("a", FEB, None, "g"),
    ]
    assert closure(positions) == [
        Link("a", "a", 0, JAN, None),
        Link("g", "g", 0, JAN, None),
        Link("g", "a", 1, FEB, None),
        Link("h", "h", 0, JAN, None),
        Link("h", "a", 1, JAN, FEB - DAY),
        Link("top", "top", 0, JAN, None),
        Link("top", "g", 1, JAN, None),
        Link("top", "h", 1, JAN, None),
        Link("top", "a", 2, JAN, None),
    ]
    assert subtree(closure(positions), "h", FEB) == {"h"}
    assert subtree(closure(positions), "g", FEB) == {"g", "a"}


def test_a_transfer_cuts_the_position_of_that_day():
    history = [Position("a", JAN, None, "h", key=7)]
    assert transfer(history, FEB, head="g") == [
        Position("a", JAN, FEB - DAY, "h", key=7),
        Position("a", FEB, None, "g"),
    ]


def test_a_transfer_before_a_known_one_lasts_until_it():
    history = [Position("a", JAN, MAR - DAY, "h", key=7), Position("a", MAR, None, "g", key=8)]
    assert transfer(history, FEB, head="x") == [
        Position("a", JAN, FEB - DAY, "h", key=7),
        Position("a", FEB, MAR - DAY, "x"),
        Position("a", MAR, None, "g", key=8),
    ]


def test_a_transfer_on_the_first_day_changes_the_position_itself():
    assert transfer([Position("a", JAN, None, "h", key=7)], JAN, head="g") == [Position("a", JAN, None, "g", key=7)]


def test_a_place_before_the_first_position_lasts_up_to_it():
    history = [Position("a", FEB, None, "h", key=7)]
    assert transfer(history, JAN, head="g") == [
        Position("a", JAN, FEB - DAY, "g"),
        Position("a", FEB, None, "h", key=7),
    ]


def test_who_left_comes_back():
    history = [Position("a", JAN, FEB, "h", key=7)]
    assert transfer(history, APR, head="g") == [*history, Position("a", APR, None, "g", returns=True)]
    assert transfer([], APR, employee="a", head="g") == [Position("a", APR, None, "g")]


DAYS = st.integers(0, 60).map(lambda number: JAN + number * DAY)
PEOPLE = "abcdef"
# heads come earlier in the alphabet, so that there is no circle
MOVES = st.lists(
    st.tuples(st.sampled_from(PEOPLE[1:]), DAYS, st.sampled_from(PEOPLE)).filter(lambda move: move[2] < move[0]),
    max_size=25,
)


def department(moves):
    histories = {person: [Position(person, JAN, None, None)] for person in PEOPLE}
    for person, day, head in moves:
        histories[person] = transfer(histories[person], day, head=head)
    return histories


@given(MOVES)
def test_no_sequence_of_transfers_leaves_two_heads_or_a_hole(moves):
    histories = department(moves)
    assert check(position for history in histories.values() for position in history) == []
    for history in histories.values():
        for number in range(61):
            assert sum(position.holds_on(JAN + number * DAY) for position in history) == 1


@given(MOVES, DAYS)
def test_the_closure_is_the_walk_up_the_heads(moves, day):
    histories = department(moves)
    head_on = {
        person: next(position.head for position in history if position.holds_on(day))
        for person, history in histories.items()
    }
    walked = set()
    for person in PEOPLE:
        above, depth = person, 0
        while above is not None:
            walked.add((above, person, depth))
            above, depth = head_on[above], depth + 1
    links = closure(position for history in histories.values() for position in history)
    in_force = {
        (link.head, link.employee, link.depth)
        for link in links
        if link.start <= day and (link.end is None or day <= link.end)
    }
    assert in_force == walked
    for head in PEOPLE:
        assert subtree(links, head, day) == {person for above, person, _depth in walked if above == head}


@given(MOVES)
def test_links_of_a_pair_do_not_overlap(moves):
    links = closure(position for history in department(moves).values() for position in history)
    by_pair = {}
    for link in links:
        by_pair.setdefault((link.head, link.employee), []).append(link)
    for pair in by_pair.values():
        pair.sort(key=lambda link: link.start)
        for earlier, later in zip(pair, pair[1:], strict=False):
            assert earlier.end is not None and earlier.end < later.start

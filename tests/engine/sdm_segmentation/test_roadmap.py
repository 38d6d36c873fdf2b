"""Order of decisions: queue of strings, no database."""

import pytest
from addons.sdm_segmentation.engine.errors import CycleError
from addons.sdm_segmentation.engine.roadmap import DECIDED, READY, WAITING, Step, arrange
from hypothesis import given
from hypothesis import strategies as st


def order(*steps):
    return [place.code for place in arrange(steps)]


def test_company_sequence_is_kept_where_nothing_forbids_it():
    assert order(Step("b", 20), Step("a", 10), Step("c", 30)) == ["a", "b", "c"]


def test_equal_sequence_keeps_the_order_given():
    assert order(Step("b"), Step("a"), Step("c")) == ["b", "a", "c"]


def test_a_step_never_comes_before_what_it_rests_on():
    assert order(Step("pay", 1, ("plan",)), Step("segments", 3), Step("plan", 2, ("segments",))) == [
        "segments",
        "plan",
        "pay",
    ]


def test_states_and_what_a_step_waits_for():
    places = arrange(
        [
            Step("segments", 1, decided=True),
            Step("strategy", 2, ("segments",)),
            Step("plan", 3, ("strategy", "segments")),
            Step("pay", 4, ("plan", "strategy")),
        ]
    )
    assert [(place.code, place.position, place.state, place.waits_for) for place in places] == [
        ("segments", 1, DECIDED, ()),
        ("strategy", 2, READY, ()),
        ("plan", 3, WAITING, ("strategy",)),
        ("pay", 4, WAITING, ("strategy", "plan")),
    ]


def test_a_decided_step_stays_decided_on_open_ground_and_says_so():
    [_ground, decided] = arrange([Step("segments", 1), Step("strategy", 2, ("segments",), decided=True)])
    assert (decided.state, decided.waits_for) == (DECIDED, ("segments",))


def test_what_is_not_on_the_roadmap_holds_nobody_up():
    [place] = arrange([Step("plan", 1, ("archived",))])
    assert (place.state, place.waits_for) == (READY, ())


@pytest.mark.parametrize(
    ("steps", "circle"),
    [
        ([Step("a", 1, ("a",))], {"a"}),
        ([Step("a", 1, ("b",)), Step("b", 2, ("a",)), Step("c", 3)], {"a", "b"}),
    ],
)
def test_a_circle_is_named(steps, circle):
    with pytest.raises(CycleError) as raised:
        arrange(steps)
    assert set(raised.value.codes) == circle
    assert raised.value.codes[0] == raised.value.codes[-1]


def test_no_steps_no_places():
    assert arrange([]) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 19)), st.booleans()), max_size=20))
def test_every_order_respects_what_rests_on_what(rows):
    # edges point to smaller numbers only, so there is no circle
    steps = [
        Step(number, sequence, tuple(r for r in requires if r < number), decided)
        for number, (sequence, requires, decided) in enumerate(rows)
    ]
    places = {place.code: place for place in arrange(steps)}
    assert sorted(place.position for place in places.values()) == list(range(1, len(steps) + 1))
    for step in steps:
        place = places[step.code]
        assert all(places[required].position < place.position for required in step.requires)
        open_ground = {required for required in step.requires if places[required].state != DECIDED}
        assert set(place.waits_for) == open_ground
        assert place.state == (DECIDED if step.decided else WAITING if open_ground else READY)

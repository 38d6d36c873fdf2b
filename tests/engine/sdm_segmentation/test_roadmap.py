"""Order of decisions, how they stand and what comes next: strings and dates, no database."""

from datetime import date, timedelta

import pytest
from addons.sdm_segmentation.engine.errors import CycleError
from addons.sdm_segmentation.engine.roadmap import (
    CONTRADICTS,
    DECIDE,
    DECIDED,
    FIRST,
    HOLDS_LATE,
    HOLDS_WANTED,
    LATE,
    NEWS,
    NO_OWNER,
    READY,
    REVIEW,
    STARTED,
    WAIT,
    WAITING,
    Advice,
    Status,
    Step,
    arrange,
    is_late,
    next_steps,
    reorder,
    spread,
)
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2025, 6, 30)
YESTERDAY = TODAY - timedelta(days=1)


def order(*steps):
    return [place.code for place in arrange(steps)]


def test_company_sequence_is_kept_where_nothing_forbids_it():
    assert order(Step("b", 20), Step("a", 10), Step("c", 30)) == ["a", "b", "c"]


def test_equal_sequence_follows_the_code():
    assert order(Step("b"), Step("a"), Step("c")) == ["a", "b", "c"]


def test_a_step_never_comes_before_what_it_rests_on_and_says_so():
    places = arrange([Step("pay", 1, ("plan",)), Step("segments", 3), Step("plan", 2, ("segments",))])
    assert [(place.code, place.moved_after) for place in places] == [
        ("segments", ()),
        ("plan", ("segments",)),
        ("pay", ("plan",)),
    ]


def test_a_step_that_follows_a_moved_one_is_not_moved_itself():
    places = arrange([Step("plan", 1, ("segments",)), Step("pay", 2, ("plan",)), Step("segments", 3)])
    assert [(place.code, place.moved_after) for place in places] == [
        ("segments", ()),
        ("plan", ("segments",)),
        ("pay", ()),
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


@pytest.mark.parametrize(
    ("state", "values"),
    [
        (READY, {}),
        (READY, {"status": Status(0, 5)}),
        (STARTED, {"begun": True}),
        (STARTED, {"status": Status(1, 5)}),
        (DECIDED, {"decided": True}),
        (DECIDED, {"decided": True, "status": Status(1, 5)}),
        # nothing to judge by is not nothing done
        (DECIDED, {"decided": True, "status": Status(0, 0)}),
        (CONTRADICTS, {"decided": True, "status": Status(0, 5)}),
        (CONTRADICTS, {"decided": True, "status": Status(0, 1), "review": YESTERDAY}),
        (REVIEW, {"decided": True, "review": TODAY}),
        (REVIEW, {"decided": True, "review": YESTERDAY, "status": Status(5, 5)}),
        (DECIDED, {"decided": True, "review": TODAY + timedelta(days=1)}),
        # a review is of a decision
        (READY, {"review": YESTERDAY}),
    ],
)
def test_how_a_step_stands(state, values):
    [place] = arrange([Step("plan", **values)], TODAY)
    assert place.state == state


def test_what_the_system_shows_makes_no_step_ready_that_waits():
    [_ground, place] = arrange([Step("segments", 1), Step("plan", 2, ("segments",), begun=True, status=Status(5, 5))])
    assert place.state == WAITING


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


def test_no_steps_no_places_nothing_to_do():
    assert arrange([]) == []
    assert next_steps([], TODAY) == []


@pytest.mark.parametrize(
    ("due", "decided", "late"),
    [(YESTERDAY, False, True), (TODAY, False, False), (YESTERDAY, True, False), (None, False, False)],
)
def test_late_is_undecided_after_the_due_date(due, decided, late):
    assert is_late(Step("plan", due=due, decided=decided), TODAY) is late


# -- what to do next ------------------------------------------------------------------------------------------------


def roadmap(**changes):
    """Segments -> strategy -> plan, and an office that rests on nothing; all owned by Anna."""
    rows = {
        "segments": {"sequence": 1},
        "strategy": {"sequence": 2, "requires": ("segments",)},
        "plan": {"sequence": 3, "requires": ("strategy",)},
        "office": {"sequence": 4},
    }
    return [Step(code, **{"owner": "Anna", **row, **changes.get(code, {})}) for code, row in rows.items()]


def test_the_earliest_decision_that_can_be_taken_comes_next_with_what_it_holds_up():
    assert next_steps(roadmap(), TODAY) == [Advice(DECIDE, ("segments",), FIRST, ("strategy", "plan"))]


def test_a_late_step_pulls_forward_what_it_rests_on():
    advice = next_steps(roadmap(segments={"sequence": 9}, plan={"sequence": 10, "due": YESTERDAY}), TODAY)
    assert advice == [Advice(DECIDE, ("segments",), HOLDS_LATE, ("plan",)), Advice(LATE, ("plan",))]


def test_a_late_step_that_can_be_decided_comes_first_itself():
    advice = next_steps(roadmap(office={"due": YESTERDAY}), TODAY, wanted="plan")
    assert advice == [Advice(DECIDE, ("office",), HOLDS_LATE, ("office",)), Advice(LATE, ("office",))]


def test_the_diagnosis_pulls_forward_what_its_start_rests_on():
    steps = roadmap(office={"sequence": 0})
    assert next_steps(steps, TODAY, wanted="plan") == [Advice(DECIDE, ("segments",), HOLDS_WANTED, ("plan",))]


def test_a_diagnosis_that_begins_with_a_decided_step_pulls_nothing():
    steps = roadmap(segments={"decided": True})
    assert next_steps(steps, TODAY, wanted="segments") == [Advice(DECIDE, ("strategy",), FIRST, ("plan",))]


def test_what_presses_after_the_decision():
    steps = roadmap(
        segments={"decided": True, "review": TODAY},
        strategy={"decided": True, "status": Status(0, 3)},
        plan={"owner": None},
        office={"owner": None},
    )
    assert next_steps(steps, TODAY) == [
        Advice(DECIDE, ("plan",), FIRST),
        Advice("contradicts", ("strategy",)),
        Advice("review", ("segments",)),
        Advice(NO_OWNER, ("plan", "office")),
    ]


def test_an_owner_hears_of_the_own_steps_only():
    steps = roadmap(segments={"owner": "Boris"}, office={"due": YESTERDAY, "owner": "Boris"}, plan={"owner": None})
    assert next_steps(steps, TODAY, owner="Anna") == [Advice(WAIT, ("strategy",), because=("segments",))]
    assert next_steps(steps, TODAY, owner="Vera") == []


def test_news_are_decisions_of_the_last_days_latest_first():
    steps = roadmap(
        segments={"decided": True, "decided_on": TODAY - timedelta(days=30)},
        strategy={"decided": True, "decided_on": TODAY - timedelta(days=31)},
        plan={"decided": True, "decided_on": TODAY},
    )
    assert next_steps(steps, TODAY, owner="Vera", news_days=30) == [Advice(NEWS, ("plan", "segments"))]


def test_everything_decided_leaves_nothing_to_do():
    decided = dict.fromkeys(("segments", "strategy", "plan", "office"), {"decided": True})
    assert next_steps(roadmap(**decided), TODAY) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], []),
        # Monday 30 June + 14 = Monday; + 5 = Saturday, due on the Monday after; the next counts from the Saturday
        ([14, 5, 7, 1], [date(2025, 7, 14), date(2025, 7, 21), date(2025, 7, 28), date(2025, 7, 28)]),
        ([0], [TODAY]),
    ],
)
def test_due_dates_follow_each_other_and_fall_on_weekdays(days, expected):
    assert spread(days, TODAY) == expected


@pytest.mark.parametrize(
    ("present", "wanted", "expected"),
    [
        ("abcd", "dcba", "dcba"),
        ("abxcd", "dcba", "dcbxa"),
        ("xabyz", "ba", "xbyza"),
        ("xy", "", "xy"),
        ("", "ab", "ab"),
    ],
)
def test_steps_outside_a_wanted_order_stay_behind_what_they_follow(present, wanted, expected):
    assert reorder(present, wanted) == list(expected)


# -- properties -----------------------------------------------------------------------------------------------------

DAYS = st.none() | st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days))
ROW = st.tuples(
    st.integers(0, 5),
    st.sets(st.integers(0, 19)),
    st.fixed_dictionaries(
        {
            "decided": st.booleans(),
            "begun": st.booleans(),
            "status": st.none() | st.builds(Status, st.integers(0, 3), st.integers(0, 3)),
            "due": DAYS,
            "review": DAYS,
            "decided_on": DAYS,
            "owner": st.none() | st.sampled_from(["Anna", "Boris"]),
        }
    ),
)


@st.composite
def roadmaps(draw):
    """Up to 20 steps; edges point to smaller numbers only, so there is no circle."""
    rows = draw(st.lists(ROW, max_size=20))
    return [
        Step(number, sequence, tuple(r for r in requires if r < number), **values)
        for number, (sequence, requires, values) in enumerate(rows)
    ]


@given(roadmaps())
def test_every_order_respects_what_rests_on_what(steps):
    by_code = {step.code: step for step in steps}
    places = {place.code: place for place in arrange(steps, TODAY)}
    assert sorted(place.position for place in places.values()) == list(range(1, len(steps) + 1))
    for step in steps:
        place = places[step.code]
        assert all(places[required].position < place.position for required in step.requires)
        assert set(place.waits_for) == {required for required in step.requires if not by_code[required].decided}
        assert set(place.moved_after) <= set(step.requires)
        if step.decided:
            assert place.state in (DECIDED, REVIEW, CONTRADICTS)
        else:
            assert place.state in ((WAITING,) if place.waits_for else (READY, STARTED))


@given(roadmaps(), st.randoms())
def test_the_order_of_the_input_does_not_matter(steps, random):
    shuffled = random.sample(steps, len(steps))
    assert arrange(shuffled, TODAY) == arrange(steps, TODAY)
    assert next_steps(shuffled, TODAY, news_days=30) == next_steps(steps, TODAY, news_days=30)


@given(roadmaps())
def test_nobody_is_moved_in_an_order_that_respects_what_rests_on_what(steps):
    again = {place.code: place.position for place in arrange(steps)}
    steps = [Step(step.code, again[step.code], step.requires) for step in steps]
    assert not any(place.moved_after for place in arrange(steps))


@given(roadmaps(), st.none() | st.sampled_from(["Anna", "Boris", "Vera"]), st.none() | st.integers(0, 19))
def test_the_next_decision_never_waits_and_is_the_askers(steps, owner, wanted):
    by_code = {step.code: step for step in steps}
    places = {place.code: place for place in arrange(steps, TODAY)}
    advice = next_steps(steps, TODAY, owner, wanted)
    can_decide = {
        code
        for code, place in places.items()
        if place.state in (READY, STARTED) and owner in (None, by_code[code].owner)
    }
    decide = [each for each in advice if each.kind == DECIDE]
    assert len(decide) == bool(can_decide)
    for each in decide:
        assert set(each.codes) <= can_decide
        assert all(not by_code[code].decided for code in each.because)
    for each in advice:
        assert each.codes
        assert owner is None or all(by_code[code].owner == owner for code in each.codes)


@given(st.lists(st.integers(1, 40), max_size=11), st.integers(0, 400))
def test_due_dates_are_weekdays_in_order(days, offset):
    due = spread(days, TODAY + timedelta(days=offset))
    assert due == sorted(due)
    assert all(day.weekday() < 5 for day in due)


@given(st.permutations(range(9)), st.lists(st.integers(0, 12), unique=True))
def test_a_new_order_loses_nobody_and_is_as_wanted(present, wanted):
    result = reorder(present, wanted)
    assert sorted(result) == sorted({*present, *wanted})
    assert [code for code in result if code in wanted] == wanted
    assert reorder(result, wanted) == result

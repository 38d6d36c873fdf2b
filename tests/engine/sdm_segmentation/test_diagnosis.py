"""Judgement: measures in, findings out."""

import pytest
from addons.sdm_segmentation.engine.diagnosis import (
    ATTENTION,
    CRITICAL,
    FINE,
    INFORMATION,
    NO_DATA,
    Limits,
    Measurement,
    StartingPoint,
    StepFindings,
    judge,
    share,
    starting_point,
    worst,
)
from hypothesis import given
from hypothesis import strategies as st

UPPER = Limits(0.05, 0.20)
LOWER = Limits(3, 2, lower_is_worse=True)


@pytest.mark.parametrize(
    ("value", "limits", "level"),
    [
        (0, UPPER, FINE),
        (0.0499, UPPER, FINE),
        (0.05, UPPER, ATTENTION),
        (0.1999, UPPER, ATTENTION),
        (0.20, UPPER, CRITICAL),
        (1, UPPER, CRITICAL),
        (3.1, LOWER, FINE),
        (3, LOWER, ATTENTION),
        (2, LOWER, CRITICAL),
        (-1, LOWER, CRITICAL),
        (0.5, Limits(), INFORMATION),
        (None, UPPER, NO_DATA),
        (None, Limits(), NO_DATA),
    ],
)
def test_limits_count_from_the_limit_itself(value, limits, level):
    assert judge(Measurement(value, base=10), limits) == level


def test_a_figure_from_too_few_records_informs_only():
    limits = Limits(0.05, 0.20, minimum_base=10)
    assert judge(share(9, 9), limits) == INFORMATION
    assert judge(share(10, 10), limits) == CRITICAL


def test_what_chance_gives_alarms_nobody():
    assert judge(Measurement(0.5, base=10, conclusive=False), UPPER) == FINE
    assert judge(Measurement(None, conclusive=False), UPPER) == NO_DATA


def test_no_population_is_no_data_and_not_zero():
    assert share(0, 0) == Measurement(None, 0, 0, {})
    assert share(0, 4).value == 0
    assert share(1, 4).value == 0.25


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        ((), NO_DATA),
        ((NO_DATA, NO_DATA), NO_DATA),
        ((INFORMATION,), NO_DATA),
        ((NO_DATA, FINE, INFORMATION), FINE),
        ((FINE, ATTENTION, FINE), ATTENTION),
        ((ATTENTION, CRITICAL, NO_DATA), CRITICAL),
    ],
)
def test_a_step_is_as_good_as_its_worst_judged_figure(levels, verdict):
    assert worst(levels) == verdict


def step(code, position, *levels, decided=False):
    return StepFindings(code, position, levels, decided)


def test_the_earliest_critical_step_comes_first_then_the_other_critical_ones():
    steps = [
        step("segments", 1, ATTENTION),
        step("strategy", 2, FINE),
        step("technology", 3, CRITICAL, FINE),
        step("plan", 4),
        step("control", 5, CRITICAL),
        step("structure", 6, ATTENTION),
    ]
    assert starting_point(steps) == StartingPoint("technology", ("control", "segments", "structure"))


def test_what_is_decided_or_fine_presses_nobody():
    steps = [step("a", 1, decided=True), step("b", 2, FINE), step("c", 3, INFORMATION, decided=True)]
    assert starting_point(steps) == StartingPoint(None, ())


def test_a_decision_that_the_data_contradict_presses():
    assert starting_point([step("a", 1, CRITICAL, decided=True)]).start == "a"


def test_without_any_data_the_method_begins_at_its_first_step():
    steps = [step(code, position) for position, code in enumerate("abcde", start=1)]
    assert starting_point(steps) == StartingPoint("a", ("b", "c", "d"))
    assert starting_point(steps, following=1) == StartingPoint("a", ("b",))


def matured(code, position, maturity, *levels, decided=False):
    return StepFindings(code, position, levels, decided, maturity)


def test_what_is_not_written_down_presses_like_a_critical_figure():
    steps = [
        matured("segments", 1, 3, FINE),
        matured("strategy", 2, 2, FINE),
        matured("technology", 3, 1, FINE, decided=True),
        matured("plan", 4, None, CRITICAL),
        matured("control", 5, 4),
        matured("structure", 6, None),
    ]
    assert starting_point(steps) == StartingPoint("technology", ("plan", "strategy", "structure"))


def test_a_step_without_data_of_which_people_know_that_it_is_followed_presses_nobody():
    assert starting_point([matured("a", 1, 3), matured("b", 2, None)]) == StartingPoint("b", ())


def test_figures_press_whatever_is_answered():
    assert starting_point([matured("a", 1, 2, ATTENTION), matured("b", 2, 2, CRITICAL)]).start == "b"


@given(st.lists(st.tuples(st.lists(st.sampled_from([CRITICAL, ATTENTION, FINE, INFORMATION, NO_DATA])), st.booleans())))
def test_nothing_that_presses_more_is_named_later(rows):
    steps = [step(number, number, *levels, decided=decided) for number, (levels, decided) in enumerate(rows)]
    point = starting_point(steps, following=len(steps))
    named = [] if point.start is None else [point.start, *point.following]
    pressing = {s.code for s in steps if s.level in (CRITICAL, ATTENTION) or (s.level == NO_DATA and not s.decided)}
    assert set(named) == pressing and len(named) == len(pressing)
    rank = {CRITICAL: 0, ATTENTION: 1, NO_DATA: 2}
    keys = [(rank[steps[code].level], code) for code in named]
    assert keys == sorted(keys)

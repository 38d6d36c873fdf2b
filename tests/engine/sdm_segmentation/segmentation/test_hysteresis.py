"""Classes that do not flicker."""

from datetime import date
from decimal import Decimal

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.hysteresis import (
    CONFIRMING,
    DEMOTED,
    ENTERED,
    GRACE,
    KEPT,
    LEFT,
    PROMOTED,
    Bands,
    Confirmation,
    Decision,
    State,
    class_in_bands,
    confirm,
)
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
SCORES = Bands(("A", "B", "C"), (D(80), D(50)), (D(70), D(40)))
# the share before a customer: A up to 78 % coming from below, up to 82 % for who is in it
SHARES = Bands(("A", "B", "C"), (D(78), D(94)), (D(82), D(96)), lower_is_better=True)


@pytest.mark.parametrize(
    ("bands", "value", "previous", "code"),
    [
        (SCORES, 75, "A", "A"),  # good enough to stay
        (SCORES, 75, "B", "B"),  # not enough to rise
        (SCORES, 80, "B", "A"),
        (SCORES, 70, "A", "A"),
        (SCORES, 69, "A", "B"),
        (SCORES, 45, "A", "B"),  # who falls out of A stays in B as one who was in it
        (SCORES, 45, "C", "C"),
        (SCORES, 39, "A", "C"),
        (SCORES, 90, "C", "A"),
        (SCORES, 75, None, "B"),  # who is new has to enter
        (SCORES, 45, None, "C"),
        (SHARES, 80, "A", "A"),
        (SHARES, 80, "B", "B"),
        (SHARES, 82, "A", "B"),  # the limit itself is beyond, as in an ABC
        (SHARES, "77.99", "B", "A"),
        (SHARES, 96, "B", "C"),
    ],
)
def test_bands(bands, value, previous, code):
    assert class_in_bands(D(value), bands, previous) == code


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ((("A", "B"), (D(80),), (D(81),)), "leave"),
        ((("A", "B"), (D(80),), (D(81),), True), None),
        ((("A", "B"), (D(80),), (D(79),), True), "leave"),
        ((("A", "B", "C"), (D(50), D(80)), (D(40), D(30))), "enter"),
        ((("A", "B", "C"), (D(80), D(50)), (D(40), D(40))), "leave"),
        ((("A", "B"), (D(80), D(50)), (D(70),)), "enter"),
        ((("A", "A"), (D(80),), (D(70),)), "classes"),
    ],
)
def test_bands_without_meaning_are_refused(settings, option):
    if option is None:
        Bands(*settings)
        return
    with pytest.raises(OptionError) as caught:
        Bands(*settings)
    assert caught.value.option == option


RULE = Confirmation(("A", "B", "C"), runs_up=2, runs_down=3)


def follow(start, computed, rule=RULE, **grace):
    """Reasons of runs that follow each other, and the last state."""
    state, reasons = start, []
    for code in computed:
        decision = confirm(state, code, rule, **grace)
        state = decision.state
        reasons.append(decision.reason)
    return reasons, state


@pytest.mark.parametrize(
    ("start", "computed", "reasons", "end"),
    [
        (None, "B", [ENTERED], State("B")),
        ("B", "B", [KEPT], State("B")),
        ("B", "AA", [CONFIRMING, PROMOTED], State("A")),
        ("A", "BBB", [CONFIRMING, CONFIRMING, DEMOTED], State("B")),
        ("A", "BB", [CONFIRMING, CONFIRMING], State("A", "B", 2)),
        # a run for the class in force begins anew
        ("A", "BBAB", [CONFIRMING, CONFIRMING, KEPT, CONFIRMING], State("A", "B", 1)),
        # and so does one the other way
        ("B", "CCAC", [CONFIRMING, CONFIRMING, CONFIRMING, CONFIRMING], State("B", "C", 1)),
        # three runs agree that A is lost, and the nearest that they name is B
        ("A", "CBC", [CONFIRMING, CONFIRMING, DEMOTED], State("B")),
        ("C", "AB", [CONFIRMING, PROMOTED], State("B")),
        ("C", "AA", [CONFIRMING, PROMOTED], State("A")),
        ("A", [None], [LEFT], State(None)),
        (None, [None], [KEPT], State(None)),
    ],
)
def test_runs_that_must_agree(start, computed, reasons, end):
    assert follow(State(start), computed) == (reasons, end)


def test_a_decision_says_how_many_runs_it_needs():
    assert confirm(State("A"), "C", RULE) == Decision(State("A", "C", 1), CONFIRMING, 3)
    assert confirm(State("C"), "A", RULE).needed == 2


def test_nobody_falls_in_the_grace_period():
    until = date(2026, 3, 31)
    assert follow(State("A"), "CCCC", day=until, grace_until=until) == ([GRACE] * 4, State("A"))
    assert follow(State("B"), "AA", day=until, grace_until=until) == ([CONFIRMING, PROMOTED], State("A"))
    after = date(2026, 4, 1)
    assert follow(State("A"), "CCC", day=after, grace_until=until)[1] == State("C")


@pytest.mark.parametrize(("state", "computed"), [(State("D"), "A"), (State("A"), "D")])
def test_an_unknown_class_is_refused(state, computed):
    with pytest.raises(OptionError):
        confirm(state, computed, RULE)


@pytest.mark.parametrize("settings", [{"runs_up": 0}, {"runs_down": 0}])
def test_less_than_one_run_is_refused(settings):
    with pytest.raises(OptionError):
        Confirmation(("A", "B"), **settings)


codes = st.sampled_from(["A", "B", "C", "D", None])
rules_ = st.builds(Confirmation, st.just(("A", "B", "C", "D")), st.integers(1, 4), st.integers(1, 4))


@st.composite
def bands_(draw):
    """Bands of three classes in either direction."""
    enter = sorted(draw(st.lists(st.integers(0, 100), min_size=2, max_size=2, unique=True)), reverse=True)
    gaps = sorted(draw(st.lists(st.integers(0, 20), min_size=2, max_size=2)))
    if draw(st.booleans()):
        limits = [D(limit) for limit in enter], [D(limit - gap) for limit, gap in zip(enter, gaps, strict=True)]
        return Bands(("A", "B", "C"), *map(tuple, limits))
    limits = [D(-limit) for limit in enter], [D(gap - limit) for limit, gap in zip(enter, gaps, strict=True)]
    return Bands(("A", "B", "C"), *map(tuple, limits), lower_is_better=True)


@given(bands_(), st.integers(-130, 130), st.sampled_from(["A", "B", "C", None]))
def test_a_value_that_stays_settles_at_once(bands, value, previous):
    settled = class_in_bands(D(value), bands, previous)
    assert class_in_bands(D(value), bands, settled) == settled


@given(bands_(), st.integers(-130, 130), st.integers(0, 50), st.sampled_from(["A", "B", "C", None]))
def test_a_better_value_never_has_a_worse_class(bands, value, more, previous):
    better = value - more if bands.lower_is_better else value + more
    assert class_in_bands(D(better), bands, previous) <= class_in_bands(D(value), bands, previous)


@given(rules_, codes, codes)
def test_constant_classes_never_oscillate(rule, start, computed):
    state, seen = State(start), []
    for _run in range(12):
        state = confirm(state, computed, rule).state
        seen.append(state.code)
    changes = sum(before != after for before, after in zip([start, *seen], seen, strict=False))
    assert changes == (start != computed)
    assert state == State(computed)


@given(bands_(), st.integers(-130, 130), st.integers(1, 4), st.integers(1, 4), st.sampled_from(["A", "B", "C"]))
def test_constant_values_never_oscillate_through_both(bands, value, runs_up, runs_down, start):
    rule = Confirmation(bands.classes, runs_up, runs_down)
    state, seen = State(start), [start]
    for _run in range(12):
        state = confirm(state, class_in_bands(D(value), bands, state.code), rule).state
        seen.append(state.code)
    assert sum(before != after for before, after in zip(seen, seen[1:], strict=False)) <= 1


@given(rules_, st.lists(codes, max_size=20))
def test_one_run_each_way_is_no_hysteresis(rule, computed):
    plain = Confirmation(rule.classes)
    assert follow(State(), computed, plain)[1].code == (computed[-1] if computed else None)
    _reasons, state = follow(State(), computed, rule)
    assert (state.pending is None) == (state.runs == 0)

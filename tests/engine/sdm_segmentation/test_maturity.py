"""Maturity: answers held against facts."""

import pytest
from addons.sdm_segmentation.engine.diagnosis import ATTENTION, CRITICAL, FINE, NO_DATA, StepFindings
from addons.sdm_segmentation.engine.maturity import (
    NOT_CARRIED_OUT,
    SAID_ABSENT,
    SAID_FOLLOWED,
    UNDECIDED,
    Cap,
    Maturity,
    caps,
    contradiction,
    maturity,
)
from hypothesis import given
from hypothesis import strategies as st

ANSWERS = st.lists(st.none() | st.integers(0, 4), max_size=6)
CAPS = st.lists(st.builds(Cap, st.integers(0, 4), st.sampled_from([CRITICAL, ATTENTION, UNDECIDED])))


@pytest.mark.parametrize(
    ("answers", "value"),
    [
        ([], None),
        ([None, None], None),
        ([None, None, 4], None),
        ([4, None], 4),
        ([0, 0, 0], 0),
        ([1, 1, 0], 0),
        ([3, 3, 2], 2),
        ([4, 4, 3], 3),
        ([4, 4, 4], 4),
        ([4, 0, None], 2),
    ],
)
def test_the_mean_is_rounded_down_and_half_of_the_questions_must_be_answered(answers, value):
    given_count = sum(answer is not None for answer in answers)
    assert maturity(answers) == Maturity(value, value, given_count, len(answers))


def test_the_lowest_cap_counts_and_is_named():
    both = [Cap(3, ATTENTION), Cap(2, CRITICAL), Cap(2, "other")]
    assert maturity([4, 4], both) == Maturity(2, 4, 2, 2, CRITICAL)
    assert maturity([3], [Cap(3, ATTENTION)]) == Maturity(3, 3, 1, 1, None)
    assert maturity([1], both) == Maturity(1, 1, 1, 1, None)
    assert maturity([None], both) == Maturity(None, None, 0, 1, None)


@pytest.mark.parametrize(
    ("levels", "decided", "expected"),
    [
        ((), True, ()),
        ((FINE, NO_DATA), True, ()),
        ((ATTENTION, FINE), True, (Cap(3, ATTENTION),)),
        ((CRITICAL, ATTENTION), True, (Cap(2, CRITICAL),)),
        ((CRITICAL,), False, (Cap(2, CRITICAL), Cap(3, UNDECIDED))),
        ((), False, (Cap(3, UNDECIDED),)),
    ],
)
def test_what_data_and_roadmap_allow(levels, decided, expected):
    assert caps(StepFindings("step", 1, levels, decided)) == expected


@pytest.mark.parametrize(
    ("levels", "decided", "by_answers", "expected"),
    [
        ((CRITICAL,), False, 3, SAID_FOLLOWED),
        ((CRITICAL,), True, 4, SAID_FOLLOWED),
        ((CRITICAL,), True, 2, None),
        ((ATTENTION,), True, 4, None),
        ((FINE,), True, 1, SAID_ABSENT),
        ((), True, 0, SAID_ABSENT),
        ((), False, 0, None),
        ((CRITICAL,), True, None, None),
    ],
)
def test_people_and_records_may_contradict_each_other(levels, decided, by_answers, expected):
    assert contradiction(StepFindings("step", 1, levels, decided), by_answers) == expected


def test_a_decision_of_which_its_tool_shows_nothing_is_not_followed():
    missing = StepFindings("step", 1, (FINE,), True, missing=True)
    assert caps(missing) == (Cap(2, NOT_CARRIED_OUT),)
    assert contradiction(missing, 3) == SAID_FOLLOWED
    assert contradiction(missing, 2) is None
    # what is not decided need not be in the tool
    open_step = StepFindings("step", 1, (FINE,), False, missing=True)
    assert caps(open_step) == (Cap(3, UNDECIDED),)
    assert contradiction(open_step, 4) is None


@given(ANSWERS, CAPS)
def test_a_cap_never_raises_a_maturity(answers, limits):
    free, capped = maturity(answers), maturity(answers, limits)
    assert capped.by_answers == free.value
    if capped.value is None:
        assert free.value is None and capped.reason is None
    else:
        assert capped.value == min([free.value, *(cap.limit for cap in limits)])
        assert (capped.reason is None) == (capped.value == free.value)


@given(ANSWERS, st.integers(0, 5), st.integers(0, 4))
def test_a_better_answer_never_lowers_a_maturity(answers, place, better):
    if place < len(answers) and answers[place] is not None:
        raised = [*answers]
        raised[place] = max(raised[place], better)
        before, after = maturity(answers).value, maturity(raised).value
        assert before is None or after >= before

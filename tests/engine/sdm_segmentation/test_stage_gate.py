"""Exit criteria of a stage."""

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.stage_gate import (
    BLOCK,
    BLOCKED,
    EXEMPT,
    FREE,
    WARNED,
    Criterion,
    Exemption,
    Passage,
    check,
)
from hypothesis import given
from hypothesis import strategies as st

BUDGET = Criterion("budget")
MEETING = Criterion("meeting", BLOCK)
CONTRACT = Criterion("contract", BLOCK, ("key",))
CRITERIA = (BUDGET, MEETING, CONTRACT)


def results(*met):
    return {criterion.code: criterion.code in met for criterion in CRITERIA}


@pytest.mark.parametrize(
    ("met", "segment", "passage"),
    [
        (("budget", "meeting"), None, Passage(FREE, met=2, asked=2)),
        (("meeting",), None, Passage(WARNED, ("budget",), met=1, asked=2)),
        (("budget",), None, Passage(BLOCKED, ("meeting",), ("meeting",), met=1, asked=2)),
        ((), None, Passage(BLOCKED, ("budget", "meeting"), ("meeting",), met=0, asked=2)),
        # the contract is asked of key customers only
        (("budget", "meeting"), "base", Passage(FREE, met=2, asked=2)),
        (("budget", "meeting"), "key", Passage(BLOCKED, ("contract",), ("contract",), met=2, asked=3)),
    ],
)
def test_what_is_missing(met, segment, passage):
    assert check(CRITERIA, results(*met), segment) == passage
    assert passage.may_pass == (passage.verdict != BLOCKED)


def test_an_exemption_lets_pass_what_it_is_about_and_records_it():
    leave = Exemption("head", "trade fair")
    assert check(CRITERIA, results(), "key", leave) == Passage(
        EXEMPT, exempted=("budget", "meeting", "contract"), met=0, asked=3
    )
    for_one = Exemption("head", "met at the fair", ("meeting",))
    assert check(CRITERIA, results(), None, for_one) == Passage(
        EXEMPT, ("budget",), exempted=("meeting",), met=0, asked=2
    )
    assert check(CRITERIA, results(), "key", for_one).blocking == ("contract",)


def test_an_exemption_that_nobody_needs_changes_nothing():
    leave = Exemption("head", "trade fair")
    assert check(CRITERIA, results("budget", "meeting"), None, leave).verdict == FREE
    assert check((BUDGET,), {"budget": False}, None, leave) == Passage(FREE, exempted=("budget",), asked=1)


def test_a_stage_without_criteria_is_free():
    assert check((), {}) == Passage(FREE)


@pytest.mark.parametrize(
    "action",
    [
        lambda: Criterion("a", "shout"),
        lambda: check((BUDGET, BUDGET), {"budget": True}),
        lambda: check((BUDGET,), {}),
    ],
)
def test_what_has_no_meaning_is_refused(action):
    with pytest.raises(OptionError):
        action()


met_ = st.dictionaries(st.sampled_from(["budget", "meeting", "contract"]), st.booleans()).map(
    lambda found: results() | found
)


@given(met_, st.sampled_from([None, "key", "base"]), st.none() | st.just(Exemption("head", "why")))
def test_what_is_asked_is_met_missing_or_exempt(found, segment, exemption):
    passage = check(CRITERIA, found, segment, exemption)
    assert passage.met + len(passage.missing) + len(passage.exempted) == passage.asked
    assert set(passage.blocking) <= set(passage.missing)
    assert passage.may_pass == (not passage.blocking)

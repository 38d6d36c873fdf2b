"""Comparison of diagnoses: changes and noise."""

import pytest
from addons.sdm_segmentation.engine.comparison import (
    BETTER,
    DIFFERENT,
    SAME,
    WORSE,
    Change,
    compare,
    compare_maturity,
)
from addons.sdm_segmentation.engine.diagnosis import (
    ATTENTION,
    CRITICAL,
    FINE,
    INFORMATION,
    NO_DATA,
    Limits,
    Measurement,
    beyond_chance,
    share,
)
from hypothesis import given
from hypothesis import strategies as st

UPPER = Limits(0.05, 0.20, minimum_base=10)
LOWER = Limits(0.3, 0.2, lower_is_worse=True, minimum_base=10)
DAYS = Limits(30, 60)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # 15 % together: standard error 5.05 points, so 10 points are 1.98 of them and 9 are 1.76 (15.5 %: 5.12)
        ((20, 100), (10, 100), True),
        ((20, 100), (11, 100), False),
        ((0, 10), (0, 10), False),
        ((10, 10), (10, 10), False),
        ((0, 3), (3, 3), True),
    ],
)
def test_two_shares_differ_beyond_chance(one, other, expected):
    assert beyond_chance(*one, *other) is expected
    assert beyond_chance(*other, *one) is expected


@pytest.mark.parametrize(
    ("then", "now", "limits", "change"),
    [
        (share(20, 100), share(10, 100), UPPER, Change(BETTER, CRITICAL, ATTENTION)),
        (share(10, 100), share(20, 100), UPPER, Change(WORSE, ATTENTION, CRITICAL)),
        (share(11, 100), share(20, 100), UPPER, Change(SAME, ATTENTION, CRITICAL)),
        (share(10, 100), share(40, 100), LOWER, Change(BETTER, CRITICAL, FINE)),
        (share(40, 100), share(10, 100), LOWER, Change(WORSE, FINE, CRITICAL)),
        (share(5, 9), share(1, 100), UPPER, Change(None, INFORMATION, FINE)),
        (share(0, 0), share(50, 100), UPPER, Change(None, NO_DATA, CRITICAL)),
        (share(50, 100), share(0, 0), UPPER, Change(None, CRITICAL, NO_DATA)),
        (share(10, 100), share(40, 100), Limits(), Change(DIFFERENT, INFORMATION, INFORMATION)),
        (share(10, 100), share(11, 100), Limits(), Change(SAME, INFORMATION, INFORMATION)),
    ],
)
def test_counted_shares(then, now, limits, change):
    assert compare(then, now, limits, is_share=True) == change


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        (40, 36, Change(BETTER, ATTENTION, ATTENTION)),
        (40, 36.1, Change(SAME, ATTENTION, ATTENTION)),
        (40, 44, Change(WORSE, ATTENTION, ATTENTION)),
        (2, 29, Change(SAME, FINE, FINE)),
        (29, 32, Change(WORSE, FINE, ATTENTION)),
        (0, 30, Change(WORSE, FINE, ATTENTION)),
        (30, 30, Change(SAME, ATTENTION, ATTENTION)),
        (60, 30, Change(BETTER, CRITICAL, ATTENTION)),
    ],
)
def test_values_without_a_test_must_move_by_a_tenth(then, now, change):
    assert compare(Measurement(then, 50, 50), Measurement(now, 50, 50), DAYS) == change


def test_a_share_of_money_is_not_tested_as_if_it_were_counted():
    money = Limits(0.2, 0.3)
    assert compare(Measurement(0.40, 50, 1), Measurement(0.25, 50, 1), money, is_share=True).direction == BETTER


def test_what_chance_gives_is_no_change():
    proven, chance = Measurement(0.3, 5, 5), Measurement(0.1, 5, 5, conclusive=False)
    limits = Limits(0.2, 0.25)
    assert compare(proven, chance, limits) == Change(SAME, CRITICAL, FINE)
    assert compare(chance, proven, limits) == Change(SAME, FINE, CRITICAL)


def test_new_and_resolved_critical_figures():
    assert Change(WORSE, ATTENTION, CRITICAL).is_new_critical
    assert not Change(None, NO_DATA, CRITICAL).is_new_critical
    assert not Change(None, INFORMATION, CRITICAL).is_new_critical
    assert not Change(SAME, ATTENTION, CRITICAL).is_new_critical
    assert not Change(WORSE, CRITICAL, CRITICAL).is_new_critical
    assert Change(BETTER, CRITICAL, ATTENTION).is_resolved
    assert Change(BETTER, CRITICAL, FINE).is_resolved
    assert not Change(SAME, CRITICAL, FINE).is_resolved
    assert not Change(None, CRITICAL, NO_DATA).is_resolved
    assert not Change(BETTER, CRITICAL, CRITICAL).is_resolved


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [(None, 3, None), (3, None, None), (1, 3, BETTER), (3, 1, WORSE), (2, 2, SAME), (0, 0, SAME)],
)
def test_maturities(then, now, expected):
    assert compare_maturity(then, now) == expected


@st.composite
def shares(draw):
    base = draw(st.integers(1, 500))
    return share(draw(st.integers(0, base)), base)


OPPOSITE = {BETTER: WORSE, WORSE: BETTER, SAME: SAME, None: None}


@given(shares(), shares(), st.sampled_from([UPPER, LOWER]))
def test_a_share_that_became_better_would_have_become_worse_the_other_way(one, other, limits):
    there, back = compare(one, other, limits, is_share=True), compare(other, one, limits, is_share=True)
    assert back == Change(OPPOSITE[there.direction], there.now, there.then)
    assert compare(one, one, limits, is_share=True).direction in (SAME, None)

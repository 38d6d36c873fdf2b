"""Pace, attainment and the index, by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest
from addons.sdm_kpi.engine.plan.pace import DOWN, UP, Weighted, attainment, band_of, pace_of, weighted_index
from hypothesis import given
from hypothesis import strategies as st

D, F = Decimal, Fraction


def test_the_tenth_of_twenty_working_days():
    """200 due of 400, 150 there: three quarters of the pace, 25 a day needed, landing at 300."""
    pace = pace_of(D(400), D(150), 10, 20)
    assert (pace.due, pace.pace, pace.missing, pace.needed, pace.landing) == (200, F(3, 4), 250, 25, 300)


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ((100, 0, 0, 20), "pace", None),
        ((100, 0, 0, 20), "landing", None),
        ((100, 0, 0, 20), "needed", 5),
        ((100, 60, 20, 20), "needed", None),
        ((100, 100, 20, 20), "needed", 0),
        ((100, 130, 10, 20), "missing", 0),
        ((100, 10, 0, 0), "due", None),
        ((100, -20, 10, 20), "needed", 12),
    ],
)
def test_at_the_edges(arguments, field, value):
    target, actual, passed, total = arguments
    assert getattr(pace_of(D(target), D(actual), passed, total), field) == value


@pytest.mark.parametrize(
    ("actual", "target", "direction", "value"),
    [
        (80, 100, UP, F(4, 5)),
        (100, 100, UP, 1),
        (-20, 100, UP, F(-1, 5)),
        (100, 100, DOWN, 1),
        (80, 100, DOWN, F(6, 5)),
        (200, 100, DOWN, 0),
        (0, 100, DOWN, 2),
        # a plan of zero or below says nothing, and no data is not zero
        (5, 0, UP, None),
        (5, -1, UP, None),
        (None, 100, UP, None),
        (5, None, UP, None),
        (0, 100, UP, 0),
    ],
)
def test_attainment(actual, target, direction, value):
    decimal = [None if number is None else D(number) for number in (actual, target)]
    assert attainment(*decimal, direction) == value


def test_the_index_shares_the_weight_of_what_is_not_known():
    """50 and 30 with 100 and 50 %, and 20 unknown: (50 + 15) / 80."""
    parts = [Weighted(50, F(1)), Weighted(30, F(1, 2)), Weighted(20, None)]
    assert weighted_index(parts) == F(65, 80)
    assert weighted_index([Weighted(20, None), Weighted(0, F(1))]) is None


def test_caps_and_floors():
    parts = [Weighted(1, F(3), cap=F(3, 2)), Weighted(1, F(-1), floor=F(0))]
    assert weighted_index(parts) == F(3, 4)


@pytest.mark.parametrize(("value", "band"), [("0.79", 0), ("0.8", 1), ("0.99", 1), ("1", 2), ("5", 2)])
def test_a_bound_belongs_to_the_band_that_it_begins(value, band):
    assert band_of(F(value), [F(4, 5), F(1)]) == band
    assert band_of(None, [F(1)]) is None


@given(st.integers(1, 1000), st.integers(-100, 2000), st.integers(1, 22), st.integers(1, 23))
def test_who_does_what_is_needed_reaches_the_target(target, actual, passed, total):
    pace = pace_of(D(target), D(actual), passed, passed + total)
    assert actual + pace.needed * total == max(target, actual)
    # on pace is to land on the target
    assert (pace.pace >= 1) == (pace.landing >= target)

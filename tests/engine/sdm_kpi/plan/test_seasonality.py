"""Shapes of a year."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from addons.sdm_kpi.engine.plan.seasonality import MONTHS, by_working_days, override, profile_of, rolling_years
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st

EVEN = dict.fromkeys(MONTHS, Fraction(1, 12))


def year(number, amounts):
    return {date(number, month, 1): Decimal(amount) for month, amount in zip(MONTHS, amounts, strict=True)}


def test_a_profile_is_the_mean_of_whole_years():
    """December is 2/13 of the first year and 3/14 of the second, ten times larger one; growth bends nothing."""
    history = year(2023, [1] * 11 + [2]) | year(2024, [10] * 11 + [30]) | {date(2025, 1, 1): Decimal(99)}
    profile = profile_of(history)
    assert profile[12] == (Fraction(2, 13) + Fraction(3, 14)) / 2
    assert profile[1] == (Fraction(1, 13) + Fraction(1, 14)) / 2


def test_a_month_of_refunds_alone_sells_nothing():
    assert profile_of(year(2024, [-5] + [1] * 11))[1] == 0


@pytest.mark.parametrize("history", [{}, {date(2024, 1, 1): Decimal(1)}, year(2024, [0] * 12)])
def test_without_a_whole_year_there_is_no_profile(history):
    with pytest.raises(OptionError):
        profile_of(history)


def test_a_month_with_fewer_working_days_gets_less():
    usual = dict.fromkeys(MONTHS, 20)
    found = by_working_days(EVEN, usual, usual | {1: 10})
    assert found[1] == Fraction(10, 230)
    assert found[2] == Fraction(20, 230)


def test_a_month_by_hand_leaves_the_proportions_of_the_others():
    found = override(EVEN, {1: Fraction(45, 100)})
    assert (found[1], found[2]) == (Fraction(45, 100), Fraction(5, 100))


@pytest.mark.parametrize("by_hand", [{1: Fraction(2)}, {1: Fraction(-1, 2)}, dict.fromkeys(MONTHS, Fraction(1, 13))])
def test_shares_that_cannot_be_are_refused(by_hand):
    with pytest.raises(OptionError):
        override(EVEN, by_hand)


AMOUNTS = st.lists(st.integers(-5, 100), min_size=12, max_size=12)


@given(AMOUNTS, AMOUNTS, st.lists(st.integers(1, 23), min_size=12, max_size=12))
def test_shares_are_one_together(first, second, days):
    history = year(2023, first) | year(2024, second)
    if max(*first, *second) <= 0:
        return
    profile = profile_of(history)
    assert sum(profile.values()) == 1
    shifted = by_working_days(profile, dict.fromkeys(MONTHS, 20), dict(zip(MONTHS, days, strict=True)))
    assert sum(shifted.values()) == 1
    assert sum(override(shifted, {3: Fraction(1, 7)}).values()) == 1


def test_rolling_years_end_where_history_ends():
    """Up to February 2026: March 2025 belongs to the year that ends then, and months without sales are 0."""
    found = rolling_years(
        {date(2025, 3, 1): Decimal(5), date(2026, 2, 1): Decimal(7)}, date(2025, 3, 1), date(2026, 2, 1)
    )
    assert len(found) == 12
    assert found[date(2026, 3, 1)] == 5
    assert found[date(2026, 2, 1)] == 7
    assert found[date(2026, 4, 1)] == 0
    assert profile_of(found)[3] == Fraction(5, 12)

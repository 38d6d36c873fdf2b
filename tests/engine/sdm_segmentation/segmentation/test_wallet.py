"""Potential and share of wallet."""

from datetime import date
from decimal import Decimal

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.wallet import (
    BEST_YEAR,
    CULTIVATE,
    ENTERED,
    LOYAL,
    MAINTAIN,
    MINOR,
    PRESENT,
    SALES,
    Entered,
    Options,
    Values,
    classify,
)
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
DAY = date(2026, 1, 1)
KNOWN = Entered(D(1000), date(2025, 6, 1), "annual report", D(80))


def judge(sales, years=None, entered=(), **settings):
    values = Values("a", D(sales), {year: D(amount) for year, amount in (years or {}).items()}, entered)
    [place] = classify([values], DAY, Options(**{"value_limit": D(500), **settings}))
    return place


@pytest.mark.parametrize(
    ("sales", "potential", "code"),
    [
        # the limits themselves are high: 500 of value, 50 % of share
        (250, 500, LOYAL),
        ("249.99", 500, CULTIVATE),
        (250, "499.99", MAINTAIN),
        (249, 499, MINOR),
        (0, 500, CULTIVATE),
        (-10, 500, CULTIVATE),
    ],
)
def test_quadrants(sales, potential, code):
    assert judge(sales, entered=(Entered(D(potential), DAY),)).code == code


def test_the_potential_is_the_best_year_that_the_customer_bought_from_us():
    place = judge(300, {2021: 400, 2022: 800, 2023: 300})
    assert (place.potential, place.basis, place.year, place.share, place.gap) == (
        D(800),
        BEST_YEAR,
        2022,
        D("0.375"),
        D(500),
    )


def test_what_somebody_knows_goes_first():
    place = judge(300, {2022: 1200}, (KNOWN,))
    assert (place.potential, place.basis, place.year, place.entered, place.share) == (
        D(1000),
        ENTERED,
        None,
        KNOWN,
        D("0.3"),
    )


def test_the_latest_one_counts_and_one_of_tomorrow_does_not_yet():
    later = Entered(D(600), date(2025, 7, 1))
    assert judge(300, {}, (later, KNOWN, Entered(D(9), date(2026, 1, 2)))).entered == later


def test_what_was_entered_too_long_ago_is_shown_and_not_used():
    # 1 January 2025 is 365 days ago and good, the day before is not
    fresh, old = Entered(D(1000), date(2025, 1, 1)), Entered(D(1000), date(2024, 12, 31))
    assert judge(300, {2022: 800}, (fresh,)).basis == ENTERED
    place = judge(300, {2022: 800}, (old,))
    assert (place.basis, place.potential, place.stale, place.entered) == (BEST_YEAR, D(800), True, old)
    assert judge(300, {2022: 800}, (old,), valid_days=None).basis == ENTERED


def test_who_buys_more_than_the_potential_has_outgrown_it():
    place = judge(1500, {2022: 800}, (KNOWN,))
    assert (place.potential, place.basis, place.share, place.gap, place.code) == (D(1500), PRESENT, 1, 0, LOYAL)


def test_value_may_be_what_is_sold():
    entered = (Entered(D(5000), DAY),)
    assert judge(499, entered=entered, value=SALES).code == MINOR
    assert judge(500, entered=entered, value=SALES).code == CULTIVATE


def test_nothing_known_is_no_quadrant():
    assert (judge(0).code, judge(0).share) == (None, None)
    assert judge(-5, {2020: 0}).code is None


@pytest.mark.parametrize(
    "settings",
    [{"value_limit": D(0)}, {"share_limit": D(0)}, {"share_limit": D(101)}, {"value": "x"}, {"valid_days": 0}],
)
def test_settings_without_meaning_are_refused(settings):
    with pytest.raises(OptionError) as caught:
        Options(**{"value_limit": D(500), **settings})
    assert caught.value.option == next(iter(settings))


money = st.decimals(min_value=-100, max_value=10**6, places=2)


@given(money, st.dictionaries(st.integers(2000, 2025), money), st.none() | money)
def test_the_share_is_a_part(sales, years, entered):
    place = judge(sales, years, (Entered(entered, DAY),) if entered is not None else ())
    if place.code is not None:
        assert 0 <= place.share <= 1
        assert place.gap == place.potential - max(sales, 0) >= 0


@given(money, st.dictionaries(st.integers(2000, 2025), money), st.decimals(min_value="0.01", max_value=99, places=2))
def test_another_currency_changes_no_quadrant(sales, years, rate):
    scaled = {year: amount * rate for year, amount in years.items()}
    assert judge(sales * rate, scaled, value_limit=500 * rate).code == judge(sales, years).code

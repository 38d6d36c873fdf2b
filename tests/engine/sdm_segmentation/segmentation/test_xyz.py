"""XYZ: coefficients worked out by hand, and seasons taken out."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import isclose
from statistics import mean, pstdev, stdev

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.xyz import (
    FEW_MONTHS,
    NO_SALES,
    SAMPLE,
    TOO_SHORT,
    Options,
    classify,
    fill_months,
    month_span,
    seasonal_indices,
)
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
JAN = date(2025, 1, 1)


def months(*amounts):
    return tuple(D(amount) for amount in amounts)


def judge(series, **settings):
    [place] = classify([("a", months(*series))], JAN, Options(**settings))
    return place


@pytest.mark.parametrize(
    ("series", "settings", "code", "coefficient"),
    [
        ((100, 100, 100, 100), {}, "X", 0),
        # mean 100, deviations 10: population 10 %, and the limit itself is still X
        ((90, 110, 90, 110), {}, "X", 10),
        # sample: variance 400 / 3, deviation 11.547
        ((90, 110, 90, 110), {"deviation": SAMPLE}, "Y", 11.547005383792516),
        # mean 100, deviations 25
        ((75, 125), {}, "Y", 25),
        # mean 100, deviations 26
        ((74, 126), {}, "Z", 26),
        # every third month: mean 100, squares 2 x 10000 + 40000 = 60000 by 3 = 20000, deviation 141.42
        ((0, 0, 300), {}, "Z", 141.4213562373095),
        ((0, 0, 300), {"limits": (D(50), D(100))}, "Z", 141.4213562373095),
        # mean 100, deviations 50
        ((50, 150), {"limits": (D(50), D(100))}, "X", 50),
        # a refund: mean 50, deviations 150
        ((200, -100), {}, "Z", 300),
    ],
)
def test_coefficients_and_limits(series, settings, code, coefficient):
    place = judge(series, **settings)
    assert place.code == code
    assert float(place.coefficient) == pytest.approx(coefficient)
    assert place.months == len(series)


def test_the_place_explains_the_class():
    place = judge((75, 125))
    assert (place.mean, place.deviation, place.coefficient, place.values) == (D(100), D(25), D(25), months(75, 125))


def test_a_limit_that_no_float_would_meet():
    # mean 0.3, deviations 0.03: exactly 10 %
    assert judge(("0.27", "0.33")).code == "X"
    assert judge(("0.269999999999999999", "0.330000000000000001")).code == "Y"


@pytest.mark.parametrize(
    ("series", "reason"),
    [((0, 0, 0), NO_SALES), ((100, -100), NO_SALES), ((100, -200), NO_SALES), ((100,), FEW_MONTHS), ((), FEW_MONTHS)],
)
def test_no_class_without_sales_or_months(series, reason):
    place = judge(series)
    assert (place.code, place.reason, place.coefficient) == (None, reason, None)


def test_a_customer_too_new_for_a_class():
    assert judge((1, 1, 1), minimum_months=6).reason == FEW_MONTHS


def test_months_without_sales_are_zeros():
    sales = {date(2025, 11, 1): D(5), date(2026, 1, 1): D(7), date(2024, 1, 1): D(9)}
    assert month_span(date(2025, 11, 1), 3) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
    assert fill_months(sales, date(2025, 11, 1), 3) == months(5, 0, 7)


def test_seasons_taken_out():
    indices = (D("0.5"), D("1.5"), *[D(1)] * 10)
    # January 50 / 0.5 and February 150 / 1.5 are the same 100
    assert judge((50, 150), indices=indices).code == "X"
    assert judge((50, 150), indices=indices).values == months(100, 100)
    # a series that begins in December meets January second
    [place] = classify([("a", months(100, 50, 150))], date(2024, 12, 1), Options(indices=indices))
    assert place.coefficient == 0


def test_a_month_that_never_sells_is_left_out_unless_it_sells():
    indices = (D(0), *[D(1)] * 11)
    assert judge((0, 100, 100), indices=indices).values == months(100, 100)
    # mean 80, deviations 20, 20, 40: squares 400 + 400 + ... = (60-80)^2 + 2 x (90-80)^2 = 600, by 3 = 200
    assert judge((60, 90, 90), indices=indices).deviation == D(200).sqrt()


def test_indices_of_a_pattern_that_repeats():
    # January 24, all other months 8: mean (24 + 88) / 12 = 112 / 12; indices 24 x 12 / 112 and 8 x 12 / 112
    year = [24, *[8] * 11]
    indices = seasonal_indices(months(*year, *year, *year), JAN)
    assert indices == (D("2.571429"), *[D("0.857143")] * 11)


def test_indices_follow_the_trend_not_the_calendar():
    # growth by 1 a month from 101: the centred average of a month is the month itself, all ratios are 1
    assert seasonal_indices(months(*range(101, 125)), JAN) == (D(1),) * 12


def test_indices_know_with_which_month_the_series_begins():
    year = [8, 24, *[8] * 10]
    assert seasonal_indices(months(*year, *year), date(2024, 12, 1))[0] == D("2.571429")


@pytest.mark.parametrize(("series", "reason"), [((1,) * 23, TOO_SHORT), ((0,) * 24, NO_SALES)])
def test_indices_need_two_years_with_sales(series, reason):
    with pytest.raises(OptionError) as caught:
        seasonal_indices(months(*series), JAN)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"limits": (D(25), D(10))}, "limits"),
        ({"limits": (D(0), D(10))}, "limits"),
        ({"limits": (D(10),)}, "limits"),
        ({"deviation": "mean"}, "deviation"),
        ({"indices": (D(1),)}, "indices"),
        ({"indices": (D(-1), *[D(1)] * 11)}, "indices"),
        ({"minimum_months": 1}, "minimum_months"),
    ],
)
def test_settings_without_meaning_are_refused(settings, option):
    with pytest.raises(OptionError) as caught:
        Options(**settings)
    assert caught.value.option == option


amounts = st.decimals(min_value=0, max_value=10**7, places=2)
series_ = st.lists(amounts, max_size=24)


@given(series_, st.booleans())
def test_agrees_with_the_statistics_of_the_standard_library(series, sample):
    place = judge(series, **({"deviation": SAMPLE} if sample else {}))
    numbers = [float(value) for value in series]
    if len(series) < 2 or not any(numbers):
        assert place.code is None
        return
    deviation = (stdev if sample else pstdev)(numbers)
    assert isclose(float(place.mean), mean(numbers), rel_tol=1e-9)
    assert isclose(float(place.deviation), deviation, rel_tol=1e-6, abs_tol=1e-4)
    assert isclose(float(place.coefficient), 100 * deviation / mean(numbers), rel_tol=1e-6, abs_tol=1e-4)


@given(series_, st.decimals(min_value="0.01", max_value=1000, places=2))
def test_another_currency_changes_no_class(series, rate):
    assert judge([value * rate for value in series]).code == judge(series).code


@given(series_, st.randoms(use_true_random=False))
def test_the_order_of_the_months_does_not_matter_without_seasons(series, chance):
    mixed = list(series)
    chance.shuffle(mixed)
    assert judge(mixed).coefficient == judge(series).coefficient


@given(st.lists(amounts, min_size=24, max_size=48).filter(lambda found: min(found) > 0))
def test_the_mean_index_is_one(series):
    assert abs(sum(seasonal_indices(series, JAN)) - 12) <= 12 * Fraction(1, 10**6)


@given(st.dictionaries(st.integers(), series_, max_size=6))
def test_every_customer_has_one_place_in_order_of_key(found):
    places = classify(list(found.items()), JAN)
    assert [place.key for place in places] == sorted(found)
    assert places == classify(list(reversed(found.items())), JAN)

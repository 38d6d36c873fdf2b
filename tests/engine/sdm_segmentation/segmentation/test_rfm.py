"""RFM: quantiles of type 7, scores, and segments that leave nobody out."""

from decimal import Decimal
from fractions import Fraction
from itertools import product
from statistics import quantiles

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.rfm import (
    FIXED,
    SEGMENTS,
    Options,
    Segment,
    Values,
    classify,
    level,
    name_segment,
    quantile,
    reach,
)
from hypothesis import given
from hypothesis import strategies as st

D = Decimal


def customer(key, recency, frequency, money):
    return Values(key, recency, frequency, D(money))


@pytest.mark.parametrize(
    ("ordered", "part", "expected"),
    [
        # of 5 values the quintile is at place 4 x 1 / 5 = 0.8: 10 + 0.8 x 10
        ([10, 20, 30, 40, 50], 1, Fraction(18)),
        # place 4 x 4 / 5 = 3.2: 40 + 0.2 x 10
        ([10, 20, 30, 40, 50], 4, Fraction(42)),
        ([10], 3, Fraction(10)),
        # of 6 values place 5 x 2 / 5 = 2
        ([1, 1, 7, 8, 9, 9], 2, Fraction(7)),
    ],
)
def test_quantiles_of_type_7(ordered, part, expected):
    assert quantile(ordered, part, 5) == expected


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30), st.integers(3, 10))
def test_quantiles_agree_with_the_standard_library(values, bins):
    found = [float(quantile(sorted(values), part, bins)) for part in range(1, bins)]
    assert found == pytest.approx(quantiles(values, n=bins, method="inclusive"))


def test_five_customers_in_five_bins():
    # days 10..50, cuts 18 26 34 42: 10 is below all and best. Orders 1..5, cuts 1.8 2.6 3.4 4.2. Money likewise x 100
    found = classify([customer(key, 60 - 10 * key, key, key * 100) for key in range(1, 6)])
    assert [place.scores for place in found.places] == [(key,) * 3 for key in range(1, 6)]
    assert found.cuts == {
        "recency": (D(18), D(26), D(34), D(42)),
        "frequency": (D("1.8"), D("2.6"), D("3.4"), D("4.2")),
        "money": (D(180), D(260), D(340), D(420)),
    }
    assert [place.code for place in found.places] == ["lost", "sleeping", "loyal", "champions", "champions"]


def test_equal_values_have_equal_scores():
    # orders 1 1 1 1 9: cuts at places 0.8 1.6 2.4 3.2 are 1, 1, 1 and 1 + 0.2 x 8 = 2.6
    found = classify([customer(key, 5, orders, 10) for key, orders in enumerate([1, 1, 1, 1, 9])])
    assert [place.scores for place in found.places] == [(5, 1, 1)] * 4 + [(5, 5, 1)]


def test_fixed_cuts():
    cuts = {"recency": (D(30), D(90)), "frequency": (D(1), D(5)), "money": (D(1000), D(10000))}
    options = Options(FIXED, 3, cuts)
    found = classify(
        [customer(1, 30, 1, 1000), customer(2, 31, 2, "1000.01"), customer(3, 91, 6, 10001), customer(4, 0, 0, -5)],
        options,
    )
    # a value on a cut belongs below it; of days below is better
    assert [place.scores for place in found.places] == [(3, 1, 1), (2, 2, 2), (1, 3, 3), (3, 1, 1)]


def test_who_never_ordered_is_not_scored_and_moves_no_cut():
    buyers = [customer(key, 60 - 10 * key, key, key * 100) for key in range(1, 6)]
    found = classify([*buyers, Values(9, None, 0, D(0))])
    assert (found.classes[9], found.places[-1].scores) == (None, ())
    assert found.cuts == classify(buyers).cuts
    assert classify([Values(9, None, 0, D(0))]).cuts["money"] == ()


def test_the_segments_hold_all_125_combinations():
    reached = reach(Options())
    assert reached == {
        "champions": 8,  # 2 x 2 x 2
        "loyal": 37,  # 3 x 3 x 5 - 8
        "new": 10,  # 2 x 1 x 5
        "promising": 10,  # 2 x 1 x 5
        "attention": 6,  # 1 x 2 x 3
        "cannot_lose": 8,  # 2 x 2 x 2
        "at_risk": 22,  # 2 x 3 x 5 - 8
        "sleeping": 14,  # recency 3: 2 x 2, recency 2: 2 x 5
        "lost": 10,  # 1 x 2 x 5
        None: 0,
    }
    assert sum(reached.values()) == 125


@pytest.mark.parametrize("bins", range(3, 11))
def test_every_number_of_bins_leaves_nobody_out(bins):
    assert reach(Options(bins=bins))[None] == 0
    assert [level(1, bins), level(bins, bins)] == [1, 5]


@pytest.mark.parametrize("bins", range(5, 11))
def test_every_segment_can_be_reached_from_five_bins_on(bins):
    assert all(count for code, count in reach(Options(bins=bins)).items() if code is not None)


@pytest.mark.parametrize(("bins", "unreachable"), [(3, "promising"), (4, "attention")])
def test_what_few_bins_cannot_tell_apart_shows(bins, unreachable):
    # three bins are the levels 1, 3 and 5, of which none is the 2 of "promising"; four are 1, 2, 4 and 5
    assert [code for code, count in reach(Options(bins=bins)).items() if not count] == [unreachable, None]


def test_the_first_segment_that_holds_wins():
    segments = (Segment("best", money=(5, 5)), Segment("all"))
    assert name_segment((1, 1, 5), Options(segments=segments)) == "best"
    assert name_segment((5, 5, 4), Options(segments=segments)) == "all"
    assert name_segment((5, 5, 4), Options(segments=segments[:1])) is None


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"method": "kmeans"}, "method"),
        ({"bins": 2}, "bins"),
        ({"bins": 11}, "bins"),
        ({"method": FIXED}, "cuts"),
        ({"method": FIXED, "bins": 3, "cuts": dict.fromkeys(("recency", "frequency", "money"), (D(1),))}, "cuts"),
        ({"method": FIXED, "bins": 3, "cuts": dict.fromkeys(("recency", "frequency", "money"), (D(2), D(1)))}, "cuts"),
        ({"segments": (Segment("a", recency=(4, 3)),)}, "segments"),
        ({"segments": (Segment("a", money=(1, 6)),)}, "segments"),
        ({"segments": (SEGMENTS[0], SEGMENTS[0])}, "segments"),
    ],
)
def test_settings_without_meaning_are_refused(settings, option):
    with pytest.raises(OptionError) as caught:
        Options(**settings)
    assert caught.value.option == option


values = st.builds(
    Values,
    st.integers(0, 10**6),
    st.none() | st.integers(0, 1000),
    st.integers(1, 50),
    st.decimals(min_value=-100, max_value=10**6, places=2),
)
customers = st.lists(values, max_size=30, unique_by=lambda found: found.key)
options_ = st.integers(3, 10).map(lambda bins: Options(bins=bins))


@given(customers, options_)
def test_a_better_value_never_scores_less(found, options):
    scored = [place for place in classify(found, options).places if place.scores]
    for one, other in product(scored, repeat=2):
        if one.values.recency <= other.values.recency:
            assert one.scores[0] >= other.scores[0]
        if one.values.frequency >= other.values.frequency:
            assert one.scores[1] >= other.scores[1]
        if one.values.money >= other.values.money:
            assert one.scores[2] >= other.scores[2]


@given(customers, options_)
def test_every_buyer_is_in_one_segment(found, options):
    places = classify(found, options).places
    assert [place.key for place in places] == sorted(one.key for one in found)
    assert all((place.code is None) == (place.values.recency is None) for place in places)
    assert classify(list(reversed(found)), options) == classify(found, options)


@given(customers, options_, st.decimals(min_value="0.01", max_value=1000, places=2))
def test_another_currency_changes_no_segment(found, options, rate):
    scaled = [Values(one.key, one.recency, one.frequency, one.money * rate) for one in found]
    assert classify(scaled, options).classes == classify(found, options).classes

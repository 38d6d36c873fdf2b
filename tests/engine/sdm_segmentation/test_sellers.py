"""What sellers' results say; the expected numbers are worked out by hand beside each test."""

from decimal import Decimal

import pytest
from addons.sdm_segmentation.engine import sellers
from addons.sdm_segmentation.engine.sellers import SellerResult
from hypothesis import given
from hypothesis import strategies as st


def test_win_rate_is_sum_by_sum_and_not_an_average_of_rates():
    # 90 of 100 and 1 of 10: 91 / 110, where the average of the rates would be 0.5
    measurement = sellers.win_rate([SellerResult("a", 90, 10), SellerResult("b", 1, 9)])
    assert (measurement.value, measurement.part, measurement.base) == (91 / 110, 91, 110)


def test_no_closed_deals_no_rate():
    assert sellers.win_rate([]).value is None
    assert SellerResult("a").win_rate is None
    assert SellerResult("a", 1).cycle is None


def test_cycle_is_weighted_by_deals():
    # (3 deals of 10 days + 1 deal of 50 days) / 4 = 20
    results = [
        SellerResult("a", 3, 0, cycle_days=30, cycle_count=3),
        SellerResult("b", 1, cycle_days=50, cycle_count=1),
    ]
    assert sellers.cycle(results).value == 20
    assert sellers.cycle([SellerResult("a", 5)]).value is None


def test_spread_leaves_out_sellers_with_few_deals():
    results = [SellerResult("a", 15, 5), SellerResult("b", 10, 10), SellerResult("c", 0, 5)]
    measurement = sellers.win_rate_spread(results, minimum_closed=20)
    assert measurement.value == 0.25
    assert measurement.details == {"best": "a", "best_rate": 0.75, "worst": "b", "worst_rate": 0.5}
    assert sellers.win_rate_spread(results, minimum_closed=21).value is None
    # chi-square with one degree of freedom: 2 * 2.5^2 / (20 * 0.625 * 0.375) = 2.67, below 3.84
    assert not measurement.conclusive
    # ten times as many deals: 26.7
    many = [SellerResult("a", 150, 50), SellerResult("b", 100, 100)]
    assert sellers.win_rate_spread(many, minimum_closed=20).conclusive


@pytest.mark.parametrize(
    ("won", "beyond"),
    [
        # three sellers of 100 deals each: two degrees of freedom, limit 5.99 in the tables
        # 50 58 66: rate 0.58, (8^2 + 0 + 8^2) / (100 * 0.58 * 0.42) = 5.25
        ((50, 58, 66), False),
        # 49 58 67: (9^2 + 9^2) / 24.36 = 6.65
        ((49, 58, 67), True),
        ((0, 0, 0), False),
        ((100, 100, 100), False),
    ],
)
def test_rates_differ_beyond_chance_from_the_tables_limit_on(won, beyond):
    assert sellers.differ_beyond_chance([SellerResult(str(n), w, 100 - w) for n, w in enumerate(won)]) is beyond


def test_below_peers_compares_with_the_others_without_oneself():
    # others of c: 300 of 400 = 0.75; c: 130 of 200 = 0.65: 10 points below, the limit counts; the pooled rate is
    # 430/600, its error 0.0390, so 10 points are 2.56 errors
    results = [SellerResult("a", 150, 50), SellerResult("b", 150, 50), SellerResult("c", 130, 70)]
    measurement = sellers.below_peers(results, 20, 0.10)
    assert (measurement.part, measurement.base, measurement.details) == (1, 3, {"sellers": ["c"]})
    assert sellers.below_peers(results, 20, 0.11).part == 0
    assert sellers.below_peers(results[:1], 20, 0.1).value is None
    # the same rates from a tenth of the deals are 0.81 errors apart: chance
    few = [SellerResult("a", 15, 5), SellerResult("b", 15, 5), SellerResult("c", 13, 7)]
    assert sellers.below_peers(few, 20, 0.10).part == 0


def test_cycle_spread_is_the_slowest_by_the_median():
    results = [
        SellerResult("a", 2, cycle_days=20, cycle_count=2),
        SellerResult("b", 2, cycle_days=40, cycle_count=2),
        SellerResult("c", 2, cycle_days=90, cycle_count=2),
        SellerResult("d", 1, cycle_days=900, cycle_count=1),
    ]
    measurement = sellers.cycle_spread(results, minimum_won=2)
    assert measurement.value == 45 / 20
    assert measurement.details == {"slowest": "c", "slowest_days": 45, "median_days": 20}
    assert sellers.cycle_spread(results[:1], 1).value is None
    assert sellers.cycle_spread([SellerResult(s, 1, cycle_count=1) for s in "ab"], 1).value is None


@pytest.mark.parametrize(
    ("values", "part", "value"),
    [
        # the best fifth of 5 is one seller: 60 of 100; of 6 it is two
        ([60, 10, 10, 10, 10], 1, 0.6),
        ([50, 30, 5, 5, 5, 5], 2, 0.8),
        # refunds and zeros bring nothing to share
        ([60, 40, 0, -100], 1, 0.6),
        ([10], 0, None),
        ([], 0, None),
    ],
)
def test_top_fifth(values, part, value):
    measurement = sellers.top_fifth_share([Decimal(v) for v in values])
    assert (measurement.part, measurement.value) == (part, value)


def test_load_is_the_busiest_by_the_median_and_ties_go_by_name():
    measurement = sellers.load([4, 12, 12, 6], ["d", "c", "b", "a"])
    assert measurement.value == 12 / 9
    assert measurement.details == {"busiest": "b", "most": 12, "median": 9.0}
    assert sellers.load([5], ["a"]).value is None
    assert sellers.load([], []).value is None


def test_variation_is_of_the_population():
    # 2 4 4 4 5 5 7 9: mean 5, population deviation 2
    measurement = sellers.variation(dict(enumerate(map(Decimal, (2, 4, 4, 4, 5, 5, 7, 9)))))
    assert (measurement.value, measurement.details) == (0.4, {"best": 7, "worst": 0})
    for amounts in ((0, 0), (-5, 1), (5,), ()):
        assert sellers.variation(dict(enumerate(map(Decimal, amounts)))).value is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=15))
def test_spread_is_between_zero_and_one_and_order_does_not_matter(rows):
    results = [SellerResult(str(number), won, lost) for number, (won, lost) in enumerate(rows)]
    there, back = sellers.win_rate_spread(results, 1), sellers.win_rate_spread(results[::-1], 1)
    assert there == back
    assert there.value is None or 0 <= there.value <= 1


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=2, max_size=40))
def test_the_best_fifth_bring_at_least_their_number_of_the_whole(values):
    measurement = sellers.top_fifth_share(values)
    if measurement.value is not None:
        assert measurement.part / measurement.base <= measurement.value + 1e-9
        assert measurement.value <= 1 + 1e-9

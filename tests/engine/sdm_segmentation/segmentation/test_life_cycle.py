"""Life cycle by own intervals, and customers of one season."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.life_cycle import (
    ACTIVE,
    DEFAULT,
    LOST,
    MEAN,
    NEW,
    OWN,
    SLEEPING,
    Options,
    classify,
)
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
DAY = timedelta(days=1)


def judge(orders, day, **settings):
    dates = [date.fromisoformat(order) if isinstance(order, str) else order for order in orders]
    [place] = classify([("a", dates)], date.fromisoformat(day) if isinstance(day, str) else day, Options(**settings))
    return place


# Gaps of 20, 20 and 30 days, median 20. Last order 12 March: expected 1 April; more than 30 days of silence sleep,
# more than 60 are lost
STEADY = ("2025-01-01", "2025-01-21", "2025-02-10", "2025-03-12")


@pytest.mark.parametrize(
    ("day", "code", "silence"),
    [
        ("2025-03-12", NEW, 0),  # the 71st day since the first order
        ("2025-03-31", NEW, 19),  # day 89 of 90
        ("2025-04-01", ACTIVE, 20),
        ("2025-04-11", ACTIVE, 30),  # 1.5 intervals exactly
        ("2025-04-12", SLEEPING, 31),
        ("2025-05-11", SLEEPING, 60),  # 3 intervals exactly
        ("2025-05-12", LOST, 61),
    ],
)
def test_by_the_own_interval(day, code, silence):
    place = judge(STEADY, day)
    assert (place.code, place.silence, place.interval, place.basis) == (code, silence, D(20), OWN)
    assert (place.expected, place.sleeps_from, place.lost_from) == (
        date(2025, 4, 1),
        date(2025, 4, 12),
        date(2025, 5, 12),
    )


def test_by_the_mean():
    # (20 + 20 + 30) / 3
    assert round(judge(STEADY, "2025-04-01", average=MEAN).interval, 6) == D("23.333333")


def test_too_few_orders_have_the_default_interval():
    place = judge(("2025-01-01", "2025-01-11"), "2025-05-27")
    # 90 days: sleeping after 135 days of silence, on 11 January + 136 = 27 May
    assert (place.interval, place.basis, place.code, place.silence) == (D(90), DEFAULT, SLEEPING, 136)
    assert judge(("2025-01-01", "2025-01-11"), "2025-05-26").code == ACTIVE


def test_two_orders_of_one_day_are_one_and_later_ones_are_not_known_yet():
    place = judge((*STEADY, "2025-01-21", "2025-06-01"), "2025-04-11")
    assert (place.orders, place.interval, place.last) == (4, D(20), date(2025, 3, 12))


def test_without_orders_there_is_no_state():
    assert judge((), "2025-01-01").code is None
    assert judge(("2025-06-01",), "2025-01-01").code is None


def test_a_new_customer_who_falls_silent_sleeps():
    # gaps of 2 days count as 7: more than 10.5 days of silence sleep, more than 21 are lost
    orders = ("2025-01-01", "2025-01-03", "2025-01-05")
    assert judge(orders, "2025-01-15").code == NEW
    assert judge(orders, "2025-01-16").code == SLEEPING
    assert judge(orders, "2025-01-26").code == SLEEPING
    assert judge(orders, "2025-01-27").code == LOST
    # as they are, more than 6 days of silence are lost
    assert judge(orders, "2025-01-12", minimum_interval=1).code == LOST


SPRING = ("2024-03-10", "2024-04-10", "2024-05-10", "2025-03-10", "2025-04-10", "2025-05-10")


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2025-05-10", ACTIVE),
        ("2025-11-23", ACTIVE),
        ("2026-03-31", ACTIVE),
        # gaps 31 30 304 31 30, median 31: half an interval after 31 March is 15.5 days, so 15 full ones
        ("2026-04-15", ACTIVE),
        ("2026-04-16", SLEEPING),
        # two intervals after 31 March: 62 days, 1 June
        ("2026-06-01", SLEEPING),
        ("2026-06-02", LOST),
    ],
)
def test_a_seasonal_customer_is_expected_when_the_season_begins(day, code):
    place = judge(SPRING, day)
    assert (place.code, place.season, place.expected) == (code, (3, 4, 5), date(2026, 3, 31))


def test_without_seasons_the_same_customer_is_lost_in_november():
    assert judge(SPRING, "2025-11-23", season_months=0).code == LOST


def test_who_has_bought_in_the_season_is_active_to_its_end():
    assert judge(SPRING[:5], "2025-11-23").expected == date(2026, 3, 31)
    assert judge(SPRING[:5], "2025-11-23").code == ACTIVE


def test_a_season_over_the_turn_of_the_year():
    winter = ("2023-12-15", "2024-01-15", "2024-12-15", "2025-01-15")
    place = judge(winter, "2025-09-01")
    assert (place.season, place.code, place.expected) == ((1, 12), ACTIVE, date(2025, 12, 31))


def test_two_seasons_a_year():
    orders = ("2024-03-05", "2024-09-05", "2025-03-05", "2025-09-05")
    place = judge(orders, "2025-12-01")
    assert (place.season, place.expected) == ((3, 9), date(2026, 3, 31))


@pytest.mark.parametrize(
    "orders",
    [
        # one winter is one season, though it touches two years
        ("2024-12-01", "2024-12-20", "2025-01-15"),
        # September was seen once
        ("2024-03-05", "2025-03-05", "2025-09-05"),
        # five months of the year
        ("2024-01-05", "2024-03-05", "2024-05-05", "2024-07-05", "2024-09-05", "2025-01-05"),
        ("2024-03-05", "2025-03-05"),
    ],
)
def test_what_is_no_season(orders):
    assert judge(orders, "2025-12-01").season == ()


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"average": "mode"}, "average"),
        ({"sleeping_after": D("0.5")}, "sleeping_after"),
        ({"lost_after": D("1.5")}, "lost_after"),
        ({"default_interval": 0}, "default_interval"),
        ({"minimum_orders": 1}, "minimum_orders"),
        ({"minimum_interval": 0}, "minimum_interval"),
        ({"new_days": -1}, "new_days"),
        ({"season_months": 12}, "season_months"),
    ],
)
def test_settings_without_meaning_are_refused(settings, option):
    with pytest.raises(OptionError) as caught:
        Options(**settings)
    assert caught.value.option == option


dates = st.lists(st.dates(date(2023, 1, 1), date(2025, 12, 31)), min_size=1, max_size=12)


@given(dates, st.integers(0, 2000))
def test_silence_only_ever_leads_downhill(orders, days):
    order = [NEW, ACTIVE, SLEEPING, LOST]
    day = max(orders) + timedelta(days=days)
    today, tomorrow = judge(orders, day), judge(orders, day + DAY)
    assert order.index(today.code) <= order.index(tomorrow.code)
    assert today.last < today.sleeps_from <= today.lost_from
    assert (today.code == LOST) == (day >= today.lost_from)


@given(dates)
def test_nobody_sleeps_on_the_day_of_an_order(orders):
    assert judge(orders, max(orders)).code in (NEW, ACTIVE)


@given(st.dictionaries(st.integers(), dates, max_size=5), st.dates(date(2024, 1, 1), date(2026, 1, 1)))
def test_every_customer_has_one_place_in_order_of_key(customers, day):
    places = classify(customers.items(), day)
    assert [place.key for place in places] == sorted(customers)
    assert places == classify(list(reversed(customers.items())), day)

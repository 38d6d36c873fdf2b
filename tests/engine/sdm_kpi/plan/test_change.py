"""A target that changes within a month."""

from decimal import Decimal
from fractions import Fraction as F

import pytest
from addons.sdm_kpi.engine.plan.change import blend, due_of
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st

D = Decimal


@pytest.mark.parametrize(
    ("old", "new", "passed", "total", "adds_up", "parts"),
    [
        # 5 of 20 days at 100, 15 at 200
        (100, 200, 5, 20, True, ("25", "150")),
        # 100 / 3 = 33.333, and 33.33 + 66.67 are 100
        (100, 100, 7, 21, True, ("33.33", "66.67")),
        # 10 * 1/3 + 11 * 2/3 = 10.6667
        (10, 11, 1, 3, True, ("3.33", "7.34")),
        (None, 90, 1, 3, True, ("0", "60")),
        (90, None, 1, 3, True, ("30", "0")),
        # on the first day all is new, after the last working day all is old
        (100, 200, 0, 20, True, ("0", "200")),
        (100, 200, 20, 20, True, ("100", "0")),
        (100, 200, 0, 0, True, ("0", "200")),
        # a share of 20 % for a quarter of the month, then of 40 %
        (20, 40, 5, 20, False, ("5", "30")),
        (None, 40, 5, 20, False, ("0", "40")),
        (20, None, 5, 20, False, ("20", "0")),
        (-100, -200, 1, 2, True, ("-50", "-100")),
    ],
)
def test_parts(old, new, passed, total, adds_up, parts):
    found = blend(None if old is None else D(old), None if new is None else D(new), passed, total, adds_up)
    assert (found.old, found.new) == tuple(D(part) for part in parts)
    assert found.value == found.old + found.new


@pytest.mark.parametrize(
    ("old", "new", "passed", "total"), [(1, 1, 3, 2), (1, 1, -1, 2), (None, None, 1, 2), (1, 1, 1, 0)]
)
def test_what_cannot_be_is_refused(old, new, passed, total):
    with pytest.raises(OptionError):
        blend(old, new, passed, total)


amounts = st.decimals(-(10**9), 10**9, places=2)
days = st.tuples(st.integers(0, 31), st.integers(0, 31)).map(sorted)


@given(amounts, amounts, days, st.booleans())
def test_the_whole_lies_between_old_and_new(old, new, days, adds_up):
    passed, total = days
    found = blend(old, new, passed, total, adds_up)
    assert found.old + found.new == found.value
    assert min(old, new) <= found.value <= max(old, new)


def test_a_month_of_two_changes():
    """20 days: 5 at 100, 5 at 200, 10 at 400, which is 25 + 50 + 200."""
    first = blend(D(100), D(200), 5, 20)
    second = blend(D(200), D(400), 10, 20, since=5, before=first.old)
    assert (second.old, second.new, second.value) == (D(75), D(200), D(275))


@given(amounts, days)
def test_a_target_that_stays_stays(value, days):
    passed, total = days
    assert blend(value, value, passed, total).value == value


def test_each_day_asks_for_the_target_that_held_on_it():
    """1,363,000 for 15 of 20 days, then 900,000: 1,022,250 by the 15th, 45,000 a day from then on."""
    found = blend(D(1363000), D(900000), 15, 20)
    assert (found.value, found.old, found.share) == (D(1247250), D(1022250), F(3, 4))
    due = [due_of(F(found.value), F(day, 20), F(found.old), found.share) for day in (0, 1, 15, 16, 20)]
    assert due == [0, 68150, 1022250, 1067250, 1247250]


def test_a_target_that_holds_all_month_asks_for_the_same_each_day():
    found = blend(D(90), None, 1, 3, adds_up=False)
    assert due_of(F(found.value), F(1, 3), F(found.old), found.share) == 30


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 23), st.integers(0, 23), st.integers(0, 23))
def test_what_is_due_goes_day_by_day_from_nothing_to_the_whole(old, new, total, passed, day):
    passed, day = min(passed, total), min(day, total)
    found = blend(D(old), D(new), passed, total)
    due = due_of(F(found.value), F(day, total), F(found.old), found.share)
    expected = F(old) * min(day, passed) / total + F(new) * max(day - passed, 0) / total
    # each part is rounded to a cent
    assert abs(due - expected) <= F(2, 100)

"""Who gets which part of a goal."""

from datetime import date
from decimal import Decimal
from fractions import Fraction as F

import pytest
from addons.sdm_kpi.engine.plan.weights import (
    CAPACITY,
    EQUAL,
    HISTORY,
    LIKE_COMPANY,
    LIKE_GROUP,
    NOTHING,
    OWN,
    PART_OF_YEAR,
    POTENTIAL,
    Seat,
    parse_curve,
    ramp_on,
    weights_of,
)
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
BOTH = {JAN: 1, FEB: 1}
QUARTER = F(1, 4)


def seat(key, history=0, **values):
    return Seat(key, **{"history": history, "presence": BOTH, **values})


def january(found):
    return {key: by_month[JAN] for key, by_month in found.seats.items()}


def test_by_history():
    found = weights_of([seat("a", 300), seat("b", 100)], {HISTORY: 1})
    assert january(found) == {"a": F(3, 4), "b": F(1, 4)}
    assert found.bases["a"] == (300, OWN)


def test_part_of_a_year_counts_as_a_whole_one():
    """100 in half a year are 200 a year: as much as 200 in all of it."""
    found = weights_of([seat("a", 200), seat("b", 100, known=F(1, 2))], {HISTORY: 1}, least_known=QUARTER)
    assert january(found) == {"a": F(1, 2), "b": F(1, 2)}
    assert found.bases["b"] == (200, PART_OF_YEAR)


def test_a_newcomer_counts_like_the_group_and_grows():
    """The group's median is (300 + 100) / 2 = 200; half of it in the first month, all in the second."""
    people = [
        seat("a", 300, group="north"),
        seat("b", 100, group="north"),
        seat("c", 9, group="north", known=F(1, 12), entered=JAN),
        seat("d", 600, group="south"),
    ]
    found = weights_of(people, {HISTORY: 1}, (F(1, 2),), least_known=QUARTER)
    assert found.bases["c"] == (200, LIKE_GROUP)
    assert found.seats["c"] == {JAN: F(100, 1100), FEB: F(200, 1200)}
    assert found.seats["d"] == {JAN: F(600, 1100), FEB: F(600, 1200)}


def test_a_newcomer_counts_like_the_middle_one_not_like_the_star():
    people = [seat("star", 9000), seat("b", 200), seat("c", 100), seat("new", 1, known=F(1, 12))]
    assert weights_of(people, {HISTORY: 1}, least_known=QUARTER).bases["new"] == (200, LIKE_GROUP)


def test_who_sold_nothing_in_a_part_of_the_year_is_a_newcomer_and_in_all_of_it_is_not():
    people = [seat("a", 300), seat("part", 0, known=F(1, 2)), seat("all", 0)]
    found = weights_of(people, {HISTORY: 1}, least_known=QUARTER)
    assert found.bases["part"] == (300, LIKE_GROUP)
    assert found.bases["all"] == (0, OWN)


def test_a_newcomer_of_a_new_group_counts_like_all():
    people = [seat("a", 300, group="north"), seat("c", group="south", known=0)]
    assert weights_of(people, {HISTORY: 1}, least_known=QUARTER).bases["c"] == (300, LIKE_COMPANY)


def test_without_any_history_capacity_counts():
    found = weights_of([seat("a", post=F(1, 2), known=0), seat("b")], {HISTORY: 1}, least_known=QUARTER)
    assert january(found) == {"a": F(1, 3), "b": F(2, 3)}
    assert found.missing == (HISTORY,)
    assert found.bases["a"] == (0, NOTHING)


def test_what_the_gone_sold_stays_with_their_group():
    people = [seat("a", 100, group="north"), seat("b", 200, group="south")]
    found = weights_of(people, {HISTORY: 1}, left={"north": Decimal(100), "south": Decimal(-7)})
    assert found.groups["north"][JAN] == F(1, 4)
    assert found.groups["south"][JAN] == 0
    assert january(found) == {"a": F(1, 4), "b": F(1, 2)}


def test_a_mix():
    """a: 3/4 by history, 1/5 by potential, 2/3 by capacity, 1/2 evenly; weights 4, 3, 2, 1 of 10 in all."""
    people = [seat("a", 300, potential=10), seat("b", 100, potential=40, post=F(1, 2))]
    found = weights_of(people, {HISTORY: 4, POTENTIAL: 3, CAPACITY: 2, EQUAL: 1})
    assert january(found)["a"] / 10 == (4 * F(3, 4) + 3 * F(1, 5) + 2 * F(2, 3) + F(1, 2)) / 10


def test_who_is_there_for_half_a_month_gets_half():
    found = weights_of([seat("a", 100), seat("b", 100, presence={JAN: F(1, 2)})], {HISTORY: 1})
    assert found.seats["b"] == {JAN: F(1, 3)}
    assert found.seats["a"] == {JAN: F(2, 3), FEB: 1}


def test_refunds_alone_are_no_weight():
    assert january(weights_of([seat("a", -5), seat("b", 5)], {HISTORY: 1})) == {"a": 0, "b": 1}


@pytest.mark.parametrize("mix", [{}, {HISTORY: 0}, {HISTORY: 2, EQUAL: -1}])
def test_a_mix_that_says_nothing_is_refused(mix):
    with pytest.raises(OptionError):
        weights_of([seat("a", 1)], mix)


@pytest.mark.parametrize(
    ("text", "curve"), [("", ()), (None, ()), ("50;75 %", (F(1, 2), F(3, 4))), ("12.5", (F(1, 8),))]
)
def test_a_curve_is_read(text, curve):
    assert parse_curve(text) == curve


@pytest.mark.parametrize("text", ["half", "101", "-1", "25, x"])
def test_a_curve_that_is_none_is_refused(text):
    with pytest.raises(OptionError):
        parse_curve(text)


def test_the_ramp_ends():
    curve = (F(1, 4), F(1, 2))
    assert [ramp_on(month, date(2025, 12, 1), curve) for month in (JAN, FEB)] == [F(1, 2), 1]
    assert ramp_on(JAN, None, curve) == 1


PEOPLE = st.lists(
    st.tuples(st.integers(-9, 99), st.integers(0, 12), st.integers(0, 9), st.sampled_from("ns")), min_size=1, max_size=6
)


@given(PEOPLE, st.lists(st.integers(0, 5), min_size=4, max_size=4).filter(any), st.integers(0, 50))
def test_weights_of_a_month_are_one_together(people, mix, left):
    seats = [
        seat(number, history, known=F(known, 12), potential=potential, group=group)
        for number, (history, known, potential, group) in enumerate(people)
    ]
    mix = dict(zip((HISTORY, POTENTIAL, CAPACITY, EQUAL), mix, strict=True))
    found = weights_of(seats, mix, left={"n": left}, least_known=QUARTER)
    for month in BOTH:
        whole = sum(weights[month] for weights in (*found.seats.values(), *found.groups.values()))
        assert whole == sum(mix.values())

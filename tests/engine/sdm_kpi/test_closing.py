"""Closed months: differences that explain exactly what the facts would change by."""

from datetime import date
from fractions import Fraction

import pytest
from addons.sdm_kpi.engine.closing import (
    CHANGED,
    GONE,
    LATE,
    Difference,
    compare,
    facts_of,
    is_over,
    months_to_close,
)
from addons.sdm_kpi.engine.facts import DISTINCT, STOCK, Leaf
from hypothesis import given
from hypothesis import strategies as st

JANUARY, FEBRUARY, MARCH, MAY = (date(2025, month, 1) for month in (1, 2, 3, 5))
ANNA, BORIS = Leaf(MAY, "anna"), Leaf(MAY, "boris")


def test_a_month_is_closed_with_the_open_ones_before_it():
    assert months_to_close([MARCH, JANUARY, MAY], MARCH) == [JANUARY, MARCH]
    assert months_to_close([MAY], MARCH) == []


@pytest.mark.parametrize(
    ("today", "expected"), [(date(2025, 3, 31), False), (date(2025, 4, 1), True), (date(2025, 2, 10), False)]
)
def test_a_month_is_over_after_its_last_day(today, expected):
    assert is_over(MARCH, today) is expected


@pytest.mark.parametrize(
    ("counted", "present", "expected"),
    [
        # nothing
        ({(ANNA, 1): 10}, {(ANNA, 1): 10}, []),
        # a document that came later, one that is gone, one that is worth more
        ({}, {(ANNA, 1): 10}, [(ANNA, 1, LATE, 0, 10)]),
        ({(ANNA, 1): 10}, {}, [(ANNA, 1, GONE, 10, 0)]),
        ({(ANNA, 1): 10}, {(ANNA, 1): 12}, [(ANNA, 1, CHANGED, 10, 12)]),
        # it is another's by now: neither late nor gone
        ({(ANNA, 1): 10}, {(BORIS, 1): 10}, [(ANNA, 1, CHANGED, 10, 0), (BORIS, 1, CHANGED, 0, 10)]),
        # what one loses another document brings in: both are named
        ({(ANNA, 1): 10}, {(ANNA, 2): 10}, [(ANNA, 1, GONE, 10, 0), (ANNA, 2, LATE, 0, 10)]),
    ],
)
def test_what_has_changed(counted, present, expected):
    assert compare(counted, present) == [Difference(*row) for row in expected]


def test_a_customer_is_late_or_gone_but_not_a_second_document():
    acme, bolt = Leaf(MAY, "anna", customer="acme"), Leaf(MAY, "anna", customer="bolt")
    assert compare({(acme, 1): 1}, {(acme, 1): 1, (acme, 2): 1}, DISTINCT) == []
    assert compare({(acme, 1): 1, (acme, 2): 1}, {(acme, 2): 1, (bolt, 3): 1}, DISTINCT) == [
        Difference(bolt, 3, LATE, 0, 1)
    ]
    assert compare({(acme, 1): 1, (acme, 2): 1}, {}, DISTINCT) == [Difference(acme, 1, GONE, 1, 0)]
    # what a decision took off counts no longer
    assert compare({(acme, 1): 1, (acme, 0): -1}, {}, DISTINCT) == []


def test_states_are_not_compared():
    assert compare({(ANNA, 1): 10}, {(ANNA, 1): 20}, STOCK) == []


LEAVES = st.builds(Leaf, st.just(MAY), st.sampled_from("ab"), customer=st.sampled_from(["acme", "bolt", None]))
VALUES = st.integers(-3, 3).map(lambda number: Fraction(number, 3))
DOCUMENTS = st.dictionaries(st.tuples(LEAVES, st.integers(1, 4)), VALUES)


@given(DOCUMENTS, DOCUMENTS)
def test_differences_explain_the_change_of_every_fact(counted, present):
    differences = compare(counted, present)
    changed = dict(counted)
    for difference in differences:
        key = (difference.leaf, difference.document)
        changed[key] = changed.get(key, Fraction(0)) + difference.new - difference.old
    assert facts_of(changed) == facts_of(present)
    # and decided once they are gone
    assert compare(changed, present) == []


@given(
    st.sets(st.tuples(LEAVES.filter(lambda leaf: leaf.customer), st.integers(1, 4))),
    st.sets(st.tuples(LEAVES.filter(lambda leaf: leaf.customer), st.integers(1, 4))),
)
def test_differences_of_customers_explain_the_change_too(counted, present):
    then, now = dict.fromkeys(counted, Fraction(1)), dict.fromkeys(present, Fraction(1))
    before, after = facts_of(then, DISTINCT), facts_of(now, DISTINCT)
    change = {difference.leaf: difference.new - difference.old for difference in compare(then, now, DISTINCT)}
    assert change == {
        leaf: after.get(leaf, 0) - before.get(leaf, 0)
        for leaf in {*before, *after}
        if (leaf in before) != (leaf in after)
    }

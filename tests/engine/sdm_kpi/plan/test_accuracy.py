"""How far forecasts were from what came."""

from decimal import Decimal
from fractions import Fraction

from addons.sdm_kpi.engine.plan.accuracy import Accuracy, accuracy_of
from hypothesis import given
from hypothesis import strategies as st

D, F = Decimal, Fraction


def test_misses_of_both_sides():
    """Two of 100 missed by 10, one of 20 by 10: 30 of 220, and 10, 10 and 50 % on average; 10 too much."""
    found = accuracy_of([(D(110), D(100)), (D(90), D(100)), (D(30), D(20))])
    assert found == Accuracy(F(3000, 220), F(70, 3), F(1000, 220))


def test_who_had_nothing_counts_in_what_was_missed():
    assert accuracy_of([(D(10), D(0)), (D(90), D(100))]) == Accuracy(F(20), F(10), F(0))


def test_returns_are_no_reason_for_a_sign():
    assert accuracy_of([(D(0), D(-50))]) == Accuracy(F(100), F(100), F(100))


def test_nothing_to_compare_with():
    assert accuracy_of([]) == accuracy_of([(D(5), D(0))]) == Accuracy(None, None, None)


amounts = st.decimals(-1000, 1000, places=2)
pairs = st.lists(st.tuples(amounts, amounts))


@given(pairs)
def test_the_whole_is_never_further_off_than_its_parts(pairs):
    found = accuracy_of(pairs)
    if found.wape is not None:
        assert abs(found.bias) <= found.wape


@given(st.lists(amounts))
def test_what_came_as_told_is_right(came):
    found = accuracy_of([(amount, amount) for amount in came])
    assert {found.wape, found.mape, found.bias} <= {None, 0}

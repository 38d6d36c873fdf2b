"""Factors that explain a difference without a rest."""

from fractions import Fraction
from math import prod

import pytest
from addons.sdm_kpi.engine.plan.decomposition import decompose
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st


def test_two_factors_share_what_they_do_together():
    """10 x 5 to 12 x 6: 22 more. Customers first 10, then the order 12; the other way 10 and 12. Means 11 and 11."""
    assert decompose({"customers": 10, "order": 5}, {"customers": 12, "order": 6}) == {"customers": 11, "order": 11}


def test_a_factor_that_did_not_change_adds_nothing():
    assert decompose({"a": 2, "b": 3, "c": 4}, {"a": 2, "b": 5, "c": 4}) == {"a": 0, "b": 16, "c": 0}


def test_a_factor_that_fell_to_zero():
    assert sum(decompose({"a": 2, "b": 3}, {"a": 0, "b": 5}).values()) == -6


@pytest.mark.parametrize(("before", "after"), [({"a": 1}, {"b": 1}), (dict.fromkeys("abcdefg", 1),) * 2])
def test_other_or_too_many_factors_are_refused(before, after):
    with pytest.raises(OptionError):
        decompose(before, after)


FACTORS = st.lists(st.tuples(st.fractions(-9, 9), st.fractions(-9, 9)), min_size=1, max_size=4)


@given(FACTORS)
def test_the_parts_make_the_difference(pairs):
    before, after = (dict(enumerate(pair[side] for pair in pairs)) for side in (0, 1))
    difference = prod(after.values(), start=Fraction(1)) - prod(before.values(), start=Fraction(1))
    assert sum(decompose(before, after).values()) == difference


@given(FACTORS, st.randoms())
def test_the_order_of_the_factors_does_not_matter(pairs, chance):
    names = list(range(len(pairs)))
    chance.shuffle(names)
    before, after = (dict(enumerate(pair[side] for pair in pairs)) for side in (0, 1))
    shuffled = decompose({name: before[name] for name in names}, {name: after[name] for name in names})
    assert shuffled == decompose(before, after)

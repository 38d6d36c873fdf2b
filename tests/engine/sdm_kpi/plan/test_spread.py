"""Parts that make the whole to the last unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from addons.sdm_kpi.engine.plan.spread import spread
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st

D = Decimal


@pytest.mark.parametrize(
    ("total", "weights", "step", "parts"),
    [
        (100, (1, 1, 1), 1, (34, 33, 33)),
        # 16.67, 33.33, 50.00: the cent goes to whom rounding took most, 0.6667 of a cent
        (100, (1, 2, 3), "0.01", ("16.67", "33.33", "50")),
        (-100, (1, 1, 1), 1, (-34, -33, -33)),
        (100, (0, 0), 1, (50, 50)),
        (100, (0, 1), 1, (0, 100)),
        (0, (1, 2), 1, (0, 0)),
        # to hundreds, and the 50 that are no hundred to the first
        (1050, (1, 1), 100, (550, 500)),
        (2, (1, 1, 1), 1, (1, 1, 0)),
    ],
)
def test_parts(total, weights, step, parts):
    found = spread(D(total), dict(enumerate(weights)), D(step))
    assert tuple(found.values()) == tuple(D(part) for part in parts)


@pytest.mark.parametrize(("weights", "step"), [({}, 1), ({"a": -1}, 1), ({"a": 1}, 0)])
def test_what_cannot_be_split_is_refused(weights, step):
    with pytest.raises(OptionError):
        spread(D(1), weights, D(step))


@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.lists(st.fractions(0, 1000), min_size=1, max_size=12),
    st.sampled_from(["0.01", "1", "1000"]),
)
def test_the_parts_make_the_whole_and_keep_the_order(total, weights, step):
    parts = spread(total, dict(enumerate(weights)), D(step))
    assert sum(parts.values()) == total
    whole = sum(weights)
    for number, weight in enumerate(weights):
        exact = Fraction(total) * (weight / whole if whole else Fraction(1, len(weights)))
        assert abs(Fraction(parts[number]) - exact) < 2 * Fraction(step)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=24), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_what_is_carried_evens_out(totals, weights):
    """Over all months each part is within two steps of its share, and each month is exact."""
    carry, sums = {}, dict.fromkeys(range(len(weights)), Decimal(0))
    for total in totals:
        parts = spread(Decimal(total), dict(enumerate(weights)), Decimal(1), carry)
        assert sum(parts.values()) == total
        assert min(parts.values()) >= 0
        for key, part in parts.items():
            sums[key] += part
    for key, weight in enumerate(weights):
        assert abs(Fraction(sums[key]) - Fraction(sum(totals) * weight, sum(weights))) < 2

"""Matrix of two schemes."""

from decimal import Decimal

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.matrix import Box, Place, classify
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
ABC = {1: "A", 2: "A", 3: "B", 4: "B", 5: None}
XYZ = {1: "X", 2: "Y", 3: "X", 5: "X"}
MONEY = {1: D(10), 2: D("5.5"), 3: D(2), 4: D(1)}


def test_boxes_of_their_own():
    result = classify([5, 4, 3, 2, 1], ABC, XYZ, "AB", "XY", money=MONEY)
    assert result.places == (
        Place(1, "AX", "A", "X"),
        Place(2, "AY", "A", "Y"),
        Place(3, "BX", "B", "X"),
        Place(4, None, "B", None),
        Place(5, None, None, "X"),
    )
    assert result.boxes == (
        Box("A", "X", "AX", 1, D(10)),
        Box("A", "Y", "AY", 1, D("5.5")),
        Box("B", "X", "BX", 1, D(2)),
        Box("B", "Y", "BY", 0, D(0)),
    )
    assert result.incomplete == (4, 5)


def test_boxes_put_together_by_a_table():
    table = {("A", "X"): "key", ("A", "Y"): "key", ("B", "X"): "base"}
    result = classify([1, 2, 3], ABC, XYZ | {3: "Y"}, "AB", "XY", table)
    assert result.classes == {1: "key", 2: "key", 3: None}
    assert result.incomplete == ()


@pytest.mark.parametrize(("table", "first"), [({("C", "X"): "a"}, ABC), ({("A", "Z"): "a"}, ABC), ({}, {1: "C"})])
def test_classes_of_neither_scheme_are_refused(table, first):
    with pytest.raises(OptionError):
        classify([1], first, XYZ, "AB", "XY", table)


assignments = st.dictionaries(st.integers(0, 20), st.sampled_from(["1", "2", "3", None]))


@given(st.sets(st.integers(0, 20)), assignments, assignments)
def test_boxes_and_incomplete_ones_are_everybody(customers, first, second):
    result = classify(customers, first, second, "123", "123", money=dict.fromkeys(customers, D("0.1")))
    assert sum(box.customers for box in result.boxes) + len(result.incomplete) == len(customers)
    assert sum(box.money for box in result.boxes) == D("0.1") * (len(customers) - len(result.incomplete))
    assert len(result.boxes) == 9

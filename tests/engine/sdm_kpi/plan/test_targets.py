"""What targets come to together, by hand."""

from datetime import date
from fractions import Fraction

import pytest
from addons.sdm_kpi.engine.plan.targets import Cell, target_of, to_date
from hypothesis import given
from hypothesis import strategies as st

F = Fraction
JANUARY, FEBRUARY, MARCH = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)


def cell(value, month=JANUARY, **who):
    return Cell(month, F(value), **who)


ANNA = {"person": "Anna", "head": "Head"}
BORIS = {"person": "Boris", "head": "Head"}


@pytest.mark.parametrize(
    ("cells", "semantics", "expected"),
    [
        ([], "flow", None),
        # a flow is added: people, what the group and the company have not handed out, months, segments
        ([cell(100, **ANNA), cell(50, **BORIS), cell(7, head="Head"), cell(3)], "flow", 160),
        ([cell(100, **ANNA), cell(20, FEBRUARY, **ANNA), cell(1, segment="A")], "flow", 121),
        # of a ratio the widest cell counts
        ([cell(30, **ANNA), cell(40, **BORIS), cell(35, head="Head")], "ratio", 35),
        ([cell(30, **ANNA), cell(35, head="Head"), cell(33)], "ratio", 33),
        ([cell(30, **ANNA), cell(40, **BORIS)], "ratio", None),
        ([cell(30, **ANNA), cell(30, **BORIS)], "ratio", 30),
        ([cell(30, **ANNA), cell(40, segment="A")], "ratio", 30),
        # over months it is averaged, and not where one month says nothing
        ([cell(30, **ANNA), cell(40, FEBRUARY, **ANNA)], "ratio", 35),
        ([cell(30, **ANNA), cell(40, FEBRUARY, person="Anna", head="Other")], "ratio", 35),
        ([cell(30, **ANNA), cell(30, FEBRUARY, **ANNA), cell(40, FEBRUARY, **BORIS)], "ratio", None),
        # customers of two people are not those of both, also where each has as many
        ([cell(10, **ANNA), cell(10, **BORIS)], "distinct", None),
        ([cell(10, **ANNA), cell(10, **BORIS), cell(15, head="Head")], "distinct", 15),
        ([cell(10, **ANNA), cell(14, FEBRUARY, **ANNA)], "distinct", 12),
        # a state is that of the last month
        ([cell(10, **ANNA), cell(14, FEBRUARY, **ANNA)], "stock", 14),
        ([cell(10), cell(14, FEBRUARY, **ANNA), cell(15, FEBRUARY, **BORIS)], "stock", None),
    ],
)
def test_targets_together(cells, semantics, expected):
    assert target_of(cells, semantics) == expected


def test_to_date_by_working_days_of_each_person():
    """Anna has had half of her February, Boris a quarter; a rest of the group goes by the company's days."""
    passed = {"Anna": F(1, 2), "Boris": F(1, 4), None: F(2, 5)}.get
    cells = [
        cell(100, **ANNA),
        cell(100, FEBRUARY, **ANNA),
        cell(80, FEBRUARY, **BORIS),
        cell(10, FEBRUARY, head="Head"),
        cell(1000, MARCH, **ANNA),
    ]
    assert target_of(to_date(cells, "flow", FEBRUARY, passed), "flow") == 100 + 50 + 20 + 4
    assert target_of(to_date(cells[1:2], "ratio", FEBRUARY, passed), "ratio") == 100
    assert target_of(to_date(cells[1:2], "stock", FEBRUARY, passed), "stock") == 100
    assert target_of(to_date(cells[4:], "flow", FEBRUARY, passed), "flow") is None


cells_of_anyone = st.lists(
    st.builds(
        Cell,
        month=st.sampled_from([JANUARY, FEBRUARY, MARCH]),
        value=st.integers(1, 100).map(F),
        person=st.sampled_from([None, "Anna", "Boris"]),
        head=st.sampled_from([None, "Head", "Other"]),
        segment=st.sampled_from([None, "A"]),
    ),
    max_size=8,
)


@given(cells_of_anyone, st.sampled_from(["flow", "stock", "distinct", "ratio"]))
def test_the_order_of_cells_does_not_matter(cells, semantics):
    assert target_of(cells, semantics) == target_of(cells[::-1], semantics)


@given(cells_of_anyone)
def test_all_that_has_passed_is_due_and_nothing_before_the_first_day(cells):
    known = [found for found in cells if found.month <= FEBRUARY]
    assert target_of(to_date(cells, "flow", FEBRUARY, lambda person: F(1)), "flow") == target_of(known, "flow")
    begun = target_of(to_date(cells, "flow", FEBRUARY, lambda person: F(0)), "flow")
    over = [found for found in cells if found.month < FEBRUARY]
    assert (begun or 0) == (target_of(over, "flow") or 0)

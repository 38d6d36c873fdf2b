"""Migration matrix between two assignments."""

from decimal import Decimal

from addons.sdm_segmentation.engine.segmentation.migration import DOWN, ENTERED, LEFT, MOVED, STAYED, UP, Cell, compare
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
MONEY = {1: D(100), 2: D(50), 3: D(20), 4: D(10), 5: D("0.50"), 6: D(3)}


def test_a_matrix_worked_out_by_hand():
    before = {1: "A", 2: "A", 3: "B", 4: "C", 6: None}
    after = {1: "A", 2: "B", 3: "A", 5: "C", 6: None}
    result = compare(before, after, MONEY, ("A", "B", "C"))
    assert result.cells == (
        Cell("A", "A", 1, D(100), STAYED),
        Cell("A", "B", 1, D(50), DOWN),
        Cell("B", "A", 1, D(20), UP),
        Cell("C", None, 1, D(10), LEFT),
        Cell(None, "C", 1, D("0.50"), ENTERED),
    )
    # A: 1 and 2 before (150), 1 and 3 after (120)
    size = result.sizes[0]
    assert (size.before, size.after, size.stayed, size.came, size.went) == (2, 2, 1, 1, 1)
    assert (size.money_before, size.money_after) == (D(150), D(120))
    assert result.totals == (
        (STAYED, 1, D(100)),
        (UP, 1, D(20)),
        (DOWN, 1, D(50)),
        (MOVED, 0, D(0)),
        (ENTERED, 1, D("0.50")),
        (LEFT, 1, D(10)),
    )


def test_classes_without_an_order_of_worth():
    [cell] = compare({1: "shops"}, {1: "plants"}, MONEY, ("shops", "plants"), ranked=False).cells
    assert cell.kind == MOVED


def test_a_class_that_is_no_more():
    result = compare({1: "D"}, {1: "A"}, {}, ("A", "B"))
    assert [size.code for size in result.sizes] == ["A", "B", "D"]
    assert result.cells == (Cell("D", "A", 1, D(0), UP),)


codes = st.sampled_from(["A", "B", "C", None])
assignments = st.dictionaries(st.integers(0, 15), codes)
monies = st.dictionaries(st.integers(0, 15), st.decimals(min_value=-100, max_value=10**6, places=2))


@given(assignments, assignments, monies)
def test_rows_and_columns_add_up(before, after, money):
    result = compare(before, after, money, ("A", "B", "C"))
    for size in result.sizes:
        members_before = [key for key, code in before.items() if code == size.code]
        members_after = [key for key, code in after.items() if code == size.code]
        assert (size.before, size.after) == (len(members_before), len(members_after))
        assert size.stayed == len(set(members_before) & set(members_after))
        assert size.money_before == sum(money.get(key, 0) for key in members_before)
        assert size.money_after == sum(money.get(key, 0) for key in members_after)
    assert sum(customers for _kind, customers, _money in result.totals) == sum(cell.customers for cell in result.cells)


@given(assignments, assignments, monies)
def test_back_is_the_same_with_the_signs_turned(before, after, money):
    there = {kind: (customers, sum_) for kind, customers, sum_ in compare(before, after, money, "ABC").totals}
    back = {kind: (customers, sum_) for kind, customers, sum_ in compare(after, before, money, "ABC").totals}
    assert there[STAYED] == back[STAYED]
    assert there[UP] == back[DOWN]
    assert there[ENTERED] == back[LEFT]

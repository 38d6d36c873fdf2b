"""The same file again changes nothing, and no sale is lost for being like another one."""

from datetime import date
from decimal import Decimal

from addons.sdm_kpi.engine.history import make_keys
from hypothesis import given
from hypothesis import strategies as st

ROW = {"date": date(2024, 5, 1), "customer": "Acme", "amount": Decimal("10.50")}
ROWS = st.lists(st.fixed_dictionaries({"customer": st.sampled_from("abc"), "amount": st.integers(0, 2)}))


def test_equal_rows_are_two():
    first, second = make_keys([ROW, ROW])
    assert first != second


def test_what_is_written_otherwise_is_the_same():
    assert make_keys([ROW]) == make_keys([{"amount": Decimal("10.5"), "customer": " ACME", "date": date(2024, 5, 1)}])
    assert make_keys([ROW]) == make_keys([{**ROW, "category": None, "reference": ""}])


def test_what_says_something_else_is_another():
    changes = [{"amount": Decimal("10.51")}, {"customer": "Bolt"}, {"date": date(2024, 5, 2)}, {"person": "Anna"}]
    keys = [make_keys([{**ROW, **change}])[0] for change in changes]
    assert len({*keys, *make_keys([ROW])}) == 5


@given(ROWS, st.randoms())
def test_the_order_of_rows_does_not_matter(rows, chance):
    mixed = list(rows)
    chance.shuffle(mixed)
    assert set(make_keys(rows)) == set(make_keys(mixed))
    assert len(set(make_keys(rows))) == len(rows)


@given(ROWS, ROWS)
def test_a_longer_file_adds_only_what_is_new(rows, more):
    assert set(make_keys(rows)) <= set(make_keys(rows + more))

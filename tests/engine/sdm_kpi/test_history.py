"""The same file again changes nothing, and no sale is lost for being like another one."""

from datetime import date
from decimal import Decimal

import pytest
from addons.sdm_kpi.engine.history import make_keys, plan_spans, say
from addons.sdm_kpi.engine.periods import months_between
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


def test_numbers_and_texts_say_the_same_however_written():
    assert say({"amount": Decimal("1E+2"), "customer": "ООО Ромашка "}) == say(
        {"amount": 100, "customer": "ооо ромашка"}
    )
    assert say({"person": None, "category": "", "reference": False}) == ""


JAN, MAR, DEC = date(2024, 1, 1), date(2024, 3, 1), date(2024, 12, 1)


@pytest.mark.parametrize(
    ("months", "taken", "spans"),
    [
        ([], [], []),
        ([JAN], [], [(JAN, JAN)]),
        # a month in between may have no target
        ([DEC, JAN, MAR], [], [(JAN, DEC)]),
        # a plan lies within a year
        ([DEC, date(2025, 1, 1)], [], [(DEC, DEC), (date(2025, 1, 1), date(2025, 1, 1))]),
        # and has no month of another one
        ([JAN, MAR, DEC], [date(2024, 2, 1)], [(JAN, JAN), (MAR, DEC)]),
        ([JAN, MAR], [date(2023, 12, 1), date(2024, 4, 1)], [(JAN, MAR)]),
    ],
)
def test_plans_of_past_months(months, taken, spans):
    assert plan_spans(months, taken) == spans


MONTHS = st.sets(st.builds(date, st.integers(2022, 2024), st.integers(1, 12), st.just(1)))


@given(MONTHS, MONTHS)
def test_each_month_has_one_plan_and_no_plan_two_owners(months, taken):
    months -= taken
    spans = plan_spans(months, taken)
    covered = [month for first, last in spans for month in months_between(first, last)]
    assert len(covered) == len(set(covered)), "plans do not overlap"
    assert months <= set(covered)
    assert not set(covered) & taken
    assert all(first in months and last in months and first.year == last.year for first, last in spans)

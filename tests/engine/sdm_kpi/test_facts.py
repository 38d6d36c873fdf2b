"""Facts one entry after another, and what they come to at every level."""

from datetime import date
from fractions import Fraction

from addons.sdm_kpi.engine.facts import DISTINCT, STOCK, Entry, Leaf, Measure, collect, value_of
from hypothesis import given
from hypothesis import strategies as st

MAY, JUNE, JULY = date(2025, 5, 1), date(2025, 6, 1), date(2025, 7, 1)


def entry(day, person, amount, customer=None, category=None, documents=1):
    return Entry(
        day,
        Leaf(day, person=person, category=category, customer=customer),
        {"amount": Fraction(amount), "documents": Fraction(documents)},
    )


def test_a_month_ends_with_its_last_day():
    facts = collect([entry(date(2025, 5, 31), "a", 1), entry(date(2025, 6, 1), "a", 2)], Measure(), JUNE)
    assert facts == {Leaf(MAY, "a"): 1, Leaf(JUNE, "a"): 2}


def test_what_comes_to_zero_is_no_fact():
    assert collect([entry(MAY, "a", 5), entry(MAY, "a", -5)], Measure(), JUNE) == {}


def test_documents_are_counted_whole():
    """Two lines of two categories are one document."""
    lines = [entry(MAY, "a", 5, category="x"), entry(MAY, "a", 7, category="y", documents=0)]
    assert collect(lines, Measure(name="documents", by_category=False), JUNE) == {Leaf(MAY, "a"): 1}
    assert collect(lines, Measure(), JUNE) == {Leaf(MAY, "a", category="x"): 5, Leaf(MAY, "a", category="y"): 7}


def test_a_customer_counts_once_at_every_level():
    lines = [entry(MAY, "a", 5, "acme"), entry(JUNE, "a", 5, "acme"), entry(MAY, "b", 5, "acme"), entry(MAY, "b", 5)]
    facts = collect(lines, Measure(DISTINCT), JUNE)
    assert len(facts) == 3
    assert value_of(facts, DISTINCT) == 1
    assert value_of({leaf: value for leaf, value in facts.items() if leaf.person == "a"}, DISTINCT) == 1


def test_a_stock_is_that_of_the_last_month():
    lines = [entry(MAY, "a", 5), entry(JUNE, "a", 3), entry(JUNE, "b", 4)]
    facts = collect(lines, Measure(STOCK), JULY)
    assert value_of({leaf: value for leaf, value in facts.items() if leaf.month <= JUNE}, STOCK) == 7
    # nothing is open in July
    assert value_of(facts, STOCK) == 0


def test_a_stock_that_is_used_up_is_zero_and_not_the_one_before():
    facts = collect([entry(MAY, "a", 5)], Measure(STOCK), JULY)
    assert facts == {Leaf(MAY, "a"): 5, Leaf(JUNE, "a"): 0}
    assert collect([entry(MAY, "a", 5)], Measure(STOCK), MAY) == {Leaf(MAY, "a"): 5}


def test_no_facts_are_no_value():
    assert value_of({}, "flow") is None


ENTRIES = st.lists(
    st.builds(
        entry,
        st.dates(MAY, date(2025, 7, 31)),
        st.sampled_from(["a", "b", None]),
        st.integers(-5, 5),
        st.sampled_from(["acme", "bolt", None]),
    ),
    max_size=30,
)


@given(ENTRIES)
def test_people_and_nobody_make_the_whole(entries):
    facts = collect(entries, Measure(), JULY)
    people = {leaf.person for leaf in facts}
    parts = [value_of({leaf: v for leaf, v in facts.items() if leaf.person == person}, "flow") for person in people]
    assert sum(parts) == sum(line.values["amount"] for line in entries) == (value_of(facts, "flow") or 0)


@given(ENTRIES)
def test_no_level_counts_a_customer_twice(entries):
    facts = collect(entries, Measure(DISTINCT), JULY)
    assert (value_of(facts, DISTINCT) or 0) == len({line.leaf.customer for line in entries} - {None})


def test_what_is_taken_off_again_counts_no_customer():
    sold = entry(MAY, "vera", 5, "acme")
    off = Entry(MAY, Leaf(MAY, customer="acme"), {"amount": Fraction(-5)}, is_taken_off=True)
    assert value_of(collect([sold, off], Measure(DISTINCT), JUNE), DISTINCT) == 1
    assert set(collect([sold, off], Measure(DISTINCT), JUNE)) == {Leaf(MAY, "vera", customer="acme")}
    assert value_of(collect([sold, off], Measure(), JUNE), "flow") == 0

"""Who gets a document: each step of the order, dates, shares that go on, and parts that make the whole."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from addons.sdm_kpi.engine.credit import (
    NONE,
    OVERLAY,
    OWNER,
    RULES,
    SALESPERSON,
    SPLIT,
    TEAM,
    Document,
    Part,
    Rule,
    inherit,
    resolve,
)
from addons.sdm_segmentation.engine.ownership import CO, LEAD, Ownership
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2025, 6, 15)
ORDER = tuple(Rule(method) for method in RULES)
PEOPLE = {"u1": "anna", "u2": "boris"}
DEAL = Document(DAY, "u1", "north", "acme")
HALF = Fraction(1, 2)


def owned(person, share=1, kind=LEAD, start=date(2025, 1, 1), end=None, customer="acme"):
    return Ownership(customer, person, kind, start, end, Fraction(share))


def test_the_salesperson_takes_all():
    assert resolve(DEAL, ORDER, PEOPLE, owners=[owned("vera")]) == (Part(SALESPERSON, 1, "anna", "north"),)


@pytest.mark.parametrize("salesperson", [None, "u9"])
def test_without_a_known_salesperson_the_owner_takes_it(salesperson):
    deal = Document(DAY, salesperson, "north", "acme")
    assert resolve(deal, ORDER, PEOPLE, owners=[owned("vera")]) == (Part(OWNER, 1, "vera", "north"),)


def test_who_enters_for_others_counts_as_no_salesperson():
    found = resolve(DEAL, ORDER, PEOPLE, owners=[owned("vera")], ignored={"u1"})
    assert found == (Part(OWNER, 1, "vera", "north"),)


def test_owners_share_and_the_rest_goes_to_the_team():
    deal = Document(DAY, None, "north", "acme")
    owners = [owned("vera", "0.7"), owned("gleb", "0.2", CO)]
    assert resolve(deal, ORDER, PEOPLE, owners=owners) == (
        Part(OWNER, Fraction("0.7"), "vera", "north"),
        Part(OWNER, Fraction("0.2"), "gleb", "north"),
        Part(TEAM, Fraction("0.1"), None, "north"),
    )


def test_what_nobody_takes_is_unassigned():
    assert resolve(Document(DAY), ORDER, PEOPLE) == (Part(NONE, 1),)


@pytest.mark.parametrize(
    ("start", "end", "method"),
    [
        (DAY, None, OWNER),
        (DAY + timedelta(days=1), None, SALESPERSON),
        (None, DAY, OWNER),
        (None, DAY - timedelta(days=1), SALESPERSON),
    ],
)
def test_a_step_holds_on_its_days_only(start, end, method):
    order = (Rule(OWNER, start, end), Rule(SALESPERSON))
    assert resolve(DEAL, order, PEOPLE, owners=[owned("vera")])[0].method == method


@pytest.mark.parametrize(
    ("start", "end", "method"),
    [(DAY, DAY, OWNER), (DAY + timedelta(days=1), None, TEAM), (date(2025, 1, 1), DAY - timedelta(days=1), TEAM)],
)
def test_the_owner_is_that_of_the_day(start, end, method):
    deal = Document(DAY, None, "north", "acme")
    assert resolve(deal, ORDER, PEOPLE, owners=[owned("vera", start=start, end=end)])[0].method == method


def test_the_owner_of_another_customer_gets_nothing():
    deal = Document(DAY, None, None, "acme")
    assert resolve(deal, ORDER, PEOPLE, owners=[owned("vera", customer="other")]) == (Part(NONE, 1),)


def test_a_split_comes_first_and_leaves_the_rest_to_the_order():
    assert resolve(DEAL, ORDER, PEOPLE, splits=[("vera", Fraction("0.3"))]) == (
        Part(SPLIT, Fraction("0.3"), "vera", "north"),
        Part(SALESPERSON, Fraction("0.7"), "anna", "north"),
    )


def test_more_than_the_whole_is_refused():
    with pytest.raises(ValueError, match="more than the whole"):
        resolve(DEAL, ORDER, PEOPLE, splits=[("vera", Fraction("0.6")), ("gleb", HALF)])


SHARES = st.lists(st.integers(1, 4), max_size=3)


@given(
    st.permutations(RULES),
    st.sampled_from([None, "u1", "u2", "u9"]),
    st.sampled_from([None, "north"]),
    SHARES,
    SHARES,
)
def test_the_parts_always_make_the_whole(order, salesperson, team, split, owning):
    """Whatever the order, all parts are above zero and add up to exactly 1."""
    document = Document(DAY, salesperson, team, "acme")
    splits = [(f"s{number}", Fraction(share, 12)) for number, share in enumerate(split)]
    owners = [owned(f"o{number}", Fraction(share, 12)) for number, share in enumerate(owning)]
    parts = resolve(document, [Rule(method) for method in order], PEOPLE, splits, owners)
    assert sum(part.share for part in parts) == 1
    assert all(part.share > 0 for part in parts)
    assert all((part.person is None) == (part.method in (TEAM, NONE)) for part in parts)


def test_what_is_on_top_is_taken_off_again_under_nobody():
    assert resolve(DEAL, ORDER, PEOPLE, overlays=[("vera", HALF)]) == (
        Part(SALESPERSON, 1, "anna", "north"),
        Part(OVERLAY, HALF, "vera", "north"),
        Part(OVERLAY, -HALF, None, "north", "vera"),
    )


@given(
    splits=st.dictionaries(st.sampled_from("abc"), st.fractions(0, Fraction(1, 3)), max_size=3),
    overlays=st.dictionaries(st.sampled_from("abcd"), st.fractions(0, 1), max_size=4),
    salesperson=st.sampled_from([None, "u1", "u9"]),
)
def test_people_without_what_is_on_top_and_nobody_make_the_whole(splits, overlays, salesperson):
    deal = Document(DAY, salesperson, "north", "acme")
    parts = resolve(deal, ORDER, PEOPLE, splits.items(), [owned("vera", "0.4")], overlays=overlays.items())
    assert sum(part.share for part in parts) == 1
    assert sum(part.share for part in parts if part.method != OVERLAY) == 1
    on_top = sum(part.share for part in parts if part.method == OVERLAY and part.person is not None)
    assert on_top == sum(overlays.values())


def test_what_was_given_for_the_deal_holds_for_its_orders():
    assert inherit((), [(1, [("anna", HALF)])]) == (("anna", HALF),)


def test_an_own_credit_goes_before_that_of_the_deal():
    assert inherit([("boris", HALF)], [(1, [("anna", 1)])]) == (("boris", HALF),)


def test_an_invoice_of_several_orders_takes_each_by_its_part():
    third = Fraction(1, 3)
    orders = [(third, [("anna", 1)]), (third, [("anna", HALF), ("boris", HALF)]), (third, [])]
    assert dict(inherit((), orders)) == {"anna": HALF, "boris": third / 2}


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.dictionaries(st.sampled_from("abc"), st.fractions(0, Fraction(1, 3)), max_size=3)
        ),
        max_size=4,
    )
)
def test_never_more_than_the_whole_is_inherited(orders):
    total = sum(weight for weight, _given in orders)
    sources = [(Fraction(weight, total), given.items()) for weight, given in orders] if total else []
    assert sum(share for _person, share in inherit((), sources)) <= 1

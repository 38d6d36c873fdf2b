"""Membership by date; the naive answer is a class for every single day."""

from datetime import date, timedelta

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.history import (
    CLOSE,
    DELETE,
    KEEP,
    OPEN,
    UPDATE,
    Change,
    Override,
    Spell,
    Standing,
    apply,
    class_on,
    join,
    merge,
    stand,
)
from hypothesis import given
from hypothesis import strategies as st

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))
DAY = timedelta(days=1)
A_SINCE_JANUARY = Spell("x", "A", JAN, computed="A", key=7)


@pytest.mark.parametrize(
    ("computed", "changes"),
    [
        ({"x": "A"}, [Change(KEEP, A_SINCE_JANUARY)]),
        (
            {"x": "B"},
            [
                Change(CLOSE, Spell("x", "A", JAN, FEB - DAY, "A", key=7)),
                Change(OPEN, Spell("x", "B", FEB, computed="B")),
            ],
        ),
        ({"x": None}, [Change(CLOSE, Spell("x", "A", JAN, FEB - DAY, "A", key=7))]),
        ({}, [Change(CLOSE, Spell("x", "A", JAN, FEB - DAY, "A", key=7))]),
        ({"x": "A", "y": "C"}, [Change(KEEP, A_SINCE_JANUARY), Change(OPEN, Spell("y", "C", FEB, computed="C"))]),
        ({"x": "A", "y": None}, [Change(KEEP, A_SINCE_JANUARY)]),
    ],
)
def test_what_a_run_changes(computed, changes):
    assert merge([A_SINCE_JANUARY], computed, FEB) == tuple(changes)


def test_a_second_run_on_the_same_day_rewrites_the_first():
    assert merge([A_SINCE_JANUARY], {"x": "B"}, JAN) == (
        Change(DELETE, A_SINCE_JANUARY),
        Change(OPEN, Spell("x", "B", JAN, computed="B")),
    )


def test_an_override_wins_and_shows_what_was_computed():
    override = Override("x", "A", FEB, MAR - DAY, "strategic", "head")
    standing = stand({"x": "B"}, [override], FEB)["x"]
    assert standing == Standing("x", "A", "B", override)
    assert standing.differs
    assert merge([A_SINCE_JANUARY], {"x": "B"}, FEB, [override]) == (
        Change(UPDATE, Spell("x", "A", JAN, computed="B", overridden=True, key=7)),
    )


def test_an_expired_override_gives_the_class_back():
    override = Override("x", "A", FEB, MAR - DAY)
    kept = Spell("x", "A", JAN, computed="B", overridden=True)
    assert stand({"x": "B"}, [override], MAR - DAY)["x"].code == "A"
    assert merge([kept], {"x": "B"}, MAR, [override]) == (
        Change(CLOSE, Spell("x", "A", JAN, MAR - DAY, "B", True)),
        Change(OPEN, Spell("x", "B", MAR, computed="B")),
    )


def test_an_override_holds_for_a_customer_whom_the_method_leaves_out():
    override = Override("z", "A", JAN)
    assert merge([], {}, FEB, [override]) == (Change(OPEN, Spell("z", "A", FEB, overridden=True)),)
    assert merge([], {"z": None}, FEB, [override])[0].spell.code == "A"


def test_an_override_that_agrees_differs_not():
    assert not stand({"x": "A"}, [Override("x", "A", JAN)], JAN)["x"].differs
    assert not stand({"x": "A"}, [Override("x", "B", FEB)], JAN)["x"].differs


@pytest.mark.parametrize(
    ("spells", "overrides"),
    [
        ([Spell("x", "A", MAR)], []),
        ([Spell("x", "A", JAN), Spell("x", "B", JAN)], []),
        ([], [Override("x", "A", JAN), Override("x", "B", FEB)]),
    ],
)
def test_what_cannot_be_is_refused(spells, overrides):
    with pytest.raises(OptionError):
        merge(spells, {"x": "A"}, FEB, overrides)


def test_the_class_of_a_day():
    spells = apply([A_SINCE_JANUARY], merge([A_SINCE_JANUARY], {"x": "B"}, FEB))
    assert [class_on(spells, "x", day) for day in (JAN - DAY, JAN, FEB - DAY, FEB)] == [None, "A", "A", "B"]


codes = st.sampled_from(["A", "B", "C", None])
runs = st.lists(st.tuples(st.integers(0, 5), st.dictionaries(st.sampled_from("xyz"), codes)), max_size=10)
overrides_ = st.dictionaries(
    st.sampled_from("xyz"), st.tuples(st.sampled_from("AB"), st.integers(0, 30), st.integers(0, 10))
).map(
    lambda found: [
        Override(customer, code, JAN + start * DAY, JAN + (start + days) * DAY)
        for customer, (code, start, days) in found.items()
    ]
)


def play(runs, overrides):
    """Runs on days that never go back: the spells, and the class by customer and day as the runs said."""
    spells, day, said = (), JAN, {}
    for days, computed in runs:
        day += days * DAY
        present = [spell for spell in spells if spell.end is None]
        spells = apply(spells, merge(present, computed, day, overrides))
        said[day] = stand(computed, overrides, day)
    return spells, said


@given(runs, overrides_)
def test_the_history_is_what_the_runs_said_last(runs, overrides):
    spells, said = play(runs, overrides)
    last = max(said, default=JAN)
    for customer in "xyz":
        standing = None
        day = JAN
        while day <= last:
            if day in said:
                standing = said[day].get(customer)
            assert class_on(spells, customer, day) == (standing.code if standing else None)
            day += DAY


@given(runs, overrides_)
def test_spells_never_overlap_and_are_never_empty(runs, overrides):
    spells, _said = play(runs, overrides)
    for customer in "xyz":
        own = [spell for spell in spells if spell.customer == customer]
        assert all(spell.end is None or spell.start <= spell.end for spell in own)
        for earlier, later in zip(own, own[1:], strict=False):
            assert earlier.end is not None and earlier.end < later.start


@given(runs, overrides_)
def test_the_same_run_again_changes_nothing(runs, overrides):
    spells, said = play(runs, overrides)
    if said:
        present = [spell for spell in spells if spell.end is None]
        again = merge(present, runs[-1][1], max(said), overrides)
        assert {change.kind for change in again} <= {KEEP}


def spell(code, start, end=None, customer=1, key=None):
    days = [date(2025, 1, 1) + timedelta(days=day) if day is not None else None for day in (start, end)]
    return Spell(customer, code, *days, key=key)


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        # nothing of its own: all of the other
        ([], [spell("A", 0, 9, 2), spell("B", 10, None, 2)], [("A", 0, 9), ("B", 10, None)]),
        # the present class stays: that of the other ends the day before
        ([spell("A", 20)], [spell("B", 0, None, 2)], [("B", 0, 19)]),
        ([spell("A", 0)], [spell("B", 5, None, 2)], []),
        # between two spells of its own, and after the last one
        ([spell("A", 0, 4), spell("A", 10, 14)], [spell("B", 0, None, 2)], [("B", 5, 9), ("B", 15, None)]),
        ([spell("A", 5, 9)], [spell("B", 0, 20, 2)], [("B", 0, 4), ("B", 10, 20)]),
        ([spell("A", 0, 9)], [spell("B", 10, 20, 2)], [("B", 10, 20)]),
    ],
)
def test_of_a_merged_customer_remain_the_days_without_a_class(own, other, expected):
    pieces = join(own, other, 1)
    assert pieces == tuple(spell(*piece) for piece in expected)


def test_the_first_piece_keeps_its_key():
    pieces = join([spell("A", 5, 9)], [spell("B", 0, 20, 2, key=7)], 1)
    assert [piece.key for piece in pieces] == [7, None]


histories = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), max_size=4)


def history(parts, customer, is_open):
    spells, day = [], 0
    for place, (gap, length) in enumerate(parts):
        end = None if is_open and place == len(parts) - 1 else day + gap + length
        spells.append(spell(f"{customer}{place}", day + gap, end, customer))
        day = (end or 0) + 1
    return spells


@given(histories, histories, st.booleans(), st.booleans())
def test_one_class_a_day_and_none_is_lost(own, other, own_open, other_open):
    mine, theirs = history(own, 1, own_open), history(other, 2, other_open)
    joined = [*mine, *join(mine, theirs, 1)]
    for day in range(70):
        on = date(2025, 1, 1) + timedelta(days=day)
        holding = [each for each in joined if each.start <= on and (each.end is None or on <= each.end)]
        wanted = class_on(mine, 1, on) or class_on(theirs, 2, on)
        assert [each.code for each in holding] == ([wanted] if wanted else [])

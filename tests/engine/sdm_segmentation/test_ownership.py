"""Ownership by date; the naive answer is a table of who owns what on each single day."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from addons.sdm_segmentation.engine.ownership import (
    BACKWARDS,
    CO,
    KINDS,
    LEAD,
    SHARES,
    SUBSTITUTE,
    TWICE,
    TWO_LEADS,
    Change,
    Ownership,
    Problem,
    check,
    compare,
    hand_over,
    merge,
    owners,
    transfer,
)
from hypothesis import given
from hypothesis import strategies as st

JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))
DAY = timedelta(days=1)
HALF = Fraction(1, 2)


def lead(employee, start, end=None, share=1, key=None):
    return Ownership("alfa", employee, LEAD, start, end, share, key)


def co(employee, start, end=None, share=0, key=None):
    return Ownership("alfa", employee, CO, start, end, share, key)


def substitute(employee, start, end=None, key=None):
    return Ownership("alfa", employee, SUBSTITUTE, start, end, key=key)


def test_owners_that_follow_each_other_are_fine():
    assert check([lead("a", JAN, FEB - DAY), lead("b", FEB, share=HALF), co("c", FEB, share=HALF)]) == []


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([lead("a", FEB, JAN)], Problem(BACKWARDS, "alfa", ("a",), FEB, JAN)),
        (
            [lead("a", JAN, FEB, share=0), lead("b", FEB, share=0)],
            Problem(TWO_LEADS, "alfa", ("a", "b"), FEB, FEB),
        ),
        ([lead("a", JAN), co("a", FEB, MAR)], Problem(TWICE, "alfa", ("a",), FEB, MAR)),
        ([lead("a", JAN), co("b", FEB, MAR, HALF)], Problem(SHARES, "alfa", ("a", "b"), FEB, MAR, 1 + HALF)),
        # what lasts over other changes is one problem
        (
            [lead("a", JAN, share=0), lead("b", FEB, share=0), substitute("c", MAR, APR)],
            Problem(TWO_LEADS, "alfa", ("a", "b"), FEB, None),
        ),
    ],
)
def test_what_is_impossible_is_named_with_its_days(rows, problem):
    assert check(rows) == [problem]
    assert check(rows[::-1]) == [problem]


def test_customers_do_not_disturb_each_other():
    assert check([lead("a", JAN), replace(lead("b", JAN), customer="beta")]) == []


def test_the_lead_comes_first_among_owners_of_a_day():
    rows = [substitute("a", JAN), co("b", JAN), lead("z", JAN), lead("y", FEB - DAY, FEB - DAY)]
    assert [row.employee for row in owners(rows, "alfa", JAN)] == ["z", "b", "a"]
    assert owners(rows, "beta", JAN) == []


@pytest.mark.parametrize(
    ("history", "day", "employee", "expected"),
    [
        # the first lead of all
        ([], FEB, "b", [lead("b", FEB)]),
        # the lead of that day is cut, the new one has the same share
        ([lead("a", JAN, key=7)], FEB, "b", [lead("a", JAN, FEB - DAY, key=7), lead("b", FEB)]),
        # up to the next known change
        (
            [lead("a", JAN, MAR - DAY, key=7), lead("c", MAR, key=8)],
            FEB,
            "b",
            [lead("a", JAN, FEB - DAY, key=7), lead("b", FEB, MAR - DAY), lead("c", MAR, key=8)],
        ),
        # on the first day the ownership itself is changed
        ([lead("a", JAN, key=7)], JAN, "b", [lead("b", JAN, key=7)]),
        # before the first one
        ([lead("a", FEB, key=7)], JAN, "b", [lead("b", JAN, FEB - DAY), lead("a", FEB, key=7)]),
        # nobody
        ([lead("a", JAN, key=7)], FEB, None, [lead("a", JAN, FEB - DAY, key=7)]),
        ([lead("a", JAN, key=7)], JAN, None, []),
        # the same lead again
        ([lead("a", JAN, key=7)], FEB, "a", [lead("a", JAN, key=7)]),
        # a co-seller who becomes the lead keeps the own share
        (
            [lead("a", JAN, share=HALF, key=7), co("b", JAN, share=HALF, key=8)],
            FEB,
            "b",
            [lead("a", JAN, FEB - DAY, HALF, key=7), co("b", JAN, FEB - DAY, HALF, key=8), lead("b", FEB)],
        ),
        # and is a co-seller again afterwards
        (
            [lead("a", MAR, share=HALF, key=7), co("b", JAN, share=HALF, key=8)],
            FEB,
            "b",
            [
                co("b", JAN, FEB - DAY, HALF, key=8),
                lead("b", FEB, MAR - DAY),
                lead("a", MAR, share=HALF, key=7),
                co("b", MAR, share=HALF),
            ],
        ),
        # a new lead gets what the others leave
        ([co("c", JAN, share=HALF, key=8)], FEB, "b", [co("c", JAN, share=HALF, key=8), lead("b", FEB, share=HALF)]),
    ],
)
def test_a_change_of_the_lead(history, day, employee, expected):
    assert transfer(history, "alfa", day, employee) == expected
    assert transfer(history[::-1], "alfa", day, employee) == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([lead("a", JAN, key=7)], [lead("a", JAN, FEB - DAY, key=7), lead("b", FEB)]),
        ([co("a", JAN, MAR, HALF, 7)], [co("a", JAN, FEB - DAY, HALF, 7), co("b", FEB, MAR, HALF)]),
        ([substitute("a", JAN, key=7)], [substitute("a", JAN, FEB - DAY, key=7), substitute("b", FEB)]),
        # what is to come goes over too, what is over stays
        (
            [co("a", JAN, FEB - DAY, key=7), lead("a", MAR, key=8)],
            [co("a", JAN, FEB - DAY, key=7), lead("b", MAR, key=8)],
        ),
        # the receiver owns the customer already
        (
            [lead("a", JAN, share=HALF, key=7), co("b", JAN, MAR, HALF, 8)],
            [
                lead("a", JAN, FEB - DAY, HALF, 7),
                co("b", JAN, FEB - DAY, HALF, 8),
                lead("b", FEB, MAR),
                lead("b", MAR + DAY, share=HALF),
            ],
        ),
        (
            [lead("b", JAN, share=HALF, key=8), co("a", FEB, share=HALF, key=7)],
            [lead("b", JAN, FEB - DAY, HALF, 8), lead("b", FEB)],
        ),
        # others are not touched
        ([lead("c", JAN, key=7)], [lead("c", JAN, key=7)]),
    ],
)
def test_a_hand_over(history, expected):
    assert hand_over(history, "a", "b", FEB) == expected
    assert hand_over(history[::-1], "a", "b", FEB) == expected


def test_a_hand_over_to_oneself_changes_nothing():
    assert hand_over([lead("a", JAN, key=7)], "a", "a", FEB) == [lead("a", JAN, key=7)]


@pytest.mark.parametrize(
    ("kept", "other", "expected"),
    [
        # a lead on days without lead
        ([lead("a", FEB, key=1)], [lead("b", JAN, key=2)], [lead("b", JAN, FEB - DAY, key=2), lead("a", FEB, key=1)]),
        (
            [lead("a", FEB, MAR - DAY, key=1)],
            [lead("b", JAN, key=2)],
            [lead("b", JAN, FEB - DAY, key=2), lead("a", FEB, MAR - DAY, key=1), lead("b", MAR)],
        ),
        ([lead("a", JAN, key=1)], [lead("b", FEB, MAR, key=2)], [lead("a", JAN, key=1)]),
        # a co-seller too, with what is left of the whole on each day
        (
            [lead("a", FEB, share=1 - HALF / 2, key=1)],
            [lead("b", JAN, share=HALF, key=2), co("c", JAN, share=HALF, key=3)],
            [
                lead("b", JAN, FEB - DAY, share=HALF, key=2),
                co("c", JAN, FEB - DAY, share=HALF, key=3),
                lead("a", FEB, share=1 - HALF / 2, key=1),
                co("c", FEB, share=HALF / 2),
            ],
        ),
        # the same person in both: the stronger kind
        (
            [co("a", JAN, share=HALF, key=1)],
            [lead("a", FEB, share=1, key=2)],
            [co("a", JAN, FEB - DAY, share=HALF, key=1), lead("a", FEB, share=1)],
        ),
        ([lead("a", JAN, share=HALF, key=1)], [co("a", JAN, share=HALF, key=2)], [lead("a", JAN, share=HALF, key=1)]),
        ([], [lead("b", JAN, key=2)], [lead("b", JAN, key=2)]),
    ],
)
def test_two_customers_become_one(kept, other, expected):
    assert merge(kept, [replace(row, customer="beta") for row in other], "alfa") == expected


def test_the_change_between_two_histories_names_rows_by_their_keys():
    before = [lead("a", JAN, key=7), co("b", FEB, key=8), co("c", FEB, key=9)]
    after = [lead("a", JAN, FEB, key=7), co("b", FEB, key=8), lead("d", MAR)]
    assert compare(before, after) == Change(gone=(9,), changed=(lead("a", JAN, FEB, key=7),), new=(lead("d", MAR),))
    assert compare(before, before) == Change()


NUMBERS = st.integers(0, 40)
PEOPLE = st.sampled_from("abcd")
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("transfer"), NUMBERS, st.one_of(PEOPLE, st.none()), st.none()),
        st.tuples(st.just("hand_over"), NUMBERS, PEOPLE, PEOPLE),
    ),
    max_size=20,
)


def days_of(history):
    """Who owns how on each day: the oracle's form."""
    return [
        {row.employee: (row.kind, row.share) for row in history if row.holds_on(JAN + number * DAY)}
        for number in range(45)
    ]


@st.composite
def first_histories(draw):
    """A lead and co-sellers that come and go, shares in thirds."""
    history = [lead("a", JAN, share=Fraction(1, 3))]
    for person in draw(st.lists(st.sampled_from("bc"), unique=True)):
        start = draw(NUMBERS)
        end = draw(st.one_of(st.none(), st.integers(start, 42)))
        kind = draw(st.sampled_from(KINDS[1:]))
        share = draw(st.sampled_from([Fraction(0), Fraction(1, 3)]))
        history.append(
            Ownership("alfa", person, kind, JAN + start * DAY, None if end is None else JAN + end * DAY, share)
        )
    return [replace(row, key=number) for number, row in enumerate(history)]


@given(first_histories(), MOVES)
def test_no_sequence_of_moves_leaves_two_leads_or_more_than_the_whole(history, moves):
    for kind, number, person, other in moves:
        day = JAN + number * DAY
        before = days_of(history)
        change = transfer if kind == "transfer" else hand_over
        arguments = ("alfa", day, person) if kind == "transfer" else (person, other, day)
        after = change(history, *arguments)
        assert check(after) == []
        assert change(history[::-1], *arguments) == after
        # whoever owned the customer before that day did so
        assert days_of(after)[:number] == before[:number]
        # again changes nothing
        assert days_of(change(after, *arguments)) == days_of(after)
        keys = [row.key for row in after if row.key is not None]
        assert len(keys) == len(set(keys)) and set(keys) <= {row.key for row in history}
        carry_out(history, after)
        history = [replace(row, key=place) for place, row in enumerate(after)]


def carry_out(before, after):
    """Do what the comparison says step by step, as the database does."""
    change = compare(before, after)
    rows = {row.key: row for row in before if row.key not in change.gone}
    for row in change.changed:
        rows[row.key] = row
        assert check(rows.values()) == []
    assert sorted(map(str, [*rows.values(), *change.new])) == sorted(map(str, after))


@given(first_histories(), NUMBERS, PEOPLE, PEOPLE)
def test_a_hand_over_gives_all_that_the_giver_had(history, number, giver, receiver):
    before, after = days_of(history), days_of(hand_over(history, giver, receiver, JAN + number * DAY))
    for day in range(number, 45):
        expected = dict(before[day])
        if giver != receiver and giver in expected:
            kind, share = expected.pop(giver)
            own = expected.get(receiver, (SUBSTITUTE, 0))
            expected[receiver] = (min(kind, own[0], key=KINDS.index), share + own[1])
        assert after[day] == expected


@given(first_histories(), NUMBERS, PEOPLE)
def test_a_new_lead_leads_from_that_day_on(history, number, person):
    day = JAN + number * DAY
    after = transfer(history, "alfa", day, person)
    assert owners(after, "alfa", day)[0].employee == person
    assert owners(after, "alfa", day)[0].kind == LEAD


@given(first_histories(), NUMBERS, st.randoms())
def test_the_order_of_rows_does_not_matter(history, number, random):
    mixed = list(history)
    random.shuffle(mixed)
    day = JAN + number * DAY
    assert check(mixed) == check(history)
    assert owners(mixed, "alfa", day) == owners(history, "alfa", day)


@given(first_histories(), first_histories(), MOVES, NUMBERS, NUMBERS)
def test_of_a_merged_customer_stays_what_does_not_contradict_the_kept_one(kept, other, moves, lost, found):
    kept = transfer(transfer(kept, "alfa", JAN + lost * DAY, None), "alfa", JAN + found * DAY, "d")
    kept = [replace(row, key=place) for place, row in enumerate(kept)]
    for kind, number, person, _other in moves:
        if kind == "transfer":
            other = transfer(other, "alfa", JAN + number * DAY, person)
    other = [replace(row, customer="beta", key=100 + place) for place, row in enumerate(other)]
    after = merge(kept, other, "alfa")
    assert check(after) == []
    for mine, theirs, joined in zip(days_of(kept), days_of(other), days_of(after), strict=True):
        has_lead = any(kind == LEAD for kind, _share in mine.values())
        free = 1 - sum(share for _kind, share in mine.values())
        expected = {person: kind for person, (kind, _share) in mine.items()}
        for person, (kind, _share) in theirs.items():
            if kind == LEAD:
                expected |= {} if has_lead else {person: LEAD}
            else:
                expected.setdefault(person, kind)
        assert {person: kind for person, (kind, _share) in joined.items()} == expected
        assert all(joined[person][1] >= share for person, (_kind, share) in mine.items())
        wanted = sum(share for person, (kind, share) in theirs.items() if expected.get(person) == kind)
        if wanted <= free and not mine.keys() & theirs.keys():
            assert all(joined[person][1] == share for person, (_k, share) in theirs.items() if person in joined)
    carry_out([*kept, *other], after)

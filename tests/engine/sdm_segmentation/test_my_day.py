"""What a day asks for, in which order, and what an agreed contact puts off."""

from datetime import date, timedelta

import pytest
from addons.sdm_segmentation.engine.calendar import Calendar
from addons.sdm_segmentation.engine.my_day import ACTIVITY, ANSWER, KINDS, NORM, STEP, Entry, Plan, Reason, plan
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.playbook import DUE, OVERDUE
from hypothesis import given
from hypothesis import strategies as st

WEEK = Calendar()
# Monday
TODAY = date(2025, 6, 30)


def day(number):
    """A day of June 2025, on into July."""
    return date(2025, 6, 1) + timedelta(days=number - 1)


def norm(subject, due, latest, *channels):
    return Reason(NORM, subject, day(due), day(latest), f"norm {subject}", channels)


def task(subject, due, kind=ACTIVITY, code="task"):
    return Reason(kind, subject, day(due), day(due), code)


def subjects(found):
    return [entry.subject for entry in found.entries]


def test_overdue_first_then_key_segments_then_who_waits_longest():
    ranks = {"a": 1, "a2": 1, "c": 3, "a due": 1, "c due": 3}
    reasons = [
        task("c due", 30),
        norm("c", 16, 20),
        task("nobody", 9),
        norm("a", 25, 27),
        norm("a2", 24, 27),
        norm("a due", 27, 35),
    ]
    found = plan(reasons, WEEK, TODAY, ranks)
    assert subjects(found) == ["a2", "a", "c", "nobody", "a due", "c due"]
    assert [(entry.state, entry.late) for entry in found.entries] == [
        (OVERDUE, 4),
        (OVERDUE, 3),
        (OVERDUE, 10),
        (OVERDUE, 15),
        (DUE, 1),
        (DUE, 0),
    ]


def test_all_that_asks_for_a_customer_is_one_entry_the_most_pressing_first():
    call = norm("a", 26, 40, "call")
    step = task("a", 30, STEP)
    activity = task("a", 27)
    answer = Reason(ANSWER, "a", day(27), day(30))
    assert plan([call, step, activity, answer], WEEK, TODAY, {}) == Plan(
        (Entry("a", OVERDUE, 2, (activity, call, answer, step)),)
    )


def test_what_is_due_later_is_not_in_the_day():
    assert plan([task("a", 31), norm("b", 31, 40)], WEEK, TODAY, {}) == Plan(())


@pytest.mark.parametrize(
    ("latest", "agreed", "is_put_off"),
    [
        # five working days ahead: Monday, 7 July
        (20, 31, True),
        (20, 37, True),
        (20, 38, False),
        # the norm's own last day is later
        (40, 40, True),
        (40, 41, False),
        # today is no later day: it is in the day as what was agreed
        (20, 30, False),
    ],
)
def test_an_agreed_contact_puts_a_norm_off(latest, agreed, is_put_off):
    found = plan([norm("a", 16, latest, "call", "meeting")], WEEK, TODAY, {}, {("a", "meeting"): day(agreed)})
    assert (subjects(found), found.agreed) == (([], ("a",)) if is_put_off else (["a"], ()))


def test_an_agreed_contact_of_another_channel_or_customer_does_not():
    agreed = {("a", "mail"): day(31), ("b", "call"): day(31)}
    assert subjects(plan([norm("a", 16, 20, "call")], WEEK, TODAY, {}, agreed)) == ["a"]


def test_who_is_put_off_by_one_norm_and_asked_for_by_something_else_is_in_the_day():
    call, letter = norm("a", 16, 20, "call"), norm("a", 17, 40, "mail")
    found = plan([call, letter], WEEK, TODAY, {}, {("a", "call"): day(31)})
    assert (found.entries[0].reasons, found.agreed) == ((letter,), ())


def test_an_unknown_kind_is_refused():
    with pytest.raises(OptionError):
        Reason("wish", "a", TODAY, TODAY)


REASONS = st.lists(
    st.builds(
        lambda kind, subject, due, room, code: Reason(
            kind, subject, TODAY + timedelta(days=due), TODAY + timedelta(days=due + room), code
        ),
        st.sampled_from(KINDS),
        st.integers(1, 6),
        st.integers(-30, 3),
        st.integers(0, 10),
        st.integers(),
    ),
    max_size=20,
)


@given(REASONS, st.randoms())
def test_the_order_of_input_does_not_matter_and_nothing_is_lost(reasons, random):
    ranks = {1: 2, 2: 1, 3: 1}
    found = plan(reasons, WEEK, TODAY, ranks)
    shuffled = random.sample(reasons, len(reasons))
    assert [entry.subject for entry in plan(shuffled, WEEK, TODAY, ranks).entries] == subjects(found)
    kept = [reason for entry in found.entries for reason in entry.reasons]
    assert sorted(map(repr, kept)) == sorted(repr(reason) for reason in reasons if reason.due <= TODAY)
    assert len(set(subjects(found))) == len(found.entries)
    states = [entry.state for entry in found.entries]
    assert states == sorted(states, key=(OVERDUE, DUE).index)

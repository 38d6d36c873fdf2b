"""What is proposed after a contact, by its result, the norms and who is away."""

from datetime import date, timedelta

import pytest
from addons.sdm_segmentation.engine.calendar import FIVE_DAYS, Calendar, add_working_days, is_working
from addons.sdm_segmentation.engine.enrolment import (
    BAD_DATA,
    CONNECTED,
    CONTACT_LATER,
    DISPOSITIONS,
    DUPLICATE,
    NO_RESPONSE,
    NOT_INTERESTED,
)
from addons.sdm_segmentation.engine.next_step import NextStep, Standing, fit, propose
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st

WEEK = Calendar()
# Friday, 27 June 2025
FRIDAY = date(2025, 6, 27)
JULY = date(2025, 7, 1)
CALL = Standing("call", ("call", "meeting"), 10, 15, date(2025, 6, 20), date(2025, 6, 27))
MEETING = Standing("meeting", ("meeting",), 20, 30, date(2025, 7, 15), date(2025, 7, 29))


def away(first, last):
    return Calendar(FIVE_DAYS, {}, ((first, last),))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (NO_RESPONSE, (NextStep("again", date(2025, 6, 30), "call"),)),
        (CONTACT_LATER, (NextStep("later", date(2025, 7, 4), "call"),)),
        (BAD_DATA, (NextStep("correct", date(2025, 6, 30)),)),
        (DUPLICATE, ()),
        (CONNECTED, ()),
        (NOT_INTERESTED, ()),
    ],
)
def test_the_result_alone(result, expected):
    assert propose(result, "call", FRIDAY, WEEK, WEEK) == expected


def test_an_unknown_result_is_refused():
    with pytest.raises(OptionError):
        propose("maybe", "call", FRIDAY, WEEK, WEEK)


def test_after_a_contact_the_norms_say_what_comes_first():
    # ten working days after 27 June
    assert propose(CONNECTED, "call", FRIDAY, WEEK, WEEK, (MEETING, CALL)) == (
        NextStep("norm", date(2025, 7, 11), "call", 10),
        NextStep("norm", date(2025, 7, 15), "meeting", 20),
    )


def test_a_meeting_keeps_the_norm_of_calls_too():
    assert propose(CONNECTED, "meeting", FRIDAY, WEEK, WEEK, (MEETING, CALL)) == (
        NextStep("norm", date(2025, 7, 11), "call", 10),
        NextStep("norm", date(2025, 7, 25), "meeting", 20),
    )


def test_a_call_keeps_no_norm_of_meetings_so_an_overdue_one_comes_next():
    overdue = Standing("meeting", ("meeting",), 20, 30, date(2025, 6, 2), date(2025, 6, 16))
    assert propose(CONNECTED, "call", FRIDAY, WEEK, WEEK, (CALL, overdue))[0] == NextStep(
        "norm", date(2025, 6, 30), "meeting", 20
    )


def test_the_step_of_the_playbook_comes_before_its_norms_but_not_after_a_refusal():
    step = ("meeting", date(2025, 7, 22))
    found = propose(CONNECTED, "call", FRIDAY, WEEK, WEEK, (CALL,), step)
    assert [(one.reason, one.day) for one in found] == [("step", step[1]), ("norm", date(2025, 7, 11))]
    assert [one.reason for one in propose(NOT_INTERESTED, "call", FRIDAY, WEEK, WEEK, (CALL,), step)] == ["norm"]


def test_tomorrow_is_a_day_on_which_the_person_works():
    own = away(date(2025, 6, 30), date(2025, 7, 4))
    assert propose(NO_RESPONSE, "call", FRIDAY, WEEK, own) == (NextStep("again", date(2025, 7, 7), "call"),)
    assert propose(CONTACT_LATER, "call", FRIDAY, WEEK, own) == (NextStep("later", date(2025, 7, 11), "call"),)


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        ((date(2025, 7, 1), date(2025, 7, 10)), date(2025, 7, 11)),
        # back on Monday, in time until Friday, the 18th
        ((date(2025, 7, 7), date(2025, 7, 11)), date(2025, 7, 14)),
        # back too late: the last own working day before
        ((date(2025, 7, 11), date(2025, 7, 25)), date(2025, 7, 10)),
        # away until then and beyond: as soon as the person is back
        ((date(2025, 6, 28), date(2025, 7, 25)), date(2025, 7, 28)),
    ],
)
def test_a_leave_moves_the_day_of_a_norm(leave, expected):
    [found] = propose(CONNECTED, "call", FRIDAY, WEEK, away(*leave), (CALL,))
    assert found.day == expected


@given(
    st.dates(date(2025, 1, 1), date(2025, 12, 31)),
    st.integers(-60, 60),
    st.integers(0, 30),
    st.integers(-10, 40),
    st.integers(0, 30),
)
def test_it_is_done_later_than_today_on_a_working_day(day, due, room, start, length):
    own = away(day + timedelta(days=start), day + timedelta(days=start + length))
    due = day + timedelta(days=due)
    found = fit(own, day, due, due + timedelta(days=room))
    assert found > day
    assert is_working(own, found)


@given(st.sampled_from(DISPOSITIONS), st.integers(1, 40), st.integers(0, 20))
def test_who_is_never_away_keeps_the_norm(result, ideal, room):
    standing = Standing("call", ("call",), ideal, ideal + room, JULY, JULY)
    for found in propose(result, "call", FRIDAY, WEEK, WEEK, (standing,)):
        if found.reason == "norm":
            assert found.day == add_working_days(WEEK, FRIDAY, ideal)

"""The way through the steps of a playbook."""

from datetime import date, timedelta

import pytest
from addons.sdm_segmentation.engine.calendar import Calendar, count_working_days, is_working
from addons.sdm_segmentation.engine.enrolment import (
    ACTIVE,
    ANSWERED,
    CONNECTED,
    ENDED,
    NO_MORE_STEPS,
    NO_RESPONSE,
    ORDERED,
    PAUSED,
    REMOVED,
    RUNNING,
    TOO_SOON,
    Absence,
    Assignment,
    Done,
    Step,
    TransitionError,
    assign,
    complete,
    due_on,
    end,
    enrol,
    happen,
    pause,
    refuse,
    resume,
)
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st

WEEK = Calendar()
DAY = timedelta(days=1)
STEPS = (Step("mail"), Step("call", 2), Step("visit", 3))
MON, TUE, WED, THU, FRI, SAT = (date(2026, 2, day) for day in range(2, 8))


def test_from_the_first_step_to_the_last():
    enrolment = enrol(STEPS, MON)
    assert (enrolment.state, enrolment.step.code, due_on(enrolment, WEEK)) == (ACTIVE, "mail", MON)
    enrolment = complete(enrolment, TUE, NO_RESPONSE)
    # two working days after Tuesday, when the mail was sent
    assert (enrolment.step.code, due_on(enrolment, WEEK)) == ("call", THU)
    enrolment = complete(enrolment, FRI)
    # three after Friday: Wednesday 11
    assert due_on(enrolment, WEEK) == date(2026, 2, 11)
    enrolment = complete(enrolment, date(2026, 2, 12), CONNECTED)
    assert enrolment.done == (
        Done("mail", TUE, NO_RESPONSE),
        Done("call", FRI),
        Done("visit", date(2026, 2, 12), CONNECTED),
    )
    assert (enrolment.state, enrolment.reason, enrolment.disposition, enrolment.ended_on) == (
        ENDED,
        NO_MORE_STEPS,
        CONNECTED,
        date(2026, 2, 12),
    )
    assert (enrolment.step, due_on(enrolment, WEEK)) == (None, None)


def test_a_step_at_once_waits_for_the_next_working_day():
    assert due_on(enrol(STEPS, SAT), WEEK) == date(2026, 2, 9)


def test_a_pause_moves_what_is_due_by_its_working_days():
    enrolment = complete(enrol(STEPS, MON), MON)
    assert due_on(enrolment, WEEK) == WED
    paused = pause(enrolment, TUE)
    assert (paused.state, due_on(paused, WEEK), paused.step.code) == (PAUSED, None, "call")
    # Tuesday to Friday are lost: two days from Monday 9 on instead of Tuesday
    resumed = resume(paused, date(2026, 2, 9), WEEK)
    assert (resumed.state, resumed.shift, resumed.paused_on) == (ACTIVE, 4, None)
    assert due_on(resumed, WEEK) == date(2026, 2, 10)
    # a second pause adds to the first, and the next step has nothing to do with either
    again = resume(pause(resumed, date(2026, 2, 9)), date(2026, 2, 10), WEEK)
    assert due_on(again, WEEK) == date(2026, 2, 11)
    assert complete(again, date(2026, 2, 11)).shift == 0


def test_a_pause_of_no_days_changes_nothing():
    enrolment = enrol(STEPS, MON)
    assert resume(pause(enrolment, TUE), TUE, WEEK) == enrolment


def test_an_answer_ends_it_where_the_playbook_says_so():
    enrolment = complete(enrol(STEPS, MON), MON)
    assert happen(enrolment, ANSWERED, TUE, (ORDERED,)) == enrolment
    for found in (enrolment, pause(enrolment, TUE)):
        ended = happen(found, ORDERED, WED, (ORDERED, ANSWERED))
        assert (ended.state, ended.reason, ended.ended_on, ended.paused_on) == (ENDED, ORDERED, WED, None)
    assert happen(ended, ANSWERED, THU, (ANSWERED,)) == ended


def test_taken_out_by_hand():
    ended = end(enrol(STEPS, MON), TUE, REMOVED, "duplicate")
    assert (ended.reason, ended.disposition) == (REMOVED, "duplicate")


@pytest.mark.parametrize(
    ("action", "states"),
    [
        (lambda found: complete(found, FRI), {ACTIVE}),
        (lambda found: pause(found, FRI), {ACTIVE}),
        (lambda found: resume(found, FRI, WEEK), {PAUSED}),
        (lambda found: end(found, FRI, REMOVED), {ACTIVE, PAUSED}),
    ],
)
def test_what_a_state_allows(action, states):
    active = enrol(STEPS, MON)
    for found in (active, pause(active, TUE), end(active, TUE, REMOVED)):
        if found.state in states:
            action(found)
            continue
        with pytest.raises(TransitionError) as caught:
            action(found)
        assert caught.value.state == found.state


@pytest.mark.parametrize(
    "action",
    [
        lambda: enrol((), MON),
        lambda: enrol((Step("a"), Step("a")), MON),
        lambda: enrol((Step("a", -1),), MON),
        lambda: complete(enrol(STEPS, MON), MON, "fine"),
        lambda: end(enrol(STEPS, MON), MON, "bored"),
        lambda: end(enrol(STEPS, MON), MON, REMOVED, "fine"),
        lambda: happen(enrol(STEPS, MON), "rain", MON, ()),
        lambda: resume(pause(enrol(STEPS, MON), TUE), MON, WEEK),
    ],
)
def test_what_has_no_meaning_is_refused(action):
    with pytest.raises(OptionError):
        action()


def test_who_may_begin_anew():
    running = enrol(STEPS, MON)
    ended = end(running, TUE, REMOVED)
    assert refuse([], MON) is None
    assert refuse([running], FRI) == RUNNING
    assert refuse([ended, pause(running, TUE)], FRI) == RUNNING
    assert refuse([ended], TUE) is None
    assert refuse([ended], TUE + 29 * DAY, 30) == TOO_SOON
    assert refuse([ended], TUE + 30 * DAY, 30) is None


@pytest.mark.parametrize(
    ("absences", "assignment"),
    [
        ([], Assignment("a", "a")),
        ([Absence("a", MON, TUE, "b")], Assignment("a", "a")),
        ([Absence("a", MON, WED, "b")], Assignment("b", "a", ("a",))),
        ([Absence("a", MON, None, "b"), Absence("b", WED, WED, "c")], Assignment("c", "a", ("a", "b"))),
        # nobody stands in, or in a circle: the step stays where it is, and it shows
        ([Absence("a", WED)], Assignment("a", "a", ("a",), False)),
        ([Absence("a", WED, WED, "b"), Absence("b", WED)], Assignment("a", "a", ("a", "b"), False)),
        ([Absence("a", WED, WED, "b"), Absence("b", WED, WED, "a")], Assignment("a", "a", ("a", "b"), False)),
    ],
)
def test_who_does_it_on_wednesday(absences, assignment):
    assert assign("a", WED, absences) == assignment


dates = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(dates, st.integers(1, 20), st.integers(0, 30), st.integers(0, 60))
def test_a_pause_costs_no_waiting_time(start, wait, until_pause, length):
    enrolment = enrol((Step("a", wait),), start)
    planned = due_on(enrolment, WEEK)
    paused_on = start + DAY + until_pause * DAY
    resumed_on = paused_on + length * DAY
    found = resume(pause(enrolment, paused_on), resumed_on, WEEK)
    lost = count_working_days(WEEK, paused_on, resumed_on - DAY)
    due = due_on(found, WEEK)
    assert is_working(WEEK, due)
    assert count_working_days(WEEK, planned + DAY, due) == lost

"""Contact norms, coverage and what the facts propose."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from addons.sdm_segmentation.engine.calendar import HOLIDAY, Calendar, Day, by_date
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.playbook import (
    DUE,
    FEW,
    FINE,
    LONGER,
    OVERDUE,
    SAME,
    SHORTER,
    Account,
    Contact,
    Coverage,
    Demand,
    Norm,
    Proposal,
    Total,
    cover,
    demands,
    observed_interval,
    propose,
    propose_interval,
    total,
)
from hypothesis import given
from hypothesis import strategies as st

WEEK = Calendar()
DAY = timedelta(days=1)
# a meeting each 10 working days, 15 at most; February 2026 begins on a Sunday
MEETING = Norm("meeting", 10, 15, 60)
CALL = Norm("call", 5, 5, counts=("meeting",))
MONDAY = date(2026, 2, 2)


def account(*contacts, norms=(MEETING,), since=MONDAY, until=None, key="a"):
    return Account(key, since, norms, tuple(Contact(channel, day) for channel, day in contacts), until)


@pytest.mark.parametrize(
    ("day", "state", "late"),
    [
        (MONDAY, FINE, 0),
        # ten working days after Monday 2 are Monday 16, fifteen are Monday 23
        (date(2026, 2, 15), FINE, 0),
        (date(2026, 2, 16), DUE, 0),
        (date(2026, 2, 23), DUE, 5),
        (date(2026, 2, 24), OVERDUE, 6),
    ],
)
def test_due_from_the_last_contact(day, state, late):
    [demand] = demands(account(("meeting", MONDAY), since=date(2025, 1, 1)), WEEK, day)
    assert demand == Demand("a", "meeting", MONDAY, date(2026, 2, 16), date(2026, 2, 23), state, late)


def test_without_contact_the_norm_runs_from_its_first_day():
    [demand] = demands(account(), WEEK, date(2026, 2, 16))
    assert (demand.last, demand.due, demand.state) == (None, date(2026, 2, 16), DUE)


def test_holidays_and_leaves_do_not_count():
    calendar = Calendar(
        days=by_date([Day(date(2026, 2, 10), HOLIDAY, Decimal(0))]),
        leaves=((date(2026, 2, 12), date(2026, 2, 13)),),
    )
    # one holiday and two days of leave later: Thursday 19
    assert demands(account(), calendar, MONDAY)[0].due == date(2026, 2, 19)


def test_a_meeting_keeps_the_norm_of_calls_too():
    found = demands(account(("meeting", MONDAY), norms=(MEETING, CALL)), WEEK, date(2026, 2, 10))
    # the call is due on Monday 9 and overdue a day later; it presses most
    assert [(demand.channel, demand.last, demand.state) for demand in found] == [
        ("call", MONDAY, OVERDUE),
        ("meeting", MONDAY, FINE),
    ]
    # a call is no meeting
    assert demands(account(("call", MONDAY + DAY)), WEEK, MONDAY + DAY)[0].last is None


def test_a_contact_of_tomorrow_has_not_taken_place():
    assert demands(account(("meeting", MONDAY + DAY)), WEEK, MONDAY)[0].last is None


FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))
BEFORE = date(2025, 1, 1)


@pytest.mark.parametrize(
    ("contacts", "required", "done", "counted", "overdue"),
    [
        # last one on 26 January: due on 9 February and, ten days later, on the 23rd
        ([date(2026, 1, 26)], 2, 0, 0, True),
        ([date(2026, 1, 26), date(2026, 2, 9)], 2, 1, 1, False),
        # early, and twice on one day
        ([date(2026, 1, 26), date(2026, 2, 3), date(2026, 2, 3)], 2, 1, 1, True),
        # three visits do not count as more than the two that were due
        ([date(2026, 1, 26), date(2026, 2, 3), date(2026, 2, 10), date(2026, 2, 20)], 2, 3, 2, False),
        # overdue since December: due at once (1 February), then on the 13th and the 27th
        ([date(2025, 12, 1)], 3, 0, 0, True),
    ],
)
def test_coverage_of_a_month(contacts, required, done, counted, overdue):
    [row] = cover(account(*(("meeting", day) for day in contacts), since=BEFORE), WEEK, *FEBRUARY)
    assert row == Coverage("a", "meeting", required, done, counted, overdue)
    assert row.surplus == done - counted


def test_a_norm_of_quarters_asks_for_nothing_in_a_month_without_its_day():
    norms = (Norm("meeting", 60, 70),)
    [row] = cover(
        account(("meeting", date(2026, 1, 20)), ("meeting", date(2026, 2, 3)), norms=norms, since=BEFORE),
        WEEK,
        *FEBRUARY,
    )
    assert (row.required, row.done, row.counted, row.surplus) == (0, 1, 0, 1)


def test_coverage_only_on_the_days_of_the_norm():
    # due on Monday 16, ten days after the start, and then on 2 March
    assert cover(account(), WEEK, *FEBRUARY)[0].required == 1
    assert cover(account(until=date(2026, 2, 15)), WEEK, *FEBRUARY)[0].required == 0
    assert cover(account(since=date(2026, 3, 1)), WEEK, *FEBRUARY) == ()
    assert cover(account(since=BEFORE, until=date(2026, 1, 31)), WEEK, *FEBRUARY) == ()


def test_over_visiting_one_does_not_make_up_for_another():
    rows = [
        Coverage("a", "meeting", 2, 5, 2, False),
        Coverage("b", "meeting", 2, 0, 0, True),
        Coverage("c", "meeting", 0, 3, 0, False),
        Coverage("d", "meeting", 1, 1, 1, False),
        Coverage("d", "call", 3, 2, 2, True),
    ]
    found = total(rows)
    # of 8 that were due 5 count, though 11 took place; of three customers only "a" has all
    assert found == Total(8, 11, 5, 2, 3, 1)
    assert (found.share, found.share_of_customers) == (Fraction(5, 8), Fraction(1, 3))
    assert (total([]).share, total([]).share_of_customers) == (None, None)


@pytest.mark.parametrize(
    ("observed", "proposal"),
    [
        # median 10 is within 20 % of 12 (9.6 to 14.4)
        ([8, 10, 30], Proposal(12, 12, Fraction(10), 3, SAME)),
        ([8, 9, 30], Proposal(12, 9, Fraction(9), 3, SHORTER)),
        ([15, 16, 17, 18], Proposal(12, 17, Fraction(33, 2), 4, LONGER)),
        ([8, 9], Proposal(12, None, Fraction(17, 2), 2, FEW)),
        ([], Proposal(12, None, None, 0, FEW)),
    ],
)
def test_what_the_facts_propose(observed, proposal):
    assert propose(12, observed, 3, Decimal(20)) == proposal


def test_the_limit_of_the_tolerance_stays():
    assert propose(10, [12], 1, Decimal(20)).reason == SAME
    assert propose(10, [Fraction(1201, 100)], 1, Decimal(20)).reason == LONGER


def test_each_customer_counts_once_with_its_own_median():
    # Mondays: gaps of 5, 5 and 10 working days, median 5
    often = account(*(("meeting", MONDAY + days * DAY) for days in (0, 7, 14, 28)), key="a")
    # gaps of 20
    rarely = [account(*(("meeting", MONDAY + days * DAY) for days in (0, 28, 56, 84)), key=key) for key in ("b", "c")]
    once = account(("meeting", MONDAY), key="d")
    assert [observed_interval(each, MEETING, WEEK) for each in (often, *rarely, once)] == [5, 20, 20, None]
    proposal = propose_interval(MEETING, [often, *rarely, once], WEEK, minimum_customers=3)
    assert proposal == Proposal(10, 20, Fraction(20), 3, LONGER)
    assert propose_interval(MEETING, [often], WEEK).reason == FEW


@pytest.mark.parametrize(
    ("settings", "option"),
    [((0, 5), "ideal"), ((5, 4), "maximum"), ((5, 5, 0), "minutes")],
)
def test_a_norm_without_meaning_is_refused(settings, option):
    with pytest.raises(OptionError) as caught:
        Norm("call", *settings)
    assert caught.value.option == option


def test_a_channel_has_one_norm():
    with pytest.raises(OptionError):
        account(norms=(MEETING, MEETING))


days = st.integers(-60, 60).map(lambda number: MONDAY + number * DAY)
accounts = st.builds(
    lambda key, contacts, ideal, more: account(
        *(("meeting", day) for day in contacts), norms=(Norm("meeting", ideal, ideal + more),), since=BEFORE, key=key
    ),
    st.integers(0, 10**6),
    st.lists(days, max_size=12),
    st.integers(1, 30),
    st.integers(0, 10),
)


@given(accounts, days, st.integers(0, 60))
def test_what_counts_is_neither_more_than_due_nor_than_done(found, first, length):
    for row in cover(found, WEEK, first, first + length * DAY):
        assert 0 <= row.counted == min(row.required, row.done)


@given(st.lists(accounts, max_size=6, unique_by=lambda found: found.key), st.permutations(range(6)))
def test_totals_add_up_in_any_order(found, order):
    rows = [row for each in found for row in cover(each, WEEK, *FEBRUARY)]
    mixed = [rows[number] for number in order if number < len(rows)]
    whole = total(rows)
    assert total(mixed) == whole
    assert whole.share is None or 0 <= whole.share <= 1
    assert whole.covered <= whole.customers <= len(found)


@given(accounts, days, days)
def test_one_more_contact_never_makes_it_more_pressing(found, day, contact):
    pressure = [FINE, DUE, OVERDUE]
    more = account(
        *((each.channel, each.day) for each in found.contacts), ("meeting", contact), norms=found.norms, since=BEFORE
    )
    [before], [after] = demands(found, WEEK, day), demands(more, WEEK, day)
    assert pressure.index(after.state) <= pressure.index(before.state)
    assert after.late <= before.late

"""The decision map: what holds, what is missing, and what does not fit together."""

from datetime import date, timedelta

import pytest
from addons.sdm_segmentation.engine.decision_map import (
    CHANGED_SINCE,
    CONTRADICTS,
    DECIDED,
    MISSING,
    OUT_OF_DATE,
    RESTS_ON_NOTHING,
    REVIEW_DUE,
    SAYS_OTHERWISE,
    STATES,
    Cell,
    Decision,
    Link,
    Reason,
    count,
    judge,
)
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 3, 16)
LINKS = (Link("segment"), Link("strategy", ("segment",)), Link("playbook", ("strategy", "not there")))
JANUARY, FEBRUARY = date(2026, 1, 12), date(2026, 2, 2)


def judged(**decisions):
    """Cells of one segment: link -> Cell."""
    by_place = {("A", link): decision for link, decision in decisions.items()}
    return {link: cell for (_row, link), cell in judge(LINKS, ["A"], by_place, TODAY).items()}


def test_nothing_decided_is_missing_everywhere():
    assert judged() == {link.code: Cell(MISSING) for link in LINKS}


def test_decided_in_order_holds():
    cells = judged(segment=Decision(JANUARY), strategy=Decision(JANUARY), playbook=Decision(FEBRUARY))
    assert cells == {link.code: Cell(DECIDED) for link in LINKS}


def test_a_draft_is_missing_whatever_it_says():
    assert judged(segment=Decision(JANUARY), strategy=Decision(None, JANUARY, "no"))["strategy"] == Cell(MISSING)


@pytest.mark.parametrize(
    ("decision", "strategy", "cell"),
    [
        # rests on nothing
        (Decision(FEBRUARY), Decision(), Cell(CONTRADICTS, (Reason(RESTS_ON_NOTHING, "strategy"),))),
        # decided on the same day as what it rests on
        (Decision(FEBRUARY), Decision(FEBRUARY), Cell(DECIDED)),
        # what it rests on was decided anew
        (
            Decision(JANUARY),
            Decision(FEBRUARY),
            Cell(OUT_OF_DATE, (Reason(CHANGED_SINCE, "strategy", FEBRUARY),)),
        ),
        # the review is due on its day, not the day before
        (Decision(FEBRUARY, TODAY), Decision(JANUARY), Cell(OUT_OF_DATE, (Reason(REVIEW_DUE, None, TODAY),))),
        (Decision(FEBRUARY, TODAY + timedelta(days=1)), Decision(JANUARY), Cell(DECIDED)),
        # the gravest counts, all are told
        (
            Decision(JANUARY, TODAY, "Serve cheaply, and a meeting a month."),
            Decision(FEBRUARY),
            Cell(
                CONTRADICTS,
                (Reason(SAYS_OTHERWISE), Reason(CHANGED_SINCE, "strategy", FEBRUARY), Reason(REVIEW_DUE, None, TODAY)),
            ),
        ),
    ],
)
def test_a_decision_against_what_it_rests_on(decision, strategy, cell):
    cells = judged(segment=Decision(JANUARY), strategy=strategy, playbook=decision)
    assert cells["playbook"] == cell


def test_segments_do_not_touch_each_other():
    cells = judge(LINKS, ["A", "B"], {("A", "segment"): Decision(JANUARY), ("B", "strategy"): Decision(JANUARY)}, TODAY)
    assert cells["A", "segment"].state == DECIDED
    assert cells["A", "strategy"].state == MISSING
    assert cells["B", "strategy"] == Cell(CONTRADICTS, (Reason(RESTS_ON_NOTHING, "segment"),))


def test_count_names_every_state():
    assert count([Cell(DECIDED), Cell(MISSING), Cell(MISSING)]) == {
        DECIDED: 1,
        OUT_OF_DATE: 0,
        CONTRADICTS: 0,
        MISSING: 2,
    }


days = st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1))
decisions = st.builds(Decision, days, days, st.sampled_from(["", "no"]))


@given(st.dictionaries(st.tuples(st.sampled_from("ABC"), st.sampled_from([link.code for link in LINKS])), decisions))
def test_every_cell_is_judged_and_only_what_holds_has_no_reason(found):
    cells = judge(LINKS, "ABC", found, TODAY)
    assert set(cells) == {(row, link.code) for row in "ABC" for link in LINKS}
    for place, cell in cells.items():
        in_force = place in found and found[place].since is not None
        assert (cell.state == MISSING) == (not in_force)
        assert bool(cell.reasons) == (cell.state in (CONTRADICTS, OUT_OF_DATE))
    assert sum(count(cells.values()).values()) == len(cells)
    assert tuple(count(cells.values())) == STATES

"""Where leads go by the rules of Odoo's assignment."""

from fractions import Fraction

import pytest
from addons.sdm_segmentation.engine.lead_routing import (
    FINE,
    NO_MATCH,
    NO_QUOTA,
    OVERLOADED,
    PAUSED,
    TEAM_OUT,
    Lot,
    Member,
    Share,
    Team,
    route,
)
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st


def lot(leads, teams="", members="", preferred="", segment=None):
    return Lot(leads, frozenset(teams), frozenset(members), frozenset(preferred), segment)


def expected(result):
    return {found.member: found.leads for found in result.expectations}


def verdicts(result):
    return {found.member: found.verdict for found in result.expectations}


@pytest.mark.parametrize(
    ("capacity", "quota"), [(0, 0), (14, 0), (15, 1), (30, 1), (44, 1), (45, 2), (60, 2), (300, 10)]
)
def test_leads_a_day_are_a_thirtieth_of_the_capacity(capacity, quota):
    assert Member("a", capacity).quota == quota


def test_leads_go_round_among_those_who_take_them():
    result = route([Team("N", (Member("a", 30), Member("b", 30), Member("c", 30)))], [lot(10, "N", "ab")])
    assert expected(result) == {"a": 5, "b": 5, "c": 0}
    assert verdicts(result) == {"a": FINE, "b": FINE, "c": NO_MATCH}


def test_who_prefers_them_comes_first():
    result = route([Team("N", (Member("a", 30), Member("b", 30)))], [lot(8, "N", "ab", "b"), lot(4, "N", "ab")])
    # eight go to b, four go round
    assert expected(result) == {"a": 2, "b": 10}


def test_two_teams_share_by_capacity_and_it_is_told():
    teams = [Team("N", (Member("a", 60),)), Team("S", (Member("b", 30),))]
    result = route(teams, [lot(9, "NS", "ab", segment="A")])
    assert expected(result) == {"a": 6, "b": 3}
    assert result.overlaps == (("N", "S", 9),)
    assert set(result.shares) == {Share("A", "N", "a", Fraction(6)), Share("A", "S", "b", Fraction(3))}


def test_a_paused_member_still_draws_leads_to_the_team():
    teams = [Team("N", (Member("a", 30, is_paused=True),)), Team("S", (Member("b", 30),))]
    result = route(teams, [lot(10, "NS", "ab")])
    assert (expected(result)["b"], result.no_member, result.nobody) == (5, {"N": 5}, 5)
    assert verdicts(result)["a"] == PAUSED


def test_why_nobody_gets_a_lead():
    teams = [
        Team("N", (Member("few", 14), Member("fine", 30))),
        Team("O", (Member("out", 30),), takes_part=False),
        Team("E", (Member("zero", 0),)),
    ]
    result = route(teams, [lot(5, "NOE", ["few", "fine", "out", "zero"]), lot(3, "O", ["out"])])
    assert verdicts(result) == {"few": NO_QUOTA, "fine": FINE, "out": TEAM_OUT, "zero": TEAM_OUT}
    assert result.no_team == 3


def test_more_than_the_capacity():
    result = route([Team("N", (Member("a", 30),))], [lot(31, "N", "a")])
    assert verdicts(result) == {"a": OVERLOADED}
    assert verdicts(route([Team("N", (Member("a", 30),))], [lot(30, "N", "a")])) == {"a": FINE}


@pytest.mark.parametrize(
    "teams",
    [
        [Team("N"), Team("N")],
        [Team("N", (Member("a", 1),)), Team("S", (Member("a", 1),))],
        [Team("N", (Member("a", -1),))],
    ],
)
def test_settings_without_meaning(teams):
    with pytest.raises(OptionError):
        route(teams, [])


TEAMS = [Team("N", (Member("a", 30), Member("b", 20))), Team("S", (Member("c", 45), Member("d", 5, is_paused=True)))]
lots = st.lists(
    st.builds(
        Lot,
        st.integers(0, 20),
        st.frozensets(st.sampled_from("NS")),
        st.frozensets(st.sampled_from("abcd")),
        st.frozensets(st.sampled_from("abcd")),
        st.sampled_from("AB"),
    ),
    max_size=5,
)


@given(lots)
def test_no_lead_is_lost_or_made(found):
    result = route(TEAMS, found)
    total = sum(each.leads for each in found)
    assert sum(expected(result).values()) + result.nobody == total
    assert sum(share.leads for share in result.shares) == total


@given(lots, st.randoms())
def test_the_order_does_not_matter(found, chance):
    mixed = list(found)
    chance.shuffle(mixed)
    assert expected(route(TEAMS, mixed)) == expected(route(TEAMS, found))
    assert expected(route(TEAMS[::-1], found)) == expected(route(TEAMS, found))


@given(lots)
def test_who_can_expect_leads_is_judged_fine(found):
    for each in route(TEAMS, found).expectations:
        assert not each.leads or each.verdict in (FINE, OVERLOADED)

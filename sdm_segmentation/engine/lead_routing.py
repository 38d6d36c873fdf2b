"""Who gets which leads by the rules of Odoo's assignment, told before it runs.

Odoo offers each lead to the teams whose domain it meets and draws one of them by chance, a team of twice the capacity
twice as often. Within the team it goes round among the members who take it: first to those who prefer it, each of them
up to the leads of a day. So what is told is what each member can expect, and who can expect nothing and why.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from .options import OUT_OF_RANGE, require, require_distinct

# A capacity is for so many days; leads are handed out day by day.
DAYS = 30

PAUSED = "paused"
NO_QUOTA = "no_quota"
NO_MATCH = "no_match"
TEAM_OUT = "team_out"
OVERLOADED = "overloaded"
FINE = "fine"

NO_TEAM = "no_team"
NO_MEMBER = "no_member"


@dataclass(frozen=True)
class Member:
    """A member of a team.

    :param capacity: leads that the member can take in thirty days; :param is_paused: gets none for now
    """

    key: Hashable
    capacity: int
    is_paused: bool = False

    @property
    def quota(self) -> int:
        """Leads a day: a thirtieth of the capacity, a half is rounded up; of a capacity below 15 nothing remains."""
        return (2 * self.capacity + DAYS) // (2 * DAYS)


@dataclass(frozen=True)
class Team:
    """A team that leads may go to.

    :param takes_part: whether Odoo's assignment looks at it
    """

    key: Hashable
    members: tuple[Member, ...] = ()
    takes_part: bool = True

    @property
    def capacity(self) -> int:
        """Of all members, also of those who are paused: so Odoo weighs a team."""
        return sum(member.capacity for member in self.members)


@dataclass(frozen=True)
class Lot:
    """Leads that meet the same domains.

    :param leads: how many; :param teams: keys of the teams whose domain they meet
    :param members: keys of the members whose domain they meet; :param preferred: of those who prefer them
    :param segment: what the leads have in common for whoever reads the result
    """

    leads: int
    teams: frozenset = frozenset()
    members: frozenset = frozenset()
    preferred: frozenset = frozenset()
    segment: Hashable | None = None


@dataclass(frozen=True)
class Expectation:
    """What a member can expect.

    :param leads: on the average; :param matched: how many leads the member would take at all
    :param verdict: ``fine``, or why none will come: ``team_out`` (the team takes no part or has no capacity),
        ``paused``, ``no_quota`` (a capacity below 15 is no lead a day), ``no_match``; ``overloaded``: more than the
        capacity
    """

    team: Hashable
    member: Hashable
    leads: Fraction
    matched: int
    verdict: str


@dataclass(frozen=True)
class Share:
    """Where leads of a segment go.

    :param team: None where no team takes them; :param member: None where the team takes them and nobody in it
    """

    segment: Hashable | None
    team: Hashable | None
    member: Hashable | None
    leads: Fraction


@dataclass(frozen=True)
class Result:
    """Where leads go.

    :param expectations: one for each member, in the order of the teams; :param shares: by segment
    :param overlaps: (one team, other team, leads that both would take); chance decides between them
    :param no_team: leads that no team takes; :param no_member: {team: leads that nobody in it takes}
    """

    expectations: tuple[Expectation, ...]
    shares: tuple[Share, ...]
    overlaps: tuple[tuple[Hashable, Hashable, int], ...]
    no_team: int
    no_member: dict

    @property
    def nobody(self) -> Fraction:
        """Leads that stay without a salesperson."""
        return self.no_team + sum(self.no_member.values(), Fraction(0))


def route(teams: Iterable[Team], lots: Iterable[Lot]) -> Result:
    """Where leads go on the average.

    :param teams: all that leads may go to; :param lots: the leads of thirty days
    :raise OptionError: a team or a member is there twice, or a capacity is negative
    """
    teams = list(teams)
    members = [member for team in teams for member in team.members]
    require_distinct([team.key for team in teams], "teams")
    require_distinct([member.key for member in members], "members")
    for member in members:
        require(member.capacity >= 0, "capacity", OUT_OF_RANGE, member.capacity)
    expected, matched = defaultdict(Fraction), defaultdict(int)
    shares, overlaps = defaultdict(Fraction), defaultdict(int)
    no_team, no_member = 0, defaultdict(Fraction)
    for lot in lots:
        takers = [team for team in teams if team.takes_part and team.capacity and team.key in lot.teams]
        if not takers:
            no_team += lot.leads
            shares[lot.segment, None, None] += lot.leads
        for place, team in enumerate(takers):
            for other in takers[place + 1 :]:
                overlaps[team.key, other.key] += lot.leads
            leads = Fraction(lot.leads * team.capacity, sum(taker.capacity for taker in takers))
            for member in team.members:
                matched[member.key] += lot.leads if member.key in lot.members else 0
            willing = _choose(team, lot)
            if not willing:
                no_member[team.key] += leads
                shares[lot.segment, team.key, None] += leads
            for member in willing:
                expected[member.key] += leads / len(willing)
                shares[lot.segment, team.key, member.key] += leads / len(willing)
    return Result(
        tuple(
            Expectation(
                team.key,
                member.key,
                expected[member.key],
                matched[member.key],
                _judge(team, member, matched[member.key], expected[member.key]),
            )
            for team in teams
            for member in team.members
        ),
        tuple(Share(*key, leads) for key, leads in shares.items() if leads),
        tuple((*pair, leads) for pair, leads in overlaps.items() if leads),
        no_team,
        {team: leads for team, leads in no_member.items() if leads},
    )


def _choose(team, lot):
    """The members among whom leads go round: those who prefer them, else all who take them."""
    willing = [member for member in team.members if member.key in lot.members and not member.is_paused and member.quota]
    preferring = [member for member in willing if member.key in lot.preferred]
    return preferring or willing


def _judge(team, member, matched, expected):
    if not team.takes_part or not team.capacity:
        return TEAM_OUT
    if member.is_paused:
        return PAUSED
    if not member.quota:
        return NO_QUOTA
    if not matched:
        return NO_MATCH
    return OVERLOADED if expected > member.quota * DAYS else FINE

"""The decision map: what is decided for each segment in each link of the chain, and where the links do not fit.

The chain is that of the method: segment, strategy, technology, KPI and so on (Sales Drive Management, "the chain that
every record can be followed along"). A decision rests on those of the same segment in the links before it. So it can be
there and still not hold: because what it rests on is missing, because that was decided anew later, because its review
is due, or because it says something else.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

# How a link of a segment stands
MISSING = "missing"
CONTRADICTS = "contradicts"
OUT_OF_DATE = "out_of_date"
DECIDED = "decided"
STATES = (DECIDED, OUT_OF_DATE, CONTRADICTS, MISSING)

# Why it does not hold
SAYS_OTHERWISE = "says_otherwise"
RESTS_ON_NOTHING = "rests_on_nothing"
CHANGED_SINCE = "changed_since"
REVIEW_DUE = "review_due"


@dataclass(frozen=True)
class Link:
    """A column of the map.

    :param code: identifies it
    :param requires: codes of the links that it rests on; unknown ones are passed over
    """

    code: Hashable
    requires: tuple[Hashable, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What is decided for a segment in a link.

    :param since: first day of what is in force; None: nothing is, at most a draft
    :param review: day on which it is looked at again
    :param conflict: a sentence on what it contradicts, empty where it fits
    """

    since: date | None = None
    review: date | None = None
    conflict: str = ""


@dataclass(frozen=True)
class Reason:
    """Why a decision does not hold.

    :param kind: ``says_otherwise``, ``rests_on_nothing``, ``changed_since`` or ``review_due``
    :param link: code of the link that it is about, None for itself
    :param day: since when
    """

    kind: str
    link: Hashable | None = None
    day: date | None = None


@dataclass(frozen=True)
class Cell:
    """How a link of a segment stands.

    :param state: ``missing``, ``contradicts``, ``out_of_date`` or ``decided``; the gravest of the reasons counts
    :param reasons: all of them, the gravest first; none where it holds or is missing
    """

    state: str
    reasons: tuple[Reason, ...] = ()


GRAVITY = {
    SAYS_OTHERWISE: CONTRADICTS,
    RESTS_ON_NOTHING: CONTRADICTS,
    CHANGED_SINCE: OUT_OF_DATE,
    REVIEW_DUE: OUT_OF_DATE,
}


def judge(
    links: Sequence[Link],
    rows: Iterable[Hashable],
    decisions: Mapping[tuple[Hashable, Hashable], Decision],
    today: date,
) -> dict[tuple[Hashable, Hashable], Cell]:
    """How every link of every segment stands.

    :param links: those that are decided segment by segment, in any order
    :param rows: the segments
    :param decisions: by (segment, link); where there is none, nothing is decided
    :param today: a review is due from its day on
    :return: {(segment, link): Cell}, each of them is there
    """
    known = {link.code for link in links}
    cells = {}
    for row in rows:
        for link in links:
            found = decisions.get((row, link.code), Decision())
            if found.since is None:
                cells[row, link.code] = Cell(MISSING)
                continue
            ground = [(code, decisions.get((row, code), Decision())) for code in link.requires if code in known]
            reasons = tuple(_find_reasons(found, ground, today))
            cells[row, link.code] = Cell(GRAVITY[reasons[0].kind] if reasons else DECIDED, reasons)
    return cells


def _find_reasons(found, ground, today):
    if found.conflict:
        yield Reason(SAYS_OTHERWISE)
    for code, below in ground:
        if below.since is None:
            yield Reason(RESTS_ON_NOTHING, code)
    for code, below in ground:
        if below.since is not None and below.since > found.since:
            yield Reason(CHANGED_SINCE, code, below.since)
    if found.review is not None and found.review <= today:
        yield Reason(REVIEW_DUE, None, found.review)


def count(cells: Iterable[Cell]) -> dict[str, int]:
    """How many cells stand how.

    :return: {state: number}, every state is there
    """
    found = Counter(cell.state for cell in cells)
    return {state: found[state] for state in STATES}

"""Maturity of a decision: what people answer, held against what the data show.

Data show whether deals have a next step; they do not show whether the next step was agreed. So people are asked, and
one scale serves both the answers and the maturity: 0 no, 1 in heads, 2 written down, 3 written and followed, 4 followed
and reviewed on facts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .diagnosis import ATTENTION, CRITICAL, StepFindings

IN_HEADS = 1
WRITTEN = 2
FOLLOWED = 3

# Reasons of a cap beside the levels of figures; contradictions
UNDECIDED = "undecided"
NOT_CARRIED_OUT = "not_carried_out"
SAID_FOLLOWED = "said_followed"
SAID_ABSENT = "said_absent"


@dataclass(frozen=True)
class Cap:
    """Why a decision cannot be more mature than ``limit`` (0..4), whatever is answered."""

    limit: int
    reason: str


@dataclass(frozen=True)
class Maturity:
    """How far a decision is, and why.

    :param value: 0..4; None where too little is answered: no answer is not "no"
    :param by_answers: what the answers alone say, 0..4 or None
    :param answered: questions with an answer; :param asked: all questions
    :param reason: of the cap that lowered the answers' value, None where none did
    """

    value: int | None = None
    by_answers: int | None = None
    answered: int = 0
    asked: int = 0
    reason: str | None = None


def maturity(answers: Sequence[int | None], caps: Iterable[Cap] = ()) -> Maturity:
    """Maturity of one decision: the mean of the answers, rounded down and held against the caps.

    :param answers: 0..4 for each question; None where nobody answered or somebody does not know
    :param caps: what forbids a higher value; the lowest one counts, the first of several alike
    :return: without a value while fewer than half of the questions are answered

    >>> maturity([3, 3, 2])
    Maturity(value=2, by_answers=2, answered=3, asked=3, reason=None)
    >>> maturity([4, 4, None], [Cap(3, "attention"), Cap(2, "critical")])
    Maturity(value=2, by_answers=4, answered=2, asked=3, reason='critical')
    >>> maturity([4, None, None])
    Maturity(value=None, by_answers=None, answered=1, asked=3, reason=None)
    """
    given = [answer for answer in answers if answer is not None]
    if not given or 2 * len(given) < len(answers):
        return Maturity(answered=len(given), asked=len(answers))
    by_answers = sum(given) // len(given)
    lowest = min(caps, key=lambda cap: cap.limit, default=None)
    if lowest is None or lowest.limit >= by_answers:
        return Maturity(by_answers, by_answers, len(given), len(answers))
    return Maturity(lowest.limit, by_answers, len(given), len(answers), lowest.reason)


def caps(finding: StepFindings) -> tuple[Cap, ...]:
    """What the data and the roadmap allow at most.

    A critical figure, or a decision that is recorded and of which its tool shows nothing: written down at most, since
    the facts contradict that it is followed. A figure that wants attention, or a decision that is not recorded as
    taken: followed at most, since nobody reviews it on facts.
    """
    found = []
    if finding.level == CRITICAL:
        found.append(Cap(WRITTEN, CRITICAL))
    if _is_not_carried_out(finding):
        found.append(Cap(WRITTEN, NOT_CARRIED_OUT))
    if finding.level == ATTENTION:
        found.append(Cap(FOLLOWED, ATTENTION))
    if not finding.decided:
        found.append(Cap(FOLLOWED, UNDECIDED))
    return tuple(found)


def contradiction(finding: StepFindings, by_answers: int | None) -> str | None:
    """Whether people and records say different things of a decision.

    :param by_answers: what the answers alone say, 0..4 or None
    :return: ``said_followed`` where the decision is said to be followed, but a figure is critical or its tool shows
        nothing; ``said_absent`` where it is recorded as taken, but nothing is said to be written down; else None
    """
    if by_answers is None:
        return None
    if by_answers >= FOLLOWED and (finding.level == CRITICAL or _is_not_carried_out(finding)):
        return SAID_FOLLOWED
    if by_answers <= IN_HEADS and finding.decided:
        return SAID_ABSENT
    return None


def _is_not_carried_out(finding: StepFindings) -> bool:
    return finding.decided and finding.missing

"""Exit criteria of a stage: what is missing before a deal moves on, and whether it may move all the same."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from .options import UNKNOWN, require, require_choice, require_distinct

WARN = "warn"
BLOCK = "block"
SEVERITIES = (WARN, BLOCK)

FREE = "free"
WARNED = "warned"
BLOCKED = "blocked"
EXEMPT = "exempt"


@dataclass(frozen=True)
class Criterion:
    """Something that must be there when a stage is left (a field, an activity, a document).

    :param severity: ``warn`` or ``block``; :param segments: segments that it is asked of; empty: of all
    """

    code: Hashable
    severity: str = WARN
    segments: tuple = ()

    def __post_init__(self):
        require_choice(self.severity, SEVERITIES, "severity")

    def asks(self, segment: Hashable | None) -> bool:
        """Whether the criterion is asked of a deal of a segment."""
        return not self.segments or segment in self.segments


@dataclass(frozen=True)
class Exemption:
    """Leave to move on without what is missing.

    :param author: who gives it; :param reason: why
    :param codes: the criteria that it is about; empty: all
    """

    author: Hashable
    reason: str
    codes: tuple = ()

    def frees(self, code: Hashable) -> bool:
        """Whether a criterion is one of those that the exemption is about."""
        return not self.codes or code in self.codes


@dataclass(frozen=True)
class Passage:
    """What a gate says.

    :param verdict: ``free`` (nothing is missing), ``warned``, ``blocked``, or ``exempt`` (what blocks was let pass)
    :param missing: codes of criteria that are not met and not exempt, in order; :param blocking: those that block
    :param exempted: codes that an exemption let pass, to be recorded with it
    :param met: how many criteria are met; :param asked: of how many
    """

    verdict: str
    missing: tuple = ()
    blocking: tuple = ()
    exempted: tuple = ()
    met: int = 0
    asked: int = 0

    @property
    def may_pass(self) -> bool:
        """Whether the deal may leave the stage."""
        return self.verdict != BLOCKED


def check(
    criteria: Iterable[Criterion],
    results: Mapping[Hashable, bool],
    segment: Hashable | None = None,
    exemption: Exemption | None = None,
) -> Passage:
    """Judge whether a deal may leave its stage.

    :param results: whether each criterion that is asked is met
    :param segment: of the deal's customer; :param exemption: leave that was given
    :raise OptionError: a criterion twice, or one without result: what was not checked counts neither as met nor as
        missing
    """
    asked = [criterion for criterion in criteria if criterion.asks(segment)]
    require_distinct([criterion.code for criterion in asked], "criteria")
    for criterion in asked:
        require(criterion.code in results, "results", UNKNOWN, criterion.code)
    unmet = [criterion for criterion in asked if not results[criterion.code]]
    exempted = [criterion for criterion in unmet if exemption is not None and exemption.frees(criterion.code)]
    missing = [criterion for criterion in unmet if criterion not in exempted]
    blocking = [criterion for criterion in missing if criterion.severity == BLOCK]
    if blocking:
        verdict = BLOCKED
    elif any(criterion.severity == BLOCK for criterion in exempted):
        verdict = EXEMPT
    else:
        verdict = WARNED if missing else FREE
    return Passage(verdict, _codes(missing), _codes(blocking), _codes(exempted), len(asked) - len(unmet), len(asked))


def _codes(criteria):
    return tuple(criterion.code for criterion in criteria)

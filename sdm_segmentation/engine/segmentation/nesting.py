"""Schemes that build on others: a matrix needs both of its schemes, a rule may ask for a class of another one."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ..options import UNKNOWN, require
from ..roadmap import Step, arrange


@dataclass(frozen=True)
class Scheme:
    """A scheme.

    :param code: what identifies it; :param uses: codes of the schemes whose classes it reads
    :param sequence: its place as the company wishes it, smaller first
    """

    code: Hashable
    uses: tuple = ()
    sequence: int = 0


@dataclass(frozen=True)
class Turn:
    """When a scheme is computed.

    :param code: the scheme; :param position: 1 comes first
    :param depth: 0 for a scheme that uses none, else one more than the deepest that it uses
    """

    code: Hashable
    position: int
    depth: int


def arrange_schemes(schemes: Iterable[Scheme]) -> tuple[Turn, ...]:
    """The order in which schemes are computed, each after those that it uses.

    :raise CycleError: schemes use each other in a circle, which the error names
    :raise OptionError: a scheme uses one that is not there
    """
    schemes = {scheme.code: scheme for scheme in schemes}
    for scheme in schemes.values():
        for code in scheme.uses:
            require(code in schemes, "uses", UNKNOWN, code)
    places = arrange(Step(scheme.code, scheme.sequence, scheme.uses) for scheme in schemes.values())
    depths = {}
    turns = []
    for place in places:
        used = schemes[place.code].uses
        depths[place.code] = 1 + max(depths[code] for code in used) if used else 0
        turns.append(Turn(place.code, place.position, depths[place.code]))
    return tuple(turns)


def touched_by(schemes: Iterable[Scheme], code: Hashable) -> tuple:
    """Codes of the schemes that have to be computed anew after one of them changed, in order, itself first."""
    schemes = list(schemes)
    uses = {scheme.code: set(scheme.uses) for scheme in schemes}
    touched = [code]
    for turn in arrange_schemes(schemes):
        if turn.code != code and uses[turn.code].intersection(touched):
            touched.append(turn.code)
    return tuple(touched)

"""Classes that do not flicker: separate limits for rising and falling, and runs that must agree.

Both are after the Schmitt trigger (O. H. Schmitt, A thermionic trigger, Journal of Scientific Instruments 15, 1938,
p. 24): what switches something on is more than what keeps it on. A customer close to a limit stays where it is until
it is well beyond, and until several runs in a row say so.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..options import NOT_RISING, OUT_OF_RANGE, WRONG_NUMBER, require, require_distinct

ENTERED = "entered"
LEFT = "left"
KEPT = "kept"
CONFIRMING = "confirming"
PROMOTED = "promoted"
DEMOTED = "demoted"
GRACE = "grace"

UP = "up"
DOWN = "down"


@dataclass(frozen=True)
class Bands:
    """Limits of classes, the best first, with a gap between coming and going.

    :param classes: codes; :param enter: for all classes but the last, from where on one comes into it from below
    :param leave: for the same classes, down to where one stays in it; where equal to ``enter`` there is no gap
    :param lower_is_better: the value is a place in the order (an ABC's share before, days of silence): smaller is
        better, and a limit is reached below it. Else a limit is reached at it and above.
    :raise OptionError: a class that is harder to stay in than to come into, or limits out of order
    """

    classes: tuple[Hashable, ...]
    enter: tuple[Decimal, ...]
    leave: tuple[Decimal, ...]
    lower_is_better: bool = False

    def __post_init__(self):
        require_distinct(self.classes, "classes")
        require(len(self.classes) == len(self.enter) + 1, "enter", WRONG_NUMBER, len(self.enter))
        require(len(self.classes) == len(self.leave) + 1, "leave", WRONG_NUMBER, len(self.leave))
        sign = 1 if self.lower_is_better else -1
        for limits, option in ((self.enter, "enter"), (self.leave, "leave")):
            for better, worse in zip(limits, limits[1:], strict=False):
                require(sign * better < sign * worse, option, NOT_RISING, worse)
        for enter, leave in zip(self.enter, self.leave, strict=True):
            require(sign * enter <= sign * leave, "leave", OUT_OF_RANGE, leave)

    def reaches(self, value: Decimal, limit: Decimal) -> bool:
        """Whether a value is good enough for a limit."""
        return value < limit if self.lower_is_better else value >= limit


def class_in_bands(value: Decimal, bands: Bands, previous: Hashable | None) -> Hashable:
    """Class of a value for a customer who comes from a class.

    Classes above the previous one ask for their ``enter`` limit, it and those below for their ``leave`` limit. Who has
    no class yet has to enter.
    """
    place = bands.classes.index(previous) if previous in bands.classes else len(bands.classes)
    for number, code in enumerate(bands.classes[:-1]):
        limit = bands.enter[number] if number < place else bands.leave[number]
        if bands.reaches(value, limit):
            return code
    return bands.classes[-1]


@dataclass(frozen=True)
class Confirmation:
    """How many runs in a row must agree.

    :param classes: all classes, the best first; :param runs_up: before a customer rises; :param runs_down: falls
    """

    classes: tuple[Hashable, ...]
    runs_up: int = 1
    runs_down: int = 1

    def __post_init__(self):
        require_distinct(self.classes, "classes")
        require(self.runs_up >= 1, "runs_up", OUT_OF_RANGE, self.runs_up)
        require(self.runs_down >= 1, "runs_down", OUT_OF_RANGE, self.runs_down)


@dataclass(frozen=True)
class State:
    """Where a customer stands between two runs.

    :param code: the class in force, None for none; :param pending: class that recent runs propose instead
    :param runs: how many runs in a row did
    """

    code: Hashable | None = None
    pending: Hashable | None = None
    runs: int = 0


@dataclass(frozen=True)
class Decision:
    """What a run decides.

    :param state: where the customer stands after it
    :param reason: ``entered``, ``left``, ``kept``, ``confirming``, ``promoted``, ``demoted`` or ``grace``
    :param needed: runs in a row that a change in this direction asks for
    """

    state: State
    reason: str
    needed: int = 1


def confirm(
    state: State,
    computed: Hashable | None,
    rule: Confirmation,
    day: date | None = None,
    grace_until: date | None = None,
) -> Decision:
    """Let a computed class change the one in force, if enough runs in a row agree.

    Runs agree when they point the same way; if they point to different classes, the nearest one to the class in force
    is what all of them agree on. A run the other way, or for the class in force, begins anew. Coming into the scheme
    and leaving it need no confirmation.

    :param state: as the last run left it; :param computed: what this run says, None for no class
    :param day: day of the run; :param grace_until: last day on which nobody falls, and no fall is counted
    :raise OptionError: a class that the rule does not know
    """
    for code in (state.code, computed):
        require(code is None or code in rule.classes, "classes", OUT_OF_RANGE, code)
    if computed is None or state.code is None:
        reason = KEPT if computed == state.code else LEFT if computed is None else ENTERED
        return Decision(State(computed), reason)
    way = _way(computed, state.code, rule.classes)
    if way is None:
        return Decision(State(computed), KEPT)
    needed = rule.runs_up if way == UP else rule.runs_down
    if way == DOWN and grace_until is not None and day is not None and day <= grace_until:
        return Decision(State(state.code), GRACE, needed)
    pending, runs = computed, 1
    if state.pending is not None and _way(state.pending, state.code, rule.classes) == way:
        pending, runs = _nearest(state.pending, computed, state.code, rule.classes), state.runs + 1
    if runs >= needed:
        return Decision(State(pending), PROMOTED if way == UP else DEMOTED, needed)
    return Decision(State(state.code, pending, runs), CONFIRMING, needed)


def _way(code, present, classes: Sequence[Hashable]):
    if code == present:
        return None
    return UP if classes.index(code) < classes.index(present) else DOWN


def _nearest(one, other, present, classes):
    place = classes.index(present)
    return min(one, other, key=lambda code: abs(classes.index(code) - place))

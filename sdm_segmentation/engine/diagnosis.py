"""Judgement of a diagnosis: measures in, findings out.

A measure is a number with the population it was taken from. It is judged against two limits; a decision of the method
is as good as its worst figure; the place to begin is the earliest decision in the order of the method that is worst,
because every later one rests on it.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import NormalDist

CRITICAL = "critical"
ATTENTION = "attention"
FINE = "fine"
INFORMATION = "information"
NO_DATA = "no_data"

# How much a level presses: the worst figure decides on a step, and the step that presses most comes first.
PRESSURE = {CRITICAL: 3, ATTENTION: 2, NO_DATA: 1, INFORMATION: 0, FINE: 0}
# A maturity up to this one presses like such a figure: nothing is written down; written, but nobody keeps to it.
PRESSING_MATURITY = {CRITICAL: 1, ATTENTION: 2}


@dataclass(frozen=True)
class Measurement:
    """What was measured, before anybody judges it.

    :param value: the figure (a share is 0..1); None when there is nothing to measure
    :param base: size of the population it was taken from
    :param part: how many of the population the figure is about
    :param details: further values for the sentence (names, amounts), ready for JSON
    :param conclusive: False when chance alone gives a figure of that size, so that it alarms nobody
    """

    value: float | None
    base: float = 0
    part: float = 0
    details: dict = field(default_factory=dict)
    conclusive: bool = True


@dataclass(frozen=True)
class Limits:
    """From which value on a figure wants attention or is critical; the limit itself already counts.

    Both None: the figure informs and is not judged. ``lower_is_worse`` turns the direction around.
    ``minimum_base`` is the smallest population that is judged: three deals prove nothing.
    """

    attention: float | None = None
    critical: float | None = None
    lower_is_worse: bool = False
    minimum_base: int = 1


@dataclass(frozen=True)
class StepFindings:
    """The figures of one decision, judged.

    :param code: the step; :param position: its place in the order of the method, 1 first
    :param levels: levels of its figures; :param decided: whether the decision is recorded as taken
    :param maturity: how far the decision is, 0..4 (see ``maturity.py``); None where nobody could say
    :param missing: whether the tool that carries the decision out shows nothing of it
    """

    code: Hashable
    position: int
    levels: tuple = ()
    decided: bool = False
    maturity: int | None = None
    missing: bool = False

    @property
    def level(self) -> str:
        """The verdict on the step: that of its worst figure, ``no_data`` where nothing could be judged."""
        return worst(self.levels)

    @property
    def pressure(self) -> int:
        """How much the step presses: by its worst figure or by its maturity, whichever presses more; 0 not at all.

        A step without data presses a little while it is neither decided nor anything is known of its maturity.
        """
        unknown = self.level == NO_DATA and (self.decided or self.maturity is not None)
        by_figures = 0 if unknown else PRESSURE[self.level]
        if self.maturity is None:
            return by_figures
        reached = [level for level, limit in PRESSING_MATURITY.items() if self.maturity <= limit]
        return max([by_figures, *(PRESSURE[level] for level in reached)])


@dataclass(frozen=True)
class StartingPoint:
    """Where to begin and what comes after; None and empty when nothing presses."""

    start: Hashable | None = None
    following: tuple = ()


def share(part: float, base: float, **details) -> Measurement:
    """A share of a population: ``part / base``, or no value where the population is empty."""
    return Measurement(part / base if base else None, base, part, details)


def judge(measurement: Measurement, limits: Limits) -> str:
    """Judge one figure against its limits.

    :return: ``critical``, ``attention``, ``fine``; ``information`` for a figure without limits or from too small a
        population to be judged; ``no_data`` when there was nothing to measure
    """
    if measurement.value is None:
        return NO_DATA
    if measurement.base < limits.minimum_base:
        return INFORMATION
    if not measurement.conclusive:
        return FINE
    sign = -1 if limits.lower_is_worse else 1
    for level, limit in ((CRITICAL, limits.critical), (ATTENTION, limits.attention)):
        if limit is not None and sign * measurement.value >= sign * limit:
            return level
    return INFORMATION if limits.attention is None and limits.critical is None else FINE


def beyond_chance(part: float, base: float, other_part: float, other_base: float) -> bool:
    """Whether two shares differ by more than chance gives (test of two proportions, 5 % on both sides together).

    :param part: of the first population, ``base`` its size; the second one likewise, both not empty
    """
    rate = (part + other_part) / (base + other_base)
    error = sqrt(rate * (1 - rate) * (1 / base + 1 / other_base))
    return abs(part / base - other_part / other_base) > NormalDist().inv_cdf(0.975) * error


def worst(levels: Iterable[str]) -> str:
    """The verdict over several figures.

    One figure that was judged is enough for a verdict: figures without data do not turn a fine step into an unknown
    one, and figures that only inform do not turn an unknown one into a fine one.
    """
    judged = [level for level in levels if level in (CRITICAL, ATTENTION, FINE)]
    return max(judged, key=PRESSURE.__getitem__, default=NO_DATA)


def starting_point(steps: Sequence[StepFindings], following: int = 3) -> StartingPoint:
    """Name the step to start with and the next ones.

    The earliest critical step in the order of the method comes first; without a critical one the earliest that wants
    attention; then those of which nothing is known and nothing decided. A step of which nothing is written down presses
    like a critical one, one that is written and not followed like one that wants attention. The following steps are
    ranked the same way.

    :param steps: findings of all steps; those that are fine and followed, or decided and without data, press nobody
    :param following: how many further steps to name
    """
    pressing = sorted((step for step in steps if step.pressure), key=lambda step: (-step.pressure, step.position))
    if not pressing:
        return StartingPoint()
    first, *rest = (step.code for step in pressing)
    return StartingPoint(first, tuple(rest[:following]))

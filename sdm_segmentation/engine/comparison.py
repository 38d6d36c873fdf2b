"""Comparison of two diagnoses: what became better, what worse, and what is noise."""

from dataclasses import dataclass
from math import isclose

from .diagnosis import ATTENTION, CRITICAL, FINE, INFORMATION, Limits, Measurement, beyond_chance, judge

BETTER = "better"
WORSE = "worse"
SAME = "same"
DIFFERENT = "different"

# A value without a test of chance (days, times, shares of money) must move by this share of the earlier one
NOISE = 0.1


@dataclass(frozen=True)
class Change:
    """A figure then and now.

    :param direction: ``better``, ``worse``, ``same`` (no change beyond noise), ``different`` for a figure that has no
        good direction; None where the two cannot be compared
    :param then: how the earlier value is judged by the limits of the later one; :param now: how the later one is
    """

    direction: str | None
    then: str
    now: str

    @property
    def is_new_critical(self) -> bool:
        """Critical now and judged to be less before, by the same limits and beyond noise."""
        return self.now == CRITICAL and self.then in (ATTENTION, FINE) and self.direction != SAME

    @property
    def is_resolved(self) -> bool:
        """Critical before and judged to be less now, by the same limits and beyond noise."""
        return self.then == CRITICAL and self.now in (ATTENTION, FINE) and self.direction != SAME


def compare(then: Measurement, now: Measurement, limits: Limits, is_share: bool = False) -> Change:
    """Compare a figure with an earlier one of its kind.

    Both are judged by the same limits, so that moving a limit improves nothing. Noise is called no change: a share that
    was counted must differ beyond chance; any other value must move by a tenth of the earlier one and must not stay
    fine all along.

    :param limits: those in force at the later one
    :param is_share: whether the value is a share; it is tested for chance where it is ``part / base``
    """
    levels = judge(then, limits), judge(now, limits)
    if any(side.value is None or side.base < limits.minimum_base for side in (then, now)):
        return Change(None, *levels)
    if not (then.conclusive and now.conclusive) or not _differ(then, now, levels, is_share):
        return Change(SAME, *levels)
    if INFORMATION in levels:
        return Change(DIFFERENT, *levels)
    improved = (now.value > then.value) == limits.lower_is_worse
    return Change(BETTER if improved else WORSE, *levels)


def _differ(then: Measurement, now: Measurement, levels: tuple[str, str], is_share: bool) -> bool:
    if is_share and all(_is_counted(side) for side in (then, now)):
        return beyond_chance(then.part, then.base, now.part, now.base)
    moved = abs(now.value - then.value)
    return moved > 0 and moved >= NOISE * abs(then.value) and levels != (FINE, FINE)


def _is_counted(measurement: Measurement) -> bool:
    return isclose(measurement.value, measurement.part / measurement.base, abs_tol=1e-5)


def compare_maturity(then: int | None, now: int | None) -> str | None:
    """``better``, ``worse`` or ``same``; None where one of the two is not known."""
    if then is None or now is None:
        return None
    return SAME if then == now else BETTER if now > then else WORSE

"""How far a target is: to date by working days, needed per day, and where it lands."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

UP = "up"
DOWN = "down"


@dataclass(frozen=True)
class Pace:
    """How a target stands on a day.

    :param due: what should be there by the pace of working days; None in a month without any
    :param pace: what is there by what should be, 1 is on pace; None where nothing should be yet
    :param missing: what is left of the target, 0 once it is reached
    :param needed: per working day that is left; None when none is left and something is missing
    :param landing: where the month ends if the days to come are like those that passed; None before the first one
    """

    due: Fraction | None
    pace: Fraction | None
    missing: Fraction
    needed: Fraction | None
    landing: Fraction | None


def pace_of(target: Decimal, actual: Decimal, passed: int, total: int) -> Pace:
    """Judge a target by working days.

    :param target: of the whole period; :param actual: so far
    :param passed: working days that are over, of the person's own calendar; :param total: of the whole period
    """
    target, actual = Fraction(target), Fraction(actual)
    left = total - passed
    due = target * passed / total if total else None
    missing = max(target - actual, Fraction(0))
    needed = None if left <= 0 and missing else missing / max(left, 1)
    return Pace(
        due=due,
        pace=actual / due if due else None,
        missing=missing,
        needed=needed,
        landing=actual * total / passed if passed else None,
    )


def attainment(actual: Decimal | None, target: Decimal | None, direction: str = UP) -> Fraction | None:
    """What part of a target is reached; 1 is all of it, whichever direction is better.

    Where less is better it is how far the actual is below or above the target: twice the target is 0, nothing is 2.

    >>> attainment(Decimal(120), Decimal(100), DOWN)
    Fraction(4, 5)

    :return: None without actual or without a target above 0: such an attainment says nothing
    """
    if actual is None or target is None or target <= 0:
        return None
    share = Fraction(actual) / Fraction(target)
    return share if direction == UP else 2 - share


@dataclass(frozen=True)
class Weighted:
    """A KPI of a scorecard.

    :param weight: among the others; :param value: its attainment, None where there is none
    :param cap: more than this counts as this; :param floor: less than this counts as this
    """

    weight: Decimal | Fraction | int
    value: Fraction | None
    cap: Fraction | None = None
    floor: Fraction | None = None

    def counted(self) -> Fraction | None:
        """The value within floor and cap."""
        if self.value is None:
            return None
        value = self.value if self.cap is None else min(self.value, self.cap)
        return value if self.floor is None else max(value, self.floor)


def weighted_index(parts: list[Weighted]) -> Fraction | None:
    """The attainments together; the weight of a KPI without a value is shared by the others.

    :return: None where no KPI with a weight has a value
    """
    known = [(Fraction(part.weight), part.counted()) for part in parts if part.value is not None]
    whole = sum(weight for weight, _value in known)
    return sum(weight * value for weight, value in known) / whole if whole else None


def band_of(value: Fraction | None, lower_bounds: list[Fraction]) -> int | None:
    """The number of the band of a value, 0 is below the first bound; a bound belongs to the band that it begins.

    :param lower_bounds: rising
    """
    if value is None:
        return None
    return sum(bound <= value for bound in lower_bounds)

"""A target that changes within a month: what of it is old and what is new, by working days."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from ....sdm_segmentation.engine.options import OUT_OF_RANGE, require
from .spread import CENT


@dataclass(frozen=True)
class Blend:
    """A target of a month in which it changes.

    :param value: of the whole month, what the old and the new part are together
    :param old: for the days before the change; :param new: for the day of the change and those after it
    :param share: part of the working days before the change; 0 where one target holds for all days
    """

    value: Decimal
    old: Decimal
    new: Decimal
    share: Fraction = Fraction(0)


def blend(
    old: Decimal | None,
    new: Decimal | None,
    passed: int,
    total: int,
    adds_up: bool = True,
    since: int = 0,
    before: Decimal = Decimal(0),
    step: Decimal = CENT,
) -> Blend:
    """The target of a month: the old one for the working days before the change, the new one for the others.

    >>> blend(Decimal(100), Decimal(200), 5, 20)
    Blend(value=Decimal('175.00'), old=Decimal('25.00'), new=Decimal('150.00'), share=Fraction(1, 4))

    Somebody who works on no day of the month has the new target. What cannot be added up over people (a share, an
    average) is weighed by days likewise, but where there is a target on one side only, that one holds for all days.

    :param old: target of the whole month before the change, None: there was none; :param new: after it
    :param passed: working days before the change; :param total: of the whole month
    :param adds_up: whether targets of people are added, so that none is 0
    :param since: working days that were over when the old target itself came, in a month of two changes
    :param before: what the targets before the old one come to for those days
    :param step: the smallest unit of a target
    :raise OptionError: days that do not follow each other within the month, or no target at all
    """
    require(0 <= since <= passed <= total, "passed", OUT_OF_RANGE, passed)
    require(old is not None or new is not None, "new", OUT_OF_RANGE, None)
    if not adds_up and (old is None or new is None):
        value = old if new is None else new
        return Blend(value, old or Decimal(0), new or Decimal(0))
    day = Fraction(1, total) if total else Fraction(0)
    old_part = Fraction(before) + Fraction(old or 0) * (passed - since) * day
    value = _round(old_part + Fraction(new or 0) * (1 - passed * day), step)
    rounded = _round(old_part, step)
    return Blend(value, rounded, value - rounded, passed * day)


def due_of(value: Fraction, passed: Fraction, old: Fraction = Fraction(0), share: Fraction = Fraction(0)) -> Fraction:
    """What should be there by now of a target that changes within the month: each day asks for what held on it.

    >>> due_of(Fraction(175), Fraction(1, 4), Fraction(25), Fraction(1, 4))
    Fraction(25, 1)

    :param value: of the whole month; :param passed: part of the working days that are over
    :param old: for the days before the change; :param share: part of the working days before the change
    """
    if not 0 < share < 1:
        return value * passed
    return old * min(passed / share, Fraction(1)) + (value - old) * max(passed - share, Fraction(0)) / (1 - share)


def _round(value: Fraction, step: Decimal) -> Decimal:
    """To the nearest step, half a step away from 0."""
    count = floor(abs(value) / Fraction(step) + Fraction(1, 2))
    return (-count if value < 0 else count) * step

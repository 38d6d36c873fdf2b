"""Ideal-client score: how much a customer looks like the one that we want, by weighted criteria.

A criterion turns a value (industry, headcount, growth) into 0..100 by a table or by ranges; the score is the weighted
mean. A criterion of which nothing is known is not 0: the score is taken over the known ones, and the completeness says
how much of the weight they are.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..options import (
    NOT_FALLING,
    NOT_HUNDRED,
    NOT_RISING,
    OUT_OF_RANGE,
    WRONG_NUMBER,
    OptionError,
    require,
    require_distinct,
)
from .exact import HUNDRED, to_decimal

ZERO = Decimal(0)


class WeightsError(OptionError):
    """Weights that are not 100 % together.

    :param total: what they add up to
    """

    def __init__(self, total: Decimal):
        self.total = total
        super().__init__("weights", NOT_HUNDRED, total)


@dataclass(frozen=True)
class Range:
    """Points of values from ``start`` on (included) up to ``end`` (not included); None for no limit."""

    points: Decimal
    start: Decimal | None = None
    end: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        """Whether a value lies in the range."""
        return (self.start is None or self.start <= value) and (self.end is None or value < self.end)


@dataclass(frozen=True)
class Criterion:
    """Something that the ideal client has.

    :param weight: percent of the whole
    :param table: points 0..100 by value, for values that are names; :param ranges: points of numbers, rising
    :param otherwise: points of a value outside of both; None: as if nothing were known
    """

    code: Hashable
    weight: Decimal
    table: Mapping[Hashable, Decimal] | None = None
    ranges: tuple[Range, ...] = ()
    otherwise: Decimal | None = None

    def __post_init__(self):
        require(self.weight > 0, "weight", OUT_OF_RANGE, self.code)
        points = [*(self.table or {}).values(), *(found.points for found in self.ranges)]
        for number in [*points, *([] if self.otherwise is None else [self.otherwise])]:
            require(0 <= number <= HUNDRED, "points", OUT_OF_RANGE, self.code)
        for lower, upper in zip(self.ranges, self.ranges[1:], strict=False):
            fits = lower.end is not None and upper.start is not None and lower.end <= upper.start
            require(fits, "ranges", NOT_RISING, self.code)
        for found in self.ranges:
            empty = found.start is not None and found.end is not None and found.start >= found.end
            require(not empty, "ranges", NOT_RISING, self.code)

    def judge(self, value: Hashable | None) -> Decimal | None:
        """Points of a value, None where nothing is known."""
        if value is None:
            return None
        if self.table and value in self.table:
            return self.table[value]
        if isinstance(value, int | Decimal):
            points = next((found.points for found in self.ranges if found.holds(value)), None)
            return self.otherwise if points is None else points
        return self.otherwise


@dataclass(frozen=True)
class Options:
    """Settings of a score.

    :param criteria: with weights of 100 % together
    :param grades: codes, the best first; :param limits: the least score of each grade, falling to 0
    :param minimum_completeness: percent of the weight that must be known for a grade
    :raise WeightsError: weights that are not 100 %; :raise OptionError: other settings without meaning
    """

    criteria: tuple[Criterion, ...]
    grades: tuple[Hashable, ...] = ("A", "B", "C")
    limits: tuple[Decimal, ...] = (Decimal(75), Decimal(50), ZERO)
    minimum_completeness: Decimal = ZERO

    def __post_init__(self):
        require_distinct([criterion.code for criterion in self.criteria], "criteria")
        total = sum((criterion.weight for criterion in self.criteria), ZERO)
        if total != HUNDRED:
            raise WeightsError(total)
        require(len(self.grades) == len(self.limits) > 0, "limits", WRONG_NUMBER, len(self.limits))
        require_distinct(self.grades, "grades")
        for upper, lower in zip(self.limits, self.limits[1:], strict=False):
            require(lower < upper, "limits", NOT_FALLING, lower)
        require(self.limits[-1] == 0, "limits", OUT_OF_RANGE, self.limits[-1])
        require(self.limits[0] <= HUNDRED, "limits", OUT_OF_RANGE, self.limits[0])
        require(
            0 <= self.minimum_completeness <= HUNDRED, "minimum_completeness", OUT_OF_RANGE, self.minimum_completeness
        )


@dataclass(frozen=True)
class Part:
    """What a criterion gives to the score.

    :param value: of the customer; :param points: 0..100, None where nothing is known; :param weight: percent
    :param contribution: points of the score that come from here; those of all parts add up to it
    """

    criterion: Hashable
    value: Hashable | None
    points: Decimal | None
    weight: Decimal
    contribution: Decimal | None


@dataclass(frozen=True)
class Place:
    """Why a customer has a grade.

    :param code: the grade, None where too little is known; :param score: 0..100, None where nothing is known
    :param completeness: percent of the weight that is known; :param parts: one for each criterion
    """

    key: Hashable
    code: Hashable | None
    score: Decimal | None
    completeness: Decimal
    parts: tuple[Part, ...]


def classify(
    customers: Iterable[tuple[Hashable, Mapping[Hashable, Hashable | None]]], options: Options
) -> tuple[Place, ...]:
    """Score customers.

    :param customers: (key, value by criterion) of each; an absent value or None: nothing is known
    :return: a place for each customer in order of key
    """
    customers = sorted(customers, key=lambda item: item[0])
    require_distinct([key for key, _values in customers], "customers")
    return tuple(_judge(key, values, options) for key, values in customers)


def _judge(key, values, options):
    judged = [
        (criterion, values.get(criterion.code), criterion.judge(values.get(criterion.code)))
        for criterion in options.criteria
    ]
    known = sum((criterion.weight for criterion, _value, points in judged if points is not None), ZERO)
    parts = tuple(
        Part(
            criterion.code,
            value,
            points,
            criterion.weight,
            None if points is None else to_decimal(Fraction(points) * Fraction(criterion.weight) / Fraction(known)),
        )
        for criterion, value, points in judged
    )
    if not known:
        return Place(key, None, None, ZERO, parts)
    weighted = sum(Fraction(points) * Fraction(criterion.weight) for criterion, _v, points in judged if points)
    score = weighted / Fraction(known) if weighted else Fraction(0)
    grade = None
    if known >= options.minimum_completeness:
        grade = next(code for code, limit in zip(options.grades, options.limits, strict=True) if score >= limit)
    return Place(key, grade, to_decimal(score), known, parts)

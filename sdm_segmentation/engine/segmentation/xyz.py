"""XYZ: how steadily customers buy, by the coefficient of variation of their monthly sales.

The coefficient of variation is the standard deviation in percent of the mean (K. Pearson, Regression, heredity and
panmixia; Philosophical Transactions A 187, 1896, pp. 253-318). Months without sales are zeros and belong to the series:
a customer who buys every third month is not steady.

Seasons can be taken out beforehand: each month is divided by its seasonal index. :func:`seasonal_indices` finds them by
the classical ratio to the centred 12-month average (Hyndman & Athanasopoulos, Forecasting: Principles and Practice,
3rd ed. 2021, section 3.4). Take the indices from the sum of all customers: out of one customer's two years they
would explain away the very variation that XYZ measures.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ..options import OUT_OF_RANGE, WRONG_NUMBER, OptionError, require, require_choice, require_distinct, require_rising
from .exact import exact, ratio, to_decimal

POPULATION = "population"
SAMPLE = "sample"

TOO_SHORT = "too_short"
NO_SALES = "no_sales"
FEW_MONTHS = "few_months"

YEAR = 12


@dataclass(frozen=True)
class Options:
    """Settings of an XYZ.

    :param classes: codes of the classes, the steadiest first
    :param limits: upper limits of the classes but the last, in percent; the limit itself belongs to the class.
        10 and 25 are usual for goods, 25 and 50 or 50 and 100 for customers
    :param deviation: ``population`` (divides by the number of months) or ``sample`` (by one less)
    :param indices: seasonal index of each calendar month from January on, 1 is an average month; empty: seasons stay
    :param minimum_months: a shorter series has no class; 2 at least
    :raise OptionError: limits that overlap, indices below zero, other numbers of classes or indices
    """

    classes: tuple[Hashable, ...] = ("X", "Y", "Z")
    limits: tuple[Decimal, ...] = (Decimal(10), Decimal(25))
    deviation: str = POPULATION
    indices: tuple[Decimal, ...] = ()
    minimum_months: int = 2

    def __post_init__(self):
        require(len(self.classes) == len(self.limits) + 1, "limits", WRONG_NUMBER, len(self.limits))
        require_distinct(self.classes, "classes")
        require_rising((Decimal(0), *self.limits), "limits")
        require_choice(self.deviation, (POPULATION, SAMPLE), "deviation")
        require(len(self.indices) in (0, YEAR), "indices", WRONG_NUMBER, len(self.indices))
        for index in self.indices:
            require(index >= 0, "indices", OUT_OF_RANGE, index)
        require(self.minimum_months >= 2, "minimum_months", OUT_OF_RANGE, self.minimum_months)


@dataclass(frozen=True)
class Place:
    """Why a customer is in a class.

    :param code: the class, None for no class
    :param reason: why there is none: ``few_months`` or ``no_sales`` (a mean of zero or below); else None
    :param months: months that were judged; :param mean: their mean; :param deviation: their standard deviation
    :param coefficient: deviation in percent of the mean. These three are rounded to be shown (the class is decided
        without rounding) and, like the mean, None where unknown.
    :param values: the months as judged, without seasons where these are taken out
    """

    key: Hashable
    code: Hashable | None
    reason: str | None = None
    months: int = 0
    mean: Decimal | None = None
    deviation: Decimal | None = None
    coefficient: Decimal | None = None
    values: tuple[Decimal, ...] = ()


def month_span(first: date, count: int) -> list[date]:
    """First days of months that follow each other.

    >>> month_span(date(2025, 12, 1), 2)
    [datetime.date(2025, 12, 1), datetime.date(2026, 1, 1)]
    """
    start = first.year * YEAR + first.month - 1
    return [date(number // YEAR, number % YEAR + 1, 1) for number in range(start, start + count)]


def fill_months(amounts: Mapping[date, Decimal], first: date, count: int) -> tuple[Decimal, ...]:
    """A series of months without holes: a month without sales is a zero.

    :param amounts: sum of each month by its first day; months outside the window are left out
    :param first: first day of the window; :param count: months in it
    """
    return tuple(amounts.get(month, Decimal(0)) for month in month_span(first, count))


def classify(
    series: Iterable[tuple[Hashable, Sequence[Decimal]]], first: date, options: Options | None = None
) -> tuple[Place, ...]:
    """Class customers by the coefficient of variation of their months.

    :param series: (key, monthly values) of each customer, without holes (see :func:`fill_months`)
    :param first: the month that the series begin with; full months only, a running one looks like a fall
    :return: a place for each customer in order of key
    """
    options = options or Options()
    series = list(series)
    require_distinct([key for key, _values in series], "customers")
    places = [_judge(key, tuple(values), first, options) for key, values in series]
    return tuple(sorted(places, key=lambda place: place.key))


def _judge(key, values, first, options):
    if options.indices:
        values = _without_seasons(values, first, options.indices)
    count = len(values)
    with exact():
        total = sum(values, type(values[0])(0)) if values else Decimal(0)
        squares = sum((value * value for value in values), type(total)(0))
        # count squared times the variance, so that nothing has to be divided
        spread = count * squares - total * total
        if options.deviation == SAMPLE:
            # variance by count - 1: spread / (count * (count - 1))
            numerator, denominator = spread * count, total * total * (count - 1)
        else:
            numerator, denominator = spread, total * total
        position = 0
        for limit in options.limits:
            if numerator * 10000 > type(total)(limit) * type(total)(limit) * denominator:
                position += 1
    shown = tuple(_shown(value) for value in values)
    mean = ratio(_shown(total), count)
    if count < options.minimum_months:
        return Place(key, None, FEW_MONTHS, count, mean, values=shown)
    divisor = count * (count - 1) if options.deviation == SAMPLE else count * count
    deviation = (_shown(spread) / divisor).sqrt()
    if total <= 0:
        return Place(key, None, NO_SALES, count, mean, deviation, values=shown)
    coefficient = ratio(_shown(numerator), _shown(denominator)).sqrt() * 100
    return Place(key, options.classes[position], None, count, mean, deviation, coefficient, shown)


def _shown(number):
    return number if isinstance(number, Decimal) else to_decimal(number)


def _without_seasons(values, first, indices):
    """Each month divided by its index.

    A month of index 0 in which nothing was sold is as expected and left out; what is sold in such a month
    nevertheless counts in full.
    """
    cleaned = []
    for number, value in enumerate(values):
        index = indices[(first.month - 1 + number) % YEAR]
        if index:
            cleaned.append(Fraction(value) / Fraction(index))
        elif value:
            cleaned.append(Fraction(value))
    return tuple(cleaned)


def seasonal_indices(values: Sequence[Decimal], first: date) -> tuple[Decimal, ...]:
    """Seasonal index of each calendar month by the ratio to the centred 12-month average.

    The average of a month takes the five months on either side in full and the sixth by half. The index of a calendar
    month is the mean of its ratios; the twelve are scaled so that their mean is 1 and rounded to six digits.

    :param values: monthly sums of all customers together, without holes, two years or more
    :param first: the month that they begin with
    :return: twelve indices, January first
    :raise OptionError: less than two years, or a year without sales
    """
    if len(values) < 2 * YEAR:
        raise OptionError("values", TOO_SHORT, len(values))
    ratios = [[] for _month in range(YEAR)]
    half = YEAR // 2
    numbers = [Fraction(value) for value in values]
    for place in range(half, len(numbers) - half):
        around = sum(numbers[place - half + 1 : place + half]) + (numbers[place - half] + numbers[place + half]) / 2
        if around <= 0:
            raise OptionError("values", NO_SALES, month_span(first, len(values))[place])
        ratios[(first.month - 1 + place) % YEAR].append(numbers[place] * YEAR / around)
    means = [max(sum(found) / len(found), Fraction(0)) for found in ratios]
    whole = sum(means)
    if not whole:
        raise OptionError("values", NO_SALES, first)
    return tuple(round(to_decimal(mean * YEAR / whole), 6) for mean in means)

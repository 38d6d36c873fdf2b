"""RFM: recency, frequency, money, each scored by where a customer stands among all others.

After J. R. Bult & T. Wansbeek (Optimal selection for direct mail, Marketing Science 14, 1995, pp. 378-394) and
A. M. Hughes (Strategic Database Marketing, 1994, ch. 5). The best score is the highest one, 5 with five bins, and
recency counts days, of which fewer are better.

The cuts between scores are quantiles of type 7 (R. J. Hyndman & Y. Fan, Sample quantiles in statistical packages,
The American Statistician 50, 1996, p. 363; the default of R), or fixed. A value on a cut belongs below it, as in R's
``cut()``, so equal values always have equal scores: where most customers ordered once, one order scores 1.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import product

from ..options import OUT_OF_RANGE, UNKNOWN, WRONG_NUMBER, require, require_choice, require_distinct, require_rising
from .exact import to_decimal

QUANTILE = "quantile"
FIXED = "fixed"

RECENCY = "recency"
FREQUENCY = "frequency"
MONEY = "money"
MEASURES = (RECENCY, FREQUENCY, MONEY)

# the levels that segments speak of, whatever the number of bins
LEVELS = 5
ALL = (1, LEVELS)


@dataclass(frozen=True)
class Segment:
    """A named segment: customers whose levels lie in three ranges, both ends included, 5 is best."""

    code: Hashable
    recency: tuple[int, int] = ALL
    frequency: tuple[int, int] = ALL
    money: tuple[int, int] = ALL

    def holds(self, levels: Sequence[int]) -> bool:
        """Whether recency, frequency and money lie in the ranges."""
        ranges = (self.recency, self.frequency, self.money)
        return all(low <= level <= high for (low, high), level in zip(ranges, levels, strict=True))


# The first that holds wins, so each line says only what the lines above leave. Together they hold all 125 cases.
SEGMENTS = (
    Segment("champions", (4, 5), (4, 5), (4, 5)),
    Segment("loyal", (3, 5), (3, 5)),
    Segment("new", (4, 5), (1, 1)),
    Segment("promising", (4, 5), (2, 2)),
    Segment("attention", (3, 3), (1, 2), (3, 5)),
    Segment("cannot_lose", (1, 2), (4, 5), (4, 5)),
    Segment("at_risk", (1, 2), (3, 5)),
    Segment("sleeping", (2, 3)),
    Segment("lost", (1, 1)),
)


@dataclass(frozen=True)
class Options:
    """Settings of an RFM.

    :param method: ``quantile`` or ``fixed``; :param bins: number of scores, 3 to 10
    :param cuts: for ``fixed``: cut points of each measure in rising order, one fewer than bins
    :param segments: in order, the first that holds wins
    :raise OptionError: what has no meaning
    """

    method: str = QUANTILE
    bins: int = 5
    cuts: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    segments: tuple[Segment, ...] = SEGMENTS

    def __post_init__(self):
        require_choice(self.method, (QUANTILE, FIXED), "method")
        require(3 <= self.bins <= 10, "bins", OUT_OF_RANGE, self.bins)
        require_distinct([segment.code for segment in self.segments], "segments")
        for segment in self.segments:
            for low, high in (segment.recency, segment.frequency, segment.money):
                require(1 <= low <= high <= LEVELS, "segments", OUT_OF_RANGE, segment.code)
        if self.method == FIXED:
            for measure in MEASURES:
                require(measure in self.cuts, "cuts", UNKNOWN, measure)
                require(len(self.cuts[measure]) == self.bins - 1, "cuts", WRONG_NUMBER, measure)
                require_rising(self.cuts[measure], "cuts")


@dataclass(frozen=True)
class Values:
    """What a customer did in the window.

    :param recency: days since the last order, None without any; :param frequency: orders; :param money: their sum
    """

    key: Hashable
    recency: int | None
    frequency: int
    money: Decimal


@dataclass(frozen=True)
class Place:
    """Why a customer is in a segment.

    :param code: the segment; None without orders or where no segment holds
    :param scores: of recency, frequency and money, empty without orders; :param values: what they were scored by
    """

    key: Hashable
    code: Hashable | None
    scores: tuple[int, ...]
    values: Values


@dataclass(frozen=True)
class Result:
    """An RFM with its explanation.

    :param places: one for each customer in order of key
    :param cuts: cut points of each measure, rounded to 28 digits to be shown
    """

    places: tuple[Place, ...]
    cuts: Mapping[str, tuple[Decimal, ...]]

    @property
    def classes(self) -> dict:
        """Segment of each customer by key."""
        return {place.key: place.code for place in self.places}


def quantile(ordered: Sequence[Decimal | int], part: int, parts: int) -> Fraction:
    """Quantile of type 7: the value at place ``(n - 1) * part / parts`` of ``n`` in rising order, in between by line.

    >>> quantile([1, 2, 3, 4], 1, 2)
    Fraction(5, 2)
    """
    place = Fraction((len(ordered) - 1) * part, parts)
    below = int(place)
    value = Fraction(ordered[below])
    if place == below:
        return value
    return value + (place - below) * (Fraction(ordered[below + 1]) - value)


def classify(customers: Iterable[Values], options: Options | None = None) -> Result:
    """Score customers and name their segments; those without orders are not scored and move no cut.

    :raise OptionError: a customer is there twice
    """
    options = options or Options()
    customers = sorted(customers, key=lambda values: values.key)
    require_distinct([values.key for values in customers], "customers")
    buyers = [values for values in customers if values.recency is not None]
    cuts = {measure: _cuts(measure, buyers, options) for measure in MEASURES}
    places = []
    for values in customers:
        if values.recency is None:
            places.append(Place(values.key, None, (), values))
            continue
        scores = tuple(_score(measure, getattr(values, measure), cuts[measure], options.bins) for measure in MEASURES)
        places.append(Place(values.key, name_segment(scores, options), scores, values))
    return Result(tuple(places), {measure: tuple(map(to_decimal, found)) for measure, found in cuts.items()})


def _cuts(measure, buyers, options):
    if options.method == FIXED:
        return tuple(map(Fraction, options.cuts[measure]))
    if not buyers:
        return ()
    ordered = sorted(getattr(values, measure) for values in buyers)
    return tuple(quantile(ordered, part, options.bins) for part in range(1, options.bins))


def _score(measure, value, cuts, bins):
    above = sum(Fraction(value) > cut for cut in cuts)
    return bins - above if measure == RECENCY else 1 + above


def level(score: int, bins: int) -> int:
    """The level 1..5 of a score 1..bins: worst and best stay so, what is between is spread evenly.

    >>> [level(score, 3) for score in (1, 2, 3)], [level(score, 5) for score in (1, 2, 3, 4, 5)]
    ([1, 3, 5], [1, 2, 3, 4, 5])
    """
    return 1 + (2 * (score - 1) * (LEVELS - 1) + bins - 1) // (2 * (bins - 1))


def name_segment(scores: Sequence[int], options: Options) -> Hashable | None:
    """The first segment that holds for three scores, None where none does."""
    levels = [level(score, options.bins) for score in scores]
    return next((segment.code for segment in options.segments if segment.holds(levels)), None)


def reach(options: Options) -> dict:
    """How many combinations of scores lead to each segment: 0 can never be reached, None counts those in none."""
    found = {segment.code: 0 for segment in options.segments} | {None: 0}
    for scores in product(range(1, options.bins + 1), repeat=len(MEASURES)):
        found[name_segment(scores, options)] += 1
    return found

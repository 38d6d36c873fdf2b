"""Parts of a whole that add up to it to the last unit, by the largest remainder."""

from collections.abc import Hashable, Mapping, MutableMapping
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from math import lcm

from ....sdm_segmentation.engine.options import OUT_OF_RANGE, WRONG_NUMBER, require

CENT = Decimal("0.01")
# what is carried is kept to so many parts of a step
PRECISION = 10**6


def spread(
    total: Decimal,
    weights: Mapping[Hashable, Decimal | Fraction | int],
    step: Decimal = CENT,
    carry: MutableMapping[Hashable, Fraction] | None = None,
) -> dict[Hashable, Decimal]:
    """Split a whole in proportion to weights; where all weights are 0, evenly.

    Each part is rounded down to a step, and what is left over goes, a step each, to the parts that lost most by it;
    among equals to the earlier one. Less than a step that the whole itself is over goes to the first part.

    >>> spread(Decimal(100), {"a": 1, "b": 1, "c": 1}, Decimal(1))
    {'a': Decimal('34'), 'b': Decimal('33'), 'c': Decimal('33')}

    Where the same parts share month after month, ``carry`` keeps what rounding owes each of them, so that the same ones
    do not get the last unit every time:

    >>> carry = {}
    >>> [spread(Decimal(1), {"a": 1, "b": 1}, Decimal(1), carry)["a"] for month in range(4)]
    [Decimal('1'), Decimal('0'), Decimal('1'), Decimal('0')]

    :param total: the whole, also negative; :param weights: by part, none below 0
    :param step: the smallest unit of a part
    :param carry: steps that each part got too little before, below 0 too much; it is brought up to date
    :raise OptionError: a weight below 0, no parts at all, or a step that is not above 0
    """
    require(step > 0, "step", OUT_OF_RANGE, step)
    require(bool(weights), "weights", WRONG_NUMBER, 0)
    for weight in weights.values():
        require(weight >= 0, "weights", OUT_OF_RANGE, weight)
    sign = -1 if total < 0 else 1
    units = int((abs(total) / step).to_integral_value(ROUND_FLOOR))
    rest = abs(total) - units * step
    shares = _whole_numbers(weights)
    wanted = shares if not carry else _add_carry(shares, units, carry, sign)
    counts = _round(wanted, units)
    if carry is not None:
        whole = sum(shares.values())
        for key, share in shares.items():
            owed = units * share * PRECISION // whole - counts[key] * PRECISION
            carry[key] = carry.get(key, Fraction(0)) + Fraction(sign * owed, PRECISION)
    parts = {key: sign * count * step for key, count in counts.items()}
    first = next((key for key, share in shares.items() if share), next(iter(parts)))
    parts[first] += sign * rest
    return parts


def _whole_numbers(weights):
    """Weights in the same proportions as whole numbers, which are counted with much faster; all 1 where all are 0."""
    exact = {key: Fraction(weight) for key, weight in weights.items()}
    if not any(exact.values()):
        return dict.fromkeys(exact, 1)
    common = lcm(*(weight.denominator for weight in exact.values()))
    return {key: weight.numerator * (common // weight.denominator) for key, weight in exact.items()}


def _add_carry(shares, units, carry, sign):
    """What each part is to get with what it is owed, none below 0, in proportions."""
    whole = sum(shares.values())
    wanted = {
        key: max(units * share * PRECISION + int(sign * carry.get(key, 0) * PRECISION) * whole, 0)
        for key, share in shares.items()
    }
    return wanted if any(wanted.values()) else shares


def _round(shares, units):
    """So many units in proportion to shares, by the largest remainder."""
    whole = sum(shares.values())
    counts, remainders = {}, {}
    for key, share in shares.items():
        counts[key], remainders[key] = divmod(units * share, whole)
    left = units - sum(counts.values())
    for key in sorted(remainders, key=remainders.get, reverse=True)[:left]:
        counts[key] += 1
    return counts

"""Parts of a whole that add up to it to the last unit, by the largest remainder."""

from collections.abc import Hashable, Mapping, MutableMapping
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from ....sdm_segmentation.engine.options import OUT_OF_RANGE, WRONG_NUMBER, require

CENT = Decimal("0.01")


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
    units = (abs(total) / step).to_integral_value(ROUND_FLOOR)
    rest = abs(total) - units * step
    shares = {key: Fraction(weight) for key, weight in weights.items()}
    if not any(shares.values()):
        shares = dict.fromkeys(shares, Fraction(1))
    whole = sum(shares.values())
    exact = {key: Fraction(units) * share / whole for key, share in shares.items()}
    counts = _round(_add_carry(exact, carry, sign) if carry else exact, int(units))
    if carry is not None:
        carry.update({key: carry.get(key, 0) + sign * (exact[key] - counts[key]) for key in exact})
    parts = {key: sign * count * step for key, count in counts.items()}
    first = next((key for key, share in shares.items() if share), next(iter(parts)))
    parts[first] += sign * rest
    return parts


def _add_carry(exact, carry, sign):
    """What each part is to get with what it is owed, none below 0; together as much as before."""
    wanted = {key: max(value + sign * carry.get(key, 0), Fraction(0)) for key, value in exact.items()}
    whole = sum(wanted.values())
    return {key: sum(exact.values()) * value / whole for key, value in wanted.items()} if whole else exact


def _round(exact, units):
    counts = {key: value.numerator // value.denominator for key, value in exact.items()}
    left = units - sum(counts.values())
    order = sorted(exact, key=lambda key: exact[key] - counts[key], reverse=True)
    for key in order[:left]:
        counts[key] += 1
    return counts

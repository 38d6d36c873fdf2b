"""Why a result differs: which factor adds how much, exactly.

Revenue is customers x orders each x average order. When all change, what each adds depends on which is changed first;
so the mean over all orders is taken (the value of Shapley). The parts add up to the difference without a rest.
"""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from math import factorial, prod

from ....sdm_segmentation.engine.options import OUT_OF_RANGE, require

MOST_FACTORS = 6


def decompose(
    before: Mapping[Hashable, Decimal | Fraction | int], after: Mapping[Hashable, Decimal | Fraction | int]
) -> dict[Hashable, Fraction]:
    """What each factor adds to the difference of two products.

    >>> decompose({"customers": 10, "order": 5}, {"customers": 12, "order": 5})
    {'customers': Fraction(10, 1), 'order': Fraction(0, 1)}

    :param before: the factors; :param after: the same factors
    :return: parts that add up to the product after less the product before
    :raise OptionError: other factors after than before, or more than six
    """
    require(before.keys() == after.keys(), "factors", OUT_OF_RANGE, sorted(map(str, before.keys() ^ after.keys())))
    require(len(before) <= MOST_FACTORS, "factors", OUT_OF_RANGE, len(before))
    old = {name: Fraction(value) for name, value in before.items()}
    new = {name: Fraction(value) for name, value in after.items()}
    parts = dict.fromkeys(old, Fraction(0))
    for order in permutations(old):
        present = dict(old)
        product = prod(present.values(), start=Fraction(1))
        for name in order:
            present[name] = new[name]
            changed = prod(present.values(), start=Fraction(1))
            parts[name] += changed - product
            product = changed
    return {name: value / factorial(len(old)) for name, value in parts.items()}

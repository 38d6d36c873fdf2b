"""How far forecasts were from what came: the oracle of the accuracy report's SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Accuracy:
    """How far forecasts were from what came, in percent; None where nothing came to compare them with.

    :param wape: all misses together by all that came: a large seller counts more than a small one
    :param mape: the mean of each one's miss by what came for that one; who had nothing is left out
    :param bias: how much too high forecasts were on the whole, below 0 too low
    """

    wape: Fraction | None
    mape: Fraction | None
    bias: Fraction | None


def accuracy_of(pairs: Iterable[tuple[Decimal, Decimal]]) -> Accuracy:
    """How right forecasts were.

    >>> accuracy_of([(Decimal(90), Decimal(100)), (Decimal(30), Decimal(20))])
    Accuracy(wape=Fraction(50, 3), mape=Fraction(30, 1), bias=Fraction(0, 1))

    :param pairs: (what was forecast, what came)
    """
    pairs = [(Fraction(forecast), Fraction(actual)) for forecast, actual in pairs]
    came = sum(abs(actual) for _forecast, actual in pairs)
    single = [abs(forecast - actual) / abs(actual) for forecast, actual in pairs if actual]
    return Accuracy(
        100 * sum(abs(forecast - actual) for forecast, actual in pairs) / came if came else None,
        100 * sum(single) / len(single) if single else None,
        100 * sum(forecast - actual for forecast, actual in pairs) / came if came else None,
    )

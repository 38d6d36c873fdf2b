"""From a result to the work that it takes, by conversion, and back: revenue, deals, offers, meetings, calls."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ....sdm_segmentation.engine.options import OUT_OF_RANGE, require

OWN, GROUP, COMPANY = "own", "group", "company"


@dataclass(frozen=True)
class History:
    """What came of what: so many of the one for so many of the other.

    :param needed: of what is needed, for example offers; :param result: of what it is needed for, for example deals
    """

    needed: Decimal | Fraction | int
    result: Decimal | Fraction | int


@dataclass(frozen=True)
class Ratio:
    """How much is needed for one of the result, and whose history says so: ``own``, ``group`` or ``company``."""

    value: Fraction
    origin: str


def ratio_of(
    own: History | None, group: History | None, company: History | None, least: Decimal | int = 1
) -> Ratio | None:
    """The conversion of a person: the own one where there are enough cases, else the group's, else the company's.

    >>> ratio_of(History(2, 1), History(40, 10), None, least=5)
    Ratio(value=Fraction(4, 1), origin='group')

    :param least: of what is needed there must be so much for a history of a person or a group to count
    :return: None where even the company has none
    """
    for history, origin in ((own, OWN), (group, GROUP), (company, COMPANY)):
        enough = 0 if origin == COMPANY else least
        if history and history.result > 0 and history.needed > 0 and history.needed >= enough:
            return Ratio(Fraction(history.needed) / Fraction(history.result), origin)
    return None


def needed(results: Mapping[Hashable, Decimal], ratios: Mapping[Hashable, Ratio]) -> dict[Hashable, Fraction]:
    """What each has to do for what each is to reach; who has no ratio is left out."""
    return {key: Fraction(amount) * ratios[key].value for key, amount in results.items() if key in ratios}


def chain_back(amount: Decimal, ratios: Sequence[Fraction]) -> list[Fraction]:
    """What comes of so much work, step by step up to the result.

    >>> chain_back(Decimal(120), [Fraction(3), Fraction(4)])
    [Fraction(40, 1), Fraction(10, 1)]

    :param ratios: how much of each is needed for one of the next, from the work on
    :raise OptionError: a ratio that is not above 0
    """
    found, value = [], Fraction(amount)
    for ratio in ratios:
        require(ratio > 0, "ratios", OUT_OF_RANGE, ratio)
        value /= ratio
        found.append(value)
    return found

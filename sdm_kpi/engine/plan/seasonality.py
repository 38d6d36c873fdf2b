"""How a year falls into months: from history, from working days, or by hand."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ....sdm_segmentation.engine.options import OUT_OF_RANGE, WRONG_NUMBER, require

MONTHS = range(1, 13)
TOO_SHORT = "too_short"


def profile_of(history: Mapping[date, Decimal]) -> dict[int, Fraction]:
    """Shares of the twelve months of a year, together 1.

    Each whole year counts the same, so that growth and one large year bend nothing. Months below 0, refunds alone,
    count as 0. Years that are not whole are left out; a year whose months are all 0 says nothing.

    :param history: amount by month (its first day), without gaps within a year
    :return: {month 1..12: share}
    :raise OptionError: no whole year with sales (``too_short``)
    """
    years = defaultdict(dict)
    for month, amount in history.items():
        years[month.year][month.month] = max(Fraction(amount), Fraction(0))
    whole = [year for year in years.values() if len(year) == len(MONTHS) and sum(year.values())]
    require(bool(whole), "history", TOO_SHORT, len(history))
    return {month: sum(year[month] / sum(year.values()) for year in whole) / len(whole) for month in MONTHS}


def by_working_days(profile: Mapping[int, Fraction], usual: Mapping[int, int], coming: Mapping[int, int]):
    """A profile for a year whose months have other numbers of working days than those it was taken from.

    :param usual: working days of the months of the past, on the whole; :param coming: those of the year to come
    :return: shares, together 1
    :raise OptionError: a month without working days in the past that had sales
    """
    raw = {}
    for month in MONTHS:
        require(usual[month] > 0 or not profile[month], "usual", OUT_OF_RANGE, month)
        raw[month] = profile[month] * Fraction(coming[month], usual[month]) if profile[month] else Fraction(0)
    whole = sum(raw.values())
    require(whole > 0, "coming", OUT_OF_RANGE, whole)
    return {month: value / whole for month, value in raw.items()}


def override(profile: Mapping[int, Fraction], by_hand: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """Some months by hand; the others keep their proportions and share the rest.

    :param by_hand: {month: share}, together at most 1
    :raise OptionError: more than the whole, less than 0, or all months given and not the whole
    """
    given = sum(by_hand.values(), Fraction(0))
    require(all(share >= 0 for share in by_hand.values()) and given <= 1, "by_hand", OUT_OF_RANGE, given)
    others = {month: share for month, share in profile.items() if month not in by_hand}
    require(bool(others) or given == 1, "by_hand", WRONG_NUMBER, given)
    left = sum(others.values(), Fraction(0))
    scaled = {
        month: (1 - given) * (share / left if left else Fraction(1, len(others))) for month, share in others.items()
    }
    return {month: by_hand.get(month, scaled.get(month)) for month in MONTHS}

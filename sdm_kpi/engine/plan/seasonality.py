"""How a year falls into months: from history, from working days, or by hand."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ....sdm_segmentation.engine.options import OUT_OF_RANGE, WRONG_NUMBER, require
from ..periods import months_between

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


def override(profile: Mapping[Hashable, Fraction], by_hand: Mapping[Hashable, Fraction]) -> dict[Hashable, Fraction]:
    """Some months by hand; the others keep their proportions and share the rest.

    :param profile: {month: share}; :param by_hand: {month: share} of some of them, together at most 1
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
    return {month: by_hand.get(month, scaled.get(month)) for month in profile}


def rolling_years(history: Mapping[date, Decimal], first: date, last: date) -> dict[date, Decimal]:
    """History in whole years that end with a month of our choice, so that nothing is lost of a year that is not over.

    A month after the last one's place in the year is told as one of the year that it ends in: with a history up to
    October, November 2025 is in the year 2026. Months without sales are 0.

    :param history: amount by month; :param first: month of the first facts; :param last: the last month that counts
    :return: amount by month of these years, without gaps; the first of them may not be whole
    """
    return {
        month.replace(year=month.year + (month.month > last.month)): history.get(month, Decimal(0))
        for month in months_between(first, last)
    }

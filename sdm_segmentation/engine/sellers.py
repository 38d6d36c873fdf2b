"""What sellers' results say about a department: spread, speed, dependence on a few."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, sqrt
from statistics import NormalDist, fmean, median, pstdev

from .diagnosis import Measurement, beyond_chance, share


@dataclass(frozen=True)
class SellerResult:
    """Closed deals of one seller in the window.

    :param seller: who; :param won: deals won; :param lost: deals lost; :param value: money won
    :param cycle_days: sum over the won deals of the days from assignment to closing
    :param cycle_count: won deals of which both dates are known
    """

    seller: Hashable
    won: int = 0
    lost: int = 0
    value: Decimal = Decimal(0)
    cycle_days: int = 0
    cycle_count: int = 0

    @property
    def closed(self) -> int:
        """Deals that ended one way or the other."""
        return self.won + self.lost

    @property
    def win_rate(self) -> float | None:
        """Won of all closed, 0..1; None without closed deals."""
        return self.won / self.closed if self.closed else None

    @property
    def cycle(self) -> float | None:
        """Average days from assignment to winning; None where unknown."""
        return self.cycle_days / self.cycle_count if self.cycle_count else None


def win_rate(results: Iterable[SellerResult]) -> Measurement:
    """Win rate of the department: all won deals by all closed ones, not the average of the sellers' rates."""
    results = list(results)
    return share(sum(r.won for r in results), sum(r.closed for r in results))


def cycle(results: Iterable[SellerResult]) -> Measurement:
    """Average days from assignment to winning over all won deals of the department."""
    results = list(results)
    count = sum(r.cycle_count for r in results)
    return Measurement(sum(r.cycle_days for r in results) / count if count else None, count, count)


def win_rate_spread(results: Iterable[SellerResult], minimum_closed: int) -> Measurement:
    """Distance between the best and the worst seller's win rate, 0..1 (0.25 is 25 percentage points).

    The best and the worst of many differ by chance alone, so the distance is conclusive only if the rates of all
    sellers together differ beyond it (chi-square test of homogeneity, 5 %).

    :param minimum_closed: sellers with fewer closed deals are left out: their rate is chance
    """
    rated = sorted((r for r in results if r.closed >= minimum_closed), key=lambda r: (r.win_rate, str(r.seller)))
    if len(rated) < 2:
        return Measurement(None, len(rated))
    low, high = rated[0], rated[-1]
    details = {"best": high.seller, "best_rate": high.win_rate, "worst": low.seller, "worst_rate": low.win_rate}
    return Measurement(high.win_rate - low.win_rate, len(rated), len(rated), details, differ_beyond_chance(rated))


def differ_beyond_chance(results: Sequence[SellerResult]) -> bool:
    """Whether win rates of sellers differ by more than chance gives.

    Chi-square test of homogeneity at 5 %; its limit by the approximation of Wilson and Hilferty (1931), which is within
    1 % from two degrees of freedom on and needs no tables.
    """
    won, closed = sum(r.won for r in results), sum(r.closed for r in results)
    if len(results) < 2 or won in (0, closed):
        return False
    rate = won / closed
    statistic = sum((r.won - r.closed * rate) ** 2 / (r.closed * rate * (1 - rate)) for r in results)
    freedom = len(results) - 1
    spread = 2 / (9 * freedom)
    return statistic > freedom * (1 - spread + NormalDist().inv_cdf(0.95) * sqrt(spread)) ** 3


def below_peers(results: Iterable[SellerResult], minimum_closed: int, distance: float) -> Measurement:
    """Share of sellers whose win rate is at least ``distance`` (0..1) below that of all the others together.

    Each is compared with the others, not with a total that contains the seller, and only beyond what chance gives
    (test of two proportions, 2.5 % on one side).
    """
    rated = [r for r in results if r.closed >= minimum_closed]
    if len(rated) < 2:
        return Measurement(None, len(rated))
    won, closed = sum(r.won for r in rated), sum(r.closed for r in rated)
    limit = Fraction(str(distance))
    behind = []
    for r in rated:
        # in fractions, so that a seller who is exactly that far behind counts
        gap = Fraction(won - r.won, closed - r.closed) - Fraction(r.won, r.closed)
        if gap >= limit and beyond_chance(r.won, r.closed, won - r.won, closed - r.closed):
            behind.append(r.seller)
    return share(len(behind), len(rated), sellers=sorted(behind, key=str))


def cycle_spread(results: Iterable[SellerResult], minimum_won: int) -> Measurement:
    """How many times longer the slowest seller's average cycle is than the median seller's.

    :param minimum_won: sellers with fewer won deals of known length are left out
    """
    timed = sorted((r for r in results if r.cycle_count >= minimum_won), key=lambda r: (r.cycle, str(r.seller)))
    middle = median(r.cycle for r in timed) if timed else 0
    if len(timed) < 2 or not middle:
        return Measurement(None, len(timed))
    slowest = timed[-1]
    details = {"slowest": slowest.seller, "slowest_days": slowest.cycle, "median_days": middle}
    return Measurement(slowest.cycle / middle, len(timed), len(timed), details)


def top_fifth_share(values: Iterable[Decimal]) -> Measurement:
    """Share of the money that the best fifth of the sellers (rounded up) brought in; only positive sums count."""
    values = sorted((value for value in values if value > 0), reverse=True)
    if len(values) < 2:
        return Measurement(None, len(values))
    count = ceil(len(values) / 5)
    return Measurement(float(sum(values[:count]) / sum(values)), len(values), count)


def load(counts: Sequence[int], sellers: Sequence[Hashable]) -> Measurement:
    """How many times more the busiest seller carries than the median one.

    :param counts: what each seller carries (open deals, customers), in the order of ``sellers``
    """
    middle = median(counts) if counts else 0
    if len(counts) < 2 or not middle:
        return Measurement(None, len(counts))
    most = max(counts)
    busiest = min((s for s, count in zip(sellers, counts, strict=True) if count == most), key=str)
    details = {"busiest": busiest, "most": most, "median": float(middle)}
    return Measurement(most / middle, len(counts), len(counts), details)


def variation(amounts: Mapping[Hashable, Decimal]) -> Measurement:
    """Coefficient of variation of monthly amounts: population deviation by the mean; none without a positive mean.

    :param amounts: {month: amount}, months without sales as 0
    :return: details ``best`` and ``worst`` name the months, the earliest where several are alike
    """
    values = [float(amount) for amount in amounts.values()]
    mean = fmean(values) if values else 0
    if len(values) < 2 or mean <= 0:
        return Measurement(None, len(values))
    best, worst = max(amounts, key=amounts.__getitem__), min(amounts, key=amounts.__getitem__)
    return Measurement(pstdev(values) / mean, len(values), len(values), {"best": best, "worst": worst})

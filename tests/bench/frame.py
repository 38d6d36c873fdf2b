"""What a measurement is, how its numbers are judged and shown. Pure: no Odoo, no database, no clock.

An entry of the bench declares `Measurement`s; `runner.py` carries them out and hands the numbers back as `Result`s.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

RELATIVE_ERROR = 1e-9  # what two ways to add up the same floats may differ by


@dataclass(frozen=True)
class LargeDatabase:
    """The seeded large database (`large_database.py`) as a measurement wants it.

    customers, leads, invoices are numbers at scale 1; everything else is fixed there, so that numbers of different
    entries can be set side by side. `modules` are installed in its copy: those of a peer.
    """

    customers: int = 20_000
    leads: int = 1_000_000
    invoices: int = 200_000
    modules: tuple[str, ...] = ()


WITHOUT_ADDONS = "without our addons"  # a copy of the base: what our addons depend on, without them
WITH_ADDONS = "with our addons"  # a copy of the template: the same with our addons


@dataclass(frozen=True)
class Side:
    """One of the ways to the same result that a measurement compares.

    name       "floor" (leanest SQL), "peer" (another product), "ours", or what the entry calls it
    run        run(env, item) is timed together with the commit that follows it; returns rows where rows are compared
    database   `LargeDatabase(...)`, WITH_ADDONS or WITHOUT_ADDONS; every run of the bench works on fresh copies
    prepare    prepare(env, count) makes what the runs need, untimed and committed, and returns `count` items, the
               n-th of which the n-th run gets; without it a run gets its number
    before     before(env, item) brings the database to where each run begins, untimed and committed
    rows       rows(env, item) reads, untimed, what a run has written, where rows are compared; without it they are
               what the run returns
    """

    name: str
    run: Callable[[Any, Any], Any]
    database: LargeDatabase | str
    prepare: Callable[[Any, int], Sequence[Any]] | None = None
    before: Callable[[Any, Any], None] | None = None
    rows: Callable[[Any, Any], Sequence[Any]] | None = None


@dataclass(frozen=True)
class Measurement:
    """Sides that are run in turn, and what is expected of their numbers.

    name        unique within the entry
    unit        what one run is, as it reads in the table
    sides       the first one is the yardstick that ratios are taken to
    runs        how often each side is timed
    warm_up     how often each side is run before that, untimed: caches are warm in a server that works
    equal_rows  the sides must return the same rows in the same order
    goals       what the numbers must keep to; a missed one makes the bench fail
    """

    name: str
    unit: str
    sides: tuple[Side, ...]
    runs: int = 5
    warm_up: int = 1
    equal_rows: bool = False
    goals: tuple[Goal, ...] = ()


@dataclass
class SideResult:
    """The numbers of one side: a time (seconds) and a count of queries for each timed run, memory in MiB.

    peak_mib          the most that its process had in memory during the runs
    growth_mib        that less what it had before the first
    queries_at_scale  of one run on the large database of another scale
    """

    name: str
    seconds: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)
    peak_mib: float = 0.0
    growth_mib: float = 0.0
    queries_at_scale: dict[float, int] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile of the times in seconds: how far a median is to be trusted."""
        if len(self.seconds) < 2:
            return self.median, self.median
        low, _median, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high

    @property
    def median_queries(self) -> float:
        return statistics.median(self.queries)


@dataclass
class Result:
    """What one measurement gave.

    runs         how often each side was timed: as declared, or fewer for a quick look
    differences  None where rows are not compared, else a list, empty when all is equal
    """

    entry: str
    measurement: Measurement
    scale: float
    runs: int
    sides: list[SideResult]
    differences: list[str] | None = None

    def side(self, name: str) -> SideResult:
        """The side of that name; raises KeyError for another one."""
        for side in self.sides:
            if side.name == name:
                return side
        raise KeyError(name)

    def ratio(self, name: str) -> float:
        """How many times the yardstick's median the median of the named side is."""
        return self.side(name).median / self.sides[0].median

    def verdicts(self) -> list[Verdict]:
        """Each goal judged, and the equality of the rows where it is asked for."""
        verdicts = [goal.judge(self) for goal in self.measurement.goals]
        if self.differences is not None:
            text = "all sides return the same rows"
            found = "; ".join(self.differences) if self.differences else "the same"
            verdicts.insert(0, Verdict(text, not self.differences, found))
        return verdicts


@dataclass(frozen=True)
class Verdict:
    """A goal in words, whether it is met (None: cannot be judged in this run), and what was found."""

    text: str
    met: bool | None
    found: str


class Goal:
    """What is expected of a measurement's numbers."""

    def judge(self, result: Result) -> Verdict:
        """Say whether the numbers keep to the goal."""
        raise NotImplementedError


@dataclass(frozen=True)
class RatioAtMost(Goal):
    """The median of `side` is at most `limit` times that of the yardstick, judged from scale `from_scale` on.

    On a small database the constant costs of a request outweigh what is measured; a ratio of the two says nothing.
    """

    side: str
    limit: float
    from_scale: float = 0.0

    def judge(self, result: Result) -> Verdict:
        ratio = result.ratio(self.side)
        text = f"{self.side} takes at most {self.limit:g} x {result.sides[0].name}"
        return _of_time(self.from_scale, result, Verdict(text, ratio <= self.limit, f"{ratio:.3f} x"))


@dataclass(frozen=True)
class SecondsAtMost(Goal):
    """The median of `side` is at most `limit` seconds, from scale `from_scale` on: for what a person waits for."""

    side: str
    limit: float
    from_scale: float = 0.0

    def judge(self, result: Result) -> Verdict:
        seconds = result.side(self.side).median
        text = f"{self.side} takes at most {self.limit:g} s"
        return _of_time(self.from_scale, result, Verdict(text, seconds <= self.limit, f"{seconds:.3f} s"))


@dataclass(frozen=True)
class MemoryAtMost(Goal):
    """The process of `side` never has more than `mib` MiB in memory."""

    side: str
    mib: float

    def judge(self, result: Result) -> Verdict:
        peak = result.side(self.side).peak_mib
        return Verdict(f"{self.side} stays within {self.mib:g} MiB", peak <= self.mib, f"{peak:.0f} MiB")


@dataclass(frozen=True)
class QueriesAtMost(Goal):
    """No run of `side` makes more than `limit` queries."""

    side: str
    limit: int

    def judge(self, result: Result) -> Verdict:
        most = max(result.side(self.side).queries)
        return Verdict(f"{self.side} makes at most {self.limit} queries", most <= self.limit, str(most))


@dataclass(frozen=True)
class NoExtraQueries(Goal):
    """Each run of `side` makes exactly as many queries as the same run of the yardstick."""

    side: str

    def judge(self, result: Result) -> Verdict:
        side, yardstick = result.side(self.side), result.sides[0]
        extra = [mine - theirs for mine, theirs in zip(side.queries, yardstick.queries, strict=True)]
        found = f"{min(extra):+d}" if min(extra) == max(extra) else f"{min(extra):+d} to {max(extra):+d}"
        text = f"{self.side} makes the same queries as {yardstick.name}, each time"
        return Verdict(text, not any(extra), f"{found} a run")


@dataclass(frozen=True)
class SameQueriesAtScale(Goal):
    """`side` makes as many queries on the database of `scale` as on the one that is measured: they do not grow with it.

    The runner counts one run there. Not judged where the measured database is no larger than that. `more` is how many
    more the measured one may take, where rows are written whose number grows: Odoo writes them in batches of 100.
    """

    side: str
    scale: float
    more: int = 0

    def judge(self, result: Result) -> Verdict:
        text = f"{self.side} makes the same number of queries at scale {self.scale:g}"
        if self.more:
            text = f"{self.side} makes at most {self.more} queries more than at scale {self.scale:g}"
        side = result.side(self.side)
        if self.scale not in side.queries_at_scale:
            return Verdict(text, None, f"not judged at scale {result.scale:g}")
        small, large = side.queries_at_scale[self.scale], sorted(set(side.queries))
        found = f"{small} there, {' or '.join(map(str, large))} here"
        return Verdict(text, len(large) == 1 and 0 <= large[0] - small <= self.more, found)


def _of_time(from_scale: float, result: Result, verdict: Verdict) -> Verdict:
    """The verdict on a time, or that none is given: the database is smaller or the runs are fewer than it takes."""
    if result.scale < from_scale:
        return Verdict(verdict.text, None, f"{verdict.found}, not judged below scale {from_scale:g}")
    if result.runs < result.measurement.runs:
        return Verdict(
            verdict.text, None, f"{verdict.found}, not judged with fewer than {result.measurement.runs} runs"
        )
    return verdict


def turns(sides: int, runs: int) -> Iterator[tuple[int, int]]:
    """Yield (run, side) so that the sides take turns and none is always the first.

    What changes on the machine meanwhile then falls on all sides alike, and so does what one leaves to the next.

    >>> list(turns(2, 2))
    [(0, 0), (0, 1), (1, 1), (1, 0)]
    """
    for run in range(runs):
        order = range(sides) if run % 2 == 0 else reversed(range(sides))
        for side in order:
            yield run, side


def differences(expected: Sequence[Any], found: Sequence[Any], limit: int = 3) -> list[str]:
    """Say in what two results differ: sequences of rows (or of single values) in the same order.

    Numbers are equal when they are within a relative error of 1e-9: SQL and Python may add up the same floats in
    another order. None equals None only: no data is not zero. At most `limit` differences are worded, then their count.
    """
    worded = []
    if len(expected) != len(found):
        worded.append(f"{len(expected)} rows against {len(found)}")
    unequal = [
        f"row {number}: {one!r} against {other!r}"
        for number, (one, other) in enumerate(zip(expected, found, strict=False), start=1)
        if not _equal(one, other)
    ]
    worded += unequal[:limit]
    if len(unequal) > limit:
        worded.append(f"and {len(unequal) - limit} more rows")
    return worded


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_equal, one, other))
    if _is_number(one) and _is_number(other):
        return one == other or math.isclose(one, other, rel_tol=RELATIVE_ERROR)
    return one == other


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def table(results: Sequence[Result]) -> str:
    """The results as text: a line a side, then each goal with its verdict."""
    head = ("measurement", "side", "median", "quartiles", "ratio", "queries", "peak", "growth")
    lines = [head]
    for result in results:
        for number, side in enumerate(result.sides):
            low, high = side.quartiles
            lines.append(
                (
                    f"{result.entry}: {result.measurement.name}" if number == 0 else f"  {result.measurement.unit}",
                    side.name,
                    seconds_text(side.median),
                    f"{seconds_text(low)} .. {seconds_text(high)}",
                    f"{result.ratio(side.name):.3f}",
                    f"{side.median_queries:g}",
                    f"{side.peak_mib:.0f} MiB",
                    f"+{side.growth_mib:.0f} MiB",
                )
            )
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    text.insert(1, "  ".join("-" * width for width in widths))
    for result in results:
        for verdict in result.verdicts():
            mark = {True: "ok    ", False: "MISSED", None: "-     "}[verdict.met]
            text.append(f"{mark}  {result.entry}: {result.measurement.name}: {verdict.text}: {verdict.found}")
    return "\n".join(text)


def seconds_text(seconds: float) -> str:
    """A time with a unit that reads well.

    >>> seconds_text(0.0123456), seconds_text(2.5)
    ('12.35 ms', '2.500 s')
    """
    return f"{seconds:.3f} s" if seconds >= 1 else f"{seconds * 1000:.2f} ms"


def as_json(results: Sequence[Result], machine: dict[str, Any]) -> dict[str, Any]:
    """The results as JSON holds them: times in seconds, memory in MiB; `machine` says where they were measured."""
    return {
        "machine": machine,
        "measurements": [
            {
                "entry": result.entry,
                "name": result.measurement.name,
                "unit": result.measurement.unit,
                "scale": result.scale,
                "runs": result.runs,
                "sides": [
                    {
                        "name": side.name,
                        "median_seconds": side.median,
                        "quartiles_seconds": list(side.quartiles),
                        "ratio": result.ratio(side.name),
                        "median_queries": side.median_queries,
                        "peak_mib": side.peak_mib,
                        "growth_mib": side.growth_mib,
                        "queries_at_scale": {f"{scale:g}": count for scale, count in side.queries_at_scale.items()},
                    }
                    for side in result.sides
                ],
                "goals": [
                    {"text": verdict.text, "met": verdict.met, "found": verdict.found} for verdict in result.verdicts()
                ],
            }
            for result in results
        ],
    }


def is_missed(results: Sequence[Result]) -> bool:
    """Whether any goal of any result is missed; one that could not be judged is not."""
    return any(verdict.met is False for result in results for verdict in result.verdicts())

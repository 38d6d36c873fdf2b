"""Carries measurements out: starts the sides, lets them take turns, compares their rows."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from tests.bench.databases import Databases
from tests.bench.frame import Measurement, Result, SameQueriesAtScale, SideResult, differences, turns
from tests.bench.odoo_process import OdooProcess, load_entry, say


def run_entry(entry: str, scale: float, most_runs: int | None, databases: Databases) -> list[Result]:
    """Carry out all measurements of an entry.

    :param entry: its name; :param scale: of the large database; :param databases: where to work
    :param most_runs: for a quick look: no more runs of each side than these, and as many to warm up
    :raises SideFailed: a side raised an error
    """
    results = []
    with _Processes(entry, databases) as processes:
        for number, measurement in enumerate(load_entry(entry).MEASUREMENTS):
            most = most_runs or measurement.runs
            runs, warm_up = min(measurement.runs, most), min(measurement.warm_up, most)
            sides = [SideResult(side.name) for side in measurement.sides]
            result = Result(entry, measurement, scale, runs, sides)
            say(f"{entry}: {measurement.name}: {runs} runs of each side")
            _run(number, result, warm_up, processes)
            _count_at_other_scales(number, result, warm_up, processes)
            results.append(result)
    return results


class _Processes:
    """The processes of an entry: one for each side's name on each database, kept from measurement to measurement."""

    def __init__(self, entry: str, databases: Databases) -> None:
        self._entry = entry
        self._databases = databases
        self._started: dict[tuple[str, str], OdooProcess] = {}
        self._stack = ExitStack()

    def __enter__(self) -> _Processes:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def of(self, measurement: Measurement, scale: float) -> list[OdooProcess]:
        """A process for each side of the measurement, the large database being of that scale."""
        names = [self._databases.copy_of(side.database, scale) for side in measurement.sides]
        keys = [(side.name, name) for side, name in zip(measurement.sides, names, strict=True)]
        for key in keys:
            if key not in self._started:
                self._started[key] = self._stack.enter_context(OdooProcess(self._entry, key[1]))
        return [self._started[key] for key in keys]


def _run(number: int, result: Result, first_timed: int, processes: _Processes) -> None:
    """Fill in the result of the entry's measurement of that number; runs before the first timed one warm up."""
    measurement = result.measurement
    runs = first_timed + result.runs
    sides = processes.of(measurement, result.scale)
    for place, side in enumerate(sides):
        side.prepare(number, place, runs)
    rows: dict[int, Any] = {}
    for run, place in turns(len(sides), runs):
        wanted = measurement.equal_rows and run == first_timed
        answer = sides[place].run(run, wanted)
        if wanted:
            rows[place] = answer["rows"]
        if run >= first_timed:
            result.sides[place].seconds.append(answer["seconds"])
            result.sides[place].queries.append(answer["queries"])
    for side, side_result in zip(sides, result.sides, strict=True):
        memory = side.memory()
        side_result.peak_mib, side_result.growth_mib = memory["peak_mib"], memory["growth_mib"]
    if measurement.equal_rows:
        yardstick, *others = result.sides
        result.differences = [
            f"{yardstick.name} and {other.name}: {text}"
            for place, other in enumerate(others, start=1)
            for text in differences(rows[0], rows[place])
        ]


def _count_at_other_scales(number: int, result: Result, warm_up: int, processes: _Processes) -> None:
    """Count the queries of one warm run on smaller databases, where a goal asks for it."""
    for goal in result.measurement.goals:
        if not isinstance(goal, SameQueriesAtScale) or goal.scale >= result.scale:
            continue
        side_result = result.side(goal.side)
        place = result.sides.index(side_result)
        side = processes.of(result.measurement, goal.scale)[place]
        side.prepare(number, place, warm_up + 1)
        answers = [side.run(run) for run in range(warm_up + 1)]
        side_result.queries_at_scale[goal.scale] = answers[-1]["queries"]

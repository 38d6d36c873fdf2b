"""Carries measurements out: starts the sides, lets them take turns, compares their rows."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from tests.bench.databases import Databases
from tests.bench.frame import LargeDatabase, Result, SameQueriesAtScale, SideResult, differences, turns
from tests.bench.odoo_process import OdooProcess, load_entry, say


def run_entry(entry: str, scale: float, most_runs: int | None, databases: Databases) -> list[Result]:
    """Carry out all measurements of an entry.

    :param entry: its name; :param scale: of the large database; :param databases: where to work
    :param most_runs: for a quick look: no more runs of each side than these, and as many to warm up
    :raises SideFailed: a side raised an error
    """
    results = []
    for number, measurement in enumerate(load_entry(entry).MEASUREMENTS):
        most = most_runs or measurement.runs
        runs, warm_up = min(measurement.runs, most), min(measurement.warm_up, most)
        result = Result(entry, measurement, scale, runs, [SideResult(side.name) for side in measurement.sides])
        say(f"{entry}: {measurement.name}: {runs} runs of each side")
        _run(number, result, warm_up, databases)
        _count_at_other_scales(number, result, warm_up, databases)
        results.append(result)
    return results


def _run(number: int, result: Result, first_timed: int, databases: Databases) -> None:
    """Fill in the result of the measurement of that number in its entry; runs before the first timed one warm up."""
    entry, measurement = result.entry, result.measurement
    sides = measurement.sides
    runs = first_timed + result.runs
    names = [databases.copy_of(side.database, result.scale) for side in sides]
    with ExitStack() as stack:
        processes = [stack.enter_context(OdooProcess(entry, number, place, name)) for place, name in enumerate(names)]
        for process in processes:
            process.prepare(runs)
        rows: dict[int, Any] = {}
        for run, place in turns(len(sides), runs):
            wanted = measurement.equal_rows and run == first_timed
            answer = processes[place].run(run, wanted)
            if wanted:
                rows[place] = answer["rows"]
            if run >= first_timed:
                result.sides[place].seconds.append(answer["seconds"])
                result.sides[place].queries.append(answer["queries"])
        for side, process in zip(result.sides, processes, strict=True):
            memory = process.memory()
            side.peak_mib, side.growth_mib = memory["peak_mib"], memory["growth_mib"]
    if measurement.equal_rows:
        result.differences = [
            f"{sides[0].name} and {sides[place].name}: {text}"
            for place in range(1, len(sides))
            for text in differences(rows[0], rows[place])
        ]


def _count_at_other_scales(number: int, result: Result, warm_up: int, databases: Databases) -> None:
    """Count the queries of one warm run on smaller databases, where a goal asks for it."""
    for goal in result.measurement.goals:
        if not isinstance(goal, SameQueriesAtScale) or goal.scale >= result.scale:
            continue
        place, side = next(
            (place, side) for place, side in enumerate(result.measurement.sides) if side.name == goal.side
        )
        if not isinstance(side.database, LargeDatabase):
            continue
        name = databases.copy_of(side.database, goal.scale)
        runs = warm_up + 1
        with OdooProcess(result.entry, number, place, name) as process:
            process.prepare(runs)
            answers = [process.run(run) for run in range(runs)]
        result.sides[place].queries_at_scale[goal.scale] = answers[-1]["queries"]

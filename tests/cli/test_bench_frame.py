"""The bench's frame: medians and ratios, turns, equality of rows, goals, table and JSON."""

from __future__ import annotations

import doctest
import json
from decimal import Decimal

import pytest

from tests.bench import frame
from tests.bench.frame import (
    Measurement,
    MemoryAtMost,
    NoExtraQueries,
    QueriesAtMost,
    RatioAtMost,
    Result,
    SameQueriesAtScale,
    SecondsAtMost,
    Side,
    SideResult,
    as_json,
    differences,
    is_missed,
    seconds_text,
    table,
    turns,
)


def result(*goals, floor=(1.0,), ours=(2.0,), scale=1.0, runs=None, queries=((3,), (3,)), **ours_numbers) -> Result:
    """A result of a floor and ours with these times and queries, judged by these goals."""
    sides = tuple(Side(name, lambda _env, _item: None, "a database") for name in ("floor", "ours"))
    measurement = Measurement("measure", "one run", sides, runs=len(floor), goals=goals)
    numbers = [
        SideResult("floor", list(floor), list(queries[0])),
        SideResult("ours", list(ours), list(queries[1]), **ours_numbers),
    ]
    return Result("entry", measurement, scale, runs or len(floor), numbers)


def verdict(*arguments, **numbers) -> bool | None:
    [found] = result(*arguments, **numbers).verdicts()
    return found.met


def test_median_and_quartiles_are_those_of_all_runs() -> None:
    side = SideResult("ours", [5.0, 1.0, 2.0, 3.0, 4.0], [7, 9, 8])
    assert side.median == 3.0
    assert side.quartiles == (2.0, 4.0)
    assert side.median_queries == 8
    assert SideResult("ours", [2.0], [1]).quartiles == (2.0, 2.0)


def test_one_slow_run_moves_no_ratio() -> None:
    assert result(floor=(1.0, 1.0, 99.0), ours=(2.0, 2.0, 2.0)).ratio("ours") == 2.0


def test_ratio_of_the_yardstick_is_one() -> None:
    assert result(floor=(3.0,)).ratio("floor") == 1.0


@pytest.mark.parametrize(("sides", "runs"), [(2, 5), (3, 4), (1, 3)])
def test_each_side_has_each_run_once(sides: int, runs: int) -> None:
    order = list(turns(sides, runs))
    assert sorted(order) == [(run, side) for run in range(runs) for side in range(sides)]
    assert [run for run, _side in order] == sorted(run for run, _side in order)


def test_sides_take_turns_in_being_first() -> None:
    assert [side for _run, side in turns(2, 4)] == [0, 1, 1, 0, 0, 1, 1, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([], []),
        ([("a", 1, None)], [("a", 1, None)]),
        ([("a", 1)], [["a", 1.0]]),
        ([Decimal("0.3")], [0.1 + 0.2]),
        ([1e12], [1e12 * (1 + 1e-12)]),
        ([("a", (1, 2))], [("a", [1, 2])]),
    ],
)
def test_equal_rows(one: list, other: list) -> None:
    assert differences(one, other) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("a", None)], [("a", 0)]),
        ([("a", 1)], [("a", 1.000001)]),
        ([("a", 1)], [("b", 1)]),
        ([("a", 1)], [("a", "1")]),
        ([True], [1.0000001]),
        ([("a", 1)], [("a", 1, 2)]),
        ([("a",), ("b",)], [("b",), ("a",)]),
    ],
)
def test_unequal_rows(one: list, other: list) -> None:
    assert differences(one, other)


def test_a_missing_row_is_told_by_number() -> None:
    assert differences([1, 2], [1]) == ["2 rows against 1"]


def test_many_differences_are_counted_and_not_all_told() -> None:
    found = differences(list(range(10)), list(range(1, 11)), limit=2)
    assert found == ["row 1: 0 against 1", "row 2: 1 against 2", "and 8 more rows"]


def test_a_ratio_at_its_limit_is_met() -> None:
    assert verdict(RatioAtMost("ours", 2.0)) is True
    assert verdict(RatioAtMost("ours", 1.99)) is False


def test_times_are_not_judged_below_their_scale() -> None:
    assert verdict(RatioAtMost("ours", 1.0, from_scale=1), scale=0.1) is None
    assert verdict(SecondsAtMost("ours", 1.0, from_scale=1), scale=0.1) is None
    assert verdict(SecondsAtMost("ours", 1.0, from_scale=1), scale=1) is False


def test_times_of_a_quick_look_are_not_judged() -> None:
    assert verdict(RatioAtMost("ours", 1.0), floor=(1.0, 1.0), ours=(2.0, 2.0), runs=1) is None


def test_the_most_queries_of_any_run_count() -> None:
    many = {"floor": (1.0, 1.0), "ours": (1.0, 1.0), "queries": ((3, 3), (3, 5))}
    assert verdict(QueriesAtMost("ours", 5), **many) is True
    assert verdict(QueriesAtMost("ours", 4), **many) is False


def test_queries_are_compared_run_by_run() -> None:
    same_sum = {"floor": (1.0, 1.0), "ours": (1.0, 1.0), "queries": ((3, 5), (5, 3))}
    assert verdict(NoExtraQueries("ours"), **same_sum) is False
    assert verdict(NoExtraQueries("ours"), queries=((3,), (3,))) is True
    assert verdict(NoExtraQueries("ours"), queries=((3,), (2,))) is False


def test_queries_at_another_scale() -> None:
    goal = SameQueriesAtScale("ours", 0.01)
    assert verdict(goal) is None
    assert verdict(goal, queries_at_scale={0.01: 3}) is True
    assert verdict(goal, queries_at_scale={0.01: 2}) is False
    varying = {"floor": (1.0, 1.0), "ours": (1.0, 1.0), "queries": ((3, 3), (3, 4))}
    assert verdict(goal, queries_at_scale={0.01: 3}, **varying) is False
    batches = SameQueriesAtScale("ours", 0.01, more=1)
    assert [verdict(batches, queries_at_scale={0.01: count}) for count in (1, 2, 3, 4)] == [False, True, True, False]


def test_memory() -> None:
    assert verdict(MemoryAtMost("ours", 100), peak_mib=100) is True
    assert verdict(MemoryAtMost("ours", 100), peak_mib=100.1) is False


def test_only_a_missed_goal_or_unequal_rows_fail() -> None:
    assert not is_missed([result(), result(RatioAtMost("ours", 2.0))])
    assert not is_missed([result(RatioAtMost("ours", 1.0, from_scale=2))])
    assert is_missed([result(), result(RatioAtMost("ours", 1.0))])
    unequal = result()
    unequal.differences = ["row 1: 0 against 1"]
    assert is_missed([unequal])
    unequal.differences = []
    assert not is_missed([unequal])


def test_an_unknown_side_is_an_error() -> None:
    with pytest.raises(KeyError):
        result().side("peer")


@pytest.mark.parametrize(("seconds", "text"), [(0.0004567, "0.46 ms"), (0.9999, "999.90 ms"), (1.0, "1.000 s")])
def test_times_have_units(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_the_table_names_every_side_and_goal() -> None:
    text = table([result(RatioAtMost("ours", 1.5), NoExtraQueries("ours"), peak_mib=120.4, growth_mib=20.6)])
    lines = text.splitlines()
    assert lines[0].split() == ["measurement", "side", "median", "quartiles", "ratio", "queries", "peak", "growth"]
    assert "entry: measure" in lines[2] and "1.000 s" in lines[2]
    assert "2.000 s" in lines[3] and "120 MiB" in lines[3] and "+21 MiB" in lines[3]
    assert "MISSED  entry: measure: ours takes at most 1.5 x floor: 2.000 x" in lines
    assert "ok      entry: measure: ours makes the same queries as floor, each time: +0 a run" in lines


def test_json_holds_what_the_table_shows() -> None:
    found = as_json([result(RatioAtMost("ours", 2.0), queries_at_scale={0.01: 3})], {"cores": 2})
    assert found == json.loads(json.dumps(found))
    [measurement] = found["measurements"]
    assert found["machine"] == {"cores": 2}
    assert measurement["scale"] == 1.0
    assert measurement["runs"] == 1
    assert [side["median_seconds"] for side in measurement["sides"]] == [1.0, 2.0]
    assert [side["ratio"] for side in measurement["sides"]] == [1.0, 2.0]
    assert measurement["sides"][1]["queries_at_scale"] == {"0.01": 3}
    assert measurement["goals"] == [{"text": "ours takes at most 2 x floor", "met": True, "found": "2.000 x"}]


def test_examples_in_docstrings() -> None:
    found = doctest.testmod(frame)
    assert found.attempted > 0
    assert found.failed == 0

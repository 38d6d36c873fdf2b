"""Facts of 40 KPI over 24 months, computed and looked at, against the leanest SQL.

First the refresh of facts: all months for the first time, the open month after changes, and all months after changes,
as each night. The floor (_kpi_floor.py) writes the same facts by one statement for each source.
"""

from __future__ import annotations

from typing import Any

from tests.bench.entries import _kpi_floor
from tests.bench.entries._kpi_company import ALL_KPIS, FIRST, KPIS, LAST, prepare_company
from tests.bench.frame import (
    LargeDatabase,
    Measurement,
    MemoryAtMost,
    NoExtraQueries,
    RatioAtMost,
    SameQueriesAtScale,
    Side,
)

LARGE = LargeDatabase(leads=100_000, invoices=50_000)
ONE_OF_EACH = tuple(codes[0] for codes in KPIS.values())
KEYS = ("employee_id", "head_id", "team_id", "segment_id", "category_id", "company_id", "partner_id")


def prepare(codes: tuple[str, ...] = ALL_KPIS) -> Any:
    """What makes the company with all facts, before the runs do with them what they do."""

    def make(env: Any, count: int) -> list[int]:
        perimeter = prepare_company(env, codes)
        refresh(env, perimeter.id, FIRST, LAST)
        return [perimeter.id] * count

    return make


def empty(env: Any, _perimeter: int) -> None:
    """Nothing was ever computed."""
    env.cr.execute("TRUNCATE sdm_kpi_fact")


def changed(since: Any) -> Any:
    """What lets a hundredth of the facts from a month on be others than the documents say; each run sets them right."""

    def change(env: Any, _perimeter: int) -> None:
        env.cr.execute("DELETE FROM sdm_kpi_fact WHERE id %% 200 = 0 AND date >= %s", (since,))
        env.cr.execute("UPDATE sdm_kpi_fact SET value = value + 1 WHERE id %% 200 = 1 AND date >= %s", (since,))

    return change


def refresh(env: Any, perimeter: int, first: Any, last: Any) -> None:
    env["sdm.kpi.run"]._start(env["sdm.perimeter"].browse(perimeter), first, last)._run()


def ours(first: Any, last: Any) -> Any:
    return lambda env, perimeter: refresh(env, perimeter, first, last)


def floor(first: Any, last: Any, is_first: bool) -> Any:
    return lambda env, perimeter: _kpi_floor.write(
        env, env["sdm.perimeter"].browse(perimeter), first, last, ALL_KPIS, is_first
    )


def facts(env: Any, perimeter: int) -> list[tuple]:
    """By KPI and month how many facts there are, what they come to, and a number that tells which they are."""
    keys = ", ".join(f"COALESCE(fact.{key}, 0)" for key in KEYS)
    env.cr.execute(
        f"""SELECT kpi.code, fact.date::text, COUNT(*), SUM(fact.value)::float8,
                   SUM(hashtext(concat_ws(' ', {keys}, ROUND(fact.value, 4)))::int8)::text
              FROM sdm_kpi_fact fact JOIN sdm_kpi kpi ON kpi.id = fact.kpi_id
             WHERE fact.perimeter_id = %s GROUP BY 1, 2 ORDER BY 1, 2""",
        (perimeter,),
    )
    return env.cr.fetchall()


def refreshed(name: str, unit: str, first: Any, since: Any = None) -> Measurement:
    """Facts from a month on, for the first time or after changes since a month, against the floor."""
    made = {"prepare": prepare(), "before": changed(since) if since else empty, "rows": facts}
    return Measurement(
        name,
        unit,
        sides=(
            Side("floor", floor(first, LAST, not since), LARGE, **made),
            Side("ours", ours(first, LAST), LARGE, **made),
        ),
        runs=3,
        warm_up=0,
        equal_rows=True,
        goals=(
            RatioAtMost("ours", 1.5, from_scale=1),
            SameQueriesAtScale("ours", 0.01),
            MemoryAtMost("ours", 512),
        ),
    )


MEASUREMENTS = (
    refreshed("first", "40 KPI x 24 months, for the first time", FIRST),
    refreshed("nightly", "40 KPI x 24 months, 1 % of the facts changed", FIRST, since=FIRST),
    refreshed("month", "40 KPI of the open month, 1 % of its facts changed", LAST, since=LAST),
    Measurement(
        "queries",
        "one KPI of each source x 12 months, and all of them x 24",
        sides=(
            Side("fewer", ours(FIRST.replace(year=FIRST.year + 1), LAST), LARGE, prepare(ONE_OF_EACH), empty),
            Side("ours", ours(FIRST, LAST), LARGE, prepare(), empty),
        ),
        runs=1,
        warm_up=1,
        goals=(NoExtraQueries("ours"),),
    ),
)

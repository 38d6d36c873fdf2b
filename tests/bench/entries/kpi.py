"""Facts of 40 KPI over 24 months against the leanest SQL and other products; screens and plans of 200 people.

The refresh of facts: all months for the first time, the open month after changes, and all months after changes, as
each night. The floor (_kpi_floor.py) writes the same facts by one statement for each source. What others compute, too,
is in _kpi_peers.py, and screens and plans in _kpi_screens.py.
"""

from __future__ import annotations

from typing import Any

from tests.bench.entries import _kpi_floor, _kpi_peers, _kpi_screens
from tests.bench.entries._kpi_company import ALL_KPIS, FIRST, KPIS, LAST, prepare_company
from tests.bench.frame import (
    LargeDatabase,
    Measurement,
    MemoryAtMost,
    NoExtraQueries,
    QueriesAtMost,
    RatioAtMost,
    SameQueriesAtScale,
    SecondsAtMost,
    Side,
)

LARGE = LargeDatabase(leads=100_000, invoices=50_000)
WITH_GAMIFICATION = LargeDatabase(leads=100_000, invoices=50_000, modules=("gamification",))
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
    forget_when(env)


def forget_when(env: Any) -> None:
    """Months that were computed in the very second of a run would not be written again, by one query fewer."""
    env.cr.execute("UPDATE sdm_period SET refreshed_on = NULL")


def changed(since: Any) -> Any:
    """What lets a hundredth of the facts from a month on be others than the documents say; each run sets them right."""

    def change(env: Any, _perimeter: int) -> None:
        env.cr.execute("DELETE FROM sdm_kpi_fact WHERE id %% 200 = 0 AND date >= %s", (since,))
        env.cr.execute("UPDATE sdm_kpi_fact SET value = value + 1 WHERE id %% 200 = 1 AND date >= %s", (since,))
        forget_when(env)

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
        runs=3 if since else 2,
        warm_up=0,
        equal_rows=True,
        goals=(
            RatioAtMost("ours", 1.5, from_scale=1),
            SameQueriesAtScale("ours", 0.01),
            MemoryAtMost("ours", 512),
        ),
    )


def prepare_for_users(env: Any, count: int) -> list[int]:
    perimeter = _kpi_peers.prepare_for_users(env)
    refresh(env, perimeter.id, FIRST, LAST)
    return [perimeter.id] * count


def gamified() -> Measurement:
    """Four KPI by user and month, as goals of Odoo's gamification and as facts."""
    peer = {"before": _kpi_peers.forget_goals, "rows": _kpi_peers.goals_by_user}
    own = {"before": empty, "rows": _kpi_peers.facts_by_user}
    return Measurement(
        "gamification",
        "4 KPI of 200 people x 24 months, for the first time",
        sides=(
            Side("peer", _kpi_peers.update_goals, WITH_GAMIFICATION, _kpi_peers.prepare_goals, **peer),
            Side("ours", ours(FIRST, LAST), WITH_GAMIFICATION, prepare_for_users, **own),
        ),
        runs=3,
        warm_up=0,
        equal_rows=True,
        goals=(RatioAtMost("ours", 1, from_scale=1),),
    )


def reported() -> Measurement:
    """A report of four KPI by month, opened: by queries over documents, and from facts."""
    made = prepare(_kpi_peers.CODES)
    return Measurement(
        "report",
        "4 KPI x 24 months, opened",
        sides=(
            Side("records", _kpi_peers.add_up_in_python, LARGE, made),
            Side("sums", _kpi_peers.add_up_in_queries, LARGE, made),
            Side("ours", _kpi_peers.open_facts, LARGE, made),
        ),
        runs=3,
        equal_rows=True,
        goals=(RatioAtMost("ours", 1, from_scale=1), QueriesAtMost("ours", 10)),
    )


def screen(name: str, unit: str, run: Any, prepare: Any, seconds: float, queries: int) -> Measurement:
    """What a person waits for: at most so many seconds, and so many queries whatever the number of people.

    They may be one fewer with few people, of whom nothing of some kind is there.
    """
    return Measurement(
        name,
        unit,
        sides=(Side("ours", run, LARGE, prepare),),
        runs=5,
        warm_up=2,
        goals=(
            SecondsAtMost("ours", seconds, from_scale=1),
            QueriesAtMost("ours", queries),
            SameQueriesAtScale("ours", 0.01, more=1),
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
        warm_up=0,
        goals=(NoExtraQueries("ours"),),
    ),
    gamified(),
    reported(),
    screen(
        "scorecard",
        "a month of 200 people, opened",
        _kpi_screens.open_scorecard,
        _kpi_screens.prepare_director,
        2,
        30,
    ),
    screen(
        "grid",
        "200 people x 12 KPI x 12 months, opened beside last year",
        _kpi_screens.open_grid,
        _kpi_screens.prepare_director,
        2,
        30,
    ),
    screen(
        "plan_fact",
        "12 KPI x 9 months by team and month, opened",
        _kpi_screens.open_report,
        _kpi_screens.prepare_director,
        2,
        30,
    ),
    screen(
        "my_plan",
        "the month of a seller, opened",
        _kpi_screens.open_my_plan,
        _kpi_screens.prepare_seller,
        0.5,
        60,
    ),
    screen(
        "copy",
        "a version of 28,800 targets, copied",
        _kpi_screens.copy_version,
        _kpi_screens.prepare_director,
        5,
        30,
    ),
    Measurement(
        "put_in_force",
        "a version of 28,800 targets, put in force",
        sides=(Side("ours", _kpi_screens.put_in_force, LARGE, _kpi_screens.prepare_drafts),),
        runs=3,
        goals=(SecondsAtMost("ours", 10, from_scale=1), QueriesAtMost("ours", 60)),
    ),
)

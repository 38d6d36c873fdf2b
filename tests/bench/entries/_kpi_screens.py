"""What people wait for: 200 people with 12 KPI planned in 12 months, opened, copied and put in force."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.bench.entries._kpi_company import ALL_KPIS, FIRST, LAST, prepare_company

YEAR = date(LAST.year, 1, 1)
PLANNED = (
    *("revenue", "invoiced", "order_amount", "orders", "order_quantity", "offers", "offer_amount", "new_deals"),
    *("won_deals", "won_amount", "activities", "calls"),
)
DIRECTOR = "director@bench.example"


def prepare_plan(env: Any, year: date = YEAR) -> Any:
    """A plan of a year in force, with all facts; made when it is first asked for.

    :return: its version in force
    """
    perimeter = prepare_company(env, ALL_KPIS)
    plan = env["sdm.plan"].search([("date_from", "=", year)])
    if not env["res.users"].search_count([("login", "=", DIRECTOR)]):
        groups = env.ref("sdm_segmentation.group_sdm_director")
        env["res.users"].create({"name": "Director", "login": DIRECTOR, "group_ids": groups.ids})
        env["sdm.kpi.run"]._start(perimeter, FIRST, LAST)._run()
    if not plan:
        plan = env["sdm.plan"].create({"perimeter_id": perimeter.id, "date_from": year})
        version = env["sdm.plan.version"].create({"plan_id": plan.id})
        env.flush_all()
        env.cr.execute(
            """INSERT INTO sdm_plan_target (version_id, perimeter_id, kpi_id, date, employee_id, head_id, team_id,
                                            value, is_held, is_effective)
               SELECT %s, %s, kpi.id, month::date, position.employee_id, position.head_id, position.team_id,
                      100 + position.employee_id, FALSE, FALSE
                 FROM sdm_kpi kpi, sdm_position position,
                      generate_series(%s::date, %s::date + interval '11 months', interval '1 month') month
                WHERE kpi.code = ANY(%s) AND position.team_id IS NOT NULL AND position.date_to IS NULL""",
            (version.id, perimeter.id, year, year, list(PLANNED)),
        )
        env.invalidate_all()
        # the days of the past are decided: of the plan of a year that is over, too, from today on
        version._put_in_force(date.today(), "Bench")
        env.flush_all()
        env.cr.execute("ANALYZE sdm_plan_target")
        env.cr.execute("ANALYZE sdm_kpi_fact")
    return plan.version_id


def prepare_director(env: Any, count: int) -> list[tuple[int, int]]:
    version = prepare_plan(env)
    user = env["res.users"].search([("login", "=", DIRECTOR)])
    return [(user.id, version.id)] * count


def prepare_seller(env: Any, count: int) -> list[tuple[int, int]]:
    """The second one of the first team: the first one leads it."""
    version = prepare_plan(env)
    seller = env["sdm.plan.target"].search([("version_id", "=", version.id), ("head_id", "!=", False)], limit=1)
    return [(seller.employee_id.user_id.id, version.id)] * count


def prepare_drafts(env: Any, count: int) -> list[tuple[int, int]]:
    """For each run a version of next year with all targets that waits for a decision; another one is in force."""
    [(user, _version), *_others] = prepare_director(env, count)
    version = prepare_plan(env, date(date.today().year + 1, 1, 1))
    drafts = [version.copy() for _number in range(count)]
    for draft in drafts:
        draft.action_submit()
    return [(user, draft.id) for draft in drafts]


def open_scorecard(env: Any, item: tuple[int, int]) -> None:
    env(user=item[0])["sdm.scorecard"].get_scorecard(str(LAST))


def open_grid(env: Any, item: tuple[int, int]) -> None:
    user, version = item
    env(user=user)["sdm.plan.version"].browse(version).get_grid({"last_year": True})


def open_report(env: Any, item: tuple[int, int]) -> None:
    """Plan and fact of the year: by KPI, its teams, and their months."""
    env(user=item[0])["sdm.kpi.report"].formatted_read_grouping_sets(
        [("date", ">=", str(YEAR)), ("kpi_id.code", "in", PLANNED)],
        [["kpi_id"], ["kpi_id", "team_id"], ["kpi_id", "date:month"], ["kpi_id", "team_id", "date:month"]],
        ["value:sum", "target:sum", "attainment:sum"],
    )


def open_my_plan(env: Any, item: tuple[int, int]) -> None:
    env(user=item[0])["sdm.my.plan"].get_plan(None, str(LAST))


def copy_version(env: Any, item: tuple[int, int]) -> None:
    user, version = item
    env(user=user)["sdm.plan.version"].browse(version).copy()


def put_in_force(env: Any, item: tuple[int, int]) -> None:
    user, version = item
    env(user=user)["sdm.plan.version"].browse(version)._put_in_force(date.today(), "Bench")

"""What others compute, too: four KPI by user and month by Odoo's gamification, by month by queries of a report.

Documents count for their salesperson only, in both. A goal of gamification is a person, a month and a KPI.

Reports such as those of OCA's mis_builder keep no results: whenever one is opened, each of its queries is asked for
each period, as one `read_group` where it sums a stored field, else by `search_read` of all records, which Python adds
up. That addon is not part of this repository; the sides here make its queries, and nothing of what it does besides.
Ours opens the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.bench.entries._kpi_company import FIRST, MONTHS, add_months, prepare_company


@dataclass(frozen=True)
class Definition:
    """A KPI as others define it: what is summed (nothing: documents are counted) of records, by whom and when."""

    model: str
    domain: tuple
    field: str
    user: str
    date: str

    @property
    def is_dated(self) -> bool:
        return self.date == "invoice_date"


WON = (("type", "=", "opportunity"), ("won_status", "=", "won"))
POSTED = (("move_type", "in", ["out_invoice", "out_refund"]), ("state", "=", "posted"))
DEFINITIONS = {
    "won_amount": Definition("crm.lead", WON, "expected_revenue", "user_id", "date_closed"),
    "won_deals": Definition("crm.lead", WON, "", "user_id", "date_closed"),
    "orders": Definition("sale.order", (("state", "=", "sale"),), "", "user_id", "date_order"),
    "invoiced": Definition("account.move", POSTED, "amount_untaxed_signed", "invoice_user_id", "invoice_date"),
}
CODES = tuple(DEFINITIONS)
PERIODS = [(month, add_months(month, 1) - timedelta(days=1)) for month in (add_months(FIRST, n) for n in range(MONTHS))]


def prepare_for_users(env: Any) -> Any:
    """The company, in which only salespeople are credited; in a copy that nothing else is measured in."""
    perimeter = prepare_company(env, CODES)
    env["sdm.credit.rule"].search([("method", "!=", "salesperson")]).active = False
    env.flush_all()
    return perimeter


def prepare_goals(env: Any, count: int) -> list[list[int]]:
    """A goal for each seller, month and KPI."""
    prepare_for_users(env)
    sellers = env["hr.employee"].search([("user_id", "!=", False)]).user_id
    sellers |= env["res.users"].with_context(active_test=False).search([("login", "like", "seller%@bench.example")])
    goals = env["gamification.goal"]
    for code, definition in DEFINITIONS.items():
        made = _make_definition(env, code, definition)
        goals |= goals.create(
            [
                {
                    "definition_id": made.id,
                    "user_id": user.id,
                    "start_date": first,
                    "end_date": last,
                    "target_goal": 1e12,
                    "state": "inprogress",
                }
                for user in sellers
                for first, last in PERIODS
            ]
        )
    return [goals.ids] * count


def _make_definition(env: Any, code: str, definition: Definition) -> Any:
    fields = {
        field.name: field.id
        for field in env["ir.model.fields"].search([("model", "=", definition.model)])
        if field.name in (definition.field, definition.user, definition.date)
    }
    return env["gamification.goal.definition"].create(
        {
            "name": code,
            "model_id": env["ir.model"]._get_id(definition.model),
            "computation_mode": "sum" if definition.field else "count",
            "field_id": fields.get(definition.field),
            "field_date_id": fields[definition.date],
            "domain": str(list(definition.domain)),
            "batch_mode": True,
            "batch_distinctive_field": fields[definition.user],
            "batch_user_expression": "user.id",
        }
    )


def forget_goals(env: Any, _goals: list[int]) -> None:
    env.cr.execute("UPDATE gamification_goal SET current = 0, state = 'inprogress', closed = FALSE")


def update_goals(env: Any, goals: list[int]) -> None:
    env["gamification.goal"].browse(goals).update_goal()


def goals_by_user(env: Any, _goals: list[int]) -> list[tuple]:
    """What each user reached in each month, by KPI; 0 is left out."""
    env.cr.execute(
        """SELECT definition.name->>'en_US', goal.start_date::text, goal.user_id, goal.current::float8
             FROM gamification_goal goal JOIN gamification_goal_definition definition
               ON definition.id = goal.definition_id
            WHERE goal.current <> 0 ORDER BY 1, 2, 3"""
    )
    return env.cr.fetchall()


def facts_by_user(env: Any, perimeter: int) -> list[tuple]:
    """The same from the facts."""
    env.cr.execute(
        """SELECT kpi.code, fact.date::text, employee.user_id, SUM(fact.value)::float8
             FROM sdm_kpi_fact fact
             JOIN sdm_kpi kpi ON kpi.id = fact.kpi_id
             JOIN hr_employee employee ON employee.id = fact.employee_id
            WHERE fact.perimeter_id = %s
            GROUP BY 1, 2, 3 HAVING SUM(fact.value) <> 0 ORDER BY 1, 2, 3""",
        (perimeter,),
    )
    return env.cr.fetchall()


def _domain(definition: Definition, first: date, last: date) -> list[tuple]:
    if definition.is_dated:
        between = [(definition.date, ">=", first), (definition.date, "<=", last)]
    else:
        end = datetime.combine(last + timedelta(days=1), time())
        between = [(definition.date, ">=", datetime.combine(first, time())), (definition.date, "<", end)]
    return [*definition.domain, *between]


def add_up_in_python(env: Any, _perimeter: int) -> list[tuple]:
    """A query for each KPI and month that reads all records; where they come to 0 there is no fact."""
    rows = []
    for code, definition in sorted(DEFINITIONS.items()):
        for first, last in PERIODS:
            names = [definition.field] if definition.field else ["id"]
            found = env[definition.model].search_read(_domain(definition, first, last), names)
            value = sum(record[definition.field] for record in found) if definition.field else len(found)
            rows.append((code, str(first), float(value)))
    return [row for row in rows if row[-1]]


def add_up_in_queries(env: Any, _perimeter: int) -> list[tuple]:
    """A query for each KPI and month that sums."""
    rows = []
    for code, definition in sorted(DEFINITIONS.items()):
        aggregate = f"{definition.field}:sum" if definition.field else "__count"
        for first, last in PERIODS:
            [(value,)] = env[definition.model]._read_group(_domain(definition, first, last), [], [aggregate])
            rows.append((code, str(first), float(value or 0)))
    return [row for row in rows if row[-1]]


def open_facts(env: Any, _perimeter: int) -> list[tuple]:
    """The report of facts, grouped by KPI and month."""
    found = env["sdm.kpi.report"]._read_group([("kpi_id.code", "in", CODES)], ["kpi_id", "date:month"], ["value:sum"])
    return sorted((kpi.code, str(month), float(value)) for kpi, month, value in found)

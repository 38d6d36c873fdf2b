"""What was forecast of the revenue in the last months, as each fifth working day would have kept it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from odoo.fields import Domain

from demo_company.cast import HEADS
from demo_company.days import DAY, add_months, is_working
from demo_company.writing.records import Records

MONTHS = 3
TOLD_ON = (5, 10, 15)  # working days
# What each head is sure of and hopes for, by what then came: one is too sure, one knows the group, one is careful
SURE_OF = {"gromov": (1.3, 1.5), "zueva": (0.97, 1.1), "klimov": (0.8, 1.05)}


def write_forecasts(records: Records) -> None:
    """Keep them of each seller by the pace of the month, and what the heads expected, unless there are no KPI."""
    if "sdm.kpi.forecast.snapshot" not in records.env:
        return
    env, first = records.env, records.company.anchor.replace(day=1)
    perimeter = env["sdm.perimeter"]._get_default()
    revenue = env["sdm.kpi"].search([("code", "=", "revenue")])
    told = []
    for month in (add_months(first, -count) for count in range(MONTHS, 0, -1)):
        days = list(_working_days(month))
        targets = _sum(env["sdm.kpi.report"], [("kpi_id", "=", revenue.id), ("date", "=", month)], "target:sum")
        came = _sum(env["sdm.kpi.report"], [("kpi_id", "=", revenue.id), ("date", "=", month)], "value:sum")
        heads = _heads(records, month, came)
        env["sdm.kpi.forecast"].create(
            [
                {
                    "perimeter_id": perimeter.id,
                    "kpi_id": revenue.id,
                    "date": month,
                    "head_id": records.employees[head],
                    "commit": round(amount * SURE_OF[head][0], -3),
                    "best": round(amount * SURE_OF[head][1], -3),
                }
                for head, amount in heads.items()
            ]
        )
        Entry = env["sdm.kpi.entry"].with_context(sdm_source="revenue", sdm_first=str(month), sdm_last=str(month))
        for number in TOLD_ON:
            day = days[number - 1]
            values = _sum(Entry, [("date", ">=", month), ("date", "<", day)], "amount:sum")
            common = {
                "perimeter_id": perimeter.id,
                "kpi_id": revenue.id,
                "date": month,
                "day": day,
                "working_day": number,
            }
            for employee, target in targets.items():
                if employee and target:
                    value = values.get(employee, 0)
                    position = _position(env, employee, day)
                    told.append(
                        {
                            **common,
                            "employee_id": employee,
                            "head_id": position.head_id.id,
                            "team_id": position.team_id.id,
                            "method": "run_rate",
                            "amount": round(value * len(days) / (number - 1), 2),
                            "value": value,
                            "target": target,
                        }
                    )
            for head, amount in heads.items():
                for method, factor in zip(("commit", "best"), SURE_OF[head], strict=True):
                    told.append(
                        {
                            **common,
                            "head_id": records.employees[head],
                            "method": method,
                            "amount": round(amount * factor, -3),
                        }
                    )
    records.create("sdm.kpi.forecast.snapshot", "forecasts", told)
    env["sdm.kpi.forecast.snapshot"]._settle(perimeter, first)
    records.forget()


def _working_days(month: date) -> Iterator[date]:
    day = month
    while day.month == month.month:
        if is_working(day):
            yield day
        day += DAY


def _sum(model, domain, measure):
    return {
        employee.id: float(amount or 0) for employee, amount in model._read_group(domain, ["employee_id"], [measure])
    }


def _heads(records, month, came):
    """What the group of each head came to: {key: amount}"""
    env, last = records.env, add_months(month, 1) - DAY
    found = {}
    for head in HEADS.values():
        card = env["hr.employee"].browse(records.employees[head])
        members = env["sdm.position"]._get_subtree(card, last) - card
        found[head] = sum(came.get(member.id, 0) for member in members)
    return found


def _position(env, employee, day):
    Position = env["sdm.position"]
    return Position.search(Domain("employee_id", "=", employee) & Position._get_domain_on(day), limit=1)

"""The plan of the year, as it was decided and changed, and that of the next one, which waits for a decision."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from odoo import models

from demo_company.cast import DIRECTOR, PEOPLE
from demo_company.plan import CHANGE, FIRST, NEXT
from demo_company.planted import STORIES
from demo_company.writing.records import Records
from demo_company.writing.segments import put_in_force

REASON = "Each seller grows by a tenth. Who could do more said so."
REASON_OF_CHANGE = "Viktor Lebedev has two new customers of size A since summer."
WAITS = timedelta(days=5)
# What each seller is to do in a month besides
NORMS = {"meetings": 3, "calls": 20}


def write_plans(records: Records) -> None:
    """Plan both years, unless the company stops before KPI."""
    if "sdm.plan" not in records.env:
        return
    day = STORIES["plan_changed"].date(records.company.anchor)
    director = records.users[next(person.key for person in PEOPLE.values() if person.job == DIRECTOR)]
    first = _make_version(records, day.year, FIRST)
    put_in_force(first, REASON, director, date(day.year, 1, 1))
    first._hold_targets()
    change = first.copy()
    _change_targets(records, change)
    change.write(
        {
            "state": "scheduled",
            "date_from": day,
            "month_rule": "days",
            "reason": REASON_OF_CHANGE,
            "approved_by_id": director,
        }
    )
    change._come_into_force()
    coming = _make_version(records, day.year + 1, NEXT)
    submitted = records.company.anchor - WAITS
    coming.write({"state": "submitted", "date_submitted": submitted, "submitted_by_id": director})
    _write_commitments(records, coming, submitted)
    records.forget()


def _make_version(records: Records, year: int, version: str) -> models.BaseModel:
    env = records.env
    plan = env["sdm.plan"].create({"name": f"Plan {year}", "date_from": date(year, 1, 1)})
    found = env["sdm.plan.version"].create({"plan_id": plan.id, "name": "Base"})
    revenue = _revenue(records)
    records.create(
        "sdm.plan.target",
        f"targets of {year}",
        [
            {
                "version_id": found.id,
                "kpi_id": revenue.id,
                "date": target.month,
                "employee_id": records.employees.get(target.person),
                "head_id": records.employees[target.head],
                "value": target.amount,
            }
            for target in records.company.targets
            if target.version == version
        ],
    )
    kpis = {kpi.code: kpi.id for kpi in env["sdm.kpi"].search([("code", "in", list(NORMS))])}
    records.create(
        "sdm.plan.target",
        f"norms of {year}",
        [
            {
                "version_id": found.id,
                "kpi_id": kpis[code],
                "date": target.month,
                "employee_id": records.employees[target.person],
                "head_id": records.employees[target.head],
                "value": norm,
            }
            for target in records.company.targets
            if target.version == version and target.person
            for code, norm in NORMS.items()
        ],
    )
    return found


def _change_targets(records: Records, version: models.BaseModel) -> None:
    changed = {
        (records.employees[target.person], target.month): target.amount
        for target in records.company.targets
        if target.version == CHANGE
    }
    revenue = _revenue(records)
    for target in version.target_ids.filtered(lambda target: target.kpi_id == revenue):
        amount = changed[target.employee_id.id, target.date]
        if target.value != amount:
            target.value = amount


def _write_commitments(records: Records, version: models.BaseModel, day: date) -> None:
    revenue = _revenue(records)
    given = datetime.combine(day, time(9))
    records.create(
        "sdm.plan.commitment",
        "commitments",
        [
            {
                "version_id": version.id,
                "kpi_id": revenue.id,
                "date": commitment.month,
                "employee_id": records.employees[commitment.person],
                "value": commitment.amount,
                "date_given": given,
            }
            for commitment in records.company.commitments
        ],
    )


def _revenue(records: Records) -> models.BaseModel:
    return records.env["sdm.kpi"].search([("code", "=", "revenue")])

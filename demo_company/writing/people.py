"""The company itself, its users, employees and sales teams."""

from __future__ import annotations

from datetime import datetime, time

from odoo.fields import Command

from demo_company import catalogue
from demo_company.cast import HEADS, PEOPLE, TEAMS
from demo_company.plan import Position
from demo_company.writing.records import Records

TIME_ZONE = "Europe/Moscow"
DAY_BEGINS, DAY_ENDS = time(6), time(15)  # UTC: the working day in Moscow


def write_company(records: Records) -> None:
    """Name the company and give it a currency, a chart of accounts, terms of payment and one tax."""
    env = records.env
    env.ref("base.RUB").active = True
    env.company.write({"name": catalogue.COMPANY, "country_id": records.ref("base.ru")})
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
    # the generic chart is made for dollars and American taxes
    russia = records.ref("base.ru")
    env.company.write({"currency_id": records.ref("base.RUB"), "account_fiscal_country_id": russia})
    name = f"VAT {catalogue.VAT_PERCENT} %"
    values = {"name": name, "country_id": russia}
    group = env["account.tax.group"].create(values)
    values |= {"amount": catalogue.VAT_PERCENT, "invoice_label": name, "tax_group_id": group.id}
    tax = env["account.tax"].create(values)
    # without an account of its own, tax is posted on the income account and accounting knows no revenue without it
    lines = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
    lines.filtered(lambda line: line.repartition_type == "tax").account_id = env["account.chart.template"].ref(
        "tax_received"
    )
    env.company.account_sale_tax_id = tax
    # days of facts end where the company is
    env.company.partner_id.tz = env.company.resource_calendar_id.tz = TIME_ZONE
    env.user.tz = TIME_ZONE
    env.ref("base.user_admin").tz = TIME_ZONE
    records.forget()


def write_people(records: Records) -> None:
    """Create users, employees with managers and jobs, and sales teams with their members."""
    _write_users(records)
    _write_employees(records)
    _write_teams(records)


def write_departure(records: Records) -> None:
    """Archive who has left; due after all documents that name them."""
    env = records.env
    for position in records.company.positions:
        if position.end and _last(records, position.person) == position:
            env["hr.employee"].browse(records.employees[position.person]).write(
                {
                    "active": False,
                    "departure_reason_id": records.ref("hr.departure_resigned"),
                    "departure_date": position.end,
                }
            )
            env["res.users"].browse(records.users[position.person]).active = False
    records.forget()


def write_absences(records: Records) -> None:
    """Enter who is away and who stands in."""
    values = [
        {
            "name": "Leave",
            "sdm_employee_id": records.employees[absence.person],
            "sdm_substitute_id": records.employees.get(absence.substitute),
            "date_from": datetime.combine(absence.start, DAY_BEGINS),
            "date_to": datetime.combine(absence.end, DAY_ENDS),
        }
        for absence in records.company.absences
    ]
    records.absences = records.create("resource.calendar.leaves", "absences", values)


def _positions(records: Records, person: str) -> list[Position]:
    return [position for position in records.company.positions if position.person == person]


def _last(records: Records, person: str) -> Position:
    return _positions(records, person)[-1]


def _write_users(records: Records) -> None:
    values = [
        {
            "name": person.name,
            "login": person.login,
            "email": person.email,
            "tz": TIME_ZONE,
            "lang": "en_US",
            "notification_type": "inbox",
            "group_ids": [Command.set([records.ref(group) for group in person.groups_before])],
            **({"password": person.login} if person.password else {}),
        }
        for person in PEOPLE.values()
    ]
    users = records.env["res.users"].create(values)
    records.users = dict(zip(PEOPLE, users.ids, strict=True))
    records.authors = dict(zip(PEOPLE, users.partner_id.ids, strict=True))
    records.forget()


def _write_employees(records: Records) -> None:
    env = records.env
    people = [person for person in PEOPLE.values() if person.is_employee]
    top = {}
    for name in dict.fromkeys(person.department for person in people):
        top[name] = env["hr.department"].create({"name": name}).id
    groups = {
        key: env["hr.department"].create({"name": team.name, "parent_id": top["Sales"]}).id
        for key, team in TEAMS.items()
    }
    names = dict.fromkeys(position.job for position in records.company.positions if position.job)
    jobs = {name: env["hr.job"].create({"name": name}).id for name in names}
    for person in people:
        first, *later = _positions(records, person.key)
        department = groups.get(first.team, top[person.department])
        employee = env["hr.employee"].create(
            {
                "name": person.name,
                "user_id": records.users[person.key],
                "work_email": person.email,
                "tz": TIME_ZONE,
                "department_id": department,
                "job_id": jobs.get(first.job, False),
                "date_version": first.start,
                "contract_date_start": first.start,
            }
        )
        for position in later:
            employee.create_version({"date_version": position.start, "department_id": groups[position.team]})
        records.employees[person.key] = employee.id
    for person in people:
        head = _last(records, person.key).head
        env["hr.employee"].browse(records.employees[person.key]).write(
            {"parent_id": records.employees.get(head), "coach_id": records.employees.get(head)}
        )
    for team, head in HEADS.items():
        env["hr.department"].browse(groups[team]).manager_id = records.employees[head]
    env["hr.department"].browse(top["Sales"]).manager_id = records.employees["orlova"]
    records.forget()


def _write_teams(records: Records) -> None:
    env = records.env
    # the one that Odoo brings along, with the administrator in it, who sells nothing
    brought = env["crm.team"].search([])
    brought.crm_team_member_ids.active = False
    brought.active = False
    for key, team in TEAMS.items():
        values = {"name": team.name, "user_id": records.users[HEADS[key]], "use_leads": True}
        records.teams[key] = env["crm.team"].create(values).id
    members = [
        {
            "user_id": records.users[position.person],
            "crm_team_id": records.teams[position.team],
            "active": position.end is None,
        }
        for position in records.company.positions
        if position.team and position.person not in HEADS.values()
    ]
    env["crm.team.member"].create(members)
    records.forget()

"""Structure and ownership with their true dates, in place of what Odoo followed on the day of writing."""

from __future__ import annotations

from demo_company.writing.records import Records


def write_structure(records: Records) -> None:
    """Say who worked under whom, and who answered for which customer, from when until when."""
    _write_positions(records)
    _write_ownership(records)


def _write_positions(records: Records) -> None:
    env = records.env
    positions = env["sdm.position"].with_context(sdm_position_follows=True)
    positions.search([("employee_id", "in", list(records.employees.values()))]).unlink()
    jobs = {job.name: job.id for job in env["hr.job"].search([("active", "=", True)])}
    positions.create(
        [
            {
                "employee_id": records.employees[position.person],
                "head_id": records.employees.get(position.head),
                "team_id": records.teams.get(position.team),
                "job_id": jobs.get(position.job),
                "date_from": position.start,
                "date_to": position.end,
            }
            for position in records.company.positions
            if position.person in records.employees
        ]
    )
    records.forget()


def _write_ownership(records: Records) -> None:
    ownership = records.env["sdm.ownership"].with_context(sdm_ownership_follows=True)
    ownership.search([("partner_id", "in", list(records.customers.values()))]).unlink()
    records.forget()
    ownership.create(
        [
            {
                "partner_id": records.customers[owned.customer],
                "employee_id": records.employees[owned.person],
                "date_from": owned.start,
                "date_to": owned.end,
            }
            for owned in records.company.ownerships
            if owned.person in records.employees
        ]
    )
    records.forget()

"""People, teams, stages, reasons, products of the large database: few, so made through Odoo."""

from __future__ import annotations

from typing import Any

from .shape import LOST_REASONS, PRODUCTS, QUIET_STAGE, STAGES, Sizes


class Masters:
    """Makes them in the environment's database and keeps their ids.

    sellers: (user, partner, team) of each; products: (product, price, cost) of each
    """

    def __init__(self, env: Any, sizes: Sizes) -> None:
        if not env.company.chart_template:
            env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
        env["crm.stage"].create([{"name": name, "sequence": 10 + place} for place, name in enumerate(STAGES)])
        self.stages = env["crm.stage"].search([("is_won", "=", False)]).ids
        self.quiet_stage = env["crm.stage"].create({"name": QUIET_STAGE, "sequence": 20}).id
        env["crm.lost.reason"].create([{"name": name} for name in LOST_REASONS])
        self.reasons = env["crm.lost.reason"].search([], order="id").ids
        self.industries = env["res.partner.industry"].search([], order="id").ids
        kinds = ("call", "meeting", "todo", "email")
        self.activity_types = [env.ref(f"mail.mail_activity_data_{kind}").id for kind in kinds]
        self.sellers = _make_sellers(env, sizes)
        self.products = _make_products(env)


def _make_sellers(env: Any, sizes: Sizes) -> list[tuple[int, int, int]]:
    """Users with employees, in turn in each of the teams, whose first member leads it; the last has left since."""
    groups = env.ref("sales_team.group_sale_salesman")
    if ours := env.ref("sdm_segmentation.group_sdm_user", raise_if_not_found=False):
        groups += ours
    names = [f"Seller {number:03}" for number in range(1, sizes.sellers + 1)]
    users = env["res.users"].create(
        [
            {"name": name, "login": f"{name.lower().replace(' ', '')}@bench.example", "group_ids": groups.ids}
            for name in names
        ]
    )
    members = [users[team :: sizes.teams] for team in range(sizes.teams)]
    teams = env["crm.team"].create(
        [
            {"name": f"Team {number:02}", "user_id": people[0].id, "member_ids": people.ids}
            for number, people in enumerate(members, start=1)
        ]
    )
    departments = env["hr.department"].create([{"name": team.name} for team in teams])
    job = env["hr.job"].create({"name": "Seller"})
    employees = env["hr.employee"].create(
        [
            {
                "name": user.name,
                "user_id": user.id,
                "department_id": departments[place % sizes.teams].id,
                "job_id": place % 10 and job.id,  # one in ten has none
            }
            for place, user in enumerate(users)
        ]
    )
    for place, department in enumerate(departments):
        head, *others = employees[place :: sizes.teams]
        department.manager_id = head
        for employee in others:
            employee.parent_id = head
    users[-1].active = False
    return [(user.id, user.partner_id.id, teams[place % sizes.teams].id) for place, user in enumerate(users)]


def _make_products(env: Any) -> list[tuple[int, float, float]]:
    products = env["product.product"].create(
        [
            {
                "name": f"Product {number:03}",
                "list_price": 10 * number,
                "standard_price": 6 * number,
                "taxes_id": False,
            }
            for number in range(1, PRODUCTS + 1)
        ]
    )
    return [(product.id, product.list_price, product.standard_price) for product in products]

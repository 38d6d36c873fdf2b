"""A small company in a database: written through Odoo before our addons are there, and then working with them.

Each function gets the environment of Odoo's shell and commits what it wrote.
"""

from datetime import date, timedelta
from typing import Any

SELLERS = ("Anna", "Boris", "Vera", "Gleb")
SINCE = date(2026, 1, 12)


def fill(env: Any) -> None:
    """People with users, heads and teams; customers, deals, orders, invoices, payments, activities, an absence."""
    env = _quietly(env)
    env["ir.module.module"].update_list()
    env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
    _write_people(env)
    _write_customers(env)
    _write_documents(env)
    env.cr.commit()


def work(env: Any) -> None:
    """Use every part of our addons, in ways that change nothing of Odoo's own records."""
    env = env(context={"no_reset_password": True})
    people = {employee.name: employee for employee in env["hr.employee"].search([("name", "in", (*SELLERS, "Head"))])}
    anna, boris, vera, head = (people[name] for name in ("Anna", "Boris", "Vera", "Head"))
    director = env["res.users"].search([("login", "=", "director@small.example")])
    _give_rights(env, director, head, people)
    step = env["sdm.roadmap.step"].search([("code", "=", "segmentation")])
    step.write({"user_id": director.id, "decision": "<p>By industry and size.</p>"})
    env["ir.attachment"].create({"name": "Why", "raw": b"Because.", "res_model": step._name, "res_id": step.id})
    step.message_post(body="Decided at the meeting.")
    step.activity_schedule("mail.mail_activity_data_todo", user_id=director.id)
    env["sdm.diagnosis"].create({"date": date(2026, 9, 30)}).action_measure()
    env["resource.calendar.leaves"].search([("name", "=", "Vacation")]).sdm_substitute_id = boris
    customer = env["res.partner"].search([("name", "=", "Customer 0")])
    env["sdm.ownership"].create(
        {"partner_id": customer.id, "employee_id": vera.id, "kind": "co", "date_from": SINCE, "share": 0}
    )
    hand_over = env["sdm.hand.over"].create(
        {"giver_id": anna.id, "receiver_id": boris.id, "date": date.today() + timedelta(days=30)}
    )
    hand_over.with_user(anna.user_id).action_propose()
    position = anna.sdm_position_ids
    position.write({"date_from": date(2026, 3, 1)})
    position.copy({"date_from": SINCE, "date_to": date(2026, 2, 28), "head_id": False})
    _classify(env)
    _count(env, vera)
    _keep_personal_settings(env, director)
    env.cr.commit()


def go_on(env: Any) -> None:
    """Each user does the day's work without our addons."""
    users = env["res.users"].search([("login", "=like", "%@small.example")])
    assert len(users) == len(SELLERS) + 2
    for user in users:
        own = env(user=user.id)
        own["ir.ui.menu"].load_menus(False)
        own["res.users"].context_get()
        for model in ("res.partner", "crm.lead"):
            own[model].get_views([(False, "list"), (False, "form"), (False, "search")])
            own[model].search_fetch([], ["display_name"], limit=80)
        own["ir.filters"].get_filters("res.partner")
        own["crm.lead"].create({"name": "Another deal"})
        own["res.partner"].create({"name": "Another customer", "user_id": user.id})
    env.cr.rollback()


def _quietly(env):
    return env(context={"no_reset_password": True, "mail_create_nosubscribe": True})


def _write_people(env):
    job = env["hr.job"].create({"name": "Seller"})
    own_documents = env.ref("sales_team.group_sale_salesman").id
    groups = {"director": [env.ref("sales_team.group_sale_salesman_all_leads").id]}
    heads = {}
    for name in ("Director", "Head", *SELLERS):
        login = f"{name.lower()}@small.example"
        user = env["res.users"].create(
            {
                "name": name,
                "login": login,
                "group_ids": [(6, 0, groups.get(name.lower(), [own_documents]) + [env.ref("base.group_user").id])],
            }
        )
        above = {"Director": None, "Head": "Director"}.get(name, "Head")
        heads[name] = env["hr.employee"].create(
            {
                "name": name,
                "user_id": user.id,
                "job_id": job.id,
                "parent_id": heads[above].id if above else False,
                "date_version": SINCE,
            }
        )
    # as Odoo's own demo data do it
    heads["Director"].parent_id = heads["Director"]
    for leader, members in (("Anna", ("Anna", "Boris")), ("Vera", ("Vera", "Gleb"))):
        env["crm.team"].create(
            {
                "name": f"Team of {leader}",
                "user_id": heads[leader].user_id.id,
                "member_ids": [(6, 0, [heads[member].user_id.id for member in members])],
            }
        )
    env["hr.employee"].create({"name": "Left long ago", "active": False})
    env["resource.calendar.leaves"].create(
        {
            "name": "Vacation",
            "resource_id": heads["Anna"].resource_id.id,
            "calendar_id": heads["Anna"].resource_calendar_id.id,
            "date_from": "2026-11-02 06:00:00",
            "date_to": "2026-11-13 15:00:00",
        }
    )


def _write_customers(env):
    users = env["res.users"].search([("name", "in", SELLERS)], order="login")
    customers = env["res.partner"].create(
        [
            {
                "name": f"Customer {number}",
                "is_company": True,
                "email": f"office{number}@small.example",
                "user_id": users[number % 5].id if number % 5 < len(users) else False,
                "active": number != 11,
                "child_ids": [(0, 0, {"name": f"Contact {number}"})],
            }
            for number in range(12)
        ]
    )
    customers[0].message_post(body="Called.")
    lines = [(0, 0, {"name": "name"})]
    env["ir.exports"].create({"name": "Customers", "resource": "res.partner", "export_fields": lines})


def _write_documents(env):
    product = env["product.product"].create({"name": "Pump", "list_price": 100, "standard_price": 60})
    reason = env["crm.lost.reason"].create({"name": "Price of a competitor"})
    for number, customer in enumerate(env["res.partner"].search([("name", "=like", "Customer %")], order="name")):
        deal = env["crm.lead"].create(
            {
                "name": f"Deal {number}",
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": customer.user_id.id,
                "expected_revenue": 1000 + number,
            }
        )
        if number % 3 == 0:
            deal.action_set_lost(lost_reason_id=reason.id)
            continue
        deal.activity_schedule("mail.mail_activity_data_call", user_id=customer.user_id.id or env.uid)
        order = env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": customer.user_id.id,
                "opportunity_id": deal.id,
                "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": number, "price_unit": 99.9})],
            }
        )
        if number % 3 == 1:
            order.action_confirm()
            invoice = order._create_invoices() if order.order_line.qty_to_invoice else order.env["account.move"]
            invoice.action_post()
            deal.action_set_won()


def _give_rights(env, director, head, people):
    rights = {
        director: "group_sdm_director",
        head.user_id: "group_sdm_manager",
        **{people[name].user_id: "group_sdm_user" for name in SELLERS},
    }
    for user, group in rights.items():
        user.group_ids = [(4, env.ref(f"sdm_segmentation.{group}").id)]
    others = ("group_sdm_payroll", "group_sdm_auditor")
    director.group_ids = [(4, env.ref(f"sdm_segmentation.{group}").id) for group in others]


def _classify(env):
    """Two customers in a group, and all of them in the classes of a scheme, which is shown on them."""
    members = env["res.partner"].search([("name", "in", ("Customer 1", "Customer 2"))])
    env["sdm.customer.group"].create({"name": "Holding", "member_ids": [(6, 0, members.ids)]})
    template = env["sdm.scheme.template"].search([("active", "=", True)], limit=1)
    wizard = env["sdm.scheme.new"].create({"template_id": template.id, "name": "ABC", "window_months": 12})
    version = env["sdm.scheme.version"].browse(wizard.action_make()["res_id"])
    decision = {"version_id": version.id, "reason": "To begin with", "is_primary": True}
    env["sdm.scheme.put.in.force"].create(decision).action_apply()
    assert env["sdm.segment.membership"].search_count([])


def _count(env, seller):
    """All KPI switched on and one made, a deal credited by hand, a value entered, and the facts of it all."""
    env["sdm.kpi"].search([("is_on", "=", False)]).is_on = True
    env["sdm.kpi"].create({"name": "Large deals", "source": "won", "filter_domain": "[('amount', '>', 100)]"})
    deal = env["crm.lead"].search([("won_status", "=", "won")], limit=1)
    document = {"document": f"crm.lead,{deal.id}", "employee_id": seller.id, "share": 0.5, "reason": "She helped"}
    env["sdm.credit"].create(document)
    kpi = env["sdm.kpi"].search([("code", "=", "satisfaction")])
    env["sdm.kpi.value"].create({"kpi_id": kpi.id, "value": 9, "employee_id": seller.id})
    env["sdm.kpi.run"]._start(env["sdm.perimeter"]._get_default())._run()
    assert env["sdm.kpi.fact"].search_count([])


def _keep_personal_settings(env, user):
    """What people keep for themselves in Odoo: searches, exports, defaults, the first screen."""
    action = env.ref("sdm_segmentation.sdm_roadmap_step_action")
    user.action_id = action.id
    mine = {"user_ids": [(6, 0, user.ids)], "context": "{}"}
    env["ir.filters"].create({"name": "Leads of owners", "model_id": "sdm.ownership", "domain": "[]", **mine})
    env["ir.filters"].create(
        {"name": "Mine", "model_id": "res.partner", "domain": "[('is_sdm_mine', '=', True)]", **mine}
    )
    lines = [(0, 0, {"name": "partner_id/name"}), (0, 0, {"name": "share"})]
    env["ir.exports"].create({"name": "Owners", "resource": "sdm.ownership", "export_fields": lines})
    customers = env["ir.exports"].search([("name", "=", "Customers")])
    env["ir.exports.line"].create({"export_id": customers.id, "name": "sdm_ownership_ids/employee_id"})
    env["ir.default"].set("sdm.hand.over", "reason", "As agreed", user_id=user.id)

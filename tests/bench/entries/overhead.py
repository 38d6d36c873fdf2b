"""What creating, confirming and posting documents costs with our addons, against the same dependencies without them.

The seller has an employee card, a head and a sales team, and owns the customer of the documents.

Two copies, one of the base and one of the template, each in a process of its own, take turns. One run is one document,
made by a seller as a request makes it: fresh transaction, committed at the end. The goal is that our addons add no
query at all; the time may differ by what two medians of the same thing differ by on a machine that does other things.
No scheme is in force here: where one is, the segment of the customers is read once for all orders that are confirmed
together, which a test of the addon asserts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.bench.frame import WITH_ADDONS, WITHOUT_ADDONS, Goal, Measurement, NoExtraQueries, RatioAtMost, Side

RUNS = 500
WARM_UP = 20
NOISE = 1.05


def create_lead(env: Any, number: int) -> None:
    env["crm.lead"].create(
        {
            "name": f"Deal {number}",
            "type": "opportunity",
            "partner_id": customer(env).id,
            "expected_revenue": 1000 + number,
        }
    )


def create_partner(env: Any, number: int) -> Any:
    """A customer without salesperson: naming one is a change of the owner, which our addons date on purpose."""
    return env["res.partner"].create(
        {
            "name": f"Customer {number}",
            "is_company": True,
            "email": f"office@customer{number}.example",
            "phone": "+74951234567",
        }
    )


def create_order(env: Any, number: int) -> Any:
    product = env["product.product"].search([("default_code", "=", "BENCH")])
    lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 1 + number % 9}) for _line in range(3)]
    return env["sale.order"].create({"partner_id": customer(env).id, "order_line": lines})


def create_invoice(env: Any, number: int) -> Any:
    product = env["product.product"].search([("default_code", "=", "BENCH")])
    lines = [(0, 0, {"product_id": product.id, "quantity": 1 + number % 9, "price_unit": 10}) for _line in range(3)]
    values = {"move_type": "out_invoice", "partner_id": customer(env).id, "invoice_date": "2026-09-30"}
    return env["account.move"].create({**values, "invoice_line_ids": lines})


def confirm_order(env: Any, order: int) -> None:
    env["sale.order"].browse(order).action_confirm()


def post_invoice(env: Any, invoice: int) -> None:
    env["account.move"].browse(invoice).action_post()


def change_salesperson(env: Any, partner: int) -> None:
    """The one thing that costs: our addons date it."""
    env["res.partner"].browse(partner).user_id = env.user


def customer(env: Any) -> Any:
    return env["res.partner"].search([("ref", "=", "BENCH")])


def seller(env: Any) -> Any:
    """The environment of the seller who does it all; made with a customer and a product when first asked for."""
    login = "overhead@bench.example"
    user = env["res.users"].search([("login", "=", login)])
    if not user:
        groups = env.ref("sales_team.group_sale_salesman_all_leads") + env.ref("account.group_account_invoice")
        if ours := env.ref("sdm_segmentation.group_sdm_user", raise_if_not_found=False):
            groups += ours
        user = env["res.users"].create({"name": "Seller", "login": login, "group_ids": [(6, 0, groups.ids)]})
        head = env["hr.employee"].create({"name": "Head"})
        env["hr.employee"].create({"name": "Seller", "user_id": user.id, "parent_id": head.id})
        env["crm.team"].create({"name": "Team", "member_ids": [(6, 0, user.ids)]})
        env["res.partner"].create({"name": "Customer", "ref": "BENCH", "is_company": True, "user_id": user.id})
        env["product.product"].create({"name": "Product", "default_code": "BENCH", "list_price": 10})
        if not env.company.chart_template:
            env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
    return env(user=user.id)


def as_seller(
    operation: Callable[[Any, int], Any], document: Callable[[Any, int], Any] | None = None
) -> Callable[[str, str], Side]:
    """A side that does the operation as the seller: on its number, or on a document made beforehand."""

    def prepare(env: Any, count: int) -> Sequence[tuple[int, int]]:
        env = seller(env)
        items = [document(env, number).id for number in range(count)] if document else range(count)
        return [(env.uid, item) for item in items]

    def run(env: Any, item: tuple[int, int]) -> None:
        user, argument = item
        operation(env(user=user), argument)

    return lambda name, database: Side(name, run, database, prepare)


def overhead(
    name: str,
    unit: str,
    side: Callable[[str, str], Side],
    goals: tuple[Goal, ...] = (NoExtraQueries("with"), RatioAtMost("with", NOISE)),
) -> Measurement:
    sides = (side("without", WITHOUT_ADDONS), side("with", WITH_ADDONS))
    return Measurement(name, unit, sides=sides, runs=RUNS, warm_up=WARM_UP, goals=goals)


MEASUREMENTS = (
    overhead("create a lead", "one lead", as_seller(create_lead)),
    overhead("create a partner", "one company", as_seller(create_partner)),
    overhead("create an order", "one quotation of 3 lines", as_seller(create_order)),
    overhead("confirm an order", "one order of 3 lines", as_seller(confirm_order, document=create_order)),
    overhead("post an invoice", "one invoice of 3 lines", as_seller(post_invoice, document=create_invoice)),
    overhead("change a salesperson", "one company", as_seller(change_salesperson, document=create_partner), goals=()),
)

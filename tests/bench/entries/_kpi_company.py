"""What KPI need beside the documents of the large database: places of people, owners, segments, product categories."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.bench.large_database.shape import ANCHOR

FIRST, LAST = date(2024, 10, 1), date(2026, 9, 1)  # months
MONTHS = 24
CATEGORIES = 8
# By source, all that has documents in the large database
KPIS = {
    "revenue": ("revenue", "active_customers"),
    "new_customer": ("new_customers",),
    "invoice": (
        *("invoiced", "invoices", "invoiced_quantity", "invoiced_gross", "refunds"),
        "invoiced_customers",
    ),
    "order": (
        *("order_amount", "orders", "order_quantity", "order_lines", "order_margin", "order_discount"),
        "order_customers",
    ),
    "offer": ("offers", "offer_amount", "offer_customers"),
    "lead": ("new_leads", "new_deals", "new_deal_amount"),
    "won": ("won_deals", "won_amount", "won_days", "won_customers"),
    "lost": ("lost_deals", "lost_amount", "lost_without_reason"),
    "open": ("open_deals", "pipeline", "weighted_pipeline", "pipeline_customers"),
    "activity": ("activities", "calls", "worked_customers"),
    "silent": ("silent_customers",),
    "lost_customer": ("lost_customers",),
    "yearly": ("yearly_revenue", "concentrated_revenue"),
}
ALL_KPIS = tuple(code for codes in KPIS.values() for code in codes)


def add_months(month: date, number: int) -> date:
    """The first day of the month so many months later."""
    years, place = divmod(month.month - 1 + number, 12)
    return date(month.year + years, place + 1, 1)


def prepare_company(env: Any, codes: tuple[str, ...]) -> Any:
    """Let the company be one that has kept its structure for 24 months, and switch on these KPI only.

    What is there stays, so that each process of a bench may ask for it.

    :return: sdm.perimeter
    """
    env.cr.execute("SELECT to_regclass('bench_company') IS NULL")
    if env.cr.fetchone()[0]:
        _make_company(env)
        env.cr.execute("CREATE TABLE bench_company ()")
    kpis = env["sdm.kpi"].with_context(active_test=False).search([("id", ">", 0)])
    wanted = kpis.filtered(lambda kpi: kpi.code in codes)
    (kpis - wanted).is_on = False
    wanted.is_on = True
    # what other processes of the bench have changed
    env.flush_all()
    env.registry.clear_all_caches()
    return env["sdm.perimeter"]._get_default()


def _make_company(env: Any) -> None:
    categories = env["product.category"].create([{"name": f"Category {number}"} for number in range(CATEGORIES)])
    env["sdm.position"].search([("id", ">", 0)])._write({"date_from": FIRST})
    env.flush_all()
    env.cr.execute("UPDATE product_template SET categ_id = (%s::int[])[1 + id %% %s]", (categories.ids, CATEGORIES))
    # each tenth person has come to another head and team in the middle of a month
    env.cr.execute(
        """WITH moved AS (
            UPDATE sdm_position SET date_to = '2025-10-14' WHERE employee_id % 10 = 0 RETURNING *
        ), heads AS (
            SELECT head_id, MIN(team_id) AS team_id, ROW_NUMBER() OVER (ORDER BY head_id) AS number
              FROM sdm_position WHERE head_id IS NOT NULL AND team_id IS NOT NULL GROUP BY head_id
        )
        INSERT INTO sdm_position (employee_id, company_id, job_id, share, date_from, head_id, team_id)
        SELECT moved.employee_id, moved.company_id, moved.job_id, moved.share, '2025-10-15', heads.head_id,
               heads.team_id
          FROM moved JOIN heads ON heads.number = 1 + moved.employee_id % (SELECT COUNT(*) FROM heads)
         WHERE heads.head_id <> moved.employee_id"""
    )
    # each fifth customer has had another owner in the first year, each seventh has two
    env.cr.execute(
        """INSERT INTO sdm_ownership (partner_id, employee_id, company_id, kind, share, date_from, date_to)
        WITH card AS (
            SELECT id, user_id, company_id, COALESCE(LEAD(id) OVER (ORDER BY id), MIN(id) OVER ()) AS next_id
              FROM hr_employee WHERE user_id IS NOT NULL
        ), owned AS (
            SELECT partner.id AS partner_id, card.id AS employee_id, card.next_id, card.company_id
              FROM res_partner partner JOIN card ON card.user_id = partner.user_id
             WHERE partner.id = partner.commercial_partner_id
        )
        SELECT partner_id, employee_id, company_id, 'lead', CASE WHEN partner_id % 7 = 0 THEN 0.6 ELSE 1 END,
               CASE WHEN partner_id % 5 = 0 THEN DATE '2025-10-01' ELSE DATE '2024-10-01' END, NULL::date
          FROM owned
         UNION ALL
        SELECT partner_id, next_id, company_id, 'lead', 1, DATE '2024-10-01', DATE '2025-09-30'
          FROM owned WHERE partner_id % 5 = 0
         UNION ALL
        SELECT partner_id, next_id, company_id, 'co', 0.3, DATE '2025-10-01', NULL
          FROM owned WHERE partner_id % 7 = 0"""
    )
    scheme = env.ref("sdm_segmentation.sdm_scheme_template_abc")._make_scheme("Bench", source="invoice")
    scheme.draft_version_id.write({"state": "in_force", "date_from": FIRST})
    scheme.is_primary = True
    for day in (ANCHOR.replace(year=ANCHOR.year - 1), ANCHOR):
        env["sdm.segmentation.run"]._start(scheme.version_id, "nightly", day)._run()
    env.flush_all()
    for table in ("sdm_position", "sdm_ownership", "sdm_segment_membership", "product_template"):
        env.cr.execute(f"ANALYZE {table}")

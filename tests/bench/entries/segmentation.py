"""ABC, RFM and rules of own over 1,000,000 customers with 24 months of invoices, against the leanest SQL that writes.

The floor classes the customers and writes the same rows of history, for the first time and when a limit has moved; ours
also stages them, so that a killed run goes on, keeps sizes and moves, and stores for each customer what its class was
computed from. Afterwards every customer must be in the same class on both sides.
"""

from __future__ import annotations

from typing import Any

from tests.bench.frame import LargeDatabase, Measurement, MemoryAtMost, RatioAtMost, SameQueriesAtScale, Side
from tests.bench.large_database.shape import ANCHOR, CITIES

LARGE = LargeDatabase(customers=1_000_000)
MONTHS = 24
START = ANCHOR.replace(year=ANCHOR.year - 2, month=10, day=1)

# What each floor is made of: classes are numbered in the order of the version
WORTH = """
    SELECT move.commercial_partner_id AS partner_id, SUM(move.amount_untaxed_signed) AS amount,
           %(day)s::date - MAX(move.invoice_date) FILTER (WHERE move.amount_untaxed_signed > 0) AS recency,
           COUNT(*) FILTER (WHERE move.amount_untaxed_signed > 0) AS frequency
      FROM account_move move JOIN res_partner partner ON partner.id = move.commercial_partner_id
     WHERE move.move_type IN ('out_invoice', 'out_refund') AND move.state = 'posted'
       AND move.invoice_date >= %(start)s AND move.invoice_date <= %(day)s AND partner.active
     GROUP BY 1
"""
FLOORS = {
    "abc": """
        SELECT partner_id, amount,
               CASE WHEN before * 100 < %(limit)s * total THEN 1
                    WHEN before * 100 < 95 * total THEN 2 ELSE 3 END AS class
          FROM (SELECT partner_id, amount, SUM(amount) OVER () AS total,
                       SUM(amount) OVER (ORDER BY amount DESC, partner_id ROWS UNBOUNDED PRECEDING) - amount AS before
                  FROM worth WHERE amount > 0) ranked
    """,
    "rfm": """
        SELECT partner_id, amount,
               CASE WHEN r >= 4 AND f >= 4 AND m >= 4 THEN 1 WHEN r >= 3 AND f >= 3 THEN 2
                    WHEN r >= 4 AND f = 1 THEN 3 WHEN r >= 4 AND f = 2 THEN 4
                    WHEN r = 3 AND f <= 2 AND m >= 3 THEN 5 WHEN r <= 2 AND f >= 4 AND m >= 4 THEN 6
                    WHEN r <= 2 AND f >= 3 THEN 7 WHEN r IN (2, 3) THEN 8 ELSE 9 END AS class
          FROM (SELECT partner_id, amount,
                       1 + width_bucket(-recency + 1e-9 * greatest(1, recency), cut.r) AS r,
                       5 - width_bucket(-frequency + 1e-9 * frequency, cut.f) AS f,
                       5 - width_bucket(-amount::float + 1e-9 * greatest(1, abs(amount::float)), cut.m) AS m
                  FROM worth, (
                      SELECT percentile_cont(ARRAY[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY -recency::float) AS r,
                             percentile_cont(ARRAY[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY -frequency::float) AS f,
                             percentile_cont(ARRAY[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY -amount::float) AS m
                        FROM worth WHERE frequency > 0) cut
                 WHERE frequency > 0) scored
    """,
    "rules": """
        SELECT partner.id AS partner_id, COALESCE(worth.amount, 0) AS amount, position AS class
          FROM (SELECT id, CASE WHEN city = %(city)s THEN 1 WHEN industry_id IS NOT NULL THEN 2
                                WHEN city IS NOT NULL THEN 3 END AS position
                  FROM res_partner
                 WHERE active AND id = commercial_partner_id AND (is_company OR parent_id IS NULL) AND partner_share
                   AND id NOT IN (SELECT partner_id FROM res_company)) partner
          LEFT JOIN worth ON worth.partner_id = partner.id
         WHERE position IS NOT NULL
    """,
}
WRITE = """
    WITH worth AS MATERIALIZED ({worth}),
    class AS ({classes}),
    present AS (SELECT id, partner_id, segment_id FROM sdm_segment_membership
                 WHERE scheme_id = %(scheme)s AND date_to IS NULL),
    change AS MATERIALIZED (
        SELECT present.id, COALESCE(class.partner_id, present.partner_id) AS partner_id, class.amount,
               present.segment_id AS before_id, (%(segments)s::int[])[class.class] AS after_id
          FROM class FULL JOIN present ON present.partner_id = class.partner_id
         WHERE present.segment_id IS DISTINCT FROM (%(segments)s::int[])[class.class]
    ),
    ended AS (UPDATE sdm_segment_membership membership SET date_to = %(day)s::date - 1
                FROM change WHERE membership.id = change.id RETURNING membership.id)
    INSERT INTO sdm_segment_membership (partner_id, scheme_id, segment_id, computed_segment_id, previous_segment_id,
                                        date_from, amount, pending_count)
    SELECT partner_id, %(scheme)s, after_id, after_id, before_id, %(day)s, amount, 0
      -- the count makes PostgreSQL end what was before it begins what is now
      FROM change, (SELECT COUNT(*) FROM ended) finished WHERE after_id IS NOT NULL
"""


def schemes(method: str, moved: bool) -> Any:
    """What makes the schemes that the runs write: empty ones, or ones in force whose limit or rule has moved since."""

    def prepare(env: Any, count: int) -> list[int]:
        made = []
        for number in range(count):
            template = env.ref(f"sdm_segmentation.sdm_scheme_template_{method}")
            scheme = template._make_scheme(f"Bench {method} {moved} {number}", window_months=MONTHS, source="invoice")
            version = scheme.draft_version_id
            if method == "rules":
                version.line_ids.unlink()
                version._add_line("City", sequence=1, domain=f"[('city', '=', '{CITIES[0]}')]")
                version._add_line("Industry", sequence=2, domain="[('industry_id', '!=', False)]")
                version._add_line("Other", sequence=3, domain="[('city', '!=', False)]")
            version.write({"state": "in_force", "date_from": START})
            if moved:
                run(env, scheme, ANCHOR.replace(day=29))
                env.cr.execute(
                    "UPDATE sdm_segment_membership SET date_from = %s WHERE scheme_id = %s", (START, scheme.id)
                )
                change(version, method)
            made.append(scheme.id)
        return made

    return prepare


def change(version: Any, method: str) -> None:
    """Move a limit, or a rule, a little."""
    if method == "abc":
        version.line_ids.sorted()[0].limit = 79
    elif method == "rules":
        version.line_ids.sorted()[0].domain = f"[('city', '=', '{CITIES[1]}')]"


def run(env: Any, scheme: Any, date: Any) -> None:
    env["sdm.segmentation.run"]._start(scheme.version_id, "nightly", date)._run()


def ours(env: Any, scheme_id: int) -> list[tuple]:
    scheme = env["sdm.scheme"].browse(scheme_id)
    run(env, scheme, ANCHOR)
    return classes(env, scheme_id)


def floor(method: str, moved: bool) -> Any:
    def write(env: Any, scheme_id: int) -> list[tuple]:
        scheme = env["sdm.scheme"].browse(scheme_id)
        env.cr.execute(
            WRITE.format(worth=WORTH, classes=FLOORS[method]),
            {
                "day": ANCHOR,
                "start": START,
                "scheme": scheme_id,
                "segments": scheme.version_id.line_ids.sorted().segment_id.ids,
                "limit": 79 if moved else 80,
                "city": CITIES[1 if moved else 0],
            },
        )
        return classes(env, scheme_id)

    return write


def classes(env: Any, scheme_id: int) -> list[tuple]:
    """How many customers with how much money are in each class, and a number that tells who they are."""
    env.cr.execute(
        """SELECT segment.sequence, COUNT(*), SUM(membership.amount)::float8, SUM(hashint8(membership.partner_id)::int8)
             FROM sdm_segment_membership membership JOIN sdm_segment segment ON segment.id = membership.segment_id
            WHERE membership.scheme_id = %s AND membership.date_to IS NULL
            GROUP BY 1 ORDER BY 1""",
        (scheme_id,),
    )
    return [tuple(map(float, row)) for row in env.cr.fetchall()]


def measurement(method: str, moved: bool) -> Measurement:
    return Measurement(
        f"{method}_{'moved' if moved else 'first'}",
        f"all customers by {method}, {'a limit moved' if moved else 'for the first time'}",
        sides=(
            Side("floor", floor(method, moved), LARGE, schemes(method, moved)),
            Side("ours", ours, LARGE, schemes(method, moved)),
        ),
        runs=3,
        equal_rows=True,
        goals=(
            RatioAtMost("ours", 1.5, from_scale=1),
            SameQueriesAtScale("ours", 0.01),
            MemoryAtMost("ours", 1024),
        ),
    )


MEASUREMENTS = (
    measurement("abc", moved=False),
    measurement("abc", moved=True),
    measurement("rfm", moved=False),
    measurement("rules", moved=False),
    measurement("rules", moved=True),
)

"""ABC, RFM and rules of own over 1,000,000 customers with 24 months of invoices, against the leanest SQL that writes.

The floor classes the customers and writes the same history, for the first time and when a limit has moved: whose class
it is, since when, by which version and run, and what it was computed from, since each screen tells that. Ours also
looks for overrides, for margins and for runs that have to agree, and keeps sizes and moves. Afterwards every customer
must be in the same class for the same reason on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Floor:
    """SQL of rows (partner_id, amount, class, and the `values` named), and of the JSON that tells them."""

    classes: str
    values: str
    details: str


FLOORS = {
    "abc": Floor(
        """
        SELECT partner_id, amount, rank, before, total,
               CASE WHEN before * 100 < %(limit)s * total THEN 1
                    WHEN before * 100 < 95 * total THEN 2 ELSE 3 END AS class
          FROM (SELECT partner_id, amount, SUM(amount) OVER () AS total, ROW_NUMBER() OVER largest_first AS rank,
                       SUM(amount) OVER largest_first - amount AS before
                  FROM worth WHERE amount > 0
                WINDOW largest_first AS (ORDER BY amount DESC, partner_id ROWS UNBOUNDED PRECEDING)) ranked
        """,
        "rank, before, total",
        "jsonb_build_object('rank', rank, 'before', before, 'total', total)",
    ),
    # OFFSET 0: each score is computed once, not wherever it is named
    "rfm": Floor(
        """
        SELECT *,
               CASE WHEN r >= 4 AND f >= 4 AND m >= 4 THEN 1 WHEN r >= 3 AND f >= 3 THEN 2
                    WHEN r >= 4 AND f = 1 THEN 3 WHEN r >= 4 AND f = 2 THEN 4
                    WHEN r = 3 AND f <= 2 AND m >= 3 THEN 5 WHEN r <= 2 AND f >= 4 AND m >= 4 THEN 6
                    WHEN r <= 2 AND f >= 3 THEN 7 WHEN r IN (2, 3) THEN 8 ELSE 9 END AS class
          FROM (SELECT partner_id, amount, recency, frequency,
                       1 + width_bucket(-recency + 1e-9 * greatest(1, recency), cut.r) AS r,
                       5 - width_bucket(-frequency + 1e-9 * frequency, cut.f) AS f,
                       5 - width_bucket(-amount::float + 1e-9 * greatest(1, abs(amount::float)), cut.m) AS m
                  FROM worth, (
                      SELECT percentile_cont(ARRAY[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY -recency::float) AS r,
                             percentile_cont(ARRAY[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY -frequency::float) AS f,
                             percentile_cont(ARRAY[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY -amount::float) AS m
                        FROM worth WHERE frequency > 0) cut
                 WHERE frequency > 0 OFFSET 0) scored
        """,
        "recency, frequency, r, f, m",
        "jsonb_build_object('days', recency, 'orders', frequency, 'recency', r, 'frequency', f, 'money', m)",
    ),
    "rules": Floor(
        """
        SELECT partner.id AS partner_id, COALESCE(worth.amount, 0) AS amount, class
          FROM (SELECT id, CASE WHEN city = %(city)s THEN 1 WHEN industry_id IS NOT NULL THEN 2
                                WHEN city IS NOT NULL THEN 3 END AS class
                  FROM res_partner
                 WHERE active AND id = commercial_partner_id AND (is_company OR parent_id IS NULL) AND partner_share
                   AND id NOT IN (SELECT partner_id FROM res_company) OFFSET 0) partner
          LEFT JOIN worth ON worth.partner_id = partner.id
         WHERE class IS NOT NULL
        """,
        "class",
        "jsonb_build_object('rule', class)",
    ),
}
WRITE = """
    WITH worth AS MATERIALIZED ({worth}),
    class AS ({floor.classes}),
    present AS (SELECT id, partner_id, segment_id FROM sdm_segment_membership
                 WHERE scheme_id = %(scheme)s AND date_to IS NULL),
    run AS (
        INSERT INTO sdm_segmentation_run (scheme_id, version_id, kind, state, date)
        VALUES (%(scheme)s, %(version)s, 'nightly', 'done', %(day)s) RETURNING id
    ),
    change AS MATERIALIZED (
        SELECT present.id, COALESCE(class.partner_id, present.partner_id) AS partner_id, class.amount,
               present.segment_id AS before_id, (%(segments)s::int[])[class.class] AS after_id, {floor.values}
          FROM class FULL JOIN present ON present.partner_id = class.partner_id
         WHERE present.segment_id IS DISTINCT FROM (%(segments)s::int[])[class.class]
    ),
    ended AS (UPDATE sdm_segment_membership membership SET date_to = %(day)s::date - 1
                FROM change WHERE membership.id = change.id RETURNING membership.id),
    {shown}
    begun AS (
        INSERT INTO sdm_segment_membership (partner_id, scheme_id, segment_id, computed_segment_id, previous_segment_id,
                                            date_from, version_id, run_id, amount, details, pending_count)
        SELECT partner_id, %(scheme)s, after_id, after_id, before_id,
               %(day)s, %(version)s, (SELECT id FROM run), amount, {floor.details}, 0
          FROM change
         WHERE after_id IS NOT NULL
           -- makes PostgreSQL end what was before it begins what is now
           AND (SELECT COUNT(*) FROM ended) >= 0
    )
    SELECT 1
"""
# Of the primary scheme each customer shows its class
SHOWN = """
    shown AS (UPDATE res_partner partner SET sdm_segment_id = change.after_id
                FROM change WHERE partner.id = change.partner_id
                 AND partner.sdm_segment_id IS DISTINCT FROM change.after_id),
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


def make_primary(env: Any, scheme_id: int) -> None:
    """Let a scheme be the one whose class customers show, without writing them: that is what is measured."""
    env.cr.execute("UPDATE sdm_scheme SET is_primary = FALSE WHERE is_primary")
    env.cr.execute("UPDATE sdm_scheme SET is_primary = TRUE WHERE id = %s", (scheme_id,))


def ours(primary: bool) -> Any:
    def write(env: Any, scheme_id: int) -> list[tuple]:
        if primary:
            make_primary(env, scheme_id)
        run(env, env["sdm.scheme"].browse(scheme_id), ANCHOR)
        return classes(env, scheme_id, primary)

    return write


def floor(method: str, moved: bool, primary: bool) -> Any:
    def write(env: Any, scheme_id: int) -> list[tuple]:
        if primary:
            make_primary(env, scheme_id)
        version = env["sdm.scheme"].browse(scheme_id).version_id
        env.cr.execute(
            WRITE.format(worth=WORTH, floor=FLOORS[method], shown=SHOWN if primary else ""),
            {
                "day": ANCHOR,
                "start": START,
                "scheme": scheme_id,
                "version": version.id,
                "segments": version.line_ids.sorted().segment_id.ids,
                "limit": 79 if moved else 80,
                "city": CITIES[1 if moved else 0],
            },
        )
        return classes(env, scheme_id, primary)

    return write


def classes(env: Any, scheme_id: int, primary: bool) -> list[tuple]:
    """How many customers with how much money are in each class, and numbers that tell who they are and why."""
    env.cr.execute(
        """SELECT segment.sequence, COUNT(*), SUM(membership.amount)::float8,
                  SUM(hashint8(membership.partner_id)::int8), SUM(jsonb_hash(membership.details)::int8)
             FROM sdm_segment_membership membership JOIN sdm_segment segment ON segment.id = membership.segment_id
            WHERE membership.scheme_id = %s AND membership.date_to IS NULL
            GROUP BY 1 ORDER BY 1""",
        (scheme_id,),
    )
    rows = env.cr.fetchall()
    if primary:
        env.cr.execute(
            """SELECT segment.sequence, COUNT(*), 0, SUM(hashint8(partner.id)::int8), 0
                 FROM res_partner partner JOIN sdm_segment segment ON segment.id = partner.sdm_segment_id
                WHERE segment.scheme_id = %s GROUP BY 1 ORDER BY 1""",
            (scheme_id,),
        )
        rows += env.cr.fetchall()
    return [tuple(map(float, row)) for row in rows]


def measurement(method: str, moved: bool = False, primary: bool = False) -> Measurement:
    case = "moved" if moved else "primary" if primary else "first"
    texts = {
        "first": "for the first time",
        "primary": "for the first time, shown with each customer",
        "moved": "a limit moved",
    }
    return Measurement(
        f"{method}_{case}",
        f"all customers by {method}, {texts[case]}",
        sides=(
            Side("floor", floor(method, moved, primary), LARGE, schemes(method, moved)),
            Side("ours", ours(primary), LARGE, schemes(method, moved)),
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
    measurement("abc"),
    measurement("abc", primary=True),
    measurement("abc", moved=True),
    measurement("rfm"),
    measurement("rules"),
    measurement("rules", moved=True),
)

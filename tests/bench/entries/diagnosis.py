"""A diagnosis of a company with 1,000,000 deals, against the leanest SQL that works out the same figures.

The floor (diagnosis_floor.sql) only works them out; ours also judges them and keeps the diagnosis with its figures and
sellers. Every figure must be the same on both sides, in value, population and part, and so must the results of every
seller.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bench.frame import (
    LargeDatabase,
    Measurement,
    MemoryAtMost,
    RatioAtMost,
    SameQueriesAtScale,
    SecondsAtMost,
    Side,
)
from tests.bench.large_database.shape import ANCHOR

FLOOR = Path(__file__).with_name("diagnosis_floor.sql").read_text()


def floor(env: Any, _number: int) -> list[tuple]:
    """Figures by code: code, value rounded to the six digits that a figure keeps, population, part; then sellers."""
    email_type = env.ref("mail.mail_activity_data_email").id
    env.cr.execute(FLOOR, {"date": ANCHOR, "company": env.company.id, "email_type": email_type})
    env.cr.execute("SELECT code, round(value::numeric, 6)::float8, base, part FROM figure ORDER BY code")
    figures = env.cr.fetchall()
    env.cr.execute("SELECT user_id, won, lost, win_rate, cycle, amount, open FROM seller_result ORDER BY user_id")
    return figures + env.cr.fetchall()


def ours(env: Any, _number: int) -> list[tuple]:
    """The same of a diagnosis as our users make it."""
    diagnosis = env["sdm.diagnosis"].create({"date": ANCHOR})
    diagnosis.action_measure()
    figures = [
        (figure.measure_id.code, figure.value if figure.has_value else None, figure.base, figure.part)
        for figure in diagnosis.figure_ids
    ]
    sellers = [
        (
            seller.user_id.id,
            seller.won,
            seller.lost,
            seller.win_rate,
            seller.cycle_days if seller.has_cycle else None,
            seller.value,
            seller.open_count,
        )
        for seller in diagnosis.seller_ids
    ]
    return sorted(figures) + sorted(sellers)


MEASUREMENTS = (
    Measurement(
        "measure",
        "one diagnosis",
        sides=(Side("floor", floor, LargeDatabase()), Side("ours", ours, LargeDatabase())),
        equal_rows=True,
        goals=(
            SecondsAtMost("ours", 10, from_scale=1),
            RatioAtMost("ours", 2, from_scale=1),
            SameQueriesAtScale("ours", 0.01, more=2),  # 200 sellers are written, and completed, in two batches
            MemoryAtMost("ours", 1024),
        ),
    ),
)

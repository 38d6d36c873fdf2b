"""A diagnosis of a company with 1,000,000 deals, against the leanest SQL that works out the same figures.

The floor (diagnosis_floor.sql) reads; ours reads, judges, and keeps the diagnosis with its figures. Every figure must
be the same on both sides, in value, population and part.
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
    """Figures by code: code, value rounded to the six digits that a figure keeps, population, part."""
    email_type = env.ref("mail.mail_activity_data_email").id
    env.cr.execute(FLOOR, {"date": ANCHOR, "company": env.company.id, "email_type": email_type})
    env.cr.execute("SELECT code, round(value::numeric, 6)::float8, base, part FROM figure ORDER BY code")
    return env.cr.fetchall()


def ours(env: Any, _number: int) -> list[tuple]:
    """The same of a diagnosis as our users make it."""
    diagnosis = env["sdm.diagnosis"].create({"date": ANCHOR})
    diagnosis.action_measure()
    return sorted(
        (figure.measure_id.code, figure.value if figure.has_value else None, figure.base, figure.part)
        for figure in diagnosis.figure_ids
    )


MEASUREMENTS = (
    Measurement(
        "measure",
        "one diagnosis",
        sides=(Side("floor", floor, LargeDatabase()), Side("ours", ours, LargeDatabase())),
        equal_rows=True,
        goals=(
            SecondsAtMost("ours", 10, from_scale=1),
            RatioAtMost("ours", 2, from_scale=1),
            SameQueriesAtScale("ours", 0.01),
            MemoryAtMost("ours", 1024),
        ),
    ),
)

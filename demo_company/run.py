"""The demo company written into a database: `python -m demo_company --database NAME --anchor YYYY-MM-DD`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date

from cli.failure import Failure
from cli.progress import Progress, say
from demo_company import planning
from demo_company.plan import Company


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the company; exit code 1 for a failure, 130 when interrupted. Nothing half-written is left."""
    parser = argparse.ArgumentParser(
        prog="python -m demo_company", description="Write the demo company into an Odoo database that is empty."
    )
    parser.add_argument("--database", required=True, help="database with the SDM addons and without deals or orders")
    parser.add_argument("--anchor", required=True, type=date.fromisoformat, help="the day as of which it is")
    parser.add_argument("--seed", type=int, default=1, help="another number gives another company; default %(default)s")
    parser.add_argument(
        "--scale",
        type=_scale,
        default=planning.LARGEST,
        help=f"size, {planning.SMALLEST} to {planning.LARGEST}; default %(default)s",
    )
    options = parser.parse_args(arguments)
    try:
        _run(options)
    except Failure as failure:
        say(f"sdm: {failure}")
        return 1
    except KeyboardInterrupt:
        say("sdm: interrupted, nothing was written")
        return 130
    return 0


def _scale(text: str) -> float:
    scale = float(text)
    if not planning.SMALLEST <= scale <= planning.LARGEST:
        raise argparse.ArgumentTypeError(f"{text} is not between {planning.SMALLEST} and {planning.LARGEST}")
    return scale


def _run(options: argparse.Namespace) -> None:
    # Imported late: what is wrong with the arguments is told without waiting for Odoo.
    from demo_company.database import DemoDatabase

    if options.anchor > date.today():
        raise Failure(f"{options.anchor} has not come yet", "name today or an earlier day with --anchor")
    with Progress("Demo company") as progress:
        progress.step("planning")
        company: Company = planning.make(options.anchor, options.seed, options.scale)
        DemoDatabase(options.database).write_company(company, progress)

"""`python -m tests.bench`: what `./sdm bench` starts inside the prepared environment.

Reads the environment: ODOO_RC, PGHOST and its like, SDM_BASE and SDM_TEMPLATE (the databases without and with our
addons). Ends with 0 when all goals are met, 1 when one is missed, 2 when it could not measure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cli.benching import ENTRIES, add_arguments
from tests.bench.databases import BenchError, Databases
from tests.bench.frame import as_json, is_missed, table
from tests.bench.odoo_process import SideFailed, load_entry, say
from tests.bench.runner import run_entry


def main(arguments: list[str]) -> int:
    """Measure what is asked for, print the table; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure our addons.")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    names = options.names or ENTRIES
    missing = [name for name in ("SDM_BASE", "SDM_TEMPLATE") if not os.environ.get(name)]
    if missing:
        return _fail(f"{' and '.join(missing)} must name a database: start the bench with ./sdm bench")
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    results = []
    try:
        with Databases(os.environ["SDM_BASE"], os.environ["SDM_TEMPLATE"], say) as databases:
            machine = _machine(databases.server_version)
            for name in names:
                results += run_entry(name, options.scale, options.runs, databases)
    except (BenchError, SideFailed) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    print(f"{machine['processor']}, {machine['cores']} cores, PostgreSQL {machine['postgresql']}, ", end="")
    print(f"Python {machine['python']}, scale {options.scale:g}, {time.monotonic() - started:.0f} s\n")
    for name in names:
        print(f"{name}: {load_entry(name).__doc__.strip().splitlines()[0]}")
    print(f"\n{table(results)}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(as_json(results, machine), indent=1) + "\n")
    return 1 if is_missed(results) else 0


def _interrupt(_number: int, _frame: object) -> None:
    """A polite end is one like Ctrl-C: copies of databases are dropped."""
    raise KeyboardInterrupt


def _fail(text: str) -> int:
    print(f"bench: {text}", file=sys.stderr)
    return 2


def _machine(postgresql: str) -> dict[str, Any]:
    """What the numbers were measured on."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": postgresql.split()[0],
        "measured": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

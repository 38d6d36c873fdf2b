"""One side of an entry's measurements in a process of its own: Odoo on one database, doing what the runner says.

Apart from each other, sides share no cache and no Python code of an addon that only one of them has, and the memory of
one is not counted for the other.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import resource
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.bench.frame import Side

STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")
OPTIONS = [
    "--log-level=warn",
    "--log-handler=py.warnings:ERROR",  # what Odoo's own code is told about its libraries
    "--http-interface=127.0.0.1",
]


class SideFailed(Exception):
    """A side raised an error; the text is its traceback."""


def say(text: str) -> None:
    """Show a line of progress: on standard error, standard output is for the table."""
    print(text, file=sys.stderr, flush=True)


def start() -> None:
    """Make this process one that runs Odoo, configured by the file that ODOO_RC names."""
    from odoo.tools import config

    config.parse_config(OPTIONS, setup_logging=True)


def load_entry(name: str) -> Any:
    """The module of an entry. Raises ModuleNotFoundError when there is none of that name."""
    return importlib.import_module(f"tests.bench.entries.{name}")


class OdooProcess:
    """The runner's end: start it, prepare, run as often as wanted, close. Use it in a with statement.

    :param entry: name of the entry; :param database: to work on
    """

    def __init__(self, entry: str, database: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, entry, database), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> OdooProcess:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._pipe.close()
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()

    def prepare(self, measurement: int, side: int, runs: int) -> None:
        """Turn to a side of a measurement (their places in the entry) and make what that many runs of it need."""
        self._ask("prepare", measurement, side, runs)

    def run(self, number: int, with_rows: bool = False) -> dict[str, Any]:
        """Do one run: `seconds`, `queries`, and `rows` when asked for (else None)."""
        return self._ask("run", number, with_rows)

    def memory(self) -> dict[str, float]:
        """`peak_mib` of the runs since it was prepared and `growth_mib` over what was in memory before them."""
        return self._ask("memory")

    def _ask(self, what: str, *arguments: Any) -> Any:
        try:
            self._pipe.send((what, arguments))
            failed, answer = self._pipe.recv()
        except (EOFError, BrokenPipeError) as error:
            self._process.join()
            raise SideFailed(f"the process ended with {self._process.exitcode} while it was asked to {what}") from error
        if failed:
            raise SideFailed(answer)
        return answer


class _Server:
    """The other end, inside the process."""

    def __init__(self, entry: str, database: str) -> None:
        start()
        from odoo.modules.registry import Registry

        self.measurements = load_entry(entry).MEASUREMENTS
        self.registry = Registry(database)
        self.side: Side
        self.items: Sequence[Any] = ()
        self.before = 0.0

    def prepare(self, measurement: int, side: int, runs: int) -> None:
        self.side = self.measurements[measurement].sides[side]
        self.items = range(runs)
        if self.side.prepare:
            with self.registry.cursor() as cr:
                self.items = self.side.prepare(self._environment(cr), runs)
        gc.collect()
        self.before = _status_mib("VmRSS")
        if CLEAR_REFS.exists():
            CLEAR_REFS.write_text("5")  # the peak is counted from here on

    def run(self, number: int, with_rows: bool) -> dict[str, Any]:
        thread = threading.current_thread()
        if self.side.before:
            with self.registry.cursor() as cr:
                self.side.before(self._environment(cr), self.items[number])
        with self.registry.cursor() as cr:
            cr.execute("SET LOCAL synchronous_commit = off")  # the disk's mood is not what is measured
            env = self._environment(cr)
            item = self.items[number]
            thread.query_count = thread.query_time = 0  # Odoo counts there over all cursors of the thread
            started = time.perf_counter()
            rows = self.side.run(env, item)
            cr.commit()
            seconds = time.perf_counter() - started
            queries = thread.query_count
        if with_rows and self.side.rows:
            with self.registry.cursor() as cr:
                rows = self.side.rows(self._environment(cr), item)
        return {"seconds": seconds, "queries": queries, "rows": rows if with_rows else None}

    def memory(self) -> dict[str, float]:
        peak = _status_mib("VmHWM")
        return {"peak_mib": peak, "growth_mib": peak - self.before}

    @staticmethod
    def _environment(cr: Any) -> Any:
        from odoo import api

        return api.Environment(cr, api.SUPERUSER_ID, {})


def _serve(pipe: Connection, entry: str, database: str) -> None:
    """Body of the process: start Odoo, then answer until the runner closes the pipe."""
    try:
        server = _Server(entry, database)
    except Exception:
        pipe.send((True, traceback.format_exc()))
        return
    while True:
        try:
            what, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((False, getattr(server, what)(*arguments)))
        except Exception:
            pipe.send((True, traceback.format_exc()))


def _status_mib(line: str) -> float:
    """A line of /proc/self/status in MiB; the peak by getrusage where there is no /proc."""
    if STATUS.exists():
        for text in STATUS.read_text().splitlines():
            if text.startswith(f"{line}:"):
                return int(text.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

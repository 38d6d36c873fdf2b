"""The databases of a run: throw-away copies, and the large database kept as a template.

The server is the one that PGHOST, PGPORT, PGUSER and PGPASSWORD name. Names begin with `sdm_bench_`. Attachments are
not copied: no measurement opens one.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import secrets
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from tests.bench import odoo_process
from tests.bench.frame import WITH_ADDONS, WITHOUT_ADDONS, LargeDatabase
from tests.bench.large_database.shape import Sizes

PREFIX = "sdm_bench_"
RUN_PREFIX = f"{PREFIX}run_"
ASIDE = "_aside"
GENERATOR = Path(__file__).with_name("large_database")


class BenchError(Exception):
    """Something is missing or failed; the text names cause and remedy."""


class Databases:
    """Hands out databases for measurements and drops its copies at the end. Use it in a with statement.

    :param base: name of the database with what our addons depend on
    :param template: name of the database with our addons
    :param progress: called with a line of text whenever something takes long
    """

    def __init__(self, base: str, template: str, progress: Callable[[str], None]) -> None:
        self.base = base
        self.template = template
        self.progress = progress
        self._copies: dict[tuple[Any, float], str] = {}
        self._run = f"{RUN_PREFIX}{secrets.token_hex(4)}"
        self._server: Any = None

    def __enter__(self) -> Databases:
        self._server = psycopg2.connect(dbname="postgres")
        self._server.autocommit = True
        for name in left_behind(self._server):
            self._drop(name)
        _try_lock(self._server, self._run)
        return self

    def __exit__(self, *_exception: object) -> None:
        for name in self._copies.values():
            self._drop(name)
        self._server.close()

    @property
    def server_version(self) -> str:
        """The version of PostgreSQL, such as "18.4"."""
        return self._server.info.parameter_status("server_version")

    def copy_of(self, wanted: LargeDatabase | str, scale: float) -> str:
        """The name of this run's copy of a database; made when it is first asked for.

        :param wanted: what a side of a measurement names; :param scale: of the large database
        :raises BenchError: there is no such database to copy
        """
        if not isinstance(wanted, LargeDatabase):
            scale = 0
        key = (wanted, scale)
        if key not in self._copies:
            if isinstance(wanted, LargeDatabase):
                source = self._large_template(wanted, scale)
            else:
                source = {WITHOUT_ADDONS: self.base, WITH_ADDONS: self.template}[wanted]
            name = f"{self._run}_{len(self._copies)}"
            self._copy(source, name)
            self._copies[key] = name
            if isinstance(wanted, LargeDatabase) and wanted.modules:
                self.progress(f"installing {', '.join(wanted.modules)}")
                if code := _in_process(_install, name, wanted.modules):
                    raise BenchError(f"{', '.join(wanted.modules)} could not be installed (process ended with {code})")
        return self._copies[key]

    def _large_template(self, wanted: LargeDatabase, scale: float) -> str:
        """The name of the kept large database of that size; built aside and renamed when it is not there."""
        clone = hashlib.sha256(os.environ["ODOO_RC"].encode()).hexdigest()[:4]  # several may share a server
        counts = (wanted.customers, wanted.leads, wanted.invoices)
        size = f"{PREFIX}{clone}_{scale:g}_{'_'.join(map(str, counts))}_".replace(".", "p")
        made_from = hashlib.sha256(self.template.encode())
        for path in sorted(GENERATOR.glob("*.py")):
            made_from.update(path.read_bytes())
        name = size + made_from.hexdigest()[:10]
        with closing(psycopg2.connect(dbname="postgres")) as waiting, waiting.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s)", [_lock_number(name)])  # two benches at once build it once
            if not self._exists(name):
                self._build(name, Sizes.at(scale, *counts))
                for other in _names(self._server, size):
                    # made by an older generator or from older addons, and not being built by somebody else
                    if other != name and _try_lock(self._server, other.removesuffix(ASIDE)):
                        self._drop(other)
        return name

    def _build(self, name: str, sizes: Sizes) -> None:
        self.progress(f"building the large database: {sizes.leads:,} leads, {sizes.customers:,} customers")
        aside = name + ASIDE
        self._drop(aside)
        self._copy(self.template, aside)
        if code := _in_process(_build, aside, sizes):
            self._drop(aside)
            raise BenchError(f"the large database could not be built (process ended with {code}), see above")
        with self._server.cursor() as cr:
            cr.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(aside), sql.Identifier(name)))

    def _exists(self, name: str) -> bool:
        return name in _names(self._server, name)

    def _copy(self, source: str, name: str) -> None:
        if not self._exists(source):
            raise BenchError(f"there is no database {source} to copy: ./sdm bench prepares it")
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        if source.startswith(PREFIX) and self._server.server_version >= 150000:
            statement += sql.SQL(" STRATEGY FILE_COPY")  # gigabytes need not go through the log
        try:
            with self._server.cursor() as cr:
                cr.execute(statement)
        except psycopg2.errors.ObjectInUse as error:
            raise BenchError(
                f"database {source} is in use and cannot be copied: close what is connected to it"
            ) from error

    def _drop(self, name: str) -> None:
        with self._server.cursor() as cr:
            cr.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def left_behind(server: Any) -> list[str]:
    """The names of the copies of runs that were killed: while a run lives, it holds the lock of its name.

    :param server: a connection to the server, which holds the locks of those runs from now on
    """
    return [name for name in _names(server, RUN_PREFIX) if _try_lock(server, name.rpartition("_")[0])]


def _names(server: Any, beginning: str) -> list[str]:
    with server.cursor() as cr:
        cr.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [beginning])
        return [name for (name,) in cr.fetchall()]


def _try_lock(server: Any, name: str) -> bool:
    with server.cursor() as cr:
        cr.execute("SELECT pg_try_advisory_lock(%s)", [_lock_number(name)])
        return cr.fetchone()[0]


def _lock_number(name: str) -> int:
    """The number of PostgreSQL's advisory lock for a name; the lock goes with the connection that holds it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")


def _in_process(body: Callable[..., None], *arguments: Any) -> int:
    """Let a process of its own do it, whose memory is given back and whose connections are closed; its exit code."""
    process = multiprocessing.get_context("spawn").Process(target=body, args=arguments)
    process.start()
    process.join()
    return process.exitcode


def _install(database: str, modules: tuple[str, ...]) -> None:
    """Body of the process that installs what a peer needs."""
    odoo_process.start()
    from odoo.modules.registry import Registry  # Odoo reads its configuration first

    Registry.new(database, install_modules=modules)


def _build(database: str, sizes: Sizes) -> None:
    """Body of the process that fills a large database."""
    odoo_process.start()
    from tests.bench.large_database.build import build  # Odoo reads its configuration first

    build(database, sizes, odoo_process.say)

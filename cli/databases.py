"""Databases with their attachments: created, copied, renamed, dropped, and the kept templates for tests.

A database exists when PostgreSQL knows its name; its attachments are put in place before that, so whoever
finds the database finds it whole.
"""

import ast
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.artefact import Artefact, key_of, remove_tree
from cli.environment import Environment
from cli.failure import Failure
from cli.home import ROOT
from cli.lock import Lock
from cli.machine import NO_DISK, check_disk, failure_of, no_disk
from cli.odoo import SERIES
from cli.postgres import identifier, literal
from cli.processes import CommandFailed, run
from cli.progress import Progress

# The first becomes the language of the database and its users; loading Russian alone would switch English off
LANGUAGES = "en_US,ru_RU"
# Where a database remembers the content of our addons that it was last updated with
PARAMETER = "sdm.addons_digest"
# Free disk that making a database needs
MEGABYTES = 500
# Read by Odoo from the disk, so a change of it needs no update of the database
NOT_IN_DATABASE = ("static", "tests", "__pycache__")
ERROR_LINE = re.compile(r"^\S+ \S+ \d+ (?:ERROR|CRITICAL) ")
LOADING_LINE = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")


def our_addons() -> list[Path]:
    """:return: the folders of our addons"""
    return sorted(manifest.parent for manifest in ROOT.glob("sdm_*/__manifest__.py"))


def names(addons: Iterable[Path]) -> list[str]:
    """:return: the technical names of addons"""
    return [addon.name for addon in addons]


def dependencies() -> list[str]:
    """:return: what our addons depend on outside themselves"""
    ours = our_addons()
    wanted = {
        name for addon in ours for name in ast.literal_eval((addon / "__manifest__.py").read_text()).get("depends", [])
    }
    return sorted(wanted - set(names(ours)))


def digest_of(addon: Path) -> str:
    """:return: a digest over everything of an addon that lands in a database"""
    digest = hashlib.sha256()
    for path in sorted(addon.rglob("*")):
        place = path.relative_to(addon)
        if path.is_file() and not set(place.parts) & set(NOT_IN_DATABASE):
            digest.update(f"{place}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def exists(environment: Environment, name: str) -> bool:
    """:return: whether there is such a database"""
    return bool(environment.server.query(f"SELECT 1 FROM pg_database WHERE datname = {literal(name)}"))


def check(environment: Environment, name: str) -> None:
    """:raise Failure: there is no such database, or it is not one of this series of Odoo"""
    if not exists(environment, name):
        others = ", ".join(_of_the_user(environment))
        remedy = f"name one of these: {others}" if others else "make one: ./sdm demo, or ./sdm load"
        raise Failure(f"there is no database {name}", remedy)
    rows = environment.server.query("SELECT to_regclass('ir_module_module') IS NOT NULL", name)
    if rows != [["t"]]:
        raise Failure(f"the database {name} is not one of Odoo", "name another with --database")
    version = environment.server.query("SELECT latest_version FROM ir_module_module WHERE name = 'base'", name)
    if not version or not version[0][0].startswith(f"{SERIES}."):
        series = ".".join(version[0][0].split(".")[:2]) if version and version[0][0] else "unknown"
        raise Failure(
            f"the database {name} is of Odoo {series}, this is Odoo {SERIES}",
            "name another with --database, or migrate it first",
        )


def create(environment: Environment, name: str) -> None:
    """Create an empty database as Odoo would; Odoo itself logs an error where an extension is not offered."""
    environment.server.query(f"CREATE DATABASE {identifier(name)} ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0")
    if environment.server.query("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"):
        environment.server.query("CREATE EXTENSION pg_trgm", name)


def copy(environment: Environment, source: str, name: str) -> None:
    """Copy a database that nobody is connected to, attachments included."""
    target = _filestore(environment, name)
    remove_tree(target)
    if _filestore(environment, source).is_dir():
        # Odoo never changes an attachment's file, it only adds and removes some: links are copies
        shutil.copytree(_filestore(environment, source), target, copy_function=os.link)
    environment.server.query(f"CREATE DATABASE {identifier(name)} TEMPLATE {identifier(source)}")


def drop(environment: Environment, name: str) -> None:
    """Drop a database, whoever is connected, attachments included; harmless when it is not there."""
    environment.server.query(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")
    remove_tree(_filestore(environment, name))


def rename(environment: Environment, name: str, new_name: str) -> None:
    """Rename a database that nobody is connected to, attachments included."""
    target = _filestore(environment, new_name)
    remove_tree(target)
    if _filestore(environment, name).is_dir():
        _filestore(environment, name).rename(target)
    environment.server.query(f"ALTER DATABASE {identifier(name)} RENAME TO {identifier(new_name)}")


def run_odoo(environment: Environment, name: str, arguments: Iterable[str], progress: Progress) -> None:
    """Run Odoo on a database until it has done what the arguments say.

    :param arguments: such as "--init=sale"
    :raise Failure: it ended with an error, or logged one; names the log
    """
    log = environment.places.logs / f"{name}.log"
    errors = []

    def follow(line: str) -> None:
        loading = LOADING_LINE.search(line)
        if loading:
            progress.part(f"module {loading[2]} of {loading[3]}, {loading[1]}")
        if ERROR_LINE.match(line):
            errors.append(line)
        written.write(f"{line}\n")

    progress.part("starting Odoo")
    variables = environment.variables()
    # a power cut during an unfinished build costs nothing, so no waiting for the disk at each commit
    variables["PGOPTIONS"] = f"{variables.get('PGOPTIONS', '')} -c synchronous_commit=off"
    command = environment.odoo_command("server", f"--database={name}", *arguments, "--stop-after-init", "--no-http")
    with log.open("w") as written:
        try:
            run(command, variables=variables, folder=ROOT, on_line=follow, on_tick=progress.tick)
        except CommandFailed as error:
            if not errors:
                raise failure_of(error, f"Odoo on the database {name}", environment.home) from error
    if any(NO_DISK.search(error) for error in errors):
        raise no_disk(environment.home, f"while making the database {name}")
    if errors:
        text = errors[0].partition(": ")[2]
        raise Failure(f"Odoo failed on the database {name}: {text}", f"see {log}")


def digests_of(addons: Iterable[str]) -> dict[str, str]:
    """:return: the digest of each of these addons that is ours, by its name; to be taken before Odoo reads them"""
    wanted = set(addons)
    return {addon.name: digest_of(addon) for addon in our_addons() if addon.name in wanted}


def remember_addons(environment: Environment, name: str, digests: dict[str, str]) -> None:
    """Note in a database the content of our addons that it now has."""
    value = literal(json.dumps(_known_digests(environment, name) | digests))
    environment.server.query(
        "INSERT INTO ir_config_parameter (key, value, create_date, write_date)"
        f" VALUES ({literal(PARAMETER)}, {value}, now(), now())"
        " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
        name,
    )


def changed_addons(environment: Environment, name: str) -> list[str]:
    """:return: our addons whose content a database does not have, those not installed in it included"""
    known = _known_digests(environment, name)
    return [addon.name for addon in our_addons() if known.get(addon.name) != digest_of(addon)]


def installed(environment: Environment, name: str) -> set[str]:
    """:return: the addons that are installed in a database"""
    rows = environment.server.query("SELECT name FROM ir_module_module WHERE state = 'installed'", name)
    return {row[0] for row in rows}


def update(environment: Environment, name: str, addons: Iterable[str], progress: Progress) -> None:
    """Bring addons of a database up to their content on the disk; install those that are not in it."""
    wanted = set(addons)
    digests = digests_of(wanted)
    there = installed(environment, name)
    arguments = [
        f"--{option}={','.join(sorted(those))}"
        for option, those in (("update", wanted & there), ("init", wanted - there))
        if those
    ]
    if arguments:
        run_odoo(environment, name, arguments, progress)
    remember_addons(environment, name, digests)


class Database(Artefact):
    """A database that is made once and kept.

    :param name: its name
    :param source: a database to start from, None for an empty one
    :param addons: to install in it
    :param options: of Odoo besides
    :param fill: writes data into it; called with the name it has while it is made
    :param family: the names of databases that this one replaces start with it; none when empty
    """

    def __init__(
        self,
        environment: Environment,
        name: str,
        *,
        title: str,
        source: "Database | None" = None,
        addons: Iterable[str] = (),
        options: Iterable[str] = (),
        fill: Callable[[str, Progress], None] | None = None,
        family: str = "",
    ) -> None:
        super().__init__(environment.places, name, title)
        self.environment = environment
        self._source = source
        self._addons = list(addons)
        self._options = list(options)
        self._fill = fill
        self._family = family

    def is_there(self) -> bool:
        return exists(self.environment, self.name)

    def build(self, progress: Progress) -> None:
        aside = self._aside(self.name)
        digests = digests_of(self._addons)
        check_disk(self.home.folder, MEGABYTES, self.title)
        drop(self.environment, aside)
        try:
            if self._source:
                self._source.prepare()
                progress.step(f"copying the {self._source.title.lower()}")
                copy(self.environment, self._source.name, aside)
            else:
                progress.step("creating the database")
                create(self.environment, aside)
            if self._addons:
                run_odoo(self.environment, aside, [f"--init={','.join(self._addons)}", *self._options], progress)
                remember_addons(self.environment, aside, digests)
            if self._fill:
                self._fill(aside, progress)
            rename(self.environment, aside, self.name)
        finally:
            drop(self.environment, aside)

    def others(self) -> Iterable[str]:
        if not self._family:
            return []
        return [name for name in _with_prefix(self.environment, self._family) if name != self.name]

    def remove(self, name: str) -> None:
        drop(self.environment, name)
        drop(self.environment, self._aside(name))

    def _aside(self, name: str) -> str:
        return f"sdm_building_{key_of(str(self.home.folder), name)}"


def base(environment: Environment) -> str:
    """:return: the name of the kept database with what our addons depend on, without them; made if need be"""
    template = _base(environment)
    template.prepare()
    return template.name


def template(environment: Environment) -> str:
    """:return: the name of the kept database with all our addons, without demo data; made if need be"""
    database = _template(environment)
    database.prepare()
    return database.name


def filled(
    environment: Environment, kind: str, key: str, *, title: str, fill: Callable[[str, Progress], None]
) -> Database:
    """A kept database: a copy of the template with data in it.

    :param kind: the data in one word, for its name
    :param key: over what the data are made from
    :param fill: writes the data into a database of this name
    """
    source = _template(environment)
    family = f"sdm_{kind}_{_mark(environment)}"
    return Database(
        environment, family + key_of(source.name, key), title=title, source=source, fill=fill, family=family
    )


def create_from_template(environment: Environment, name: str) -> None:
    """Create a database with all our addons and without demo data.

    :raise Failure: it exists
    """
    if exists(environment, name):
        raise Failure(f"the database {name} exists", "name another with --database")
    copy(environment, template(environment), name)


@contextmanager
def throw_away(environment: Environment, source: str) -> Iterator[str]:
    """A copy of a database that is dropped at the end, or by the next user when this process is killed.

    :param source: the name of a template database
    :return: the copy's name
    """
    with throw_away_name(environment) as name:
        copy(environment, source, name)
        yield name


@contextmanager
def throw_away_name(environment: Environment) -> Iterator[str]:
    """A name for throw-away databases: all whose names begin with it are dropped as :func:`throw_away` says."""
    prefix = f"sdm_test_{_mark(environment)}"
    token = secrets.token_hex(4)
    for name in {name[: len(prefix + token)] for name in _with_prefix(environment, prefix)}:
        with Lock(environment.places.locks / f"{name}.lock") as lock:
            if lock.try_acquire():
                _drop_all(environment, name)
                lock.path.unlink(missing_ok=True)
    name = prefix + token
    with Lock(environment.places.locks / f"{name}.lock") as lock:
        lock.acquire()
        try:
            yield name
        finally:
            _drop_all(environment, name)
            lock.path.unlink(missing_ok=True)


def _drop_all(environment: Environment, prefix: str) -> None:
    for name in _with_prefix(environment, prefix):
        drop(environment, name)


def _template(environment: Environment) -> Database:
    source = _base(environment)
    digests = [f"{addon.name}={digest_of(addon)}" for addon in our_addons()]
    family = f"sdm_template_{_mark(environment)}"
    return Database(
        environment,
        family + key_of(source.name, *digests),
        title="Template database",
        source=source,
        addons=names(our_addons()),
        family=family,
    )


def _base(environment: Environment) -> Database:
    wanted = dependencies()
    release = (environment.odoo / "odoo" / "release.py").read_text()
    family = f"sdm_base_{_mark(environment)}"
    return Database(
        environment,
        family + key_of(str(environment.odoo), release, LANGUAGES, *wanted),
        title="Base database",
        addons=wanted,
        options=[f"--load-language={LANGUAGES}"],
        family=family,
    )


def _known_digests(environment: Environment, name: str) -> dict[str, str]:
    rows = environment.server.query(f"SELECT value FROM ir_config_parameter WHERE key = {literal(PARAMETER)}", name)
    return json.loads(rows[0][0]) if rows else {}


def _mark(environment: Environment) -> str:
    """:return: a mark of this home in names of databases: several homes may share a server"""
    return key_of(str(environment.home))[:4]


def _with_prefix(environment: Environment, prefix: str) -> list[str]:
    rows = environment.server.query(f"SELECT datname FROM pg_database WHERE starts_with(datname, {literal(prefix)})")
    return [row[0] for row in rows]


def _of_the_user(environment: Environment) -> list[str]:
    """:return: the names of databases that are neither PostgreSQL's nor ours"""
    rows = environment.server.query(
        "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        " AND NOT starts_with(datname, 'sdm_') ORDER BY datname"
    )
    return [row[0] for row in rows]


def _filestore(environment: Environment, name: str) -> Path:
    folder = environment.places.odoo_data / "filestore"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name

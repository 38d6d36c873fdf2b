"""./sdm load: another CRM's CSV export into an Odoo database. The load itself is the package loader."""

import argparse
import os
from pathlib import Path

from cli import databases, environment
from cli.environment import Environment
from cli.home import ROOT
from cli.lock import Lock
from cli.processes import started
from cli.progress import say

DESCRIPTION = """\
Bring another CRM's CSV export into an Odoo database.

  ./sdm load ../export --database trial

Rows that are there already are left as they are, so a load can be repeated: after a stop it goes on, and
after a correction of rejected rows it brings in only those. A database that does not exist is created with
all SDM addons. Which file goes where is written in a mapping (loader/mappings/README.md)."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "load",
        help="bring another CRM's export into Odoo",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder with the files of the export")
    parser.add_argument("--database", required=True, metavar="NAME", help="the Odoo database to load into")
    parser.add_argument("--mapping", metavar="FILE", help="mapping file, when none of ours fits the folder")
    parser.add_argument("--rejected", metavar="FILE", help="where to list rejected rows; else rejected-NAME.csv, here")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Load, and create the database before that where it does not exist.

    :raise Failure: the environment or the database cannot be prepared; the loader prints its own failures
    """
    ready = environment.prepare()
    try:
        command = [str(ready.python), "-W", "ignore", "-m", "loader", str(arguments.folder)]
        command += ["--database", arguments.database]
        for option in ("mapping", "rejected"):
            if getattr(arguments, option) is not None:
                command += [f"--{option}", getattr(arguments, option)]
        # before a database is created for it
        exit_code = _run(ready, [*command, "--check"])
        if exit_code:
            return exit_code
        is_new = _create_if_missing(ready, arguments.database)
        exit_code = _run(ready, command)
        if exit_code == 0:
            _say_how_to_look(arguments.database, is_new)
        return exit_code
    finally:
        ready.release()


def _run(ready: Environment, command: list[str]) -> int:
    variables = ready.variables()
    variables["PYTHONPATH"] = os.pathsep.join([variables["PYTHONPATH"], str(ROOT)])
    with started(command, env=variables) as process:
        return process.wait()


def _create_if_missing(ready: Environment, name: str) -> bool:
    """:return: whether the database was created"""
    # of two loads that start at once, one creates the database and the other finds it whole
    with Lock(ready.places.locks / f"create-{name}.lock").acquire():
        if databases.exists(ready, name):
            databases.check(ready, name)
            return False
        databases.create_from_template(ready, name)
        say(f"created the database {name}")
        return True


def _say_how_to_look(name: str, is_new: bool) -> None:
    administrator = "admin, password admin" if is_new else "the database's administrator"
    print(f"Look at it: ./sdm serve --database {name}, and log in as {administrator}.")
    print("Loaded users have a login and no password; an administrator gives them one: Settings, Users.")

"""./sdm shell: Odoo's shell on a database; ./sdm update: our addons in a database brought up to date."""

import argparse
import signal
import subprocess

from cli import databases
from cli.demo import DATABASE
from cli.environment import prepare
from cli.failure import Failure
from cli.home import ROOT
from cli.progress import Progress


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the commands shell and update."""
    shell = subparsers.add_parser(
        "shell",
        help="Odoo's Python shell on a database",
        description="Odoo's Python shell on a database. A script on standard input runs and ends: "
        "./sdm shell --database demo < script.py",
    )
    shell.add_argument("--database", required=True, metavar="NAME", help="the database to work in")
    shell.set_defaults(run=run_shell)
    update = subparsers.add_parser(
        "update",
        help="bring our addons in a database up to date",
        description="Update those of our addons that are installed in a database to what is in this clone.",
    )
    update.add_argument("--database", default=DATABASE, metavar="NAME", help=f"the database (default: {DATABASE})")
    update.set_defaults(run=run_update)


def run_shell(options: argparse.Namespace) -> int:
    """Run Odoo's shell on this terminal, or on a script.

    :return: its exit code
    """
    environment = prepare()
    databases.check(environment, options.database)
    command = environment.odoo_command("shell", f"--database={options.database}", "--no-http", "--log-level=warn")
    # Ctrl-C in the shell interrupts what is typed there; it is not meant for us
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = subprocess.run(command, env=environment.variables(), cwd=ROOT, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def run_update(options: argparse.Namespace) -> None:
    """Update those of our addons that are installed in a database.

    :raise Failure: none is
    """
    environment = prepare()
    databases.check(environment, options.database)
    ours = set(databases.names(databases.our_addons()))
    addons = ours & databases.installed(environment, options.database)
    if not addons:
        raise Failure(
            f"the database {options.database} has none of our addons", "install them first: menu Apps, Sales Drive"
        )
    with Progress(f"Update of {options.database}") as progress:
        databases.update(environment, options.database, addons, progress)

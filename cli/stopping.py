"""./sdm stop: Odoo and PostgreSQL of this home; ./sdm clean: everything prepared."""

import argparse
import sys

from cli import postgres, server
from cli.failure import Failure
from cli.home import Home, find_home
from cli.progress import say


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the commands stop and clean."""
    stop = subparsers.add_parser(
        "stop",
        help="stop what runs",
        description="Stop every Odoo that ./sdm serves and the embedded PostgreSQL.",
    )
    stop.set_defaults(run=run_stop)
    clean = subparsers.add_parser(
        "clean",
        help="stop what runs and delete everything prepared, databases included",
        description="Stop what runs and delete everything that ./sdm has prepared, databases of the embedded "
        "PostgreSQL included.",
    )
    clean.add_argument("--yes", action="store_true", help="do not ask")
    clean.set_defaults(run=run_clean)


def run_stop(_options: argparse.Namespace) -> None:
    """Stop Odoo and PostgreSQL."""
    if not _stop(find_home()):
        say("nothing was running")


def run_clean(options: argparse.Namespace) -> None:
    """Delete the home, unless the user says no."""
    home = find_home()
    if not home.folder.exists():
        say(f"nothing to delete, there is no {home.folder}")
        return
    if not options.yes:
        if not sys.stdin.isatty():
            raise Failure("clean deletes databases and nobody is there to ask", "say ./sdm clean --yes")
        if input(f"Delete {home.folder} with all databases in it? [y/N] ").strip().lower() not in (
            "y",
            "yes",
        ):
            return
    _stop(home)
    home.delete()


def _stop(home: Home) -> bool:
    stopped = server.stop_all(home) > 0
    if postgres.stop(postgres.data_folder(home)):
        say("PostgreSQL stopped")
        stopped = True
    return stopped

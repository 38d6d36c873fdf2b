"""The commands of ./sdm. Each module named here offers add_parser(subparsers), which sets ``run``."""

import argparse
import importlib
import signal
import sys
from collections.abc import Callable, Sequence

from cli.failure import Failure
from cli.home import find_home
from cli.machine import FULL, no_disk
from cli.progress import say

# In the order of the help: command, the module that has it
COMMANDS = {
    "demo": "cli.demo",
    "serve": "cli.demo",
    "test": "cli.testing",
    "load": "cli.loading",
    "shell": "cli.odoo_commands",
    "update": "cli.odoo_commands",
    "lint": "cli.linting",
    "bench": "cli.benching",
    "screens": "cli.screens",
    "stop": "cli.stopping",
    "clean": "cli.stopping",
}
DESCRIPTION = """\
Sales Drive Management for Odoo 19.

  ./sdm demo     prepares what is missing, then serves a demo at http://localhost:8069
  ./sdm test     prepares what is missing, then runs every test

Everything prepared lies in the folder .sdm of this clone (or in SDM_HOME)."""
EPILOG = """\
environment:
  ODOO_HOME                            an Odoo 19.0 of your own (source checkout or installed package)
  PGHOST PGPORT PGUSER PGPASSWORD      a PostgreSQL of your own (13 or later)
  SDM_HOME                             where to prepare things, to share them between clones

./sdm COMMAND --help says more about a command."""


def make_parser(modules: Sequence[str]) -> argparse.ArgumentParser:
    """:param modules: whose commands the parser knows"""
    parser = argparse.ArgumentParser(
        prog="./sdm",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in modules:
        importlib.import_module(module).add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    :param arguments: without the program's name; sys.argv's when None
    :return: the exit code: 0, the command's own, 1 for a failure, 130 when interrupted
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    module = COMMANDS.get(arguments[0]) if arguments else None
    # only the module of the given command is imported: a start is quick, and one cannot break another
    parser = make_parser([module] if module else list(dict.fromkeys(COMMANDS.values())))
    options = parser.parse_args(arguments)
    return run_command(options.run, options)


def run_command(command: Callable[[argparse.Namespace], int | None], options: argparse.Namespace) -> int:
    """Run a command so that however it ends, what was started is stopped and one line says why.

    :return: the exit code, see :func:`main`
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return command(options) or 0
    except Failure as failure:
        say(f"sdm: {failure}")
        return 1
    except OSError as error:
        if error.errno not in FULL:
            raise
        say(f"sdm: {no_disk(find_home().folder)}")
        return 1
    except KeyboardInterrupt:
        say("sdm: interrupted")
        return 130


def _interrupt(number: int, _frame: object) -> None:
    """End as Ctrl-C does, so that what was started is stopped and what is half-made is removed."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt

"""`./sdm bench`: what our addons cost and how near they come to the leanest SQL. The bench itself is tests/bench."""

import argparse
import os

from cli import databases, environment
from cli.home import ROOT
from cli.processes import started

DESCRIPTION = """\
Measure our addons: against the same dependencies without them, and against the leanest SQL that computes the same.

  ./sdm bench                        every entry on the large database of 1,000,000 leads (built when missing)
  ./sdm bench diagnosis --scale 0.1  one entry on a tenth of it
  ./sdm bench --runs 3               a quick look; times are shown and not judged

Prints a table; ends with 0 when all goals are met, 1 when one is missed. What the numbers mean and how to add an entry:
tests/bench/README.md."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "bench",
        help="measure our addons",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="entries; all of them when none is given")
    parser.add_argument("--scale", metavar="S", help="of the large database; 1 (default) is 1,000,000 leads")
    parser.add_argument("--runs", metavar="N", help="at most N runs of each side")
    parser.add_argument("--json", metavar="FILE", help="write the numbers there too")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prepare the databases, then measure in a process of the prepared Python.

    :return: its exit code; it checks names and options and words its own failures
    :raise Failure: the environment or a database cannot be prepared
    """
    ready = environment.prepare()
    try:
        command = [str(ready.python), "-W", "ignore", "-m", "tests.bench", *arguments.names]
        for option in ("scale", "runs", "json"):
            if getattr(arguments, option) is not None:
                command += [f"--{option}", getattr(arguments, option)]
        variables = ready.variables()
        variables["PYTHONPATH"] = os.pathsep.join([variables["PYTHONPATH"], str(ROOT)])
        variables["SDM_BASE"] = databases.base(ready)
        variables["SDM_TEMPLATE"] = databases.template(ready)
        with started(command, env=variables) as process:
            return process.wait()
    finally:
        ready.release()

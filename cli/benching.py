"""`./sdm bench`: what our addons cost and how near they come to the leanest SQL. The bench itself is tests/bench."""

import argparse
import os
from pathlib import Path

from cli import databases, environment
from cli.home import ROOT
from cli.processes import started

ENTRIES = sorted(path.stem for path in (ROOT / "tests" / "bench" / "entries").glob("[!_]*.py"))
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
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prepare the databases, then measure in a process of the prepared Python.

    :return: its exit code; it words its own failures
    :raise Failure: the environment or a database cannot be prepared
    """
    ready = environment.prepare()
    try:
        command = [str(ready.python), "-W", "ignore", "-m", "tests.bench", *as_arguments(arguments)]
        variables = ready.variables()
        variables["PYTHONPATH"] = os.pathsep.join([variables["PYTHONPATH"], str(ROOT)])
        variables["SDM_BASE"] = databases.base(ready)
        variables["SDM_TEMPLATE"] = databases.template(ready)
        with started(command, env=variables, cwd=ROOT) as process:
            return process.wait()
    finally:
        ready.release()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the bench's arguments to a parser; bad ones end it with a line that says what they may be."""
    parser.add_argument(
        "names", nargs="*", type=_entry, metavar="NAME", help=f"entries, all of them without: {', '.join(ENTRIES)}"
    )
    parser.add_argument(
        "--scale", type=_scale, default=1.0, metavar="S", help="of the large database; 1 (default) is 1,000,000 leads"
    )
    parser.add_argument("--runs", type=_runs, metavar="N", help="at most N runs of each side, for a quick look")
    parser.add_argument("--json", type=_file, metavar="FILE", help="write the numbers there too")


def as_arguments(options: argparse.Namespace) -> list[str]:
    """The parsed options as another process is given them."""
    arguments = [*options.names, "--scale", str(options.scale)]
    for name in ("runs", "json"):
        if getattr(options, name) is not None:
            arguments += [f"--{name}", str(getattr(options, name))]
    return arguments


def _entry(text: str) -> str:
    if text not in ENTRIES:
        raise argparse.ArgumentTypeError(f"there is no entry {text}: the entries are {', '.join(ENTRIES)}")
    return text


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0
    if not 0 < scale <= 100:
        raise argparse.ArgumentTypeError(f"{text} must be a number above 0 and at most 100")
    return scale


def _runs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} must be a whole number from 1 on")
    return int(text)


def _file(text: str) -> Path:
    path = Path(text).absolute()
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent} for {path.name}: make it first")
    return path

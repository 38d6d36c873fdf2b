"""`./sdm test`: all checks and tests of the project, each part in a process of its own, added up into one last line.

Parts, in the order in which they are shown:

    lint         what `./sdm lint` says
    plain        tests/* without Odoo and without a database: command line, engines, architecture, loader
    odoo         the tests of the addons, browser tours included, and tests/in_odoo, on a throw-away database
    end_to_end   tests/end_to_end: tests that run Odoo and `./sdm` as processes, on throw-away databases

Two lanes run side by side, since the template database takes longest to make and the first two parts do without it.
A part writes into a file, and the files are shown one after another, each as it grows.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

from cli import databases
from cli.environment import Environment, prepare
from cli.failure import Failure
from cli.home import ROOT
from cli.processes import started

NO_TEST_MATCHED = 5  # exit code of pytest
SECONDS_TO_END = 15  # what a part gets to put its things away before it is killed

TITLES = {
    "lint": "Lint",
    "plain": "Tests without Odoo",
    "odoo": "Tests of the addons in Odoo, browser tours included",
    "end_to_end": "Tests end to end",
}


@dataclass(frozen=True)
class Report:
    """What a part said: how many tests passed and were skipped, and the names of those that failed."""

    passed: int = 0
    failures: tuple[str, ...] = ()
    skipped: int = 0

    def __add__(self, other: Report) -> Report:
        return Report(self.passed + other.passed, self.failures + other.failures, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {len(self.failures)} failed, {self.skipped} skipped"


def read_report(path: Path) -> Report:
    """Count the test cases of a JUnit XML file, as pytest and `./sdm lint` write it.

    A test that fails and whose clean-up fails too stands there twice and is one failed test; that is why the cases are
    counted and the sums in the file's head are not taken. Raises OSError or ElementTree.ParseError where the file is
    missing or was not written to its end.
    """
    verdicts: dict[str, str] = {}
    for case in ElementTree.parse(path).iter("testcase"):
        name = "::".join(filter(None, (case.get("classname"), case.get("name"))))
        if case.find("failure") is not None or case.find("error") is not None:
            verdicts[name] = "failed"
        else:
            verdicts.setdefault(name, "skipped" if case.find("skipped") is not None else "passed")
    by_verdict = {
        verdict: [n for n, v in verdicts.items() if v == verdict] for verdict in ("passed", "failed", "skipped")
    }
    return Report(len(by_verdict["passed"]), tuple(by_verdict["failed"]), len(by_verdict["skipped"]))


def judge(part: str, path: Path, exit_code: int, part_may_be_empty: bool) -> Report:
    """The report of a part that has ended with `exit_code`.

    A part that dies without a report, or that says with its exit code that something is wrong while no test of it
    failed, counts as one failed test more. Where only some tests were asked for, a part may have none of them.
    """
    if exit_code == NO_TEST_MATCHED and part_may_be_empty:
        return Report()
    try:
        report = read_report(path)
    except (OSError, ElementTree.ParseError):
        return Report(failures=(f"{part}: ended with exit code {exit_code} before it could report",))
    if exit_code and not report.failures:
        report += Report(failures=(f"{part}: ended with exit code {exit_code} although no test failed",))
    return report


def choose_parts(paths: Iterable[str], root: Path = ROOT) -> dict[str, list[str]]:
    """Which parts to run, and what each is to run; all of them where no path is given.

    :param paths: as pytest takes them, `file.py::Class::test` included, from the working folder or the clone's root on;
        an addon stands for its tests in Odoo and those of its engines, an engine for its own
    :return: the name of each part, in the order of TITLES, with its paths from the root on
    :raise Failure: there is no such path, or no test lies there
    """
    chosen: dict[str, list[str]] = {}
    for path in paths:
        for part, part_path in _parts_of_path(path, root):
            chosen.setdefault(part, []).append(part_path)
    if not chosen:
        chosen = {"lint": []}
        for folder in [*sorted(root.glob("sdm_*/tests")), *sorted((root / "tests").iterdir())]:
            if any(folder.rglob("test_*.py")):
                part = _part_of_folder(folder.relative_to(root).parts)
                chosen.setdefault(part, []).append(folder.relative_to(root).as_posix())
    return {part: chosen[part] for part in TITLES if part in chosen}


def _part_of_folder(parts: tuple[str, ...]) -> str:
    if parts[0].startswith("sdm_") or parts[:2] == ("tests", "in_odoo"):
        return "odoo"
    return "end_to_end" if parts[:2] == ("tests", "end_to_end") else "plain"


def _parts_of_path(path: str, root: Path) -> list[tuple[str, str]]:
    file, separator, test = path.partition("::")
    place = next((p for p in (Path.cwd() / file, root / file) if p.exists()), None)
    try:
        parts = place.resolve().relative_to(root.resolve()).parts if place else ()
    except ValueError:
        parts = ()
    if not parts or not (parts[0] == "tests" or parts[0].startswith("sdm_")):
        raise Failure(
            f"{path} is no test of this project",
            "give a path below tests/ or of an addon, for example sdm_segmentation/tests",
        )
    if parts == ("tests",):
        whole = choose_parts((), root)
        return [(part, p) for part, ps in whole.items() for p in ps if p.startswith("tests/")]
    if parts[0].startswith("sdm_") and parts[1:2] != ("tests",):
        return _parts_of_addon(parts, root)
    return [(_part_of_folder(parts), "/".join(parts) + separator + test)]


def _parts_of_addon(parts: tuple[str, ...], root: Path) -> list[tuple[str, str]]:
    """An addon's code stands for the tests of it: an engine for its plain tests, all else for the tests in Odoo."""
    addon, room = parts[0], parts[1:2]
    found = []
    if room in ((), ("engine",)):
        found += [("plain", f"tests/engine/{addon}"), ("plain", "tests/engine/test_docstrings.py")]
    if room != ("engine",):
        found.append(("odoo", f"{addon}/tests"))
    return [(part, path) for part, path in found if (root / path).exists()]


@dataclass
class Part:
    """A part of the run: its name, the paths for pytest, the file it writes into, and its report once it has ended."""

    name: str
    paths: list[str]
    output: Path
    report: Report | None = None
    seconds: float = 0.0
    screenshots: list[Path] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


class Run:
    """One run of `./sdm test`: the parts that were chosen, and the processes that are alive.

    `folder` is an empty folder for the output and the reports of the parts.
    """

    def __init__(self, ready: Environment, chosen: dict[str, list[str]], keyword: str | None, folder: Path) -> None:
        self.ready = ready
        self.keyword = keyword
        self.folder = folder
        self.only_some = keyword is not None or "lint" not in chosen
        self.parts = {name: Part(name, paths, folder / f"{name}.txt") for name, paths in chosen.items()}
        self._processes: set[Popen] = set()
        self._guard = threading.Lock()
        self._stopping = False

    def execute(self) -> Report:
        """Run all parts, show what they write, and return their reports added up."""
        for part in self.parts.values():
            part.output.touch()
        lanes = [
            threading.Thread(target=self._lane, args=(names,)) for names in (("lint", "plain", "end_to_end"), ("odoo",))
        ]
        try:
            for lane in lanes:
                lane.start()
            for part in self.parts.values():
                _show(part)
        finally:
            self._stop()
            for lane in lanes:
                lane.join()
        return sum((part.report for part in self.parts.values() if part.report), Report())

    def _lane(self, names: tuple[str, ...]) -> None:
        steps: dict[str, Callable[[Part], None]] = {
            "lint": self._lint,
            "plain": self._plain,
            "odoo": self._in_odoo,
            "end_to_end": self._end_to_end,
        }
        for part in [self.parts[name] for name in names if name in self.parts]:
            started = time.monotonic()
            try:
                steps[part.name](part)
            except Exception as error:  # noqa: BLE001 - whatever stops a part is told in its place, and the others go on
                with part.output.open("a", encoding="utf-8") as output:
                    output.write(f"{error}\n")
                part.report = Report(failures=(f"{part.name}: {error}",))
            part.seconds = time.monotonic() - started
            part.ended.set()

    def _lint(self, part: Part) -> None:
        self._process(
            part,
            [sys.executable, str(ROOT / "sdm"), "lint", "--report", str(self._report(part))],
            dict(os.environ),
        )

    def _plain(self, part: Part) -> None:
        variables = self.ready.variables()
        for name in ("ODOO_RC", "PYTHONPATH"):  # so that nothing here leans on Odoo without being seen
            variables.pop(name, None)
        self._pytest(part, variables, "-p", "no:odoo")

    def _in_odoo(self, part: Part) -> None:
        screenshots = self.ready.home / "screenshots"
        with databases.throw_away(self.ready, databases.template(self.ready)) as name:
            try:
                self._pytest(
                    part,
                    self.ready.variables(),
                    f"--odoo-database={name}",
                    "--odoo-http",
                    "--odoo-log-level=warn",
                    "--disable-warnings",  # those of the libraries that Odoo pins
                    f"--odoo-extra=screenshots={screenshots}",
                )
            finally:
                part.screenshots = sorted((screenshots / name).rglob("*.png"))

    def _end_to_end(self, part: Part) -> None:
        variables = self.ready.variables()
        variables |= {"SDM_BASE": databases.base(self.ready), "SDM_TEMPLATE": databases.template(self.ready)}
        with databases.throw_away_name(self.ready) as variables["SDM_COPIES"]:
            self._pytest(part, variables, "-p", "no:odoo")

    def _pytest(self, part: Part, variables: dict[str, str], *options: str) -> None:
        command = [
            *(str(self.ready.python), "-m", "pytest", "--no-header", "--durations=5", "--durations-min=2"),
            *("--continue-on-collection-errors", f"--junitxml={self._report(part)}", *options),
            *(("-k", self.keyword) if self.keyword is not None else ()),
            *part.paths,
        ]
        self._process(part, command, variables)

    def _report(self, part: Part) -> Path:
        return self.folder / f"{part.name}.xml"

    def _process(self, part: Part, command: list[str], variables: dict[str, str]) -> None:
        """Run the process of a part to its end, with everything it starts in one process group."""
        options = {"cwd": ROOT, "env": variables, "stdin": DEVNULL, "stderr": STDOUT}
        with part.output.open("ab") as output, started(command, stdout=output, **options) as process:
            with self._guard:
                self._processes.add(process)
                stopping = self._stopping
            if stopping:
                return
            exit_code = process.wait()
        with self._guard:
            self._processes.discard(process)
        part.report = judge(part.name, self._report(part), exit_code, self.only_some)

    def _stop(self) -> None:
        """Interrupt what still runs, so that it puts its things away; does nothing after a run that went to its end."""
        with self._guard:
            self._stopping = True
            alive = [process for process in self._processes if process.poll() is None]
        for process in alive:
            os.killpg(process.pid, signal.SIGINT)
        deadline = time.monotonic() + SECONDS_TO_END
        while time.monotonic() < deadline and any(process.poll() is None for process in alive):
            time.sleep(0.1)
        for process in alive:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _show(part: Part) -> None:
    """Print the heading of a part and what it writes until it has ended."""
    print(f"\n=== {TITLES[part.name]} ===", flush=True)
    with part.output.open("rb") as output:
        while True:
            ended = part.ended.is_set()
            text = output.read()
            sys.stdout.buffer.write(text)
            sys.stdout.flush()
            if ended and not text:
                break
            if not ended:
                part.ended.wait(0.2)
    for path in part.screenshots:
        print(f"screenshot of a failed browser test: {path}")
    print(f"--- {TITLES[part.name]}: {part.report or Report()} in {part.seconds:.0f} s", flush=True)


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the command test."""
    parser = subparsers.add_parser(
        "test",
        help="run every check and test, or a part of them",
        description="Run everything: lint, tests without Odoo, tests of the addons in Odoo with browser tours, tests "
        "end to end; the last line adds it all up. With PATH or -k, run only that, against the kept template database.",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="tests to run: a folder, a file, file.py::Class::test, an addon or its engine",
    )
    parser.add_argument("-k", dest="keyword", metavar="EXPR", help="only tests whose names match, as pytest's -k")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the chosen parts and print their results, added up in the last line.

    :return: 0 when all passed, 1 otherwise
    :raise Failure: a path is no test, nothing matches, or something cannot be prepared
    """
    chosen = choose_parts(options.paths)
    if options.keyword is not None:
        chosen.pop("lint", None)
    # a job in the background of a script ignores it, and so would the parts, which are asked by it to end
    signal.signal(signal.SIGINT, signal.default_int_handler)
    in_odoo = "odoo" in chosen or "end_to_end" in chosen
    environment = prepare(browser=in_odoo, pdf=in_odoo)
    with tempfile.TemporaryDirectory() as folder:
        tests = Run(environment, chosen, options.keyword, Path(folder))
        report = tests.execute()
    for name in report.failures:
        print(f"failed: {name}")
    if not (report.passed or report.failures or report.skipped):
        raise Failure("no test matches", "see the names with: ./sdm test PATH, or leave out -k")
    print(report, flush=True)
    return int(bool(report.failures))

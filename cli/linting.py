"""`./sdm lint`: the checks of style and form that need neither Odoo nor a database; seconds.

What each tool looks for is set in pyproject.toml. `--fix` mends what the tools can mend by themselves.
"""

from __future__ import annotations

import argparse
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cli.home import ROOT, find_home
from cli.python_packages import python_folder, python_of

# Not looked for: that a model stands in one file, where we keep its topics apart (said here since pylint gives a group
# that pyproject.toml enables precedence over one rule that it disables)
PYLINT_OPTIONS = ("--score=n", "--disable=consider-merging-classes-inherited")
# Not looked for: a README in another format than ours, the spelling of XML headers, the order of attributes, numbers
# without eval, which Odoo converts; a translation equal to its term, which the translator decides ("CRM" is "CRM")
MODULE_OPTIONS = ("--disable=prefer-readme-rst,xml-header-wrong,xml-tag-position,xml-field-numeric-without-eval",)
PO_OPTIONS = ("--disable=po-pretty-format",)


@dataclass(frozen=True)
class Verdict:
    """What one check said: its name, the complaints (empty where there are none) and the seconds it took."""

    name: str
    complaints: str
    seconds: float


def tool_commands(root: Path, fix: bool = False) -> dict[str, list[str]]:
    """:return: the command of each tool that finds files to look at, to be run as `python -m ...` in `root`"""
    addons = [path.parent.name for path in sorted(root.glob("sdm_*/__manifest__.py"))]
    translations = [path.relative_to(root).as_posix() for path in sorted(root.glob("sdm_*/i18n/*.po"))]
    commands = {
        "ruff check": ["ruff", "check", "--quiet", "--output-format=concise", *(["--fix"] if fix else []), "."],
        "ruff format": ["ruff", "format", "--quiet", *([] if fix else ["--diff"]), "."],
    }
    if addons:
        commands["pylint-odoo"] = ["pylint", *PYLINT_OPTIONS, *addons]
        commands["oca-checks-odoo-module"] = ["oca_pre_commit_hooks.cli", *MODULE_OPTIONS, *addons]
    if translations:
        commands["oca-checks-po"] = ["oca_pre_commit_hooks.cli_po", *PO_OPTIONS, *translations]
    return commands


def malformed_xml(root: Path) -> str:
    """The OCA check reads only the XML files that a manifest names; this reads all.

    :return: one line for each that cannot be parsed
    """
    complaints = []
    for path in sorted(root.glob("sdm_*/**/*.xml")):
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            complaints.append(f"{path.relative_to(root)}: {error}")
    return "\n".join(complaints)


def run_checks(python: Path, root: Path = ROOT, fix: bool = False) -> list[Verdict]:
    """Run all checks with the prepared interpreter `python` over the clone at `root`."""

    def check(name: str, command: list[str]) -> Verdict:
        started = time.monotonic()
        result = subprocess.run(
            [str(python), "-m", *command],
            cwd=root,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        complaints = result.stdout.strip() or f"ended with exit code {result.returncode}"
        return Verdict(name, complaints if result.returncode else "", time.monotonic() - started)

    commands = tool_commands(root, fix)
    verdicts = []
    if fix:  # the two tools that mend write into the same files, so one after the other and before the rest
        verdicts = [check(name, commands.pop(name)) for name in ("ruff check", "ruff format")]
    with ThreadPoolExecutor(2) as pool:
        verdicts += pool.map(check, commands.keys(), commands.values())
    started = time.monotonic()
    verdicts.append(Verdict("well-formed XML", malformed_xml(root), time.monotonic() - started))
    return verdicts


def write_report(verdicts: list[Verdict], path: Path) -> None:
    """Write the verdicts as JUnit XML, each check one test case; XML has no control characters."""
    suite = ElementTree.Element("testsuite", name="lint")
    for verdict in verdicts:
        case = ElementTree.SubElement(
            suite, "testcase", classname="lint", name=verdict.name, time=f"{verdict.seconds:.3f}"
        )
        if verdict.complaints:
            text = "".join(char for char in verdict.complaints if char.isprintable() or char in "\n\t")
            ElementTree.SubElement(case, "failure").text = text
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("lint", help="check style and form of the code", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="mend what can be mended by itself")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the result as JUnit XML as well")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the checks and print what they say; exit code 1 where one of them complains."""
    python = python_of(python_folder(find_home().create()).ready())
    verdicts = run_checks(python, fix=arguments.fix)
    for verdict in verdicts:
        print(f"{'FAILED' if verdict.complaints else 'passed'}  {verdict.name} ({verdict.seconds:.1f} s)")
        if verdict.complaints:
            print(verdict.complaints + "\n")
    if arguments.report:
        write_report(verdicts, arguments.report)
    return int(any(verdict.complaints for verdict in verdicts))

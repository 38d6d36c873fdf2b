"""Engines are pure: standard library and other engines only, no clock, no chance, no output.

So they can be tested by the thousand without Odoo, be the oracle of the SQL, and give the same result tomorrow.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Of the standard library, what reaches outside the calculation
REACH_OUT = {
    "os",
    "sys",
    "time",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "urllib",
    "logging",
}
CLOCK = {"now", "utcnow", "today"}
CALLS = {"print", "open", "input"}


def impurities(root: Path) -> list[str]:
    """:return: file, line and reason of everything in an engine that reaches out of it"""
    return [
        f"{path.relative_to(root)}:{line}: {reason}"
        for path in sorted(root.glob("sdm_*/engine/**/*.py"))
        for line, reason in _impurities_of(path)
    ]


def _impurities_of(path: Path) -> Iterator[tuple[int, str]]:
    depth = len(path.parts) - path.parts.index("engine")  # dots that lead from this file to its addon's folder
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if not _is_allowed(alias.name):
                    yield node.lineno, f"imports {alias.name}"
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0 and not _is_allowed(node.module):
                yield node.lineno, f"imports {node.module}"
            elif node.level > depth or (node.level == depth and not (node.module or "").startswith("engine")):
                # beyond its addon only another addon's engine will do
                parts = (node.module or "").split(".")
                if node.level != depth + 1 or not parts[0].startswith("sdm_") or parts[1:2] != ["engine"]:
                    yield node.lineno, f"imports {'.' * node.level}{node.module or ''}, which is no engine"
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if isinstance(node.func, ast.Attribute) and name in CLOCK:
                yield node.lineno, f"asks the clock: {name}()"
            elif isinstance(node.func, ast.Name) and name in CALLS:
                yield node.lineno, f"calls {name}()"


def _is_allowed(module: str | None) -> bool:
    first = (module or "").partition(".")[0]
    return first in sys.stdlib_module_names and first not in REACH_OUT


def test_the_engines_are_pure(root):
    assert impurities(root) == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import odoo", "imports odoo"),
        ("from odoo.tools import float_round", "imports odoo.tools"),
        ("def late():\n    import psycopg2", "imports psycopg2"),
        ("import os.path", "imports os.path"),
        ("from random import random", "imports random"),
        ("from odoo.addons.sdm_kpi.engine import score", "imports odoo.addons.sdm_kpi.engine"),
        ("from ..models import deal", "imports ..models, which is no engine"),
        ("from .. import models", "imports .., which is no engine"),
        ("from ...sdm_kpi.models import kpi", "imports ...sdm_kpi.models, which is no engine"),
        ("import datetime\ndatetime.date.today()", "asks the clock: today()"),
        ("from datetime import datetime\ndatetime.now()", "asks the clock: now()"),
        ("print(1)", "calls print()"),
        ("open('a')", "calls open()"),
    ],
)
def test_an_impurity_would_be_found(plant, source, reason):
    [found] = impurities(plant({"sdm_sales/engine/score.py": source}))
    assert found.endswith(reason)


@pytest.mark.parametrize(
    "source",
    [
        "from dataclasses import dataclass\nfrom decimal import Decimal",
        "from .money import Money",
        "from . import money",
        "from ..engine.money import Money",
        "from ...sdm_segmentation.engine.money import Money",
    ],
)
def test_what_an_engine_may_import(plant, source):
    assert impurities(plant({"sdm_sales/engine/score.py": source})) == []

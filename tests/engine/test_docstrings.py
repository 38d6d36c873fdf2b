"""The examples in the docstrings of the engines are part of their specification, so they are run."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINES = sorted(ROOT.glob("sdm_*/engine/**/*.py"))


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("addons", *parts[:-1], *([] if parts[-1] == "__init__" else parts[-1:])))


@pytest.mark.parametrize("name", [_module_name(path) for path in ENGINES])
def test_the_examples_in_the_docstrings_are_true(name: str) -> None:
    """Every engine can be imported without Odoo, and each of its examples gives the result that is shown."""
    module = importlib.import_module(name)
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for example in doctest.DocTestFinder().find(module):
        runner.run(example, out=report.append)
    assert not runner.failures, "".join(report)

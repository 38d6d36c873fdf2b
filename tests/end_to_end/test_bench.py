"""The bench works: every entry on a tiny large database, with goals that do not depend on the machine met."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCALE = 0.001


@pytest.fixture(scope="module")
def bench(root: Path):
    """Run the bench: bench(*arguments) gives the ended process."""
    # What our addons cost is measured by ./sdm bench; here both databases are the same one, with our addons.
    variables = {**os.environ, "SDM_BASE": os.environ["SDM_TEMPLATE"]}
    variables["PYTHONPATH"] = os.pathsep.join([variables["PYTHONPATH"], str(root)])

    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-W", "ignore", "-m", "tests.bench", *arguments]
        return subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False)

    return run


def test_every_entry_meets_the_goals_that_hold_on_every_machine(bench, tmp_path: Path, root: Path) -> None:
    numbers = tmp_path / "numbers.json"
    ended = bench("--scale", str(SCALE), "--runs", "1", "--json", str(numbers))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads(numbers.read_text())["measurements"]
    entries = {path.stem for path in (root / "tests/bench/entries").glob("[!_]*.py")}
    assert {measurement["entry"] for measurement in found} == entries
    for measurement in found:
        assert all(side["median_seconds"] > 0 for side in measurement["sides"])
        assert all(goal["met"] is not False for goal in measurement["goals"])
        assert measurement["name"] in ended.stdout


def test_copies_are_dropped(bench, query) -> None:
    names = [name for (name,) in query("postgres", "SELECT datname FROM pg_database")]
    assert not [name for name in names if name.startswith("sdm_bench_run_")]

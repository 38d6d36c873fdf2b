"""The bench works: every entry on a tiny large database meets the goals that hold everywhere, and no copy is left."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2

from tests.bench.databases import left_behind

SCALE = "0.001"


def test_every_entry_meets_the_goals_that_hold_on_every_machine(tmp_path: Path, root: Path) -> None:
    numbers = tmp_path / "numbers.json"
    variables = os.environ | {"PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(root)])}
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench", "--scale", SCALE, "--runs", "1", "--json", numbers]
    ended = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads(numbers.read_text())["measurements"]
    entries = {path.stem for path in (root / "tests/bench/entries").glob("[!_]*.py")}
    assert {measurement["entry"] for measurement in found} == entries
    for measurement in found:
        assert all(side["median_seconds"] > 0 for side in measurement["sides"])
        assert all(goal["met"] is not False for goal in measurement["goals"])
        assert measurement["name"] in ended.stdout
    with closing(psycopg2.connect(dbname="postgres")) as server:
        assert left_behind(server) == []

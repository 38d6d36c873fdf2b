"""Two transactions at once leave neither two leads, nor more than the whole, nor two overrides, nor a plan that is
other than what was submitted: the second is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def results(copy_template, root: Path) -> dict[str, list]:
    """What the second one came to, and how many ownerships there are, for each pair of changes."""
    command = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", f"--database={copy_template()}"]
    command += ["--no-http", "--log-level=warn"]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(root)])}
    script = "from tests.end_to_end.two_at_once import race\nrace(env)\n"
    done = subprocess.run(command, cwd=root, env=variables, input=script, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_leads(results):
    said, count = results["two leads"]
    assert said.startswith("Customer of two leads would have several leads from 01/12/2026 until further notice")
    assert "Anna, Boris" in said
    assert count == 1


def test_more_than_the_whole(results):
    said, count = results["more than the whole"]
    assert said.startswith("The shares of Anna, Boris in Customer of more than the whole would be 120 %")
    assert count == 1


def test_a_run_is_broken_off_while_it_is_computed(results):
    # before its table is free again, and nothing of it remains
    assert results["cancelled"] == [True, "cancelled", 0]


def test_two_overrides(results):
    said, kept = results["two overrides"]
    assert "Somebody else has just overridden the segment of this customer" in said
    assert kept == "First"


def test_two_credits_are_not_more_than_the_document(results):
    said, shares = results["credits"]
    assert "would have 120 %" in said
    assert shares == [0.6]


@pytest.mark.parametrize("change", ["write", "create", "unlink"])
def test_what_is_submitted_is_what_was_seen(results, change):
    said, state, values = results["submitted"][change]
    assert "was submitted or decided and stays as it is" in said
    assert (state, values) == ("submitted", [5, 6])

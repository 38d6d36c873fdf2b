"""Other programs end with us, whatever way we end, and take what they started with them."""

import os
import signal
import sys
import time

import pytest

from cli.processes import CommandFailed, run, started

FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
PARENT = """
import sys, time
from cli.processes import started
with started([sys.executable, "-c", "import time; print('started', flush=True); time.sleep(60)"]) as process:
    print(process.pid)
    time.sleep(60)
"""


def test_run_gives_what_was_printed():
    lines = []
    program = "import sys; print('one'); print('two', file=sys.stderr)"
    assert sorted(run([sys.executable, "-c", program], on_line=lines.append).split()) == ["one", "two"]
    assert sorted(lines) == ["one", "two"]


def test_run_tells_time_while_nothing_is_printed():
    ticks = []
    run([sys.executable, "-c", "import time; time.sleep(1.2)"], on_tick=lambda: ticks.append(1))
    assert len(ticks) >= 2


def test_a_failed_program_says_so():
    with pytest.raises(CommandFailed) as failed:
        run([sys.executable, "-c", "raise SystemExit('why')"])
    assert failed.value.code == 1
    assert failed.value.output == "why\n"


def test_what_a_program_started_ends_with_it(tmp_path, ends):
    with (tmp_path / "output").open("w+") as output:
        with started([sys.executable, "-c", FAMILY], stdout=output) as process:
            while not (text := (tmp_path / "output").read_text()).endswith("\n"):
                time.sleep(0.02)
        assert process.poll() is not None
        assert ends(int(text))


def test_a_program_ends_when_we_are_killed(start, ends):
    parent = start(PARENT)
    printed = {parent.stdout.readline().strip() for _line in range(2)}
    child = int((printed - {"started"}).pop())
    os.kill(child, 0)
    os.kill(parent.pid, signal.SIGKILL)
    assert ends(child)

"""A home of its own for each test, and programs that use one in a process of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that nobody else uses."""
    return Home(tmp_path / "home").create()


def is_alive(pid: int) -> bool:
    """:return: whether a process runs; one that has ended and waits for its parent to notice does not"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def ends() -> Callable[[int], bool]:
    """Wait a little for a process to end: ends(pid) says whether it did."""

    def wait(pid: int) -> bool:
        deadline = time.monotonic() + 10
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        return not is_alive(pid)

    return wait


@pytest.fixture
def start(root: Path, tmp_path: Path) -> Callable[..., subprocess.Popen]:
    """Start a Python program that may import ``cli``; what it prints on both outputs can be read from stdout."""
    processes = []

    def start_program(text: str, *arguments: object, prefix: tuple[str, ...] = ()) -> subprocess.Popen:
        program = tmp_path / f"program-{len(processes)}.py"
        program.write_text(text)
        process = subprocess.Popen(
            [*prefix, sys.executable, str(program), *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        return process

    yield start_program
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()

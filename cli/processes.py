"""Other programs: run to their end with progress, or served and stopped with everything they started."""

import ctypes
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
SECONDS_TO_STOP = 15
_libc = ctypes.CDLL(None, use_errno=True)


class CommandFailed(Exception):
    """A program ended with an error.

    :param command: as it was started
    :param code: its exit code, negative for a signal
    :param output: what it printed
    """

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        super().__init__(f"{Path(command[0]).name} ended with {code}")
        self.command = list(command)
        self.code = code
        self.output = output


def _die_with_parent() -> None:
    """Runs in the child: a killed ./sdm leaves no program behind that goes on writing."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def started(command: Sequence[str | Path], **options: object) -> Iterator[subprocess.Popen]:
    """Start a program in a process group of its own and stop the whole group at the end, whatever happens.

    :param command: program and arguments
    :param options: for subprocess.Popen
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        start_new_session=True,
        preexec_fn=_die_with_parent,
        **options,  # type: ignore[call-overload]
    )
    try:
        yield process
    finally:
        stop_group(process)


def stop_group(process: subprocess.Popen) -> None:
    """Ask a process group to end, then make it.

    :param process: the group's first process, started with start_new_session
    """
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_STOP)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def terminate(pid: int, polite: signal.Signals, ended: Callable[[], bool], seconds: float) -> None:
    """Ask a process that is not ours to end, then make it.

    :param polite: the signal that asks
    :param ended: whether it has
    :param seconds: it gets for an orderly end
    """
    for number, patience in ((polite, seconds), (signal.SIGKILL, 5)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if ended():
                return
            time.sleep(0.1)


def run(
    command: Sequence[str | Path],
    *,
    variables: Mapping[str, str] | None = None,
    folder: Path | None = None,
    on_line: Callable[[str], None] = lambda line: None,
    on_tick: Callable[[], None] = lambda: None,
) -> str:
    """Run a program to its end without input.

    :param command: program and arguments
    :param variables: its whole environment; ours in English when None, since errors are told by their words
    :param folder: where it runs
    :param on_line: called with each line it prints
    :param on_tick: called about twice a second
    :return: everything it printed, errors included
    :raise CommandFailed: it ended with an error
    """
    lines: queue.Queue[str | None] = queue.Queue()
    printed = []
    with started(
        command,
        env={**os.environ, "LC_ALL": "C.UTF-8"} if variables is None else variables,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=0.5)
            except queue.Empty:
                on_tick()
                continue
            if line is None:
                break
            printed.append(line)
            on_line(line.rstrip("\n"))
            on_tick()
        code = process.wait()
    output = "".join(printed)
    if code:
        raise CommandFailed([str(part) for part in command], code, output)
    return output


def _read(stream: Iterator[str], lines: "queue.Queue[str | None]") -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)

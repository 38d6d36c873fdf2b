"""Odoo served to a browser: on a free port, until Ctrl-C, known to ./sdm stop."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.databases import ERROR_LINE
from cli.environment import Environment
from cli.failure import Failure
from cli.home import ROOT, Home
from cli.lock import Lock
from cli.processes import started, terminate
from cli.progress import Progress, say

FIRST_PORT = 8069
PORTS_TO_TRY = 50
SECONDS_TO_ANSWER = 180
# Odoo takes a listening socket as systemd hands it over: descriptor 3, for the process named by LISTEN_PID
HAND_OVER = """
import os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
os.dup2(int(sys.argv[1]), 3)
os.execv(sys.argv[2], sys.argv[2:])
"""
SECONDS_TO_STOP = 30


def listen(asked: int | None = None) -> socket.socket:
    """Take a port now, so that nobody else has it when Odoo is prepared.

    :param asked: the only port that will do, None for the first free one from FIRST_PORT on
    :return: a listening socket, for :func:`serve`
    :raise Failure: it is taken
    """
    ports = [asked] if asked else range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY)
    for port in ports:
        try:
            return socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError:
            continue
    raise Failure(f"port {ports[0]} cannot be used", "choose another with --port, or leave it out")


@contextmanager
def running(environment: Environment, database: str, listener: socket.socket) -> Iterator[subprocess.Popen]:
    """Odoo serving a database, stopped at the end with what it started.

    :param listener: see :func:`listen`
    :return: its process, once the login page answers
    :raise Failure: Odoo does not start
    """
    port = listener.getsockname()[1]
    log = log_of(environment, port)
    command = environment.odoo_command("server", f"--database={database}", f"--http-port={port}")
    with (
        Announcement(environment.places, port, database),
        log.open("wb") as output,
        started(
            [environment.python, "-c", HAND_OVER, str(listener.fileno()), *command],
            env={**environment.variables(), "LISTEN_FDS": "1"},
            pass_fds=(listener.fileno(),),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        listener.close()
        _wait_for_login_page(process, port, log)
        yield process


def serve(environment: Environment, database: str, listener: socket.socket, on_ready: Callable[[str], None]) -> int:
    """Serve a database until interrupted; Odoo and what it started are then stopped.

    :param listener: see :func:`listen`
    :param on_ready: called with the address once the login page answers
    :return: 0 when interrupted, Odoo's exit code if it ends by itself
    :raise Failure: Odoo does not start
    """
    port = listener.getsockname()[1]
    with running(environment, database, listener) as process:
        on_ready(f"http://localhost:{port}")
        try:
            return process.wait()
        except KeyboardInterrupt:
            say("stopping")
            return 0


def log_of(environment: Environment, port: int) -> Path:
    """:return: the log of the Odoo at a port"""
    return environment.places.logs / f"serve-{port}.log"


def stop_all(home: Home) -> int:
    """Stop every Odoo that a ./sdm of this home serves.

    :return: how many
    """
    stopped = 0
    for path in sorted(home.servers.glob("*.json")):
        with Lock(path) as lock:
            if not lock.try_acquire():
                served = json.loads(path.read_text())
                say(f"stopping Odoo at http://localhost:{served['port']} ({served['database']})")
                terminate(served["pid"], signal.SIGTERM, lambda lock=lock: lock.try_acquire(), SECONDS_TO_STOP)
                stopped += 1
            path.unlink(missing_ok=True)
    return stopped


def served_at(home: Home, database: str) -> str | None:
    """:return: the address where a ./sdm of this home serves a database, None when it is not served"""
    for path in sorted(home.servers.glob("*.json")):
        with Lock(path) as lock:
            if not lock.try_acquire():
                served = json.loads(path.read_text())
                if served["database"] == database:
                    return f"http://localhost:{served['port']}"
    return None


class Announcement:
    """The file that says what is served; locked while its process lives, so a dead one's is known as such."""

    def __init__(self, home: Home, port: int, database: str) -> None:
        self._lock = Lock(home.servers / f"{port}.json")
        self._content = {"pid": os.getpid(), "port": port, "database": database}

    def __enter__(self) -> None:
        self._lock.acquire()
        self._lock.path.write_text(json.dumps(self._content))

    def __exit__(self, *_exception: object) -> None:
        self._lock.path.unlink(missing_ok=True)
        self._lock.release()


def _wait_for_login_page(process: subprocess.Popen, port: int, log: Path) -> None:
    with Progress("Odoo") as progress:
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise Failure(f"Odoo does not start: {_last_error(log)}", f"see {log}")
            if _login_page_status(port) == http.client.OK:
                return
            progress.part("starting")
            time.sleep(0.2)
    raise Failure(f"Odoo did not answer within {SECONDS_TO_ANSWER} seconds", f"see {log}")


def _login_page_status(port: int) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/web/login")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _last_error(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    wanted = [line for line in lines if ERROR_LINE.match(line)] or lines or ["it printed nothing"]
    return wanted[-1]

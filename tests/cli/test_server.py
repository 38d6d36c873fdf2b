"""Ports, and what ./sdm stop finds."""

import json
import socket

import pytest

from cli import server
from cli.failure import Failure

SERVING = """
import sys, time
from pathlib import Path
from cli.home import Home
from cli.main import run_command
from cli.server import Announcement

def serve(options):
    with Announcement(Home(Path(sys.argv[1])), 8123, "sales"):
        print("serving")
        time.sleep(60)

sys.exit(run_command(serve, None))
"""


@pytest.fixture
def first_port(monkeypatch):
    """The first port to try, somewhere else than where a demo may be served."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        first = probe.getsockname()[1]
    monkeypatch.setattr(server, "FIRST_PORT", first)
    return first


def test_the_next_port_when_the_first_is_taken(first_port):
    with server.listen() as first, server.listen() as second:
        ports = [listener.getsockname()[1] for listener in (first, second)]
    assert ports[0] >= first_port
    assert ports[1] > ports[0]


def test_the_port_asked_for_is_taken(first_port):
    with server.listen() as listener:
        port = listener.getsockname()[1]
        with pytest.raises(Failure, match=f"port {port} cannot be used. Choose another with --port"):
            server.listen(port)


def test_what_is_served_is_known_and_stopped(home, start, capsys):
    process = start(SERVING, home.folder)
    assert process.stdout.readline() == "serving\n"
    assert server.served_at(home, "sales") == "http://localhost:8123"
    assert server.served_at(home, "other") is None
    assert server.stop_all(home) == 1
    assert process.wait(10) == 130
    assert capsys.readouterr().err == "stopping Odoo at http://localhost:8123 (sales)\n"
    assert list(home.servers.iterdir()) == []


def test_what_a_killed_one_left_is_not_taken_for_a_server(home, start):
    process = start(SERVING, home.folder)
    process.stdout.readline()
    process.kill()
    process.wait()
    assert json.loads((home.servers / "8123.json").read_text())["database"] == "sales"
    assert server.served_at(home, "sales") is None
    assert server.stop_all(home) == 0
    assert list(home.servers.iterdir()) == []

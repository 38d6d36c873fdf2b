"""./sdm serve, shell and update on a real database, as a user calls them."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def database(copy_template) -> str:
    """A copy of the template database that the tests of this module share."""
    return copy_template()


@pytest.fixture(scope="session")
def sdm(root: Path) -> list[str]:
    """The command ./sdm with the Python that runs the tests."""
    return [sys.executable, str(root / "sdm")]


def test_serve_until_ctrl_c(sdm, database):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [*sdm, "serve", "--database", database, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == f"Ready: http://localhost:{port}\n"
        with urllib.request.urlopen(f"http://localhost:{port}/web/login") as page:
            assert page.status == 200
        second = subprocess.run(command, capture_output=True, text=True)
        assert second.returncode == 1
        assert second.stderr.startswith(f"sdm: port {port} cannot be used.")
        os.kill(process.pid, signal.SIGINT)
        _nothing, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Administrator of Odoo: login admin, password admin" in said
    assert "Seller" not in said, "only those who are in this database"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://localhost:{port}/web/login")


def test_a_script_runs_in_the_shell_and_its_exit_code_is_ours(sdm, database):
    script = "print('companies:', env['res.company'].search_count([]))\nraise SystemExit(7)\n"
    shell = subprocess.run([*sdm, "shell", "--database", database], input=script, capture_output=True, text=True)
    assert shell.returncode == 7, shell.stderr
    assert shell.stdout == "companies: 1\n"


def test_a_script_that_fails_is_a_failure(sdm, database):
    shell = subprocess.run([*sdm, "shell", "--database", database], input="nonsense\n", capture_output=True, text=True)
    assert shell.returncode == 1
    assert "NameError" in shell.stderr


def test_update(sdm, database, query):
    change = "UPDATE ir_config_parameter SET value = '{}' WHERE key = 'sdm.addons_digest' RETURNING 1"
    assert query(database, change) == [(1,)]
    update = subprocess.run([*sdm, "update", "--database", database], capture_output=True, text=True)
    assert update.returncode == 0, update.stderr
    [(value,)] = query(database, "SELECT value FROM ir_config_parameter WHERE key = 'sdm.addons_digest'")
    assert '"sdm_segmentation"' in value


@pytest.mark.parametrize("command", ["serve", "shell", "update"])
def test_a_database_that_does_not_exist(sdm, command):
    called = subprocess.run([*sdm, command, "--database", "no_such"], capture_output=True, text=True)
    assert called.returncode == 1
    assert called.stderr.startswith("sdm: there is no database no_such. ")
    assert called.stderr.count("\n") == 1

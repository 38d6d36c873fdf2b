"""Each failure a user can meet is one line that names cause and remedy."""

import errno
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli import databases, debian, machine, odoo, postgres, python_packages
from cli.failure import Failure
from cli.home import Home, find_home
from cli.machine import failure_of
from cli.main import main, run_command
from cli.postgres import Server, own_server
from cli.processes import CommandFailed

# What the programs print when there is no network, shortened
PIP_WITHOUT_NETWORK = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<HTTPSConnection object>: \
Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/setuptools/
ERROR: Could not find a version that satisfies the requirement setuptools==80.10.2 (from versions: none)
ERROR: No matching distribution found for setuptools==80.10.2
"""
APT_WITHOUT_NETWORK = """\
Err:1 http://mirror.example/debian sid InRelease
  Temporary failure resolving 'mirror.example'
E: Failed to fetch http://mirror.example/debian/dists/sid/InRelease  Temporary failure resolving 'mirror.example'
E: Some index files failed to download. They have been ignored, or old ones used instead.
"""


def line_of(failure):
    """The line a user reads; asserts that it is one, with a remedy that is a sentence."""
    line = str(failure.value)
    assert "\n" not in line
    assert failure.value.remedy
    assert line.endswith(".")
    return line


@pytest.fixture
def wrong_python(root):
    """The check of the file ./sdm, which imports nothing of cli before it."""
    loader = importlib.machinery.SourceFileLoader("sdm_program", str(root / "sdm"))
    program = importlib.util.module_from_spec(importlib.util.spec_from_loader("sdm_program", loader))
    loader.exec_module(program)
    return program.wrong_python


@pytest.mark.parametrize("version", [(3, 9, 18), (2, 7), (3, 14, 0)])
def test_wrong_python(wrong_python, version):
    line = wrong_python(version)
    assert f"this is Python {version[0]}.{version[1]}" in line
    assert "3.10 to 3.13" in line
    assert "\n" not in line


@pytest.mark.parametrize("version", [(3, 10), (3, 11, 2), (3, 13, 1)])
def test_right_python(wrong_python, version):
    assert wrong_python(version) is None


def test_each_right_python_has_a_lock_with_hashes_and_no_address():
    for minor in range(10, 14):
        lock = (python_packages.LOCKS / f"python-3.{minor}.txt").read_text()
        packages = [line for line in lock.splitlines() if "==" in line]
        assert len(packages) > 80
        assert lock.count("==") == len(packages)
        assert all(line.endswith("\\") for line in packages), "each package needs a hash"
        assert "://" not in lock


def test_no_venv_module(monkeypatch):
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(Failure) as failure:
        machine.check_venv_module()
    assert line_of(failure) == "this Python has no venv module. Install it: sudo apt install python3-venv."


@pytest.mark.parametrize("output", [PIP_WITHOUT_NETWORK, APT_WITHOUT_NETWORK], ids=["pip", "apt"])
def test_no_network(output):
    failure = failure_of(CommandFailed(["program"], 100, output), "Odoo 19.0", Path("/home/of/sdm"))
    assert str(failure) == (
        "no network: Odoo 19.0 could not be downloaded. Check the connection (proxy, mirror) and start again."
    )


def test_any_other_error_of_a_program_says_its_last_line():
    failure = failure_of(CommandFailed(["/bin/dpkg", "-x"], 2, "first\nbroken archive\n\n"), "Odoo 19.0", Path("/x"))
    assert str(failure) == "Odoo 19.0: dpkg ended with 2: broken archive. Start again, what is complete is kept."


def test_not_debian_and_no_odoo_home(tmp_path):
    (tmp_path / "os-release").write_text('PRETTY_NAME="Fedora Linux 40"\nID=fedora\n')
    with pytest.raises(Failure) as failure:
        debian.codename(tmp_path)
    assert "not Debian (Fedora Linux 40)" in line_of(failure)
    assert "ODOO_HOME" in failure.value.remedy


def test_odoo_home_without_odoo(monkeypatch, tmp_path):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(Failure, match="holds no Odoo") as failure:
        odoo.own_odoo()
    line_of(failure)


@pytest.mark.parametrize(
    ("info", "series"),
    [("(18, 0, 0, FINAL, 0, '')", "18.0"), ("('saas~19', 1, 0, FINAL, 0, '')", "saas~19.1")],
)
def test_odoo_home_of_another_series(monkeypatch, tmp_path, info, series):
    write_release(tmp_path, info)
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(Failure) as failure:
        odoo.own_odoo()
    assert f"is Odoo {series}" in line_of(failure)
    assert "19.0" in failure.value.remedy


@pytest.mark.parametrize("place", [".", "odoo"], ids=["checkout", "package"])
def test_odoo_home_of_this_series(monkeypatch, tmp_path, place):
    write_release(tmp_path, "(19, 0, 0, FINAL, 0, '')")
    monkeypatch.setenv("ODOO_HOME", str(tmp_path / place))
    assert odoo.own_odoo() == tmp_path


def write_release(folder, info):
    (folder / "odoo").mkdir()
    (folder / "odoo" / "release.py").write_text(f"FINAL = 'final'\nversion_info = {info}\n")


def test_debian_with_another_series():
    lock = {"suite": "sid", "package": "odoo-19", "series": "19.0", "tested": "19.0.0+dfsg-1"}
    for offered in (None, "20.0.0+dfsg-1"):
        with pytest.raises(Failure) as failure:
            odoo.check_version(offered, lock)
        assert "ODOO_HOME" in line_of(failure)


def test_debian_with_a_later_revision_is_accepted_with_a_note(capsys):
    lock = {"suite": "sid", "package": "odoo-19", "series": "19.0", "tested": "19.0.0+dfsg-1"}
    odoo.check_version("19.0.0+dfsg-1", lock)
    assert capsys.readouterr().err == ""
    odoo.check_version("19.0.1+dfsg-1", lock)
    assert capsys.readouterr().err.startswith("note: Odoo 19.0.1+dfsg-1 is not the tested 19.0.0+dfsg-1")


def test_unwritable_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Failure) as failure:
        Home(tmp_path / "file" / "home").create()
    assert "cannot write" in line_of(failure)
    assert "SDM_HOME" in failure.value.remedy


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(Failure, match="Permission denied"):
        Home(tmp_path / "home").create()


def test_a_folder_of_somebody_is_neither_filled_nor_deleted(tmp_path, monkeypatch):
    (tmp_path / "letter").write_text("dear")
    monkeypatch.setenv("SDM_HOME", str(tmp_path))
    with pytest.raises(Failure, match="has other files in it") as failure:
        find_home().create()
    line_of(failure)
    assert main(["clean", "--yes"]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


def test_clean_asks_and_deletes_only_its_home(home, monkeypatch, capsys):
    monkeypatch.setenv("SDM_HOME", str(home.folder))
    beside = home.folder.parent / "letter"
    beside.touch()
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: SIM115
    assert main(["clean"]) == 1
    assert "./sdm clean --yes" in capsys.readouterr().err
    assert home.folder.exists()
    assert main(["clean", "--yes"]) == 0
    assert not home.folder.exists()
    assert beside.exists()


def test_databases_of_another_postgresql(home, monkeypatch):
    embedded = postgres.Embedded(home, Path("/nowhere"))
    embedded.data.mkdir(parents=True)
    (embedded.data / "PG_VERSION").write_text("14\n")
    monkeypatch.setattr(embedded, "program_version", lambda: "18")
    with pytest.raises(Failure) as failure:
        embedded.start()
    assert "made by PostgreSQL 14, this is 18" in line_of(failure)


class StubServer:
    """Answers queries by the first text that is in them."""

    def __init__(self, answers):
        self.answers = answers
        self.server = self

    def query(self, statement, database="postgres"):
        return next((rows for text, rows in self.answers.items() if text in statement), [])


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "there is no database sales. Make one: ./sdm demo, or ./sdm load."),
        ({"starts_with": [["demo"], ["trial"]]}, "there is no database sales. Name one of these: demo, trial."),
        ({"SELECT 1 FROM pg_database": [["1"]], "to_regclass": [["f"]]}, "the database sales is not one of Odoo"),
        (
            {"SELECT 1 FROM pg_database": [["1"]], "to_regclass": [["t"]], "latest_version": [["17.0.1.3"]]},
            "the database sales is of Odoo 17.0, this is Odoo 19.0",
        ),
    ],
    ids=["none", "missing", "foreign", "older"],
)
def test_database_of_another_version(answers, message):
    with pytest.raises(Failure) as failure:
        databases.check(StubServer(answers), "sales")
    assert message in line_of(failure)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["12", "me", "t"], "is version 12"),
        (["16", "postgres", "t"], "refuses the role postgres"),
        (["16", "me", "f"], "the role me may not create databases"),
    ],
)
def test_server_that_does_not_do(monkeypatch, row, message):
    monkeypatch.setenv("PGHOST", "somewhere")
    monkeypatch.setattr(Server, "query", lambda *arguments: [row])
    with pytest.raises(Failure) as failure:
        own_server(Path("/nowhere"))
    assert message in line_of(failure)


def test_server_that_is_not_there(monkeypatch, tmp_path):
    programs = Path(shutil.which("psql") or pytest.skip("no psql on PATH")).parent
    monkeypatch.setenv("PGHOST", str(tmp_path))
    with pytest.raises(Failure) as failure:
        own_server(programs)
    assert str(tmp_path) in line_of(failure)
    assert "PGHOST" in failure.value.remedy


def test_a_failure_is_one_line_and_exit_code_1(capsys):
    def fail(options):
        raise Failure("the port is taken", "choose another with --port")

    assert run_command(fail, None) == 1
    assert capsys.readouterr().err == "sdm: the port is taken. Choose another with --port.\n"


def test_a_disk_that_is_full_anywhere_is_named(capsys):
    def fail(options):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert run_command(fail, None) == 1
    said = capsys.readouterr().err
    assert said.startswith("sdm: no space left on the disk of ")
    assert said.count("\n") == 1


def test_stop_when_nothing_runs(home, monkeypatch, capsys):
    monkeypatch.setenv("SDM_HOME", str(home.folder))
    assert main(["stop"]) == 0
    assert capsys.readouterr().err == "nothing was running\n"


def test_help_of_every_command(root):
    """It also proves that the standard library is enough to start."""
    whole = subprocess.run(
        [sys.executable, "-S", str(root / "sdm"), "--help"], capture_output=True, text=True, check=True
    )
    for command in ("demo", "test", "load", "shell", "update", "lint", "bench", "stop", "clean"):
        assert f"\n    {command} " in whole.stdout

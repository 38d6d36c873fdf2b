"""`./sdm load`: what is wrong with mapping and files is told before a database is made for them."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli import loading, main
from cli.home import Home
from loader import run


class Ready:
    """Stands for a prepared environment: this interpreter, and no Odoo."""

    python = Path(sys.executable)

    def __init__(self, home: Home) -> None:
        self.places = home
        self.released = False

    def variables(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": ""}

    def release(self) -> None:
        self.released = True


@pytest.fixture
def ready(tmp_path, monkeypatch) -> Ready:
    result = Ready(Home(tmp_path / "home").create())
    monkeypatch.setattr(loading.environment, "prepare", lambda: result)
    return result


def test_makes_no_database_for_an_export_that_no_mapping_fits(ready, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(loading, "_create_if_missing", lambda *_: pytest.fail("a database was made"))
    assert main.main(["load", str(tmp_path), "--database", "trial"]) == 1
    assert "no mapping of ours fits" in capfd.readouterr().err
    assert ready.released


@pytest.mark.parametrize(
    ("is_new", "login"), [(True, "admin, password admin"), (False, "the database's administrator")]
)
def test_checks_creates_loads_and_says_how_to_look(ready, monkeypatch, capfd, is_new, login):
    steps = []

    @contextmanager
    def started(command, **_options):
        steps.append(command[6:])
        yield type("Process", (), {"wait": lambda _self: 0})()

    monkeypatch.setattr(loading, "started", started)
    monkeypatch.setattr(loading.databases, "exists", lambda _ready, _name: not is_new)
    monkeypatch.setattr(loading.databases, "check", lambda _ready, name: steps.append(["check", name]))
    monkeypatch.setattr(loading.databases, "create_from_template", lambda _ready, name: steps.append(["create", name]))
    arguments = ["--database", "trial", "--mapping", "m.toml"]
    assert main.main(["load", "export", *arguments]) == 0
    assert steps == [[*arguments, "--check"], ["create" if is_new else "check", "trial"], arguments]
    assert f"./sdm serve --database trial, and log in as {login}." in capfd.readouterr().out


def test_without_a_mapping_the_shipped_one_is_taken_that_fits(tmp_path):
    for name in ("accounts", "products", "sales_teams", "sales_pipeline"):
        (tmp_path / f"{name}.csv").touch()
    assert run.choose_mapping(tmp_path, None).namespace == "crm_sales_opportunities"

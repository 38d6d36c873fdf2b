"""The embedded PostgreSQL, for real: made, shared, stopped; and databases with their attachments in it."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from cli import databases
from cli.databases import Database
from cli.environment import Environment
from cli.failure import Failure
from cli.home import Home
from cli.postgres import Embedded, data_folder, identifier, literal, stop
from cli.python_packages import postgres_programs

# A user of the server in a process of its own
USER = """
import sys, time
from pathlib import Path
from cli.home import Home
from cli.postgres import Embedded
embedded = Embedded(Home(Path(sys.argv[1])), Path(sys.argv[2]))
embedded.start()
print("started")
time.sleep(float(sys.argv[3]))
embedded.release()
print("running" if embedded.running() else "stopped")
"""
KILLED_INITDB = """
import os, signal, sys
from pathlib import Path
from cli import postgres
from cli.home import Home
embedded = postgres.Embedded(Home(Path(sys.argv[1])), Path(sys.argv[2]))
postgres.Path.rename = lambda path, target: os.kill(os.getpid(), signal.SIGKILL)
embedded.start()
"""


@pytest.fixture(scope="module")
def place():
    """A folder that PostgreSQL's user can enter; root's pytest keeps closing its own to others."""
    with tempfile.TemporaryDirectory(prefix="sdm-test-") as folder:
        yield Path(folder)


@pytest.fixture
def home(place, request):
    """A home that nobody else uses."""
    return Home(place / request.node.name).create()


@pytest.fixture(scope="module")
def programs() -> Path:
    """PostgreSQL's programs in the Python that runs the tests."""
    return postgres_programs(Path(sys.prefix))


@pytest.fixture(scope="module")
def environment(programs, place):
    """An environment with a server of its own; Odoo is not in it."""
    home = Home(place / "cluster").create()
    embedded = Embedded(home, programs)
    embedded.start()
    yield Environment(home, Path(sys.executable), Path("/nowhere"), embedded.server, embedded, (programs,))
    embedded.release()
    assert not embedded.running()


@pytest.fixture
def database(environment):
    """A database with one attachment."""
    databases.create(environment, "first")
    attach(environment, "first", "letter")
    yield "first"
    databases.drop(environment, "first")


def attach(environment, name, text):
    folder = environment.places.odoo_data / "filestore" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "attachment").write_text(text)


def attached(environment, name):
    path = environment.places.odoo_data / "filestore" / name / "attachment"
    return path.read_text() if path.exists() else None


def test_it_is_private_and_knows_every_alphabet(environment):
    embedded = environment.embedded
    assert embedded.socket.stat().st_mode & 0o077 == 0
    assert environment.server.query("SHOW listen_addresses") == [[""]]
    assert environment.server.query("SELECT current_user") == [["odoo"]]
    assert environment.server.query("SHOW fsync") == [["on"]]


def test_upper_and_lower_case_of_cyrillic(environment, database):
    assert environment.server.query("SELECT lower('ПЛАН'), 'План' ILIKE 'пЛАН'", database) == [["план", "t"]]


def test_names_and_texts_are_quoted(environment):
    name = "a \"strange' name"
    environment.server.query(f"CREATE DATABASE {identifier(name)}")
    assert databases.exists(environment, name)
    assert environment.server.query(f"SELECT {literal(name)}", name) == [[name]]
    databases.drop(environment, name)
    assert not databases.exists(environment, name)


def test_an_sql_error_is_one_line(environment):
    with pytest.raises(Failure) as failure:
        environment.server.query("SELECT nonsense\nFROM nowhere")
    assert "\n" not in str(failure.value)


def test_a_copy_has_the_attachments(environment, database):
    databases.copy(environment, database, "second")
    assert attached(environment, "second") == "letter"
    databases.drop(environment, "second")
    assert attached(environment, "second") is None
    assert attached(environment, database) == "letter"


def test_a_copy_forgets_attachments_that_a_killed_one_left(environment, database):
    attach(environment, "second", "of a killed copy")
    databases.copy(environment, database, "second")
    assert attached(environment, "second") == "letter"
    databases.drop(environment, "second")


def test_rename_takes_the_attachments_along(environment, database):
    databases.rename(environment, database, "renamed")
    assert not databases.exists(environment, database)
    assert attached(environment, "renamed") == "letter"
    databases.drop(environment, "renamed")


def test_a_throw_away_copy_goes_and_so_does_that_of_a_killed_process(environment, database):
    with databases.throw_away(environment, database) as name:
        assert attached(environment, name) == "letter"
        with databases.throw_away(environment, database) as other:
            assert databases.exists(environment, name), "one in use must stay"
            assert other != name
    assert not databases.exists(environment, name)
    left = name[:-8] + "deadbeef"
    databases.copy(environment, database, left)
    with databases.throw_away(environment, database):
        assert not databases.exists(environment, left)


def test_all_databases_under_a_throw_away_name_go(environment, database):
    with databases.throw_away_name(environment) as name:
        copies = [f"{name}_1", f"{name}_2"]
        for copy in copies:
            databases.copy(environment, database, copy)
        with databases.throw_away_name(environment):
            assert all(databases.exists(environment, copy) for copy in copies), "those in use must stay"
    assert not any(databases.exists(environment, copy) for copy in copies)
    left = f"{name[:-8]}deadbeef_1"
    databases.copy(environment, database, left)
    with databases.throw_away_name(environment):
        assert not databases.exists(environment, left)


class WithoutOdoo(Database):
    """A kept database that is made by SQL where the real one runs Odoo."""

    def __init__(self, environment, key, **options):
        super().__init__(environment, f"kept_{key}", title="Kept database", addons=["made"], family="kept_", **options)


@pytest.fixture
def run_odoo(monkeypatch):
    """Stands for Odoo: makes a table, or fails half way when told so."""

    def run(environment, name, arguments, progress):
        environment.server.query("CREATE TABLE half_made ()", name)
        attach(environment, name, "made")
        if run.fails:
            raise Failure("Odoo failed", "see its log")
        environment.server.query(
            "CREATE TABLE ir_config_parameter (key text UNIQUE, value text, "
            "create_date timestamp, write_date timestamp)",
            name,
        )

    run.fails = False
    monkeypatch.setattr(databases, "run_odoo", run)
    return run


def test_a_kept_database_is_whole_or_not_there(environment, run_odoo):
    run_odoo.fails = True
    with pytest.raises(Failure):
        WithoutOdoo(environment, "one").prepare()
    before = databases.exists(environment, "kept_one")
    names = {row[0] for row in environment.server.query("SELECT datname FROM pg_database")}
    assert not before
    assert not [name for name in names if name.startswith("sdm_building")]
    run_odoo.fails = False
    WithoutOdoo(environment, "one").prepare()
    assert attached(environment, "kept_one") == "made"


def test_what_a_killed_build_left_is_not_mistaken_and_goes(environment, run_odoo):
    kept = WithoutOdoo(environment, "two")
    databases.create(environment, kept._aside(kept.name))
    assert not kept.is_there()
    kept.prepare()
    assert not databases.exists(environment, kept._aside(kept.name))


def test_an_older_kept_database_goes_unless_it_is_used(environment, run_odoo):
    databases.create(environment, "kept_older")
    WithoutOdoo(environment, "used").prepare()
    assert not databases.exists(environment, "kept_older")
    WithoutOdoo(environment, "newer").prepare()
    assert databases.exists(environment, "kept_used"), "this process has used it and may go on"


def test_changed_addons_are_those_whose_content_differs(environment, database, tmp_path, monkeypatch):
    addon = tmp_path / "sdm_a"
    (addon / "static").mkdir(parents=True)
    (addon / "__manifest__.py").write_text("{'depends': ['sale', 'sdm_b', 'crm']}")
    (tmp_path / "sdm_b").mkdir()
    (tmp_path / "sdm_b" / "__manifest__.py").write_text("{'depends': ['hr', 'crm']}")
    monkeypatch.setattr(databases, "ROOT", tmp_path)
    assert databases.dependencies() == ["crm", "hr", "sale"]
    environment.server.query(
        "CREATE TABLE ir_config_parameter (key text UNIQUE, value text, create_date timestamp, write_date timestamp)",
        database,
    )
    assert databases.changed_addons(environment, database) == ["sdm_a", "sdm_b"]
    databases.remember_addons(environment, database, databases.digests_of(["sdm_a"]))
    assert databases.changed_addons(environment, database) == ["sdm_b"]
    databases.remember_addons(environment, database, databases.digests_of(["sdm_b"]))
    assert databases.changed_addons(environment, database) == []
    (addon / "static" / "app.js").write_text("read from the disk")
    assert databases.changed_addons(environment, database) == []
    (addon / "views.xml").write_text("<odoo/>")
    assert databases.changed_addons(environment, database) == ["sdm_a"]
    databases.remember_addons(environment, database, databases.digests_of(["sdm_a"]))
    assert databases.changed_addons(environment, database) == []


def test_the_last_user_stops_it(programs, home, start):
    first = start(USER, home.folder, programs, 2)
    assert first.stdout.readline() == "PostgreSQL cluster: making it  0 s\n"
    while first.stdout.readline() != "started\n":
        pass
    second = start(USER, home.folder, programs, 0)
    assert second.communicate()[0] == "started\nrunning\n"
    assert first.communicate()[0] == "stopped\n"
    assert (data_folder(home) / "PG_VERSION").exists()


def test_a_killed_initdb_is_no_cluster(programs, home, start):
    killed = start(KILLED_INITDB, home.folder, programs)
    assert killed.wait() == -9
    assert not data_folder(home).exists()
    embedded = Embedded(home, programs)
    assert embedded.start().query("SELECT 1") == [["1"]]
    assert stop(embedded.data), "stop asks nobody"
    assert not embedded.running()
    assert not stop(embedded.data)
    assert [path.name for path in home.postgres.iterdir() if path.name.startswith(".tmp")] == []


def test_a_left_over_pid_file_is_no_server(programs, home):
    embedded = Embedded(home, programs)
    embedded.data.mkdir()
    (embedded.data / "postmaster.pid").write_text(f"{os.getpid()}\n{embedded.data}\n")
    assert not embedded.running()
    assert not stop(embedded.data)


def test_a_socket_path_that_is_too_long_goes_elsewhere(programs, tmp_path):
    home = Home(tmp_path / ("long" * 25))
    embedded = Embedded(home, programs)
    assert len(os.fsencode(embedded.socket / ".s.PGSQL.5432")) <= 107
    assert str(os.getuid()) in embedded.socket.name


def test_sources_are_copied_before_they_are_built_upon(environment, run_odoo, database):
    source = WithoutOdoo(environment, "source")
    source.prepare()
    environment.server.query("DROP TABLE half_made; DROP TABLE ir_config_parameter", "kept_source")
    top = Database(environment, "on_top", title="On top", source=source, addons=databases.names(databases.our_addons()))
    top.prepare()
    assert attached(environment, "on_top") == "made"
    assert databases.changed_addons(environment, "on_top") == []

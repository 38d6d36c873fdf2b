"""What tests share that run Odoo in processes of their own: throw-away copies of the template database.

They read only the environment that `./sdm test` gives them: SDM_TEMPLATE, SDM_BASE (the same without our addons),
ODOO_RC, PG*, PYTHONPATH, and SDM_COPIES, with which the names of the copies begin, so that the next run drops what a
killed one leaves.
"""

import configparser
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql


@pytest.fixture(scope="session")
def attachments() -> Path:
    """The folder with one folder of attachments for each database."""
    odoo_rc = configparser.RawConfigParser()
    odoo_rc.read(os.environ["ODOO_RC"])
    return Path(odoo_rc["options"]["data_dir"]) / "filestore"


@pytest.fixture(scope="module")
def copy_database(attachments: Path) -> Iterator[Callable[[str], str]]:
    """Make throw-away copies: copy_database(source); all are dropped after the last test of the module."""
    names = []

    def copy(source: str) -> str:
        name = f"{os.environ['SDM_COPIES']}_{secrets.token_hex(4)}"
        names.append(name)
        if (attachments / source).is_dir():
            # Odoo never changes the file of an attachment, so links are copies
            shutil.copytree(attachments / source, attachments / name, copy_function=os.link)
        _administer("CREATE DATABASE {} TEMPLATE {}", name, source)
        return name

    yield copy
    for name in names:
        _administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        shutil.rmtree(attachments / name, ignore_errors=True)


@pytest.fixture(scope="module")
def copy_template(copy_database: Callable[[str], str]) -> Callable[[], str]:
    """Make throw-away copies of the template database."""
    return lambda: copy_database(os.environ["SDM_TEMPLATE"])


@pytest.fixture(scope="module")
def query() -> Callable[..., list[tuple]]:
    """Read from a database: query(database, statement, parameters) gives the rows."""

    def run(database: str, statement: str, parameters: object = None) -> list[tuple]:
        connection = psycopg2.connect(dbname=database)
        try:
            with connection, connection.cursor() as cr:
                cr.execute(statement, parameters)
                return cr.fetchall()
        finally:
            connection.close()

    return run


@pytest.fixture(scope="module")
def start_load(root: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start a load in a working folder; what still runs after the last test of the module is killed.

    start_load(working_folder, folder, database, *options) gives the process with its output and errors as text.
    """
    processes: list[subprocess.Popen] = []

    def start(working_folder: Path, folder: Path, database: str, *options: str) -> subprocess.Popen:
        command = [sys.executable, "-W", "ignore", "-m", "loader", str(folder), "--database", database, *options]
        variables = os.environ | {"PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(root)])}
        pipe = subprocess.PIPE
        processes.append(
            subprocess.Popen(command, cwd=working_folder, env=variables, text=True, stdout=pipe, stderr=pipe)
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def _administer(statement: str, *names: str) -> None:
    connection = psycopg2.connect(dbname="postgres")
    connection.autocommit = True  # databases are not made inside a transaction
    try:
        with connection.cursor() as cr:
            cr.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
    finally:
        connection.close()

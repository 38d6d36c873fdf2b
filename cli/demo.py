"""./sdm demo: a database with demo data, served; ./sdm serve: the same for a database that exists."""

import argparse
import socket
from collections.abc import Iterable

from cli import databases, demo_company
from cli.databases import Database
from cli.environment import Environment, prepare
from cli.failure import Failure
from cli.postgres import literal
from cli.progress import Progress, say
from cli.server import listen, log_of, serve, served_at

DATABASE = "demo"
# login, whose it is; the password is the login. Those of the demo company and Odoo's own administrator
PERSONAS = {
    "seller": "Seller",
    "head": "Head of a group",
    "director": "Sales director",
    "payroll": "HR and payroll",
    "auditor": "Auditor",
    "admin": "Administrator of Odoo",
}


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the commands demo and serve."""
    demo = subparsers.add_parser(
        "demo",
        help="prepare what is missing and serve a demo",
        description="Prepare what is missing, create the database demo with all SDM addons and a company with 24 "
        "months of history, serve it. Started again it keeps the data. Ctrl-C stops it.",
    )
    demo.add_argument("--reset", action="store_true", help="start afresh: delete the database demo first")
    demo.set_defaults(run=run_demo)
    served = subparsers.add_parser(
        "serve",
        help="serve a database that exists",
        description="Serve a database, for example one made by ./sdm load. Ctrl-C stops it.",
    )
    served.add_argument("--database", required=True, metavar="NAME", help="the database to serve")
    served.set_defaults(run=run_serve)
    for parser in (demo, served):
        parser.add_argument("--port", type=int, metavar="N", help="this port; without it 8069 or the next free one")


def run_demo(options: argparse.Namespace) -> int:
    """Serve the database demo, made before if need be.

    :return: the exit code
    """
    listener = listen(options.port)
    environment = prepare(pdf=True)
    try:
        if options.reset:
            _reset(environment)
        addons = databases.names(databases.our_addons())
        Database(environment, DATABASE, title="Demo database", source=demo_company.kept(environment)).prepare()
        _bring_up_to_date(environment, DATABASE, addons)
        return _serve(environment, DATABASE, listener)
    finally:
        environment.release()


def run_serve(options: argparse.Namespace) -> int:
    """Serve a database that exists.

    :return: the exit code
    """
    listener = listen(options.port)
    environment = prepare(pdf=True)
    try:
        databases.check(environment, options.database)
        # a user's database: what he has not installed stays so
        _bring_up_to_date(environment, options.database, databases.installed(environment, options.database))
        return _serve(environment, options.database, listener)
    finally:
        environment.release()


def _reset(environment: Environment) -> None:
    address = served_at(environment.places, DATABASE)
    if address:
        raise Failure(f"the demo is being served at {address}", "stop it there with Ctrl-C, or: ./sdm stop")
    databases.drop(environment, DATABASE)
    demo_company.drop_unless_of_today(environment)


def _bring_up_to_date(environment: Environment, database: str, addons: Iterable[str]) -> None:
    """Update those of the addons whose content has changed since the database saw them."""
    databases.check(environment, database)
    changed = sorted(set(addons) & set(databases.changed_addons(environment, database)))
    if changed:
        with Progress(f"Update of {', '.join(changed)}") as progress:
            databases.update(environment, database, changed, progress)


def _serve(environment: Environment, database: str, listener: socket.socket) -> int:
    logins = _logins(environment, database)
    log = log_of(environment, listener.getsockname()[1])

    def announce(address: str) -> None:
        for login in logins:
            say(f"  {PERSONAS[login]}: login {login}, password {login}")
        say(f"Ctrl-C stops it; Odoo's log is {log}")
        print(f"Ready: {address}", flush=True)

    return serve(environment, database, listener, announce)


def _logins(environment: Environment, database: str) -> list[str]:
    """:return: those of the personas that this database has"""
    wanted = ", ".join(literal(login) for login in PERSONAS)
    rows = environment.server.query(f"SELECT login FROM res_users WHERE active AND login IN ({wanted})", database)
    return [login for login in PERSONAS if [login] in rows]

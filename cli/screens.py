"""`./sdm screens`: pictures of given screens, as a given person sees them in a given language.

For a developer who wants to look at what he made, and for the pictures of the documentation. They are taken on a
throw-away copy of the database, so neither the person's language nor anything that is clicked stays in it.
"""

import argparse
import json
import re
import secrets
import subprocess
from pathlib import Path

from cli import databases
from cli.environment import Environment, prepare
from cli.failure import Failure
from cli.home import ROOT
from cli.postgres import literal
from cli.server import listen, running, served_at

NAMED = ROOT / "docs" / "screens.json"
SIZES = {"desktop": (1400, 900), "phone": (390, 844)}
KEYS = {"path", "clicks", "size", "full_page"}


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the command screens."""
    parser = subparsers.add_parser(
        "screens",
        help="take pictures of screens",
        description="Take pictures of screens as a person sees them in a language, on a copy of the database. "
        "Exit code 1 when a screen does not come up or logs an error in the browser.",
    )
    parser.add_argument(
        "screens",
        nargs="*",
        metavar="SCREEN",
        help=f"a name from {NAMED.relative_to(ROOT)} or a path such as /odoo/crm; all named ones when left out",
    )
    parser.add_argument("--database", default="demo", metavar="NAME", help="the database (default: demo)")
    parser.add_argument("--login", default="director", help="whose eyes (default: director)")
    parser.add_argument("--language", default="en_US", metavar="CODE", help="such as ru_RU (default: en_US)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the pictures go")
    parser.add_argument("--size", type=size_of, metavar="SIZE", help="desktop, phone or WIDTHxHEIGHT")
    parser.add_argument(
        "--full-page", action="store_true", default=None, help="everything, not only what the window shows"
    )
    parser.add_argument(
        "--click", action="append", metavar="SELECTOR", help="click there first (CSS); may be given several times"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Take the pictures.

    :return: 0 when every screen came up without an error, else 1
    :raise Failure: an unknown screen, database, login or language, or a database in use
    """
    named = read_named(NAMED)
    screens = [choose(screen, named, options) for screen in options.screens or sorted(named)]
    environment = prepare(browser=True)
    databases.check(environment, options.database)
    address = served_at(environment.places, options.database)
    if address:
        raise Failure(f"the database {options.database} is being served at {address}", "stop that first: ./sdm stop")
    check_person(environment, options.database, options.login, options.language)
    listener = listen()
    port = listener.getsockname()[1]
    with databases.throw_away(environment, options.database) as copy:
        password = secrets.token_urlsafe()
        disguise(environment, copy, options.login, options.language, password)
        with running(environment, copy, listener):
            job = {
                "address": f"http://localhost:{port}",
                "database": copy,
                "login": options.login,
                "password": password,
                "folder": str(options.out.resolve()),
                "screens": screens,
            }
            command = [str(environment.python), "-m", "cli.devtools"]
            text = json.dumps(job)
            return subprocess.run(command, env=environment.variables(), cwd=ROOT, input=text, text=True).returncode


def size_of(text: str) -> tuple[int, int]:
    """:return: width and height in pixels of a named size or of WIDTHxHEIGHT
    :raise argparse.ArgumentTypeError: it is neither
    """
    if text in SIZES:
        return SIZES[text]
    match = re.fullmatch(r"([1-9]\d{2,3})x([1-9]\d{2,3})", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text} is no size; use {', '.join(SIZES)} or for example 1280x800")
    return int(match[1]), int(match[2])


def read_named(path: Path) -> dict[str, dict]:
    """:return: the named screens: path of the page, and optionally clicks, size, full_page
    :raise Failure: the file says something else
    """
    try:
        named = json.loads(path.read_text(encoding="utf-8"))
        for name, screen in named.items():
            if not (screen["path"].startswith("/") and screen.keys() <= KEYS):
                raise ValueError(f"{name} must have a path that begins with / and may have {', '.join(sorted(KEYS))}")
            size_of(screen.get("size", "desktop"))
    except (OSError, ValueError, KeyError, AttributeError, TypeError, argparse.ArgumentTypeError) as error:
        raise Failure(f"{path} cannot be used: {error}", "correct it") from error
    return named


def choose(screen: str, named: dict[str, dict], options: argparse.Namespace) -> dict:
    """:return: what :mod:`cli.devtools` takes: name, path, clicks, size, full_page; options given prevail
    :raise Failure: there is no such screen
    """
    if screen.startswith("/"):
        name = re.sub(r"\W+", "-", screen).strip("-") or "home"
        wanted = {"path": screen}
    elif screen in named:
        name, wanted = screen, named[screen]
    else:
        raise Failure(
            f"there is no screen {screen}", f"use one of {', '.join(sorted(named))}, or a path such as /odoo/crm"
        )
    return {
        "name": name,
        "path": wanted["path"],
        "clicks": [*wanted.get("clicks", []), *(options.click or [])],
        "size": options.size or size_of(wanted.get("size", "desktop")),
        "full_page": wanted.get("full_page", False) if options.full_page is None else options.full_page,
    }


def check_person(environment: Environment, database: str, login: str, language: str) -> None:
    """:raise Failure: the database has no such user, or not the language"""
    query = environment.server.query
    if not query(f"SELECT 1 FROM res_users WHERE active AND login = {literal(login)}", database):
        raise Failure(f"the database {database} has no user with the login {login}", "name another with --login")
    if not query(f"SELECT 1 FROM res_lang WHERE active AND code = {literal(language)}", database):
        codes = [row[0] for row in query("SELECT code FROM res_lang WHERE active ORDER BY code", database)]
        raise Failure(f"the database {database} has no language {language}", f"use one of {', '.join(codes)}")


def disguise(environment: Environment, copy: str, login: str, language: str, password: str) -> None:
    """Give a user of a copy a language and a password; Odoo accepts a plain one and hashes it at the login."""
    environment.server.query(
        f"UPDATE res_partner SET lang = {literal(language)}"
        f" WHERE id = (SELECT partner_id FROM res_users WHERE login = {literal(login)})",
        copy,
    )
    environment.server.query(
        f"UPDATE res_users SET password = {literal(password)} WHERE login = {literal(login)}", copy
    )

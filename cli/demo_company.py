"""The kept database with the demo company (see the package demo_company): made once, copied for each new demo."""

import os
from datetime import date

from cli import databases
from cli.databases import Database
from cli.environment import Environment
from cli.home import ROOT
from cli.postgres import literal
from cli.processes import run
from cli.progress import Progress
from demo_company.plan import ANCHOR_PARAMETER


def kept(environment: Environment) -> Database:
    """The kept database. It is as of the day on which it is made, and stays so until it is made afresh."""

    def fill(name: str, progress: Progress) -> None:
        command = [environment.python, "-W", "ignore", "-m", "demo_company"]
        command += ["--database", name, "--anchor", date.today().isoformat()]
        variables = environment.variables()
        variables["PYTHONPATH"] = os.pathsep.join([variables["PYTHONPATH"], str(ROOT)])
        run(command, variables=variables, folder=ROOT, on_line=lambda line: progress.part(_step(line)))

    key = databases.digest_of(ROOT / "demo_company")
    return databases.filled(environment, "demo", key, title="Demo company", fill=fill)


def drop_unless_of_today(environment: Environment) -> None:
    """Have the kept database made anew, unless it would be the same: it is a function of the day."""
    database = kept(environment)
    if database.is_there():
        statement = f"SELECT value FROM ir_config_parameter WHERE key = {literal(ANCHOR_PARAMETER)}"
        if environment.server.query(statement, database.name) != [[date.today().isoformat()]]:
            databases.drop(environment, database.name)


def _step(line: str) -> str:
    """What a line of the program's progress says, without its title and time."""
    said = line.partition(": ")[2] or line
    return said.rpartition("  ")[0] or said

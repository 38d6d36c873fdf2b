"""Everything that Odoo runs with, prepared and ready to be used by the commands."""

import os
from dataclasses import dataclass
from pathlib import Path

from cli import odoo, postgres, python_packages
from cli.browser import CHROMIUM, WKHTMLTOPDF, ready, ready_if_possible
from cli.home import Home, find_home


@dataclass(frozen=True)
class Environment:
    """A prepared environment.

    :param python: the interpreter that has Odoo's needs and the tools
    :param odoo: the folder that holds the package ``odoo``
    :param server: the PostgreSQL
    :param embedded: the same when it is ours, to be stopped; None when PGHOST names another
    :param programs: folders that come first on PATH: psql's, and those of what was asked for
    """

    places: Home
    python: Path
    odoo: Path
    server: postgres.Server
    embedded: postgres.Embedded | None
    programs: tuple[Path, ...]

    @property
    def home(self) -> Path:
        """:return: the folder that holds everything prepared"""
        return self.places.folder

    def variables(self) -> dict[str, str]:
        """:return: a whole environment for Odoo's processes, and for what starts them"""
        variables = {**os.environ, **self.server.connection}
        # Odoo would take it for its option --database
        variables.pop("PGDATABASE", None)
        # Odoo starts in half the time when Python may keep what it has compiled
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        variables["PYTHONPATH"] = str(self.odoo)
        variables["ODOO_RC"] = str(self.places.odoo_config)
        path = [*map(str, self.programs), os.environ.get("PATH", os.defpath)]
        variables["PATH"] = os.pathsep.join(path)
        return variables

    def odoo_command(self, *arguments: str) -> list[str]:
        """:return: the command that runs Odoo with these arguments; it wants :meth:`variables`"""
        # Odoo 19 warns about the regular expressions of libraries it pins; nobody here can act on it
        return [str(self.python), "-W", "ignore", "-m", "odoo", *arguments]

    def release(self) -> None:
        """Stop the embedded PostgreSQL unless another ./sdm uses it."""
        if self.embedded:
            self.embedded.release()


def prepare(*, browser: bool = False, pdf: bool = False) -> Environment:
    """Prepare what is missing and start the embedded PostgreSQL.

    :param browser: Chromium too, for browser tests and screenshots
    :param pdf: wkhtmltopdf too, for reports as PDF
    :raise Failure: something cannot be prepared; nothing half-made is left
    """
    home = find_home().create()
    own_odoo = odoo.own_odoo()
    python_folder = python_packages.python_folder(home).ready()
    odoo_folder = own_odoo or odoo.odoo_folder(home, python_folder).ready() / odoo.IN_PREFIX
    odoo.write_config(home, odoo_folder)
    programs = [python_packages.postgres_programs(python_folder)]
    # wkhtmltopdf is not in every Debian, and Odoo prints HTML without it; a browser test needs its browser
    programs += [chromium] if browser and (chromium := ready(home, CHROMIUM)) else []
    programs += [printer] if pdf and (printer := ready_if_possible(home, WKHTMLTOPDF)) else []
    server = postgres.own_server(programs[0])
    embedded = None
    if server is None:
        embedded = postgres.Embedded(home, programs[0])
        server = embedded.start()
    return Environment(
        places=home,
        python=python_packages.python_of(python_folder),
        odoo=odoo_folder,
        server=server,
        embedded=embedded,
        programs=tuple(programs),
    )

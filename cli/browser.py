"""Chromium and wkhtmltopdf: the machine's own, else Debian's packages unpacked without root."""

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.artefact import Build, Folder, key_of
from cli.debian import Apt, codename, machine_sources
from cli.failure import Failure
from cli.home import Home
from cli.processes import CommandFailed, run
from cli.progress import say

RECIPE = "3"
SECONDS_TO_NEXT_TRY = 24 * 60 * 60
FONTS_CONFIG = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">prefix/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
WRAPPER = """\
#!/bin/sh
here=$(dirname "$(dirname "$(readlink -f "$0")")")
LD_LIBRARY_PATH={libraries}
FONTCONFIG_FILE="$here/fonts.conf"
QT_PLUGIN_PATH="$here/prefix/{plugins}"
export LD_LIBRARY_PATH FONTCONFIG_FILE QT_PLUGIN_PATH
exec "$here/prefix/{program}" {options} "$@"
"""


@dataclass(frozen=True)
class Program:
    """A program that Odoo looks for on PATH.

    :param names: under which the machine may have it; the first is the one the wrapper gets
    :param packages: of Debian
    :param path: of the program in the unpacked packages
    :param options: that the wrapper adds
    :param megabytes: free disk that preparing it needs
    """

    title: str
    kind: str
    names: Sequence[str]
    packages: Sequence[str]
    path: str
    options: str
    megabytes: int


CHROMIUM = Program(
    title="Chromium",
    kind="chromium",
    names=("chromium", "google-chrome", "chromium-browser", "google-chrome-stable"),
    packages=("chromium", "fonts-dejavu-core"),
    path="usr/lib/chromium/chromium",
    # its sandbox needs a helper that belongs to root
    options="--no-sandbox --disable-gpu",
    megabytes=1200,
)
WKHTMLTOPDF = Program(
    title="wkhtmltopdf",
    kind="wkhtmltopdf",
    names=("wkhtmltopdf",),
    packages=("wkhtmltopdf", "fonts-dejavu-core"),
    path="usr/bin/wkhtmltopdf",
    options="",
    megabytes=700,
)


def ready(home: Home, program: Program) -> Path | None:
    """Prepare a program unless the machine has it.

    :return: the folder to put on PATH, None when the machine has the program
    :raise Failure: it cannot be prepared
    """
    if any(shutil.which(name) for name in program.names):
        return None
    folder = Folder(
        home,
        program.kind,
        key_of(RECIPE, codename(), *program.packages, program.options),
        title=program.title,
        megabytes=program.megabytes,
        builder=lambda build: _build(build, program),
        verify=lambda path: _verify(path, program),
    )
    return folder.ready() / "bin"


def ready_if_possible(home: Home, program: Program) -> Path | None:
    """The same for a program that one can do without: a note instead of a failure, and another try a day later."""
    tried = home.prepared / f".without-{program.kind}"
    if tried.exists() and time.time() - tried.stat().st_mtime < SECONDS_TO_NEXT_TRY:
        return None
    try:
        folder = ready(home, program)
    except Failure as failure:
        say(f"note: no {program.title}: {failure}")
        tried.touch()
        return None
    tried.unlink(missing_ok=True)
    return folder


def _build(build: Build, program: Program) -> None:
    apt = Apt(build.downloads, machine_sources())
    apt.update(build.progress)
    apt.download(apt.lacking(program.packages), build.progress)
    prefix = build.target / "prefix"
    apt.unpack(prefix, build.progress)
    (build.target / "fonts.conf").write_text(FONTS_CONFIG)
    wrapper = build.target / "bin" / program.names[0]
    wrapper.parent.mkdir()
    plugins = next((path.parent for path in prefix.glob("usr/lib/*/qt5/plugins/platforms")), prefix)
    libraries = ":".join(f'"$here/prefix/{folder}"' for folder in _folders_of_libraries(prefix))
    wrapper.write_text(
        WRAPPER.format(
            libraries=libraries,
            plugins=plugins.relative_to(prefix),
            program=program.path,
            options=program.options,
        )
    )
    wrapper.chmod(0o755)


def _folders_of_libraries(prefix: Path) -> list[str]:
    folders = {path.parent.relative_to(prefix) for path in prefix.rglob("*.so*") if not path.is_dir()}
    return sorted(map(str, folders))


def _verify(folder: Path, program: Program) -> None:
    """Print a page, which needs libraries and fonts alike."""
    with tempfile.TemporaryDirectory() as scratch:
        page, printed = Path(scratch, "page.html"), Path(scratch, "page.pdf")
        page.write_text("<meta charset=utf-8><p>Sales, Продажи</p>", encoding="utf-8")
        command: list[str | Path] = [folder / "bin" / program.names[0]]
        if program is CHROMIUM:
            command += ["--headless", f"--user-data-dir={scratch}/profile", f"--print-to-pdf={printed}", page]
        else:
            command += ["--quiet", page, printed]
        try:
            run(command, variables={**os.environ, "HOME": scratch})
        except CommandFailed as error:
            raise Failure(
                f"the unpacked {program.title} does not run: {' '.join(error.output.split())[-200:]}",
                f"install it: sudo apt install {program.packages[0]}",
            ) from error
        if not printed.exists():
            raise Failure(
                f"the unpacked {program.title} prints nothing",
                f"install it: sudo apt install {program.packages[0]}",
            )

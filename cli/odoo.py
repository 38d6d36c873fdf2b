"""Odoo itself: the user's own (ODOO_HOME), or Debian's package unpacked without root."""

import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from cli.artefact import Build, Folder, key_of
from cli.debian import REMEDY, Apt, release_source
from cli.failure import Failure
from cli.home import ROOT, Home
from cli.progress import say

LOCK = ROOT / "cli" / "locks" / "odoo.json"
RECIPE = "2"
SERIES = "19.0"
IN_PREFIX = Path("usr/lib/python3/dist-packages")
# Named by an asset bundle and not shipped by Debian; needed in video calls only
NOT_SHIPPED = ("mail/static/lib/selfie_segmentation/selfie_segmentation.js",)


def series_of(folder: Path) -> str | None:
    """:param folder: one that may hold the package ``odoo``
    :return: its series such as "19.0", None when there is no Odoo
    """
    release = folder / "odoo" / "release.py"
    if not release.is_file():
        return None
    match = re.search(r"^version_info = \(([^,]+), ([^,]+),", release.read_text(), re.M)
    return ".".join(part.strip("'\" ") for part in match.groups()) if match else None


def own_odoo() -> Path | None:
    """:return: the folder that holds the package ``odoo`` according to ODOO_HOME, None when that is not set
    :raise Failure: it names no Odoo, or another series
    """
    named = os.environ.get("ODOO_HOME")
    if not named:
        return None
    folder = Path(named).expanduser().resolve()
    for candidate in (folder, folder.parent):
        series = series_of(candidate)
        if series == SERIES:
            return candidate
        if series:
            raise Failure(
                f"ODOO_HOME ({folder}) is Odoo {series}",
                f"set it to the folder of an Odoo {SERIES}, or unset it",
            )
    raise Failure(
        f"ODOO_HOME ({folder}) holds no Odoo",
        f"set it to the folder that contains odoo/release.py or odoo-bin of an Odoo {SERIES}, or unset it",
    )


def odoo_folder(home: Home, python_folder: Path) -> Folder:
    """:param python_folder: the prepared virtual environment, which has the icons that Debian's package lacks
    :return: Debian's Odoo; the package ``odoo`` lies in its IN_PREFIX
    """
    lock = json.loads(LOCK.read_text())
    return Folder(
        home,
        "odoo",
        key_of(RECIPE, LOCK.read_text()),
        title=f"Odoo {SERIES}",
        megabytes=1700,
        builder=lambda build: _build(build, lock, python_folder),
        verify=_verify,
    )


def addons_folders(odoo: Path) -> list[Path]:
    """:param odoo: the folder that holds the package ``odoo``
    :return: where Odoo's own addons lie, then ours
    """
    places = (odoo / "odoo" / "addons", odoo / "addons")
    return [place for place in places if place.is_dir()] + [ROOT]


def write_config(home: Home, odoo: Path) -> Path:
    """Write Odoo's configuration for this clone, without the database server: that is PGHOST's and its kin.

    :return: the file, for ODOO_RC
    """
    settings: Sequence[tuple[str, object]] = (
        ("addons_path", ",".join(str(folder) for folder in addons_folders(odoo))),
        ("data_dir", home.odoo_data),
        ("http_interface", "127.0.0.1"),
        ("list_db", False),
        ("max_cron_threads", 1),
    )
    text = "[options]\n" + "".join(f"{name} = {value}\n" for name, value in settings)
    path = home.odoo_config
    if not path.exists() or path.read_text() != text:
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(text)
        temporary.replace(path)
    return path


def _build(build: Build, lock: dict, python_folder: Path) -> None:
    apt = Apt(build.downloads, [release_source(lock["suite"])])
    apt.update(build.progress)
    check_version(apt.candidate(lock["package"]), lock)
    apt.download([lock["package"], *lock["with"]], build.progress)
    apt.unpack(build.target, build.progress)
    build.progress.step("completing the package")
    addons = build.target / IN_PREFIX / "odoo" / "addons"
    _put_icons(addons, python_folder)
    for name in NOT_SHIPPED:
        (addons / name).parent.mkdir(parents=True, exist_ok=True)
        (addons / name).touch()
    _remove_dangling_links(build.target)


def check_version(offered: str | None, lock: dict) -> None:
    """:raise Failure: Debian no longer offers this series"""
    if offered is None or not offered.startswith(f"{lock['series']}."):
        raise Failure(
            f"Debian {lock['suite']} offers {offered or 'no'} {lock['package']}, not Odoo {lock['series']}",
            f"set ODOO_HOME to the folder of an Odoo {lock['series']}",
        )
    if offered != lock["tested"]:
        say(f"note: Odoo {offered} is not the tested {lock['tested']}, but the same series")


def _put_icons(addons: Path, python_folder: Path) -> None:
    """Odoo's web client wants Font Awesome 4.7; the links of Debian's package lead to a later one."""
    fonts = next(python_folder.glob("lib/python3*/site-packages/xstatic/pkg/font_awesome/data/fonts"))
    for place in addons.glob("web/static/**/fontawesome/fonts"):
        for font in fonts.iterdir():
            (place / font.name).unlink(missing_ok=True)
            shutil.copyfile(font, place / font.name)


def _remove_dangling_links(prefix: Path) -> None:
    """A link to nowhere makes Odoo fail where an absent file does not: when it builds a bundle of assets."""
    for folder, _folders, files in os.walk(prefix):
        for name in files:
            path = Path(folder, name)
            if path.is_symlink() and not path.exists():
                path.unlink()


def _verify(folder: Path) -> None:
    series = series_of(folder / IN_PREFIX)
    if series != SERIES:
        raise Failure(f"the Odoo package of Debian holds Odoo {series}", REMEDY)

"""Odoo from Debian's packages, and what is mended in them."""

import os
import stat
from pathlib import Path

import pytest

from cli import odoo
from cli.debian import Source
from cli.failure import Failure

RELEASE = "FINAL = 'final'\nversion_info = (19, 0, 0, FINAL, 0, '')\n"
FONTS = "odoo/addons/web/static/src/libs/fontawesome/fonts"
# apt-get and its kin for a test: they know one package, whose archive is a folder
APT_GET = """\
#!/bin/sh
case "$*" in
    *update*) exit 0 ;;
    *--print-uris*) echo "'http://mirror.example/odoo-19.deb' odoo-19.deb 7 SHA256:0" ;;
    *download*) echo package > odoo-19.deb; echo download >> "$CALLS" ;;
esac
"""
APT_CACHE = """\
#!/bin/sh
echo "Package: odoo-19"
echo "Version: 19.0.0+dfsg-1"
"""
APT_GET_WITHOUT_NETWORK = """\
#!/bin/sh
echo "  Temporary failure resolving 'mirror.example'"
exit 100
"""
DPKG = """\
#!/bin/sh
cp -a "$UNPACKED/." "$3"
"""


@pytest.fixture
def unpacked(tmp_path):
    """What the package holds: Odoo with an icon of a wrong version, and a link to nowhere."""
    place = tmp_path / "unpacked" / odoo.IN_PREFIX
    fonts = place / FONTS
    fonts.mkdir(parents=True)
    (place / "odoo" / "release.py").write_text(RELEASE)
    (fonts / "fontawesome-webfont.woff").symlink_to("../../../nowhere.woff")
    (fonts / "other.otf").symlink_to("nowhere.otf")
    return tmp_path / "unpacked"


@pytest.fixture
def python_folder(tmp_path):
    """A virtual environment with the icons of PyPI's package."""
    fonts = tmp_path / "python/lib/python3.11/site-packages/xstatic/pkg/font_awesome/data/fonts"
    fonts.mkdir(parents=True)
    (fonts / "fontawesome-webfont.woff").write_text("icons of 4.7")
    return tmp_path / "python"


@pytest.fixture
def programs(tmp_path, monkeypatch, unpacked):
    """Programs that stand for apt's; programs(apt_get) replaces one."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def install(**texts):
        for name, text in texts.items():
            program = folder / name.replace("_", "-")
            program.write_text(text)
            program.chmod(program.stat().st_mode | stat.S_IXUSR)

    install(apt_get=APT_GET, apt_cache=APT_CACHE, dpkg=DPKG)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("UNPACKED", str(unpacked))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setattr(odoo, "release_source", lambda suite: Source("", "http://mirror.example/debian", suite))
    monkeypatch.setattr("cli.artefact.check_disk", lambda *arguments: None)
    return install


def test_the_package_is_unpacked_and_mended(home, programs, python_folder):
    place = odoo.odoo_folder(home, python_folder).ready() / odoo.IN_PREFIX
    assert odoo.series_of(place) == "19.0"
    icons = place / FONTS / "fontawesome-webfont.woff"
    assert not icons.is_symlink()
    assert icons.read_text() == "icons of 4.7"
    assert not (place / FONTS / "other.otf").is_symlink(), "a link to nowhere breaks a bundle of assets"
    assert (place / "odoo" / "addons" / odoo.NOT_SHIPPED[0]).read_text() == ""


def test_without_network_nothing_is_left_and_the_next_start_goes_on(home, programs, python_folder):
    programs(apt_get=APT_GET_WITHOUT_NETWORK)
    with pytest.raises(Failure, match="no network: Odoo 19.0 could not be downloaded"):
        odoo.odoo_folder(home, python_folder).ready()
    assert list(home.prepared.iterdir()) == []
    programs(apt_get=APT_GET)
    assert odoo.odoo_folder(home, python_folder).ready().is_dir()


def test_a_package_of_another_series_is_refused(home, programs, python_folder, unpacked):
    release = unpacked / odoo.IN_PREFIX / "odoo" / "release.py"
    release.write_text(RELEASE.replace("19", "20"))
    with pytest.raises(Failure, match="holds Odoo 20.0"):
        odoo.odoo_folder(home, python_folder).ready()
    assert list(home.prepared.iterdir()) == []


def test_the_mirror_stays_out_of_the_project():
    assert "://" not in odoo.LOCK.read_text()


def test_the_configuration_names_our_addons(home, tmp_path, root: Path):
    (tmp_path / "odoo" / "addons").mkdir(parents=True)
    path = odoo.write_config(home, tmp_path)
    assert f"addons_path = {tmp_path / 'odoo' / 'addons'},{root}\n" in path.read_text()
    before = path.stat().st_mtime_ns
    assert odoo.write_config(home, tmp_path).stat().st_mtime_ns == before, "an equal one is left alone"

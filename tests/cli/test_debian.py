"""The machine's own apt sources, in both formats, are what private downloads use."""

import pytest

from cli import debian
from cli.debian import Source, machine_sources, release_source
from cli.failure import Failure

ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib
deb-src http://mirror.example/debian bookworm main
deb [signed-by=/usr/share/keyrings/a.gpg arch=amd64] http://mirror.example/security bookworm-security main # why
deb http://other.example/debian bookworm contrib
"""
DEB822 = """\
Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb
URIs: http://vendor.example/packages
Suites: nodistro
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
"""


@pytest.fixture
def etc(tmp_path, monkeypatch):
    """An /etc of a Debian 12 without sources."""
    monkeypatch.setattr(debian.shutil, "which", lambda name: f"/usr/bin/{name}")
    (tmp_path / "os-release").write_text('PRETTY_NAME="Debian 12"\nID=debian\nVERSION_CODENAME=bookworm\n')
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    return tmp_path


def test_one_line_format(etc):
    (etc / "apt" / "sources.list").write_text(ONE_LINE)
    assert machine_sources(etc) == [
        Source("", "http://mirror.example/debian", "bookworm"),
        Source("signed-by=/usr/share/keyrings/a.gpg arch=amd64", "http://mirror.example/security", "bookworm-security"),
    ]


def test_deb822_format(etc):
    (etc / "apt" / "sources.list.d" / "debian.sources").write_text(DEB822)
    key = "signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"
    assert machine_sources(etc) == [
        Source(key, "http://mirror.example/debian", "bookworm"),
        Source(key, "http://mirror.example/debian", "bookworm-updates"),
    ]


def test_another_suite_of_the_same_mirror(etc):
    (etc / "apt" / "sources.list.d" / "more.list").write_text(ONE_LINE)
    assert release_source("sid", etc).line() == "deb http://mirror.example/debian sid main"


def test_without_a_mirror(etc):
    (etc / "apt" / "sources.list").write_text("deb http://mirror.example/debian trixie main\n")
    with pytest.raises(Failure, match="no mirror of Debian bookworm"):
        machine_sources(etc)

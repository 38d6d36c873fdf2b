"""Debian packages without root: listed, downloaded and unpacked under a private apt configuration.

The mirror is the one that the machine's own apt sources name. apt verifies the signatures as always.
"""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cli.failure import Failure
from cli.processes import CommandFailed, run
from cli.progress import Progress

ETC = Path("/etc")
REMEDY = "use Debian 12, or set ODOO_HOME to the folder of an Odoo 19.0"


@dataclass(frozen=True)
class Source:
    """One line of apt's sources.

    :param options: in brackets, such as "signed-by=/usr/share/keyrings/x.gpg"; may be empty
    """

    options: str
    address: str
    suite: str

    def line(self) -> str:
        """:return: as apt's one-line format has it"""
        return f"deb {f'[{self.options}] ' if self.options else ''}{self.address} {self.suite} main"


def codename(etc: Path = ETC) -> str:
    """:return: this Debian's name, such as "bookworm"
    :raise Failure: this machine is no Debian
    """
    release = etc / "os-release"
    values = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', release.read_text(), re.M)) if release.exists() else {}
    if values.get("ID") != "debian" or not (shutil.which("apt-get") and shutil.which("dpkg")):
        name = values.get("PRETTY_NAME", "unknown system")
        raise Failure(f"this machine is not Debian ({name}), so its packages cannot be used", REMEDY)
    return values.get("VERSION_CODENAME", "sid")


def machine_sources(etc: Path = ETC) -> list[Source]:
    """Read the machine's apt sources, in both formats.

    :return: those of this Debian itself with its component main: release, updates, security
    :raise Failure: not Debian, or no source of it
    """
    own = codename(etc)
    apt = etc / "apt"
    found: list[Source] = []
    for path in [apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list"))]:
        if path.exists():
            found += _one_line_sources(path.read_text())
    for path in sorted(apt.glob("sources.list.d/*.sources")):
        found += _deb822_sources(path.read_text())
    sources = [
        source for source in found if source.suite.partition("-")[0] in (own, "stable", "testing", "unstable", "sid")
    ]
    if not any("-" not in source.suite for source in sources):
        raise Failure(f"apt's sources name no mirror of Debian {own}", f"add one to /etc/apt/sources.list, or {REMEDY}")
    return sources


def release_source(suite: str, etc: Path = ETC) -> Source:
    """:return: the machine's own mirror with another suite, such as "sid" """
    mirror = next(source for source in machine_sources(etc) if "-" not in source.suite)
    return Source(mirror.options, mirror.address, suite)


def _one_line_sources(text: str) -> Iterable[Source]:
    for options, address, suite, components in re.findall(
        r"^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#\n]+)", text, re.M
    ):
        if "main" in components.split():
            yield Source(options.strip(), address, suite)


def _deb822_sources(text: str) -> Iterable[Source]:
    for stanza in re.split(r"\n\s*\n", re.sub(r"^#.*\n?", "", text, flags=re.M)):
        fields = {name.lower(): value for name, value in re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.M)}
        wanted = "deb" in fields.get("types", "").split() and "main" in fields.get("components", "").split()
        if not wanted or fields.get("enabled", "yes").lower() in ("no", "false"):
            continue
        key = fields.get("signed-by", "")
        options = [f"signed-by={key}"] if key.startswith("/") else []
        if fields.get("trusted", "no").lower() == "yes":
            options.append("trusted=yes")
        for address in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Source(" ".join(options), address, suite)


class Apt:
    """apt with sources, lists and cache of its own; what is installed on the machine it knows.

    :param folder: holds its lists and the downloaded packages; can be kept, so that downloads go on
    """

    def __init__(self, folder: Path, sources: Iterable[Source]) -> None:
        self.folder = folder.resolve()
        self.packages = self.folder / "packages"
        for place in ("lists/partial", "cache/archives/partial", "packages"):
            (self.folder / place).mkdir(parents=True, exist_ok=True)
        (self.folder / "sources.list").write_text("".join(f"{source.line()}\n" for source in sources))
        settings = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::Cache": self.folder / "cache",
            # apt's own unprivileged user cannot write here when root runs it
            "APT::Sandbox::User": "root",
            "APT::Update::Error-Mode": "any",
            # commands of the machine's configuration that are meant for its own lists
            "APT::Update::Post-Invoke-Success::": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Acquire::http::Timeout": "30",
        }
        self._options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]

    def update(self, progress: Progress) -> None:
        """Fetch the lists of packages."""
        progress.step("reading the list of Debian packages")
        self._run("update", on_tick=progress.tick)

    def candidate(self, package: str) -> str | None:
        """:return: the version that the sources offer, None when they have no such package"""
        output = (
            run(["apt-cache", *self._options, "show", "--no-all-versions", package]) if self._knows(package) else ""
        )
        match = re.search(r"^Version: (\S+)", output, re.M)
        return match.group(1) if match else None

    def lacking(self, packages: Iterable[str]) -> list[str]:
        """:return: these packages and what they need, less what the machine has installed, as name=version"""
        output = self._run("-s", "install", "--no-install-recommends", *packages)
        return [f"{name}={version}" for name, version in re.findall(r"^Inst (\S+) (?:\[\S+\] )?\((\S+)", output, re.M)]

    def download(self, packages: Iterable[str], progress: Progress) -> None:
        """Download packages that are not there yet, see :attr:`packages`."""
        packages = list(packages)
        listed = self._run("download", "--print-uris", *packages, folder=self.packages)
        total = sum(int(size) for size in re.findall(r"^'\S+' \S+ (\d+)", listed, re.M))
        have = _size_of(self.packages)

        def show() -> None:
            progress.amount("downloading", _size_of(self.packages) - have, total)

        self._run("download", *packages, folder=self.packages, on_tick=show)

    def unpack(self, prefix: Path, progress: Progress) -> None:
        """Unpack every downloaded package into one folder; their links between each other are relative."""
        archives = sorted(self.packages.glob("*.deb"))
        for number, archive in enumerate(archives, 1):
            progress.part(f"unpacking {number} of {len(archives)}")
            run(["dpkg", "-x", archive, prefix], on_tick=progress.tick)

    def _knows(self, package: str) -> bool:
        try:
            return bool(run(["apt-cache", *self._options, "show", package]))
        except CommandFailed:
            return False

    def _run(self, *arguments: str, **options: object) -> str:
        return run(["apt-get", *self._options, *arguments], **options)  # type: ignore[arg-type]


def _size_of(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # apt renames what it has completed
            continue
    return total

"""What must not be in any file of the repository, and what its README must show."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

# Written so that this file does not find itself
PATTERNS = {
    "a path of one machine": re.compile(r"(?<![\w.~*/}-])/(?:[w]ork|[r]oot|[o]pt/dev)(?=[/\s'\"`)]|$)", re.M),
    "a package mirror": re.compile(
        r"\b(?:[d]eb\.debian\.org|[s]napshot\.debian\.org|[p]ypi\.org/simple|[f]iles\.pythonhosted\.org"
        r"|[m]irrors?\.[\w-]+\.\w+)"
    ),
    "an unresolved conflict": re.compile(r"^(?:<{7}|>{7})(?: |$)", re.M),
}


def tracked_files(root: Path) -> list[Path]:
    """:return: the files that git knows; all that are not ignored where there is no git history"""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, check=False)
    if listed.returncode:
        return [path for path in root.rglob("*") if ".sdm" not in path.parts and path.is_file()]
    return [path for name in listed.stdout.decode().split("\0") if name and (path := root / name).is_file()]


def marks_of_this_machine() -> list[str]:
    """:return: the home of who runs this, and the hosts that packages come from (apt's sources, pip's settings)"""
    texts = [
        path.read_text(errors="replace")
        for place in ("/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/pip.conf", "~/.config/pip/pip.conf")
        for path in _files(Path(place).expanduser())
    ]
    hosts = {host for text in texts for host in re.findall(r"https?://(?:[^\s/@]*@)?([\w.-]+)", text)}
    home = str(Path.home())
    return sorted(hosts | ({f"{home}/"} if home.count("/") > 1 else set()))


def _files(place: Path) -> Iterable[Path]:
    return [place] if place.is_file() else sorted(place.glob("*"))


def private_places(root: Path, files: Iterable[Path], marks: Iterable[str]) -> list[str]:
    """:return: the files that name a machine's folder, a mirror, or have one of the given marks in them"""
    patterns = PATTERNS | {mark: re.compile(re.escape(mark)) for mark in marks}
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image
        found += [f"{path.relative_to(root)}: {name}" for name, pattern in patterns.items() if pattern.search(text)]
    return found


def test_no_file_names_a_machine_or_a_mirror(root):
    assert private_places(root, tracked_files(root), marks_of_this_machine()) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cd /" + "work/main", "a path of one machine"),
        ('FOLDER = "/' + 'root/clone"', "a path of one machine"),
        ("addons_path=/" + "opt/dev/odoo", "a path of one machine"),
        ("URIs: http://deb." + "debian.org/debian", "a package mirror"),
        ("--index-url https://mirror." + "example.com/pypi", "a package mirror"),
        ("<" * 7 + " HEAD\n", "an unresolved conflict"),
        ("see https://packages.intranet/apt", "packages.intranet"),
    ],
)
def test_a_private_place_would_be_found(plant, text, name):
    root = plant({"docs/a.md": text})
    assert private_places(root, tracked_files(root), ["packages.intranet"]) == [f"docs/a.md: {name}"]


@pytest.mark.parametrize(
    "text", ["see docs/work/plan.md", "{seed}/work/{key}", "~/.config/pip", "/mnt/extra-addons", "https://a.org/home/x"]
)
def test_an_ordinary_path_is_fine(plant, text):
    root = plant({"docs/a.md": text})
    assert private_places(root, tracked_files(root), []) == []


def test_the_readme_shows_the_two_commands_first(root):
    commands = re.findall(r"\./sdm (\w+)", (root / "README.md").read_text(encoding="utf-8"))
    assert commands[:2] == ["demo", "test"]

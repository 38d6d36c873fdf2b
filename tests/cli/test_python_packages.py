"""The virtual environment: what its programs name, and what a lost network leaves."""

import pytest

from cli import python_packages
from cli.failure import Failure


def test_without_network(home, monkeypatch, tmp_path):
    """With the real pip, whose index is a port where nobody listens."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(Failure, match="no network: Python 3.* packages could not be downloaded"):
        python_packages.python_folder(home).ready()
    assert list(home.prepared.iterdir()) == []


def test_programs_name_the_folder_they_end_up_in(tmp_path):
    target, final = tmp_path / ".tmp-python", tmp_path / "python"
    (target / "bin").mkdir(parents=True)
    (target / "bin" / "pytest").write_text(f"#!{target}/bin/python\n")
    (target / "bin" / "activate").write_text("nothing to change")
    (target / "pyvenv.cfg").write_text(f"command = python -m venv {target}\n")
    python_packages.repoint_scripts(target, final)
    assert (target / "bin" / "pytest").read_text() == f"#!{final}/bin/python\n"
    assert (target / "pyvenv.cfg").read_text() == f"command = python -m venv {final}\n"


def test_what_builds_the_others_is_taken_from_the_lock_with_hashes():
    lock = (python_packages.LOCKS / "python-3.11.txt").read_text()
    for name in python_packages.BUILD_TOOLS:
        entry = python_packages.entry_of(lock, name)
        assert entry.startswith(f"{name}==")
        assert "--hash=sha256:" in entry
        assert entry.count("==") == 1

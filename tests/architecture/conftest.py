"""Rules of the project as functions from a folder to the places where it breaks them.

Each test file holds one family of rules: the rules, the test that the project keeps them, and a test that each of them
finds a violation planted in a small clone.
"""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., Path]:
    """:return: a function that writes files, given as path=text, into an empty clone and returns its folder"""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write

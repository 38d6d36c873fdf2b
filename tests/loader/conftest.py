"""A small export with a mapping, made of one text each, for tests of the loader without Odoo."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from loader import mapping
from loader.export import Export
from loader.mapping import ExportMapping

MAPPING = """
    title = "People"
    namespace = "people"

    [format]
    date = "%d.%m.%Y"

    [files.people]
    name = "people.csv"
    columns.name = { required = true }
    columns.born = { type = "date" }

    [[records]]
    label = "Contacts"
    model = "res.partner"
    file = "people"
    id = "person_{name}"
    fields.name = "{name}"
"""


@pytest.fixture
def read_mapping(tmp_path: Path) -> Callable[..., ExportMapping]:
    """Read a mapping from its text, changed by pairs (old, new) first."""

    def read(*changes: tuple[str, str], text: str = MAPPING) -> ExportMapping:
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "people.toml"
        path.write_text(textwrap.dedent(text), "utf-8")
        return mapping.read(path)

    return read


@pytest.fixture
def open_export(tmp_path: Path, read_mapping: Callable[..., ExportMapping]) -> Callable[..., Export]:
    """Write files by name and open them with a mapping given as text."""

    def open_(files: dict[str, str | bytes], text: str = MAPPING) -> Export:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else textwrap.dedent(content).encode()
            (tmp_path / name).write_bytes(data)
        return Export(tmp_path, read_mapping(text=text))

    return open_

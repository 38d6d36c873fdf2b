"""Odoo's own `upgrade_code` knows what an older Odoo wrote differently: `<tree>`, `_sql_constraints`, old domains."""

from pathlib import Path

import pytest

from odoo import release
from odoo.cli.upgrade_code import migrate
from odoo.tools import parse_version

ROOT = Path(__file__).resolve().parents[2]


def habits_of_older_odoo(folder: Path) -> bool:
    """:return: whether `upgrade_code` would rewrite a file of an addon in `folder`; it prints which and writes none"""
    return migrate(
        [str(folder)],
        glob="sdm_*/**/*",
        from_version=parse_version("17.0"),
        to_version=parse_version(release.version),
        dry_run=True,
    )


def test_no_file_of_ours_needs_an_upgrade(capsys: pytest.CaptureFixture[str]) -> None:
    assert not habits_of_older_odoo(ROOT), capsys.readouterr().out


def test_an_old_view_would_be_found(tmp_path: Path) -> None:
    views = tmp_path / "sdm_old" / "views"
    views.mkdir(parents=True)
    (views / "old_views.xml").write_text('<field name="arch" type="xml">\n    <tree/>\n</field>\n')
    assert habits_of_older_odoo(tmp_path)

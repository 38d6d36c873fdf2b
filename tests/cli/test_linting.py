"""`./sdm lint`: it sees what is wrong, and its report can be added up."""

import sys

from cli.linting import Verdict, malformed_xml, run_checks, tool_commands, write_report
from cli.testing import Report, read_report


def test_tools_run_over_what_there_is(tmp_path):
    assert set(tool_commands(tmp_path)) == {"ruff check", "ruff format"}
    for file in ("sdm_a/__manifest__.py", "sdm_a/i18n/ru.po"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    commands = tool_commands(tmp_path)
    assert commands["pylint-odoo"][-1] == "sdm_a"
    assert commands["oca-checks-po"][-1] == "sdm_a/i18n/ru.po"


def test_malformed_xml_is_named(tmp_path):
    views = tmp_path / "sdm_a" / "views"
    views.mkdir(parents=True)
    (views / "good.xml").write_text("<odoo/>")
    (views / "bad.xml").write_text("<odoo>")
    assert malformed_xml(tmp_path).startswith("sdm_a/views/bad.xml: ")


def test_finds_and_mends(tmp_path, root):
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    untidy = tmp_path / "untidy.py"
    untidy.write_text("import sys\nimport os\nprint( os.sep, sys.path )\n")
    found = {verdict.name for verdict in run_checks(sys.executable, tmp_path) if verdict.complaints}
    assert found == {"ruff check", "ruff format"}
    assert not any(verdict.complaints for verdict in run_checks(sys.executable, tmp_path, fix=True))
    assert untidy.read_text() == "import os\nimport sys\n\nprint(os.sep, sys.path)\n"


def test_the_report_counts_each_check(tmp_path):
    write_report([Verdict("ruff", "bad\x1b", 0.1), Verdict("xml", "", 0.0)], tmp_path / "report.xml")
    assert read_report(tmp_path / "report.xml") == Report(1, ("lint::ruff",), 0)

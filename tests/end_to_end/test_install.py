"""Installing, updating and uninstalling all our addons, proven by comparing the database before and after.

The database is one at work: what our addons depend on, with the records of a small company. What moves besides, since
Odoo moves it whatever addon is installed, is listed here with its reason.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.end_to_end.comparison import Difference, Query, differences, schema

FOREIGN_KEYS = """
    SELECT key.conrelid::regclass::text, attribute.attname, key.confrelid::regclass::text
      FROM pg_constraint key
      JOIN pg_attribute attribute ON attribute.attrelid = key.conrelid AND attribute.attnum = ANY(key.conkey)
     WHERE key.contype = 'f'
"""
OWN_ROWS = """
    SELECT model, res_id FROM ir_model_data
     WHERE model <> 'ir.module.module'
     GROUP BY model, res_id HAVING bool_and(module = ANY(%(addons)s))
     UNION ALL
    SELECT 'ir.module.module', id FROM ir_module_module WHERE name = ANY(%(addons)s)
"""
NOT_CONTENT = {
    "bus_bus": "what is shown in browsers that are open, swept by Odoo",
    "ir_cron_trigger": "each start of Odoo with an update asks for a clean-up",
    "orm_signaling_registry": "servers learn that addons changed",
    "ir_module_module.write_date": "Odoo reads its list of apps again",
}
# Whose attachments are files of an addon
FILES = ("ir.ui.menu", "spreadsheet.dashboard")
# Tables that are not named as their models are
TABLES = {
    "ir.actions.act_window": "ir_act_window",
    "ir.actions.act_window.view": "ir_act_window_view",
    "ir.actions.client": "ir_act_client",
    "ir.actions.report": "ir_act_report_xml",
    "ir.actions.server": "ir_act_server",
}
# Rows that belong to another one by its model and number, not by a foreign key: the names of these columns
BELONGS_TO = {
    "ir_attachment": ("res_model", "res_id"),
    "ir_model_data": ("model", "res_id"),
    "mail_message": ("model", "res_id"),
}


@pytest.fixture(scope="module")
def ours(root: Path) -> dict[str, list[str]]:
    """Our addons, and which of our addons each depends on."""
    manifests = {path.parent.name: ast.literal_eval(path.read_text()) for path in root.glob("sdm_*/__manifest__.py")}
    return {
        name: [other for other in manifest["depends"] if other in manifests] for name, manifest in manifests.items()
    }


@pytest.fixture(scope="module")
def odoo(root: Path) -> Callable[..., None]:
    """Run Odoo's command line to its end: odoo(arguments, input)."""

    def run(*arguments: str, script: str = "") -> None:
        command = [sys.executable, "-W", "ignore", "-m", "odoo", *arguments]
        variables = os.environ | {
            "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(root)]),
            # the databases are thrown away, so no waiting for the disk at each commit
            "PGOPTIONS": f"{os.environ.get('PGOPTIONS', '')} -c synchronous_commit=off",
        }
        done = subprocess.run(command, cwd=root, env=variables, input=script, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-5000:]
        errors = [line for line in done.stderr.splitlines() if " ERROR " in line or " CRITICAL " in line]
        assert not errors

    return run


@pytest.fixture(scope="module")
def call(odoo) -> Callable[[str, str], None]:
    """Call a function of the small company in Odoo's shell: call(database, name)."""

    def run(database: str, name: str) -> None:
        script = f"from tests.end_to_end.small_company import {name}\n{name}(env)\n"
        odoo("shell", f"--database={database}", "--no-http", "--log-level=warn", script=script)

    return run


@pytest.fixture(scope="module")
def before(copy_database, call) -> str:
    """The small company without our addons."""
    name = copy_database(os.environ["SDM_BASE"])
    call(name, "fill")
    return name


@pytest.fixture(scope="module")
def installed(before, copy_database, odoo, ours) -> str:
    """The same, with all our addons freshly installed."""
    name = copy_database(before)
    odoo("server", f"--database={name}", f"--init={','.join(ours)}", "--stop-after-init", "--no-http")
    return name


@pytest.fixture(scope="module")
def used(installed, copy_database, call) -> str:
    """The same, after people have worked with our addons."""
    name = copy_database(installed)
    call(name, "work")
    return name


@pytest.fixture(scope="module")
def update(copy_database, odoo, ours) -> Callable[[str], str]:
    """A copy of a database with all our addons updated."""

    def run(database: str) -> str:
        name = copy_database(database)
        odoo("server", f"--database={name}", f"--update={','.join(ours)}", "--stop-after-init", "--no-http")
        return name

    return run


@pytest.fixture(scope="module")
def uninstall(copy_database, odoo) -> Callable[[str, Iterable[str]], str]:
    """A copy of a database without some addons."""

    def run(database: str, addons: Iterable[str]) -> str:
        name = copy_database(database)
        odoo("module", "uninstall", f"--config={os.environ['ODOO_RC']}", f"--database={name}", *addons)
        return name

    return run


@pytest.fixture(scope="module")
def rows(query, ours) -> Callable[[str], "Rows"]:
    """Which rows of a database are of our addons."""
    return lambda database: Rows(database, ours, query)


@pytest.fixture(scope="module")
def compare(query) -> Callable[[str, str], list[Difference]]:
    """Differences in rows between two databases, without those of no content."""
    return lambda first, second: differences(first, second, query, NOT_CONTENT)


class Rows:
    """Which rows of a database are of our addons: those with an external id of ours, and all that belongs to them."""

    def __init__(self, database: str, addons: Iterable[str], query: Query) -> None:
        self.addons = set(addons)
        known = query(database, OWN_ROWS, {"addons": list(addons)})
        self.found = {(_table(model), key) for model, key in known}
        self.found |= {("ir_actions", key) for table, key in self.found if table.startswith("ir_act")}
        self.references: dict[str, dict[str, str]] = {}
        for table, column, target in query(database, FOREIGN_KEYS):
            self.references.setdefault(table, {})[column] = target

    def own(self, difference: Difference) -> bool:
        """Whether the row is of our addons."""
        return (difference.table, difference.id) in self.found

    def rest(self, added: Iterable[Difference]) -> list[Difference]:
        """Of rows that were added, those that neither are of our addons nor belong to such a row, however remotely."""
        left = list(added)
        belonging = [True]
        while any(belonging):
            belonging = [self._belongs(row) for row in left]
            self.found |= {(row.table, row.id) for row, belongs in zip(left, belonging, strict=True) if belongs}
            left = [row for row, belongs in zip(left, belonging, strict=True) if not belongs]
        return left

    def _belongs(self, difference: Difference) -> bool:
        row = difference.row
        if self.own(difference) or (difference.table == "ir_model_data" and row["module"] in self.addons):
            return True
        keys = {(target, row.get(column)) for column, target in self.references.get(difference.table, {}).items()}
        if difference.table in BELONGS_TO:
            model, number = (row[column] for column in BELONGS_TO[difference.table])
            # all tables of our addons are named so
            if (model or "").startswith("sdm."):
                return True
            keys.add((_table(model or ""), number))
        return not keys.isdisjoint(self.found)


def _table(model):
    return TABLES.get(model, model.replace(".", "_"))


def test_installing_changes_nothing_that_was_there(before, installed, compare, rows, query):
    found = compare(before, installed)
    added = [difference for difference in found if difference.kind == "added"]
    assert rows(installed).rest(added) == []
    assert len(added) > 1000
    administrators = {key for (key,) in query(before, "SELECT partner_id FROM res_users WHERE id IN (1, 2)")}
    changed = [difference for difference in found if difference not in added]
    for difference in changed:
        columns = set(difference.changes)
        if difference.table == "ir_module_module":
            assert rows(installed).own(difference), difference
        elif difference.table == "ir_model":
            # for programmers: the description is that of the last class which extends the model
            assert columns == {"info"}, difference
        else:
            # the administrators become directors, and Odoo notes that on their contacts
            assert (difference.table, columns) == ("res_partner", {"write_date"}), difference
            assert difference.id in administrators


def test_installing_leaves_the_tables_that_were_there(before, installed, query):
    was, now = schema(before, query), schema(installed, query)
    assert was - now == set()
    new = now - was
    assert {"column", "constraint", "index", "sequence", "comment"} <= {kind for kind, _definition in new}
    assert [(kind, definition) for kind, definition in new if "sdm_" not in definition] == []


def test_updating_changes_nothing(used, update, compare, rows, query):
    once = update(used)
    twice = update(once)
    contacts = {key for (key,) in query(used, "SELECT partner_id FROM res_users")}
    for first, second in ((used, once), (once, twice)):
        assert schema(first, query) == schema(second, query)
        of_addons = rows(second)
        for difference in compare(first, second):
            assert difference.kind == "changed", difference
            # what comes from our files is written again, and a view keeps what it was before
            written = {"write_date", "arch_prev"} if of_addons.own(difference) else set()
            # Odoo writes what the manifest says, and an address that is not there as an empty text
            if difference.table == "ir_module_module" and written and difference.changes.get("url") == (None, ""):
                written.add("url")
            # icons and dashboards are files that are written again
            if difference.table == "ir_attachment" and difference.row["res_model"] in FILES:
                written = {"write_date"}
            # groups are written again, and Odoo notes that on the contacts of their users
            if difference.table == "res_partner" and difference.id in contacts:
                written = {"write_date"}
            assert set(difference.changes) <= written, difference


def test_uninstalling_leaves_the_database_as_it_was(before, used, uninstall, ours, compare, call, query):
    after = uninstall(used, ours)
    was, now = schema(before, query), schema(after, query)
    assert was - now == set()
    assert now - was == set()
    touched = {("res_users", key) for (key,) in query(before, "SELECT id FROM res_users")}
    touched |= {("res_partner", key) for (key,) in query(before, "SELECT id FROM res_partner")}
    touched |= {
        ("resource_calendar_leaves", key) for (key,) in query(before, "SELECT id FROM resource_calendar_leaves")
    }
    for difference in compare(before, after):
        # their rights came and went, they were in a group of customers, and somebody stood in
        assert (difference.table, difference.id) in touched, difference
        assert set(difference.changes) == {"write_date"}, difference
    call(after, "go_on")


def test_uninstalling_a_later_addon_deletes_no_decision(used, uninstall, ours, compare):
    later = [name for name, others in ours.items() if others]
    after = uninstall(used, later) if later else used
    decisions = {"sdm_roadmap_step", "sdm_roadmap_step_requires_rel", "sdm_diagnosis", "sdm_diagnosis_step"}
    lost = [d for d in compare(used, after) if d.table in decisions]
    assert lost == []

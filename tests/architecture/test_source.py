"""What the addons' source must not contain."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

# Tests need it for what the ORM does not let one set, such as create_date
SQL_ROOMS = {"models", "report", "migrations", "tests"}
SQL_CALLS = {
    "execute",
    "executemany",
    "execute_query",
    "execute_query_dict",
    "mogrify",
    "copy_expert",
    "execute_values",
}
CURSORS = {"cr", "_cr", "cursor", "env"}
CLOCK = {"today", "now"}

# Habits of older Odoo, most of which 19 drops without an error
HABITS = {
    "_sql_constraints": re.compile(r"\b_sql_constraints\b"),
    "<tree>": re.compile(r"<tree[\s>/]"),
    "attrs=": re.compile(r"\battrs\s*="),
    "states= in a view": re.compile(r"<(?:button|field)\b[^>]*\bstates\s*="),
    "kanban-box": re.compile(r"kanban-box"),
    "oe_chatter": re.compile(r"oe_chatter"),
    "groups_id": re.compile(r"\bgroups_id\b"),
    "name_get": re.compile(r"\bdef name_get\b"),
}


def old_habits(root: Path) -> list[str]:
    """:return: the places where an addon writes what Odoo 19 no longer reads"""
    return [
        f"{path.relative_to(root)}: {habit}"
        for path in sorted(root.glob("sdm_*/**/*"))
        if path.suffix in (".py", ".xml", ".js")
        for habit, pattern in HABITS.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    ]


def sql_outside_its_rooms(root: Path) -> list[str]:
    """SQL lives in models, reports and migrations, where the ORM's caches are known to be flushed."""

    def check(node: ast.AST, path: Path) -> str | None:
        if path.relative_to(root).parts[1] in SQL_ROOMS or not isinstance(node, ast.Call):
            return None
        if isinstance(node.func, ast.Attribute) and node.func.attr in SQL_CALLS:
            owner = ast.unparse(node.func.value).rpartition(".")[2]
            return f"SQL by {owner}.{node.func.attr}()" if owner in CURSORS else None
        return "SQL" if isinstance(node.func, ast.Name) and node.func.id == "SQL" else None

    return _check_source(root, check)


def commits(root: Path) -> list[str]:
    """A commit of ours would keep half of what failed; long jobs use `_commit_progress` of Odoo's cron."""

    def check(node: ast.AST, _path: Path) -> str | None:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("commit", "rollback")
        ):
            owner = ast.unparse(node.func.value)
            return f"{owner}.{node.func.attr}()" if owner.rpartition(".")[2] in CURSORS else None
        return None

    return _check_source(root, check)


def code_from_data(root: Path) -> list[str]:
    """Users' formulas are compiled from a whitelisted syntax tree; nothing is ever evaluated as Python."""

    def check(node: ast.AST, _path: Path) -> str | None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
            return f"{node.func.id}()"
        return None

    return _check_source(root, check)


def clocks_that_stand_still(root: Path) -> list[str]:
    """A date as default value is asked once, when the module is imported, and is yesterday's tomorrow."""

    def check(node: ast.AST, _path: Path) -> str | None:
        defaults: list[ast.expr | None] = []
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
        elif isinstance(node, ast.keyword) and node.arg == "default":
            defaults = [node.value]
        for default in defaults:
            if isinstance(default, ast.Call) and isinstance(default.func, ast.Attribute) and default.func.attr in CLOCK:
                return f"{ast.unparse(default)} is asked at import"
        return None

    return _check_source(root, check)


def _check_source(root: Path, check) -> list[str]:
    return [
        f"{path.relative_to(root)}:{line}: {complaint}"
        for path in sorted(root.glob("sdm_*/**/*.py"))
        for line, complaint in _complaints(path, check)
    ]


def _complaints(path: Path, check) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        complaint = check(node, path)
        if complaint:
            yield getattr(node, "lineno", 0), complaint


RULES = [old_habits, sql_outside_its_rooms, commits, code_from_data, clocks_that_stand_still]


@pytest.mark.parametrize("rule", RULES)
def test_the_project_keeps_it(rule, root):
    assert rule(root) == []


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (old_habits, "sdm_a/models/a.py", "_sql_constraints = []"),
        (old_habits, "sdm_a/views/a.xml", '<tree string="A"/>'),
        (old_habits, "sdm_a/views/a.xml", '<field name="a" attrs="{}"/>'),
        (old_habits, "sdm_a/views/a.xml", '<button name="a" states="draft"/>'),
        (old_habits, "sdm_a/views/a.xml", '<t t-name="kanban-box"/>'),
        (old_habits, "sdm_a/views/a.xml", '<div class="oe_chatter"/>'),
        (old_habits, "sdm_a/security/a.xml", '<field name="groups_id"/>'),
        (old_habits, "sdm_a/models/a.py", "def name_get(self): pass"),
        (sql_outside_its_rooms, "sdm_a/wizard/a.py", "self.env.cr.execute('SELECT 1')"),
        (sql_outside_its_rooms, "sdm_a/hooks.py", "cr.execute('SELECT 1')"),
        (sql_outside_its_rooms, "sdm_a/controllers/a.py", "env.execute_query(query)"),
        (sql_outside_its_rooms, "sdm_a/wizard/a.py", "SQL('SELECT 1')"),
        (commits, "sdm_a/models/a.py", "self.env.cr.commit()"),
        (commits, "sdm_a/models/a.py", "cr.rollback()"),
        (code_from_data, "sdm_a/models/a.py", "eval('1')"),
        (code_from_data, "sdm_a/engine/a.py", "exec('1')"),
        (clocks_that_stand_still, "sdm_a/models/a.py", "fields.Date(default=fields.Date.today())"),
        (clocks_that_stand_still, "sdm_a/models/a.py", "def f(self, day=fields.Date.today()): pass"),
        (clocks_that_stand_still, "sdm_a/models/a.py", "def f(self, *, at=datetime.now()): pass"),
    ],
)
def test_a_violation_would_be_found(plant, rule, path, source):
    assert len(rule(plant({path: source}))) == 1


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (sql_outside_its_rooms, "sdm_a/models/a.py", "self.env.execute_query(SQL('SELECT 1'))"),
        (sql_outside_its_rooms, "sdm_a/wizard/a.py", "action.execute()"),
        (clocks_that_stand_still, "sdm_a/models/a.py", "fields.Date(default=fields.Date.today)"),
        (clocks_that_stand_still, "sdm_a/models/a.py", "fields.Date(default=lambda self: fields.Date.today())"),
        (old_habits, "sdm_a/views/a.xml", '<list><field name="treeline"/></list>'),
    ],
)
def test_what_is_allowed(plant, rule, path, source):
    assert rule(plant({path: source})) == []

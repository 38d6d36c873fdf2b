"""Addons: the one line of dependency, and what each of them has."""

import ast
import csv
import re
from pathlib import Path

import pytest

# In the order of the method. An addon depends on the one before it, on these of Odoo Community, and on nothing else.
LINE = {
    "sdm_segmentation": {"sale_management", "sale_crm", "sale_margin", "hr"},
    "sdm_kpi": {"spreadsheet_dashboard"},
    "sdm_control": set(),
    "sdm_hr": {"hr_skills", "hr_org_chart", "survey"},
    "sdm_motivation": {"gamification"},
}
ORDER = list(LINE)
VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")


def addons(root: Path) -> list[Path]:
    """:return: the folders of the addons"""
    return sorted(path.parent for path in root.glob("sdm_*/__manifest__.py"))


def manifest(addon: Path) -> dict:
    """:return: an addon's manifest"""
    return ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))


def wrong_dependencies(root: Path) -> list[str]:
    """An addon outside the line is a bridge: it installs itself where an addon of the line meets another app."""
    found = []
    for addon in addons(root):
        depends = set(manifest(addon).get("depends", []))
        if addon.name not in LINE:
            if not (manifest(addon).get("auto_install") and depends & set(LINE) and depends - set(LINE)):
                found.append(f"{addon.name} is neither in the line of dependency nor a bridge with auto_install")
            continue
        place = ORDER.index(addon.name)
        expected = LINE[addon.name] | set(ORDER[place - 1 : place])
        if depends != expected:
            found.append(f"{addon.name} depends on {sorted(depends)}, the line says {sorted(expected)}")
    return found


def imports_from_below(root: Path) -> list[str]:
    """What a lower addon adds to an upper one it adds by inheritance; no addon imports from one below it."""
    found = []
    for place, name in enumerate(ORDER):
        for path in sorted((root / name).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                modules += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
                named = {part for module in modules for part in module.split(".")}
                found += [
                    f"{path.relative_to(root)}: imports {below}" for below in ORDER[place + 1 :] if below in named
                ]
    return found


def wrong_manifests(root: Path) -> list[str]:
    """Licence and version of each addon, by which an Odoo of another series refuses it."""
    found = []
    for addon in addons(root):
        content = manifest(addon)
        if content.get("license") != "LGPL-3":
            found.append(f"{addon.name}: licence {content.get('license')}")
        if not VERSION.fullmatch(content.get("version", "")):
            found.append(f"{addon.name}: version {content.get('version')}")
    return found


def missing_files(root: Path) -> list[str]:
    """Odoo shows README.md as the description; the translation's content is checked against Odoo in tests/in_odoo."""
    return [
        f"{addon.name} has no {name}"
        for addon in addons(root)
        for name in ("README.md", "i18n/ru.po", "static/description/icon.png", "tests/__init__.py")
        if not (addon / name).is_file()
    ]


def models_without_access(root: Path) -> list[str]:
    """Each model of ours that has rows needs access rights, and each right is somebody's: no row without a group."""
    found = []
    for addon in addons(root):
        rights = addon / "security" / "ir.model.access.csv"
        rows = list(csv.DictReader(rights.read_text(encoding="utf-8").splitlines())) if rights.is_file() else []
        found += [f"{addon.name}: {row['id']} is a right of everybody" for row in rows if not row["group_id:id"]]
        granted = {row["model_id:id"].rpartition(".")[2] for row in rows}
        for path in sorted(addon.rglob("*.py")):
            for model in _models_of(path):
                if f"model_{model.replace('.', '_')}" not in granted:
                    found.append(f"{path.relative_to(root)}: nobody has access to {model}")
    return found


def _models_of(path: Path) -> list[str]:
    """:return: the names of the models that a file defines, abstract ones and extensions aside"""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & {
            "models.Model",
            "models.TransientModel",
        }:
            values = {
                target.id: ast.literal_eval(statement.value)
                for statement in node.body
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
            }
            # the first of several that it inherits may be its own name: Odoo asks for it then
            inherited = values.get("_inherit", ())
            if "_name" in values and values["_name"] not in ([inherited] if isinstance(inherited, str) else inherited):
                names.append(values["_name"])
    return names


RULES = [wrong_dependencies, imports_from_below, wrong_manifests, missing_files, models_without_access]


@pytest.mark.parametrize("rule", RULES)
def test_the_project_keeps_it(rule, root):
    assert rule(root) == []


def _manifest(**changes: object) -> str:
    content = {"license": "LGPL-3", "version": "19.0.1.0.0", "depends": sorted(LINE["sdm_segmentation"])}
    return repr(content | changes)


MODEL = 'class Deal(models.{base}):\n    _name = "sdm.deal"\n'
HEAD = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"


@pytest.mark.parametrize(
    ("rule", "files", "found"),
    [
        (
            wrong_dependencies,
            {"sdm_segmentation/__manifest__.py": _manifest(depends=["hr"])},
            "sdm_segmentation depends on ['hr']",
        ),
        (
            wrong_dependencies,
            {"sdm_kpi/__manifest__.py": _manifest(depends=["sdm_segmentation", "sdm_hr", "spreadsheet_dashboard"])},
            "sdm_kpi depends on",
        ),
        (
            wrong_dependencies,
            {"sdm_new/__manifest__.py": _manifest(depends=["sdm_hr", "website_slides"])},
            "sdm_new is",
        ),
        (
            wrong_dependencies,
            {"sdm_new/__manifest__.py": _manifest(depends=["sdm_hr"], auto_install=True)},
            "sdm_new is neither",
        ),
        (
            imports_from_below,
            {"sdm_segmentation/models/a.py": "from odoo.addons.sdm_kpi.models import b"},
            "sdm_segmentation/models/a.py: imports sdm_kpi",
        ),
        (imports_from_below, {"sdm_kpi/engine/a.py": "from ...sdm_hr.engine import b"}, "sdm_kpi/engine/a.py: imports"),
        (imports_from_below, {"sdm_kpi/a.py": "from odoo.addons import sdm_hr"}, "sdm_kpi/a.py: imports sdm_hr"),
        (wrong_manifests, {"sdm_a/__manifest__.py": _manifest(license="AGPL-3")}, "sdm_a: licence AGPL-3"),
        (wrong_manifests, {"sdm_a/__manifest__.py": _manifest(version="1.0")}, "sdm_a: version 1.0"),
        (missing_files, {"sdm_a/__manifest__.py": _manifest()}, "sdm_a has no README.md"),
        (
            models_without_access,
            {"sdm_a/__manifest__.py": "{}", "sdm_a/models/a.py": MODEL.format(base="Model")},
            "sdm_a/models/a.py: nobody has access to sdm.deal",
        ),
        (
            models_without_access,
            {"sdm_a/__manifest__.py": "{}", "sdm_a/wizard/a.py": MODEL.format(base="TransientModel")},
            "sdm_a/wizard/a.py: nobody has access to sdm.deal",
        ),
        (
            models_without_access,
            {"sdm_a/__manifest__.py": "{}", "sdm_a/security/ir.model.access.csv": HEAD + "a,a,model_b,,1,0,0,0\n"},
            "sdm_a: a is a right of everybody",
        ),
    ],
)
def test_a_violation_would_be_found(plant, rule, files, found):
    assert rule(plant(files))[0].startswith(found)


def test_a_bridge_is_no_violation(plant):
    bridge = _manifest(depends=["sdm_hr", "website_slides"], auto_install=True)
    assert wrong_dependencies(plant({"sdm_hr_slides/__manifest__.py": bridge})) == []


def test_an_abstract_model_needs_no_access(plant):
    files = {"sdm_a/__manifest__.py": "{}", "sdm_a/models/a.py": MODEL.format(base="AbstractModel")}
    assert models_without_access(plant(files)) == []

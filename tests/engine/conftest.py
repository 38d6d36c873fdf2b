"""Engines without Odoo.

``import sdm_segmentation.engine`` would run the addon's ``__init__``, which needs Odoo. So all addons are registered
here as empty packages under one synthetic parent, ``addons``; an addon's ``__init__`` never runs, its engine's does:

    from addons.sdm_segmentation.engine.roadmap import order_steps

Inside Odoo the same file is ``odoo.addons.sdm_segmentation.engine.roadmap``. Hence engines import relatively only:
their neighbours with ``from .money import ...``, an engine of an addon above them in the line of dependency with
``from ...sdm_segmentation.engine.money import ...``. The one parent is what makes the second form work here.

Layout: the tests of ``sdm_<addon>/engine/<engine>.py`` are ``tests/engine/sdm_<addon>/test_<engine>.py``; the examples
in the engines' docstrings are run by ``tests/engine/test_docstrings.py``.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PARENT = "addons"


def _register(name: str, folder: Path) -> None:
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


_register(PARENT, ROOT)
for _engine in ROOT.glob("sdm_*/engine/__init__.py"):
    _addon = _engine.parent.parent
    _register(f"{PARENT}.{_addon.name}", _addon)

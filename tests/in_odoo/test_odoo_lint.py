"""Odoo's own addon `test_lint` over our addons.

Its checks of files walk every addon on the path, thousands of files that are not ours; here they see only the addons of
this clone. Its checks of the registry look at everything installed, since an override of ours can break what others
define. Some only log what they find, so a logged warning fails the test too.

Left out: what Odoo runs on its own source alone (docstrings, l10n), what needs eslint, the tests of the checkers, and
its run of pylint, which follows every import through Odoo for many minutes: `./sdm lint` has the same rules.
"""

import logging
from collections.abc import Iterator

import pytest

from odoo.modules import Manifest

from odoo.addons.test_lint.tests.test_dunderinit import TestDunderinit  # noqa: F401
from odoo.addons.test_lint.tests.test_i18n import TestI18n  # noqa: F401
from odoo.addons.test_lint.tests.test_index import TestIndex  # noqa: F401
from odoo.addons.test_lint.tests.test_jstranslate import TestJsTranslations  # noqa: F401
from odoo.addons.test_lint.tests.test_manifests import ManifestLinter  # noqa: F401
from odoo.addons.test_lint.tests.test_naming import TestNaming  # noqa: F401
from odoo.addons.test_lint.tests.test_onchange_domains import TestOnchangeDomains  # noqa: F401
from odoo.addons.test_lint.tests.test_orm_import import TestDunderinit as TestOrmImport  # noqa: F401
from odoo.addons.test_lint.tests.test_override_signatures import TestLintOverrideSignatures  # noqa: F401
from odoo.addons.test_lint.tests.test_pofile import PotLinter  # noqa: F401
from odoo.addons.test_lint.tests.test_routes import RoutesLinter  # noqa: F401
from odoo.addons.test_lint.tests.test_test_holes import TestTestHoles  # noqa: F401

LOGGER = "odoo.addons.test_lint"


@pytest.fixture(autouse=True)
def only_our_addons(own_manifests: list[Manifest], monkeypatch: pytest.MonkeyPatch) -> None:
    """Show the checks of files only our addons."""
    monkeypatch.setattr(Manifest, "all_addon_manifests", staticmethod(lambda: own_manifests))


@pytest.fixture(autouse=True)
def logged_warnings_fail(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail the test for what it only logged."""
    with caplog.at_level(logging.WARNING, logger=LOGGER):
        yield
    found = [record.getMessage() for record in caplog.get_records("call") if record.name.startswith(LOGGER)]
    assert not found, "\n".join(found)

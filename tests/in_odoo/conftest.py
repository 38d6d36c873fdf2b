"""What tests that look at all SDM addons from inside Odoo share; they run in one process with the addons' own tests."""

from pathlib import Path

import pytest

from odoo.modules import Manifest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def own_manifests() -> list[Manifest]:
    """The manifests of the addons of this clone, in the order of their names."""
    return [manifest for manifest in Manifest.all_addon_manifests() if Path(manifest.path).parent == ROOT]

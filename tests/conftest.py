"""Settings that all tests outside the addons share."""

from pathlib import Path

import pytest
from hypothesis import settings

# Random data must not make a run red that was green a minute ago: the same examples each time, and no limit on
# the time of one example, since two cores may be busy with something else.
settings.register_profile("sdm", derandomize=True, deadline=None)
settings.load_profile("sdm")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the clone."""
    return Path(__file__).resolve().parent.parent

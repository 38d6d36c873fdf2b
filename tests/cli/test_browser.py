"""Programs that the machine may have, and one that can be done without."""

import os
import time

import pytest

from cli import browser
from cli.browser import CHROMIUM, WKHTMLTOPDF, ready, ready_if_possible
from cli.failure import Failure


@pytest.fixture
def nothing_on_path(tmp_path, monkeypatch):
    """A machine without these programs."""
    monkeypatch.setenv("PATH", str(tmp_path))


def test_the_machine_s_own_is_used(home, tmp_path, monkeypatch):
    own = tmp_path / "google-chrome"
    own.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ready(home, CHROMIUM) is None
    assert list(home.prepared.iterdir()) == []


def test_what_cannot_be_prepared_is_noted_and_not_tried_at_each_start(home, nothing_on_path, monkeypatch, capsys):
    tries = []

    def fail(*arguments):
        tries.append(arguments)
        raise Failure("no such package", "use another Debian")

    monkeypatch.setattr(browser, "ready", fail)
    assert ready_if_possible(home, WKHTMLTOPDF) is None
    assert capsys.readouterr().err == "note: no wkhtmltopdf: no such package. Use another Debian.\n"
    assert ready_if_possible(home, WKHTMLTOPDF) is None
    assert len(tries) == 1
    mark = next(home.prepared.iterdir())
    yesterday = time.time() - browser.SECONDS_TO_NEXT_TRY - 1
    os.utime(mark, (yesterday, yesterday))
    ready_if_possible(home, WKHTMLTOPDF)
    assert len(tries) == 2


def test_a_browser_that_cannot_be_prepared_is_a_failure(home, nothing_on_path):
    with pytest.raises(Failure):
        ready(home, CHROMIUM)


def test_odoo_finds_it_under_the_first_name():
    assert CHROMIUM.names[0] in ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
    assert WKHTMLTOPDF.names[0] == "wkhtmltopdf"

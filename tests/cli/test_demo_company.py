"""The kept database with the demo company: when it is made anew, and how its progress is shown."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from cli import databases, demo_company


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Demo company: invoices, 400 of 2,149  84 s", "invoices, 400 of 2,149"),
        ("Demo company: ready (231 s)", "ready (231 s)"),
        ("a warning", "a warning"),
    ],
)
def test_progress_leaves_out_title_and_time(line, shown):
    assert demo_company._step(line) == shown


@pytest.mark.parametrize(
    ("is_there", "anchor", "is_dropped"),
    [
        (True, date.today(), False),
        (True, date.today() - timedelta(days=1), True),
        (True, None, True),
        (False, None, False),
    ],
)
def test_it_is_made_anew_unless_it_is_of_today(monkeypatch, is_there, anchor, is_dropped):
    dropped = []
    rows = [[anchor.isoformat()]] if anchor else []
    environment = SimpleNamespace(server=SimpleNamespace(query=lambda statement, name: rows))
    kept = SimpleNamespace(name="sdm_demo_x", is_there=lambda: is_there)
    monkeypatch.setattr(demo_company, "kept", lambda environment: kept)
    monkeypatch.setattr(databases, "drop", lambda environment, name: dropped.append(name))
    demo_company.drop_unless_of_today(environment)
    assert dropped == (["sdm_demo_x"] if is_dropped else [])

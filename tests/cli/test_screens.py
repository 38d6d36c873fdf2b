"""`./sdm screens`: what it takes pictures of."""

import argparse

import pytest

from cli.failure import Failure
from cli.screens import NAMED, choose, read_named, size_of

NOTHING_SAID = argparse.Namespace(click=None, size=None, full_page=None)


@pytest.mark.parametrize(("text", "size"), [("desktop", (1400, 900)), ("phone", (390, 844)), ("1280x800", (1280, 800))])
def test_a_size_is_a_name_or_pixels(text, size):
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["tablet", "1280", "0x800", "1280x", "axb"])
def test_another_size_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is no size"):
        size_of(text)


def test_a_named_screen_is_as_its_file_says():
    named = {"deals": {"path": "/odoo/crm", "clicks": [".a"], "size": "phone", "full_page": True}}
    assert choose("deals", named, NOTHING_SAID) == {
        "name": "deals",
        "path": "/odoo/crm",
        "clicks": [".a"],
        "size": (390, 844),
        "full_page": True,
    }


def test_options_prevail():
    options = argparse.Namespace(click=[".b"], size=(800, 600), full_page=True)
    screen = choose("deals", {"deals": {"path": "/odoo/crm", "clicks": [".a"]}}, options)
    assert (screen["clicks"], screen["size"], screen["full_page"]) == ([".a", ".b"], (800, 600), True)


def test_a_path_needs_no_name():
    screen = choose("/odoo/crm/new?debug=1", {}, NOTHING_SAID)
    assert (screen["name"], screen["path"], screen["full_page"]) == (
        "odoo-crm-new-debug-1",
        "/odoo/crm/new?debug=1",
        False,
    )


def test_an_unknown_screen_names_the_known_ones():
    with pytest.raises(Failure, match="there is no screen deal. Use one of deals, or a path"):
        choose("deal", {"deals": {"path": "/odoo/crm"}}, NOTHING_SAID)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"a": {}}',
        '{"a": {"path": "odoo"}}',
        '{"a": {"path": "/", "click": []}}',
        '{"a": {"path": "/", "size": "x"}}',
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path, text):
    (tmp_path / "screens.json").write_text(text)
    with pytest.raises(Failure, match="screens.json cannot be used"):
        read_named(tmp_path / "screens.json")


def test_the_shipped_file_can_be_read():
    assert "roadmap" in read_named(NAMED)

"""Texts of a mapping with columns in them."""

import doctest

import pytest

from loader import template

ROW = {"product": "GTX Pro", "account": "", "agent": "Anna-Maria  O'Neil", "Клиент": "Ромашка"}


def test_examples_of_the_docstrings():
    assert doctest.testmod(template) == doctest.TestResults(failed=0, attempted=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("opportunity", "opportunity"),
        ("", ""),
        ("{product}", "GTX Pro"),
        ("{ product }!", "GTX Pro!"),
        ("{account}", ""),
        ("for {account}", ""),
        ("{product}[ for {account}]", "GTX Pro"),
        ("[{account}: ]{product}[ ({Клиент})]", "GTX Pro (Ромашка)"),
        ("{agent|login}", "anna-maria.o.neil"),
        ("{{{product}}} [[x]]", "{GTX Pro} [x]"),
    ],
)
def test_renders(text, expected):
    assert template.parse(text).render(ROW) == expected


def test_converts_the_columns_and_not_the_text_around_them():
    assert template.parse("Id {product}").render(ROW, str.upper) == "Id GTX PRO"


def test_names_its_columns_and_its_skeleton():
    parsed = template.parse("{b}[ - {a}] {b}")
    assert parsed.columns() == ("b", "a")
    assert parsed.skeleton() == "{} - {} {}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{product", "'{' in '{product' has no partner"),
        ("product}", "'}' in 'product}' has no partner"),
        ("a [b {c}", "'[' in 'a [b {c}' has no partner"),
        ("a] {c}", "']' in 'a] {c}' has no partner"),
        ("a [b]", "has no column in it"),
        ("[a [{b}]]", "no partner"),
        ("{}", "names no column"),
        ("{name|upper}", "'upper' in '{name|upper}' is no filter; there is: login"),
    ],
)
def test_says_what_is_wrong(text, reason):
    with pytest.raises(ValueError) as caught:
        template.parse(text)
    assert reason in str(caught.value)

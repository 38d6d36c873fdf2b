"""Texts of a mapping with columns of the export in them.

    {account}             the value of the column "account"; where it is empty, the whole text is empty
    {product}[ - {account}]   a part in square brackets is left out when a column in it is empty
    {agent|login}         the value as a login: small letters, dots between the words
    {{ }} [[ ]]           the characters themselves

>>> parse("{product}[ - {account}]").render({"product": "MG Special", "account": ""})
'MG Special'
>>> parse("{product}[ - {account}]").render({"product": "MG Special", "account": "Cancity"})
'MG Special - Cancity'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{(?P<column>[^{}\[\]]*)\}|[\[\]{}]")


def login(value: str) -> str:
    """A person's name as a login.

    >>> login("Mei-Mei  Johns")
    'mei-mei.johns'
    """
    return re.sub(r"[^\w@-]+", ".", value.lower()).strip(".")


FILTERS: dict[str, Callable[[str], str]] = {"login": login}


@dataclass(frozen=True)
class Column:
    """A column of the export inside a text, with the name of a filter or None."""

    name: str
    filter: str | None = None


@dataclass(frozen=True)
class Template:
    """A parsed text: parts that are strings, columns, or tuples of both (optional parts)."""

    parts: tuple[str | Column | tuple[str | Column, ...], ...]

    def columns(self) -> tuple[str, ...]:
        """Names of all columns in the text, in order, each once."""
        return tuple(dict.fromkeys(item.name for item in self._flat() if isinstance(item, Column)))

    def skeleton(self) -> str:
        """The text with every column replaced by {}: two texts of one skeleton make the same external ids."""
        return "".join(item if isinstance(item, str) else "{}" for item in self._flat())

    def render(self, values: Mapping[str, str], convert: Callable[[str], str] = str) -> str:
        """The text for one row, empty where a needed column is. `convert` is applied to each value."""
        rendered = []
        for part in self.parts:
            optional = isinstance(part, tuple)
            text = _render(part if optional else (part,), values, convert)
            if text is None and not optional:
                return ""
            rendered.append(text or "")
        return "".join(rendered)

    def _flat(self) -> Iterator[str | Column]:
        for part in self.parts:
            yield from part if isinstance(part, tuple) else (part,)


def _render(parts: tuple[str | Column, ...], values: Mapping[str, str], convert: Callable[[str], str]) -> str | None:
    """The parts joined; None where a column in them is empty."""
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        value = values[part.name]
        if part.filter:
            value = FILTERS[part.filter](value)
        if not value:
            return None
        texts.append(convert(value))
    return "".join(texts)


def parse(text: str) -> Template:
    """Parse a text of a mapping. Raises ValueError with a sentence that says what is wrong with it."""
    outer: list = []
    inner: list | None = None
    position = 0
    for match in _TOKEN.finditer(text):
        target = outer if inner is None else inner
        _add(target, text[position : match.start()])
        position = match.end()
        token = match.group()
        if match["column"] is not None:
            _add(target, _parse_column(match["column"], text))
        elif len(token) == 2:
            _add(target, token[0])
        elif token == "[" and inner is None:
            inner = []
        elif token == "]" and inner is not None:
            if not any(isinstance(part, Column) for part in inner):
                raise ValueError(f"the part in [ ] of {text!r} has no column in it; write [[ and ]] for the characters")
            outer.append(tuple(inner))
            inner = None
        else:
            raise ValueError(f"{token!r} in {text!r} has no partner; write {token * 2} for the character itself")
    if inner is not None:
        raise ValueError(f"'[' in {text!r} has no partner; write [[ for the character itself")
    _add(outer, text[position:])
    return Template(tuple(outer))


def _add(parts: list, part: str | Column) -> None:
    if part != "":
        parts.append(part)


def _parse_column(text: str, template: str) -> Column:
    name, separator, filter_name = (part.strip() for part in text.partition("|"))
    if not name:
        raise ValueError(f"{{}} in {template!r} names no column")
    if separator and filter_name not in FILTERS:
        raise ValueError(f"{filter_name!r} in {template!r} is no filter; there is: {', '.join(FILTERS)}")
    return Column(name, filter_name or None)

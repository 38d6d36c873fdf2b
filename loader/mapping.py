"""The mapping file: read, checked, made into plain objects.

What a mapping may say is written in `mappings/README.md`; every error names the file and the key.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytz

from cli.failure import Failure
from loader import template
from loader.template import Template

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

COLUMN_TYPES = ("text", "integer", "number", "date", "datetime")
PROPERTY_TYPES = ("char", "integer", "float", "date", "datetime")
ANY_OTHER = "*"
_MISSING = object()


@dataclass(frozen=True)
class Format:
    """How a file is written: encoding, delimiter, dates and numbers."""

    encoding: str = "utf-8"
    delimiter: str = ","
    date: str = "%Y-%m-%d"
    datetime: str = "%Y-%m-%d %H:%M:%S"
    timezone: str = "UTC"
    decimal: str = "."
    thousands: str = ""


@dataclass(frozen=True)
class ColumnRule:
    """What a column holds: its type, whether it may be empty, and how odd spellings read in full."""

    type: str = "text"
    required: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lookup:
    """A column taken from another file: `take` of the row of `file` whose `key` equals `by` of this row."""

    file: str
    by: str
    key: str
    take: str


@dataclass(frozen=True)
class SourceFile:
    """A file of the export."""

    key: str
    name: str
    format: Format
    columns: Mapping[str, ColumnRule]
    lookups: Mapping[str, Lookup]


@dataclass(frozen=True)
class Reference:
    """An external id in a field: of this mapping's own records, or (`foreign`) one that Odoo has already."""

    template: Template
    foreign: bool


@dataclass(frozen=True)
class Value:
    """What goes into a field: one text, several lines of text, or external ids."""

    texts: tuple[Template, ...] = ()
    references: tuple[Reference, ...] = ()

    def templates(self) -> tuple[Template, ...]:
        """All texts in it."""
        return self.texts + tuple(reference.template for reference in self.references)

    def columns(self) -> tuple[str, ...]:
        """Names of the columns in it."""
        return tuple(dict.fromkeys(name for each in self.templates() for name in each.columns()))


@dataclass(frozen=True)
class RecordRule:
    """One kind of record to load: the rows of a file (or `rows` written in the mapping) into one model."""

    key: str
    label: str
    model: str
    file: str | None
    id: Template | None
    distinct: bool
    find_by: tuple[str, ...]
    tree: str | None
    fields: Mapping[str, Value]
    cases: Mapping[str, Mapping[str, Mapping[str, Value]]]
    rows: tuple[tuple[str, Mapping[str, Value]], ...]

    def values(self) -> Iterable[tuple[str, str, Value]]:
        """(key in the mapping, field, value) of all that this kind of record writes."""
        for name, value in self.fields.items():
            yield f"{self.key}.fields.{name}", name, value
        for column, by_value in self.cases.items():
            for case, values in by_value.items():
                for name, value in values.items():
                    yield f"{self.key}.cases.{column}.{case}.{name}", name, value
        for row_id, values in self.rows:
            for name, value in values.items():
                yield f"{self.key}.rows.{row_id}.{name}", name, value

    def columns(self) -> set[str]:
        """Columns of the file that this kind of record uses."""
        used = set(self.cases) | {name for _key, _field, value in self.values() for name in value.columns()}
        return used | set(self.id.columns() if self.id else ())


@dataclass(frozen=True)
class PropertyRule:
    """A property (Odoo's own kind of additional field) that the records of a model get."""

    key: str
    model: str
    name: str
    label: str
    type: str


@dataclass(frozen=True)
class ExportMapping:
    """A whole mapping."""

    path: Path
    title: str
    namespace: str
    language: str
    files: Mapping[str, SourceFile]
    properties: tuple[PropertyRule, ...]
    records: tuple[RecordRule, ...]


class _Section:
    """A table of the mapping file, read key by key; what is left unread at the end is a misspelt key."""

    def __init__(self, path: Path, key: str, table: Any) -> None:
        self.path = path
        self.key = key
        if not isinstance(table, dict):
            raise self.error("", "must be a table")
        self._table = table
        self._read: set[str] = set()

    def error(self, key: str, what: str) -> Failure:
        """A failure that names the mapping and the key."""
        full_key = ".".join(part for part in (self.key, key) if part)
        return Failure(f"mapping {self.path.name}: {full_key}: {what}", "correct the mapping")

    def take(self, key: str, kind: type, default: Any = _MISSING) -> Any:
        """The value of a key, of the type `kind`; `default` where the key is not given."""
        self._read.add(key)
        if key not in self._table:
            if default is _MISSING:
                raise self.error(key, "is missing")
            return default
        value = self._table[key]
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            names = {str: "a text", bool: "true or false", dict: "a table", list: "a list"}
            raise self.error(key, f"must be {names[kind]}")
        return value

    def choice(self, key: str, choices: Iterable[str], default: Any = _MISSING) -> str:
        """The value of a key that must be one of `choices`."""
        value = self.take(key, str, default)
        if value not in choices:
            raise self.error(key, f"{value!r} is unknown; there is: {', '.join(choices)}")
        return value

    def sections(self, key: str) -> dict[str, _Section]:
        """The tables inside the table `key`, by name."""
        return {name: self.section(key, name, value) for name, value in self.take(key, dict, {}).items()}

    def listed(self, key: str) -> list[_Section]:
        """The tables of the list `key`."""
        return [self.section("", f"{key}[{n}]", table) for n, table in enumerate(self.take(key, list, []), 1)]

    def section(self, key: str, name: str, table: Any) -> _Section:
        """A table below this one."""
        return _Section(self.path, ".".join(part for part in (self.key, key, name) if part), table)

    def rest(self) -> dict[str, Any]:
        """All keys not read yet."""
        rest = {key: value for key, value in self._table.items() if key not in self._read}
        self._read.update(rest)
        return rest

    def end(self) -> None:
        """Complain about keys that nobody has asked for."""
        for key in self._table:
            if key not in self._read:
                raise self.error(key, f"is unknown; there is: {', '.join(sorted(self._read))}")

    def parse(self, key: str, text: str) -> Template:
        """Parse a text with columns in it."""
        try:
            return template.parse(text)
        except ValueError as error:
            raise self.error(key, str(error)) from error


def read(path: Path) -> ExportMapping:
    """Read and check a mapping file. Raises Failure with one line that names the key."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Failure(
            f"the mapping {path} cannot be read ({error.strerror})", "name a file that exists with --mapping"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"the mapping {path} is no TOML file in UTF-8: {error}", "correct the mapping") from error
    top = _Section(path, "", table)
    default_format = _read_format(top.section("", "format", top.take("format", dict, {})), Format())
    mapping = ExportMapping(
        path=path,
        title=top.take("title", str),
        namespace=top.take("namespace", str),
        language=top.take("language", str, ""),
        files={key: _read_file(key, section, default_format) for key, section in top.sections("files").items()},
        properties=tuple(_read_property(section) for section in top.listed("properties")),
        records=tuple(_read_records(section) for section in top.listed("records")),
    )
    top.end()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", mapping.namespace):
        raise top.error("namespace", "must be small Latin letters, digits and _, beginning with a letter")
    if not mapping.records:
        raise top.error("records", "is missing")
    _check_lookups(top, mapping)
    _check_records(top, mapping)
    return mapping


def _read_format(section: _Section, default: Format) -> Format:
    result = Format(**{name: section.take(name, str, getattr(default, name)) for name in Format.__dataclass_fields__})
    section.end()
    try:
        codecs.lookup(result.encoding)
    except LookupError as error:
        raise section.error("encoding", f"{result.encoding!r} is unknown, for example utf-8 or windows-1251") from error
    # of pytz, which brings its own data: a bare machine may have none
    if result.timezone not in pytz.all_timezones_set:
        raise section.error("timezone", f"{result.timezone!r} is unknown, for example Europe/Moscow")
    if len(result.delimiter) != 1:
        raise section.error("delimiter", "must be one character")
    if not result.decimal or result.decimal == result.thousands:
        raise section.error("decimal", "must be a character, and another one than thousands")
    return result


def _read_file(key: str, section: _Section, default_format: Format) -> SourceFile:
    columns = {}
    for column, rule in section.sections("columns").items():
        values = rule.take("values", dict, {})
        for value, meaning in values.items():
            if not isinstance(meaning, str):
                raise rule.error(f"values.{value}", "must be a text")
        columns[column] = ColumnRule(
            rule.choice("type", COLUMN_TYPES, "text"), rule.take("required", bool, False), values
        )
        rule.end()
    lookups = {}
    for column, rule in section.sections("lookups").items():
        by = rule.take("by", str)
        lookups[column] = Lookup(rule.take("file", str), by, rule.take("key", str, by), rule.take("take", str))
        rule.end()
    result = SourceFile(
        key=key,
        name=section.take("name", str),
        format=_read_format(section.section("", "format", section.take("format", dict, {})), default_format),
        columns=columns,
        lookups=lookups,
    )
    section.end()
    return result


def _read_property(section: _Section) -> PropertyRule:
    result = PropertyRule(
        section.key,
        section.take("model", str),
        section.take("name", str),
        section.take("label", str),
        section.choice("type", PROPERTY_TYPES),
    )
    section.end()
    if not re.fullmatch(r"[a-z0-9_]+", result.name):
        raise section.error("name", "must be small Latin letters, digits and _")
    return result


def _read_records(section: _Section) -> RecordRule:
    label = section.take("label", str)
    section.key = f"{section.key} ({label})"
    file = section.take("file", str, None)
    rows = []
    for row in section.listed("rows"):
        row_id = row.take("id", str)
        rows.append((row_id, _read_values(row, row.rest())))
    if (file is None) == (not rows):
        raise section.error("file", "either a file or rows must be given")
    find_by = section.take("find_by", list, [])
    if not all(isinstance(name, str) for name in find_by):
        raise section.error("find_by", "must be a list of fields")
    result = RecordRule(
        key=section.key,
        label=label,
        model=section.take("model", str),
        file=file,
        id=section.parse("id", section.take("id", str)) if file else None,
        distinct=section.take("distinct", bool, False),
        find_by=tuple(find_by),
        tree=section.take("tree", str, None),
        fields=_read_values(section.section("", "fields", section.take("fields", dict, {}))),
        cases={
            column: {case: _read_values(by_value.section("", case, table)) for case, table in by_value.rest().items()}
            for column, by_value in section.sections("cases").items()
        },
        rows=tuple(rows),
    )
    section.end()
    if not result.fields and not rows:
        raise section.error("fields", "is missing")
    known = set(result.fields) | {name for _id, values in rows for name in values}
    for key, names in (("find_by", find_by), ("tree", [result.tree] if result.tree else [])):
        for name in names:
            if name not in known:
                raise section.error(key, f"{name!r} is none of the fields that are written")
    return result


def _read_values(section: _Section, table: dict[str, Any] | None = None) -> dict[str, Value]:
    """The values of fields: texts, lists of lines, constants; external ids where the name ends with /id."""
    result = {}
    for name, given in (section.rest() if table is None else table).items():
        lines = given if isinstance(given, list) else [given]
        texts = []
        for line in lines:
            if isinstance(line, bool):
                line = "1" if line else "0"
            if not isinstance(line, (str, int, float)):
                raise section.error(name, "must be a text, a number, true or false, or a list of texts")
            texts.append(section.parse(name, str(line)))
        if not name.endswith("/id"):
            result[name] = Value(texts=tuple(texts))
            continue
        if isinstance(given, str):
            texts = [section.parse(name, part.strip()) for part in given.split(",")]
        result[name] = Value(references=tuple(Reference(text, _is_foreign(text)) for text in texts))
    return result


def _is_foreign(text: Template) -> bool:
    """Whether a text makes external ids of a module ("base.us"), which are not this mapping's own."""
    return bool(text.parts) and isinstance(text.parts[0], str) and "." in text.parts[0]


def _check_lookups(top: _Section, mapping: ExportMapping) -> None:
    for file in mapping.files.values():
        for column, lookup in file.lookups.items():
            if lookup.file not in mapping.files:
                key = f"files.{file.key}.lookups.{column}.file"
                raise top.error(
                    key, f"{lookup.file!r} is no file of this mapping; there is: {', '.join(mapping.files)}"
                )


def _check_records(top: _Section, mapping: ExportMapping) -> None:
    """Each kind of record reads a known file and refers to kinds of records before it only."""
    known: set[str] = set()
    for rule in mapping.records:
        if rule.file and rule.file not in mapping.files:
            raise top.error(f"{rule.key}.file", f"{rule.file!r} is unknown; there is: {', '.join(mapping.files)}")
        if rule.file and not rule.id.columns():
            raise top.error(f"{rule.key}.id", "must have a column in it, so that each row has an id of its own")
        own = {rule.id.skeleton()} if rule.id else {row_id for row_id, _values in rule.rows}
        for key, name, value in rule.values():
            for reference in value.references:
                allowed = known | own if name == rule.tree else known
                if not reference.foreign and reference.template.skeleton() not in allowed:
                    raise top.error(key, _explain_reference(reference.template.skeleton(), own, known))
        known |= own


def _explain_reference(skeleton: str, own: set[str], known: set[str]) -> str:
    if skeleton in own:
        return "refers to records of its own kind; name the field in tree, so that parents are loaded first"
    there_is = ", ".join(sorted(known)) or "none"
    return f"refers to {skeleton!r}, which no records before it have as id; there is: {there_is}"


def check_columns(mapping: ExportMapping, headers: Callable[[str], Iterable[str]]) -> None:
    """Check that the columns which the mapping uses are there. `headers` gives those of a file by its key."""
    for file in mapping.files.values():
        present = set(headers(file.key))
        top = _Section(mapping.path, f"files.{file.key}", {})
        for column in file.columns:
            _check_column(top, f"columns.{column}", column, file, present)
        for column, lookup in file.lookups.items():
            _check_column(top, f"lookups.{column}.by", lookup.by, file, present)
            other = mapping.files[lookup.file]
            for key, name in (("key", lookup.key), ("take", lookup.take)):
                _check_column(top, f"lookups.{column}.{key}", name, other, set(headers(other.key)))
    for rule in mapping.records:
        top = _Section(mapping.path, "", {})
        file = mapping.files[rule.file] if rule.file else None
        present = {*headers(file.key), *file.lookups} if file else set()
        for key, name in [(f"{rule.key}.id", name) for name in (rule.id.columns() if rule.id else ())] + [
            *((f"{rule.key}.cases", name) for name in rule.cases),
            *((key, name) for key, _field, value in rule.values() for name in value.columns()),
        ]:
            if file is None:
                raise top.error(key, f"rows written in the mapping have no columns, so {{{name}}} has no value")
            _check_column(top, key, name, file, present)


def _check_column(section: _Section, key: str, column: str, file: SourceFile, present: set[str]) -> None:
    if column not in present:
        raise section.error(key, f"{file.name} has no column {column!r}; it has: {', '.join(sorted(present))}")

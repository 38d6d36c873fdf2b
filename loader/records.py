"""Rows of an export made into records: external id, values of fields, references to other records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from loader.export import Problem, Row
from loader.mapping import ANY_OTHER, RecordRule, Value

Refuse = Callable[[Row, Problem], None]


@dataclass(frozen=True)
class Record:
    """A record to load.

    `id` is its external id without the namespace, `values` are texts by field as Odoo's import takes them,
    `references` by field the ids of this mapping's own records that it needs. `row` is None for a record that
    is written in the mapping itself.
    """

    id: str
    values: dict[str, str]
    references: dict[str, tuple[str, ...]]
    row: Row | None = None


def external_id(value: str) -> str:
    """A value as a part of an external id. Two values never give the same id.

    Odoo forbids spaces in external ids and reads a point and a comma as separators. Letters of any alphabet
    stay.

    >>> external_id("Gekko & Co")
    'Gekko_~26~_Co'
    """
    return "".join(c if c.isalnum() or c == "-" else "_" if c == " " else f"~{ord(c):x}~" for c in value)


class RecordMaker:
    """Makes the records of one kind. `refuse` is called with each row that gives none and why."""

    def __init__(self, rule: RecordRule, namespace: str, refuse: Refuse) -> None:
        self.rule = rule
        self.namespace = namespace
        self._refuse = refuse
        self._seen: dict[str, tuple[int, int]] = {}

    def records(self, rows: Iterable[Row]) -> Iterator[Record]:
        """The records of these rows of the file, each id once; parents come before their children."""
        if self.rule.file is None:
            for row_id, values in self.rule.rows:
                yield self._record(row_id, values, None)
            return
        found = (record for row in rows for record in self._of_row(row))
        yield from self._parents_first(found) if self.rule.tree else found

    def _of_row(self, row: Row) -> Iterator[Record]:
        problems = list(row.problems)
        values = dict(self.rule.fields)
        for column, cases in () if problems else self.rule.cases.items():
            case = cases.get(row.values[column], cases.get(ANY_OTHER))
            if case is None:
                problems.append(Problem(column, row.raw.get(column, ""), f"is none of: {', '.join(cases)}"))
            else:
                values.update(case)
        for problem in problems:
            self._refuse(row, problem)
        if problems:
            return
        row_id = self.rule.id.render(row.values, external_id)
        if row_id:
            record = self._record(row_id, values, row)
            if self._is_new(record):
                yield record
        elif not self.rule.distinct:  # a kind of record that many rows share is simply not named by this row
            column = next(name for name in self.rule.id.columns() if not row.values[name])
            self._refuse(row, Problem(column, row.raw.get(column, ""), "is empty, and the external id is made of it"))

    def _is_new(self, record: Record) -> bool:
        content = hash(tuple(record.values.items()))
        first_row, first_content = self._seen.setdefault(record.id, (record.row.number, content))
        if first_row == record.row.number:
            return True
        if not self.rule.distinct or first_content != content:
            column = self.rule.id.columns()[0]
            what = "other values for the same" if self.rule.distinct else "the same external id for this"
            self._refuse(
                record.row,
                Problem(column, record.row.raw.get(column, ""), f"row {first_row} has {what} {self.rule.label}"),
            )
        return False

    def _record(self, row_id: str, values: dict[str, Value], row: Row | None) -> Record:
        columns = row.values if row else {}
        texts: dict[str, str] = {}
        references: dict[str, tuple[str, ...]] = {}
        for name, value in values.items():
            if not value.references:
                texts[name] = "\n".join(filter(None, (text.render(columns) for text in value.texts)))
                continue
            ids = [(each.foreign, each.template.render(columns, external_id)) for each in value.references]
            texts[name] = ",".join(id_ if foreign else f"{self.namespace}.{id_}" for foreign, id_ in ids if id_)
            references[name] = tuple(id_ for foreign, id_ in ids if id_ and not foreign)
        return Record(row_id, texts, references, row)

    def _parents_first(self, records: Iterable[Record]) -> Iterator[Record]:
        """Odoo's import finds a parent only if it is loaded already, whatever the order of the file."""
        waiting = {record.id: record for record in records}
        while waiting:
            chain: dict[str, Record] = {}
            next_id = next(iter(waiting))
            while next_id in waiting and next_id not in chain:
                chain[next_id] = waiting[next_id]
                next_id = next(iter(waiting[next_id].references[self.rule.tree]), "")
            circle = next_id in chain
            for record in reversed(chain.values()):
                del waiting[record.id]
                if circle:
                    self._refuse(record.row, self.problem(record, self.rule.tree, "its parents form a circle"))
                else:
                    yield record

    def problem(self, record: Record, field: str | None, reason: str) -> Problem:
        """A problem of a field of a record, told as one of the column that the field is filled from."""
        value = self.rule.fields.get(field) if field else None
        if value is None and field:
            value = next((by_value for _key, name, by_value in self.rule.values() if name == field), None)
        columns = value.columns() if value else ()
        raw = record.row.raw if record.row else {}
        column = next((name for name in columns if name in raw), "")
        return Problem(column, raw.get(column, ""), reason)

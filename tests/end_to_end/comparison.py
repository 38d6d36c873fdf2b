"""In what two databases differ: their tables, and every value of every row of the tables that the first one has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Query = Callable[..., list[tuple]]

SCHEMA = """
    SELECT 'column', format('%s.%s %s default %s%s',
                            attribute.attrelid::regclass, attribute.attname,
                            format_type(attribute.atttypid, attribute.atttypmod),
                            coalesce(pg_get_expr(value.adbin, value.adrelid), 'none'),
                            CASE WHEN attribute.attnotnull THEN ' not null' END)
      FROM pg_attribute attribute
      JOIN pg_class class ON class.oid = attribute.attrelid AND class.relkind IN ('r', 'v', 'm', 'p')
      LEFT JOIN pg_attrdef value ON value.adrelid = attribute.attrelid AND value.adnum = attribute.attnum
     WHERE class.relnamespace = 'public'::regnamespace AND attribute.attnum > 0 AND NOT attribute.attisdropped
     UNION ALL
    SELECT 'constraint', format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION ALL
    SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL
    SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL
    SELECT 'view', format('%s %s', viewname, definition) FROM pg_views WHERE schemaname = 'public'
     UNION ALL
    SELECT 'sequence', sequencename FROM pg_sequences WHERE schemaname = 'public'
     UNION ALL
    SELECT 'function', format('%s %s', oid::regprocedure, prosrc)
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION ALL
    SELECT 'extension', extname FROM pg_extension
     UNION ALL
    SELECT 'comment', format('%s.%s %s', class.oid::regclass, coalesce(attribute.attname, '*'), description)
      FROM pg_description
      JOIN pg_class class ON class.oid = objoid
      LEFT JOIN pg_attribute attribute ON attribute.attrelid = objoid AND attribute.attnum = nullif(objsubid, 0)
     WHERE classoid = 'pg_class'::regclass AND class.relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Difference:
    """A row that is not the same in both databases.

    :param kind: ``added``, ``removed`` or ``changed``
    :param row: all of the row; of one that changed, as it is in the second database
    :param changes: {column: (value in the first, value in the second)}, of a row that changed
    """

    table: str
    kind: str
    row: dict = field(hash=False)
    changes: dict = field(default_factory=dict, hash=False)

    @property
    def id(self) -> int | None:
        return self.row.get("id")


def schema(database: str, query: Query) -> set[tuple[str, str]]:
    """Everything of a database besides rows, as definitions: (kind, definition)."""
    return set(query(database, SCHEMA))


def differences(first: str, second: str, query: Query, ignored: Iterable[str] = ()) -> list[Difference]:
    """Compare all rows of the tables of the first database, in the columns that they have there.

    :param ignored: tables that are passed over, and columns as ``table.column``
    :return: in order of the table; a column or a table that the second one lacks shows in :func:`schema`
    """
    ignored = set(ignored)
    there = _columns(second, query)
    shared = {
        table: [name for name in columns if name in there.get(table, ()) and f"{table}.{name}" not in ignored]
        for table, columns in _columns(first, query).items()
        if table in there and table not in ignored
    }
    digests = " UNION ALL ".join(
        f"""SELECT '{table}', md5(string_agg(md5(row::text), '' ORDER BY md5(row::text)))
              FROM {_rows(table, columns)} AS row"""
        for table, columns in shared.items()
    )
    before, after = (dict(query(database, digests)) for database in (first, second))
    return [
        difference
        for table, columns in shared.items()
        if before[table] != after[table]
        for difference in _compare(table, columns, first, second, query)
    ]


def _rows(table, columns):
    names = ", ".join(f'"{name}"' for name in columns)
    return f'(SELECT {names} FROM "{table}")'


def _columns(database, query):
    rows = query(
        database,
        """
        SELECT class.relname::text, array_agg(attribute.attname::text ORDER BY attribute.attname)
          FROM pg_class class JOIN pg_attribute attribute ON attribute.attrelid = class.oid
         WHERE class.relnamespace = 'public'::regnamespace AND class.relkind = 'r'
           AND attribute.attnum > 0 AND NOT attribute.attisdropped
         GROUP BY class.relname ORDER BY class.relname
        """,
    )
    return dict(rows)


def _compare(table, columns, first, second, query):
    everything = f"SELECT to_jsonb(row)::text FROM {_rows(table, columns)} AS row"
    before = Counter(text for (text,) in query(first, everything))
    after = Counter(text for (text,) in query(second, everything))
    gone = [json.loads(text) for text in (before - after).elements()]
    new = [json.loads(text) for text in (after - before).elements()]
    if "id" not in columns:
        return [Difference(table, "removed", row) for row in gone] + [Difference(table, "added", row) for row in new]
    old = {row["id"]: row for row in gone}
    now = {row["id"]: row for row in new}
    return [
        *(Difference(table, "removed", old[key]) for key in sorted(old.keys() - now.keys())),
        *(Difference(table, "added", now[key]) for key in sorted(now.keys() - old.keys())),
        *(
            Difference(
                table,
                "changed",
                now[key],
                {name: (old[key][name], now[key][name]) for name in columns if old[key][name] != now[key][name]},
            )
            for key in sorted(old.keys() & now.keys())
        ),
    ]

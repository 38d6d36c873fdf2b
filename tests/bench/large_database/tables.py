"""Copies of prototypes by plain SQL, with indexes and foreign keys aside meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .masters import Masters
from .noise import NOISE_FUNCTION, chance, noise, pick
from .shape import Sizes

TABLES = (
    "res_partner",
    "crm_lead",
    "mail_activity",
    "mail_message",
    "account_move",
    "account_move_line",
    "sale_order",
    "sale_order_line",
)


class Tables:
    """The tables of a database while they are being filled, in one transaction.

    A row of a document has the number i, from 1 on, and the id `first[table] + i`; of the lines, see `documents`.
    Beside the prototypes the SQL may use the temporary tables that are made here: seller (place, user_id, partner_id,
    team_id, skill), product (place, product_id, price, cost), customer (i, partner_id, place of its seller, owned).
    """

    def __init__(self, cr: Any, sizes: Sizes, masters: Masters, prototypes: dict[str, str]) -> None:
        self.cr = cr
        self.sizes = sizes
        self.masters = masters
        self.prototypes = prototypes
        self.first = {table: self._last_id(table) for table in TABLES}

    def fill(self, parts: dict[str, Callable[[Tables], int]], progress: Callable[[str], None]) -> None:
        """Let each part insert its rows and return their number; then make indexes and keys again.

        Foreign keys are checked over all rows when they are made, so no row refers to what is not there.
        """
        self._make_helpers()
        make_again = self._drop_indexes_and_keys()
        for name, part in {**parts, "indexes and keys": lambda _tables: self._run(make_again)}.items():
            started = time.monotonic()
            count = part(self)
            progress(f"  {count:,} {name} ({time.monotonic() - started:.0f} s)")
        for table in TABLES:
            self.cr.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, max(self._last_id(table), 1)]
            )

    def copy(self, table: str, prototype: str, source: str, columns: dict[str, str]) -> int:
        """Insert a copy of a prototype for each row of a query; return their number.

        :param source: a query, whose columns are then known as s.*
        :param columns: what differs from the prototype: SQL of each, over s and the prototype p
        """
        row = self.prototypes[prototype]
        self.cr.execute("SELECT key FROM jsonb_each(%s::jsonb) WHERE value <> 'null'::jsonb AND key <> 'id'", [row])
        values = {column: f'p."{column}"' for (column,) in self.cr.fetchall()} | columns
        names = ", ".join(f'"{column}"' for column in values)
        self.cr.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values.values())} "
            f"FROM ({source}) s CROSS JOIN jsonb_populate_record(NULL::{table}, %s::jsonb) p",
            [row],
        )
        return self.cr.rowcount

    def make(self, name: str, query: str) -> None:
        """Make a temporary table of the rows of a query."""
        self.cr.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}")
        self.cr.execute(f"ANALYZE {name}")

    def _make_helpers(self) -> None:
        self.cr.execute(NOISE_FUNCTION)
        sellers = ", ".join(str((place, *seller)) for place, seller in enumerate(self.masters.sellers))
        columns = "seller (place, user_id, partner_id, team_id)"
        self.make("seller", f"SELECT *, {noise('seller.skill', 'place')} AS skill FROM (VALUES {sellers}) {columns}")
        products = ", ".join(str((place, *product)) for place, product in enumerate(self.masters.products))
        self.make("product", f"SELECT * FROM (VALUES {products}) product (place, product_id, price, cost)")
        seller = pick("customer.seller", self.sizes.sellers)
        self.make(
            "customer",
            f"SELECT i, {self.first['res_partner']} + i AS partner_id, {seller} AS place, "
            f"NOT {chance('customer without owner')} AS owned "
            f"FROM generate_series(1, {self.sizes.customers}) i",
        )

    def _drop_indexes_and_keys(self) -> list[str]:
        """Drop foreign keys and all indexes but those of constraints; return the statements that make them again."""
        self.cr.execute(
            """
            SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
                   format('ALTER TABLE %%s ADD CONSTRAINT %%I ', conrelid::regclass, conname)
                   || pg_get_constraintdef(oid)
              FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::text[]::regclass[])
            """,
            [list(TABLES)],
        )
        keys = self.cr.fetchall()
        self.cr.execute(
            """
            SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
              FROM pg_index
             WHERE indrelid = ANY(%s::text[]::regclass[])
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
            """,
            [list(TABLES)],
        )
        indexes = self.cr.fetchall()
        self._run([drop for drop, _make in keys + indexes])
        return [make for _drop, make in indexes + keys]

    def _run(self, statements: list[str]) -> int:
        for statement in statements:
            self.cr.execute(statement)
        return len(statements)

    def _last_id(self, table: str) -> int:
        self.cr.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        return self.cr.fetchone()[0]

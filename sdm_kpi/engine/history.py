"""Rows of files from before Odoo: how one is told from another, so that the same file again changes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any


def make_keys(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """A key of each row, by what it says and how many rows above it say the same.

    Two equal rows of a file are two sales; the same two rows of another file are these two again, wherever they stand.

    >>> first, second = make_keys([{"amount": Decimal("1.0")}, {"amount": Decimal("1")}])
    >>> first == second, make_keys([{"amount": 1}]) == [first]
    (False, True)
    """
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        said = "\x1f".join(f"{name}={_plain(row[name])}" for name in sorted(row) if row[name] not in (None, "", False))
        seen[said] += 1
        keys.append(sha256(f"{said}\x1e{seen[said]}".encode()).hexdigest())
    return keys


def _plain(value):
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{Decimal(value).normalize():f}"
    return str(value).strip().lower()

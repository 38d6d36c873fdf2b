"""Rows of files from before Odoo: how one is told from another, so that the same file again changes nothing, and into
which plans the targets of past months go."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from .periods import add_months

# between what a row says and how many rows before it say the same
MARK = "\x1e"


def say(row: Mapping[str, Any]) -> str:
    """What a row says, in one way however it is written.

    >>> say({"customer": " ACME", "amount": Decimal("1.0"), "person": None}) == say({"amount": 1, "customer": "Acme"})
    True
    """
    return "\x1f".join(f"{name}={_plain(row[name])}" for name in sorted(row) if row[name] not in (None, "", False))


def make_keys(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """A key of each row, by what it says and how many rows above it say the same: the oracle of the import's SQL.

    Two equal rows of a file are two sales; the same two rows of another file are these two again, wherever they stand.

    >>> first, second = make_keys([{"amount": Decimal("1.0")}, {"amount": Decimal("1")}])
    >>> first == second, make_keys([{"amount": 1}]) == [first]
    (False, True)
    """
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        said = say(row)
        seen[said] += 1
        keys.append(sha256(f"{said}{MARK}{seen[said]}".encode()).hexdigest())
    return keys


def _plain(value):
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{Decimal(value).normalize():f}"
    return str(value).strip().lower()


def plan_spans(months: Iterable[date], taken: Collection[date] = ()) -> list[tuple[date, date]]:
    """The plans that targets of past months need: one of each year, from its first month to its last.

    A plan may have months in between without targets, but none that another plan has.

    >>> plan_spans([date(2024, 1, 1), date(2024, 12, 1), date(2025, 3, 1)], {date(2024, 5, 1)})
    ... # doctest: +NORMALIZE_WHITESPACE
    [(datetime.date(2024, 1, 1), datetime.date(2024, 1, 1)), (datetime.date(2024, 12, 1), datetime.date(2024, 12, 1)),
     (datetime.date(2025, 3, 1), datetime.date(2025, 3, 1))]

    :param months: with targets, none of them taken; :param taken: months that have a plan
    :return: (first month, last month) in order
    """
    spans: list[tuple[date, date]] = []
    for month in sorted(set(months)):
        first, last = spans[-1] if spans else (None, None)
        if first and first.year == month.year and not _lies_between(taken, last, month):
            spans[-1] = (first, month)
        else:
            spans.append((month, month))
    return spans


def _lies_between(taken, before, after):
    month = add_months(before, 1)
    while month < after:
        if month in taken:
            return True
        month = add_months(month, 1)
    return False

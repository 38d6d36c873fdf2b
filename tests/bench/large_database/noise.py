"""Pieces of SQL that decide what a row is like: as good as random, and always the same for the same row. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from .shape import DAYS, FIRST_DAY, SHARES

# Arithmetic instead of a hash function of PostgreSQL, whose results may change with its version. Nothing exceeds 2^62.
NOISE_FUNCTION = """
    CREATE FUNCTION pg_temp.noise(i bigint, salt bigint) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT (((i * 48271 + salt) % 2147483647) * ((i * 69621 + salt * 3) % 2147483629) % 2147483647)
               / 2147483647.0::double precision
    $$
"""


def noise(what: str, index: str = "i") -> str:
    """A number from 0 to 1 (exclusive).

    :param what: what it decides on, such as "lead.stage": another purpose gives numbers independent of these
    :param index: SQL of the row's number
    """
    return f"pg_temp.noise({index}, {zlib.crc32(what.encode()) % 2147483647})"


def chance(what: str, index: str = "i") -> str:
    """Whether the row is one of the share that SHARES names so."""
    return f"({noise(what, index)} < {SHARES[what]})"


def unless(what: str, value: str, index: str = "i") -> str:
    """The value, or NULL where the row is one of the share that SHARES names so."""
    return f"CASE WHEN NOT {chance(what, index)} THEN {value} END"


def pick(what: str, count: int, index: str = "i", preference: float = 1) -> str:
    """A whole number from 0 to count - 1; a preference above 1 prefers the small ones."""
    return f"floor({count} * power({noise(what, index)}, {preference}))::int"


def one_of(what: str, values: Iterable[int | str], index: str = "i", preference: float = 1) -> str:
    """One of these values (numbers, or words without quotes in them); a preference prefers the first ones."""
    texts = [repr(value) for value in values]
    return f"(ARRAY[{', '.join(texts)}])[1 + {pick(what, len(texts), index, preference)}]"


def working_day(what: str, index: str = "i") -> str:
    """A day of the window, 0 the first: one on a weekend is moved to the Friday before, within the window."""
    day = pick(what, DAYS, index)
    return f"greatest(0, {day} - greatest(0, extract(isodow FROM date '{FIRST_DAY}' + {day})::int - 5))"


def moment_between(what: str, start: str, end: str, index: str = "i") -> str:
    """A moment, by the second, between two others."""
    return f"date_trunc('second', {start} + ({end} - {start}) * {noise(what, index)})"

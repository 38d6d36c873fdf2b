"""Numbers as people write them: which sign stands before the decimals, and what a text says with it.

Most texts say it themselves: 1 234,50 and 1,234.50. One like 1,234 does not. The numbers of a column agree, so the
others tell; where none does, nobody may guess.
"""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

POINT, COMMA = ".", ","
OTHER = {POINT: COMMA, COMMA: POINT}
# No money of a company is more than this; a typing error may be
MOST_DIGITS = 15
Cell = str | int | float | Decimal | date | datetime | None
_GAPS = re.compile(r"[\s\u00a0\u202f']")
_CURRENCY = re.compile(r"[₽$€]")


def parse_number(cell: Cell, sign: str | None = None) -> Decimal | None:
    """A number, however its thousands and decimals are written; None where it is none, or may be two.

    >>> [str(parse_number(text)) for text in ("1 234,50", "1,234.50", "-7", "(12.5)", "1.234,5", "1234.5678")]
    ['1234.50', '1234.50', '-7', '-12.5', '1234.5', '1234.5678']
    >>> parse_number("n/a"), parse_number("1,2,3.4.5"), parse_number("1,234")
    (None, None, None)
    >>> parse_number("1,234", COMMA), parse_number("1,234", POINT)
    (Decimal('1.234'), Decimal('1234'))

    :param sign: what stands before the decimals, ``.`` or ``,``; None: what the text itself says
    """
    if isinstance(cell, bool | date):
        return None
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    if isinstance(cell, float):
        return _to_decimal(repr(cell))
    text = _plain(cell)
    sign = sign or sign_of(cell)
    if sign is None:
        return None if is_ambiguous(cell) else _to_decimal(text)
    whole, _sign, decimals = text.partition(sign)
    if sign in decimals or OTHER[sign] in decimals:
        return None
    if OTHER[sign] in whole:
        if not re.fullmatch(rf"-?\d{{1,3}}(\{OTHER[sign]}\d{{3}})+", whole):
            return None
        whole = whole.replace(OTHER[sign], "")
    return _to_decimal(f"{whole}.{decimals}" if decimals else whole)


def sign_of(cell: Cell) -> str | None:
    """What stands before the decimals of a text, as far as it says so itself.

    >>> [sign_of(text) for text in ("1 234,567", "1,234,567", "0.125", "1,234", "12")]
    [',', '.', '.', None, None]
    """
    if not isinstance(cell, str):
        return None
    text = _plain(cell).lstrip("-")
    used = [character for character in text if character in OTHER]
    if not used:
        return None
    last = used[-1]
    if OTHER[last] in used:
        return last
    if len(used) > 1:
        return OTHER[last]
    whole, _sign, decimals = text.partition(last)
    has_gaps = bool(re.search(r"\d[\s\u00a0\u202f']\d", cell))
    return None if re.fullmatch(r"[1-9]\d{0,2}", whole) and len(decimals) == 3 and not has_gaps else last


def is_ambiguous(cell: Cell) -> bool:
    """Whether a text is a number that may be a thousand times as much: 1,234."""
    if not isinstance(cell, str) or sign_of(cell):
        return False
    return bool(re.fullmatch(r"-?\d{1,3}[.,]\d{3}", _plain(cell)))


def _plain(text):
    text = _CURRENCY.sub("", _GAPS.sub("", str(text or "")))
    return f"-{text[1:-1]}" if text.startswith("(") and text.endswith(")") else text


def _to_decimal(text):
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < MOST_DIGITS else None

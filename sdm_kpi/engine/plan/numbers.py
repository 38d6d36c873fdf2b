"""Numbers as people and spreadsheets of any country write them: "1 234,56", "1,234.56", "(12)", "15 %", "1 200 ₽".

The grid in the browser reads them by the same rules (static/src/plan_grid/numbers.js); one table of cases tests both.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

NOT_A_NUMBER = "not_a_number"
AMBIGUOUS = "ambiguous"
PERCENT = "percent"

_SPACES = re.compile(r"[\s\u00a0\u2007\u202f'’]")
_CURRENCIES = re.compile(r"руб\.?|р\.|\b(?:rub|usd|eur|gbp|cny|kzt|byn)\b", re.I)
_MINUS = re.compile(r"[−–—]")
_PLAIN = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.I | re.A)
_FIRST = re.compile(r"[1-9]\d{0,2}", re.A)
_OTHERS = re.compile(r"\d{3}", re.A)
# of a power of ten: more than any target has
_LARGEST_EXPONENT = 300


class NumberError(ValueError):
    """A text that cannot be taken over as a number; ``reason``: not_a_number, ambiguous or percent."""

    def __init__(self, reason: str, text: str):
        self.reason = reason
        self.text = text
        super().__init__(f"{reason}: {text}")


@dataclass(frozen=True)
class Language:
    """How the reader's language writes numbers."""

    decimal_point: str = "."
    thousands_sep: str = ","


def parse_number(text: str, language: Language = Language(), is_percent: bool = False) -> Decimal | None:
    """Read a number.

    A single separator before exactly three digits may be one of thousands or of decimals. The language decides where
    it uses that sign; otherwise the number is refused, since a target a thousand times too large is worse.

    >>> parse_number("1 234,5")
    Decimal('1234.5')

    :param is_percent: whether a percent sign is fine
    :return: None where the text is empty
    :raise NumberError: what cannot be read
    """
    rest = "".join(sign for sign in text if unicodedata.category(sign) != "Sc")
    rest = _MINUS.sub("-", _SPACES.sub("", _CURRENCIES.sub("", rest)))
    if not text.strip():
        return None
    if rest == "-":
        # as accountants write nothing
        return Decimal(0)
    negative, rest = _take_sign(rest)
    if rest.endswith("%"):
        if not is_percent:
            raise NumberError(PERCENT, text)
        rest = rest[:-1]
    plain = _with_point(rest, language, text)
    if not _PLAIN.fullmatch(plain):
        raise NumberError(NOT_A_NUMBER, text)
    value = Decimal(plain)
    if value.adjusted() > _LARGEST_EXPONENT:
        raise NumberError(NOT_A_NUMBER, text)
    return -value if negative and value else value


def _take_sign(rest):
    if rest.startswith("(") and rest.endswith(")"):
        return True, rest[1:-1]
    if rest[:1] in ("+", "-"):
        return rest[0] == "-", rest[1:]
    if rest[-1:] == "-" and rest[-2:-1].isdigit():
        return True, rest[:-1]
    return False, rest


def _with_point(digits, language, text):
    """The digits with a decimal point and without separators of thousands."""
    signs = re.findall(r"[.,]", digits)
    if not signs:
        return digits
    last = signs[-1]
    if len(set(signs)) > 1:
        whole, _sign, fraction = digits.rpartition(last)
        other = "," if last == "." else "."
        if last in whole or not _is_grouped(whole, other):
            raise NumberError(NOT_A_NUMBER, text)
        return f"{whole.replace(other, '')}.{fraction}"
    if len(signs) > 1:
        if not _is_grouped(digits, last):
            raise NumberError(NOT_A_NUMBER, text)
        return digits.replace(last, "")
    if last == language.decimal_point or not _is_grouped(digits, last):
        return digits.replace(last, ".")
    if last == language.thousands_sep:
        return digits.replace(last, "")
    raise NumberError(AMBIGUOUS, text)


def _is_grouped(digits, separator):
    first, *others = digits.split(separator)
    return bool(_FIRST.fullmatch(first)) and all(_OTHERS.fullmatch(part) for part in others)

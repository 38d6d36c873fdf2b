"""Decimals that are added and multiplied without any rounding.

Python's usual context keeps 28 digits and rounds silently; a customer whose share before is exactly 80 % must not
become one at 79.99 % by it.
"""

import decimal
from decimal import Decimal
from fractions import Fraction

DIGITS = 300
HUNDRED = Decimal(100)


def exact():
    """A context in which a sum or product is exact or raises ``decimal.Inexact``; divisions belong outside of it."""
    return decimal.localcontext(decimal.Context(prec=DIGITS, traps=[decimal.Inexact, decimal.InvalidOperation]))


def ratio(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """``part / whole`` with 28 digits, to be shown; None where there is no whole.

    >>> ratio(Decimal(1), Decimal(8))
    Decimal('0.125')
    """
    return Decimal(part) / Decimal(whole) if whole else None


def to_decimal(number: Fraction) -> Decimal:
    """A fraction with 28 digits, to be shown.

    >>> to_decimal(Fraction(5, 4))
    Decimal('1.25')
    """
    return Decimal(number.numerator) / Decimal(number.denominator)

"""Settings that a calculation cannot work with, told by code so that the models can word the remedy."""

from collections.abc import Sequence
from decimal import Decimal

from .errors import EngineError

NOT_RISING = "not_rising"
NOT_FALLING = "not_falling"
NOT_HUNDRED = "not_hundred"
WRONG_NUMBER = "wrong_number"
OUT_OF_RANGE = "out_of_range"
UNKNOWN = "unknown"
TWICE = "twice"


class OptionError(EngineError):
    """A setting, or a combination of settings, that has no meaning.

    :param option: name of the setting as the engine calls it
    :param reason: code of what is wrong with it (``not_rising``, ``not_hundred``, ``out_of_range`` ...)
    :param value: the value that is refused
    """

    def __init__(self, option: str, reason: str, value: object = None):
        self.option = option
        self.reason = reason
        self.value = value
        super().__init__(f"{option}: {reason} ({value})")


def require(condition: bool, option: str, reason: str, value: object = None) -> None:
    """:raise OptionError: the condition does not hold"""
    if not condition:
        raise OptionError(option, reason, value)


def require_choice(value: str, choices: Sequence[str], option: str) -> None:
    """:raise OptionError: the value is none of the choices"""
    require(value in choices, option, UNKNOWN, value)


def require_rising(values: Sequence[Decimal | int], option: str) -> None:
    """:raise OptionError: a value is not larger than the one before it"""
    for lower, upper in zip(values, values[1:], strict=False):
        require(lower < upper, option, NOT_RISING, upper)


def require_distinct(values: Sequence, option: str) -> None:
    """:raise OptionError: a value is there twice"""
    seen = set()
    for value in values:
        require(value not in seen, option, TWICE, value)
        seen.add(value)

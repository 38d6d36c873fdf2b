"""Formulas over KPI: compiled from a whitelisted syntax tree, never evaluated as Python.

A formula is arithmetic over codes of KPI and numbers: ``100 * won / (won + lost)``. Formulas may use others in any
order; one that leads back to itself is refused with the circle. A value that there is not is a value too: a division
by zero makes the result not available and harms nothing else.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from graphlib import CycleError as GraphCycle
from graphlib import TopologicalSorter

from ...sdm_segmentation.engine.errors import CycleError, EngineError

SYNTAX = "syntax"
NOT_ALLOWED = "not_allowed"
UNKNOWN = "unknown"
TOO_LONG = "too_long"
LONGEST = 500
# As many steps as fit into one formula of that length; a formula over formulas has no more than that together.
MOST_STEPS = 250
TOO_MANY = "too_many"
# Neither a number of a formula nor its value is as large as this.
LARGEST = 10**18
TOO_LARGE = "too_large"
DIVISION_BY_ZERO = "division_by_zero"
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class FormulaError(EngineError):
    """A formula that cannot be compiled.

    :param reason: ``syntax``, ``not_allowed``, ``unknown``, ``too_long``, ``too_many`` (steps) or ``too_large`` (a
        number); :param detail: the part that is wrong, of ``too_many`` the code of the KPI
    """

    def __init__(self, reason: str, detail: str = ""):
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True)
class Number:
    """A number of the formula."""

    value: Fraction


@dataclass(frozen=True)
class Name:
    """The value of a KPI.

    :param code: of the KPI
    """

    code: str


@dataclass(frozen=True)
class Operation:
    """Two formulas and what is done with them.

    :param operator: ``+``, ``-``, ``*`` or ``/``
    """

    operator: str
    left: "Formula"
    right: "Formula"


Formula = Number | Name | Operation


@dataclass(frozen=True)
class NotAvailable:
    """A result that there is not.

    :param reason: ``division_by_zero`` or ``too_large``
    """

    reason: str = DIVISION_BY_ZERO


def parse(text: str) -> Formula:
    """Compile a formula.

    >>> parse("won / (won + 1)").operator
    '/'

    :raise FormulaError: what is wrong with it
    """
    if len(text) > LONGEST:
        raise FormulaError(TOO_LONG, text[:20])
    try:
        tree = ast.parse(text.strip().replace(",", "."), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(SYNTAX, text) from error
    return _compile(tree.body)


def _compile(node):
    if isinstance(node, ast.Name):
        return Name(node.id)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        # as it is written: 0.1 is a tenth
        written = Decimal(repr(node.value)) if abs(node.value) < LARGEST else None
        if written is None or written and abs(written) < Fraction(1, LARGEST):
            raise FormulaError(TOO_LARGE, ast.unparse(node))
        return Number(Fraction(written))
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return Operation(OPERATORS[type(node.op)], _compile(node.left), _compile(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return Operation("-", Number(Fraction(0)), _compile(node.operand))
    raise FormulaError(NOT_ALLOWED, ast.unparse(node))


def names(formula: Formula) -> tuple[str, ...]:
    """Codes of the KPI in a formula, in order of appearance, each once."""
    if isinstance(formula, Name):
        return (formula.code,)
    if isinstance(formula, Operation):
        return tuple(dict.fromkeys(names(formula.left) + names(formula.right)))
    return ()


def arrange(formulas: Mapping[str, Formula]) -> list[str]:
    """Codes of formulas so that each comes after those that it uses.

    :param formulas: formula by the code of its KPI; other codes are KPI without a formula
    :raise CycleError: the codes along the circle
    """
    graph = {code: [name for name in names(formula) if name in formulas] for code, formula in formulas.items()}
    try:
        return list(TopologicalSorter(graph).static_order())
    except GraphCycle as error:
        # graphlib tells the circle against the direction in which formulas use each other
        raise CycleError(reversed(error.args[1])) from error


def expand(formulas: Mapping[str, Formula]) -> dict[str, Formula]:
    """Each formula over KPI without a formula only, those of others put in.

    :raise CycleError: the codes along the circle
    :raise FormulaError: of more than ``MOST_STEPS`` additions, divisions and so on, all together
    """
    expanded: dict[str, Formula] = {}
    steps: dict[str, int] = {}
    for code in arrange(formulas):
        # counted before anything is put in: formulas that use each other twice double each time
        steps[code] = _count_steps(formulas[code], steps)
        if steps[code] > MOST_STEPS:
            raise FormulaError(TOO_MANY, code)
        expanded[code] = _replace(formulas[code], expanded)
    return expanded


def _count_steps(formula, known):
    if isinstance(formula, Name):
        return known.get(formula.code, 0)
    if isinstance(formula, Operation):
        return 1 + _count_steps(formula.left, known) + _count_steps(formula.right, known)
    return 0


def _replace(formula, known):
    if isinstance(formula, Name):
        return known.get(formula.code, formula)
    if isinstance(formula, Operation):
        return Operation(formula.operator, _replace(formula.left, known), _replace(formula.right, known))
    return formula


def evaluate(formula: Formula, value_of: Callable[[str], Decimal | Fraction | int | None]) -> Fraction | NotAvailable:
    """The value of a formula; there is none where it divides by zero or comes to ``LARGEST`` or more.

    :param value_of: gives the value of a KPI by its code; None, no rows, counts as 0
    """
    value = _evaluate(formula, value_of)
    if isinstance(value, Fraction) and abs(value) >= LARGEST:
        return NotAvailable(TOO_LARGE)
    return value


def _evaluate(formula, value_of):
    if isinstance(formula, Number):
        return formula.value
    if isinstance(formula, Name):
        return Fraction(value_of(formula.code) or 0)
    left, right = _evaluate(formula.left, value_of), _evaluate(formula.right, value_of)
    if isinstance(left, NotAvailable):
        return left
    if isinstance(right, NotAvailable):
        return right
    if formula.operator == "/":
        return left / right if right else NotAvailable()
    return {"+": left.__add__, "-": left.__sub__, "*": left.__mul__}[formula.operator](right)

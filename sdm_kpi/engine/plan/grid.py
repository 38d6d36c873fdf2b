"""What is typed into a total of the grid, handed down to its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .cascade import Node, cascade
from .spread import CENT


@dataclass(frozen=True)
class Cell:
    """A cell that a total is made of.

    :param value: None where there is no target
    :param is_fixed: it stays as it is: it is held, its month is closed, or the user may not change it
    """

    value: Decimal | None
    is_fixed: bool = False


def hand_down(goal: Decimal, cells: Sequence[Cell], step: Decimal = CENT) -> list[Decimal | None]:
    """The values of the cells that make a total, in proportion to those of now.

    Cells without a target stay without one, unless all that can change are: then they share evenly.

    >>> hand_down(Decimal(90), [Cell(Decimal(10)), Cell(Decimal(20)), Cell(None)])
    [Decimal('30.00'), Decimal('60.00'), None]

    :param goal: the total; :param step: the smallest unit of a target
    :return: a value for each cell, in their order
    :raise CascadeError: fixed cells that do not fit to the goal
    """
    open_ones = [number for number, cell in enumerate(cells) if not cell.is_fixed]
    filled = [number for number in open_ones if cells[number].value is not None]
    getting = set(filled or open_ones)
    children = tuple(
        Node(number, max(cell.value or Decimal(0), Decimal(0)), cell.value or Decimal(0) if cell.is_fixed else None)
        for number, cell in enumerate(cells)
        if cell.is_fixed or number in getting
    )
    targets = cascade(goal, Node("total", children=children), step)
    return [targets[number] if number in getting else cell.value for number, cell in enumerate(cells)]

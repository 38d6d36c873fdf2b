"""What the targets of people, groups and the company come to together: the oracle of the report's SQL.

What is added up (a flow) is kept once for the person and otherwise as what nobody has yet, so all of it is added.
Anything else has a cell of its own at each level. Of several the widest counts: that of the company before that of a
group, that of a group before that of a person. Where several are equally wide, they say something together only if
they are one cell or, of a ratio, the same number: people with 30 % each have 30 % together.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ..facts import DISTINCT, FLOW, STOCK
from .change import due_of

RATIO = "ratio"
PERSON, GROUP, COMPANY = 2, 1, 0
# A segment, a team or a category of the company says less of the whole than any person does.
PARTS = 3


@dataclass(frozen=True)
class Cell:
    """A target of a KPI. Without person it is that of a group, without group as well that of the company.

    :param old: for the days before it changed within the month; :param share: part of the working days before that
    """

    month: date
    value: Fraction
    person: Hashable | None = None
    head: Hashable | None = None
    team: Hashable | None = None
    segment: Hashable | None = None
    category: Hashable | None = None
    old: Fraction = Fraction(0)
    share: Fraction = Fraction(0)

    @property
    def level(self) -> int:
        """How wide the cell is, 0 is all of the company."""
        parts = sum(part is not None for part in (self.team, self.segment, self.category))
        who = PERSON if self.person is not None else GROUP if self.head is not None else COMPANY
        return who + PARTS * parts

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What the cell is of, whatever its month; a person is the same one under another head."""
        head = self.head if self.person is None else None
        return self.person, head, self.team, self.segment, self.category


def target_of(cells: Iterable[Cell], semantics: str) -> Fraction | None:
    """The target of cells together.

    Over months flows are added, a state is that of the last month, and ratios and counts of customers are averaged: a
    plain number to look at, by which nobody is judged where customers are counted over several months.

    :param semantics: ``flow``, ``stock``, ``distinct`` or ``ratio``
    :return: None where there are none, or where they say nothing together
    """
    cells = list(cells)
    if not cells:
        return None
    if semantics == FLOW:
        return sum((cell.value for cell in cells), Fraction(0))
    months = defaultdict(list)
    for cell in cells:
        months[cell.month].append(cell)
    if semantics == STOCK:
        months = {max(months): months[max(months)]}
    values = [_of_month(found, semantics) for found in months.values()]
    return None if None in values else sum(values, Fraction(0)) / len(values)


def _of_month(cells, semantics):
    widest = min(cell.level for cell in cells)
    cells = [cell for cell in cells if cell.level == widest]
    same = {cell.value if semantics == RATIO else cell.key for cell in cells}
    return min(cell.value for cell in cells) if len(same) == 1 else None


def to_date(cells: Iterable[Cell], semantics: str, month: date, passed: Callable[[Hashable], Fraction]) -> list[Cell]:
    """What should be there of targets by now: months that are over in full, of the running one the part that passed.

    A ratio and a state hold on each day alike; months to come ask for nothing yet.

    :param month: the running one; :param passed: part of its working days that are over, by person; None is nobody
    """
    found = []
    for cell in cells:
        if cell.month > month:
            continue
        by_days = cell.month == month and semantics in (FLOW, DISTINCT)
        value = due_of(cell.value, passed(cell.person), cell.old, cell.share) if by_days else cell.value
        found.append(Cell(cell.month, value, cell.person, cell.head, cell.team, cell.segment, cell.category))
    return found

"""Migration matrix: who moved from which class to which between two dates, with the money at stake."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .exact import exact

STAYED = "stayed"
UP = "up"
DOWN = "down"
ENTERED = "entered"
LEFT = "left"
# classes without an order of worth: neither up nor down
MOVED = "moved"
KINDS = (STAYED, UP, DOWN, MOVED, ENTERED, LEFT)


@dataclass(frozen=True)
class Cell:
    """Customers who went one way.

    :param before: class at the first date, None for none; :param after: class at the second one, None for none
    :param customers: how many; :param money: their sum; :param kind: one of ``KINDS``
    """

    before: Hashable | None
    after: Hashable | None
    customers: int
    money: Decimal
    kind: str


@dataclass(frozen=True)
class Size:
    """A class at both dates.

    :param before: customers at the first date; :param after: at the second one; :param stayed: those in both
    :param money_before: money of the first ones; :param money_after: of the second ones
    """

    code: Hashable
    before: int
    after: int
    stayed: int
    money_before: Decimal
    money_after: Decimal

    @property
    def came(self) -> int:
        """Customers who were not in the class before."""
        return self.after - self.stayed

    @property
    def went(self) -> int:
        """Customers who are no longer in the class."""
        return self.before - self.stayed


@dataclass(frozen=True)
class Migration:
    """A migration matrix.

    :param cells: those in which there is somebody, by class before and after, no class last
    :param sizes: one for each class; :param totals: (kind, customers, money) of each of ``KINDS``
    """

    cells: tuple[Cell, ...]
    sizes: tuple[Size, ...]
    totals: tuple[tuple[str, int, Decimal], ...]


def compare(
    before: Mapping[Hashable, Hashable | None],
    after: Mapping[Hashable, Hashable | None],
    money: Mapping[Hashable, Decimal],
    classes: Sequence[Hashable],
    ranked: bool = True,
) -> Migration:
    """Compare two assignments of customers to classes.

    :param before: class by customer at the first date; absent or None: no class
    :param after: the same at the second date
    :param money: value of a customer; absent: nothing. One value for both dates, so that the matrix shows moves and
        not the change of the values
    :param classes: all classes, the best first where they are ranked; one met in the data only is put last, in order
    :param ranked: whether the order is one of worth, so that a move is up or down
    """
    met = {code for codes in (before.values(), after.values()) for code in codes if code is not None}
    order = [*classes, *sorted(met.difference(classes), key=str), None]
    rank = {code: number for number, code in enumerate(order)}
    counts = {}
    with exact():
        for key in before.keys() | after.keys():
            way = (before.get(key), after.get(key))
            customers, sum_ = counts.get(way, (0, Decimal(0)))
            counts[way] = (customers + 1, sum_ + money.get(key, Decimal(0)))
        cells = tuple(
            Cell(*way, *counts[way], _kind(*way, rank, ranked))
            for way in sorted(counts, key=lambda way: (rank[way[0]], rank[way[1]]))
            if way != (None, None)
        )
        sizes = tuple(_size(code, cells) for code in order[:-1])
        totals = tuple((kind, *_total(cell for cell in cells if cell.kind == kind)) for kind in KINDS)
    return Migration(cells, sizes, totals)


def _kind(before, after, rank, ranked):
    if before == after:
        return STAYED
    if before is None:
        return ENTERED
    if after is None:
        return LEFT
    if not ranked:
        return MOVED
    return UP if rank[after] < rank[before] else DOWN


def _total(cells):
    cells = list(cells)
    return sum(cell.customers for cell in cells), sum((cell.money for cell in cells), Decimal(0))


def _size(code, cells):
    before = _total(cell for cell in cells if cell.before == code)
    after = _total(cell for cell in cells if cell.after == code)
    stayed, _money = _total(cell for cell in cells if cell.before == cell.after == code)
    return Size(code, before[0], after[0], stayed, before[1], after[1])

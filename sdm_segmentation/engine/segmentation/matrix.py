"""Matrix of two schemes: a class for each pair of classes, as in the nine boxes of ABC and XYZ."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..options import UNKNOWN, require
from .exact import exact


@dataclass(frozen=True)
class Place:
    """Why a customer is in a box.

    :param code: class by the table; None where one of both classes is missing, or the table leaves the pair out
    :param row: class in the first scheme; :param column: in the second one
    """

    key: Hashable
    code: Hashable | None
    row: Hashable | None
    column: Hashable | None


@dataclass(frozen=True)
class Box:
    """A box with what is in it, empty ones too.

    :param code: its class; :param customers: how many; :param money: their sum
    """

    row: Hashable
    column: Hashable
    code: Hashable | None
    customers: int
    money: Decimal


@dataclass(frozen=True)
class Result:
    """Two schemes put across.

    :param places: one for each customer in order of key; :param boxes: all boxes, row by row
    :param incomplete: keys of customers whom one of both schemes leaves without class
    """

    places: tuple[Place, ...]
    boxes: tuple[Box, ...]
    incomplete: tuple

    @property
    def classes(self) -> dict:
        """Class of each customer by key."""
        return {place.key: place.code for place in self.places}


def join(row: Hashable, column: Hashable) -> str:
    """The usual name of a box.

    >>> join("A", "X")
    'AX'
    """
    return f"{row}{column}"


def classify(
    customers: Iterable[Hashable],
    first: Mapping[Hashable, Hashable | None],
    second: Mapping[Hashable, Hashable | None],
    rows: Sequence[Hashable],
    columns: Sequence[Hashable],
    table: Mapping[tuple[Hashable, Hashable], Hashable] | None = None,
    money: Mapping[Hashable, Decimal] | None = None,
) -> Result:
    """Class customers by their classes in two schemes.

    :param customers: keys of everybody in scope; :param first: class of each in the first scheme
    :param second: in the second one
    :param rows: classes of the first scheme in order; :param columns: of the second one
    :param table: class by (row, column); None: each box is a class of its own, named by :func:`join`
    :param money: value of a customer, for the sums of the boxes
    :raise OptionError: the table names a class that is in neither scheme, or a customer has one
    """
    if table is None:
        table = {(row, column): join(row, column) for row in rows for column in columns}
    for row, column in table:
        require(row in rows, "table", UNKNOWN, row)
        require(column in columns, "table", UNKNOWN, column)
    money = money or {}
    sums = {(row, column): (0, Decimal(0)) for row in rows for column in columns}
    places = []
    with exact():
        for key in sorted(customers):
            pair = (first.get(key), second.get(key))
            if None not in pair:
                require(pair in sums, "classes", UNKNOWN, pair)
                count, sum_ = sums[pair]
                sums[pair] = (count + 1, sum_ + money.get(key, Decimal(0)))
            places.append(Place(key, table.get(pair), *pair))
    return Result(
        tuple(places),
        tuple(Box(*pair, table.get(pair), *sums[pair]) for pair in sums),
        tuple(place.key for place in places if place.row is None or place.column is None),
    )

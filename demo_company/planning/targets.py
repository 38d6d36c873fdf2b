"""What each seller is to sell in the year and in the next one, and what they commit to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from demo_company.cast import PEOPLE
from demo_company.days import add_months
from demo_company.plan import CHANGE, FIRST, NEXT, Commitment, Position, Target
from demo_company.planning.sales import SEASON, Sales
from demo_company.planted import STORIES

GROWTH = 1.1  # of a seller's average month
LEAST = 50_000  # of a month, for who has sold little yet
ROUNDING = 1_000
MONTHS = 12


def make(
    anchor: date, positions: tuple[Position, ...], sold: Sales
) -> tuple[tuple[Target, ...], tuple[Commitment, ...]]:
    """Plan the targets of two years, and the commitments to the second one."""
    changed = STORIES["plan_changed"]
    change = changed.date(anchor)
    usual = _usual_months(anchor, sold)
    targets, commitments = [], []
    for month, position in _places(positions, change.year):
        amount = _share_of_year(month, usual[position.person] * GROWTH)
        targets.append(Target(FIRST, position.person, position.head, month, amount))
        is_raised = position.person in changed.people and month >= change.replace(day=1)
        raised = _rounded(amount * (1 + changed.size)) if is_raised else amount
        targets.append(Target(CHANGE, position.person, position.head, month, raised))
    for month, position in _places(positions, change.year + 1):
        if position.person in STORIES["plan_not_set"].people:
            continue
        amount = _share_of_year(month, usual[position.person] * GROWTH**2)
        targets.append(Target(NEXT, position.person, position.head, month, amount))
        commitments.extend(_commit(position, month, amount))
    mismatch = STORIES["plan_mismatch"]
    (head,) = mismatch.people
    targets.append(Target(NEXT, "", head, date(change.year + 1, MONTHS, 1), int(mismatch.size)))
    return tuple(targets), tuple(commitments)


def _usual_months(anchor: date, sold: Sales) -> Counter[str]:
    """The average month of each seller in the last twelve."""
    year = add_months(anchor, -MONTHS)
    found: Counter[str] = Counter()
    for order in sold.orders:
        if order.state == "sale" and order.at.date() >= year:
            found[order.person] += round(order.amount / MONTHS)
    return found


def _share_of_year(month: date, usual: float) -> int:
    """What falls to a month by its season, of so much in a usual one."""
    return _rounded(max(usual * SEASON[month.month - 1] * MONTHS / sum(SEASON), LEAST))


def _places(positions: tuple[Position, ...], year: int) -> Iterator[tuple[date, Position]]:
    """Who sells under whom in each month of a year, as it is on its last day."""
    for number in range(1, MONTHS + 1):
        month = date(year, number, 1)
        last = add_months(month, 0, on=31)
        for position in positions:
            style = PEOPLE[position.person].style
            sells = position.team and style is not None and style.portfolio
            if sells and position.start <= last and (position.end is None or position.end >= last):
                yield month, position


def _commit(position: Position, month: date, amount: int) -> Iterator[Commitment]:
    story = STORIES["plan_committed"]
    less, silent = story.people
    if position.team != "utilities" or position.person == silent:
        return
    share = 1 - story.size if position.person == less else 1
    yield Commitment(position.person, month, _rounded(amount * share))


def _rounded(amount: float) -> int:
    return round(amount / ROUNDING) * ROUNDING

"""The plan of the demo company, made once, and questions about it that several tests ask."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from demo_company import planning
from demo_company.plan import Company, Deal
from demo_company.planted import STORIES


@pytest.fixture(scope="session", params=[date(2026, 9, 30), date(2026, 11, 23), date(2027, 3, 1)], ids=str)
def company(request: pytest.FixtureRequest) -> Company:
    """The company at its full size, as of several days: what is planted is there whenever it is made."""
    return planning.make(request.param)


@pytest.fixture(scope="session")
def year(company: Company) -> date:
    """The first day of the last 12 months."""
    return company.anchor - timedelta(days=365)


@pytest.fixture(scope="session")
def customers_of(company: Company) -> Callable[[str], set[str]]:
    """The keys of a story's customers."""
    keys = {customer.name: customer.key for customer in company.customers}
    return lambda story: {keys[name] for name in STORIES[story].customers}


@pytest.fixture(scope="session")
def revenue(company: Company) -> Callable[..., dict[str, float]]:
    """What was sold from a day to a day, by an attribute of the order: revenue("customer", start, end)."""

    def add_up(by: str, start: date, end: date = date.max) -> dict[str, float]:
        sums: dict[str, float] = defaultdict(float)
        for order in company.orders:
            if order.state == "sale" and start <= order.at.date() <= end:
                sums[getattr(order, by)] += order.amount
        return sums

    return add_up


@pytest.fixture(scope="session")
def closed(company: Company, year: date) -> dict[str, list[Deal]]:
    """Deals that each person has won or lost in the last 12 months."""
    deals: dict[str, list[Deal]] = defaultdict(list)
    for deal in company.deals:
        if deal.closed and deal.closed.date() >= year and not deal.is_lead:
            deals[deal.person].append(deal)
    return deals

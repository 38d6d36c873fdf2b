"""The plan as a whole: a function of its arguments, of the right size, without contradictions."""

import subprocess
import sys
from collections import Counter
from datetime import date

import pytest

from demo_company import catalogue, planning
from demo_company.cast import HEADS, PEOPLE
from demo_company.days import add_months, is_working, working_day
from demo_company.plan import LOST, OPEN, STAGES, WON

ANCHORS = [date(2024, 2, 29), date(2025, 1, 3), date(2026, 9, 30), date(2026, 11, 23)]


def test_the_same_arguments_give_the_same_company_in_another_process(root):
    script = (
        "import hashlib, datetime; from demo_company import planning;"
        "print(hashlib.sha256(repr(planning.make(datetime.date(2026, 9, 30), 1, 0.1)).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=root, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert planning.make(ANCHORS[0], 1, 0.1) == planning.make(ANCHORS[0], 1, 0.1)
    assert planning.make(ANCHORS[0], 2, 0.1) != planning.make(ANCHORS[0], 1, 0.1)


def test_sizes(company):
    assert 390 <= len(company.customers) <= 420
    deals = [deal for deal in company.deals if not deal.is_lead]
    assert 2_500 <= len(deals) <= 4_000
    orders = [order for order in company.orders if order.state == "sale"]
    assert 1_800 <= len(orders) <= 2_500
    assert 1_800 <= len(company.invoices) <= 2_500
    outcomes = Counter(deal.outcome for deal in deals)
    assert outcomes[WON] > 700 and outcomes[LOST] > outcomes[WON] and outcomes[OPEN] > 150
    sellers = [key for key, person in PEOPLE.items() if person.style and key not in HEADS.values()]
    assert len(sellers) == 15, "fourteen and the one who has left"


@pytest.mark.parametrize("anchor", ANCHORS)
def test_there_is_no_contradiction(anchor):
    company = planning.make(anchor, scale=0.3)
    keys = {customer.key for customer in company.customers}
    assert len(keys) == len(company.customers)
    deals = {deal.key: deal for deal in company.deals}
    orders = {order.key: order for order in company.orders}
    assert len(deals) == len(company.deals) and len(orders) == len(company.orders)
    for deal in company.deals:
        times = [deal.created, *(at for _stage, at in deal.moves), *([deal.closed] if deal.closed else [])]
        assert times == sorted(times) and times[-1].date() < anchor, deal
        assert times[0].date() >= company.start
        stages = [stage for stage, _at in deal.moves]
        assert stages == sorted(stages) and (stages[-1] == len(STAGES) - 1) == (deal.outcome == WON)
        assert deal.converted is None or deal.created < deal.converted < times[-1]
    for order in company.orders:
        assert order.lines and order.at.date() < anchor and order.customer in keys
        assert not order.deal or deals[order.deal].customer == order.customer
    invoices = {invoice.key: invoice for invoice in company.invoices}
    assert len(invoices) == len(company.invoices)
    for invoice in company.invoices:
        assert orders[invoice.order].at.date() <= invoice.day < anchor
    shares = Counter()
    for payment in company.payments:
        assert payment.day < anchor
        for key, share in payment.invoices:
            shares[key] += share
            assert orders[invoices[key].order].customer == payment.customer
    assert set(shares.values()) <= {0.5, 1}
    for activity in company.activities:
        assert activity.done is None or activity.done.date() < anchor


@pytest.mark.parametrize("anchor", ANCHORS)
def test_a_customer_belongs_to_one_seller_at_a_time_and_a_person_has_one_place(anchor):
    company = planning.make(anchor, scale=0.3)
    for records, what in ((company.ownerships, "customer"), (company.positions, "person")):
        spans = {}
        for each in records:
            assert each.end is None or each.start <= each.end
            for start, end in spans.setdefault(getattr(each, what), []):
                assert end and end < each.start, f"{each} begins before {start} to {end} has ended"
            spans[getattr(each, what)].append((each.start, each.end))


def test_nobody_works_where_they_are_not(company):
    spans = {}
    for position in company.positions:
        spans.setdefault(position.person, []).append((position.start, position.end or date.max))
    for activity in company.activities:
        day = activity.done.date() if activity.done else company.anchor
        assert any(start <= day <= end for start, end in spans[activity.person]), activity


def test_addresses_are_nobodys(company):
    for customer in company.customers:
        for email in (customer.email, *(contact.email for contact in customer.contacts)):
            assert not email or email.endswith("@example.com")
        assert not customer.tax_number or customer.tax_number.startswith("00")
        assert not customer.phone or customer.phone.split()[2].startswith("00")
    names = {}
    for customer in company.customers:
        names.setdefault(customer.email, set()).add(customer.name.lower())
    assert all(len(same) == 1 for email, same in names.items() if email), "only doubles share an address"


def test_products_make_a_margin():
    assert all(0.2 < 1 - product.cost / product.price < 0.5 for product in catalogue.PRODUCTS)


def test_months():
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 10), -1, on=15) == date(2025, 12, 15)
    assert add_months(date(2024, 2, 29), 24) == date(2026, 2, 28)


def test_working_days():
    assert not is_working(date(2026, 5, 9))
    assert working_day(date(2026, 1, 1)) == date(2026, 1, 9)
    assert working_day(date(2026, 1, 1), -1) == date(2025, 12, 31)

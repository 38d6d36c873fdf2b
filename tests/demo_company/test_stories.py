"""What demo_company/planted.py promises is in the plan; a test a story, named like it."""

from collections import Counter
from datetime import timedelta
from statistics import mean, median

import pytest

from demo_company import catalogue
from demo_company.cast import ALL_DOCUMENTS, HEADS, PEOPLE
from demo_company.decisions import ROADMAP, SEGMENTS
from demo_company.plan import CHANGE, FIRST, LOST, NEXT, OPEN, WON
from demo_company.planted import STORIES

NOVICES = [STORIES[name].people[0] for name in ("novice_first", "novice_second", "novice_third")]
DAY = timedelta(days=1)


def positions(company, person):
    return [position for position in company.positions if position.person == person]


def win_rates(closed, minimum=20):
    return {
        person: sum(deal.outcome == WON for deal in deals) / len(deals)
        for person, deals in closed.items()
        if len(deals) >= minimum
    }


def test_every_story_has_a_test():
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert STORIES.keys() <= tested


def test_transfer(company):
    story = STORIES["transfer"]
    before, after = positions(company, story.people[0])
    assert (before.team, after.team) == ("regions", "process")
    assert after.start.day == 15 and before.end == after.start - DAY
    assert after.head == HEADS["process"]
    teams = {
        deal.team for deal in company.deals if deal.person == story.people[0] and deal.created.date() < after.start
    }
    assert teams == {"regions"}
    own = [order for order in company.orders if order.person == story.people[0] and order.state == "sale"]
    assert {order.team for order in own if order.at.date() >= after.start} == {"process"}


def test_hand_over(company):
    story = STORIES["hand_over"]
    giver, taker = story.people
    day = story.date(company.anchor)
    given = [each.customer for each in company.ownerships if each.person == giver and each.end == day - DAY]
    taken = [each.customer for each in company.ownerships if each.person == taker and each.start == day]
    assert sorted(given) == sorted(taken)
    assert len(given) == story.size
    sold = Counter(
        (order.person, order.at.date() >= day)
        for order in company.orders
        if order.customer in given and order.state == "sale"
    )
    assert sold.keys() == {(giver, False), (taker, True)}


def test_planned_hand_over(company):
    story = STORIES["planned_hand_over"]
    giver, receiver = story.people
    assert story.date(company.anchor) > company.anchor
    assert len([each for each in company.ownerships if each.person == giver and each.end is None]) > story.size
    assert positions(company, giver)[-1].team == positions(company, receiver)[-1].team


def test_departure(company):
    story = STORIES["departure"]
    leaver, successor = story.people
    last = story.date(company.anchor)
    assert positions(company, leaver)[-1].end == last
    done = [each.done for each in company.activities if each.person == leaver and each.done]
    assert max(done).date() <= last
    left = [each for each in company.ownerships if each.person == leaver and each.end == last]
    followers = Counter(
        each.person
        for each in company.ownerships
        if each.start == last + DAY and each.customer in {old.customer for old in left}
    )
    assert followers.total() == len(left) and followers[successor] > len(left) / 2


def test_orphans(company):
    story = STORIES["orphans"]
    still = [each for each in company.ownerships if each.person == story.people[0] and each.end is None]
    assert len(still) == story.size
    deals = [deal for deal in company.deals if deal.person == story.people[0] and deal.outcome == OPEN]
    assert len(deals) == story.size


def test_absence(company):
    story = STORIES["absence"]
    absent, substitute = story.people
    [today] = [absence for absence in company.absences if absence.start <= company.anchor <= absence.end]
    assert (today.person, today.substitute, today.start) == (absent, substitute, company.anchor)
    assert (today.end - today.start).days + 1 == story.size
    team = positions(company, absent)[-1].team
    assert positions(company, substitute)[-1].team == team
    planned = [absence for absence in company.absences if absence.start > company.anchor]
    assert {bool(absence.substitute) for absence in planned} == {True, False}
    for absence in planned:
        stand_ins = [each for each in company.absences if each.person == absence.substitute]
        assert all(each.end < absence.start or each.start > absence.end for each in stand_ins)


@pytest.mark.parametrize("name", ["novice_first", "novice_second", "novice_third"])
def test_novices(company, name):
    story = STORIES[name]
    novice, head = story.people
    [position] = positions(company, novice)
    assert position.start == story.date(company.anchor) and position.head == head
    own = [each for each in company.ownerships if each.person == novice]
    assert 0 < len(own) < 30
    taken = {each.customer for each in own if each.start == position.start}
    assert taken == {
        each.customer for each in company.ownerships if each.person == head and each.end == position.start - DAY
    }
    assert min(deal.created.date() for deal in company.deals if deal.person == novice) >= position.start


test_novice_first = test_novice_second = test_novice_third = test_novices


def test_the_third_novice_has_no_job(company):
    without = {position.person for position in company.positions if not position.job}
    assert without == {STORIES["novice_third"].people[0]}


def test_selling_head(company, revenue, year):
    sold = revenue("person", year)
    assert sold["zueva"] > 1_000_000
    assert sold["klimov"] < sold["zueva"] > sold["gromov"]


def test_star(closed):
    rates = win_rates(closed)
    star = STORIES["star"].people[0]
    assert max(rates, key=rates.get) == star
    won = Counter(deal.person for deals in closed.values() for deal in deals if deal.outcome == WON)
    assert won.most_common(1)[0][0] == star


def test_busy_but_losing(company, closed, year):
    person = STORIES["busy_but_losing"].people[0]
    rates = {who: rate for who, rate in win_rates(closed).items() if who not in NOVICES}
    assert min(rates, key=rates.get) == person
    contacts = Counter(each.person for each in company.activities if each.done and each.done.date() >= year)
    assert contacts.most_common(1)[0][0] == person


def test_undisciplined(company):
    person = STORIES["undisciplined"].people[0]
    own = {deal.key for deal in company.deals if deal.person == person and deal.outcome == OPEN}
    planned = [each for each in company.activities if each.person == person and not each.done]
    assert len({each.deal for each in planned if each.deal}) < len(own) / 2
    assert sum(each.due < company.anchor for each in planned) > len(planned) / 2
    lost = [deal for deal in company.deals if deal.person == person and deal.outcome == LOST and not deal.is_lead]
    assert sum(not deal.reason for deal in lost) > len(lost) / 2


def test_discounter(company):
    story = STORIES["discounter"]
    discounts = {True: [], False: []}
    for order in company.orders:
        discounts[order.person in story.people] += [line.discount for line in order.lines]
    assert abs(mean(discounts[True]) - story.size) < 2
    assert mean(discounts[False]) < story.size / 2


def test_slow(closed):
    cycles = {
        person: mean((deal.closed - deal.created).days for deal in deals if deal.outcome == WON)
        for person, deals in closed.items()
        if len(win_rates({person: deals})) and person not in NOVICES
    }
    person = STORIES["slow"].people[0]
    assert cycles[person] > 1.5 * median(cycles.values())


def test_stalled(company):
    story = STORIES["stalled"]
    day = story.date(company.anchor)
    stalled = [
        deal
        for deal in company.deals
        if deal.person in story.people and deal.outcome == OPEN and deal.moves[-1][1].date() < day
    ]
    assert len([deal for deal in stalled if deal.amount >= 400_000]) >= story.size


def test_entered_afterwards(closed):
    story = STORIES["entered_afterwards"]

    def share(deals):
        won = [deal for deal in deals if deal.outcome == WON]
        return sum(deal.closed - deal.created < DAY for deal in won) / len(won)

    shares = {person: share(deals) for person, deals in closed.items() if len(deals) >= 20}
    assert max(shares, key=shares.get) == story.people[0]
    assert abs(shares[story.people[0]] - story.size) < 0.15


def test_unlinked_orders(company):
    linked = {order.deal for order in company.orders if order.state == "sale"}
    without = {deal.person for deal in company.deals if deal.outcome == WON and deal.key not in linked}
    assert without == set(STORIES["unlinked_orders"].people)


def test_big_customer(revenue, customers_of, year):
    story = STORIES["big_customer"]
    [key] = customers_of("big_customer")
    share = revenue("customer", year)[key] / revenue("team", year)["utilities"]
    assert story.size < share < 0.5


def test_seasonal(company, customers_of):
    orders = [order for order in company.orders if order.customer in customers_of("seasonal")]
    months = {order.at.month for order in orders if order.state == "sale"}
    assert months == {5, 6, 7, 8, 9}


def test_shrinking(company, revenue, customers_of):
    [key] = customers_of("shrinking")
    half = timedelta(days=182)
    now = revenue("customer", company.anchor - half)[key]
    before = revenue("customer", company.anchor - 3 * half, company.anchor - 2 * half)[key]
    assert 0 < now < before / 2


def test_silent(company, customers_of):
    silent, limit = customers_of("silent"), company.anchor - timedelta(days=91)
    assert len(silent) == len(STORIES["silent"].people)
    assert {customer.tier for customer in company.customers if customer.key in silent} == {"A"}
    contacts = [each.done for each in company.activities if each.customer in silent and each.done]
    contacts += [each.at for each in company.mails if each.customer in silent]
    contacts += [each.start for each in company.meetings if each.customer in silent]
    contacts += [order.at for order in company.orders if order.customer in silent]
    assert max(contacts).date() < limit


def payments_of(company, keys):
    """Pairs (invoice, payment, share) of customers."""
    invoices = {invoice.key: invoice for invoice in company.invoices}
    return [
        (invoices[key], payment, share)
        for payment in company.payments
        if payment.customer in keys
        for key, share in payment.invoices
    ]


def test_late_payer(company, customers_of):
    paid = payments_of(company, customers_of("late_payer"))
    late = mean((payment.day - invoice.day).days - 30 for invoice, payment, _share in paid)
    assert abs(late - STORIES["late_payer"].size) < 12


def test_prepaying(company, customers_of):
    paid = payments_of(company, customers_of("prepaying"))
    assert paid and all(payment.day <= invoice.day for invoice, payment, _share in paid)


def test_paying_in_parts(company, customers_of):
    paid = payments_of(company, customers_of("paying_in_parts"))
    parts = Counter(invoice.key for invoice, _payment, _share in paid)
    assert {share for _invoice, _payment, share in paid} == {0.5}
    assert set(parts.values()) == {1, 2}


def test_unallocated(company):
    found = [payment for payment in company.payments if not payment.invoices]
    assert len(found) == STORIES["unallocated"].size and all(payment.amount > 0 for payment in found)


def test_holdings(company):
    children = [customer for customer in company.customers if customer.parent]
    assert len({customer.parent for customer in children}) == STORIES["holdings"].size
    assert {order.customer for order in company.orders} & {customer.key for customer in children}


def test_groups(company):
    # with their main company, which buys nothing itself
    parents = {customer.parent for customer in company.customers if customer.parent}
    assert 0 < STORIES["groups"].size < len(parents)


def test_stale_potentials(company):
    year = timedelta(days=365)
    stale = [potential for potential in company.potentials if company.anchor - potential.day > year]
    assert len(stale) == STORIES["stale_potentials"].size
    assert len(company.potentials) > 2 * len(stale)
    tiers = {customer.key: customer.tier for customer in company.customers}
    assert {tiers[potential.customer] for potential in company.potentials} == {"A", "B"}


def test_open_decisions():
    assert [name for name, decision in SEGMENTS.items() if decision.is_open] == ["C"]
    assert len(SEGMENTS) == 3


def test_decided_anew():
    assert [name for name, decision in SEGMENTS.items() if decision.months < STORIES["open_decisions"].months] == ["B"]


def test_steps_under_way():
    assert [kind for kind, _summary, _days in SEGMENTS["A"].steps] == ["call", "meeting", "email"]
    assert not any(decision.steps for name, decision in SEGMENTS.items() if name != "A")


def test_duplicates(company):
    names = Counter(customer.name.lower() for customer in company.customers)
    assert sum(count == 2 for count in names.values()) == STORIES["duplicates"].size
    assert set(names.values()) == {1, 2}


def test_integration(company):
    story = STORIES["integration"]
    share = sum(invoice.person in story.people for invoice in company.invoices) / len(company.invoices)
    assert abs(share - story.size) < 0.03
    assert not any(PEOPLE[person].is_employee for person in story.people)


def test_cost_rise(company):
    story = STORIES["cost_rise"]
    day = story.date(company.anchor)
    margins = {True: [], False: []}
    for order in company.orders:
        for line in order.lines:
            if catalogue.PRODUCTS[line.product].category == "Seals and gaskets" and not line.discount > 10:
                margins[order.at.date() >= day].append(1 - line.cost / line.price)
    assert mean(margins[False]) - mean(margins[True]) > 0.08


def test_returns(company):
    refunds = [invoice for invoice in company.invoices if invoice.refunds]
    assert abs(len(refunds) / len(company.invoices) - STORIES["returns"].size) < 0.015
    days = {invoice.key: invoice.day for invoice in company.invoices}
    assert all(days[refund.refunds] < refund.day for refund in refunds)


def test_rolled_out(company):
    story = STORIES["rolled_out"]
    led = {position.person for position in company.positions if position.head in story.people and not position.end}
    by_roll_out = {key for key, person in PEOPLE.items() if person.groups_before != person.groups}
    assert by_roll_out == led | set(story.people)
    # before the last leave of the story, so that everybody is there
    assert story.date(company.anchor) < company.anchor


def test_announced():
    asked = STORIES["announced"].people
    assert {PEOPLE[person].groups_before != PEOPLE[person].groups for person in asked} == {True}
    assert ROADMAP["structure"][3]


def test_not_rolled_out():
    without = {
        key
        for key, person in PEOPLE.items()
        if not any(group.startswith("sdm_segmentation.") for group in person.groups)
    }
    sellers = set(STORIES["not_rolled_out"].people)
    # who has left works nowhere, and the integration user is nobody
    assert without - {"zhukov", "exchange"} == sellers


def test_sees_everything():
    seeing = {key for key, person in PEOPLE.items() if ALL_DOCUMENTS in person.groups}
    assert seeing == set(STORIES["sees_everything"].people)


def targets_of(company, version):
    return {(target.person, target.month): target.amount for target in company.targets if target.version == version}


def test_plan_changed(company):
    story = STORIES["plan_changed"]
    day = story.date(company.anchor)
    assert day < company.anchor and day.day == 16
    before, after = targets_of(company, FIRST), targets_of(company, CHANGE)
    assert before.keys() == after.keys()
    changed = {cell for cell in before if before[cell] != after[cell]}
    assert changed == {
        (person, month) for person, month in before if person in story.people and month >= day.replace(day=1)
    }
    assert changed
    for cell in changed:
        assert abs(after[cell] / before[cell] - 1 - story.size) < 0.01


def test_plan_committed(company):
    less, silent = STORIES["plan_committed"].people
    asked = targets_of(company, NEXT)
    committed = {(each.person, each.month): each.amount for each in company.commitments}
    people = {person for person, _month in committed}
    assert silent not in people
    assert people | {silent} == {
        position.person
        for position in company.positions
        if position.team == "utilities" and not position.end and PEOPLE[position.person].style.portfolio
    }
    for cell, amount in committed.items():
        assert (amount < asked[cell]) == (cell[0] == less)


def test_plan_not_set(company):
    missing = {person for person, _month in targets_of(company, FIRST)} - {
        person for person, _month in targets_of(company, NEXT)
    }
    # who has left has none either
    assert missing - {"zhukov"} == set(STORIES["plan_not_set"].people)


def test_plan_mismatch(company):
    story = STORIES["plan_mismatch"]
    (rest,) = [target for target in company.targets if not target.person]
    assert (rest.head, rest.amount, rest.month.month) == (*story.people, story.size, 12)


def invoices_of(company, keys):
    found = {invoice.key: invoice for invoice in company.invoices}
    return [found[key] for key in keys]


def test_closed_month(company):
    month = STORIES["closed_month"].date(company.anchor)
    assert company.closing.month == month and month.day == 1
    # closed in the month after, and that one is over and open
    assert (company.anchor.year - month.year) * 12 + company.anchor.month - month.month == 2
    assert STORIES["closed_month"].people == ("orlova",)


def test_late_invoice(company):
    late, corrected = invoices_of(company, [company.closing.late, company.closing.changed])
    assert late.day.replace(day=1) == company.closing.month
    assert late.key != corrected.key and not late.refunds
    month = [each.day for each in company.invoices if each.day.replace(day=1) == company.closing.month]
    assert late.day >= max(month) - timedelta(days=14)


def test_corrected_invoice(company):
    [corrected] = invoices_of(company, [company.closing.changed])
    assert corrected.day.replace(day=1) == company.closing.month and not corrected.refunds
    # goods that came back would be matched with the price that was wrong
    assert corrected.key not in {invoice.refunds for invoice in company.invoices}
    assert STORIES["corrected_invoice"].size == 0.1


def test_doubled_deal(company):
    [deal] = [deal for deal in company.deals if deal.key == company.closing.doubled]
    assert deal.outcome == WON and deal.amount > 0
    assert deal.closed.date().replace(day=1) == company.closing.month


def test_control_totals(company):
    # there are as many months before the closed one
    assert company.start < STORIES["closed_month"].date(company.anchor)
    assert 1 < STORIES["control_totals"].size < 12


def test_draft_invoice(company):
    story = STORIES["draft_invoice"]
    assert story.date(company.anchor) < company.anchor.replace(day=1)
    assert story.date(company.anchor) > company.closing.month
    assert story.size == 2

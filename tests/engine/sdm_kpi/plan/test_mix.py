"""What a target falls to."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction as F

from addons.sdm_kpi.engine.plan.mix import Analogue, Sale, mixes_of

JAN, JUL = date(2026, 1, 1), date(2026, 7, 1)
SEAT = ("anna", "north")


def sale(category, amount, month=JAN, person="anna", head="north", segment=None):
    return Sale(person, head, segment, category, month.replace(year=2025), D(amount))


def test_by_the_own_sales():
    found = mixes_of([sale("pump", 30), sale("hose", 10)], [SEAT], [], [JAN], has_year=False)
    assert found == {(SEAT, JAN): {(None, "pump"): 30, (None, "hose"): 10}}


def test_each_thing_has_its_own_season():
    """Pumps sell a quarter in January and three quarters in July, hoses half and half."""
    sales = [sale("pump", 10), sale("pump", 30, JUL), sale("hose", 10), sale("hose", 10, JUL)]
    found = mixes_of(sales, [SEAT], [], [JAN, JUL])
    assert found[SEAT, JAN] == {(None, "pump"): 40 * F(1, 4), (None, "hose"): 20 * F(1, 2)}
    assert found[SEAT, JUL] == {(None, "pump"): 40 * F(3, 4), (None, "hose"): 20 * F(1, 2)}


def test_out_of_season_the_year_counts():
    assert mixes_of([sale("pump", 10)], [SEAT], [], [JUL]) == {(SEAT, JUL): {(None, "pump"): 10}}


def test_who_sold_nothing_sells_like_the_group_or_all():
    sales = [sale("pump", 10, person="boris"), sale("hose", 90, person="carl", head="south")]
    found = mixes_of(sales, [SEAT, ("dora", "west")], [], [JAN], has_year=False)
    assert found[SEAT, JAN] == {(None, "pump"): 10}
    assert found[("dora", "west"), JAN] == {(None, "pump"): 10, (None, "hose"): 90}


def test_refunds_alone_weigh_nothing():
    assert mixes_of([sale("pump", 10), sale("hose", -3)], [SEAT], [], [JAN])[SEAT, JAN] == {(None, "pump"): 10}


def test_a_new_category_sells_like_half_of_another_from_a_month_on():
    """Also in July when pumps sell three times as much as in January."""
    sales = [sale("pump", 10, segment="a"), sale("pump", 30, JUL, segment="a")]
    found = mixes_of(sales, [SEAT], [Analogue("valve", "pump", 50, JUL)], [JAN, JUL])
    assert found[SEAT, JAN] == {("a", "pump"): 10}
    assert found[SEAT, JUL] == {("a", "pump"): 30, ("a", "valve"): 15}


def test_nothing_sold_divides_nothing():
    assert mixes_of([], [SEAT], [], [JAN]) == {}

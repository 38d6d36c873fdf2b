"""Forecasts and drivers, by hand."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from addons.sdm_kpi.engine.periods import add_months
from addons.sdm_kpi.engine.plan.forecast import Sales, add_up, drivers_of_gap, round_parts, seasonal
from hypothesis import given
from hypothesis import strategies as st

D, F = Decimal, Fraction
JANUARY = date(2024, 1, 1)


def year(*amounts, start=JANUARY):
    return {add_months(start, number): D(amount) for number, amount in enumerate(amounts)}


def test_a_seasonal_month():
    """December sells three times a usual month, and business has doubled: 3 * 20."""
    history = year(*[10] * 11, 30, *[20] * 11)
    assert seasonal(history, date(2025, 12, 1)) == 60


def test_without_a_whole_year_there_is_none():
    assert seasonal(year(*[10] * 11), date(2024, 12, 1)) is None
    assert seasonal({}, JANUARY) is None


def test_months_that_never_sell_say_no_level():
    history = year(5, 0, 0, 0, *[5] * 8)
    assert seasonal(history, date(2025, 5, 1)) is None


def test_months_together_by_the_season():
    """From March on, as if December were not known: the level of the year is 20 a month, December is three of them."""
    history = year(*[10] * 11, 30, *[20] * 11)
    rest = [add_months(date(2025, 3, 1), number) for number in range(10)]
    assert seasonal(history, date(2025, 12, 1), [date(2025, 12, 1)]) == 60
    until_march = {month: amount for month, amount in history.items() if month < date(2025, 3, 1)}
    months = [seasonal(until_march, date(2025, 3, 1), [month]) for month in rest]
    assert seasonal(until_march, date(2025, 3, 1), rest) == sum(months)
    # the last three months, 30, 20 and 20, are worth the shares of a December, a January and a February
    assert months[-1] == 3 * months[0]


def test_what_was_and_what_is_expected():
    january, february = JANUARY, date(2024, 2, 1)
    assert add_up([january, february], {january: D(3)}, {february: D(4)}) == 7
    # what has come counts, whatever was expected of it
    assert add_up([january], {january: D(3)}, {january: D(4)}) == 3
    assert add_up([january, february], {january: D(3)}, {}) is None
    assert add_up([], {}, {}) == 0


def test_drivers_where_customers_are_not_planned():
    """Before: 10 customers with 2 orders of 50. The plan of 1500 takes 15 such; 12 with 1.5 orders of 60 bought."""
    found = drivers_of_gap(D(1500), Sales(12, 18, 1080), Sales(10, 20, 1000))
    assert [(driver.name, driver.actual, driver.needed) for driver in found] == [
        ("customers", 12, 15),
        ("orders", F(3, 2), 2),
        ("amount", 60, 50),
    ]
    assert sum(driver.part for driver in found) == 1080 - 1500
    assert [driver.part for driver in found] == [F(-575, 2), -370, F(475, 2)]


def test_drivers_where_customers_are_planned():
    found = drivers_of_gap(D(1500), Sales(10, 20, 1000), Sales(10, 20, 1000), D(10))
    assert [driver.part for driver in found] == [0, -500, 0]


def test_nobody_bought():
    found = drivers_of_gap(D(1500), Sales(0, 0, 0), Sales(10, 20, 1000))
    assert [driver.part for driver in found] == [-1500, 0, 0]


def test_nothing_to_compare_with():
    assert drivers_of_gap(D(1500), Sales(1, 1, 1), Sales(0, 0, 0)) is None
    assert drivers_of_gap(D(1500), Sales(1, 1, 1), Sales(1, 1, -5)) is None
    assert drivers_of_gap(D(0), Sales(1, 1, 1), Sales(1, 1, 5)) is None


def test_a_correction_is_a_driver_of_its_own():
    """12 customers with 1.5 orders of 60 as above, and 700 of an earlier month: 1780 beside 1500 planned."""
    found = drivers_of_gap(D(1500), Sales(12, 18, 1080), Sales(10, 20, 1000), corrections=D(700))
    assert [(driver.name, driver.part) for driver in found] == [
        ("customers", F(-575, 2)),
        ("orders", -370),
        ("amount", F(475, 2)),
        ("corrections", 700),
    ]
    assert sum(driver.part for driver in found) == 1780 - 1500


def test_only_returns_came():
    """Nobody bought, which makes -1500, and 50 came back."""
    found = drivers_of_gap(D(1500), Sales(1, 0, -50), Sales(10, 20, 1000))
    assert [(driver.name, driver.part) for driver in found] == [
        ("customers", -1500),
        ("orders", 0),
        ("amount", 0),
        ("returns", -50),
    ]


def test_parts_are_rounded_to_the_whole_shown():
    assert round_parts({"a": F(-5, 4), "b": F(-5, 4), "c": F(-3, 2)}, -4) == {"a": -1, "b": -1, "c": -2}
    # 1.4 less 0.6 is 0.8, and what is shown is 1 less 1
    assert round_parts({"a": D("0.8"), "b": 0}, 0) == {"a": 0, "b": 0}


amounts = st.integers(1, 1000)
any_amounts = st.integers(-1000, 1000)


@given(
    *(amounts, st.integers(0, 5), st.integers(-1, 5), any_amounts),
    *(amounts, amounts, amounts, st.none() | amounts, any_amounts),
)
def test_the_parts_are_the_gap(target, customers, orders, amount, old, old_orders, old_amount, planned, corrections):
    found = drivers_of_gap(
        D(target),
        Sales(customers, orders, amount),
        Sales(old, old_orders, old_amount),
        planned and D(planned),
        D(corrections),
    )
    gap = amount + corrections - target
    assert sum(driver.part for driver in found) == gap
    rounded = round_parts({driver.name: driver.part for driver in found}, gap)
    assert sum(rounded.values()) == gap
    assert all(abs(rounded[driver.name] - driver.part) < 1 for driver in found)

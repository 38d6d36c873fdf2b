"""ABC: worked tables and what holds for every set of customers."""

from decimal import Decimal

import pytest
from addons.sdm_segmentation.engine.options import NOT_HUNDRED, NOT_RISING, TWICE, WRONG_NUMBER, OptionError
from addons.sdm_segmentation.engine.segmentation.abc import CROSSING, INCLUSIVE, NONE, ClassSum, Options, classify
from hypothesis import assume, given
from hypothesis import strategies as st

D = Decimal


def values(*amounts):
    return [(key, D(amount)) for key, amount in enumerate(amounts, start=1)]


@pytest.mark.parametrize(
    ("rule", "amounts", "codes"),
    [
        # before: 0, 50, 80, 95 % of 100. Exactly 80 before is B, exactly 95 before is C
        (CROSSING, (50, 30, 15, 5), "AABC"),
        # with: 50, 80, 95, 100 %. Exactly 80 with is still A
        (INCLUSIVE, (50, 30, 15, 5), "AABC"),
        # before: 0, 70, 90, 97. The second crosses 80 and stays A, the third crosses 95 and stays B
        (CROSSING, (70, 20, 7, 3), "AABC"),
        # with: 70, 90, 97, 100
        (INCLUSIVE, (70, 20, 7, 3), "ABCC"),
        # one customer is everything: before 0; with 100, yet the largest is in the first class
        (CROSSING, (10,), "A"),
        (INCLUSIVE, (10,), "A"),
        # before: 0, 96. The second skips B
        (CROSSING, (96, 4), "AC"),
        (INCLUSIVE, (96, 4), "AC"),
        # before: 0, 79.99 of 100
        (CROSSING, ("79.99", "20.01"), "AA"),
    ],
)
def test_where_the_cut_is(rule, amounts, codes):
    assert "".join(place.code for place in classify(values(*amounts), Options(rule=rule)).places) == codes


def test_exactly_eighty_percent_of_a_total_that_does_not_divide():
    # total 3 x 0.10 + 1.20 = 1.50; the first has 1.20 = exactly 80 %, in which a float sees 79.99999999999999
    result = classify([("a", D("1.20")), ("b", D("0.10")), ("c", D("0.10")), ("d", D("0.10"))])
    assert result.total == D("1.50")
    # before: 0, 80, 86.7, 93.3 %
    assert [place.code for place in result.places] == ["A", "B", "B", "B"]


def test_more_digits_than_a_usual_decimal_keeps():
    # 28 digits would round away the 0.01 by which the first customer is short of 80 %
    short = [("a", D("7" + "9" * 30 + ".99")), ("b", D("2" + "0" * 30 + ".01"))]
    full = [("a", D("8" + "0" * 30)), ("b", D("2" + "0" * 30))]
    assert [place.code for place in classify(short).places] == ["A", "A"]
    assert [place.code for place in classify(full).places] == ["A", "B"]


def test_the_place_explains_the_class():
    second = classify(values(50, 30, 15, 5)).places[1]
    assert (second.rank, second.before, second.share, second.share_before, second.share_with) == (
        2,
        D(50),
        D("0.3"),
        D("0.5"),
        D("0.8"),
    )


def test_nothing_and_less_stand_outside_of_the_total():
    given_values = values(80, 0, 20, -5)
    result = classify(given_values)
    # total 100: before 0 -> A, before 80 -> B; zero and refund are last, without rank and share
    assert [(place.key, place.code, place.rank, place.share) for place in result.places] == [
        (1, "A", 1, D("0.8")),
        (3, "B", 2, D("0.2")),
        (2, "C", None, None),
        (4, "C", None, None),
    ]
    # the net 95 is the sum of the values, the total 100 that of the positive ones
    assert result.sums == (
        ClassSum("A", 1, D(80), D(80)),
        ClassSum("B", 1, D(20), D(20)),
        ClassSum("C", 2, D(-5), D(0)),
    )
    unclassed = classify(given_values, Options(outside=NONE))
    assert [unclassed.classes[key] for key in (1, 2, 3, 4)] == ["A", None, "B", None]
    assert unclassed.sums[-1] == ClassSum(None, 2, D(-5), D(0))


def test_ties_are_ordered_by_key():
    # before: 0, 40, 80 -> the last of the three equal ones is B, and it is the one with the largest key
    result = classify([(7, D(40)), (3, D(40)), (10, D(40)), (9, D(0))])
    assert [(place.key, place.code) for place in result.places] == [(3, "A"), (7, "A"), (10, "A"), (9, "C")]
    # total 100, before: 0, 40, 80
    result = classify([(7, D(40)), (3, D(40)), (10, D(20))])
    assert [(place.key, place.code) for place in result.places] == [(3, "A"), (7, "A"), (10, "B")]


def test_any_number_of_classes():
    options = Options(classes=("1", "2", "3", "4"), limits=(D(50), D(75), D(90), D(100)))
    # before: 0, 50, 75, 90
    assert [place.code for place in classify(values(50, 25, 15, 10), options).places] == ["1", "2", "3", "4"]


def test_nobody_and_nothing():
    assert classify([]).places == ()
    assert classify([]).total == 0
    assert [place.code for place in classify(values(0, -1)).places] == ["C", "C"]


@pytest.mark.parametrize(
    ("settings", "option", "reason"),
    [
        ({"limits": (D(95), D(80), D(100))}, "limits", NOT_RISING),
        ({"limits": (D(80), D(80), D(100))}, "limits", NOT_RISING),
        ({"limits": (D(80), D(95), D(99))}, "limits", NOT_HUNDRED),
        ({"limits": (D(80), D(100))}, "limits", WRONG_NUMBER),
        ({"limits": (D(0), D(80), D(100))}, "limits", "out_of_range"),
        ({"classes": ("A", "A", "B")}, "classes", TWICE),
        ({"rule": "half"}, "rule", "unknown"),
        ({"outside": "first"}, "outside", "unknown"),
    ],
)
def test_settings_without_meaning_are_refused(settings, option, reason):
    with pytest.raises(OptionError) as caught:
        Options(**settings)
    assert (caught.value.option, caught.value.reason) == (option, reason)


def test_a_customer_counts_once():
    with pytest.raises(OptionError):
        classify([("a", D(1)), ("a", D(2))])


amounts = st.decimals(min_value=-1000, max_value=10**9, places=2)
customers = st.dictionaries(st.integers(0, 10**6), amounts, max_size=40).map(lambda found: list(found.items()))
rules = st.sampled_from([CROSSING, INCLUSIVE])
limits = (
    st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True)
    .map(sorted)
    .map(lambda found: tuple(D(limit) for limit in (*found, 100)))
)
options_ = st.builds(
    lambda found, rule: Options(tuple(f"{number}" for number in range(len(found))), found, rule), limits, rules
)


@given(customers, options_)
def test_the_classes_part_the_customers(found, options):
    result = classify(found, options)
    assert sorted(place.key for place in result.places) == sorted(key for key, _value in found)
    assert {place.code for place in result.places} <= set(options.classes)
    assert sum(row.customers for row in result.sums) == len(found)


@given(customers, options_)
def test_the_sums_of_the_classes_add_up(found, options):
    result = classify(found, options)
    assert sum(row.value for row in result.sums) == sum(value for _key, value in found)
    assert sum(row.counted for row in result.sums) == result.total


@given(customers, options_)
def test_the_largest_customer_is_in_the_first_class(found, options):
    assume(any(value > 0 for _key, value in found))
    assert classify(found, options).places[0].code == options.classes[0]


@given(customers, options_)
def test_a_larger_customer_is_never_in_a_worse_class(found, options):
    places = classify(found, options).places
    positions = [options.classes.index(place.code) for place in places]
    assert positions == sorted(positions)
    assert [place.value for place in places] == sorted((value for _key, value in found), reverse=True)


@given(customers, options_, st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter(found, options, chance):
    mixed = list(found)
    chance.shuffle(mixed)
    assert classify(mixed, options) == classify(found, options)


@given(customers, options_, st.decimals(min_value="0.01", max_value=10**6, places=2))
def test_another_currency_changes_no_class(found, options, rate):
    scaled = [(key, value * rate) for key, value in found]
    assert classify(scaled, options).classes == classify(found, options).classes


@given(customers, options_, st.decimals(max_value=0, min_value=-100, places=2))
def test_a_customer_without_sales_changes_nobody_else(found, options, nothing):
    more = [*found, (10**7, nothing)]
    assert classify(found, options).classes.items() <= classify(more, options).classes.items()


@given(customers, options_)
def test_the_rule_as_it_is_written(found, options):
    """The definition, customer by customer, without running sums."""
    positive = sorted(((value, -key) for key, value in found if value > 0), reverse=True)
    total = sum(value for value, _key in positive)
    classes = classify(found, options).classes
    for number, (value, key) in enumerate(positive):
        before = sum(other for other, _key in positive[:number])
        if options.rule == CROSSING:
            reached = next(i for i, limit in enumerate(options.limits) if before * 100 < limit * total)
        else:
            reached = next(i for i, limit in enumerate(options.limits) if (before + value) * 100 <= limit * total)
            if number == 0:
                reached = 0
        assert classes[-key] == options.classes[reached]

"""Ideal-client score."""

from decimal import Decimal

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.ideal_client import (
    Criterion,
    Options,
    Part,
    Range,
    WeightsError,
    classify,
)
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
INDUSTRY = Criterion("industry", D(50), {"food": D(100), "steel": D(40)}, otherwise=D(10))
STAFF = Criterion("staff", D(30), ranges=(Range(D(0), None, D(10)), Range(D(60), D(10), D(100)), Range(D(100), D(100))))
GROWTH = Criterion("growth", D(20), ranges=(Range(D(100), D(0)),))
CRITERIA = (INDUSTRY, STAFF, GROWTH)


def judge(values, **settings):
    [place] = classify([("a", values)], Options(CRITERIA, **settings))
    return place


@pytest.mark.parametrize(
    ("values", "score", "completeness", "code"),
    [
        # 50 x 100 + 30 x 60 + 20 x 100 = 8800 by 100
        ({"industry": "food", "staff": 50, "growth": D(3)}, 88, 100, "A"),
        # 50 x 40 + 30 x 0 = 2000 by 80: growth is not known, and a fall lies outside of the range
        ({"industry": "steel", "staff": 9}, 25, 80, "C"),
        ({"industry": "steel", "staff": 9, "growth": D(-1)}, 25, 80, "C"),
        # a value outside of the table: 50 x 10 by 50
        ({"industry": "toys"}, 10, 50, "C"),
        # 30 x 60 by 30, the lower end of a range belongs to it; 100 is in the next one
        ({"staff": D(10)}, 60, 30, "B"),
        ({"staff": D("99.99")}, 60, 30, "B"),
        ({"staff": D(100)}, 100, 30, "A"),
        # 50 x 100 + 30 x 0 + 20 x 100 = 7000 by 100
        ({"industry": "food", "staff": 0, "growth": 0}, 70, 100, "B"),
        ({"industry": None}, None, 0, None),
    ],
)
def test_scores(values, score, completeness, code):
    place = judge(values)
    assert (place.score, place.completeness, place.code) == (score, completeness, code)


def test_the_parts_explain_the_score():
    # known weight 80: 100 x 50 / 80 + 60 x 30 / 80
    place = judge({"industry": "food", "staff": 50})
    assert place.parts == (
        Part("industry", "food", D(100), D(50), D("62.5")),
        Part("staff", 50, D(60), D(30), D("22.5")),
        Part("growth", None, None, D(20), None),
    )
    assert place.score == D(85)


def test_a_limit_itself_is_the_better_grade():
    # 50 x 100 + 20 x 100 by 70; then 75 exactly
    options = Options((Criterion("x", D(100), ranges=(Range(D(75)),)),))
    [place] = classify([("a", {"x": 1})], options)
    assert place.code == "A"


def test_too_little_known_is_no_grade():
    place = judge({"staff": 100}, minimum_completeness=D(31))
    assert (place.code, place.score, place.completeness) == (None, 100, 30)
    assert judge({"staff": 100}, minimum_completeness=D(30)).code == "A"


def test_weights_that_are_not_the_whole_are_refused_with_their_sum():
    with pytest.raises(WeightsError) as caught:
        Options((INDUSTRY, STAFF))
    assert (caught.value.total, caught.value.option) == (D(80), "weights")


@pytest.mark.parametrize(
    ("make", "option"),
    [
        (lambda: Criterion("a", D(0)), "weight"),
        (lambda: Criterion("a", D(10), {"x": D(101)}), "points"),
        (lambda: Criterion("a", D(10), otherwise=D(-1)), "points"),
        (lambda: Criterion("a", D(10), ranges=(Range(D(1), D(0), D(5)), Range(D(2), D(4)))), "ranges"),
        (lambda: Criterion("a", D(10), ranges=(Range(D(1), D(0)), Range(D(2), D(4)))), "ranges"),
        (lambda: Criterion("a", D(10), ranges=(Range(D(1), D(5), D(5)),)), "ranges"),
        (lambda: Options(CRITERIA, limits=(D(50), D(75), D(0))), "limits"),
        (lambda: Options(CRITERIA, limits=(D(75), D(50), D(1))), "limits"),
        (lambda: Options(CRITERIA, limits=(D(101), D(50), D(0))), "limits"),
        (lambda: Options(CRITERIA, limits=(D(0),)), "limits"),
        (lambda: Options(CRITERIA, grades=("A", "A", "B")), "grades"),
        (lambda: Options(CRITERIA, minimum_completeness=D(101)), "minimum_completeness"),
        (lambda: Options((INDUSTRY, INDUSTRY)), "criteria"),
    ],
)
def test_settings_without_meaning_are_refused(make, option):
    with pytest.raises(OptionError) as caught:
        make()
    assert caught.value.option == option


values = st.fixed_dictionaries(
    {},
    optional={
        "industry": st.sampled_from(["food", "steel", "toys", None]),
        "staff": st.integers(0, 200),
        "growth": st.decimals(min_value=-50, max_value=50, places=1),
    },
)


@given(values)
def test_the_score_is_within_its_scale_and_its_parts_add_up(found):
    place = judge(found)
    if place.score is not None:
        assert 0 <= place.score <= 100
        assert abs(sum(part.contribution for part in place.parts if part.points is not None) - place.score) < D("1e-20")
    assert place.completeness == sum(part.weight for part in place.parts if part.points is not None)


@given(values)
def test_what_is_not_known_does_not_lower_the_score_like_a_zero(found):
    known = {name: value for name, value in found.items() if value is not None}
    assert judge(found).score == judge(known).score

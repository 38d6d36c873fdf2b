"""From a result to the work that it takes, and back."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from addons.sdm_kpi.engine.plan.funnel import COMPANY, GROUP, OWN, History, Ratio, chain_back, needed, ratio_of
from addons.sdm_segmentation.engine.options import OptionError
from hypothesis import given
from hypothesis import strategies as st

WHOLE = History(300, 100)


@pytest.mark.parametrize(
    ("own", "group", "ratio"),
    [
        (History(10, 5), History(40, 10), Ratio(F(2), OWN)),
        (History(4, 2), History(40, 10), Ratio(F(4), GROUP)),
        (History(5, 0), History(4, 10), Ratio(F(3), COMPANY)),
        (None, None, Ratio(F(3), COMPANY)),
    ],
)
def test_the_own_conversion_then_the_groups_then_the_companys(own, group, ratio):
    assert ratio_of(own, group, WHOLE, least=5) == ratio


@pytest.mark.parametrize("whole", [None, History(0, 5), History(5, 0), History(5, -1)])
def test_without_any_history_there_is_no_ratio(whole):
    assert ratio_of(None, None, whole) is None


def test_the_company_counts_however_few_cases_it_has():
    assert ratio_of(None, None, History(1, 2), least=5) == Ratio(F(1, 2), COMPANY)


def test_what_is_needed():
    assert needed({"a": D(100), "b": D(5)}, {"a": Ratio(F(1, 40), OWN)}) == {"a": F(5, 2)}


def test_a_ratio_of_nothing_leads_nowhere():
    with pytest.raises(OptionError):
        chain_back(D(1), [F(0)])


@given(st.integers(0, 10**6), st.lists(st.fractions(F(1, 1000), 1000), min_size=1, max_size=5))
def test_there_and_back(amount, ratios):
    work = [F(amount)]
    for ratio in reversed(ratios):
        work.append(work[-1] * ratio)
    assert chain_back(work[-1], ratios) == work[-2::-1]

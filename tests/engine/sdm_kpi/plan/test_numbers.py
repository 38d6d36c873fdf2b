"""Numbers as people write them: the cases are those that the browser is tested by."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from addons.sdm_kpi.engine.plan.numbers import Language, NumberError, parse_number
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[4]
SOURCE = (ROOT / "sdm_kpi/static/tests/number_cases.js").read_text(encoding="utf-8")
CASES = json.loads(re.search(r"CASES = (\[.*\]);", SOURCE, re.S).group(1))


@pytest.mark.parametrize(("text", "point", "thousands", "is_percent", "expected"), CASES)
def test_cases_of_the_browser(text, point, thousands, is_percent, expected):
    language = Language(point, thousands)
    if isinstance(expected, str):
        with pytest.raises(NumberError) as error:
            parse_number(text, language, is_percent)
        assert error.value.reason == expected
    else:
        found = parse_number(text, language, is_percent)
        assert found == (None if expected is None else Decimal(str(expected)))


@given(st.decimals(-(10**11), 10**11, places=4), st.sampled_from([Language(".", ","), Language(",", " ")]))
def test_what_is_written_with_both_separators_is_read_as_it_was(number, language):
    signs = str.maketrans({",": language.thousands_sep, ".": language.decimal_point})
    text = f"{number:,.4f}".translate(signs)
    assert parse_number(text, language) == number


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text):
    try:
        found = parse_number(text)
    except NumberError:
        return
    assert found is None or found.is_finite()

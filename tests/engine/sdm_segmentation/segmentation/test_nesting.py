"""Order of schemes that build on others."""

import pytest
from addons.sdm_segmentation.engine.errors import CycleError
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.nesting import Scheme, Turn, arrange_schemes, touched_by

SCHEMES = [
    Scheme("policy", ("boxes", "cycle"), 1),
    Scheme("boxes", ("abc", "xyz"), 2),
    Scheme("abc", sequence=3),
    Scheme("xyz", sequence=4),
    Scheme("cycle", sequence=5),
]


def test_a_scheme_comes_after_those_that_it_uses():
    assert arrange_schemes(SCHEMES) == (
        Turn("abc", 1, 0),
        Turn("xyz", 2, 0),
        Turn("boxes", 3, 1),
        Turn("cycle", 4, 0),
        Turn("policy", 5, 2),
    )


def test_what_a_change_touches():
    assert touched_by(SCHEMES, "xyz") == ("xyz", "boxes", "policy")
    assert touched_by(SCHEMES, "policy") == ("policy",)


def test_a_circle_is_named():
    with pytest.raises(CycleError) as caught:
        arrange_schemes([Scheme("a", ("b",)), Scheme("b", ("c",)), Scheme("c", ("a",)), Scheme("d", ("a",))])
    first, *others, last = caught.value.codes
    assert first == last
    assert {first, *others} == {"a", "b", "c"}


def test_a_scheme_that_uses_itself():
    with pytest.raises(CycleError):
        arrange_schemes([Scheme("a", ("a",))])


def test_a_scheme_that_is_not_there():
    with pytest.raises(OptionError) as caught:
        arrange_schemes([Scheme("a", ("b",))])
    assert caught.value.value == "b"

"""Roll-outs; the naive answer replays all grants but the one that is taken back."""

from functools import reduce

import pytest
from addons.sdm_segmentation.engine.roll_out import DIRECTOR, HEAD, ROLES, SELLER, Grant, grant, higher, take_back
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("present", "role", "after"),
    [
        (None, SELLER, SELLER),
        (None, HEAD, HEAD),
        (SELLER, HEAD, HEAD),
        (SELLER, SELLER, SELLER),
        (HEAD, SELLER, HEAD),
        (DIRECTOR, HEAD, DIRECTOR),
    ],
)
def test_a_roll_out_only_raises(present, role, after):
    assert grant(1, role, present) == Grant(1, role, present, after)


def test_what_was_given_is_taken_back():
    assert take_back([grant(1, SELLER, None)], 1, SELLER) == (None, [])
    assert take_back([grant(1, HEAD, SELLER)], 1, HEAD) == (SELLER, [])


def test_what_the_person_had_before_stays():
    assert take_back([grant(1, SELLER, SELLER)], 1, SELLER) == (SELLER, [])
    assert take_back([grant(1, SELLER, DIRECTOR)], 1, DIRECTOR) == (DIRECTOR, [])


@pytest.mark.parametrize("present", [None, HEAD, DIRECTOR])
def test_what_was_changed_by_hand_since_stays(present):
    assert take_back([grant(1, SELLER, None)], 1, present) == (present, [])


def test_a_later_roll_out_keeps_the_right_and_takes_it_back_in_its_turn():
    both = [grant(1, SELLER, None), grant(2, SELLER, SELLER)]
    role, changed = take_back(both, 1, SELLER)
    assert (role, changed) == (SELLER, [Grant(2, SELLER, None, SELLER)])
    assert take_back(changed, 2, role) == (None, [])


def test_a_later_roll_out_keeps_no_more_than_it_wants():
    both = [grant(1, HEAD, None), grant(2, SELLER, HEAD)]
    assert take_back(both, 1, HEAD) == (SELLER, [Grant(2, SELLER, None, SELLER)])


def test_a_change_by_hand_between_two_roll_outs_stays():
    both = [grant(1, SELLER, None), grant(2, SELLER, HEAD)]
    assert take_back(both, 1, HEAD) == (HEAD, [])


def given_one_after_the_other(first, wanted):
    grants, present = [], first
    for key, role in enumerate(wanted):
        grants.append(grant(key, role, present))
        present = grants[-1].after
    return grants, present


@given(
    st.sampled_from(ROLES),
    st.lists(st.sampled_from([SELLER, HEAD]), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_taken_back_in_any_order_leaves_what_the_others_give(first, wanted, random):
    grants, present = given_one_after_the_other(first, wanted)
    order = [given.key for given in grants]
    random.shuffle(order)
    for key in order:
        present, changed = take_back(grants, key, present)
        by_key = {later.key: later for later in changed}
        grants = [by_key.get(given.key, given) for given in grants if given.key != key]
        assert present == reduce(higher, (given.role for given in grants), first)
    assert present == first

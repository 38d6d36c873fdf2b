"""Classes by rules: first match wins, and what is wrong with a set of rules shows."""

import pytest
from addons.sdm_segmentation.engine.options import OptionError
from addons.sdm_segmentation.engine.segmentation.rules import Decision, Overlap, Place, Rule, classify, decide
from hypothesis import given
from hypothesis import strategies as st


def rule(code, segment, *customers):
    return Rule(code, segment, frozenset(customers))


def test_the_first_match_wins():
    result = classify(range(1, 6), [rule("big", "key", 1, 2), rule("old", "base", 2, 3), rule("all", "rest", 1, 2, 4)])
    assert result.places == (
        Place(1, "key", "big", ("all",)),
        Place(2, "key", "big", ("old", "all")),
        Place(3, "base", "old"),
        Place(4, "rest", "all"),
        Place(5, None),
    )
    assert result.unmatched == (5,)
    assert [(row.code, row.matched, row.decided, row.taken) for row in result.rules] == [
        ("big", 2, 2, ()),
        # customer 2 went to "big"
        ("old", 2, 1, (("big", 1),)),
        # 1 and 2 went to "big"; "old" matches 2 as well but did not take it
        ("all", 3, 1, (("big", 2),)),
    ]
    assert result.overlaps == (
        Overlap("big", "old", 1, False),
        Overlap("big", "all", 2, False),
        Overlap("old", "all", 1, False),
    )


def test_unreachable_is_not_the_same_as_never_matching():
    rules = [rule("a", "A", 1, 2), rule("b", "B", 3), rule("taken", "C", 2, 3), rule("empty", "D")]
    *_others, taken, empty = classify([1, 2, 3], rules).rules
    assert (taken.unreachable, taken.never_matches, taken.taken) == (True, False, (("a", 1), ("b", 1)))
    assert (empty.unreachable, empty.never_matches) == (False, True)


def test_rules_to_one_segment_overlap_without_harm():
    [overlap] = classify([1], [rule("a", "A", 1), rule("b", "A", 1)]).overlaps
    assert overlap.same_segment


def test_matches_outside_of_the_scope_do_not_count():
    result = classify([1], [rule("a", "A", 2)])
    assert result.places == (Place(1, None),)
    assert result.rules[0].never_matches


def test_an_empty_scope():
    assert classify([], [rule("a", "A", 1)]).places == ()


def test_a_rule_is_there_once():
    with pytest.raises(OptionError):
        classify([1], [rule("a", "A", 1), rule("a", "B", 1)])


scopes = st.frozensets(st.integers(0, 12))
rule_sets = st.lists(st.tuples(st.sampled_from("ABC"), scopes), max_size=5).map(
    lambda found: [Rule(number, segment, customers) for number, (segment, customers) in enumerate(found)]
)


@given(scopes, rule_sets)
def test_the_classes_part_the_customers(scope, rules):
    result = classify(scope, rules)
    assert [place.key for place in result.places] == sorted(scope)
    assert sum(row.decided for row in result.rules) + len(result.unmatched) == len(scope)
    for row in result.rules:
        assert row.decided + sum(customers for _code, customers in row.taken) == row.matched


@given(scopes, rule_sets)
def test_the_class_as_it_is_defined(scope, rules):
    classes = classify(scope, rules).classes
    for key in scope:
        assert classes[key] == next((rule.segment for rule in rules if key in rule.customers), None)


@given(scopes, rule_sets)
def test_a_rule_behind_all_others_takes_from_nobody(scope, rules):
    before = classify(scope, rules)
    after = classify(scope, [*rules, Rule("last", "Z", scope)])
    assert all(after.classes[place.key] == (place.code or "Z") for place in before.places)
    assert after.unmatched == ()


@pytest.mark.parametrize(
    ("outcomes", "decision"),
    [
        ([], Decision()),
        ([False, False], Decision()),
        ([False, True, True], Decision(rule=2)),
        ([None, True], Decision(open=1)),
        ([False, None, True], Decision(open=2)),
        ([True, None], Decision(rule=1)),
    ],
)
def test_the_first_rule_that_holds_decides_unless_an_earlier_one_is_open(outcomes, decision):
    assert decide(outcomes) == decision


@given(st.lists(st.sampled_from([True, False, None]), max_size=6), st.data())
def test_knowing_more_never_changes_a_class_once_decided(outcomes, data):
    decision = decide(outcomes)
    answered = [data.draw(st.booleans()) if outcome is None else outcome for outcome in outcomes]
    if decision.open is None:
        assert decide(answered) == decision
    else:
        rule = decide(answered).rule
        assert rule is None or rule >= decision.open

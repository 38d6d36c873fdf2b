"""Formulas: what they may say, in which order they are worked out, and values that are not there."""

import ast
from decimal import Decimal
from fractions import Fraction

import pytest
from addons.sdm_kpi.engine.formula import (
    LARGEST,
    LONGEST,
    MOST_STEPS,
    NOT_ALLOWED,
    SYNTAX,
    TOO_LARGE,
    TOO_LONG,
    TOO_MANY,
    FormulaError,
    Name,
    NotAvailable,
    arrange,
    evaluate,
    expand,
    names,
    parse,
)
from addons.sdm_segmentation.engine.errors import CycleError
from hypothesis import given
from hypothesis import strategies as st

VALUES = {"won": 3, "lost": 1, "zero": 0, "money": Decimal("10.10")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("won", 3),
        ("won + lost", 4),
        ("won - lost * 2", 1),
        ("(won - lost) * 2", 4),
        ("-won", -3),
        ("100 * won / (won + lost)", 75),
        ("won / lost / 2", Fraction(3, 2)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("money * 3", Fraction(303, 10)),
        # a comma is a decimal sign, too
        ("0,5 * won", Fraction(3, 2)),
        ("missing + 1", 1),
    ],
)
def test_values(text, value):
    assert evaluate(parse(text), VALUES.get) == value


@pytest.mark.parametrize("text", ["won / zero", "1 + won / (lost - 1)", "missing / missing", "(1 / 0) * 0"])
def test_a_division_by_zero_is_a_value(text):
    assert evaluate(parse(text), VALUES.get) == NotAvailable()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", SYNTAX),
        ("won +", SYNTAX),
        ("won lost", SYNTAX),
        ("(" * 300 + "won", SYNTAX),
        ("a = 1", SYNTAX),
        ("won; lost", SYNTAX),
        ("__import__('os')", NOT_ALLOWED),
        ("won.real", NOT_ALLOWED),
        ("won[0]", NOT_ALLOWED),
        ("'won'", NOT_ALLOWED),
        ("True", NOT_ALLOWED),
        ("1j", NOT_ALLOWED),
        ("1e999", TOO_LARGE),
        ("won * 1e18", TOO_LARGE),
        ("9" * 490, TOO_LARGE),
        ("won / 1e-19", TOO_LARGE),
        ("won\0", SYNTAX),
        ("won ** 9", NOT_ALLOWED),
        ("won // 2", NOT_ALLOWED),
        ("won < lost", NOT_ALLOWED),
        ("won if lost else 1", NOT_ALLOWED),
        ("[won for won in lost]", NOT_ALLOWED),
        ("lambda: won", NOT_ALLOWED),
        ("(won := 1)", NOT_ALLOWED),
        ("won and lost", NOT_ALLOWED),
        ("f'{won}'", NOT_ALLOWED),
        ("+won", NOT_ALLOWED),
        ("1" * (LONGEST + 1), TOO_LONG),
    ],
)
def test_anything_else_is_refused(text, reason):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.reason == reason


def test_names_in_order_of_appearance():
    assert names(parse("b / (a + b) * c")) == ("b", "a", "c")
    assert names(parse("выручка / клиенты")) == ("выручка", "клиенты")


def test_formulas_are_worked_out_after_what_they_use():
    formulas = {code: parse(text) for code, text in {"c": "a + b", "a": "x", "b": "a * 2"}.items()}
    assert arrange(formulas) == ["a", "b", "c"]
    assert names(expand(formulas)["c"]) == ("x",)
    assert evaluate(expand(formulas)["c"], {"x": 5}.get) == 15


@pytest.mark.parametrize(
    ("texts", "circle"),
    [({"a": "a + 1"}, {"a"}), ({"a": "b", "b": "c", "c": "a", "d": "a"}, {"a", "b", "c"})],
)
def test_a_circle_is_named(texts, circle):
    with pytest.raises(CycleError) as caught:
        expand({code: parse(text) for code, text in texts.items()})
    codes = caught.value.codes
    assert codes[0] == codes[-1]
    assert set(codes) == circle
    # each one uses the next
    assert all(after in names(parse(texts[code])) for code, after in zip(codes, codes[1:], strict=False))


def test_formulas_that_double_each_other_are_refused_at_once():
    formulas = {f"k{number}": parse(f"k{number - 1} + k{number - 1}") for number in range(1, 60)}
    with pytest.raises(FormulaError) as caught:
        expand(formulas)
    # k7 is 127 additions, k8 255
    assert (caught.value.reason, caught.value.detail) == (TOO_MANY, "k8")
    few = {code: tree for code, tree in formulas.items() if code in {f"k{number}" for number in range(1, 8)}}
    assert evaluate(expand(few)["k7"], {"k0": 1}.get) == 2**7


def test_a_formula_of_the_largest_length_is_no_more_than_may_be():
    longest = parse("a" + "+a" * ((LONGEST - 1) // 2))
    assert evaluate(expand({"k": longest})["k"], {"a": 1}.get) == MOST_STEPS


@pytest.mark.parametrize(("value", "is_there"), [(LARGEST - 1, True), (LARGEST, False), (-LARGEST, False)])
def test_what_is_too_large_is_not_available(value, is_there):
    assert evaluate(parse("a * 1"), {"a": value}.get) == (value if is_there else NotAvailable(TOO_LARGE))
    # in between it may be
    assert evaluate(parse("a * 1000 / 1000 / 10"), {"a": value}.get) == Fraction(value, 10)


LEAVES = st.sampled_from(["a", "b", "2", "0.5"])
TREES = st.recursive(
    LEAVES,
    lambda part: st.builds(lambda left, sign, right: f"({left} {sign} {right})", part, st.sampled_from("+-*/"), part),
    max_leaves=12,
)


@given(TREES, st.integers(-5, 5), st.integers(-5, 5))
def test_it_is_the_arithmetic_of_python(text, a, b):
    """The same as Python's own evaluation with fractions, an oracle that knows nothing of the compiler."""
    exact = ast.unparse(_WithFractions().visit(ast.parse(text, mode="eval")))
    known = {"Fraction": Fraction, "a": Fraction(a), "b": Fraction(b)}
    try:
        expected = eval(exact, known)
    except ZeroDivisionError:
        expected = NotAvailable()
    assert evaluate(parse(text), {"a": a, "b": b}.get) == expected


class _WithFractions(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Call(ast.Name("Fraction", ast.Load()), [ast.Constant(str(node.value))], [])


@given(TREES)
def test_expanding_changes_no_value(text):
    formulas = {"top": parse("b + a"), "b": parse(text.replace("b", "x"))}
    formulas = {code: tree for code, tree in formulas.items() if tree != Name(code)}
    values = {"a": 3, "x": 7}
    inner = evaluate(formulas["b"], values.get)
    found = evaluate(expand(formulas)["top"], values.get)
    assert found == (inner if isinstance(inner, NotAvailable) else inner + 3)

"""The formula grammar: what it computes, against plain arithmetic, and what it refuses."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nq57lab.base import formulas
from nq57lab.base.formulas import Call, FormulaError, Number, Operation, Reference

NAMES = {"a": Fraction(7), "b_2": Fraction(-3, 4), "A.01.05": Fraction(12), "sti_budget": Fraction(41058)}


class Values:
    """A resolver over plain dictionaries."""

    def __init__(self, one=None, many=None, earlier=None):
        self.known, self.parts, self.before = one or {}, many or {}, earlier or {}

    def one(self, reference):
        return self.known[reference.name]

    def many(self, reference, dim):
        return self.parts[reference.name, dim]

    def year_earlier(self, reference):
        return self.before[reference.name]


def value(text, **data):
    return formulas.evaluate(formulas.parse(text), Values(**data))


@st.composite
def expressions(draw, depth=4):
    """Draw a formula's text with its value by exact plain arithmetic; None where it divides by zero."""
    kind = draw(
        st.sampled_from(["number", "name", "sum", "product", "brackets", "minus"] if depth else ["number", "name"])
    )
    if kind == "number":
        number = draw(st.integers(0, 999))
        return str(number), Fraction(number)
    if kind == "name":
        name = draw(st.sampled_from(sorted(NAMES)))
        return name, NAMES[name]
    if kind in ("brackets", "minus"):
        text, result = draw(expressions(depth=depth - 1))
        if kind == "brackets":
            return f"( {text} )", result
        return f"-({text})", None if result is None else -result
    left, one = draw(expressions(depth=depth - 1))
    right, other = draw(expressions(depth=depth - 1))
    symbol = draw(st.sampled_from("+-−" if kind == "sum" else "*×/÷"))
    text = f"({left}){draw(st.sampled_from(['', ' ']))}{symbol} ({right})"
    if one is None or other is None or (symbol in "/÷" and other == 0):
        return text, None
    results = {"+": lambda: one + other, "*": lambda: one * other, "×": lambda: one * other}
    results |= {"-": lambda: one - other, "−": lambda: one - other, "/": lambda: one / other, "÷": lambda: one / other}
    return text, results[symbol]()


@given(expressions())
def test_a_formula_computes_what_exact_arithmetic_computes(drawn):
    text, expected = drawn
    assume(expected is not None)
    assert formulas.evaluate(formulas.parse(text), Values(NAMES), Fraction) == expected


@given(st.lists(st.tuples(st.sampled_from("+-*/"), st.integers(1, 99)), min_size=1, max_size=8))
def test_precedence_and_order_are_those_of_arithmetic(steps):
    text, products = "50", [[Fraction(50)]]
    for symbol, number in steps:
        text += f" {symbol} {number}"
        if symbol in "+-":
            products.append([Fraction(number if symbol == "+" else -number)])
        else:
            products[-1].append(Fraction(number) if symbol == "*" else Fraction(1, number))
    expected = Fraction(0)
    for factors in products:
        product = Fraction(1)
        for factor in factors:
            product *= factor
        expected += product
    assert formulas.evaluate(formulas.parse(text), Values(), Fraction) == expected


def test_subtraction_and_division_associate_to_the_left():
    assert value("10 - 3 - 2") == 5
    assert value("100 / 10 / 5") == 2
    assert value("2 + 3 * 4") == 14
    assert value("-2 * 3") == -6


def test_other_signs_and_spaces_mean_the_same():
    assert formulas.parse("a*b/c-d") == formulas.parse(" a × b ÷ c − d ")


def test_a_reference_keeps_the_keys_that_differ_from_the_row():
    node = formulas.parse("disbursed[pillar=KHCN; period=2024-12-22/2026-06-29; area=34:75]")
    keys = (("pillar", "KHCN"), ("period", "2024-12-22/2026-06-29"), ("area", "34:75"))
    assert node == Reference("disbursed", keys)


def test_a_key_given_twice_is_refused():
    with pytest.raises(FormulaError, match="period"):
        formulas.parse("gdp[period=2024; period=2025]")


def test_codes_with_points_are_names_and_numbers_keep_their_decimals():
    assert formulas.parse("A.02.02 + 1.5") == Operation("+", Reference("A.02.02"), Number(1.5))


def test_growth_is_the_change_in_per_cent_against_a_year_earlier_or_a_second_figure():
    assert value("growth(x)", one={"x": 110.0}, earlier={"x": 100.0}) == pytest.approx(10.0)
    assert value("growth(x, y)", one={"x": 78370.0, "y": 71580.0}) == pytest.approx((78370 / 71580 - 1) * 100)


def test_per_scales_a_quotient_and_mean_duration_divides():
    assert value("per(staff, people, 10000)", one={"staff": 12.0, "people": 4000.0}) == 30.0
    assert value("mean_duration(days, cases)", one={"days": 30.0, "cases": 4.0}) == 7.5
    assert value("per(a + b, c - d, 100)", one={"a": 1.0, "b": 2.0, "c": 9.0, "d": 3.0}) == 50.0


@pytest.mark.parametrize(("operator", "count"), [(">=", 3), (">", 2), ("<=", 2), ("<", 1), ("=", 1)])
def test_count_where_counts_the_items_that_satisfy_the_comparison(operator, count):
    parts = {("met", "item"): [19.0, 18.0, 19.5, 25.0]}
    assert value(f'count_where(met, "{operator}", 19)', many=parts) == count


def test_sum_over_adds_every_value_of_one_breakdown():
    assert value("sum_over(x, pillar) / 2", many={("x", "pillar"): [1.5, 2.5, 4.0]}) == 4.0
    assert value("sum_over(x, pillar)", many={("x", "pillar"): [1.5]}) == 1.5


def test_arrays_are_evaluated_row_by_row():
    done, assigned = np.array([1245.0, 1.0, 0.0]), np.array([1469.0, 4.0, 5.0])
    result = value("done / assigned * 100", one={"done": done, "assigned": assigned})
    np.testing.assert_allclose(result, [124500 / 1469, 25.0, 0.0])


def test_division_by_zero_and_a_missing_figure_are_not_hidden():
    with pytest.raises(ZeroDivisionError):
        value("a / b", one={"a": 1.0, "b": 0.0})
    with pytest.raises(LookupError):
        value("a + b", one={"a": 1.0})


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "   ",
            "1 +",
            "+ 1",
            "a b",
            "2 3",
            "a ** b",
            "a // b",
            "a % b",
            "1e3",
            ".5",
            "a.b",
            "_a",
            "a; b",
            "a = b",
        ),
        *("(a", "a)", "((a)", "()", "a[", "a[period]", "a[=1]", "a[period=]", "a[period=2025", '"x"', "a, b"),
        *("foo(a)", "growth()", "growth(a + b)", "growth(a, b, c)", "per(a, b)", "per(a, b, c)", "mean_duration(a)"),
        *(
            'count_where(a, ">", b)',
            'count_where(a, "!=", 1)',
            "count_where(a, 1)",
            "sum_over(a)",
            "sum_over(a + b, c)",
        ),
        *('__import__("os")', "a if b else c", "lambda: 1", "a[0]", "growth(a", "x'"),
    ],
)
def test_what_is_not_of_the_grammar_is_refused(text):
    with pytest.raises(FormulaError):
        formulas.parse(text)


@pytest.mark.parametrize(
    ("text", "word"), [("a + $", "vị trí 4"), ("foo(a)", "growth"), ("1 +", "giữa chừng"), ("a b", "thừa 'b'")]
)
def test_a_refusal_says_where_or_what_is_allowed(text, word):
    with pytest.raises(FormulaError, match=word):
        formulas.parse(text)


def test_references_are_listed_once_in_order_without_the_breakdown():
    node = formulas.parse("b / (a + b) * sum_over(c, pillar) - growth(d[period=2025], a)")
    assert formulas.references(node) == [
        *(Reference("b"), Reference("a"), Reference("c"), Reference("d", (("period", "2025"),))),
    ]
    assert formulas.references(formulas.parse("100")) == []


def test_a_call_keeps_its_arguments():
    node = formulas.parse('count_where(met, ">=", 19)')
    assert node == Call("count_where", (Reference("met"), ">=", Number(19.0)))

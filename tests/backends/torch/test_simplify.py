"""Sums are made shorter, and keep their value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archdsl.backends.torch import source
from archdsl.backends.torch.expressions import Translation
from archdsl.backends.torch.simplify import operators, simplified
from archdsl.provenance import Expression, Frame, Literal, Operation, Symbol, operation
from archdsl.substitution import Undefined, evaluate

FRAME = Frame("any")
a, b, w = (Symbol(FRAME, name) for name in "abw")
x, half = Symbol(FRAME, "x"), Operation("//", (Symbol(FRAME, "x"), Literal(2)))


def _op(operator: str, *operands: Expression | int) -> Expression:
    """An operation as it is written, without what `operation` would simplify."""
    given = tuple([o if not isinstance(o, int) else Literal(o) for o in operands])
    return Operation(operator, given)


def _text(expression: Expression) -> str:
    return source.text(Translation(lambda symbol: symbol.name, lambda _: ()).of(expression))


def _always(_: Expression) -> bool:
    return True


SHORTER = {
    "half times 0": (_op("*", half, 0), "0"),
    "from half to half": (_op("-", _op("*", half, 2), half), "x // 2"),
    "less nothing": (_op("-", half, _op("*", half, 0)), "x // 2"),
    "twice less once": (_op("-", _op("*", 2, w), w), "w"),
    "numbers around": (_op("-", _op("+", 256, w), 256), "w"),
    "numbers far apart": (_op("-", _op("+", _op("+", 256, w), a), 256), "w + a"),
    "sum less its end": (_op("-", _op("+", a, b), b), "a"),
    "sum less its start": (_op("-", _op("+", a, b), a), "b"),
    "a slice of a loop": (
        _op("-", _op("*", half, _op("+", a, 1)), _op("*", half, a)),
        "x // 2",
    ),
    "equal terms": (_op("+", _op("+", a, b), a), "2 * a + b"),
    "within a call": (Operation("min", (_op("-", _op("+", a, b), b), w)), "min(a, w)"),
    "two numbers that multiply": (_op("+", _op("*", 2, _op("*", 3, w)), a), "6 * w + a"),
    "two numbers of a product": (_op("product", 2, 3, w, 7, 7), "6 * w * 7 * 7"),
    "negative first": (_op("+", _op("-", b, a), _op("-", w, b)), "w - a"),
}


@pytest.mark.parametrize(("expression", "text"), SHORTER.values(), ids=SHORTER)
def test_sums_are_made_shorter(expression: Expression, text: str) -> None:
    assert _text(simplified(expression, _always)) == text


KEPT = [
    _op("product", 512, 7, 7),
    _op("*", 2, _op("+", a, b)),
    _op("*", _op("+", a, b), _op("-", a, b)),
    Operation("product", (w, Literal(7), Literal(7))),
    _op("*", _op("//", w, 4), 4),
    _op("-", 1, _op("+", a, b)),
]


@pytest.mark.parametrize("expression", KEPT, ids=_text)
def test_the_form_stays_where_nothing_cancels(expression: Expression) -> None:
    assert simplified(expression, _always) is expression


def test_sums_of_fractions_stay() -> None:
    expression = _op("-", _op("+", a, b), b)
    assert simplified(expression, lambda part: part != b) is expression


def test_long_products_of_sums_stay() -> None:
    expression = _op("+", a, b)
    for _ in range(80):
        expression = _op("*", expression, _op("+", a, w))
    assert simplified(_op("-", expression, expression), _always).size > 1


NUMBERS = st.integers(-4, 9)
EXPRESSIONS = st.recursive(
    st.sampled_from([a, b, w]) | NUMBERS.map(Literal),
    lambda inner: (
        st.builds(
            lambda operator, left, right: Operation(operator, (left, right)),
            st.sampled_from(["+", "-", "*", "//", "%", "min", "max", "product"]),
            inner,
            inner,
        )
        | inner.map(lambda operand: Operation("neg", (operand,)))
    ),
    max_leaves=12,
)


@given(EXPRESSIONS, NUMBERS, NUMBERS, NUMBERS)
def test_a_shorter_sum_has_the_same_value(
    expression: Expression, first: int, second: int, third: int
) -> None:
    values = dict(zip((a, b, w), (first, second, third), strict=True))
    try:
        expected = evaluate(expression, values.__getitem__)
    except Undefined:
        return
    shorter = simplified(expression, _always)
    assert evaluate(shorter, values.__getitem__) == expected
    assert operators(shorter) <= operators(expression)


def test_sums_within_calls_of_sums_are_simplified_once_each() -> None:
    expression: Expression = x
    for number in range(45):
        expression = operation("//", operation("+", expression, _op("*", a, b)), number + 2)
    assert operators(simplified(expression, _always)) == operators(expression)

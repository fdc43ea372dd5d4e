"""Python values become the text that they mean: Python's own parser is the oracle."""

from __future__ import annotations

import ast
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archdsl.backends.torch import python
from archdsl.backends.torch.pieces import LINE_LENGTH
from archdsl.backends.torch.python import (
    PyChoice,
    PyConstant,
    PyDisplay,
    PyFormat,
    PyName,
    PyOperation,
)
from archdsl.backends.torch.source import lines, text, width

BINARY = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
    "**": ast.Pow, "|": ast.BitOr,
}  # fmt: skip
COMPARED = {"==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
COMPARED |= {"is not": ast.IsNot}
JOINED = {"and": ast.And, "or": ast.Or}
SEVERAL = [*(sign for sign in BINARY if sign != "**"), *JOINED]
SIGNED = {"not": ast.Not, "neg": ast.USub}

texts = st.text(st.sampled_from("ab'\"\\{}\n é"), max_size=4)
names = st.sampled_from(["a", "b", "n"]).map(PyName)
numbers = st.integers(0, 30) | st.sampled_from([0.5, 1e-5, 2.0])
leaves = names | (numbers | st.booleans() | st.none() | texts).map(PyConstant)


def grown(inner: st.SearchStrategy[python.PyExpression]) -> st.SearchStrategy[python.PyExpression]:
    """Everything that has expressions in it."""
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    given = st.lists(st.builds(python.PyArgument, inner), max_size=2)
    named = st.lists(st.builds(python.PyArgument, inner, st.just("key")), max_size=1)
    arguments = st.tuples(given, named).map(lambda parts: (*parts[0], *parts[1]))
    return st.one_of(
        st.builds(PyOperation, st.sampled_from(SEVERAL), several),
        st.builds(PyOperation, st.just("**"), st.tuples(inner, inner)),
        st.builds(PyOperation, st.sampled_from([*COMPARED]), st.tuples(inner, inner)),
        st.builds(PyOperation, st.sampled_from([*SIGNED]), st.tuples(inner)),
        st.builds(PyChoice, inner, inner, inner),
        st.builds(python.PyCall, names, arguments),
        st.builds(python.PyAttribute, names, st.just("shape")),
        st.builds(python.PySubscript, names, inner | st.builds(python.PySlice, inner, inner)),
        st.builds(PyDisplay, st.sampled_from(["list", "tuple"]), several),
        st.builds(
            python.PyComprehension,
            st.sampled_from(["list", "generator"]),
            inner,
            st.just(("i", "j")),
            inner,
            st.none() | inner,
        ),
    )


expressions = st.recursive(leaves, grown, max_leaves=8)


def meant(code: python.PyExpression) -> ast.expr:
    """What Python's parser should make of an expression."""
    match code:
        case PyName(id=name):
            return ast.Name(name, ast.Load())
        case PyConstant(value=value):
            return ast.Constant(value)
        case PyOperation(operator, operands) if operator in JOINED:
            return ast.BoolOp(JOINED[operator](), [meant(each) for each in operands])
        case PyOperation(operator, (operand,)):
            return ast.UnaryOp(SIGNED[operator](), meant(operand))
        case PyOperation(operator, (left, right)) if operator in COMPARED:
            return ast.Compare(meant(left), [COMPARED[operator]()], [meant(right)])
        case PyOperation(operator, operands):
            values = [meant(each) for each in operands]
            return reduce(lambda a, b: ast.BinOp(a, BINARY[operator](), b), values)
        case PyChoice(test=test, then=then, otherwise=otherwise):
            return ast.IfExp(meant(test), meant(then), meant(otherwise))
        case python.PyCall(callee=callee, arguments=arguments):
            given = [meant(each.value) for each in arguments if not each.keyword]
            named = [
                ast.keyword(each.keyword, meant(each.value)) for each in arguments if each.keyword
            ]
            return ast.Call(meant(callee), given, named)
        case python.PyAttribute(value=value, name=name):
            return ast.Attribute(meant(value), name, ast.Load())
        case python.PySubscript(value=value, index=index):
            return ast.Subscript(meant(value), meant(index), ast.Load())
        case python.PySlice(start=start, stop=stop):
            assert start is not None
            assert stop is not None
            return ast.Slice(meant(start), meant(stop))
        case PyDisplay(kind=kind, items=items):
            display = ast.List if kind == "list" else ast.Tuple
            return display([meant(each) for each in items], ast.Load())
        case python.PyComprehension():
            targets = ast.Tuple([ast.Name(t, ast.Store()) for t in code.targets], ast.Store())
            tests = [] if code.test is None else [meant(code.test)]
            loop = ast.comprehension(targets, meant(code.iterable), tests, 0)
            kind = ast.ListComp if code.kind == "list" else ast.GeneratorExp
            return kind(meant(code.element), [loop])
    raise AssertionError(type(code))


@given(expressions)
def test_the_text_means_the_value(code: python.PyExpression) -> None:
    assert ast.dump(ast.parse(text(code), mode="eval").body) == ast.dump(meant(code))


@given(expressions)
def test_broken_lines_mean_the_same(code: python.PyExpression) -> None:
    deep = "\n".join(lines((python.PyReturn(python.call("f" * 60, code, code)),)))
    (statement,) = ast.parse(f"def g():\n    {deep.replace(chr(10), chr(10) + '    ')}").body
    assert isinstance(statement, ast.FunctionDef)
    returned = statement.body[0]
    assert isinstance(returned, ast.Return)
    assert returned.value is not None
    expected = ast.Call(ast.Name("f" * 60, ast.Load()), [meant(code)] * 2, [])
    assert ast.dump(returned.value) == ast.dump(expected)


@given(st.lists(texts | st.sampled_from(["a", 3, (1, "b'")]), max_size=4))
def test_formats_say_their_parts(parts: list[object]) -> None:
    codes = [part if isinstance(part, str) else python.constant(part, "tuple") for part in parts]  # type: ignore[arg-type]
    written = text(PyFormat((*codes, PyName("n"))))
    assert eval(written, {"n": 7}) == "".join(map(str, [*parts, 7]))


@given(expressions)
def test_negated_twice_it_is_the_same(code: python.PyExpression) -> None:
    twice = python.negated(python.negated(code))
    assert twice == code or twice.operator in ("==", "!=", "<", ">", "<=", ">=")


@pytest.mark.parametrize("a", [0, 1, 2])
@pytest.mark.parametrize("test", ["a < 1 or a == 2", "not (a and a > 1)", "a if a > 1 else not a"])
def test_negations_are_contrary(test: str, a: int) -> None:
    codes = {
        "a < 1 or a == 2": PyOperation(
            "or",
            (
                PyOperation("<", (PyName("a"), PyConstant(1))),
                PyOperation("==", (PyName("a"), PyConstant(2))),
            ),
        ),
        "not (a and a > 1)": PyOperation(
            "not",
            (PyOperation("and", (PyName("a"), PyOperation(">", (PyName("a"), PyConstant(1))))),),
        ),
        "a if a > 1 else not a": PyChoice(
            PyOperation(">", (PyName("a"), PyConstant(1))),
            PyName("a"),
            PyOperation("not", (PyName("a"),)),
        ),
    }
    code = codes[test]
    assert text(code) == test
    assert bool(eval(text(python.negated(code)), {"a": a})) is not bool(eval(test, {"a": a}))


def test_a_number_is_not_its_float() -> None:
    assert PyConstant(1) != PyConstant(1.0)
    assert PyConstant(1) != PyConstant(True)
    assert len({PyConstant(1), PyConstant(1.0), PyConstant(True)}) == 3


def test_lines_are_broken_as_formatters_do() -> None:
    items = [PyName(f"layer{number}") for number in range(20)]
    display = python.assign("x", PyDisplay("list", tuple(items)))
    assert lines((display,))[:3] == ["x = [", "    layer0,", "    layer1,"]
    call = python.call("function", *items[:10])
    assert lines((python.assign("longer", call),), 1) == [
        "    longer = function(",
        f"        {', '.join(each.id for each in items[:10])}",
        "    )",
    ]
    choice = PyChoice(PyName("condition"), python.call("first", *items[:10]), PyName("second"))
    assert lines((python.assign("x", choice),)) == [
        "x = (",
        f"    {text(choice.then)}",
        "    if condition",
        "    else second",
        ")",
    ]
    assert width(choice) > LINE_LENGTH


def test_statements_are_nested() -> None:
    y, z = python.assign("y", PyConstant(1)), python.assign("z", PyConstant(2))
    inner = python.PyIf(PyName("b"), (y,), (python.PyFor(("_", "i"), PyName("c"), (z,)),))
    assert lines((python.PyIf(PyName("a"), (y,), (inner,)),)) == [
        "if a:",
        "    y = 1",
        "elif b:",
        "    y = 1",
        "else:",
        "    for _, i in c:",
        "        z = 2",
    ]

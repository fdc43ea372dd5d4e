"""Python as values: the expressions and statements that generated files are made of.

The back end builds these values, queries them, and changes them; `source` turns them into text,
once, at the end. Two values are equal if their text would be the same piece of Python. Their names
begin with `Py`, because the language has names, calls and loops too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Literal, TypeAlias

from archdsl.arithmetic import Value
from archdsl.records import value

SequenceKind: TypeAlias = Literal["list", "tuple"]
"""The brackets that a sequence of the language gets."""

Targets: TypeAlias = "tuple[str | Targets, ...]"
"""The variables of a loop; a tuple among them unpacks an item."""

# --- expressions ---


@value
class PyName:
    """A variable, a class or a function."""

    id: str


@dataclass(frozen=True)
class PyConstant:
    """A number, boolean, string or `None`."""

    value: int | float | bool | str | None

    def __eq__(self, other: object) -> bool:
        # `1`, `1.0` and `True` are equal in Python, but have different texts.
        alike = isinstance(other, PyConstant) and type(self.value) is type(other.value)
        return alike and self.value == other.value  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.value)


@value
class PyAttribute:
    """`value.name`."""

    value: PyExpression
    name: str


@value
class PyArgument:
    """One argument of a call; `keyword` is empty if it is positional."""

    value: PyExpression
    keyword: str = ""


@value
class PyCall:
    """`callee(*arguments)`."""

    callee: PyExpression
    arguments: tuple[PyArgument, ...] = ()


@value
class PyOperation:
    """An operator between operands, or `not` or `-` before one; `source` has the operators."""

    operator: str
    operands: tuple[PyExpression, ...]


@value
class PyChoice:
    """`then if test else otherwise`."""

    test: PyExpression
    then: PyExpression
    otherwise: PyExpression


@value
class PySubscript:
    """`value[index]`; an index that is a tuple has no parentheses."""

    value: PyExpression
    index: PyExpression


@value
class PySlice:
    """`start:stop`, in a subscript; None if a side is omitted."""

    start: PyExpression | None = None
    stop: PyExpression | None = None


@value
class PyDisplay:
    """`[a, b]` or `(a, b)`; "bare" is a tuple without parentheses, as after `return`."""

    kind: Literal["list", "tuple", "bare"]
    items: tuple[PyExpression, ...]


@value
class PyStarred:
    """`*value`."""

    value: PyExpression


@value
class PyComprehension:
    """`element for targets in iterable if test`, in brackets of a list or in parentheses."""

    kind: Literal["list", "generator"]
    element: PyExpression
    targets: Targets
    iterable: PyExpression
    test: PyExpression | None = None


@value
class PyFormat:
    """An f-string: texts, with values between them."""

    parts: tuple[str | PyExpression, ...]


PyExpression: TypeAlias = (
    "PyName | PyConstant | PyAttribute | PyCall | PyOperation | PyChoice | PySubscript | PySlice"
    " | PyDisplay | PyStarred | PyComprehension | PyFormat"
)

# --- statements ---


@value
class PyAssign:
    """`target: annotation = value`; without a value it is a declaration."""

    target: PyExpression
    value: PyExpression | None
    annotation: PyExpression | None = None
    operator: str = ""
    """The operator of an augmented assignment: `+` for `+=`."""


@value
class PyEvaluate:
    """An expression as a statement."""

    value: PyExpression


@value
class PyReturn:
    """`return value`."""

    value: PyExpression


@value
class PyIf:
    """`if test:`, with `else:` or `elif` if `otherwise` is not empty."""

    test: PyExpression
    then: PyBlock
    otherwise: PyBlock = ()


@value
class PyFor:
    """`for targets in iterable:`."""

    targets: Targets
    iterable: PyExpression
    body: PyBlock


@value
class PyParameter:
    """A parameter of a function; one that `is_rest` takes all further positional arguments."""

    name: str
    annotation: PyExpression | None = None
    default: PyExpression | None = None
    is_rest: bool = False


@value
class PyFunction:
    """`def name(parameters) -> returns:`; `doc` is the text of its docstring."""

    name: str
    parameters: tuple[PyParameter, ...]
    returns: PyExpression
    body: PyBlock
    doc: str = ""


PyStatement: TypeAlias = "PyAssign | PyEvaluate | PyReturn | PyIf | PyFor | PyFunction"
PyBlock: TypeAlias = "tuple[PyStatement, ...]"
PyCode: TypeAlias = "PyExpression | PyStatement | PyArgument | PyParameter"

# --- constructors ---

NONE = PyConstant(None)
SELF = PyName("self")
TRAINING = PyAttribute(SELF, "training")
SUPER = PyCall(PyAttribute(PyCall(PyName("super")), "__init__"))


def dotted(name: str) -> PyExpression:
    """A dotted name such as `nn.Conv2d`, or a plain name."""
    first, *others = name.split(".")
    start: PyExpression = PyName(first)
    return reduce(PyAttribute, others, start)


def call(callee: str | PyExpression, *values: PyExpression, **keywords: PyExpression) -> PyCall:
    """A call with positional, then keyword arguments."""
    function = dotted(callee) if isinstance(callee, str) else callee
    named = [PyArgument(value, keyword) for keyword, value in keywords.items()]
    return PyCall(function, (*map(PyArgument, values), *named))


def assign(name: str, value: PyExpression) -> PyAssign:
    """`name = value`."""
    return PyAssign(PyName(name), value)


def constant(value: Value | None, sequence: SequenceKind = "list") -> PyExpression:
    """A value of the language; a sequence within a sequence is a tuple."""
    if isinstance(value, tuple):
        return PyDisplay(sequence, tuple([constant(item, "tuple") for item in value]))
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return PyOperation("neg", (PyConstant(-value),))
    assert isinstance(value, int | float | str | None)
    return PyConstant(value)


def union(kinds: Iterable[PyExpression]) -> PyExpression:
    """`int | float`, or the only type."""
    kinds = tuple(kinds)
    return kinds[0] if len(kinds) == 1 else PyOperation("|", kinds)


def generic(kind: str, *items: PyExpression) -> PySubscript:
    """`kind[items]`, a type."""
    return PySubscript(PyName(kind), PyDisplay("bare", items))


CONTRARY = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def negated(test: PyExpression) -> PyExpression:
    """The opposite of a condition."""
    match test:
        case PyOperation("not", (operand,)):
            return operand
        case PyOperation(operator, operands) if operator in CONTRARY:
            return PyOperation(CONTRARY[operator], operands)
    return PyOperation("not", (test,))


def choice(test: PyExpression, then: PyExpression, otherwise: PyExpression) -> PyChoice:
    """`then if test else otherwise`, without a `not` before the test."""
    match test:
        case PyOperation("not", (operand,)):
            return PyChoice(operand, otherwise, then)
    return PyChoice(test, then, otherwise)


def conjunction(tests: Iterable[PyExpression]) -> PyExpression:
    """The conjunction of one or more conditions."""
    tests = tuple(tests)
    return tests[0] if len(tests) == 1 else PyOperation("and", tests)


def if_else(test: PyExpression, then: PyBlock, otherwise: PyBlock) -> PyBlock:
    """An `if` statement without an empty branch; nothing if both are empty.

    If it has two branches, its test does not start with `not`.
    """
    match test:
        case PyOperation("not", (operand,)):
            test, then, otherwise = operand, otherwise, then
    if then:
        return (PyIf(test, then, otherwise),)
    return (PyIf(negated(test), otherwise),) if otherwise else ()

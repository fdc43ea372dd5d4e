"""Python as values: the expressions and statements that generated files are made of.

The back end builds these values, asks them, and changes them; `source` makes text of them, once,
at the end. Two values are equal where their text would be the same piece of Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Literal, TypeAlias

from archdsl.arithmetic import Value

Sequence: TypeAlias = Literal["list", "tuple"]

Targets: TypeAlias = "tuple[str | tuple[str, ...], ...]"
"""The variables of a loop; one that is a tuple takes an item apart."""

# --- expressions ---


@dataclass(frozen=True)
class Name:
    """A variable, a class or a function."""

    id: str


@dataclass(frozen=True)
class Constant:
    """A number, truth value, string or `None`."""

    value: int | float | bool | str | None

    def __eq__(self, other: object) -> bool:
        # Of `1`, `1.0` and `True` no two are the same text.
        alike = isinstance(other, Constant) and type(self.value) is type(other.value)
        return alike and self.value == other.value  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.value)


@dataclass(frozen=True)
class Attribute:
    """`value.name`."""

    value: Expression
    name: str


@dataclass(frozen=True)
class Argument:
    """One argument of a call; `keyword` is empty where it is passed by position."""

    value: Expression
    keyword: str = ""


@dataclass(frozen=True)
class Call:
    """`callee(*arguments)`."""

    callee: Expression
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True)
class Operation:
    """An operator between operands, or `not` and `-` before one; `source` has the operators."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True)
class Choice:
    """`then if test else otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True)
class Subscript:
    """`value[index]`; an index that is a tuple stands without parentheses."""

    value: Expression
    index: Expression


@dataclass(frozen=True)
class Slice:
    """`start:stop`, in a subscript; None where a side is left out."""

    start: Expression | None = None
    stop: Expression | None = None


@dataclass(frozen=True)
class Display:
    """`[a, b]` or `(a, b)`; "bare" is a tuple without parentheses, as behind `return`."""

    kind: Literal["list", "tuple", "bare"]
    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Starred:
    """`*value`."""

    value: Expression


@dataclass(frozen=True)
class Comprehension:
    """`element for targets in iterable if test`, in brackets of a list or in parentheses."""

    kind: Literal["list", "generator"]
    element: Expression
    targets: Targets
    iterable: Expression
    test: Expression | None = None


@dataclass(frozen=True)
class Format:
    """An f-string: texts, and the values between them."""

    parts: tuple[str | Expression, ...]


Expression: TypeAlias = (
    "Name | Constant | Attribute | Call | Operation | Choice | Subscript | Slice | Display"
    " | Starred | Comprehension | Format"
)

# --- statements ---


@dataclass(frozen=True)
class Assign:
    """`target: annotation = value`; without a value it is a declaration."""

    target: Expression
    value: Expression | None
    annotation: Expression | None = None
    operator: str = ""
    """That of an augmented assignment: `+` for `+=`."""


@dataclass(frozen=True)
class Evaluate:
    """An expression as a statement."""

    value: Expression


@dataclass(frozen=True)
class Return:
    """`return value`."""

    value: Expression


@dataclass(frozen=True)
class If:
    """`if test:`, with `else:` or `elif` where there is more."""

    test: Expression
    then: Block
    otherwise: Block = ()


@dataclass(frozen=True)
class For:
    """`for targets in iterable:`."""

    targets: Targets
    iterable: Expression
    body: Block


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function; one that `is_rest` takes all further positional arguments."""

    name: str
    annotation: Expression | None = None
    default: Expression | None = None
    is_rest: bool = False


@dataclass(frozen=True)
class Function:
    """`def name(parameters) -> returns:`; `doc` is the text of its docstring."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: Expression
    body: Block
    doc: str = ""


Statement: TypeAlias = "Assign | Evaluate | Return | If | For | Function"
Block: TypeAlias = "tuple[Statement, ...]"
Code: TypeAlias = "Expression | Statement | Argument | Parameter"

# --- how they are made ---

NONE = Constant(None)
SELF = Name("self")
TRAINING = Attribute(SELF, "training")
SUPER = Call(Attribute(Call(Name("super")), "__init__"))


def dotted(name: str) -> Expression:
    """A name of a module, such as `nn.Conv2d`; or one without a dot."""
    first, *others = name.split(".")
    start: Expression = Name(first)
    return reduce(Attribute, others, start)


def call(callee: str | Expression, *values: Expression, **keywords: Expression) -> Call:
    """A call by position, then by keyword."""
    function = dotted(callee) if isinstance(callee, str) else callee
    named = [Argument(value, keyword) for keyword, value in keywords.items()]
    return Call(function, (*map(Argument, values), *named))


def assign(name: str, value: Expression) -> Assign:
    """`name = value`."""
    return Assign(Name(name), value)


def constant(value: Value | None, sequence: Sequence = "list") -> Expression:
    """A value of the language; what is in a sequence is a tuple."""
    if isinstance(value, tuple):
        return Display(sequence, tuple([constant(item, "tuple") for item in value]))
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return Operation("neg", (Constant(-value),))
    assert isinstance(value, int | float | str | None)
    return Constant(value)


def union(kinds: Iterable[Expression]) -> Expression:
    """`int | float`, or the only one."""
    kinds = tuple(kinds)
    return kinds[0] if len(kinds) == 1 else Operation("|", kinds)


def generic(kind: str, *items: Expression) -> Subscript:
    """`kind[items]`, a type."""
    return Subscript(Name(kind), Display("bare", items))


CONTRARY = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def negated(test: Expression) -> Expression:
    """The opposite of a condition."""
    match test:
        case Operation("not", (operand,)):
            return operand
        case Operation(operator, operands) if operator in CONTRARY:
            return Operation(CONTRARY[operator], operands)
    return Operation("not", (test,))


def choice(test: Expression, then: Expression, otherwise: Expression) -> Choice:
    """`then if test else otherwise`, without a `not` before the test."""
    match test:
        case Operation("not", (operand,)):
            return Choice(operand, otherwise, then)
    return Choice(test, then, otherwise)


def conjunction(tests: Iterable[Expression]) -> Expression:
    """All of some conditions, of which there is one at least."""
    tests = tuple(tests)
    return tests[0] if len(tests) == 1 else Operation("and", tests)


def if_else(test: Expression, then: Block, otherwise: Block) -> Block:
    """An `if` statement without an empty side; nothing where both are empty.

    Where it has two sides, no `not` stands before its test.
    """
    match test:
        case Operation("not", (operand,)):
            test, then, otherwise = operand, otherwise, then
    if then:
        return (If(test, then, otherwise),)
    return (If(negated(test), otherwise),) if otherwise else ()

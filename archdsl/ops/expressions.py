"""The parameters and sizes of an op as expressions, from which code is printed.

The shape rule of an op is written once and interpreted in three domains (abstract interpretation):

- over numbers, `conv(8, 3, stride=2)` takes `[3, 32, 32]` to `[8, 16, 16]`;
- over exact sizes (`shapes/`), it takes `[3, h, w]` to `[8, (h - 1) // 2 + 1, ...]`, which holds
  for every h at once;
- over expressions (`provenance.py`), it gives `out` and `(input.1 - 1) // stride + 1`, from which
  generated code computes the size. Here the op is `Lifted`: its parameters are expressions too.

All three have the operators of `Calculable`, so a rule is ordinary arithmetic. It must not branch
on a size, which only one of the domains could answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from archdsl.arithmetic import Value
from archdsl.ops.parameters import Initializer
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Calculable, Expression, Literal, Symbol, Term, operation
from archdsl.substitution import evaluate


class Element(Protocol):
    """The operations that a shape rule may apply to a size of any domain."""

    def __add__(self, other: Any, /) -> Any: ...
    def __radd__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __rsub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __rmul__(self, other: Any, /) -> Any: ...
    def __floordiv__(self, other: Any, /) -> Any: ...


Size = TypeVar("Size", bound=Element)
"""A size of one of the domains: from sizes of a domain a rule makes sizes of that domain."""


def given(name: str) -> Expression:
    """The op's own parameter of that name."""
    return Symbol(None, name)


class InitNumber(Symbol):
    """A number of the initialisation that an op has as its `init`."""

    __slots__ = ("argument",)

    def __init__(self, argument: str) -> None:
        super().__init__(None, f"init.{argument}")
        self.argument = argument

    def of(self, initializer: Initializer) -> Term:
        """Its value, with its expression where the author gave it."""
        value = dict(initializer.arguments)[self.argument]
        return Term(value, initializer.expressions.get(self.argument, Literal(value)))


def given_float(op: Any, name: str) -> Expression:
    """The op's own parameter of that name as a float, which TorchScript tells from an int."""
    is_float = isinstance(getattr(op, name), float)
    return given(name) if is_float else operation("float", given(name))


class InputSize(Symbol):
    """A size of an input of an op: of the input `index` that of a dimension, in memory's order."""

    __slots__ = ("dimension", "index")

    def __init__(self, index: int, dimension: int) -> None:
        super().__init__(None, f"input.{index}.{dimension}")
        self.index = index
        self.dimension = dimension


def input_size(dimension: int = 0, index: int = 0) -> InputSize:
    """A size of an input; dimension 0 is the channels where these are first."""
    return InputSize(index, dimension)


def channels_size(shape: TensorType[Any], index: int = 0) -> InputSize:
    """The channels of an input of a type."""
    return input_size(shape.channels_dimension, index)


class InputPart(InputSize):
    """A size of an input that is not its channels, where somebody else's class is made with it."""

    __slots__ = ()


class InputBound(InputSize):
    """The bound of the whole numbers of an input; its dimension is its place behind the sizes."""

    __slots__ = ()


def input_bound(shape: TensorType[Any], index: int = 0) -> InputBound:
    """The bound of the whole numbers of an input."""
    return InputBound(index, shape.breadth_place)


def value_on(source: Expression, op: Any, shapes: Sequence[TensorType[Any]]) -> Value:
    """The value of an expression of an op, on inputs of some shapes."""

    def value_of(symbol: Symbol) -> Value:
        if isinstance(symbol, InitNumber):
            return symbol.of(op.init).value
        value: Value = (
            shapes[symbol.index].parts[symbol.dimension]
            if isinstance(symbol, InputSize)
            else op.argument(symbol.name)
        )
        return value

    return evaluate(source, value_of)


def read_as(value: Value, given: Term) -> Term:
    """A value as an op has read it: where it takes whole numbers, 2.0 is one."""
    return Term(value, _read_as(value, given.value, given.expression))


def _read_as(value: Value, given: Value, expression: Expression) -> Expression:
    if type(value) is int and type(given) is float:
        return operation("int", expression)
    if not isinstance(value, tuple) or not isinstance(given, tuple):
        return expression
    if all(type(a) is type(b) for a, b in zip(value, given, strict=True)):
        return expression
    items = [operation("[]", expression, index) for index in range(len(value))]
    return operation("list", *map(_read_as, value, given, items))


class Lifted:
    """An op in the domain of expressions: its parameters are symbols instead of numbers."""

    def __init__(self, op: Any) -> None:
        self._op = op

    def __getattr__(self, name: str) -> object:
        value = getattr(self._op, name)
        if isinstance(value, tuple) and not any(isinstance(each, str) for each in value):
            return tuple([operation("[]", given(name), index) for index in range(len(value))])
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return given(name) if is_number else value


def as_expression(size: Any) -> Expression:
    """A size of a shape rule as an expression."""
    return size if isinstance(size, Calculable) else Literal(size)  # type: ignore[return-value]


def one_or_several(numbers: Any) -> Expression:
    """Numbers along axes as one expression where they are the same, else as a list."""
    if not isinstance(numbers, tuple):
        return as_expression(numbers)
    known = [*map(as_expression, numbers)]
    is_one = all(each == known[0] for each in known)
    return known[0] if is_one else operation("list", *known)

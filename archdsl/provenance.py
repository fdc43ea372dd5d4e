"""Values that remember the expression they came from.

While a network is elaborated with concrete numbers, every number also carries an expression over
the symbols of the frame it belongs to: the parameters of a block, the sizes at its entry, the
variables of a loop. Generated code prints those expressions, so `4 * width` stays `4 * width`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.shapes import Dim

Scalar: TypeAlias = "bool | float | str | Dim"
Value: TypeAlias = "Scalar | tuple[Value, ...]"


@dataclass(eq=False)
class Frame:
    """A scope of symbols: one application of a block, one iteration of a loop, or a way out.

    `definitions` gives every symbol's value, with its expression in the terms of the surrounding
    frames (an argument in its caller's terms).
    A symbol of a frame that is no `block` can always be replaced by its definition.
    Frames are compared by identity.
    """

    name: str
    block: bool = False
    definitions: dict[str, Term] = field(default_factory=dict)

    def define(self, name: str, term: Term) -> Term:
        """Give a name to a value; the result is that value, known by its new name."""
        self.definitions[name] = term
        return Term(term.value, Symbol(self, name))


@dataclass(frozen=True)
class Literal:
    """A number, truth value or string that the author wrote."""

    value: Scalar


@dataclass(frozen=True)
class Symbol:
    """A name of a frame. Without a frame it is an op's own parameter, or `input.SIZE`."""

    frame: Frame | None
    name: str


@dataclass(frozen=True)
class Operation:
    """An operator or a function of the language applied to operands.

    `operator` is one of `+ - * / // % ** == != < <= > >= and or not neg if [] list`, or the name
    of a builtin function (`min`, `divisible`, `len`, `range`, `zip`, `enumerate`, ...).
    `if` has the operands (condition, then, otherwise); `[]` has (list, index).
    """

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True)
class Format:
    """A text with values filled in, such as the label `layer{i}`."""

    parts: tuple[Expression, ...]


Expression: TypeAlias = "Literal | Symbol | Operation | Format"


@dataclass(frozen=True)
class Term:
    """A value and the expression it came from."""

    value: Value
    expression: Expression


def literal(value: Scalar) -> Term:
    """A value that is its own expression."""
    return Term(value, Literal(value))


def substitute(expression: Expression, replace: Callable[[Symbol], Expression]) -> Expression:
    """The expression with every symbol replaced; what simplifies is simplified."""
    match expression:
        case Literal():
            return expression
        case Symbol():
            return replace(expression)
        case Format(parts):
            return Format(tuple(substitute(part, replace) for part in parts))
        case Operation(operator, operands):
            return operation(operator, *(substitute(operand, replace) for operand in operands))


def symbols(expression: Expression) -> set[Symbol]:
    """The symbols that an expression reads."""
    match expression:
        case Literal():
            return set()
        case Symbol():
            return {expression}
        case Format(parts) | Operation(_, parts):
            return set().union(*map(symbols, parts))

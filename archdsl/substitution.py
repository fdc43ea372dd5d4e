"""What expressions become when their symbols are replaced: by other expressions, or by values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from types import MappingProxyType

from archdsl.arithmetic import Refused, Value, apply
from archdsl.provenance import Expression, Format, Frame, Literal, Operation, Symbol, operation


class Undefined(Exception):
    """An expression has no value."""


def substitute(expression: Expression, replace: Callable[[Symbol], Expression]) -> Expression:
    """The expression with every symbol replaced, and simplified again."""
    match expression:
        case Literal():
            return expression
        case Symbol():
            return replace(expression)
        case Format(parts):
            return Format(tuple([substitute(part, replace) for part in parts]))
        case Operation(operator, operands):
            return operation(operator, *[substitute(operand, replace) for operand in operands])


NO_FRAMES: Mapping[Frame, Frame] = MappingProxyType({})
NO_SYMBOLS: Mapping[Symbol, Symbol] = MappingProxyType({})


class Without:
    """A function that replaces the symbols of some frames by what they were defined as.

    Names that the frame `instead` of one defines too mean what they mean there, and symbols of
    other frames are `renamed`. The function remembers what it has replaced. It raises `TooLong`.
    It is no closure: one that calls itself is freed by the collector alone.
    """

    __slots__ = ("_frames", "_instead", "_known", "_others", "_renamed")

    def __init__(
        self,
        frames: Set[Frame],
        instead: Mapping[Frame, Frame] = NO_FRAMES,
        renamed: Mapping[Symbol, Symbol] = NO_SYMBOLS,
    ) -> None:
        self._frames, self._instead, self._renamed = frames, instead, renamed
        self._known: dict[Expression, Expression] = {}
        self._others = Without({*instead.values()}) if instead else None

    def __call__(self, expression: Expression) -> Expression:
        """The expression as it is seen from outside of the frames."""
        frames, renamed = self._frames, self._renamed
        for symbol in expression.symbols:
            if symbol.frame in frames or symbol in renamed:
                break
        else:
            # What `operation` has made cannot be simplified further.
            return expression
        known = self._known.get(expression)
        if known is None:
            known = self._known[expression] = self._fresh(expression)
        return known

    def _fresh(self, expression: Expression) -> Expression:
        match expression:
            case Symbol() if expression in self._renamed:
                return self._renamed[expression]
            case Symbol(Frame() as frame, name):
                other = self._instead.get(frame)
                if other is None or self._others is None or name not in other.definitions:
                    return self(frame.definitions[name].expression)
                # A default may be in terms of other parameters.
                return self._others(other.definitions[name].expression)
            case Operation(operator, operands):
                return operation(operator, *[self(operand) for operand in operands])
            case _:
                return substitute(expression, self)


def evaluate(expression: Expression, value_of: Callable[[Symbol], Value]) -> Value:
    """The value of an expression, given the values of its symbols; raises `Undefined`.

    Only the branch of an `if` that is taken needs a value, and only the deciding operands of `and`
    and `or`.
    """
    match expression:
        case Literal(value):
            return value
        case Symbol():
            return value_of(expression)
        case Format(parts):
            return "".join([str(evaluate(part, value_of)) for part in parts])
        case Operation("if", (condition, then, otherwise)):
            return evaluate(then if evaluate(condition, value_of) else otherwise, value_of)
        case Operation("and" | "or" as operator, operands):
            values = (evaluate(operand, value_of) for operand in operands)
            return all(values) if operator == "and" else any(values)
        case Operation("*", (Literal(int(times)), repeated)) if isinstance(
            items := evaluate(repeated, value_of), tuple
        ):
            # `x + x` is doubled; this holds for lists too.
            return items * times
        case Operation(operator, operands):
            try:
                return apply(operator, [evaluate(operand, value_of) for operand in operands])
            except Refused as refused:
                raise Undefined(refused.message) from None

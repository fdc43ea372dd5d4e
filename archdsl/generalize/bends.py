"""Numbers that a network computes piecewise: `min`, `//`, `divisible`, the choice of an `if`.

They decide as conditions do: code that fits one piece may be wrong on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

from archdsl import tree
from archdsl.arithmetic import Value
from archdsl.generalize.decisions import Decision, Measure, Reads, frames_of, nodes_of
from archdsl.graph import Graph
from archdsl.ops.parameters import Initializer
from archdsl.provenance import Expression, Format, Operation, Term

Piece: TypeAlias = tuple[Expression, Measure]
"""An expression, and a function from its value to its piece."""

COMPARISONS = frozenset("== != < <= > >= and or not".split())
ROUNDING = frozenset("divisible floor ceil round".split())


def bends(graph: Graph) -> Iterator[Decision]:
    """The piecewise computations of a network that depend on its parameters."""
    reads = Reads(graph.tree)
    for node, path in nodes_of(graph.tree):
        for frame in frames_of(node):
            reads.note(frame)
        for number, (expression, measure) in enumerate(_pieces_at(node)):
            if names := reads.of(expression):
                location = node.site, (*path.around, (None, number))
                yield Decision(
                    expression, measure, None, names, location, path.conditions, is_structural=False
                )


def _pieces_at(node: tree.Node) -> Iterator[Piece]:
    expressions = [t.expression for frame in frames_of(node) for t in frame.definitions.values()]
    if isinstance(node, tree.OpNode):
        expressions += [each for argument in node.arguments.values() for each in _numbers(argument)]
    for expression in expressions:
        if isinstance(expression, Operation | Format):
            yield from _pieces(expression)


def _numbers(argument: Term | Initializer) -> Collection[Expression]:
    """The expressions of all numbers in an op's argument."""
    if isinstance(argument, Initializer):
        return argument.expressions.values()
    return (argument.expression,)


def _pieces(expression: Operation | Format) -> Iterator[Piece]:
    if isinstance(expression, Format):
        parts = expression.parts
    else:
        parts = expression.operands
        if piece := _piece(expression.operator, parts, expression):
            yield piece
    for part in parts:
        if isinstance(part, Operation | Format):
            yield from _pieces(part)


def _piece(operator: str, operands: tuple[Expression, ...], expression: Expression) -> Piece | None:
    if operator in COMPARISONS:
        return expression, bool
    if operator == "if":
        return operands[0], bool
    if operator in ("//", "%"):
        return Operation("%", operands), bool
    if operator in ("min", "max"):
        compared = operands[0] if len(operands) == 1 else Operation("list", operands)
        return compared, _extreme_place(min if operator == "min" else max)
    if operator in ROUNDING:
        return Operation("list", (expression, operands[0])), _rounded
    return None


def _extreme_place(extreme: Callable[..., Value]) -> Measure:
    """Whether the minimum (or maximum) of some numbers is the first, the last or another."""

    def measure(value: Value) -> object:
        if not isinstance(value, tuple) or not value:
            return None
        index = value.index(extreme(value))
        return "first" if index == 0 else "last" if index == len(value) - 1 else "another"

    return measure


def _rounded(value: Value) -> object:
    """Whether rounding decreases a number, increases it, or neither."""
    match value:
        case (int() | float() as after, int() | float() as before):
            return (after > before) - (after < before)
    return None

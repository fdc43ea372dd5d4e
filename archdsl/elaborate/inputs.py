"""The inputs of a network: symbols of their sizes, and nodes without an op."""

from __future__ import annotations

from archdsl.elaborate.apply.application import read_by_name
from archdsl.elaborate.apply.operators import checked
from archdsl.elaborate.evaluate.dispatch import as_size, number
from archdsl.elaborate.scope import Body, Scope
from archdsl.elaborate.tensors import Flow, Several, Tensor
from archdsl.graph import Port
from archdsl.ops.base import Reject, Shape
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Literal, Term
from archdsl.shapes import Polynomial, symbol
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants
from archdsl.tree import shape_of

INPUT = "input"


def name_symbols(
    declaration: ast.BlockDeclaration, inputs: tuple[ast.Input, ...], scope: Scope
) -> None:
    """Make a symbol of every name in the input's sizes that is no parameter."""
    parameters = {parameter.name.name for parameter in declaration.parameters}
    for size in [size for each in inputs for size in each.parts]:
        for node in descendants(size):
            if isinstance(node, ast.Name) and node.name not in parameters:
                size_symbol = symbol(node.name)
                term = Term(size_symbol, Literal(size_symbol))
                scope.names[node.name] = scope.body.frame.define(node.name, term)


def enter(inputs: tuple[ast.Input, ...], scope: Scope) -> Flow:
    """The input of the body; inputs with names are wires."""
    body = scope.body
    tensors = [_input(each, scope) for each in inputs]
    names = [each.name.name for each in inputs if each.name is not None]
    if len(set(names)) < len(names):
        raise scope.broken()
    body.instance.input_names = tuple(names)
    body.network.graph.inputs = {
        name: Port(tensor.node) for name, tensor in zip(names or [INPUT], tensors, strict=True)
    }
    if not names:
        return tensors[0]
    entry = Several(dict(zip(names, tensors, strict=True)), are_inputs=True)
    body.instance.wires = dict(entry.nodes)
    read_by_name(entry, body)
    return entry


def _input(pattern: ast.Input, scope: Scope) -> Tensor:
    """One input of a network, as a node without an op."""
    written = pattern.shape
    below = None if written.below is None else _size(written.below, scope)
    known = tuple([_size(size, scope) for size in written.sizes])
    sizes = TensorType(known, written.is_last, below)
    if written.below is not None and not isinstance(sizes.breadth.value, int):
        message, help = (
            "the bound of whole numbers must be a number",
            "only positions may be symbols",
        )
        raise scope.fail("E0309", message, written.below.span, help=help)
    if below is None and (not sizes.rank or not isinstance(sizes.channels.value, int)):
        span = pattern.sizes[sizes.channels_dimension].span if pattern.sizes else pattern.span
        help = "write a number; only positions may be symbols"
        raise scope.fail("E0309", "the channels of an input must be a number", span, help=help)
    for size, span in zip(sizes.sizes, [each.span for each in written.sizes], strict=True):
        if isinstance(size.value, Polynomial):
            message, found = "a size would depend on several symbols", str(shape_of(sizes))
            raise scope.fail("E0307", message, span, found=found)
    try:
        shape = checked(shape_of(sizes))
    except Reject as reject:
        raise scope.fail("E0307", reject.message, pattern.span, found=reject.found) from None
    _note_habits(shape, pattern, scope.body)
    node = scope.body.network.add(None, (), shape, "", pattern.span)
    return Tensor(node, sizes)


def _note_habits(shape: Shape, pattern: ast.Input, body: Body) -> None:
    """Remark on sizes that are possible, and look like those of an image in other notations."""
    match () if shape.is_last or shape.below is not None else shape.sizes:
        case (_, 1 | 3 as channels, height, width):
            message = "four sizes are channels, depth, height and width; a batch is not written"
            image = f"[{channels}, {height}, {width}]"
        case (int() as first, second) if first == second:
            message = "two sizes are channels and a length; an image writes its channels too"
            image = f"[1, {first}, {second}]"
        case _:
            return
    body.note(
        "N0301", message, pattern.sizes[0].span.to(pattern.sizes[-1].span), f"write `{image}`"
    )


def _size(expression: ast.Expression, scope: Scope) -> Term:
    if isinstance(expression, ast.Wildcard):
        help = "write a number, or a name for a size that may vary"
        if isinstance(expression, ast.Rest):
            help = "a network says how many sizes its input has: write every one"
        message = f"`{expression.span.text}` is not allowed in a network's input"
        raise scope.fail("E0309", message, expression.span, help=help)
    return as_size(number(expression, scope), expression.span, scope)

"""A network at given input sizes: the same graph, with numbers for symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archdsl.diagnostics import Diagnostic, error
from archdsl.graph import Graph, Node
from archdsl.ops.base import Reject, Shape
from archdsl.shapes import Dim, Symbolic, evaluate


def symbols(graph: Graph) -> list[str]:
    """The symbolic sizes of a network, in the order of its inputs."""
    sizes = [size for port in graph.inputs.values() for size in graph.shape(port).sizes]
    return list(dict.fromkeys(size.symbol for size in sizes if isinstance(size, Symbolic)))


def at_sizes(graph: Graph, values: Mapping[str, int]) -> tuple[Graph, list[Diagnostic]]:
    """The network with given values for sizes; sizes without a value stay symbolic.

    Every shape is inferred again, so a layer that does not fit at these sizes is an error.
    """
    if not values.keys() & set(symbols(graph)):
        return graph, []
    known = replace(graph, order=[], inputs=dict(graph.inputs))
    for node in graph:
        try:
            shape = _shape(known, node, values)
        except Reject as reject:
            return graph, [_refusal(graph, node, reject, values)]
        known.add(replace(node, shape=shape))
    return known, []


def _shape(known: Graph, node: Node, values: Mapping[str, int]) -> Shape:
    if node.op is None:
        return node.shape.map(lambda size: _size(size, values))
    return node.op.output(*known.input_shapes(node))


def _size(size: Dim, values: Mapping[str, int]) -> Dim:
    is_given = isinstance(size, Symbolic) and size.symbol in values
    return evaluate(size, values) if is_given else size


def _refusal(graph: Graph, node: Node, reject: Reject, values: Mapping[str, int]) -> Diagnostic:
    sizes = ", ".join(f"{name}={values[name]}" for name in symbols(graph) if name in values)
    message = f"`{graph.name}` cannot have {sizes}: {reject.message}"
    return error(
        "E0916",
        message,
        node.span,
        expected=reject.expected,
        found=reject.found,
        help=reject.help,
    )

"""The receptive field: the part of the input that one output of a network depends on.

Every axis of positions, such as height and width, is followed separately, from the input to the
outputs, in an image without borders. There every layer reads periodically: outputs one period apart
read pixels that are shifted by a constant. So the first and last pixel read by each output of one
period describe a layer completely, and unions and windows carry them from one layer to the next
without loss. The period is 1 until a layer upsamples. It is followed up to a limit; a field beyond
the limit counts as the whole input.

Rows of outputs are taken to read rows of pixels, and columns to read columns. That overestimates in
one case: branches with gaps at different rows and columns (transposed convolutions whose stride
exceeds their kernel) are joined, and a later stride skips everything that one of them contributes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, lcm

from archdsl.analysis.cost import behind_foreign
from archdsl.analysis.layer_costs import Costed, Costs, costs_of
from archdsl.analysis.reach import (
    MAXIMUM_READS,
    NOTHING,
    PIXEL,
    Reach,
    Reaches,
    covering,
    through,
    union,
)
from archdsl.graph import Graph, Node, Port, needed_for
from archdsl.ops.base import Shape
from archdsl.shapes import UNKNOWN, Dim, Unknown

TOGETHER = Fraction(0)


@dataclass(frozen=True)
class Field:
    """The part of the input that the positions of one result depend on, along every axis.

    `size` is defined as for `receptive_field`. `stride` is the number of pixels by which the field
    advances from one position to the next, 0 if it is the whole input. `whole` is the node that
    first made it the whole input. `apart` is the distance in pixels between the centres of the
    fields of joined branches.
    """

    size: tuple[Dim, ...]
    stride: tuple[Fraction, ...]
    whole: tuple[int | None, ...]
    apart: tuple[Fraction, ...]


def fields(network: Costed) -> dict[int, Field]:
    """The field of every result, by node; empty if no input is an image.

    Behind somebody else's class no field is known.
    """
    costs = costs_of(network)
    graph = costs.graph
    first = _first_image(graph)
    found: dict[int, Field] = {}
    if first is None:
        return found
    unknown = behind_foreign(costs)
    for node, before, reaches in _walk(costs, first.node, range(len(graph))):
        if node.id in unknown:
            continue
        sources = [found[port.node].whole for port in node.sources]
        axes = range(len(reaches))
        wholes = [_whole_by(node, reaches[axis], [s[axis] for s in sources]) for axis in axes]
        found[node.id] = Field(
            tuple(map(_size, reaches, graph.shape(first).positions)),
            tuple([reach.rate for reach in reaches]),
            tuple(wholes),
            tuple([_apart([reaches[axis] for reaches in before]) for axis in axes]),
        )
    return found


def _whole_by(node: Node, reach: Reach, before: Sequence[int | None]) -> int | None:
    """The node that made a field the whole input: an earlier one, or this one."""
    if reach.size != inf:
        return None
    return next((source for source in before if source is not None), node.id)


def _apart(reaches: Sequence[Reach]) -> Fraction:
    """The largest distance, over all positions, between the centres of joined branches' fields."""
    if len(reaches) < 2:
        return TOGETHER
    known = [reach for reach in reaches if reach.size not in (0, inf)]
    period = lcm(*[len(reach.ends) for reach in known])
    if len(known) < 2 or period > MAXIMUM_READS:
        return TOGETHER
    most = TOGETHER
    for position in range(period):
        ends = [reach.at(position) for reach in known]
        centres = [Fraction(int(sum(pair)), 2) for pair in ends if pair is not None]
        most = max(most, max(centres, default=most) - min(centres, default=most))
    return most


def receptive_field(network: Costed) -> tuple[Dim, ...] | Unknown:
    """The size along every axis, in pixels of the input, of the field of the last spatial tensor.

    The input is the first one that has positions behind its channels; without one there is no
    field, and the result is empty. That tensor is the last with as many axes, in order of
    evaluation, on a path to the result that has more than one position; without one the last. Of
    several results the one counts that sees most.

    A size spans the first to the last pixel of the field of one position, as if the image had no
    borders; it may exceed the input. If rows or columns differ, the largest counts. A result of
    global pooling, flatten or linear layers, also through a gate, depends on the whole input: then
    the size is the input's. The same holds if fields with different strides are joined, since their
    distance is unbounded. A size is 0 if nothing of the input is read. Behind somebody else's class
    no field is known.
    """
    costs = costs_of(network)
    graph = costs.graph
    last, first = last_image(costs), _first_image(graph)
    if last is None or first is None:
        return ()
    if last.id in behind_foreign(costs):
        return UNKNOWN
    needed = needed_for(graph, [Port(last.id)])
    ((_, _, reaches),) = deque(_walk(costs, first.node, needed), maxlen=1)
    return tuple(map(_size, reaches, graph.shape(first).positions))


def reaches(network: Costed, node: int) -> Reaches | Unknown:
    """What every position of a node's result reads of the first image, axis by axis.

    Rows and columns are counted from the image's first; those outside it are padding.
    """
    costs = costs_of(network)
    first = _first_image(costs.graph)
    if first is None or node in behind_foreign(costs):
        return UNKNOWN
    walked = _walk(costs, first.node, needed_for(costs.graph, [Port(node)]))
    ((_, _, found),) = deque(walked, maxlen=1)
    return found


def _first_image(graph: Graph) -> Port | None:
    shapes = {port: graph.shape(port) for port in graph.inputs.values()}
    return next((port for port, shape in shapes.items() if _has_axes(shape)), None)


def _has_axes(shape: Shape) -> bool:
    return bool(shape.positions) and not shape.is_last and shape.below is None


def last_image(network: Costed) -> Node | None:
    """The node whose field `receptive_field` reports; symbolic sizes are assumed to exceed 1."""
    costs = costs_of(network)
    first = _first_image(costs.graph)
    if first is None:
        return None
    found = [_last_before(port, first, costs.graph) for port in costs.graph.results.values()]
    images = {node.id: node for node in found if node is not None}
    return _widest(costs, first, images) if len(images) > 1 else next(iter(images.values()), None)


def _last_before(result: Port, first: Port, graph: Graph) -> Node | None:
    """The last image on a path to a result."""
    before = needed_for(graph, [result])
    nodes = [node for node in graph if node.id in before]
    images = [node for node in nodes if node.shape.has_layout_of(graph.shape(first))]
    wide = [node for node in images if any(size != 1 for size in node.shape.positions)]
    return next(reversed(wide or images), None)


def _widest(costs: Costs, first: Port, images: Mapping[int, Node]) -> Node:
    """The image that sees most of the input; of equal ones the first."""
    needed = needed_for(costs.graph, map(Port, images))
    walked = _walk(costs, first.node, needed)
    sizes = {node.id: sum(reach.size for reach in reaches) for node, _, reaches in walked}
    return max(images.values(), key=lambda image: sizes[image.id])


def _walk(
    costs: Costs, first: int, needed: Container[int]
) -> Iterator[tuple[Node, list[Reaches], Reaches]]:
    """Nodes in order, with the reaches of their sources and their own, into the input `first`."""
    nodes = [node for node in costs.graph if node.id in needed]
    readers = {port.node: node.id for node in nodes for port in node.inputs}
    reaches: dict[int, Reaches] = {}
    axes = len(costs.graph[first].shape.positions)
    for node in nodes:
        before = [reaches[port.node] for port in node.sources]
        if before:
            reaches[node.id] = _reaches(costs, node, before)
        else:
            reaches[node.id] = (PIXEL if node.id == first else NOTHING,) * axes
        yield node, before, reaches[node.id]
        for done in {port.node for port in node.inputs if readers[port.node] == node.id}:
            # No later node reads it; the tables of a deep network would fill the memory.
            del reaches[done]


def _reaches(costs: Costs, node: Node, before: Sequence[Reaches]) -> Reaches:
    """The reach of a node, given those of its sources."""
    axes = range(len(before[0]))
    found = [_reach(costs, node, [reaches[axis] for reaches in before], axis) for axis in axes]
    # A pixel lies in a row and in a column; a node that reads no row reads nothing.
    return tuple([NOTHING if any(reach.is_empty for reach in found) else reach for reach in found])


def _reach(costs: Costs, node: Node, before: Sequence[Reach], axis: int) -> Reach:
    shapes = [costs.graph.shape(port) for port in node.sources]
    window = costs.of(node).window
    reach = union(
        [
            covering(reach) if len(before) > 1 and _is_spread(shape, node.shape, axis) else reach
            for reach, shape in zip(before, shapes, strict=True)
        ]
    )
    return covering(reach) if window.covers else through(window.along(axis), reach)


def _is_spread(operand: Shape, result: Shape, axis: int) -> bool:
    """Whether every position of a result reads the single position of an operand."""
    if max(len(operand.positions), axis + 1) != len(result.positions):
        return False
    return operand.positions[axis] == 1 != result.positions[axis]


def _size(reach: Reach, whole: Dim) -> Dim:
    return whole if reach.size == inf else int(reach.size)

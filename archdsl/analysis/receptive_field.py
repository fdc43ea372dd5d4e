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
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import gcd, inf, lcm
from typing import TypeAlias

from archdsl.analysis.cost import behind_foreign
from archdsl.analysis.layer_costs import Costed, Costs, costs_of
from archdsl.graph import Graph, Node, Port, needed_for
from archdsl.ops.axes import AxisWindow
from archdsl.ops.base import Shape
from archdsl.shapes import UNKNOWN, Dim, Unknown

MAXIMUM_READS = 2**12
"""Maximum number of distinct positions that one period of outputs may read."""
MAXIMUM_STEP = 2**63
"""Maximum number of pixels by which the field may advance in one period."""

Ends: TypeAlias = tuple[float, float]
"""The first and the last of some pixels: whole numbers, or infinite on both sides."""


@dataclass(frozen=True)
class Reach:
    """The pixels that the outputs of a layer read along one axis.

    Output `len(ends) * q + r` reads from `ends[r][0] + step * q` to `ends[r][1] + step * q`; it
    reads nothing where `ends[r]` is None.
    """

    step: int
    ends: tuple[Ends | None, ...]

    @cached_property
    def is_empty(self) -> bool:
        """Whether no output reads anything."""
        return not any(self.ends)

    @cached_property
    def size(self) -> float:
        """The number of pixels from the first to the last, for the output that reads widest."""
        return max((last - first + 1 for first, last in filter(None, self.ends)), default=0)

    @cached_property
    def rate(self) -> Fraction:
        """Pixels by which the field advances from one output to the next."""
        return Fraction(self.step, len(self.ends))

    def at(self, position: int) -> Ends | None:
        """The pixels that one output reads."""
        turn, residue = divmod(position, len(self.ends))
        ends = self.ends[residue]
        return ends and (ends[0] + self.step * turn, ends[1] + self.step * turn)

    def over(self, positions: range) -> Ends | None:
        """The pixels that several outputs read together."""
        # Outputs repeat after a cycle, shifted; so the first and the last cycle suffice.
        cycle = len(self.ends) // gcd(len(self.ends), positions.step)
        return _hull(map(self.at, chain(positions[:cycle], positions[-cycle:])))


PIXEL = Reach(1, ((0, 0),))
NOTHING = Reach(0, (None,))
WHOLE = Reach(0, ((-inf, inf),))
POINT = AxisWindow(1, 1, 0, 1, 1)
TOGETHER = Fraction(0)

Reaches: TypeAlias = tuple[Reach, ...]
"""A reach for every axis: of an image rows along the height, and columns along the width."""


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
    reach = _union(
        [
            _whole(reach) if len(before) > 1 and _is_spread(shape, node.shape, axis) else reach
            for reach, shape in zip(before, shapes, strict=True)
        ]
    )
    return _whole(reach) if window.covers else _through(window.along(axis), reach)


def _is_spread(operand: Shape, result: Shape, axis: int) -> bool:
    """Whether every position of a result reads the single position of an operand."""
    if max(len(operand.positions), axis + 1) != len(result.positions):
        return False
    return operand.positions[axis] == 1 != result.positions[axis]


def _whole(reach: Reach) -> Reach:
    """The reach of a layer that reads all outputs."""
    return NOTHING if reach.is_empty else WHOLE


def _union(reaches: Sequence[Reach]) -> Reach:
    """The reach of a layer that reads the outputs of several layers at the same position."""
    reaches = [reach for reach in reaches if not reach.is_empty]
    if len(reaches) < 2:
        return reaches[0] if reaches else NOTHING
    rate, period = reaches[0].rate, lcm(*[len(reach.ends) for reach in reaches])
    if period > MAXIMUM_READS or any(reach.rate != rate for reach in reaches):
        return WHOLE
    ends = [_hull(reach.at(position) for reach in reaches) for position in range(period)]
    return Reach(int(rate * period), tuple(ends))


def _through(window: AxisWindow, reach: Reach) -> Reach:
    """The reach of a layer with a window; `reach` is that of its input."""
    if window == POINT:
        return reach
    # Outputs repeat when their window has advanced by whole periods of the input.
    length = window.upscale * len(reach.ends)
    period = length // gcd(length, window.stride)
    step = reach.step * (window.stride * period // length)
    reads = period * min(len(reach.ends), window.kernel)
    if reads > MAXIMUM_READS or step > MAXIMUM_STEP:
        return _whole(reach)
    ends = [reach.over(_inputs(window, position)) for position in range(period)]
    return Reach(step, tuple(ends))


def _inputs(window: AxisWindow, position: int) -> range:
    """The inputs that one output reads.

    The window lies over the inputs spread `upscale` apart, and reads those that it meets.
    """
    dilation, upscale = window.dilation, window.upscale
    start = window.stride * position - window.padding
    common = gcd(dilation, upscale)
    if start % common:
        return range(0)
    every = upscale // common
    skipped = -start // common * pow(dilation // common, -1, every) % every
    hits = len(range(skipped, window.kernel, every))
    first, apart = (start + dilation * skipped) // upscale, dilation // common
    return range(first, first + apart * hits, apart)


def _hull(several: Iterable[Ends | None]) -> Ends | None:
    known = [ends for ends in several if ends is not None]
    if not known:
        return None
    return min(first for first, _ in known), max(last for _, last in known)


def _size(reach: Reach, whole: Dim) -> Dim:
    return whole if reach.size == inf else int(reach.size)

"""Turns of `repeat` that differ from the last one in the numbers of their nodes alone.

Once a block was replayed that gives what came into it, every further turn is that replay. So these
turns are made at once, without another look at arguments, sizes and limits.
"""

from __future__ import annotations

from archdsl import tree
from archdsl.elaborate.applications import Replayed, Spent, is_alike, renamed
from archdsl.elaborate.apply.application import Retraced
from archdsl.elaborate.apply.place import CHANNELS, Place, with_breadth
from archdsl.elaborate.apply.replay import copy_nodes, has_room, spend
from archdsl.elaborate.report import step
from archdsl.elaborate.tensors import Tensor
from archdsl.elaborate.values import BlockCallee, Layer, Spliced, layer_value
from archdsl.provenance import Frame, Symbol, Term
from archdsl.source import Span
from archdsl.tree import Instance, LayerValue, Sizes


def further_turns(
    layer: Layer, entry: Tensor, place: Place, count: int
) -> tuple[list[tree.Iteration], Tensor]:
    """So many turns more, and their result; none if they are not as the one before, a replay.

    A note that the layer has no label was made in the first turn.
    """
    last = place.body.replayed
    call = _behind(layer)
    if last is None or call is not last.layer:
        return [], entry
    each = last.spent
    spent = Spent(*[count * n for n in (each.layers, each.turns + 1, each.steps, each.entries)])
    if not _is_same(last, entry) or not has_room(spent, place.body):
        return [], entry
    spend(spent, place.body)
    place.body.replayed = None
    return _Turns(layer, last, place).made(entry, count)


def _behind(layer: Layer) -> Layer:
    """What came through a parameter."""
    while isinstance(layer, Spliced):
        layer = layer.layer
    return layer


def _is_same(last: Replayed, entry: Tensor) -> bool:
    """Whether a block sees what it saw the last time, and will again in every further turn."""
    sizes = last.result.sizes
    if sizes is None or not is_alike(entry, last.given):
        return False
    return not any(last.channels in size.expression.symbols for size in sizes.positions)


class _Turns:
    """Turns of a loop that replay a block as the one before."""

    def __init__(self, layer: Layer, last: Replayed, place: Place) -> None:
        self.layer, self.last, self.place = layer, last, place
        call = last.layer
        assert isinstance(call.callee, BlockCallee)
        self.callee, self.graph = call.callee, place.body.network.graph
        self.trace = step(
            self.callee.name, call.site, call.trace, call.given, self.callee.declaration
        )
        self.likeness = place.body.session.applications.likeness(last.applied, last.sites)
        self.splices = _splices(layer)

    def made(self, entry: Tensor, count: int) -> tuple[list[tree.Iteration], Tensor]:
        """The turns, and the result of the last."""
        iterations = []
        for _ in range(count):
            frame = Frame("turn")
            self.place.body.labels.frames.add(frame)
            assert entry.sizes is not None
            channels = frame.define(CHANNELS, entry.sizes.breadth)
            child, node = self._child(with_breadth(entry, channels))
            sizes = self._sizes(entry.sizes, channels)
            entry = Tensor(node, sizes)
            iterations.append(tree.Iteration(frame, child, sizes))
        return iterations, entry

    def _sizes(self, given: Sizes, channels: Term) -> Sizes:
        """The sizes behind a turn: the positions are as before it."""
        assert self.last.result.sizes is not None
        assert isinstance(channels.expression, Symbol)
        breadth = self.last.result.sizes.breadth
        return given.with_breadth(renamed(self.last.channels, channels.expression, breadth))

    def _child(self, given: Tensor) -> tuple[tree.Node, int]:
        """The block applied once more, as the tree has it, and the node of its result."""
        applied, key = self.last.applied, self.place.keys.unlabelled(self.callee.name, is_op=False)
        first = len(self.graph)
        copy_nodes(applied, self.graph, (given.node,), key.path, self.likeness.moved)
        node = self._result(given.node, first - applied.first)
        instance = Instance(self.callee.block, key.path, Frame(self.callee.name), {})
        instance.arguments, instance.likeness = self.last.arguments, self.likeness
        again = Retraced(self.last.layer, self.callee, self.trace, self.place, first, given)
        instance.defer(again, ("layers",))
        child: tree.Node = tree.CallNode(self.last.layer.site, key.name, instance, node)
        for site, value in self.splices:
            child = tree.SpliceNode(site, value, child)
        return child, node

    def _result(self, entry: int, by: int) -> int:
        """The number of the node that holds the result."""
        applied = self.last.applied
        assert isinstance(applied.result, Tensor)
        node = applied.result.node
        return entry if node in applied.entries else node + by


def _splices(layer: Layer) -> list[tuple[Span, LayerValue]]:
    """The parameters that a layer came through, the innermost first, as the tree has them."""
    found = []
    while isinstance(layer, Spliced):
        value = layer_value(layer)
        assert value is not None
        found.append((layer.site, value))
        layer = layer.layer
    return found[::-1]

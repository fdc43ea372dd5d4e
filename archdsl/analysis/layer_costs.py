"""What each layer of a network costs; equal layers are computed once.

An op that reads shapes of equal sizes costs the same wherever it stands, so a network of 100,000
layers asks its ops as many questions as it has different layers. Whoever needs several figures of
a network makes one `Costs` and hands it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from math import prod
from typing import TypeAlias

from archdsl.graph import Graph, Node, Port
from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Shape, Weight
from archdsl.ops.foreign import Foreign
from archdsl.ops.memory import Saves
from archdsl.shapes import UNKNOWN, Count, Unknown

Number: TypeAlias = int | Unknown
"""A number that may not be known."""
Amount: TypeAlias = Count | Unknown
"""A number or a formula of sizes, which may not be known."""


class LayerCosts:
    """The figures of an op with inputs of given shapes, each computed when it is first read.

    Of somebody else's class most are not known.

    An input of the network is no op: it costs nothing. An op that is there `again` has the weights
    of another layer, where they are counted.
    """

    def __init__(self, op: Op | None, inputs: tuple[Shape, ...], again: bool = False) -> None:
        self._op = op
        self._inputs = inputs
        self._again = again

    @property
    def is_foreign(self) -> bool:
        """Whether it is somebody else's class."""
        return self._op is not None and self._op.is_foreign

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """The entries of the state that are its own."""
        return () if self._again else self.read_weights

    @cached_property
    def read_weights(self) -> tuple[Weight, ...]:
        """The entries of the state that it reads, its own or shared ones."""
        return () if self._op is None else self._op.weights(*self._inputs)

    @cached_property
    def params(self) -> Number:
        """Its trainable numbers."""
        if isinstance(self._op, Foreign) and not self._again:
            known = self._op.known_params(*self._inputs)
            return UNKNOWN if known is None else known
        return sum([prod(weight.shape) for weight in self.weights if weight.trainable])

    @cached_property
    def buffers(self) -> Number:
        """The numbers of its state that no gradient step changes."""
        if self.is_foreign and not self._again:
            return UNKNOWN
        return sum([prod(weight.shape) for weight in self.weights if not weight.trainable])

    @cached_property
    def weight_bytes(self) -> Number:
        """The bytes of its state."""
        if self.is_foreign and not self._again:
            return UNKNOWN
        return sum([weight.number_bytes * prod(weight.shape) for weight in self.weights])

    @cached_property
    def learns(self) -> bool:
        """Whether it has trainable weights, its own or shared ones, or may have some."""
        return self.is_foreign or any(weight.trainable for weight in self.read_weights)

    @cached_property
    def macs(self) -> Amount:
        """Its multiply-adds for one image."""
        if self.is_foreign:
            return UNKNOWN
        return 0 if self._op is None else self._op.macs(*self._inputs)

    @cached_property
    def saves(self) -> Saves:
        """The tensors that it saves for the backward pass."""
        return Saves() if self._op is None else self._op.saves(*self._inputs)

    @cached_property
    def window(self) -> Window:
        """The pixels that one of its outputs reads."""
        return Window() if self._op is None else self._op.window(*self._inputs)

    @cached_property
    def is_view(self) -> bool:
        """Whether its result lies in the memory of its first input, in inference."""
        return self._is_view(training=False)

    @cached_property
    def is_view_in_training(self) -> bool:
        """Whether its result lies in the memory of its first input, in training."""
        return self._is_view(training=True)

    def _is_view(self, training: bool) -> bool:
        # What a foreign class may do is no reason to count less.
        if self._op is None or self.is_foreign:
            return False
        return self._op.is_view(*self._inputs, training=training)

    @cached_property
    def may_overwrite(self) -> bool:
        """Whether it is an activation that PyTorch computes in place."""
        op = self._op
        return op is not None and op.is_activation and op.torch(*self._inputs).inplace


class Layers:
    """Costs by op and shapes, which several networks may share: one object for all that are equal.

    Most ops are the same objects as in another network, which takes less time to see. They are kept
    with their costs, so that no other object gets their identity.
    """

    def __init__(self) -> None:
        self._equal: dict[object, LayerCosts] = {}
        self._same: dict[tuple[int, ...], tuple[LayerCosts, Op | None, tuple[Shape, ...]]] = {}

    def of(self, op: Op | None, shapes: tuple[Shape, ...], again: bool) -> LayerCosts:
        """The costs of an op that reads these shapes."""
        key = (id(op), again, *map(id, shapes))
        known = self._same.get(key)
        if known is None:
            alike = (op, shapes, _texts(shapes), again)
            costs = self._equal.get(alike)
            if costs is None:
                costs = self._equal[alike] = LayerCosts(op, shapes, again)
            known = self._same[key] = (costs, op, shapes)
        return known[0]


class Costs:
    """The costs of a finished network, by node; `layers` are those known of other networks."""

    def __init__(self, graph: Graph, layers: Layers | None = None) -> None:
        self.graph = graph
        self._of_layers = layers or Layers()
        self._of_nodes: dict[int, LayerCosts] = {}

    @cached_property
    def outputs(self) -> frozenset[Port]:
        """The results that the network gives."""
        return frozenset(self.graph.outputs.values())

    def __iter__(self) -> Iterator[tuple[Node, LayerCosts]]:
        """The nodes in an order of evaluation, each with its costs."""
        return ((node, self.of(node)) for node in self.graph)

    def __getitem__(self, id: int) -> LayerCosts:
        return self.of(self.graph[id])

    def of(self, node: Node) -> LayerCosts:
        """The costs of a node."""
        known = self._of_nodes.get(node.id)
        if known is None:
            known = self._of_nodes[node.id] = self._layer(node)
        return known

    def _layer(self, node: Node) -> LayerCosts:
        """The costs of a node's op: one object for all ops that are equal and read the same."""
        return self._of_layers.of(node.op, self.graph.input_shapes(node), node.again)


Costed: TypeAlias = Graph | Costs
"""A network, or its costs where they are at hand."""


def costs_of(network: Costed) -> Costs:
    """The costs of a network, or those that are at hand."""
    return network if isinstance(network, Costs) else Costs(network)


def _texts(shapes: Iterable[Shape]) -> tuple[str, ...]:
    """How open sizes are written, for equal ones can be written in two ways."""
    return tuple(
        [str(size) for shape in shapes for size in shape.sizes if not isinstance(size, int)]
    )

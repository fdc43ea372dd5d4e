"""A training step followed from layer to layer, with every storage that is there.

Autograd runs backward in the opposite order, and frees what a layer kept once that has run. A
gradient that comes from several readers is added up in place, where nobody else holds it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from math import prod
from typing import TypeVar

from archdsl.analysis.layer_costs import Costs, LayerCosts
from archdsl.analysis.memory import copies_input, kept_inputs, requiring
from archdsl.analysis.precision import Widths, numbers
from archdsl.analysis.storage import may_work_in_place, owners
from archdsl.analysis.storages import Storages
from archdsl.graph import Node
from archdsl.ops.memory import NUMBER_BYTES

Key = TypeVar("Key", int, str)
Kept = list[tuple[Hashable, int]]
"""Storages that the gradient of a layer reads, with their bytes."""


class TrainingStep:
    """One step of a network; `segments` are nodes that are computed again in backward."""

    def __init__(
        self, costs: Costs, widths: Widths, batch: int, segments: Sequence[Sequence[int]]
    ) -> None:
        self.costs, self.graph, self.widths, self.batch = costs, costs.graph, widths, batch
        self.owner = owners(costs, training=True)
        self.requires = requiring(costs)
        self.storages = Storages()
        self.saved = 0
        self.segments = [[*segment] for segment in segments if segment]
        self.segment_of = {id: index for index, s in enumerate(self.segments) for id in s}
        self.again: set[int] = set()
        """Segments that were computed again: their storages are other ones."""
        self.gradients: dict[int, Hashable] = {}
        """By node, the storage of the gradient of its result."""
        self.learned: dict[str, Hashable] = {}
        """By key, the storage of the gradient of a weight; of shared ones the sum so far."""

    def run(self) -> None:
        """Follow the step; `saved` is what is kept when the loss is there."""
        for node in self.graph:
            if node.op is None:
                self.storages.hold(self._result(node.id), self._bytes(node.id))
        self._forward([*self.graph], {self.owner[p.node] for p in self.costs.outputs})
        kept = {s: size for node in self.graph for s, size in self._remains(node)}
        self.saved = sum(kept.values())
        self._loss()
        for node in reversed(self.graph.order):
            self._back(node)

    def _result(self, id: int) -> Hashable:
        """The storage of a result; computed again it is another one."""
        owner = self.owner[id]
        return "result", owner, self.segment_of.get(owner) in self.again

    def _own(self, id: int) -> tuple[Hashable, ...]:
        return "own", id, self.segment_of.get(id) in self.again

    def _bytes(self, id: int) -> int:
        return self.widths.bytes(self.graph[id], self.batch)

    # --- forward ---

    def _forward(self, nodes: Sequence[Node], stay: set[int]) -> None:
        """Run nodes; the results in `stay` are held when they have run."""
        ends = self._ends(nodes, stay)
        for node in nodes:
            if node.op is None:
                continue
            if self.owner[node.id] == node.id:
                self.storages.hold(self._result(node.id), self._bytes(node.id))
            made = self._kept(node)
            self.storages.hold_all(made)
            self.storages.moment((node, False))
            for storage, _ in made if self._is_forgotten(node.id) else ():
                self.storages.drop(storage)
            for storage, size in self._enters(node.id):
                self.storages.hold(storage, size)
            for id in ends.get(node.id, ()):
                self.storages.drop(self._result(id))

    def _ends(self, nodes: Sequence[Node], stay: set[int]) -> dict[int, list[int]]:
        """By node, the results among them that are read for the last time there."""
        own = {node.id for node in nodes if node.op is not None}
        last: dict[int, int] = {}
        for node in nodes:
            for id in (node.id, *[port.node for port in node.inputs]):
                last[self.owner[id]] = node.id
        ends: dict[int, list[int]] = {}
        for made, end in last.items():
            if made in own and made not in stay:
                ends.setdefault(end, []).append(made)
        return ends

    def _is_forgotten(self, id: int) -> bool:
        """Whether what a node keeps is thrown away, to be computed again."""
        return id in self.segment_of and self.segment_of[id] not in self.again

    def _enters(self, id: int) -> Kept:
        """What a segment that begins at a node keeps of what comes in."""
        index = self.segment_of.get(id)
        if index is None or index in self.again or self.segments[index][0] != id:
            return []
        return [(self._result(each), self._bytes(each)) for each in self._read_by(index)]

    def _read_by(self, index: int) -> list[int]:
        """The results that a segment reads and does not make."""
        inside = self.segments[index]
        read = [self.owner[p.node] for id in inside for p in self.graph[id].inputs]
        return [each for each in dict.fromkeys(read) if self.segment_of.get(each) != index]

    def _remains(self, node: Node) -> Kept:
        """What is kept because of a node when the forward pass has ended."""
        return self._enters(node.id) if self._is_forgotten(node.id) else self._kept(node)

    def _kept(self, node: Node) -> Kept:
        """What the gradient of a node reads; copies and masks are storages of its own."""
        if node.id not in self.requires or node.op is None:
            return []
        layer = self.costs.of(node)
        in_place = may_work_in_place(self.costs, node)
        kept = list(self._kept_results(node, layer, in_place))
        own = [*self.widths.own(layer, self.batch)]
        if copies_input(layer.saves, in_place):
            own.append(self._bytes(node.id))
        return kept + [((*self._own(node.id), n), size) for n, size in enumerate(own)]

    def _kept_results(
        self, node: Node, layer: LayerCosts, in_place: bool
    ) -> Iterator[tuple[Hashable, int]]:
        """What it keeps of results: the tensors themselves, or copies of another precision."""
        done: set[int] = set()
        for id in kept_inputs(node, layer.saves, in_place, self.requires):
            cast = self.widths.cast(node, layer, id) if id != node.id else 0
            if cast:
                size = cast * self.batch * numbers(self.graph[id].shape)
                yield ("cast", id, *self._own(node.id)), size
            elif self.owner[id] not in done:
                done.add(self.owner[id])
                yield self._result(self.owner[id]), self._bytes(self.owner[id])

    # --- the loss ---

    def _loss(self) -> None:
        """Cross-entropy of every output: its logarithms are kept, and two gradients made."""
        for port in dict.fromkeys(self.costs.outputs):
            if port.node in self.requires:
                size = NUMBER_BYTES * self.batch * numbers(self.graph[port.node].shape)
                self.storages.hold_all([("logarithms", size), (("grad", port.node), size)])
                self.storages.hold("grad of logarithms", size)
                self.storages.moment((self.graph[port.node], True))
                self.storages.drop("logarithms")
                self.storages.drop("grad of logarithms")
                self.gradients[port.node] = ("grad", port.node)

    # --- backward ---

    def _back(self, node: Node) -> None:
        """Compute the gradients of what a node reads, and free what it kept."""
        if node.op is None or node.id not in self.requires:
            return
        self._compute_again(node)
        gradient = self.gradients.pop(node.id, None)
        given: list[tuple[int, Hashable]] = []
        learned: list[tuple[str, Hashable, int]] = []
        if gradient is not None:
            learned = self._learned(node)
            given = self._given(node, gradient)
            self.storages.hold("product", self._summed(node))
            self.storages.moment((node, True))
            self.storages.drop("product")
            self.storages.drop(gradient)
        for storage, _ in self._kept(node):
            self.storages.drop(storage)
        self._leave(node)
        for read, storage in given:
            self._accumulate(node, self.gradients, read, storage, self._bytes(read))
        for key, storage, size in learned:
            self._accumulate(node, self.learned, key, storage, size)

    def _learned(self, node: Node) -> list[tuple[str, Hashable, int]]:
        """The gradients of weights by key, each in a storage that is held, with its bytes."""
        found: list[tuple[str, Hashable, int]] = []
        for weight in self.costs.of(node).read_weights:
            if weight.trainable:
                key, size = weight.key(node.path), NUMBER_BYTES * prod(weight.shape)
                self.storages.hold(("weight", key, node.id), size)
                found.append((key, ("weight", key, node.id), size))
        return found

    def _given(self, node: Node, gradient: Hashable) -> list[tuple[int, Hashable]]:
        """The gradients of what a node reads, by node, each in a storage that is held."""
        layer, found = self.costs.of(node), []
        for place, port in enumerate(node.sources):
            if port.node in self.requires:
                passes = self._passes(node, layer, port.node)
                storage = gradient if passes else ("grad", node.id, place)
                self.storages.hold(storage, self._bytes(port.node))
                found.append((port.node, storage))
        return found

    def _summed(self, node: Node) -> int:
        """The bytes of what is summed to the gradient of an input that was repeated to fit."""
        assert node.op is not None
        if not node.op.is_join or node.op.passes_gradient:
            return 0
        read = [port.node for port in node.sources if port.node in self.requires]
        is_repeated = any(numbers(self.graph[id].shape) < numbers(node.shape) for id in read)
        return self._bytes(node.id) if is_repeated else 0

    def _passes(self, node: Node, layer: LayerCosts, read: int) -> bool:
        """Whether the gradient of an input is that of the result, or a part of it."""
        assert node.op is not None
        is_same = numbers(node.shape) == numbers(self.graph[read].shape)
        return node.op.passes_gradient or (layer.is_view_in_training and is_same)

    def _accumulate(
        self, node: Node, known: dict[Key, Hashable], key: Key, storage: Hashable, size: int
    ) -> None:
        """Add a gradient to what is there of it from other readers, or from other uses."""
        before = known.get(key)
        if before is None:
            known[key] = storage
            return
        total = known[key] = ("sum", node.id, key)
        self.storages.hold(total, size)
        self.storages.moment((node, True))
        self.storages.drop(before)
        self.storages.drop(storage)

    # --- segments that are computed again ---

    def _compute_again(self, node: Node) -> None:
        """Run a segment once more, when its last node is to go backward.

        PyTorch stops behind the last of its layers whose gradient keeps something.
        """
        index = self.segment_of.get(node.id)
        if index is None or index in self.again:
            return
        self.again.add(index)
        nodes = [self.graph[id] for id in self.segments[index]]
        while nodes and not self._kept(nodes[-1]):
            nodes.pop()
        self._forward(nodes, set())

    def _leave(self, node: Node) -> None:
        """Free what came into a segment, when its first node has gone backward."""
        index = self.segment_of.get(node.id)
        if index is None:
            return
        if node.id == next(id for id in self.segments[index] if id in self.requires):
            for each in self._read_by(index):
                self.storages.drop(self._result(each))

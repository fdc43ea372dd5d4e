"""A network with its places in the text as it is now.

A network that an edit did not change keeps the places of the version that it was built from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias, TypeVar

from archdsl.graph import Graph
from archdsl.provenance import Frame
from archdsl.source import Span
from archdsl.tree import (
    AuxNode,
    Binding,
    Block,
    BundleNode,
    CallNode,
    ConditionNode,
    GroupNode,
    Instance,
    LayerValue,
    LoopNode,
    Node,
    OpNode,
    SequenceNode,
    ShareNode,
    SpliceNode,
    UseNode,
)
from archdsl.work import long_work

NO_FRAME = Frame("")
"""Stands for the frame of an instance, until it is asked for."""

Placed: TypeAlias = Callable[[Span], Span]
Given = TypeVar("Given")
Made = TypeVar("Made")


class Lazily(Mapping[str, Made]):
    """Values by name, each made of another when it is asked for."""

    def __init__(self, given: Mapping[str, Given], make: Callable[[Given], Made]) -> None:
        self._given, self._make = given, make
        self._made: dict[str, Made] = {}

    def __getitem__(self, name: str) -> Made:
        if name not in self._made:
            self._made[name] = self._make(self._given[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def __repr__(self) -> str:
        return f"<{', '.join(self._given) or 'nothing'}>"


@long_work()
def moved(graph: Graph, placed: Placed) -> Graph:
    """The network, placed where it lies now."""
    return _Mover(placed).graph(graph)


class _Mover:
    """Copies a network, with its tree; frames and what is computed in them stay the same."""

    def __init__(self, placed: Placed) -> None:
        self.placed = placed
        self.blocks: dict[Block, Block] = {}
        self.instances: dict[Instance, Instance] = {}

    def graph(self, graph: Graph) -> Graph:
        nodes = [replace(node, span=self.placed(node.span)) for node in graph]
        return replace(graph, tree=self.instance(graph.tree), order=nodes)

    def block(self, block: Block) -> Block:
        if block not in self.blocks:
            self.blocks[block] = replace(block, span=self.placed(block.span))
        return self.blocks[block]

    def instance(self, instance: Instance) -> Instance:
        if instance not in self.instances:
            moved = self.instances[instance] = Instance(
                self.block(instance.block),
                instance.path,
                NO_FRAME,
                self.bindings(instance.arguments),
                {name: self.layer(each) for name, each in instance.layers.items()},
                wires=instance.wires,
                heads=instance.heads,
                input_names=instance.input_names,
                results=instance.results,
            )
            moved.defer(partial(self.fill, instance))
        return self.instances[instance]

    @long_work()
    def fill(self, instance: Instance, moved: Instance) -> None:
        """Copy what is inside of an instance, once somebody reads it."""
        moved.frame, moved.locals = instance.frame, instance.locals
        moved.body, moved.heads = self.node(instance.body), instance.heads
        moved.unrolled = [(self.placed(span), term) for span, term in instance.unrolled]

    def bindings(self, bindings: Mapping[str, Binding]) -> dict[str, Binding]:
        return {
            name: self.layer(each) if isinstance(each, LayerValue) else each
            for name, each in bindings.items()
        }

    def layer(self, layer: LayerValue) -> LayerValue:
        callee = layer.callee
        return replace(
            layer,
            callee=self.block(callee) if isinstance(callee, Block) else callee,
            site=self.placed(layer.site),
            bindings=self.bindings(layer.bindings),
        )

    def node(self, node: Node) -> Node:
        site = self.placed(node.site) if node.site is not None else None
        match node:
            case OpNode(branches=branches) | BundleNode(branches=branches):
                return replace(node, site=site, branches=tuple(map(self.node, branches)))
            case CallNode(instance=instance):
                return replace(node, site=site, instance=self.instance(instance))
            case SequenceNode(children=children):
                return replace(node, site=site, children=tuple(map(self.node, children)))
            case LoopNode(iterations=iterations):
                turns = [replace(each, child=self.node(each.child)) for each in iterations]
                return replace(node, site=site, iterations=tuple(turns))
            case SpliceNode(value=value, child=child):
                return replace(node, site=site, value=self.layer(value), child=self.node(child))
            case ShareNode(layers=layers, child=child):
                moved = {name: self.node(each) for name, each in layers.items()}
                return replace(node, site=site, layers=moved, child=self.node(child))
            case GroupNode(child=child) | AuxNode(child=child) | ConditionNode(child=child):
                return replace(node, site=site, child=self.node(child))
            case UseNode(child=child):
                return replace(node, site=site, child=self.node(child))
        return replace(node, site=site)

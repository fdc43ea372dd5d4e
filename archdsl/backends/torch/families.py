"""Which classes a file has, and which instances each of them stands for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import networkx

from archdsl.backends.torch.crossings import Crossings
from archdsl.backends.torch.rows import Instance
from archdsl.backends.torch.scopes import is_pure
from archdsl.backends.torch.walk import (
    has_modules,
    heads_in,
    inlined_in,
    is_alias,
    root,
    unsplice,
)
from archdsl.graph import Graph
from archdsl.provenance import Frame
from archdsl.tree import (
    Activation,
    Block,
    CallNode,
    GroupNode,
    Node,
    SpliceNode,
    children,
)


@dataclass(eq=False)
class Family:
    """All instances that one class stands for."""

    block: Block
    instances: list[Instance]
    unroll: bool = False
    """Whether its loops are written out, because a number varies in a way no loop can say."""


@dataclass(eq=False)
class Families:
    """The classes of a file, callees first, and the class of every activation."""

    graphs: Sequence[Graph]
    families: list[Family] = field(default_factory=list)
    of: dict[Activation, Family] = field(default_factory=dict)
    instances: dict[Activation, Instance] = field(default_factory=dict)
    enclosed: dict[GroupNode, CallNode] = field(default_factory=dict)
    enclosed_blocks: dict[Hashable, Block] = field(default_factory=dict)
    crossings: Crossings = field(default_factory=Crossings)

    def __post_init__(self) -> None:
        groups: dict[Hashable, Family] = {}
        for graph in self.graphs:
            self.crossings.add(graph.tree)
        for graph in self.graphs:
            for activation in self._activations(root(graph.tree)):
                self._add(graph, activation, groups)
        self.families = list(groups.values())

    @property
    def blocks(self) -> set[Block]:
        """The blocks that are printed as classes, and not as the op that they are a name for."""
        return {family.block for family in self.families}

    @property
    def roots(self) -> set[Family]:
        """The classes of the networks."""
        return {self.of[root(graph.tree)] for graph in self.graphs}

    def callees_first(self) -> list[list[Family]]:
        """The classes in an order in which they can be written; those that call each other as one.

        The last class of a group, in the order of a walk from the networks, comes behind all that
        the group calls.
        """
        calls: networkx.DiGraph[Family] = networkx.DiGraph()
        calls.add_nodes_from(self.families)
        calls.add_edges_from((f, called) for f in self.families for called in self.called_by(f))
        order = {family: n for n, family in enumerate(networkx.dfs_postorder_nodes(calls))}
        groups = [
            sorted(group, key=order.__getitem__)
            for group in networkx.strongly_connected_components(calls)
        ]
        return sorted(groups, key=lambda group: order[group[-1]])

    def called_by(self, family: Family) -> list[Family]:
        """The classes that a class calls."""
        found: dict[Family, None] = {}
        for instance in family.instances:
            for node in self.nodes(instance.body):
                if isinstance(node, CallNode) and (called := self.of.get(node.activation)):
                    found.setdefault(called)
        return list(found)

    def blocks_within(self, family: Family) -> list[Block]:
        """The blocks of a class and of all that it calls, directly or not."""
        found = {family: None}
        waiting = [family]
        while waiting:
            new = [called for called in self.called_by(waiting.pop()) if called not in found]
            found |= dict.fromkeys(new)
            waiting += new
        return [each.block for each in found]

    def _add(self, graph: Graph, activation: Activation, groups: dict[Hashable, Family]) -> None:
        inlined = inlined_in(activation)
        body = inlined[-1].body if inlined else activation.body
        given = tuple([label for label, _ in self.given(activation)])
        key = (activation.block, *(inner.block for inner in inlined), given)
        family = groups.setdefault(key, Family(activation.block, []))
        instance = Instance(graph, activation, inlined, body)
        family.instances.append(instance)
        self.instances[activation] = instance
        self.of[activation] = family

    def _activations(self, activation: Activation) -> Iterator[Activation]:
        """The activations that are printed as classes, callees before their callers."""
        stack: list[tuple[Activation, bool]] = [(activation, False)]
        seen: set[Activation] = set()
        while stack:
            current, done = stack.pop()
            if done:
                yield current
            elif current not in seen and not is_alias(current):
                seen.add(current)
                inner = inlined_in(current)
                body = inner[-1].body if inner else current.body
                stack.append((current, True))
                self._enclose_groups(current.block, body)
                called = [n.activation for n in self.nodes(body) if isinstance(n, CallNode)]
                stack += [(inner, False) for inner in reversed(called)]

    def _enclose_groups(self, owner: Block, body: Node) -> None:
        """Make calls of the labelled scopes of a body that no container can hold."""
        for node in self.nodes(body):
            if not isinstance(node, GroupNode) or is_pure(node.child, self.crossings):
                continue
            if has_modules(node.child):
                self.enclosed[node] = self._enclose(owner, node)

    def given(self, activation: Activation) -> list[tuple[str, int]]:
        """What an instance gives beside its result: labels that are read outside, with nodes."""
        return self.crossings.given.get(activation, [])

    def _enclose(self, owner: Block, node: GroupNode) -> CallNode:
        """A labelled scope as the only instance of a block that bears the label's name."""
        assert node.site is not None
        key = (owner, node.site.source, node.site.start)
        name = f"{owner.name}_{node.key.value}"
        block = self.enclosed_blocks.setdefault(
            key, Block(name, "", (), is_network=False, span=node.site, order=owner.order)
        )
        frame = Frame(name)
        activation = Activation(block, "", frame, {})
        activation.body = node.child
        activation.heads += heads_in(node.child)
        self.crossings.enclose(node, activation)
        return CallNode(node.site, node.key, activation, node.node)

    def nodes(self, body: Node) -> Iterator[Node]:
        """The nodes of a body, through its containers but not into the blocks it calls."""
        stack = [body]
        while stack:
            node = stack.pop()
            if isinstance(node, GroupNode):
                node = self.enclosed.get(node, node)
            yield node
            stack += reversed(list(children(node)))

    def uses(self, activation: Activation, parameter: str) -> list[Activation]:
        """The instances that a block makes, directly or not, of the block that it is given."""
        return self._uses[activation.frame, parameter]

    def is_argument(self, family: Family) -> bool:
        """Whether a class is handed to others, which call it as they call any layer."""
        used = {id(activation) for uses in self._uses.values() for activation in uses}
        return any(id(instance.activation) in used for instance in family.instances)

    @cached_property
    def _uses(self) -> dict[tuple[Frame, str], list[Activation]]:
        found: dict[tuple[Frame, str], list[Activation]] = defaultdict(list)
        frames = {
            activation.frame: activation
            for instance in self.instances.values()
            for activation in (instance.activation, *instance.inlined)
        }
        for instance in self.instances.values():
            for node in self.nodes(instance.body):
                inner = unsplice(node)
                if not isinstance(node, SpliceNode) or not isinstance(inner, CallNode):
                    continue
                origin = node.value.origin
                while origin and origin.frame and (owner := frames.get(origin.frame)):
                    found[origin.frame, origin.name].append(inner.activation)
                    origin = owner.layers[origin.name].origin
        return found

    def divide(self, family: Family, part_of: Mapping[Instance, Hashable]) -> None:
        """Replace a class by several, one for each part of its instances."""
        parts: dict[Hashable, Family] = {}
        for instance in family.instances:
            key = part_of.get(instance)
            part = parts.setdefault(key, Family(family.block, [], family.unroll))
            part.instances.append(instance)
            self.of[instance.activation] = part
        index = self.families.index(family)
        self.families[index : index + 1] = parts.values()

"""The classes of a file, and the occurrences each of them stands for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import networkx

from archdsl.backends.torch.crossings import Crossings
from archdsl.backends.torch.rows import Occurrence
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
from archdsl.source import Span
from archdsl.tree import (
    Block,
    CallNode,
    GroupNode,
    Instance,
    Node,
    SpliceNode,
    children,
)


@dataclass(eq=False)
class Family:
    """All occurrences that one class stands for."""

    block: Block
    occurrences: list[Occurrence]
    unroll: bool = False
    """Whether its loops are unrolled, because no loop can express how a number varies."""


@dataclass(eq=False)
class Families:
    """The classes of a file, callees first, and the class of every instance."""

    graphs: Sequence[Graph]
    families: list[Family] = field(default_factory=list)
    of: dict[Instance, Family] = field(default_factory=dict)
    occurrences: dict[Instance, Occurrence] = field(default_factory=dict)
    enclosed: dict[GroupNode, CallNode] = field(default_factory=dict)
    enclosed_blocks: dict[Hashable, Block] = field(default_factory=dict)
    crossings: Crossings = field(default_factory=Crossings)

    def __post_init__(self) -> None:
        groups: dict[Hashable, Family] = {}
        for graph in self.graphs:
            self.crossings.add(graph.tree)
        for graph in self.graphs:
            for instance in self._instances(root(graph.tree)):
                self._add(graph, instance, groups)
        self.families = list(groups.values())

    @property
    def blocks(self) -> set[Block]:
        """The blocks that are printed as classes, not as the single op they name."""
        return {family.block for family in self.families}

    @property
    def roots(self) -> set[Family]:
        """The classes of the networks."""
        return {self.of[instance] for instance in self._roots}

    def is_root(self, family: Family) -> bool:
        """Whether a class is that of a network."""
        return any(occurrence.instance in self._roots for occurrence in family.occurrences)

    @cached_property
    def _roots(self) -> set[Instance]:
        return {root(graph.tree) for graph in self.graphs}

    def callees_first(self) -> list[list[Family]]:
        """The classes in an order in which they can be written; recursive ones form a group.

        The last class of a group, in the order of a walk from the networks, comes after all other
        classes that the group calls.
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
        for occurrence in family.occurrences:
            for node in self.nodes(occurrence.body):
                if isinstance(node, CallNode) and (called := self.of.get(node.instance)):
                    found.setdefault(called)
        return list(found)

    def blocks_within(self, family: Family) -> list[Block]:
        """The blocks of a class and of all classes it calls, directly or not."""
        found = {family: None}
        waiting = [family]
        while waiting:
            new = [called for called in self.called_by(waiting.pop()) if called not in found]
            found |= dict.fromkeys(new)
            waiting += new
        return [each.block for each in found]

    def _add(self, graph: Graph, instance: Instance, groups: dict[Hashable, Family]) -> None:
        inlined = inlined_in(instance)
        body = inlined[-1].body if inlined else instance.body
        given = tuple([label for label, _ in self.given(instance)])
        results = tuple([name for name, _ in instance.results])
        key = (instance.block, *(inner.block for inner in inlined), given, results)
        family = groups.setdefault(key, Family(instance.block, []))
        occurrence = Occurrence(graph, instance, inlined, body)
        family.occurrences.append(occurrence)
        self.occurrences[instance] = occurrence
        self.of[instance] = family

    def _instances(self, instance: Instance) -> Iterator[Instance]:
        """The instances that are printed as classes, callees before their callers."""
        stack: list[tuple[Instance, bool]] = [(instance, False)]
        seen: set[Instance] = set()
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
                called = [n.instance for n in self.nodes(body) if isinstance(n, CallNode)]
                stack += [(inner, False) for inner in reversed(called)]

    @cached_property
    def _sites_of_classes(self) -> set[Span]:
        """Where the labelled scopes are whose uses do not all fit into a container.

        A scope may be a sequence of modules for some values of the parameters, and have branches,
        but no modules, for others: it is one class for all of them.
        """
        uses: dict[Span, list[Node]] = defaultdict(list)
        for node in self.crossings.groups:
            uses[_site(node)].append(node.child)
        return {
            site
            for site, bodies in uses.items()
            if any(map(has_modules, bodies))
            and not all(is_pure(body, self.crossings) for body in bodies)
        }

    def _enclose_groups(self, owner: Block, body: Node) -> None:
        """Turn the labelled scopes of a body that no container can hold into calls."""
        for node in self.nodes(body):
            if isinstance(node, GroupNode) and _site(node) in self._sites_of_classes:
                self.enclosed[node] = self._enclose(owner, node)

    def given(self, instance: Instance) -> list[tuple[str, int]]:
        """The additional results of an occurrence: labels read outside, with their nodes."""
        return self.crossings.given.get(instance, [])

    def _enclose(self, owner: Block, node: GroupNode) -> CallNode:
        """A labelled scope as the only occurrence of a block named like the label."""
        site = _site(node)
        name = f"{owner.name}_{node.key.value}"
        block = self.enclosed_blocks.setdefault(
            (owner, site), Block(name, "", (), is_network=False, span=site, order=owner.order)
        )
        frame = Frame(name)
        instance = Instance(block, "", frame, {}, results=node.results)
        instance.body = node.child
        instance.heads += heads_in(node.child)
        self.crossings.enclose(node, instance)
        return CallNode(node.site, node.key, instance, node.node, node.results)

    def nodes(self, body: Node) -> Iterator[Node]:
        """The nodes of a body, including those in containers but not in the blocks it calls."""
        stack = [body]
        while stack:
            node = stack.pop()
            if isinstance(node, GroupNode):
                node = self.enclosed.get(node, node)
            yield node
            stack += reversed(list(children(node)))

    def uses(self, instance: Instance, parameter: str) -> list[Instance]:
        """The occurrences that a block makes, directly or not, of the block in `parameter`."""
        return self._uses[instance.frame, parameter]

    def applications(self, instance: Instance, parameter: str) -> list[SpliceNode]:
        """Where a layer parameter is applied: in a block, and in others that get it in a list."""
        return self._applications[instance.frame, parameter]

    @cached_property
    def _applications(self) -> dict[tuple[Frame, str], list[SpliceNode]]:
        found: dict[tuple[Frame, str], list[SpliceNode]] = defaultdict(list)
        for occurrence in self.occurrences.values():
            for node in self.nodes(occurrence.body):
                if isinstance(node, SpliceNode) and (origin := node.value.origin) and origin.frame:
                    found[origin.frame, origin.name].append(node)
        return found

    def is_argument(self, family: Family) -> bool:
        """Whether a class is passed to others, which call it like any layer."""
        return any(occurrence.instance in self._used for occurrence in family.occurrences)

    @cached_property
    def _used(self) -> set[Instance]:
        return {instance for uses in self._uses.values() for instance in uses}

    @cached_property
    def _uses(self) -> dict[tuple[Frame, str], list[Instance]]:
        found: dict[tuple[Frame, str], list[Instance]] = defaultdict(list)
        frames = {
            instance.frame: instance
            for occurrence in self.occurrences.values()
            for instance in (occurrence.instance, *occurrence.inlined)
        }
        for occurrence in self.occurrences.values():
            for node in self.nodes(occurrence.body):
                inner = unsplice(node)
                if not isinstance(node, SpliceNode) or not isinstance(inner, CallNode):
                    continue
                origin = node.value.origin
                while origin and origin.frame and (owner := frames.get(origin.frame)):
                    found[origin.frame, origin.name].append(inner.instance)
                    origin = owner.layers[origin.name].origin
        return found

    def divide(self, family: Family, part_of: Mapping[Occurrence, Hashable]) -> None:
        """Replace a class by several, one per part of its occurrences."""
        parts: dict[Hashable, Family] = {}
        for occurrence in family.occurrences:
            key = part_of.get(occurrence)
            part = parts.setdefault(key, Family(family.block, [], family.unroll))
            part.occurrences.append(occurrence)
            self.of[occurrence.instance] = part
        index = self.families.index(family)
        self.families[index : index + 1] = parts.values()


def _site(group: GroupNode) -> Span:
    """Where a labelled scope stands in the text."""
    assert group.site is not None
    return group.site

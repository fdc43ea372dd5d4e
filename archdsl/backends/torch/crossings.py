"""Tensors that cross the border of a scope: read outside the scope that creates them.

A wire may read a tensor from around its scope, or a label in another scope. Each scope that it
enters takes the tensor as an additional argument of `forward`; each scope that it leaves returns it
as an additional result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.tree import (
    CallNode,
    GroupNode,
    Instance,
    LabelNode,
    Node,
    OpNode,
    WireNode,
    children,
)

Border: TypeAlias = Instance | GroupNode
"""A scope: an application of a block, or a label on several layers."""
Borders: TypeAlias = tuple[Border, ...]
"""The borders around a node, outermost first."""


@dataclass
class Crossings:
    """The crossings of some networks.

    `given` are the additional results of a scope, by label and node of the graph, in the order of
    the text. `taking` are the scopes that read a tensor from around them, and `tapped` the nodes of
    the tree whose results are read by their label. `groups` are all labelled scopes.
    """

    given: dict[Border, list[tuple[str, int]]] = field(default_factory=dict)
    taking: set[Border] = field(default_factory=set)
    tapped: set[Node] = field(default_factory=set)
    groups: list[GroupNode] = field(default_factory=list)

    def add(self, root: Instance) -> None:
        """Collect the crossings of a network."""
        enclosed = list(_nodes(root))
        self.groups += [node for node, _ in enclosed if isinstance(node, GroupNode)]
        made = _labels(enclosed)
        read: dict[tuple[int, str], list[Borders]] = {}
        for node, path in enclosed:
            if not isinstance(node, WireNode):
                continue
            if maker := _given_to(node, path):
                self._cross((node.node, node.label), maker, path)
            else:
                read.setdefault((node.node, node.label), []).append(path)
        for key, (node, path) in made.items():
            if key in read:
                self.tapped.add(node)
            for reader in read.pop(key, []):
                self._cross(key, path, reader)
        for key, readers in read.items():
            # A tensor of the network itself, which is outside all scopes.
            for reader in readers:
                self._cross(key, (root,), reader)

    def _cross(self, key: tuple[int, str], maker: Borders, reader: Borders) -> None:
        shared = _shared(maker, reader)
        self.taking.update(reader[shared:])
        for border in maker[shared:]:
            results = self.given.setdefault(border, [])
            if (result := (key[1], key[0])) not in results:
                results.append(result)

    def enclose(self, group: GroupNode, instance: Instance) -> None:
        """Let an instance stand for a labelled scope."""
        if group in self.given:
            self.given[instance] = self.given[group]
        if group in self.taking:
            self.taking.add(instance)

    def is_more(self, border: Border) -> bool:
        """Whether a scope takes or returns more than one tensor."""
        return border in self.taking or border in self.given


def _given_to(wire: WireNode, path: Borders) -> Borders | None:
    """The borders around an input that a wire reads, of a body that it stands in."""
    for depth in range(len(path), 0, -1) if not wire.label else ():
        border = path[depth - 1]
        inputs = border.input_names if isinstance(border, Instance) else ()
        if wire.node in [border.wires[name] for name in inputs]:  # type: ignore[union-attr]
            return path[:depth]
    return None


def _nodes(root: Instance) -> Iterator[tuple[Node, Borders]]:
    """The nodes of a network in the order of the text, with the borders around each."""
    stack: list[tuple[Node, Borders]] = [(root.body, (root,))]
    while stack:
        node, path = stack.pop()
        yield node, path
        below: Sequence[Node] = [*children(node)]
        if isinstance(node, CallNode):
            below, path = [node.instance.body], (*path, node.instance)
        elif isinstance(node, GroupNode):
            path = (*path, node)
        stack += [(child, path) for child in reversed(below)]


def _labels(
    enclosed: Sequence[tuple[Node, Borders]],
) -> dict[tuple[int, str], tuple[Node, Borders]]:
    """The place of every label, by node and label; if there are several, the outermost."""
    found: dict[tuple[int, str], tuple[Node, Borders]] = {}
    for node, path in enclosed:
        for label in _made_by(node):
            known = found.get(label)
            if known is None or len(path) < len(known[1]):
                found[label] = node, path
    return found


def _made_by(node: Node) -> list[tuple[int, str]]:
    """The tensors that can be read by the label of a node, each with its label."""
    match node:
        case LabelNode(label=label, results=(_, *_) as results):
            return [(made, f"{label}.{name}") for name, made in results]
        case LabelNode(label=label, node=made):
            return [(made, label)]
        case (
            CallNode(key=key, results=(_, *_) as results)
            | GroupNode(key=key, results=(_, *_) as results)
        ):
            return [(made, f"{key.value}.{name}") for name, made in results] if key else []
        case (
            OpNode(key=key, node=made)
            | CallNode(key=key, node=made)
            | GroupNode(key=key, node=made)
        ) if key is not None:
            return [(made, str(key.value))]
    return []


def _shared(one: Borders, other: Borders) -> int:
    """The number of borders that two nodes share."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a is not b), min(len(one), len(other)))

"""The tree of a network, reduced to what a diagram may fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from archdsl.analysis.layer_costs import Costs
from archdsl.graph import Graph
from archdsl.outline.around import skips
from archdsl.outline.fuse import fuse, has_norms_first, is_join, title
from archdsl.outline.pieces import DiagramScope, Piece, ScopeKind, Step, scopes
from archdsl.outline.runs import Runs
from archdsl.provenance import Term
from archdsl.tree import (
    AuxNode,
    CallNode,
    GroupNode,
    Instance,
    LoopNode,
    Node,
    OpNode,
    Results,
    children,
)
from archdsl.work import long_work


@dataclass(frozen=True)
class Outline:
    """The pieces of a network, without its inputs: `root` holds all of them.

    `skips` are the edges (from node, to node) that lead a tensor past other layers to a join.
    `names` are what tensors are called: the paths of what makes them.
    """

    graph: Graph
    root: DiagramScope
    skips: frozenset[tuple[int, int]]
    names: Mapping[int, str]

    @cached_property
    def costs(self) -> Costs:
        """What every layer costs."""
        return Costs(self.graph)

    @cached_property
    def runs(self) -> Runs:
        """Which of its pieces are copies of each other."""
        return Runs(self.graph)

    @cached_property
    def joins(self) -> frozenset[int]:
        """The joins that skips lead to."""
        return frozenset(join for _, join in self.skips)


@long_work()
def outline(graph: Graph) -> Outline:
    """The outline of a network."""
    reader = _Reader(graph, has_norms_first(graph))
    pieces = reader.body(graph.tree.body, "")
    # A network is often one call of a block that several networks share.
    match pieces:
        case [DiagramScope(pieces=inner)]:
            pieces = [*inner]
    root = DiagramScope("label", graph.name, "", tuple(pieces))
    return Outline(graph, root, frozenset(skips(graph)), _names(root))


def _names(root: DiagramScope) -> dict[int, str]:
    """The name of the last tensor of every scope and step, given by the outermost scope."""
    names: dict[int, str] = {}
    for each in scopes(root):
        for piece in (each, *each.pieces):
            if piece.path:
                names.setdefault(piece.nodes[-1], piece.path)
    return names


@dataclass(frozen=True)
class _Reader:
    graph: Graph
    norms_first: bool

    def body(self, node: Node, path: str) -> list[Piece]:
        """The pieces of one scope, fused where they are one box."""
        return fuse(list(self.pieces(node, path)), self.graph, self.norms_first)

    def pieces(self, node: Node, path: str) -> Iterator[Piece]:
        """The pieces that a node of the tree is."""
        match node:
            case OpNode(branches=()):
                yield Step((node.node,), joined(path, node.key))
            case OpNode():
                for each in node.branches:
                    yield from self.body(each, path)
                yield Step((node.node,), joined(path, node.key))
            case CallNode(instance=instance):
                inner = joined(path, node.key)
                pieces = self.body(instance.body, inner)
                yield from scope(instance.block.name, inner, pieces, instance, node.results)
            case GroupNode():
                inner = joined(path, node.key)
                pieces = self.body(node.child, inner)
                yield from scope(str(node.key.value), inner, pieces, results=node.results)
            case AuxNode():
                inner = joined(path, node.name)
                yield from scope(str(node.name.value), inner, self.body(node.child, path))
            case LoopNode():
                turns = [self.body(turn.child, path) for turn in node.iterations]
                yield from filter(None, [_turn(each, node, path, self.graph) for each in turns])
            case _:
                for child in children(node):
                    yield from self.pieces(child, path)


def joined(path: str, key: Term | None) -> str:
    """The path of what has a key in a scope."""
    if key is None or key.value is None:
        return path
    return f"{path}.{key.value}" if path else str(key.value)


def scope(
    name: str,
    path: str,
    pieces: Sequence[Piece],
    call: Instance | None = None,
    results: Results = (),
) -> Iterator[Piece]:
    """A block or a label; one that holds a single piece is that piece, by its outer name."""
    kind: ScopeKind = "label" if call is None else "block"
    match pieces:
        case []:
            return
        case [Step() as step]:
            yield replace(step, path=path or step.path)
        case [DiagramScope(kind="block") as inner] if call is None:
            yield replace(inner, path=path)
        case [DiagramScope(pieces=inner)]:
            yield DiagramScope(kind, name, path, inner, call, results=results)
        case _:
            yield DiagramScope(kind, name, path, tuple(pieces), call, results=results)


def _turn(pieces: Sequence[Piece], loop: LoopNode, path: str, graph: Graph) -> Piece | None:
    """The pieces of one iteration; one layer or block followed only by joins is a block."""
    match pieces:
        case []:
            return None
        case [piece]:
            return replace(piece, loop=loop)
        case [DiagramScope(kind="block") as block, *joins] if _are_joins(joins, graph):
            return replace(block, pieces=(*block.pieces, *joins), loop=loop)
        case [Step() as step, *joins] if _are_joins(joins, graph):
            return DiagramScope("block", title(step, graph), step.path, tuple(pieces), loop=loop)
    inner = Counter(piece.name for piece in pieces if isinstance(piece, DiagramScope))
    names = [f"{times} {name}" if times > 1 else name for name, times in inner.items()]
    return DiagramScope("turn", " + ".join(names) or "turn", path, tuple(pieces), loop=loop)


def _are_joins(pieces: Sequence[Piece], graph: Graph) -> bool:
    return all(is_join(piece, graph) for piece in pieces)

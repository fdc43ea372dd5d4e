"""The tree of a network, reduced to what a diagram may fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from archdsl.analysis.layer_costs import Costs
from archdsl.graph import Graph
from archdsl.outline.around import skips
from archdsl.outline.copies import Copies
from archdsl.outline.fuse import fuse, has_norms_first, is_join, title
from archdsl.outline.pieces import (
    Aside,
    DiagramScope,
    Fork,
    Part,
    Piece,
    ScopeKind,
    Step,
    in_order,
    rearranged,
    scopes,
)
from archdsl.outline.runs import Runs
from archdsl.provenance import Term
from archdsl.source import Span
from archdsl.tree import (
    AuxNode,
    BundleNode,
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
    parts = reader.body(graph.tree.body, "")
    # A network is often one call of a block that several networks share.
    match [*in_order(parts)]:
        case [DiagramScope(parts=inner)]:
            parts = inner
    root = DiagramScope("label", graph.name, "", parts)
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
    copies: Copies = field(default_factory=Copies)

    def body(self, node: Node, path: str) -> tuple[Part, ...]:
        """The parts of one scope, fused where they are one box."""
        parts = [*self.parts(node, path)]
        fused = fuse([*in_order(parts)], self.graph, self.norms_first)
        # A box stands where its first op does.
        at_first = {piece.nodes[0]: (piece,) for piece in fused}
        return rearranged(parts, lambda piece: at_first.get(piece.nodes[0], ()))

    def parts(self, node: Node, path: str) -> Iterator[Part]:
        """The parts that a node of the tree is."""
        match node:
            case OpNode(branches=()):
                yield Step((node.node,), joined(path, node.key))
            case OpNode():
                step = Step((node.node,), joined(path, node.key))
                yield Fork(tuple([self.body(each, path) for each in node.branches]), step)
            case BundleNode():
                yield Fork(tuple([tuple(self.parts(each, path)) for each in node.branches]))
            case CallNode(instance=instance):
                inner = joined(path, node.key)
                parts = self.copies.parts(node, inner, lambda: self.body(instance.body, inner))
                name = instance.block.name
                yield from scope(name, inner, parts, instance, node.results, node.site)
            case GroupNode():
                inner = joined(path, node.key)
                parts = self.body(node.child, inner)
                name = str(node.key.value)
                yield from scope(name, inner, parts, results=node.results, site=node.site)
            case AuxNode():
                inner = joined(path, node.name)
                body = self.body(node.child, path)
                yield Aside(tuple(scope(str(node.name.value), inner, body, site=node.site)))
            case LoopNode():
                turns = [self.body(turn.child, path) for turn in node.iterations]
                yield from filter(None, [_turn(each, node, path, self.graph) for each in turns])
            case _:
                for child in children(node):
                    yield from self.parts(child, path)


def joined(path: str, key: Term | None) -> str:
    """The path of what has a key in a scope."""
    if key is None or key.value is None:
        return path
    return f"{path}.{key.value}" if path else str(key.value)


def scope(
    name: str,
    path: str,
    parts: tuple[Part, ...],
    call: Instance | None = None,
    results: Results = (),
    site: Span | None = None,
) -> Iterator[Piece]:
    """A block or a label; one that holds a single piece is that piece, by its outer name."""
    kind: ScopeKind = "label" if call is None else "block"
    match [*in_order(parts)]:
        case []:
            return
        case [Step() as step]:
            yield replace(step, path=path or step.path)
        case [DiagramScope(kind="block") as inner] if call is None:
            yield replace(inner, path=path)
        case [DiagramScope(parts=inner)]:
            yield DiagramScope(kind, name, path, inner, call, results=results, site=site)
        case _:
            yield DiagramScope(kind, name, path, parts, call, results=results, site=site)


def _turn(parts: tuple[Part, ...], loop: LoopNode, path: str, graph: Graph) -> Piece | None:
    """The parts of one iteration; one layer or block followed only by joins is a block."""
    match [*in_order(parts)]:
        case []:
            return None
        case [piece]:
            return replace(piece, loop=loop)
        case [DiagramScope(kind="block") as block, *joins] if _are_joins(joins, graph):
            inside = rearranged(parts, lambda each: block.parts if each is block else (each,))
            return replace(block, parts=inside, loop=loop)
        case [Step() as step, *joins] if _are_joins(joins, graph):
            name, site = title(step, graph), graph[step.nodes[0]].span
            return DiagramScope("block", name, step.path, parts, loop=loop, site=site)
    blocks = [piece.name for piece in in_order(parts) if isinstance(piece, DiagramScope)]
    names = [f"{times} {name}" if times > 1 else name for name, times in Counter(blocks).items()]
    return DiagramScope("turn", " + ".join(names) or "turn", path, parts, loop=loop, site=loop.site)


def _are_joins(pieces: Sequence[Piece], graph: Graph) -> bool:
    return all(is_join(piece, graph) for piece in pieces)

"""The boxes of a scene inside each other, and the tensors between them.

Everything is local: a container knows the boxes in it, the tensors that come in and those that go
out, each by its place among them (its *port*), and nothing of what is around it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TypeAlias

from archdsl.graph import Graph
from archdsl.outline.pieces import (
    Aside,
    DiagramScope,
    Fork,
    Part,
    Piece,
    Step,
    common_path,
    in_order,
)
from archdsl.outline.reader import Outline
from archdsl.outline.runs import Run, Strength, are_parallel

OUTSIDE = -1
"""What stands for a container itself at the ends of edges in it."""


@dataclass(frozen=True)
class Side:
    """Chains beside each other; `join` is the place of the box that joins them, if one does."""

    branches: tuple[Chain, ...]
    join: int | None


@dataclass(frozen=True)
class Beside:
    """A chain beside the main path."""

    chain: Chain


Chain: TypeAlias = "tuple[int | Side | Beside, ...]"
"""Boxes behind each other, by their places in the container."""


@dataclass
class Read:
    """How a box reads a tensor from outside: whether all its ways to the reader are alike."""

    is_skip: bool = True
    training_only: bool = True
    is_blind: bool = True

    def add(self, other: Read) -> None:
        """Read it in another way too."""
        self.is_skip &= other.is_skip
        self.training_only &= other.training_only
        self.is_blind &= other.is_blind


@dataclass(eq=False)
class Container:
    """A box: a step, a scope, or a `run` of copies.

    `pieces` are what it stands for, `children` the boxes in it, and `chain` how these lie. `reads`
    are the tensors that come in, by the nodes that make them, in the order in which they are read,
    and `gives` those that others read. `run` says how the copies vary, if there is nothing else in
    it.
    """

    pieces: tuple[Piece, ...]
    path: str
    children: list[Container] = field(default_factory=list)
    chain: Chain = ()
    run: Run | None = None
    scope: DiagramScope | None = None
    reads: dict[int, Read] = field(default_factory=dict)
    gives: set[int] = field(default_factory=set)

    @cached_property
    def nodes(self) -> tuple[int, ...]:
        """The nodes of the graph in it, which lie one behind another."""
        return tuple([node for piece in self.pieces for node in piece.nodes])

    @cached_property
    def first(self) -> int:
        """Its first node."""
        return self.pieces[0].nodes[0]

    @property
    def last(self) -> int:
        """Its last node."""
        return self.pieces[-1].nodes[-1]

    @property
    def is_step(self) -> bool:
        """Whether it holds no boxes."""
        return not self.children

    def holds(self, node: int) -> bool:
        """Whether a node is in it."""
        return bool(self.pieces) and self.first <= node <= self.last

    @cached_property
    def entries(self) -> Mapping[int, int]:
        """The ports of the tensors that come in, by their nodes."""
        return {node: port for port, node in enumerate(self.reads)}

    @cached_property
    def exits(self) -> Mapping[int, int]:
        """The ports of the tensors that go out, by their nodes; final once all are known."""
        return {node: port for port, node in enumerate(sorted(self.gives))}

    @cached_property
    def _firsts(self) -> Sequence[int]:
        return [child.first for child in self.children]

    def owner(self, node: int) -> int:
        """The place of the box in it that holds a node."""
        return bisect_right(self._firsts, node) - 1


def contain(outline: Outline) -> Container:
    """The boxes of a whole network: `reads` are its inputs, `gives` its outputs."""
    builder = _Builder(outline)
    root = outline.root
    top = Container(root.pieces, "", scope=root)
    builder.fill(top, root.parts)
    top.reads = {port.node: Read() for port in outline.graph.inputs.values()}
    builder.demand(top, [port.node for port in outline.graph.outputs.values()])
    return top


@dataclass(frozen=True)
class _Builder:
    outline: Outline

    @property
    def graph(self) -> Graph:
        return self.outline.graph

    def fill(self, container: Container, parts: Sequence[Part]) -> None:
        """Put the parts of a scope into its container."""
        pieces = [*in_order(parts)]
        runs = self.outline.runs.of(tuple(pieces), Strength.LOOPS) if pieces else ()
        if len(runs) == 1 and len(pieces) > 1:
            container.run = runs[0]
            container.chain = self._copies(container, runs[0])
        else:
            container.chain = self._chain(container, parts)
        self._join_reads(container)

    def demand(self, container: Container, nodes: Iterable[int], inside: bool = False) -> None:
        """Let tensors of a container be read from outside, or by others `inside` of it."""
        for node in nodes:
            if not container.holds(node):
                continue
            if not inside:
                container.gives.add(node)
            if container.children:
                child = container.children[container.owner(node)]
                if node not in child.gives:
                    self.demand(child, [node])

    def _chain(self, container: Container, parts: Sequence[Part]) -> Chain:
        chain: list[int | Side | Beside] = []
        for is_piece, group in groupby(parts, lambda part: not isinstance(part, Fork | Aside)):
            if is_piece:
                pieces = tuple([part for part in group if isinstance(part, Step | DiagramScope)])
                chain += self._runs(container, pieces)
            else:
                chain += [self._beside(container, part) for part in group]
        return tuple(chain)

    def _runs(self, container: Container, pieces: tuple[Piece, ...]) -> Iterator[int]:
        for run in self.outline.runs.of(pieces, Strength.LOOPS):
            yield (
                self._card(container, run)
                if len(run.pieces) > 1
                else self._box(container, run.pieces[0])
            )

    def _beside(self, container: Container, part: Part) -> Side | Beside:
        if isinstance(part, Aside):
            return Beside(self._chain(container, part.parts))
        assert isinstance(part, Fork)
        branches = [
            self._chain(container, branch) for each in part.branches for branch in self._split(each)
        ]
        join = self._box(container, part.join) if part.join else None
        return Side(tuple(branches), join)

    def _split(self, branch: tuple[Part, ...]) -> Sequence[tuple[Part, ...]]:
        """A branch; the turns of a loop in it that read nothing of each other are one each."""
        pieces = [part for part in branch if isinstance(part, Step | DiagramScope)]
        apart = len(pieces) == len(branch) > 1 and all(piece.loop for piece in pieces)
        if not apart or not are_parallel(pieces, self.graph):
            return [branch]
        is_card = len(self.outline.runs.of(tuple(pieces), Strength.LOOPS)) == 1
        return [branch] if is_card else [(piece,) for piece in pieces]

    def _card(self, container: Container, run: Run) -> int:
        card = Container(run.pieces, common_path(run.pieces), run=run)
        card.chain = self._copies(card, run)
        self._join_reads(card)
        container.children.append(card)
        return len(container.children) - 1

    def _join_reads(self, container: Container) -> None:
        """What the boxes of a container read from outside of it, and of each other."""
        for child in container.children:
            for node, read in child.reads.items():
                if not container.holds(node):
                    container.reads.setdefault(node, Read()).add(read)
            self.demand(container, [node for node in child.reads if container.holds(node)], True)

    def _copies(self, card: Container, run: Run) -> Chain:
        places = [self._box(card, piece) for piece in run.pieces]
        return (
            (Side(tuple([(place,) for place in places]), None),)
            if run.is_parallel
            else tuple(places)
        )

    def _box(self, container: Container, piece: Piece) -> int:
        box = Container((piece,), piece.path)
        if isinstance(piece, DiagramScope):
            box.scope = piece
            self.fill(box, piece.parts)
        else:
            self._read(box, piece)
        container.children.append(box)
        return len(container.children) - 1

    def _read(self, box: Container, step: Step) -> None:
        """What a step reads from outside: of its ops all but the first read the one before."""
        node = self.graph[step.nodes[0]]
        read = {port.node for port in node.read}
        for port in node.inputs:
            is_skip = (port.node, node.id) in self.outline.skips
            way = Read(is_skip, node.training_only, port.node not in read)
            box.reads.setdefault(port.node, Read()).add(way)

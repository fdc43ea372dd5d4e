"""The content of a diagram before layout: boxes, edges, and their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from archdsl.analysis.layer_costs import Amount, Number
from archdsl.ops.base import Shape
from archdsl.outline.labels import Text, shape_text
from archdsl.outline.pieces import DiagramScope

MOST_SHAPES = 4
"""Maximum number of lines beside an edge."""


@dataclass(frozen=True, eq=False)
class Box:
    """One box, with the nodes of the graph that it stands for, in order.

    `family` is that of its op, or "block", "input" or "output". One that `is_convolution` may have
    more around the convolution. `params` are trainable numbers,
    `macs` multiply-adds for one image outside of heads that exist only in training. `steps` are
    the boxes that it hides, itself included. `skips` are the symbols of the joins in it that a
    tensor reaches past other layers in it. `around` are the frames that it lies in, from the
    outside in. One that `is_again` has the weights of another. `room` is how wide it is at least,
    in points. `tooltip` is all there is to say of it, in lines.
    """

    text: Text
    family: str
    nodes: tuple[int, ...]
    path: str = ""
    params: Number = 0
    macs: Amount = 0
    steps: int = 1
    skips: tuple[str, ...] = ()
    around: tuple[DiagramScope, ...] = ()
    training_only: bool = False
    is_again: bool = False
    repeats: bool = False
    is_join: bool = False
    is_convolution: bool = False
    room: float = 0.0
    tooltip: str = ""

    @property
    def is_end(self) -> bool:
        """Whether it is a tensor that comes in or goes out, and no layer."""
        return self.family in ("input", "output")

    def plain(self) -> Box:
        """The same without small print, and in no frame but those of blocks."""
        around = tuple([scope for scope in self.around if scope.kind == "block"])
        return replace(self, text=replace(self.text, small=()), around=around)

    def __str__(self) -> str:
        """`layer1: bottleneck ×3 (in 64, then 256) 215,808 680,000,000 skip +`."""
        words = [self.text.heading, *[f"({line})" for line in self.text.lines]]
        words += [f"{self.params:,} {self.macs}"] if self.params else []
        words += [f"{self.steps} steps"] if self.steps > 1 else []
        words += [f"skip {symbol}" for symbol in self.skips]
        words += ["training only"] if self.training_only else []
        text = " ".join(filter(None, words))
        return f"{self.path}: {text}" if self.path else text


@dataclass(frozen=True, eq=False)
class Edge:
    """All tensors from one box to another, by their indices; `shapes` are those the target reads.

    `is_skip` where all of them pass other boxes on their way to a join.
    """

    source: int
    target: int
    shapes: tuple[Shape, ...]
    is_skip: bool = False
    training_only: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The text beside it: a line for every shape, of very many the first ones."""
        texts = [*map(shape_text, self.shapes)]
        if len(texts) > MOST_SHAPES:
            texts[MOST_SHAPES - 1 :] = [f"… {len(texts) - MOST_SHAPES + 1} more"]
        return tuple(texts)


@dataclass(frozen=True, eq=False)
class View:
    """A picture as a value: boxes in an order of evaluation, and edges between their indices.

    `names` are other titles for its frames, by their paths. `tooltips` are those of the frames
    that boxes lie in; `tooltip` is that of an inset. `again` are the frames around layers that all
    have the weights of others.
    """

    name: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    is_inset: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    tooltip: str = ""
    tooltips: Mapping[DiagramScope, str] = field(default_factory=dict)
    again: frozenset[DiagramScope] = frozenset()

    @cached_property
    def reads(self) -> Mapping[int, tuple[Edge, ...]]:
        """The edges into every box, by its index."""
        return _by(self.edges, lambda edge: edge.target)

    @cached_property
    def feeds(self) -> Mapping[int, tuple[Edge, ...]]:
        """The edges out of every box, by its index."""
        return _by(self.edges, lambda edge: edge.source)

    @cached_property
    def has_skips(self) -> bool:
        """Whether a tensor in it passes other boxes."""
        return any(edge.is_skip for edge in self.edges)

    @cached_property
    def first_reader(self) -> Mapping[int, int]:
        """The first box that reads each box, but for skips."""
        found: dict[int, int] = {}
        for edge in self.edges:
            if not edge.is_skip:
                found[edge.source] = min(edge.target, found.get(edge.source, edge.target))
        return found

    @cached_property
    def framed(self) -> Mapping[DiagramScope, Sequence[int]]:
        """The boxes in every frame, by their indices."""
        found: dict[DiagramScope, list[int]] = {}
        for index, box in enumerate(self.boxes):
            for scope in box.around:
                found.setdefault(scope, []).append(index)
        return found

    def tells(self, edge: Edge) -> bool:
        """Whether the shape of an edge is worth writing: it is new there, and in an inset its size.

        What several boxes read is written once, and so is what one reads of several inputs alike.
        """
        return edge in self._told

    @cached_property
    def _told(self) -> frozenset[Edge]:
        beside = frozenset(self._told_beside())
        first = [edge for edges in self.feeds.values() for edge in _first_of_each(edges)]
        return frozenset([edge for edge in first if self._is_new(edge, edge in beside)])

    def _is_new(self, edge: Edge, is_told_beside: bool) -> bool:
        """Whether the first edge out of a box shows a shape that nothing before it shows."""
        before = self.reads.get(edge.source)
        if before is None:
            return not is_told_beside
        if self.is_inset and self.boxes[edge.target].family == "output":
            return True
        shapes, others = before[0].shapes, edge.shapes
        if not self.is_inset:
            return shapes != others
        return [each.positions for each in shapes] != [each.positions for each in others]

    def _told_beside(self) -> Iterator[Edge]:
        """The edges whose shape an earlier edge from an input into the same box shows."""
        for edges in self.reads.values():
            shown: set[tuple[Shape, ...]] = set()
            for edge in edges:
                if edge.shapes in shown:
                    yield edge
                if edge.source not in self.reads:
                    shown.add(edge.shapes)

    def __str__(self) -> str:
        """One line for every box, with the boxes that it reads."""
        lines = [self.name]
        for index, box in enumerate(self.boxes):
            sources = [_source(edge) for edge in self.reads.get(index, ())]
            lines.append(f"  %{index} {box}" + (f" <- {', '.join(sources)}" if sources else ""))
        return "\n".join(lines)


def _source(edge: Edge) -> str:
    return f"%{edge.source}{' skip' if edge.is_skip else ''} [{', '.join(edge.lines)}]"


def _first_of_each(edges: Sequence[Edge]) -> Iterator[Edge]:
    """The first edges out of a box with tensors of their shapes.

    A skip is told only where nothing else is: with a text beside it, it would bend.
    """
    told: set[tuple[Shape, ...]] = set()
    for edge in sorted(edges, key=lambda each: each.is_skip):
        if edge.shapes not in told and not (told and edge.is_skip):
            yield edge
        told.add(edge.shapes)


def _by(edges: Iterable[Edge], key: Callable[[Edge], int]) -> dict[int, tuple[Edge, ...]]:
    groups: dict[int, list[Edge]] = {}
    for edge in edges:
        groups.setdefault(key(edge), []).append(edge)
    return {index: tuple(group) for index, group in groups.items()}

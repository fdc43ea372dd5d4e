"""Where a layer is applied, and how its sizes are written there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from archdsl.elaborate.naming import Key, Keys
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Body
from archdsl.elaborate.tensors import Flow, Tensor, each_of
from archdsl.elaborate.values import SharedWeights
from archdsl.ops.base import Shape, shape_text
from archdsl.provenance import Expression, Frame, Symbol, Term, TooLong, unreadable
from archdsl.records import record
from archdsl.shapes import Dim
from archdsl.source import Span
from archdsl.substitution import NO_FRAMES, NO_SYMBOLS, Without
from archdsl.tree import Node, Sizes, shape_of

CHANNELS = "channels"
"""The name of the channels within a turn of a loop, and on both sides of an `if`."""


@dataclass(eq=False, slots=True)
class SharedUses:
    """The uses so far of a layer that is shared, where its `share` is applied under a `key`.

    `nodes` are those of the graph that the first use has made, `site` is where it is written, and
    `tree` is what it is in the tree; `given` says which of its layers make what it gives.
    `training_only`: all uses so far are.
    """

    key: Key
    nodes: range = range(0)
    given: list[str] = field(default_factory=list)
    site: Span | None = None
    tree: Node | None = None
    training_only: bool = True


@record
class Place:
    """A body, the scope of keys that a layer is named in, and whether it is for training alone.

    `shares` are the layers that can be used here, and whose names stand in this scope of keys.
    Within the layer of one of them, `shared` is its path; `again` says that this is a further use.
    """

    body: Body
    keys: Keys
    training_only: bool = False
    again: bool = False
    shared: str = ""
    shares: Mapping[SharedWeights, SharedUses] = field(default_factory=dict)

    def within(self, keys: Keys) -> Place:
        """The same place, in another scope of keys."""
        return Place(self.body, keys, self.training_only, self.again, self.shared)

    def in_training(self) -> Place:
        """The same place, for training alone."""
        return replace(self, training_only=True)


def sizes_without(
    frames: Set[Frame],
    sizes: Sizes,
    body: Body,
    span: Span,
    instead: Mapping[Frame, Frame] = NO_FRAMES,
    renamed: Mapping[Symbol, Symbol] = NO_SYMBOLS,
) -> Sizes:
    """Sizes as they are seen from outside of some frames of a body; see `Without`."""
    outside = Without(frames, instead, renamed)
    expressions = [part.expression for part in sizes.parts]
    return with_expressions(
        shape_of(sizes), expressions, lambda inside, _: outside(inside), body, span
    )


def outside_of(
    frames: Set[Frame],
    flow: Flow,
    body: Body,
    span: Span,
    instead: Mapping[Frame, Frame] = NO_FRAMES,
    renamed: Mapping[Symbol, Symbol] = NO_SYMBOLS,
) -> Flow:
    """What flows out of some frames of a body; tensors of unknown shape stay so."""

    def seen(tensor: Tensor) -> Tensor:
        if tensor.sizes is None:
            return tensor
        sizes = sizes_without(frames, tensor.sizes, body, span, instead, renamed)
        return Tensor(tensor.node, sizes)

    return each_of(flow, seen)


def positions_without(frames: Set[Frame], sizes: Sizes) -> Sizes:
    """Sizes whose positions are seen from outside of some frames; the channels stay."""
    outside = Without(frames)

    def seen(size: Term) -> Term:
        try:
            return Term(size.value, outside(size.expression))
        except TooLong:
            return Term(size.value, unreadable())

    return sizes.with_positions(map(seen, sizes.positions))


def with_expressions(
    shape: Shape,
    sources: Iterable[Expression],
    seen: Callable[[Expression, Dim], Expression],
    body: Body,
    span: Span,
) -> Sizes:
    """Sizes with their expressions, and the bound of whole numbers with its own.

    `seen` gives the expression of each for its source and its value. Channels whose expression is
    too long are an error. Of other sizes, which code seldom reads, it is replaced by a symbol that
    no code can print.
    """
    parts: list[Term] = []
    for value, source in zip(shape.parts, sources, strict=True):
        try:
            parts.append(Term(value, seen(source, value)))
        except TooLong:
            if len(parts) == shape.breadth_place:
                raise too_long(body, span) from None
            parts.append(Term(value, unreadable()))
    return shape.with_parts(parts)


def too_long(body: Body, span: Span) -> Failure:
    """Report a size whose expression nobody could read."""
    help = "give the block a signature with its channels: `-> [c + n * growth, _, _]`"
    return body.fail("E0714", "the expression of the channels here is too long", span, help=help)


def with_breadth(tensor: Tensor, breadth: Term) -> Tensor:
    """The tensor with its channels, or its bound, known by another expression."""
    assert tensor.sizes is not None
    return Tensor(tensor.node, tensor.sizes.with_breadth(breadth))


def text_of(tensor: Tensor) -> str:
    """A tensor's shape as the language writes it."""
    return shape_text(tensor.shape)


def is_known(*tensors: Tensor) -> bool:
    """Whether the shapes of tensors are known, so that more can be said about them."""
    return all(tensor.sizes is not None for tensor in tensors)


def shapes_of(tensors: Collection[Tensor]) -> tuple[Shape, ...]:
    """The shapes of tensors that are known."""
    return tuple([tensor.shape for tensor in tensors])

"""Where a layer is applied, and how its sizes are written there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from functools import partial

from archdsl.elaborate.naming import Keys
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Body
from archdsl.elaborate.tensors import Tensor
from archdsl.ops.base import Shape, shape_text
from archdsl.provenance import Expression, Frame, Symbol, Term, TooLong, unreadable
from archdsl.records import record
from archdsl.source import Span
from archdsl.substitution import NO_FRAMES, NO_SYMBOLS, Without
from archdsl.tree import Sizes, shape_of


@record
class Place:
    """A body, the scope of keys that a layer is named in, and whether it is for training alone."""

    body: Body
    keys: Keys
    training_only: bool = False

    def within(self, keys: Keys) -> Place:
        """The same place, in another scope of keys."""
        return Place(self.body, keys, self.training_only)


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
    expressions = [partial(outside, size.expression) for size in sizes.sizes]
    return with_expressions(shape_of(sizes), expressions, body, span)


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
    shape: Shape, expressions: Iterable[Callable[[], Expression]], body: Body, span: Span
) -> Sizes:
    """Sizes with their expressions.

    Channels whose expression is too long are an error. Of other sizes, which code seldom reads, it
    is replaced by a symbol that no code can print.
    """
    sizes: list[Term] = []
    for value, expression in zip(shape.sizes, expressions, strict=True):
        try:
            sizes.append(Term(value, expression()))
        except TooLong:
            if len(sizes) == shape.channels_dimension:
                raise too_long(body, span) from None
            sizes.append(Term(value, unreadable()))
    return shape.with_sizes(sizes)


def too_long(body: Body, span: Span) -> Failure:
    """Report a size whose expression nobody could read."""
    help = "give the block a signature with its channels: `-> [c + n * growth, _, _]`"
    return body.fail("E0714", "the expression of the channels here is too long", span, help=help)


def with_channels(tensor: Tensor, channels: Term) -> Tensor:
    """The tensor with its channels known by another expression."""
    assert tensor.sizes is not None
    return Tensor(tensor.node, tensor.sizes.with_channels(channels))


def text_of(tensor: Tensor) -> str:
    """A tensor's shape as the language writes it."""
    return shape_text(tensor.shape)


def is_known(*tensors: Tensor) -> bool:
    """Whether the shapes of tensors are known, so that more can be said about them."""
    return all(tensor.sizes is not None for tensor in tensors)


def shapes_of(tensors: Collection[Tensor]) -> tuple[Shape, ...]:
    """The shapes of tensors that are known."""
    return tuple([tensor.shape for tensor in tensors])

"""The type of a tensor: its sizes without the batch, and where its channels are among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, TypeVar

Size = TypeVar("Size")
Other = TypeVar("Other")

AXES = ((), ("length",), ("height", "width"), ("depth", "height", "width"))
"""The names of the axes of positions, by their number."""


class TensorType(Generic[Size]):
    """The sizes of one tensor without the batch, in order of memory, and where its channels are.

    `[64, 56, 56]` has its channels before its positions. With `is_last` they are behind them. A
    tensor of one size has channels alone, which are first and last: there `is_last` is False, so
    that equal types compare equal. Whole numbers from 0 up to `below` have positions alone.

    A size is what a domain calculates with: a number or a symbolic size (`shapes/`), a term
    (`provenance.py`), or an expression. Types are made for every tensor several times, so this is
    a plain class whose attributes are only typed as final.
    """

    __slots__ = ("below", "is_last", "sizes")

    def __init__(
        self, sizes: tuple[Size, ...], is_last: bool = False, below: Size | None = None
    ) -> None:
        self.sizes: Final = sizes
        self.is_last: Final = is_last and len(sizes) > 1
        self.below: Final = below

    def __iter__(self) -> Iterator[Size]:
        """The sizes in order: `torch.rand(batch, *graph.shape(port))`."""
        return iter(self.sizes)

    @property
    def rank(self) -> int:
        """The number of sizes."""
        return len(self.sizes)

    @property
    def parts(self) -> tuple[Size, ...]:
        """All numbers of the type: the sizes in order, then the bound of whole numbers."""
        return self.sizes if self.below is None else (*self.sizes, self.below)

    @property
    def breadth(self) -> Size:
        """What the weights of a layer are made for: the channels, or the bound of whole numbers."""
        return self.channels if self.below is None else self.below

    @property
    def channels(self) -> Size:
        """The number of channels; of a tensor without positions, of its features."""
        assert self.below is None, "whole numbers have no channels"
        return self.sizes[-1 if self.is_last else 0]

    @property
    def positions(self) -> tuple[Size, ...]:
        """The sizes that are no channels: length, or height and width, or depth too."""
        if self.below is not None:
            return self.sizes
        return self.sizes[:-1] if self.is_last else self.sizes[1:]

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the axes of positions; of more than three, none."""
        count = len(self.positions)
        return AXES[count] if count < len(AXES) else ()

    @property
    def channels_dimension(self) -> int:
        """The place of the channels among the sizes."""
        return self.rank - 1 if self.is_last else 0

    @property
    def breadth_place(self) -> int:
        """The place among the parts of the channels, or of the bound of whole numbers."""
        return len(self.parts) - 1 if self.is_last or self.below is not None else 0

    def with_channels(self, channels: Size) -> TensorType[Size]:
        """The type with other channels."""
        return self._of(channels, self.positions)

    def with_positions(self, positions: Iterable[Size]) -> TensorType[Size]:
        """The type with other positions."""
        if self.below is not None:
            return TensorType(tuple(positions), below=self.below)
        return self._of(self.channels, tuple(positions))

    def _of(self, channels: Size, positions: tuple[Size, ...]) -> TensorType[Size]:
        sizes = (*positions, channels) if self.is_last else (channels, *positions)
        return TensorType(sizes, self.is_last)

    def with_breadth(self, breadth: Size) -> TensorType[Size]:
        """The type with other channels, or of whole numbers with another bound."""
        if self.below is None:
            return self.with_channels(breadth)
        return TensorType(self.sizes, below=breadth)

    def with_sizes(self, sizes: Iterable[Other]) -> TensorType[Other]:
        """The type of as many other sizes, maybe of another domain, with the channels in place."""
        assert self.below is None
        return TensorType(tuple(sizes), self.is_last)

    def with_parts(self, parts: Iterable[Other]) -> TensorType[Other]:
        """The type of as many other parts, maybe of another domain, with the channels in place."""
        known = tuple(parts)
        if self.below is None:
            return TensorType(known, self.is_last)
        return TensorType(known[:-1], below=known[-1])

    def map(self, function: Callable[[Size], Other]) -> TensorType[Other]:
        """The type with another size for every size."""
        below = None if self.below is None else function(self.below)
        return TensorType(tuple([function(size) for size in self.sizes]), self.is_last, below)

    def has_layout_of(self, other: TensorType[Any]) -> bool:
        """Whether both have as many sizes, and their channels in one place."""
        is_alike = self.is_last == other.is_last and (self.below is None) == (other.below is None)
        return is_alike and len(self.sizes) == len(other.sizes)

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is TensorType
            and self.sizes == other.sizes
            and self.is_last == other.is_last
            and self.below == other.below
        )

    def __hash__(self) -> int:
        return hash(self.sizes)

    def __str__(self) -> str:
        """As the language writes it: `[64, 56, 56]`, `[196; 768]`, `[n] < 1000`."""
        sizes = [*map(str, self.sizes)]
        if self.is_last:
            return f"[{', '.join(sizes[:-1])}; {sizes[-1]}]"
        bound = "" if self.below is None else f" < {self.below}"
        return f"[{', '.join(sizes)}]{bound}"

    def __repr__(self) -> str:
        return f"TensorType({self})"

"""Tensors whose sizes are split, reordered and joined, until an op reads them.

`x.flatten(2).transpose(1, 2)` is two functions for PyTorch and one `rearrange` for the language. So
a tensor is held with its sizes as products of *factors*; only what is read becomes an op.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import prod

from archdsl.importing.steps import Port
from archdsl.ops import OPS
from archdsl.ops.base import Op, Shape

_numbers = count()


@dataclass(frozen=True)
class Factor:
    """A factor of a size; no two are the same, however large."""

    number: int
    size: int


Sizes = tuple[tuple[Factor, ...], ...]


class Unarranged(Exception):
    """What is done to a tensor is no rearrangement; the message says what."""


@dataclass(frozen=True)
class Held:
    """A tensor in the memory of a port: the port's sizes as factors, and those of the tensor.

    Both begin with the batch. A size of 1 has no factors.
    """

    port: Port
    base: Sizes
    sizes: Sizes

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes in numbers."""
        return tuple([_size(each) for each in self.sizes])

    @property
    def is_plain(self) -> bool:
        """Whether it is the port's tensor as it is."""
        return self.base == self.sizes

    def permuted(self, order: Sequence[int]) -> Held:
        """The sizes in another order."""
        rank = len(self.sizes)
        return Held(self.port, self.base, tuple([self.sizes[place % rank] for place in order]))

    def reshaped(self, shape: Sequence[int]) -> Held:
        """The same numbers in other sizes; raises `Unarranged`."""
        if prod(shape) != prod(self.shape):
            raise Unarranged("another number of elements")
        waiting = [factor for size in self.sizes for factor in size]
        made: list[tuple[Factor, ...]] = []
        split: dict[Factor, tuple[Factor, Factor]] = {}
        for size in shape:
            taken: list[Factor] = []
            while _size(taken) < size:
                taken.append(waiting.pop(0))
            excess = _size(taken)
            if excess != size:
                last = taken.pop()
                first, rest = _halves(last, size // _size(taken))
                split[last] = (first, rest)
                taken.append(first)
                waiting.insert(0, rest)
            made.append(tuple(taken))
        base = self.base
        for old, new in split.items():
            base = tuple([_replaced(size, old, new) for size in base])
        return Held(self.port, base, tuple(made))

    def with_one(self, place: int) -> Held:
        """With a size of 1 at a place."""
        place = place % (len(self.sizes) + 1)
        return Held(self.port, self.base, (*self.sizes[:place], (), *self.sizes[place:]))

    def unmixed(self) -> Held:
        """With the samples alone in the first size, where other sizes were joined with them.

        What is the same for all samples may lack their size.
        """
        if self.sizes in (self.base[1:], ((), *self.base[1:])):
            return Held(self.port, self.base, self.base)
        batch, first = self.base[0], self.sizes[0]
        if first == batch or first[: len(batch)] != batch:
            return self
        return Held(self.port, self.base, (batch, first[len(batch) :], *self.sizes[1:]))

    def is_last(self) -> bool:
        """Whether its channels are behind its positions, by where those of the port went."""
        if len(self.sizes) <= 2:
            return False
        channels = {*self.base[1 + self.port.type.channels_dimension]}
        first, last = {*self.sizes[1]}, {*self.sizes[-1]}
        if not channels:
            return self.port.type.is_last
        if channels <= first and not channels & last:
            return False
        if channels & last and (not channels & first or (last <= channels and first - channels)):
            return True
        return self.port.type.is_last


def held(port: Port, batch: int) -> Held:
    """The tensor of a port."""
    sizes = tuple([_one_factor(size) for size in (batch, *port.type.sizes)])  # type: ignore[arg-type]
    return Held(port, sizes, sizes)


def arrangement_op(tensor: Held, is_last: bool) -> Op | None:
    """The op that makes a tensor of its port's; None where it is that; raises `Unarranged`."""
    if tensor.sizes[0] != tensor.base[0]:
        raise Unarranged("samples of a batch are mixed with sizes")
    before, after = tensor.base[1:], tensor.sizes[1:]
    kept = [factor for size in after for factor in size]
    if sorted(f.number for f in kept) != sorted(f.number for size in before for f in size):
        raise Unarranged("a part of a size is missing")
    if before == after and (is_last == tensor.port.type.is_last or len(after) == 1):
        return None
    if len(after) == 1 and kept == [factor for size in before for factor in size]:
        return OPS["flatten"].make({})
    if _is_shuffle(before, after) and not (is_last or tensor.port.type.is_last):
        return OPS["channel_shuffle"].make({"groups": before[0][0].size})
    return _rearrange(before, after, tensor.port.type, is_last)


def _is_shuffle(before: Sizes, after: Sizes) -> bool:
    """Whether the channels change places as those of groups do."""
    is_turned = len(before[0]) == 2 and after[0] == before[0][::-1]
    return is_turned and before[1:] == after[1:]


def _rearrange(before: Sizes, after: Sizes, shape: Shape, is_last: bool) -> Op:
    names = _names(before, shape)
    pattern = f"{_side(before, names, shape.is_last)} -> {_side(after, names, is_last)}"
    given = {names[f]: f.size for size in before for f in size[1:]}
    kind = OPS["rearrange"].with_sizes(tuple(given))
    return kind.make({"pattern": pattern, **given})


def _side(sizes: Sizes, names: dict[Factor, str], is_last: bool) -> str:
    texts = []
    for size in sizes:
        words = [names[factor] for factor in size]
        texts.append(f"({' '.join(words)})" if len(words) > 1 else words[0] if words else "1")
    if is_last and len(texts) > 1:
        return f"{' '.join(texts[:-1])}; {texts[-1]}"
    return " ".join(texts)


POSITIONS = ((), ("n",), ("h", "w"), ("t", "h", "w"))
PARTS = {"h": "hpab", "w": "wqde", "n": "nmkl", "c": "cgij", "t": "tsuv", "d": "dgij"}
"""What the factors of a size are called, by the name of the size."""


def _names(before: Sizes, shape: Shape) -> dict[Factor, str]:
    positions = POSITIONS[min(len(before) - 1, 3)]
    channel = "c" if len(positions) != 1 or not shape.is_last else "d"
    heads = (*positions, channel) if shape.is_last else (channel, *positions)
    names: dict[Factor, str] = {}
    taken = {*heads}
    for head, size in zip(heads, before, strict=True):
        for place, factor in enumerate(size):
            letters = PARTS[head]
            name = letters[place] if place < len(letters) else f"{head}{place}"
            while place and name in taken:
                name += "_"
            taken.add(name)
            names[factor] = name
    return names


def _one_factor(size: int) -> tuple[Factor, ...]:
    return () if size == 1 else (Factor(next(_numbers), size),)


def _size(factors: Sequence[Factor]) -> int:
    return prod(factor.size for factor in factors)


def _halves(factor: Factor, size: int) -> tuple[Factor, Factor]:
    if size < 1 or factor.size % size:
        raise Unarranged("sizes that are cut across")
    return Factor(next(_numbers), size), Factor(next(_numbers), factor.size // size)


def _replaced(
    size: tuple[Factor, ...], old: Factor, new: tuple[Factor, Factor]
) -> tuple[Factor, ...]:
    return tuple([each for factor in size for each in (new if factor == old else (factor,))])

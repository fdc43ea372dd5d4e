"""Numbers along axes of positions, such as a kernel: one for all axes, or one for each.

Several of them make a `Window`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from archdsl.ops.parameters import Whole

MOST_AXES = 3
"""Maximum number of axes of positions that PyTorch has windows for."""

Numbers: TypeAlias = int | tuple[int, ...]
"""One number for all axes, or one for each."""
SIZES = Whole(1, tuple(range(1, MOST_AXES + 1)))
MARGINS = Whole(0, tuple(range(1, MOST_AXES + 1)))


def each(value: Any, axes: int) -> tuple[Any, ...]:
    """The number of every axis."""
    return value if isinstance(value, tuple) else (value,) * axes


def aligned(*values: Any) -> Iterator[tuple[Any, ...]]:
    """Several parameters, axis by axis; a single time where all are one number for all axes."""
    axes = max([len(value) for value in values if isinstance(value, tuple)], default=1)
    return zip(*[each(value, axes) for value in values], strict=False)


def combined(function: Callable[..., Any], *values: Any) -> Any:
    """What follows from several parameters: one number where all are, else one for each axis."""
    if any(isinstance(value, tuple) for value in values):
        return tuple([function(*numbers) for numbers in aligned(*values)])
    return function(*values)


def is_one(numbers: Numbers) -> bool:
    """Whether the number is the same along every axis."""
    return len(set(each(numbers, 1))) == 1


def times(numbers: Numbers) -> str:
    """Numbers as a diagram writes them: `3×5`, or `3` where they are alike."""
    known = each(numbers, 1)
    return str(known[0]) if is_one(numbers) else "×".join(map(str, known))


@dataclass(frozen=True)
class Window:
    """The positions that one output reads: a number for all axes, or one for each.

    `upscale` is the number of outputs for one input where an op enlarges. A window that `covers`
    the input reads all of it, whatever its size.
    """

    kernel: Numbers = 1
    stride: Numbers = 1
    padding: Numbers = 0
    dilation: Numbers = 1
    upscale: Numbers = 1
    covers: bool = False

    def along(self, axis: int) -> AxisWindow:
        """The window along one axis."""
        numbers = (self.kernel, self.stride, self.padding, self.dilation, self.upscale)
        return AxisWindow(*[each(number, axis + 1)[axis] for number in numbers])


@dataclass(frozen=True)
class AxisWindow:
    """A window along one axis."""

    kernel: int
    stride: int
    padding: int
    dilation: int
    upscale: int

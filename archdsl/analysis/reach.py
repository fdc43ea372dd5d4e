"""The pixels that outputs read along one axis: of a layer, of several joined, through a window.

`receptive_field.py` explains why the ends of one period tell all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import gcd, inf, lcm
from typing import TypeAlias

from archdsl.ops.axes import AxisWindow

MAXIMUM_READS = 2**12
"""Maximum number of distinct positions that one period of outputs may read."""
MAXIMUM_STEP = 2**63
"""Maximum number of pixels by which the field may advance in one period."""

Ends: TypeAlias = tuple[float, float]
"""The first and the last of some pixels: whole numbers, or infinite on both sides."""


@dataclass(frozen=True)
class Reach:
    """The pixels that the outputs of a layer read along one axis.

    Output `len(ends) * q + r` reads from `ends[r][0] + step * q` to `ends[r][1] + step * q`; it
    reads nothing where `ends[r]` is None.
    """

    step: int
    ends: tuple[Ends | None, ...]

    @cached_property
    def is_empty(self) -> bool:
        """Whether no output reads anything."""
        return not any(self.ends)

    @cached_property
    def size(self) -> float:
        """The number of pixels from the first to the last, for the output that reads widest."""
        return max((last - first + 1 for first, last in filter(None, self.ends)), default=0)

    @cached_property
    def rate(self) -> Fraction:
        """Pixels by which the field advances from one output to the next."""
        return Fraction(self.step, len(self.ends))

    def at(self, position: int) -> Ends | None:
        """The pixels that one output reads."""
        turn, residue = divmod(position, len(self.ends))
        ends = self.ends[residue]
        return ends and (ends[0] + self.step * turn, ends[1] + self.step * turn)

    def over(self, positions: range) -> Ends | None:
        """The pixels that several outputs read together."""
        # Outputs repeat after a cycle, shifted; so the first and the last cycle suffice.
        cycle = len(self.ends) // gcd(len(self.ends), positions.step)
        return _hull(map(self.at, chain(positions[:cycle], positions[-cycle:])))


PIXEL = Reach(1, ((0, 0),))
NOTHING = Reach(0, (None,))
WHOLE = Reach(0, ((-inf, inf),))
POINT = AxisWindow(1, 1, 0, 1, 1)

Reaches: TypeAlias = tuple[Reach, ...]
"""A reach for every axis: of an image rows along the height, and columns along the width."""


def covering(reach: Reach) -> Reach:
    """The reach of a layer that reads all outputs."""
    return NOTHING if reach.is_empty else WHOLE


def union(reaches: Sequence[Reach]) -> Reach:
    """The reach of a layer that reads the outputs of several layers at the same position."""
    reaches = [reach for reach in reaches if not reach.is_empty]
    if len(reaches) < 2:
        return reaches[0] if reaches else NOTHING
    rate, period = reaches[0].rate, lcm(*[len(reach.ends) for reach in reaches])
    if period > MAXIMUM_READS or any(reach.rate != rate for reach in reaches):
        return WHOLE
    ends = [_hull(reach.at(position) for reach in reaches) for position in range(period)]
    return Reach(int(rate * period), tuple(ends))


def through(window: AxisWindow, reach: Reach) -> Reach:
    """The reach of a layer with a window; `reach` is that of its input."""
    if window == POINT:
        return reach
    # Outputs repeat when their window has advanced by whole periods of the input.
    length = window.upscale * len(reach.ends)
    period = length // gcd(length, window.stride)
    step = reach.step * (window.stride * period // length)
    reads = period * min(len(reach.ends), window.kernel)
    if reads > MAXIMUM_READS or step > MAXIMUM_STEP:
        return covering(reach)
    ends = [reach.over(_inputs(window, position)) for position in range(period)]
    return Reach(step, tuple(ends))


def _inputs(window: AxisWindow, position: int) -> range:
    """The inputs that one output reads.

    The window lies over the inputs spread `upscale` apart, and reads those that it meets.
    """
    dilation, upscale = window.dilation, window.upscale
    start = window.stride * position - window.padding
    common = gcd(dilation, upscale)
    if start % common:
        return range(0)
    every = upscale // common
    skipped = -start // common * pow(dilation // common, -1, every) % every
    hits = len(range(skipped, window.kernel, every))
    first, apart = (start + dilation * skipped) // upscale, dilation // common
    return range(first, first + apart * hits, apart)


def _hull(several: Iterable[Ends | None]) -> Ends | None:
    known = [ends for ends in several if ends is not None]
    if not known:
        return None
    return min(first for first, _ in known), max(last for _, last in known)

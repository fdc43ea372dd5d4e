"""Functions of one whole number with a single floor: the sizes of most networks.

Every convolution and pooling maps a size to a single floor, and floors compose: `((n + a) // m + b)
// k == (n + a + b * m) // (m * k)`. So a chain of them keeps one closed form of five numbers, which
compares fast however large they are.
"""

from __future__ import annotations

from math import gcd
from typing import NamedTuple


class Floor(NamedTuple):
    """`scale * ((factor * s + offset) // divisor) + shift`, in canonical form.

    Made by `floor_of` only, so that two are the same function exactly if their fields are equal.
    `factor` and `divisor` are coprime, `scale` is positive and 1 without a floor, and 0 <= `shift`
    < `scale`. The period is `divisor`.
    """

    factor: int = 1
    offset: int = 0
    divisor: int = 1
    scale: int = 1
    shift: int = 0

    @property
    def period(self) -> int:
        """The number of sizes over which the function grows by `rise`, wherever they start."""
        return self.divisor

    @property
    def rise(self) -> int:
        """The growth of the function over a period."""
        return self.scale * self.factor

    def at(self, number: int) -> int:
        """The value at a number."""
        return self.scale * ((self.factor * number + self.offset) // self.divisor) + self.shift


IDENTITY = Floor()


def floor_of(factor: int, offset: int, divisor: int, scale: int = 1, shift: int = 0) -> int | Floor:
    """The canonical form of such a function; a number if it is constant."""
    if scale == 0 or factor == 0:
        return scale * (offset // divisor) + shift
    if scale < 0:
        # -(x // m) is (-x + m - 1) // m.
        factor, offset, scale = -factor, divisor - 1 - offset, -scale
    common = gcd(factor, divisor)
    if common > 1:
        factor, offset, divisor = factor // common, offset // common, divisor // common
    if divisor == 1:
        return Floor(scale * factor, scale * offset + shift)
    turns, shift = divmod(shift, scale)
    return Floor(factor, offset + turns * divisor, divisor, scale, shift)


def scaled(of: Floor, scale: int, shift: int) -> int | Floor:
    """`scale * of + shift`."""
    return floor_of(of.factor, of.offset, of.divisor, of.scale * scale, of.shift * scale + shift)


def added(first: Floor, second: Floor) -> int | Floor | None:
    """The sum, if a single floor expresses it."""
    if first.divisor == second.divisor == 1:
        return floor_of(first.factor + second.factor, first.offset + second.offset, 1)
    floor, rest = _parts(first)
    # The floors of a function and of its negative differ, yet their sum is a number.
    for sign in (1, -1):
        other = second if sign == 1 else scaled(second, -1, 0)
        assert isinstance(other, Floor)
        other_floor, other_rest = _parts(other)
        if floor == other_floor:
            scale = first.scale + sign * other.scale
            factor, offset, divisor = floor
            return floor_of(factor, offset, divisor, scale, rest + sign * other_rest)
    return None


def divided(of: Floor, divisor: int) -> int | Floor | None:
    """`of // divisor`, if a single floor expresses it."""
    common = gcd(of.scale, divisor)
    scale, shift, rest = of.scale // common, of.shift // common, divisor // common
    if rest == 1:
        return floor_of(of.factor, of.offset, of.divisor, scale, shift)
    if scale > 1:
        return None
    return floor_of(of.factor, of.offset + shift * of.divisor, of.divisor * rest)


def _parts(of: Floor) -> tuple[tuple[int, int, int], int]:
    """A floor with an offset below the divisor, and the number added to `scale` times it."""
    turns, offset = divmod(of.offset, of.divisor)
    return (of.factor, offset, of.divisor), of.scale * turns + of.shift


def text_of(symbol: str, floor: Floor) -> str:
    """The function in the syntax of the language."""
    text = symbol if floor.factor == 1 else f"{floor.factor} * {symbol}"
    text += signed(floor.offset)
    if floor.divisor > 1:
        text = f"({text}) // {floor.divisor}" if " " in text else f"{text} // {floor.divisor}"
    if floor.scale > 1:
        text = f"{floor.scale} * ({text})"
    return text + signed(floor.shift)


def signed(number: int) -> str:
    """A number as a signed summand of a text; empty for 0."""
    return f" {'+' if number > 0 else '-'} {abs(number)}" if number else ""

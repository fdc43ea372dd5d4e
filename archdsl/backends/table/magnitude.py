"""Numbers in short, for people: 25.6 M, 4.1 G, 97.5 MiB."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["", "numbers", "multiply-adds", "bytes"]
"""The unit of a column's numbers; empty for other columns, such as layers."""

DECIMAL = ("", "k", "M", "G", "T", "P", "E")
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def abbreviated(number: int, unit: Unit) -> str:
    """A number with the prefix of its magnitude and one decimal; exact below the first prefix.

    Bytes have binary prefixes, numbers and multiply-adds those of the SI.
    """
    if not unit:
        return f"{number:,}"
    prefixes, base = (BINARY, 1024) if unit == "bytes" else (DECIMAL, 1000)
    power = 0
    while power + 1 < len(prefixes) and _rounded(number, base**power) >= base:
        power += 1
    digits = f"{number:,}" if power == 0 else f"{_rounded(number, base**power, number < 0):,.1f}"
    return f"{digits} {prefixes[power]}".rstrip()


def _rounded(number: int, scale: int, is_negative: bool = False) -> Decimal:
    """The amount of a number in units of `scale`, to one decimal."""
    tenths = (abs(number) * 20 + scale) // (2 * scale) if scale > 1 else abs(number) * 10
    return Decimal(-tenths if is_negative else tenths) / 10

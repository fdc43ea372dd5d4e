"""Sizes: numbers, or exact functions of one symbol. (Being written.)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Symbolic:
    """`scale * ((factor * symbol + offset) // divisor) + shift`."""

    symbol: str


Dim: TypeAlias = "int | Symbolic"

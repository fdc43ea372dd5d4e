"""A spec as shown by hypothesis: as its text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Spec:
    """A text of the language; its imports are in `folder`.

    `kinds` lists the constructs in a random spec (`archdsl.testing.KINDS`); it is empty for others.
    `externs` are the packages whose classes it may use as layers.
    """

    text: str
    folder: Path = Path()
    kinds: frozenset[str] = frozenset()
    externs: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"\n{self.text}"

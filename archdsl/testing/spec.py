"""A spec as hypothesis shows it: as its text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Spec:
    """A text of the language; what it imports lies in `folder`.

    `kinds` names what a random spec has (`archdsl.testing.KINDS`); it is empty for any other.
    """

    text: str
    folder: Path = Path()
    kinds: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"\n{self.text}"

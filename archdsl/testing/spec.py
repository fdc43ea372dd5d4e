"""A spec as hypothesis shows it: as its text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Spec:
    """A text of the language; what it imports lies in `folder`."""

    text: str
    folder: Path = Path()

    def __repr__(self) -> str:
        return f"\n{self.text}"

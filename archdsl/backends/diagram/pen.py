"""Colours, and lengths as Graphviz expects them."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.outline.theme import Theme


@dataclass(frozen=True)
class Pen:
    """The colours of a picture; all its lengths are `magnified` (see `archdsl.fonts`)."""

    theme: Theme
    magnified: float = 1

    def points(self, length: float) -> str:
        """A length in points."""
        return f"{length * self.magnified:.4g}"

    def inches(self, length: float) -> str:
        """A length in points, in inches."""
        return f"{length * self.magnified / 72:.4f}"

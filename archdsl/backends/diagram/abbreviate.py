"""What most convolutions of a picture have in common is said once, in its legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from archdsl.backends.diagram.view import Box, View

LEAST = 4
"""So often a thing must be said before it is worth saying once for all."""


def abbreviate(views: Sequence[View]) -> tuple[list[View], str]:
    """The views without what stands beside most convolutions in them, and that: `bn · relu`.

    Nothing is left out where a convolution has nothing beside it, or it would seem to have it.
    """
    said = Counter(box.text.beside for view in views for box in view.boxes if box.is_convolution)
    usual, times = said.most_common(1)[0] if said else ("", 0)
    if "" in said or times < LEAST:
        return list(views), ""
    return [
        replace(view, boxes=tuple([_short(box, usual) for box in view.boxes])) for view in views
    ], usual


def _short(box: Box, usual: str) -> Box:
    is_usual = box.is_convolution and box.text.beside == usual
    return replace(box, text=replace(box.text, beside="")) if is_usual else box

"""Properties that most convolutions of a picture share, stated once, in the legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from archdsl.backends.diagram.view import Box, View

LEAST = 4
"""So often a thing must be said before it is worth saying once for all."""


Sides = tuple[str, str]
"""The ops before a convolution and those after it, in one box: `("", "bn · relu")`."""


def abbreviate(views: Sequence[View]) -> tuple[list[View], str]:
    """The views without what stands around most convolutions in them, and that: `conv · bn · relu`.

    Nothing is left out where a convolution has nothing around it, or it would seem to have it, nor
    where one has on one side what is usual on the other, or nobody would know which was meant.
    """
    said = Counter(_sides(box) for view in views for box in view.boxes if box.is_convolution)
    usual, times = said.most_common(1)[0] if said else (("", ""), 0)
    if ("", "") in said or times < LEAST or any(_opposes(each, usual) for each in said):
        return list(views), ""
    return [
        replace(view, boxes=tuple([_short(box, usual) for box in view.boxes])) for view in views
    ], " · ".join(filter(None, [usual[0], "conv", usual[1]]))


def _short(box: Box, usual: Sides) -> Box:
    if not box.is_convolution or _sides(box) != usual:
        return box
    return replace(box, text=replace(box.text, before="", after=""))


def _sides(box: Box) -> Sides:
    return box.text.before, box.text.after


def _opposes(sides: Sides, usual: Sides) -> bool:
    """Whether an op stands before one convolution and after the other."""
    (before, after), (usually_before, usually_after) = map(_words, sides), map(_words, usual)
    return bool(before & usually_after or after & usually_before)


def _words(side: str) -> set[str]:
    return {*side.split(" · ")} - {""}

"""Room for words: titles of frames that no arrow crosses, and frames that hold all their shapes.

An arrow comes into a frame above the middle of its boxes, and a title stands at its left: so the
title must be shorter than half of the frame is wide, or a box be wider than its own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from archdsl.backends.diagram.measure import box_extent
from archdsl.backends.diagram.view import Edge, View
from archdsl.fonts import text_width
from archdsl.outline.labels import end_of
from archdsl.outline.measure import NORMAL, SMALL
from archdsl.outline.pieces import DiagramScope

CLEAR = 4.0
"""The room between an arrow and the words next to it, in points."""


def frame_title(scope: DiagramScope, view: View, is_level: bool) -> tuple[str, ...]:
    """The lines above a frame: its name, and its path as far as there is room for it.

    Where tensors flow to the right arrows come in below the title, and there is room for all.
    """
    forms = _forms(scope, view)
    if is_level:
        return forms[0]
    room = _room(view.framed[scope], view)
    return next((lines for lines in forms if _width(lines) <= room), forms[-1])


def frame_side(scope: DiagramScope, view: View) -> Literal["left", "right"]:
    """Where the title of a frame stands: over the later of some branches at the right.

    The first branch lies at the left, so that arrows come into the others from there.
    """
    members = view.framed[scope]
    for edge in _coming(members, view):
        if view.first_reader[edge.source] < members[0]:
            return "right"
    return "left"


def with_room(view: View) -> View:
    """The picture with boxes so wide that titles and shapes have room in their frames."""
    rooms: dict[int, float] = {}
    for index, width in (*_for_titles(view), *_for_shapes(view)):
        rooms[index] = max(rooms.get(index, 0.0), width)
    boxes = [replace(box, room=rooms.get(i, 0.0)) for i, box in enumerate(view.boxes)]
    return replace(view, boxes=tuple(boxes))


def _forms(scope: DiagramScope, view: View) -> list[tuple[str, ...]]:
    """A title, and what may stand in its place, from the longest to the shortest."""
    if name := view.names.get(scope.path):
        return [(name,)]
    if scope.path in ("", scope.name):
        return [(scope.name,)]
    path = f"({end_of(scope.path)})"
    return [(f"{scope.name} {path}",), (scope.name, path), (scope.name,)]


def _for_titles(view: View) -> Iterator[tuple[int, float]]:
    """The boxes that make frames wider, each with how wide it is for the title's sake."""
    for scope, members in view.framed.items():
        lacking = _width(_forms(scope, view)[-1]) - _room(members, view)
        if lacking > 0:
            for index in _deciding(members, view):
                yield index, box_extent(view.boxes[index]).width + 2 * lacking


def _for_shapes(view: View) -> Iterator[tuple[int, float]]:
    """The widest box of every frame in which a shape is written, with how wide it is for that."""
    widest: dict[DiagramScope | None, int] = {}
    for edge in view.edges:
        frame = _around(edge, view)
        if view.tells(edge) and not edge.is_skip and (frame or view.is_inset):
            words = max(text_width(f" {line}", SMALL) for line in edge.lines)
            if view.boxes[edge.source].is_end and view.boxes[edge.target].is_join:
                # A wire lies beside the boxes, and its shape at its right.
                yield edge.source, 2 * (words + CLEAR)
                continue
            if frame not in widest:
                members = view.framed[frame] if frame else range(len(view.boxes))
                widest[frame] = _widest(members, view)
            yield widest[frame], 2 * (words + CLEAR)


def _around(edge: Edge, view: View) -> DiagramScope | None:
    """The smallest frame around both ends of an edge."""
    source, target = view.boxes[edge.source], view.boxes[edge.target]
    both = [scope for scope in source.around if scope in target.around]
    return both[-1] if both else None


def _room(members: Sequence[int], view: View) -> float:
    """How wide a title may be that ends before the arrows into a frame."""
    extents = [box_extent(view.boxes[index]).width for index in _deciding(members, view)]
    # A title begins about where the widest box does.
    return min(extents, default=0.0) / 2 - CLEAR


def _deciding(members: Sequence[int], view: View) -> list[int]:
    """The boxes whose width decides where arrows come in: the widest, or those that they reach."""
    entries = list(dict.fromkeys(edge.target for edge in _coming(members, view)))
    return [_widest(members, view)] if len(entries) < 2 else entries


def _coming(members: Sequence[int], view: View) -> list[Edge]:
    """The edges into a frame that pass nothing."""
    inside = {*members}
    edges = [edge for index in members for edge in view.reads.get(index, ())]
    return [edge for edge in edges if edge.source not in inside and not edge.is_skip]


def _widest(members: Sequence[int], view: View) -> int:
    boxes: Mapping[int, float] = {
        index: box_extent(view.boxes[index]).width
        for index in members
        if not view.boxes[index].is_join and not view.boxes[index].is_end
    }
    return max(boxes or dict.fromkeys(members, 0.0), key=lambda index: boxes.get(index, 0.0))


def _width(lines: Sequence[str]) -> float:
    return max(text_width(line, NORMAL, bold=True) for line in lines)

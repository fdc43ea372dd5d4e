"""Other titles for boxes: whether the boxes are there, and in the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archdsl.backends.diagram.outline import Outline
from archdsl.backends.diagram.pieces import scopes
from archdsl.backends.diagram.view import View
from archdsl.diagnostics import Diagnostic, error, suggestion
from archdsl.source import whole_of

Labels = Iterable[tuple[str, str]]
"""The path of a box, and its other title."""


def unknown_labels(outline: Outline, labels: Labels) -> list[Diagnostic]:
    """An error for every path that no box can have."""
    known = _paths(outline)
    return [
        _refuse(outline, f"no box has the path `{path}`", suggestion(path, sorted(known)))
        for path in dict.fromkeys(path for path, _ in labels)
        if path not in known
    ]


def hidden_labels(outline: Outline, views: Sequence[View], labels: Labels) -> list[Diagnostic]:
    """An error for every title that is nowhere in the picture, since its box is folded."""
    shown = {box.text.title for view in views for box in view.boxes}
    shown |= {view.name for view in views if view.is_inset}
    frames = {scope.path for view in views for box in view.boxes for scope in box.around}
    return [
        _refuse(outline, f"`{path}` is not a box in this figure", _way_to(path))
        for path, text in dict(labels).items()
        if text not in shown and path not in frames
    ]


def _paths(outline: Outline) -> set[str]:
    """The paths of all possible boxes, and the names of inputs and outputs."""
    inside = [scope for scope in scopes(outline.root) if scope is not outline.root]
    paths = {piece.path for scope in scopes(outline.root) for piece in scope.pieces}
    paths |= {scope.path for scope in inside}
    return (paths | {*outline.graph.inputs} | {*outline.graph.outputs}) - {""}


def _way_to(path: str) -> str:
    around, _, _ = path.rpartition(".")
    opened = f"`--expand {around}` expands the block around it; " if around else ""
    return f"{opened}`--full` opens everything"


def _refuse(outline: Outline, message: str, help: str) -> Diagnostic:
    # The mistake lies in the request, so no span of the text is to blame.
    span = whole_of(outline.graph.tree.block.span.source.name)
    return error("E0945", message, span, help=help)

"""Other titles for boxes: whether the boxes are there, and in the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archdsl.backends.diagram.view import View
from archdsl.diagnostics import Diagnostic, error, suggestion
from archdsl.outline.pieces import scopes
from archdsl.outline.reader import Outline
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


def hidden_labels(views: Sequence[View], labels: Labels) -> list[str]:
    """The paths whose titles are nowhere in a picture, since their boxes are folded."""
    shown = {box.text.title for view in views for box in view.boxes}
    shown |= {view.name for view in views if view.is_inset}
    frames = {scope.path for view in views for box in view.boxes for scope in box.around}
    return [path for path, text in dict(labels).items() if text not in shown and path not in frames]


def refuse_hidden(
    outline: Outline, views: Sequence[View], ways: Mapping[str, str]
) -> list[Diagnostic]:
    """An error for every path, with the box that holds it, and the option that shows it if any."""
    return [
        _refuse(
            outline,
            f"`{path}` is not a box in this figure{_holder(outline, views, path)}",
            f"{way} shows it" if way else "",
        )
        for path, way in ways.items()
    ]


def _holder(outline: Outline, views: Sequence[View], path: str) -> str:
    """Which box holds what has a path: `: the box `17 layers` holds it`."""
    pieces = [each for scope in scopes(outline.root) for each in (scope, *scope.pieces)]
    nodes = {node for piece in pieces if piece.path == path for node in piece.nodes}
    for box in [box for view in views for box in view.boxes]:
        if nodes and nodes < {*box.nodes}:
            where = f" at `{box.path}`" if box.path else ""
            return f": the box `{box.text.heading}`{where} holds it"
    return ""


def _paths(outline: Outline) -> set[str]:
    """The paths of all possible boxes, and the names of inputs and outputs."""
    inside = [scope for scope in scopes(outline.root) if scope is not outline.root]
    paths = {piece.path for scope in scopes(outline.root) for piece in scope.pieces}
    paths |= {scope.path for scope in inside}
    return (paths | {*outline.graph.inputs} | {*outline.graph.outputs}) - {""}


def _refuse(outline: Outline, message: str, help: str) -> Diagnostic:
    # The mistake lies in the request, so no span of the text is to blame.
    span = whole_of(outline.graph.tree.block.span.source.name)
    return error("E0945", message, span, help=help)

"""From a graph to the bytes of its picture: the view, its DOT text, and Graphviz."""

from __future__ import annotations

from archdsl.backends.diagram import Choice, Look, diagram
from archdsl.diagnostics import Diagnostic, has_errors, note
from archdsl.drawing import render
from archdsl.drawing.finish import LetterForm
from archdsl.fonts import MAGNIFICATION
from archdsl.graph import Graph
from archdsl.outputs import Form

TOO_LONG = "E0943"
"""The code of a layout that took longer than it may."""


def picture(
    graph: Graph,
    form: Form,
    choice: Choice,
    look: Look,
    engine: str | None = None,
    letters: LetterForm = "outlines",
) -> tuple[bytes, list[Diagnostic]]:
    """The picture of a network, or its DOT text, which takes no Graphviz.

    `letters` is for an SVG: outlines that every program draws, or text with an embedded font.
    Where the layout of what was asked for takes too long, the folded picture is drawn instead, and
    a note says so.
    """
    if form == "dot":
        text, diagnostics = diagram(graph, choice, look)
        return text.encode(), diagnostics
    text, notes = diagram(graph, choice, look, MAGNIFICATION)
    if has_errors(notes):
        return b"", notes
    content, diagnostics = render(text, form, engine, magnified=MAGNIFICATION, letters=letters)
    if choice.is_folded or all(found.code != TOO_LONG for found in diagnostics):
        return content, [*notes, *diagnostics]
    (reason,) = [found for found in diagnostics if found.code == TOO_LONG]
    content, diagnostics = picture(graph, form, Choice(), look, engine, letters)
    return content, [_instead(reason), *diagnostics]


def _instead(reason: Diagnostic) -> Diagnostic:
    message = f"{reason.message}; the folded picture is drawn instead"
    return note("N0942", message, reason.span, help=reason.help)

"""From a graph to the bytes of its picture, or its file: the view, its DOT text, and Graphviz."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import get_args

from archdsl.backends.diagram import Choice, Direction, Look, ThemeName, diagram
from archdsl.backends.scene import scene
from archdsl.diagnostics import Diagnostic, has_errors, note
from archdsl.drawing import render
from archdsl.drawing.finish import LetterForm
from archdsl.fonts import GREATEST_POINTS, LEAST_POINTS, MAGNIFICATION
from archdsl.graph import Graph
from archdsl.outputs import Form, picture_form, save_file
from archdsl.viewer import PageCode, page

INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
"""The units of a width."""
LEAST_WIDTH, GREATEST_WIDTH = 0.5, 200.0
"""How wide a figure may be, in inches."""
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no SVG can hold: control characters, and bytes that are no text."""
TOO_LONG = "E0943"
"""The code of a layout that took longer than it may."""


def inches(length: str) -> float | None:
    """A width of a figure such as `6.9in` or `175mm`; None for any other text."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(in|cm|mm|pt)", length.strip())
    found = float(match[1]) * INCHES[match[2]] if match else 0.0
    return found if LEAST_WIDTH <= found <= GREATEST_WIDTH else None


def is_unwritable(text: str) -> bool:
    """Whether a text has characters that no figure can show."""
    return UNWRITABLE.search(text) is not None


def save_picture(
    graph: Graph,
    path: Path,
    choice: Choice,
    look: Look,
    engine: str | None = None,
    letters: LetterForm = "outlines",
    code: PageCode | None = None,
) -> list[Diagnostic]:
    """Draw a network to a file whose suffix is a form; what there is to say, errors included."""
    form, refused = picture_form(path)
    if form is None:
        return refused
    content, diagnostics = picture(graph, form, choice, look, engine, letters, code)
    if has_errors(diagnostics):
        return diagnostics
    return [*diagnostics, *save_file(path, content)]


def picture(
    graph: Graph,
    form: Form,
    choice: Choice,
    look: Look,
    engine: str | None = None,
    letters: LetterForm = "outlines",
    code: PageCode | None = None,
) -> tuple[bytes, list[Diagnostic]]:
    """The picture of a network, or its DOT text, which takes no Graphviz.

    `letters` is for an SVG: outlines that every program draws, or text with an embedded font.
    `code` is what a page shows of the Python file.
    Where the layout of what was asked for takes too long, the folded picture is drawn instead, and
    a note says so.
    """
    if form == "html" or form == "json":
        return looked_into(graph, form, choice, code)
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


def looked_into(
    graph: Graph, form: Form, choice: Choice, code: PageCode | None = None
) -> tuple[bytes, list[Diagnostic]]:
    """A page to look into a network, or the scene that it shows."""
    found, diagnostics = scene(graph, choice)
    if found is None:
        return b"", diagnostics
    return (page(found, code) if form == "html" else f"{found.text()}\n").encode(), diagnostics


def check(choice: Choice, look: Look, letters: str, path: Path) -> None:
    """Raise `ValueError` for what Python was given and a file of this name cannot show."""
    _check_request(choice, look)
    _check_letters(letters, path)
    _check_page(look, path)


def _check_page(look: Look, path: Path) -> None:
    """Raise `ValueError` for the look of a figure where a page is written."""
    if path.suffix.lower() in (".html", ".json") and look != Look():
        raise ValueError(f"`{path.name}` is no figure: it has no width, direction, theme or labels")


def folded(graph: Graph) -> str | None:
    """The text of the SVG of a folded network; None without Graphviz."""
    content, _ = picture(graph, "svg", Choice(), Look())
    return content.decode() or None


def embedded(graph: Graph) -> str | None:
    """A network as a part of an HTML page: its folded picture; None without Graphviz.

    The Markdown fence shows this. It is an image of its own, since two SVGs in one page would share
    the names of their letters.
    """
    content, _ = picture(graph, "svg", Choice(), Look())
    if not content:
        return None
    data = b64encode(content).decode()
    style = "max-width: 100%; height: auto; background: white"
    return (
        f'<img alt="{escape(graph.name)}" style="{style}" src="data:image/svg+xml;base64,{data}">'
    )


def _instead(reason: Diagnostic) -> Diagnostic:
    message = f"{reason.message}; the folded picture is drawn instead"
    return note("N0942", message, reason.span, help=reason.help)


def width_of(given: float | str | None) -> float | None:
    """A width given in Python, in inches or as `175mm`; raises `ValueError`."""
    if given is None:
        return None
    found = inches(given if isinstance(given, str) else f"{given:f}in")
    if found is None:
        raise ValueError(f"{given!r} is no width of a figure, such as 6.9 (inches) or '175mm'")
    return found


def _check_request(choice: Choice, look: Look) -> None:
    """Raise `ValueError` for what Python was given and options of the command cannot be."""
    if choice.full and choice.depth is not None:
        raise ValueError("`full` opens everything, so that `depth` has nothing to say")
    if choice.depth is not None and choice.depth < 1:
        raise ValueError(f"`depth` must be 1 or more, not {choice.depth}")
    _one_of("direction", look.direction, get_args(Direction))
    _one_of("theme", look.theme, get_args(ThemeName))
    if look.font_size is not None and not LEAST_POINTS <= look.font_size <= GREATEST_POINTS:
        limits = f"{LEAST_POINTS} to {GREATEST_POINTS} points"
        raise ValueError(f"`font_size` must be {limits}, not {look.font_size}")
    for _, text in look.labels:
        if not text.strip() or is_unwritable(text):
            raise ValueError(f"`labels` has a title that no figure can show: {text!r}")


def _check_letters(letters: str, path: Path) -> None:
    """Raise `ValueError` for letters that a file of this name cannot have."""
    if letters != "outlines" and (letters != "font" or path.suffix.lower() != ".svg"):
        raise ValueError(f"`text` is 'outlines', or 'font' in an SVG, not {letters!r}")


def _one_of(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        raise ValueError(f"`{name}` is one of {', '.join(known)}, not {given!r}")

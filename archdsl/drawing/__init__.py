"""From the text of a graph to the bytes of its picture, by whichever Graphviz there is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from xml.parsers.expat import ExpatError

from archdsl.diagnostics import Diagnostic
from archdsl.drawing.engines import find
from archdsl.drawing.finish import LetterForm, PictureForm, finish
from archdsl.drawing.process import run, surroundings
from archdsl.drawing.report import failed, judge

SECONDS = 20.0
"""So long a layout may take. One of 1,000 boxes takes a tenth of a second."""


def render(
    dot: str,
    form: PictureForm,
    engine: str | None = None,
    seconds: float = SECONDS,
    magnified: float = 1,
    letters: LetterForm = "outlines",
) -> tuple[bytes, list[Diagnostic]]:
    """The picture of a graph, laid out in a separate process; empty after an error.

    The picture is smaller than the graph says, by the factor `magnified`: see
    `archdsl.fonts.MAGNIFICATION`. `engine` is `pygraphviz` or `dot`; without it, the first of
    them that is there. All text is drawn in the font of `archdsl.fonts`: in
    an SVG by outlines of its letters, or as text with the font in the file, as `letters` says.
    """
    command, diagnostics = find(form, engine, seconds, magnified)
    if diagnostics:
        return b"", diagnostics
    try:
        with tempfile.TemporaryDirectory(prefix="archdsl-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            given = dot.encode("utf-8", "replace")
            outcome = run(command, given, seconds, folder, surroundings(folder))
    except OSError as error:
        return b"", [failed((error.strerror or str(error)).lower())]
    picture, diagnostics = judge(outcome, seconds)
    try:
        return finish(picture, form, magnified, letters), diagnostics
    except ExpatError as error:
        return b"", [failed(f"Graphviz did not write an SVG ({error})")]

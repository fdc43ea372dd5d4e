"""The Graphviz that draws: the one in the package pygraphviz, or a program called `dot`."""

from __future__ import annotations

import importlib.util
import math
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from archdsl.diagnostics import Diagnostic, error
from archdsl.drawing.finish import PictureForm
from archdsl.drawing.report import PLACE

CHILD = Path(__file__).resolve().parent / "child.py"
DOTS_PER_INCH: dict[PictureForm, int] = {"pdf": 72, "png": 192}
"""A bitmap has twice what Graphviz would take, so that small text is sharp.

A PDF has points; an SVG is made smaller when it is finished.
"""
WITHOUT = "; without either, `-o NAME.dot` writes the graph itself"


def find(
    form: PictureForm, engine: str | None, seconds: float, magnified: float = 1
) -> tuple[list[str], list[Diagnostic]]:
    """The command line that reads DOT and writes a picture, or an error."""
    resolution = f"{DOTS_PER_INCH[form] / magnified:g}" if form in DOTS_PER_INCH else ""
    names = list(ENGINES) if engine is None else [engine]
    for name in names:
        command = ENGINES[name](form, resolution, seconds) if name in ENGINES else None
        if command:
            return command, []
    if engine is None:
        message = "Graphviz is not installed"
        return [], [error("E0941", message, PLACE, help=_help(*ENGINES) + WITHOUT)]
    if engine not in ENGINES:
        message = f"unknown drawing engine `{engine}`"
        return [], [error("E0942", message, PLACE, help="the engines are `pygraphviz` and `dot`")]
    message = f"the drawing engine `{engine}` is not installed"
    return [], [error("E0942", message, PLACE, help=_help(engine))]


def _help(*names: str) -> str:
    return ", or ".join(WAYS[name] for name in names)


def _by_package(form: PictureForm, resolution: str, seconds: float) -> list[str] | None:
    """Only finds the package: it is imported in the child, and nowhere else."""
    spec = importlib.util.find_spec("pygraphviz")
    if spec is None or not spec.origin or not sys.executable:
        return None
    folder = str(Path(spec.origin).resolve().parent.parent)
    # Without `site` Python starts in half the time, and finds nothing that was planted.
    python = [sys.executable, "-I", "-S", str(CHILD)]
    return [*python, folder, form, resolution, str(math.ceil(seconds) + 5)]


def _by_program(form: PictureForm, resolution: str, _: float) -> list[str] | None:
    program = shutil.which("dot")
    if program is None:
        return None
    return [program, f"-T{form}", *([f"-Gdpi={resolution}"] if resolution else [])]


ENGINES: dict[str, Callable[[PictureForm, str, float], list[str] | None]] = {
    "pygraphviz": _by_package,
    "dot": _by_program,
}
WAYS = {
    "pygraphviz": "run `pip install 'archdsl[draw]'`",
    "dot": "install Graphviz, so that its program `dot` is found",
}
"""How one comes by every engine."""

"""Which line of the user's Python runs, while a model does."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn

from archdsl.importing.refusal import Line

LIBRARIES = (str(Path(torch.__file__).parent), str(Path(__file__).parent))
"""Where the user's lines are not."""


def user_line(module: nn.Module) -> Line:
    """The line that runs now: that of the module's own method, else the innermost of the user's."""
    frame = sys._getframe(1)
    found = Line()
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(LIBRARIES):
            line = Line(file, frame.f_lineno)
            if frame.f_locals.get("self") is module:
                return line
            found = found if found.file else line
        frame = frame.f_back  # type: ignore[assignment]
    return found

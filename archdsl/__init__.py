"""archdsl: from the text of a network architecture to readable PyTorch code.

>>> import archdsl
>>> networks = archdsl.read("specs/resnet.arch")
>>> networks["resnet50"].params
25557032
>>> model = archdsl.load("specs/resnet.arch", "resnet50", classes=10)  # an `nn.Module`
"""

import importlib
from typing import TYPE_CHECKING

from archdsl.api import (
    Network,
    SpecError,
    analyse,
    check,
    compile,
    import_module,
    load,
    read,
)
from archdsl.optimizing import optimize
from archdsl.sizing import fit, largest_batch
from archdsl.version import __version__
from archdsl.visualizing import features

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from archdsl.diagnostics import Diagnostic
    from archdsl.editor.analysis import Analysis
    from archdsl.editor.definitions import Definition, Reference
    from archdsl.editor.hints import Hint
    from archdsl.fixes import Edit, Fix
    from archdsl.source import Position, Range

__all__ = [
    "Analysis",
    "Definition",
    "Diagnostic",
    "Edit",
    "Fix",
    "Hint",
    "Network",
    "Position",
    "Range",
    "Reference",
    "SpecError",
    "__version__",
    "analyse",
    "check",
    "compile",
    "features",
    "fit",
    "import_module",
    "largest_batch",
    "load",
    "optimize",
    "read",
]

_HOMES = {
    "Analysis": "editor.analysis",
    "Definition": "editor.definitions",
    "Diagnostic": "diagnostics",
    "Edit": "fixes",
    "Fix": "fixes",
    "Hint": "editor.hints",
    "Position": "source",
    "Range": "source",
    "Reference": "editor.definitions",
}
"""The modules of types that are loaded when somebody asks for them."""


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Give a notebook the cells of `%%arch`: what `%load_ext archdsl` does."""
    from archdsl.notebook import add_cells

    add_cells(shell)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

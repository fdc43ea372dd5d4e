"""Notebooks: cells of `%%arch`, after `%load_ext archdsl`. Only this file imports IPython."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archdsl.errors import SpecError
from archdsl.network import Network
from archdsl.shipped import SUFFIX

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from archdsl.diagnostics import Diagnostic
    from archdsl.editor.analysis import Analysis

MAIN = "cell"
"""What messages call a cell that has no name."""


class CellError(SpecError):
    """A cell is wrong: a notebook shows what is wrong with it, and not where that was found."""

    def _render_traceback_(self) -> list[str]:
        return _text(self.diagnostics).splitlines()


@dataclass
class Cells:
    """The cells of a notebook: what each that has a name was when it last ran."""

    texts: dict[str, str] = field(default_factory=dict)
    analyses: dict[str, Analysis] = field(default_factory=dict)

    def analysed(self, name: str, text: str) -> Analysis:
        """What there is to say of a cell, which may import others, and files beside the notebook.

        A name that no module can have is an error, as any other mistake.
        """
        from archdsl.editor.analysis import Analysis
        from archdsl.files import finder
        from archdsl.texts import open_any_text

        # The line of `%%arch` counts where lines of cells are numbered.
        modules = {each: other for each, other in self.texts.items() if each != name}
        opened = open_any_text(f"\n{text}", modules, f"{name}{SUFFIX}", finder(Path()))
        source, find, notes = opened
        analysis = Analysis(source, find, self.analyses.get(name), notes)
        self.analyses[name] = analysis
        if name != MAIN:
            self.texts[name] = source.text
        return analysis


def add_cells(shell: InteractiveShell) -> None:
    """Let cells begin with `%%arch`."""
    cells = Cells()

    def arch(line: str, cell: str) -> Network | None:
        """Check a spec, take its networks as variables, and show the last one.

        %%arch [NAME]

        Other cells import a cell with a name: `from NAME import block`.
        """
        return _run(shell, cells, line.strip() or MAIN, cell)

    register: Any = shell.register_magic_function
    register(arch, "cell", "arch")


def _run(shell: InteractiveShell, cells: Cells, name: str, text: str) -> Network | None:
    from IPython.core.error import UsageError

    from archdsl.diagnostics import has_errors

    if not name.isidentifier():
        raise UsageError(f"%%arch takes the name of a module, such as blocks, not {name!r}")
    analysis = cells.analysed(name, text)
    if has_errors(analysis.diagnostics):
        raise CellError(analysis.diagnostics)
    networks = dict(analysis.networks)
    told = _text(analysis.diagnostics) or ("" if networks else f"{name}: no errors\n")
    sys.stdout.write(told)
    shell.user_ns.update(networks)
    return next(reversed(networks.values()), None)


def _text(diagnostics: Iterable[Diagnostic]) -> str:
    from archdsl.render import as_text

    return as_text(diagnostics, color=True)

"""The texts that tools may read: below one folder, shipped with archdsl, or given as text."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archdsl.render import printable
from archdsl.texts import MAIN

if TYPE_CHECKING:
    from archdsl.diagnostics import Diagnostic
    from archdsl.source import Source
    from archdsl.specs import RequestedSpec
    from archdsl.syntax.program import Find


class Refused(ValueError):
    """Why something that was asked for is not done."""


@dataclass(frozen=True)
class Opened:
    """A spec: its text, what finds its imports, and which of its networks is asked for."""

    source: Source
    find: Find
    network: str | None
    diagnostics: list[Diagnostic]


@dataclass(frozen=True)
class Folder:
    """A folder that is worked in; nothing beside it is read."""

    root: Path

    def open(self, file: str | None, text: str | None) -> Opened:
        """A spec that is named as commands name one, or given as text.

        Raises `Refused` for what lies outside of the folder, and unless one of both is given.
        """
        from archdsl.files import finder
        from archdsl.texts import open_text

        if (file is None) == (text is None):
            raise Refused("give either `file` or `text`")
        if text is not None:
            return Opened(*open_text(text, {}, MAIN, finder(self.root)), None, [])
        spec = self._found(file or "")
        source, find, diagnostics = spec.open()
        return Opened(source, find, spec.network, diagnostics)

    def _found(self, file: str) -> RequestedSpec:
        from archdsl.specs import find_spec
        from archdsl.syntax.program import Refusal

        if Path(file).is_absolute() or ".." in Path(file).parts:
            raise Refused("name a file by its path from the folder on, without `..`")
        found = find_spec(file)
        if isinstance(found, Refusal):
            raise Refused(printable("; ".join(filter(None, [found.message, found.help]))))
        is_inside = found.path is not None and self._holds(found.path)
        if not is_inside and not found.is_shipped:
            raise Refused("this file is a link that leads out of the folder")
        return found

    def _holds(self, path: Path) -> bool:
        """Whether a path leads to something in the folder."""
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root))

"""Errors of a spec as a Python exception."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archdsl.diagnostics import Diagnostic


class SpecError(Exception):
    """A spec, or what was asked of it, is wrong; `diagnostics` say where and why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.diagnostics = tuple(diagnostics)

    def __str__(self) -> str:
        from archdsl.render import as_text

        return "\n" + as_text(self.diagnostics)


def raise_errors(diagnostics: Sequence[Diagnostic]) -> None:
    """Raise `SpecError` where there is more than notes."""
    from archdsl.diagnostics import has_errors

    if has_errors(diagnostics):
        raise SpecError(diagnostics)


def log_notes(diagnostics: Sequence[Diagnostic]) -> None:
    """Raise errors; notes go to the logger `archdsl`."""
    import logging

    from archdsl.render import as_text

    raise_errors(diagnostics)
    for each in diagnostics:
        logging.getLogger("archdsl").warning("%s", as_text([each]).rstrip())

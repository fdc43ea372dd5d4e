"""What `archdsl import` does: makes the model, gives it weights, and imports it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.importing.building import built, inputs_of
from archdsl.importing.files import FILES, import_file
from archdsl.importing.model import Imported, import_model
from archdsl.importing.refusal import Refusal
from archdsl.weights.load import load_weights


def run(
    target: str,
    given: Sequence[str],
    shapes: Sequence[str],
    weights: Path | None = None,
    folder: Path | None = None,
    is_partial: bool = False,
) -> tuple[Imported | None, list[Diagnostic]]:
    """The text of the model that a factory makes, or a file has, or why there is none.

    This runs the Python of the module that `target` names, or code in an exported program.
    """
    diagnostics: list[Diagnostic] = []
    try:
        if Path(target).suffix in FILES:
            _require_no(given, weights, folder)
            return import_file(Path(target), shapes), diagnostics
        found = built(target, given, folder)
        inputs = inputs_of(found.model, target, shapes)
        if weights is not None:
            diagnostics = load_weights(found.model, weights, found.name)
        if has_errors(diagnostics):
            return None, diagnostics
        names = found.name, " ".join([target, *given]), found.settings
        imported = import_model(found.model, inputs, *names, weights is not None, is_partial)
    except Refusal as refusal:
        return None, [*diagnostics, refusal.diagnostic(target)]
    return imported, diagnostics


def _require_no(given: Sequence[str], weights: Path | None, folder: Path | None) -> None:
    """Refuse what is said of a factory where a file is imported."""
    said = {"--args": bool(given), "--weights": weights is not None, "--path": folder is not None}
    for option, is_given in said.items():
        if is_given:
            raise Refusal("E0985", f"{option} is for models in Python; a file has its own weights")

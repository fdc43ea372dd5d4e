"""Diagnostics about a run of Graphviz."""

from __future__ import annotations

import re
import signal
from contextlib import suppress

from archdsl.diagnostics import Diagnostic, error, note
from archdsl.drawing.process import Outcome
from archdsl.source import whole_of

WARNING = re.compile(r"(?:Warning: |\([^)]*\): )(.+)")
"""A warning of Graphviz, or one of the library that sets its text, behind a program and number."""
LONGEST = 200
"""Maximum number of characters shown of a message of Graphviz, which may be of any length."""
PLACE = whole_of("Graphviz")
"""The place of diagnostics about a drawing, which have no span in a spec."""
LESS = "show less of the network at once; `-o NAME.dot` writes the graph itself, without a layout"


def failed(reason: str) -> Diagnostic:
    """The error for a failed drawing, with its reason."""
    return error("E0944", f"drawing failed: {reason}", PLACE, help=LESS)


def judge(outcome: Outcome, seconds: float) -> tuple[bytes, list[Diagnostic]]:
    """The picture if it is complete, with errors or warnings of Graphviz."""
    if outcome.code is None:
        message = f"the layout took longer than {seconds:g} s and was stopped"
        return b"", [error("E0943", message, PLACE, help=LESS)]
    lines = [line.strip()[:LONGEST] for line in outcome.said.splitlines() if line.strip()]
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    # Graphviz draws on after some errors, without what it could not do.
    if outcome.code or errors or not outcome.output:
        return b"", [failed([*errors, *_crash(outcome.code), *lines, "it gave no reason"][0])]
    return outcome.output, _warnings([match[1] for match in map(WARNING.match, lines) if match])


def _crash(code: int) -> list[str]:
    """The signal that ended a program, if one did."""
    with suppress(ValueError):
        return [f"Graphviz crashed ({signal.Signals(-code).name})"]
    return []


def _warnings(warnings: list[str]) -> list[Diagnostic]:
    if not warnings:
        return []
    more = f" (and {len(warnings) - 1} more like it)" if len(warnings) > 1 else ""
    message = f"Graphviz warns: {warnings[0]}{more}"
    return [note("N0941", message, PLACE)]

"""What `archdsl optimize` does with a network that is made: rewrites it, and writes the files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from archdsl.diagnostics import Diagnostic, error, has_errors
from archdsl.graph import Graph
from archdsl.importing.refusal import Refusal
from archdsl.rewriting import files
from archdsl.rewriting.inverting import inverted
from archdsl.rewriting.optimize import Optimized, optimized
from archdsl.rewriting.report import map_data
from archdsl.rewriting.table import Outcome
from archdsl.source import whole_of


@dataclass(frozen=True)
class Request:
    """What is asked for: the network by the name that it was called by, and what is to be written.

    Without `weights` the network has fresh ones, and none are written. Classes of others come from
    the packages `externs` alone.
    """

    origin: str
    only: tuple[str, ...] = ()
    training: bool = False
    weights: Path | None = None
    output: Path | None = None
    map: Path | None = None
    invert: bool = False
    force: bool = False
    externs: tuple[str, ...] = ()

    def refused(self) -> list[Diagnostic]:
        """Errors where a file cannot be written as it is asked for."""
        names = files.misnamed(self.output) if self.output else []
        return names or files.refused(self.files, self.force)

    @property
    def files(self) -> list[Path]:
        """The files that are written, if the network is rewritten."""
        if self.invert:
            return [self.output] if self.output else []
        found = [files.text_path(self.output)] if self.output else []
        found += [files.weights_path(self.output)] if self.output and self.weights else []
        return found + ([self.map] if self.map else [])


def run(
    request: Request, graph: Graph, module: nn.Module
) -> tuple[Optimized | Outcome | None, list[Diagnostic]]:
    """Rewrite a network, and write what is asked for; nothing is written where there is an error.

    An `Outcome` alone where no rewrite applies: nothing is written then either.
    """
    try:
        made = optimized(
            graph, module, request.origin, request.only, request.training, request.externs
        )
    except Refusal as refusal:
        return None, [refusal.diagnostic(request.origin)]
    if isinstance(made, Outcome):
        return made, []
    contents = _contents(request, made)
    diagnostics: list[Diagnostic] = []
    if request.output is not None:
        diagnostics = files.save(request.output, made.text, made.code, request.origin, contents)
    elif request.map is not None:
        diagnostics = files.save_all(contents)
    return (None if has_errors(diagnostics) else made), diagnostics


def _contents(request: Request, made: Optimized) -> Mapping[Path, bytes]:
    """The files beside the text."""
    found: dict[Path, bytes] = {}
    if request.map is not None:
        data = map_data(made.outcome, made.inverse, made.no_inverse)
        found[request.map] = (json.dumps({"version": 1, **data}, indent=2) + "\n").encode()
    if request.output is not None and request.weights is not None:
        told = files.about(request.weights)
        found[files.weights_path(request.output)] = files.packed(made.weights, told)
    return found


def run_inverted(request: Request, graph: Graph, module: nn.Module) -> list[Diagnostic]:
    """Write the weights of a network, computed from those of the rewritten one."""
    assert request.weights is not None
    assert request.output is not None
    if request.output.suffix != files.WEIGHTS:
        message = f"`{request.output.name}` does not end in {files.WEIGHTS}"
        return [error("E0927", message, whole_of(request.output.name))]
    try:
        weights, diagnostics = inverted(
            graph, module, request.weights, request.only, request.training, request.externs
        )
    except Refusal as refusal:
        return [refusal.diagnostic(request.origin)]
    if has_errors(diagnostics):
        return diagnostics
    content = files.packed(weights, files.about(request.weights))
    return [*diagnostics, *files.save_all({request.output: content})]

"""What is timed: networks of specs, and those of torchvision."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from archdsl.diagnostics import Diagnostic, Severity, suggestion
from archdsl.source import Source, Span

PREFIX = "torchvision:"
"""What the name of a network of torchvision begins with."""


@dataclass(frozen=True)
class Subject:
    """A network with the shapes of its inputs, without the batch."""

    name: str
    module: nn.Module
    inputs: Mapping[str, tuple[int, ...]]

    @property
    def params(self) -> int:
        """Trainable numbers, heads that exist only in training included."""
        return sum(weight.numel() for weight in self.module.parameters() if weight.requires_grad)


def from_torchvision(
    name: str, inputs: Mapping[str, tuple[int, ...]]
) -> tuple[Subject | None, list[Diagnostic]]:
    """A network of torchvision; a note where there is no torchvision."""
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as error:
        # It raises a RuntimeError where it was built for another PyTorch.
        message = f"torchvision cannot be imported, so nothing is compared with it: {error}"
        return None, [_diagnostic(name, "N0971", message, "", Severity.NOTE)]
    known = models.list_models()
    if name not in known:
        message = f"torchvision has no network `{name}`"
        help = suggestion(name, known)
        return None, [_diagnostic(name, "E0975", message, help, Severity.ERROR)]
    with warnings.catch_warnings():
        # Some say that how they start will change.
        warnings.simplefilter("ignore")
        return Subject(PREFIX + name, models.get_model(name, weights=None), inputs), []


def _diagnostic(name: str, code: str, message: str, help: str, severity: Severity) -> Diagnostic:
    place = Span(Source(PREFIX + name, ""), 0, 0)
    return Diagnostic(code, message, place, help=help, severity=severity)

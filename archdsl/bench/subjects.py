"""What is timed: networks of specs, and those of torchvision."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from archdsl.diagnostics import Diagnostic, error, note, suggestion
from archdsl.source import whole_of

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
    span = whole_of(PREFIX + name)
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as broken:
        # It raises a RuntimeError where it was built for another PyTorch.
        message = f"torchvision cannot be imported, so nothing is compared with it: {broken}"
        return None, [note("N0971", message, span)]
    known = models.list_models()
    if name not in known:
        message = f"torchvision has no network `{name}`"
        return None, [error("E0975", message, span, help=suggestion(name, known))]
    with warnings.catch_warnings():
        # Some say that how they start will change.
        warnings.simplefilter("ignore")
        return Subject(PREFIX + name, models.get_model(name, weights=None), inputs), []

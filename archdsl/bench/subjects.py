"""The networks to time: of specs, and of torchvision."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from archdsl.diagnostics import Diagnostic, error, note, suggestion
from archdsl.examples import Sized
from archdsl.graph import Graph
from archdsl.source import whole_of

PREFIX = "torchvision:"
"""The prefix of the names of torchvision's networks."""


@dataclass(frozen=True)
class Subject:
    """A network with the types of its inputs, without the batch.

    `are_last` says of its outputs, in order, whether their channels are behind the positions; of
    more than these they are not.
    """

    name: str
    module: nn.Module
    inputs: Mapping[str, Sized]
    are_last: Sequence[bool] = ()
    graph: Graph | None = None
    """The network as the analysis knows it; None for a network of torchvision."""

    @property
    def params(self) -> int:
        """Trainable numbers, including heads that exist only in training."""
        return sum(weight.numel() for weight in self.module.parameters() if weight.requires_grad)


def from_torchvision(
    name: str, inputs: Mapping[str, Sized]
) -> tuple[Subject | None, list[Diagnostic]]:
    """A network of torchvision; a note if torchvision is not installed."""
    span = whole_of(PREFIX + name)
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as broken:
        # A torchvision built for another PyTorch raises a RuntimeError.
        message = f"torchvision cannot be imported, so the network is timed alone: {broken}"
        return None, [note("N0971", message, span)]
    known = models.list_models()
    if name not in known:
        message = f"torchvision has no network `{name}`"
        return None, [error("E0975", message, span, help=suggestion(name, known))]
    with warnings.catch_warnings():
        # Some networks warn that their initialisation will change.
        warnings.simplefilter("ignore")
        return Subject(PREFIX + name, models.get_model(name, weights=None), inputs), []

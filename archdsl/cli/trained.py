"""A network with weights that were trained, and how its images are prepared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archdsl.cli.fitted import fitted
from archdsl.cli.weights import Checkpoint
from archdsl.diagnostics import Diagnostic, error, has_errors, note
from archdsl.source import whole_of

if TYPE_CHECKING:
    from archdsl.runtime import Module
    from archdsl.training.preparation import Preparation


@dataclass(frozen=True)
class Trained:
    """A network that has learned; `is_named`: the weights say what its classes are called."""

    name: str
    module: Module
    shape: tuple[int, int, int]
    preparation: Preparation
    is_named: bool


def trained(
    file: str,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    checkpoint: Checkpoint,
    channels: tuple[int, ...] = (1, 3),
) -> tuple[Trained | None, list[Diagnostic]]:
    """The module of `FILE:NETWORK` with its weights; None, with the reason, if there is none.

    `channels` are those that images can have; empty for any number.
    """
    from archdsl.runtime import reproducible
    from archdsl.training.fitting import check_channels, has_distances, input_shape
    from archdsl.training.preparation import assumed, stored

    assert checkpoint.path is not None
    found = stored(checkpoint.path)
    graph, text, diagnostics = fitted(file, sizes, values, len(found.classes) if found else None)
    if graph is None:
        return None, diagnostics
    shape = input_shape(graph)
    check_channels(graph, shape, channels)
    module = reproducible(text, graph.name)
    diagnostics = checkpoint.load(module, graph)
    if has_errors(diagnostics):
        return None, diagnostics
    result = graph.shape(graph.outputs["output"])
    scores = result.channels
    if result.rank != 1 or not isinstance(scores, int):
        message = "the network does not give one score for every class"
        return None, [error("E0963", message, whole_of(graph.name))]
    if found is None:
        found, is_named = assumed(shape, scores, has_distances(graph)), False
        message = "the weights do not say how images were prepared: those of ImageNet's are assumed"
        span = whole_of(checkpoint.path.name)
        help = "weights of `archdsl train` say it"
        diagnostics = [*diagnostics, note("N0962", message, span, help=help)]
    else:
        is_named = True
    if len(found.classes) != scores:
        message = f"the weights name {len(found.classes)} classes, and the network has {scores}"
        return None, [error("E0963", message, whole_of(graph.name))]
    return Trained(graph.name, module, shape, found, is_named), diagnostics

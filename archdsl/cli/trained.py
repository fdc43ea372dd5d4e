"""A network with weights that were trained, and how its images are prepared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from archdsl.cli.fitted import fitted
from archdsl.cli.modules import missing
from archdsl.cli.weights import Checkpoint
from archdsl.diagnostics import Diagnostic, has_errors

if TYPE_CHECKING:
    from archdsl.graph import Graph
    from archdsl.runtime import Module
    from archdsl.training.preparation import Preparation

T = TypeVar("T")


@dataclass(frozen=True)
class Trained:
    """A network that has learned; `is_named`: the weights say what its classes are called."""

    graph: Graph
    module: Module
    shape: tuple[int, int, int]
    preparation: Preparation
    is_named: bool

    @property
    def name(self) -> str:
        """What the spec calls it."""
        return self.graph.name


def trained(
    file: str,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    checkpoint: Checkpoint,
    channels: tuple[int, ...] = (1, 3),
    externs: tuple[str, ...] = (),
    is_classifier: bool = True,
) -> tuple[Trained | None, list[Diagnostic]]:
    """The module of `FILE:NETWORK` with its weights; None, with the reason, if there is none.

    `channels` are those that images can have; empty for any number. Classes of others come from the
    packages `externs` alone. Unless `is_classifier`, results may be maps, one for each class.
    """
    from archdsl.externs.signatures import made
    from archdsl.runtime import reproducible
    from archdsl.training.fitting import check_channels, input_shape
    from archdsl.training.preparation import stored
    from archdsl.training.prepared import prepared

    assert checkpoint.path is not None
    told = stored(checkpoint.path)
    classes = len(told.classes) if told else None
    graph, text, diagnostics = fitted(file, sizes, values, classes, externs)
    if graph is None:
        return None, diagnostics
    shape = input_shape(graph)
    check_channels(graph, shape, channels)
    module, diagnostics = made(partial(reproducible, text, graph.name, externs), graph)
    diagnostics = diagnostics if module is None else checkpoint.load(module, graph)
    if module is None or has_errors(diagnostics):
        return None, diagnostics
    preparation, notes = prepared(told, graph, shape, checkpoint.path.name, is_classifier)
    return Trained(graph, module, shape, preparation, told is not None), diagnostics + notes


def attempted(run: Callable[[], tuple[T, list[Diagnostic]]]) -> tuple[T | None, list[Diagnostic]]:
    """What `run` gives; None, with the reason, where packages are missing or it cannot."""
    diagnostics = missing("train", "torch", "safetensors")
    if diagnostics:
        return None, diagnostics
    from archdsl.training.faults import TrainingError

    try:
        return run()
    except TrainingError as error:
        return None, [error.diagnostic]

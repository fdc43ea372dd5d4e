"""The files of a run, each complete at every moment, even after a crash."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from archdsl import integrity
from archdsl.diagnostics import error, first_line
from archdsl.integrity import CHECKSUM, METADATA, checksum_of
from archdsl.source import whole_of
from archdsl.training.engine import World
from archdsl.training.faults import TrainingError, reason
from archdsl.training.learner import Learner

LAST, BEST, FINISHED = "last.pt", "best.safetensors", "weights.safetensors"


@dataclass
class Position:
    """Progress of a run: `step` steps of the epoch are done; sums are since the epoch began."""

    epoch: int = 0
    step: int = 0
    best: float = -1.0
    """The best validation accuracy so far, from 0 to 1."""
    best_loss: float = math.inf
    """The validation loss there: of equal accuracies, the lower loss is better."""
    loss: float = 0.0
    right: float = 0.0
    images: float = 0.0


def write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file as a whole, or raise the error for one that cannot be written."""
    try:
        integrity.write(path, fill)
    except (OSError, RuntimeError) as error:
        # PyTorch reports a full disk as a RuntimeError.
        raise unwritable(path.name, error) from error


def unwritable(name: str, refused: Exception) -> TrainingError:
    """The error for a file that cannot be written; it says which files are intact."""
    while not isinstance(refused, OSError) and isinstance(
        refused.__cause__ or refused.__context__, Exception
    ):
        refused = refused.__cause__ or refused.__context__  # type: ignore[assignment]
    message = f"`{name}` cannot be written: {reason(refused)}"
    help = "free some space, then continue with --resume: earlier saves are intact"
    return TrainingError(error("E0965", message, whole_of(name), help=help))


def save(folder: Path, learner: Learner, saved: Mapping[str, Any], world: World) -> None:
    """Write the state that the rest of the run depends on, with what else is `saved` of the run."""
    from torch.distributed.checkpoint.state_dict import get_state_dict

    world.agree(learner.module)
    weights, optimizer = get_state_dict(learner.module, learner.optimizer, options=_whole())
    content = {**saved, "weights": weights, "optimizer": optimizer}
    if learner.average is not None:
        content["average"] = _finished(learner)
    if world.is_first:
        write(folder / LAST, lambda file: torch.save(content, file))


def save_weights(path: Path, learner: Learner, world: World, about: Mapping[str, Any]) -> None:
    """Write the trained network (averaged, if it is) for `archdsl.load(..., weights=...)`.

    Its metadata are `about`, and the checksum.
    """
    from safetensors.torch import save as packed

    weights = _finished(learner)
    if world.is_first:
        # safetensors only stores contiguous tensors.
        weights = {key: value.contiguous() for key, value in weights.items()}
        told = {**about, CHECKSUM: checksum_of(packed(weights))}
        content = packed(weights, {METADATA: json.dumps(told)})
        write(path, lambda file: file.write(content))


def _finished(learner: Learner) -> dict[str, Tensor]:
    from torch.distributed.checkpoint.state_dict import get_model_state_dict

    with learner.finished() as module:
        found = get_model_state_dict(module, options=_whole())
        return {key: value.clone() for key, value in found.items() if isinstance(value, Tensor)}


def restore(content: Mapping[str, Any], learner: Learner) -> Position:
    """Load a saved state, which has been checked. The number of processes may differ."""
    from torch.distributed.checkpoint.state_dict import set_model_state_dict, set_state_dict

    module = learner.module
    try:
        if learner.average is not None:
            set_model_state_dict(module, content["average"], options=_whole())
            learner.average.read(module)
        set_state_dict(
            module,
            learner.optimizer,
            model_state_dict=content["weights"],
            optim_state_dict=content["optimizer"],
            options=_whole(),
        )
    except (RuntimeError, KeyError, ValueError, TypeError) as error:
        raise foreign(f"`{LAST}` does not fit: {first_line(error)}") from error
    return Position(**content["at"])


def _whole() -> Any:
    """Options to collect and distribute full weights, however they are sharded."""
    from torch.distributed.checkpoint.state_dict import StateDictOptions

    return StateDictOptions(full_state_dict=True, cpu_offload=True)


def foreign(why: str) -> TrainingError:
    """The error for a run that cannot be resumed."""
    help = "use the options and data that the run began with; --force starts anew, -o elsewhere"
    message = f"the run in this folder cannot be resumed: {why}"
    return TrainingError(error("E0967", message, whole_of(LAST), help=help))

"""The files of a run, each complete at every moment, even after a crash."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor, nn

from archdsl.diagnostics import error
from archdsl.source import whole_of
from archdsl.training.engine import World
from archdsl.training.faults import TrainingError, reason
from archdsl.training.learner import Learner
from archdsl.training.recipe import Recipe

VERSION = 1
LAST, BEST, FINISHED = "last.pt", "best.safetensors", "weights.safetensors"


@dataclass
class Position:
    """Progress of a run: `step` steps of the epoch are done; sums are since the epoch began."""

    epoch: int = 0
    step: int = 0
    best: float = -1.0
    """The best validation accuracy so far, from 0 to 1."""
    loss: float = 0.0
    right: float = 0.0
    images: float = 0.0


def write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a new file, then rename it over the old one: one of the two is always complete."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _settle(path.parent)
    # PyTorch reports a full disk as a RuntimeError.
    except (OSError, RuntimeError) as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
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


def _settle(folder: Path) -> None:
    """Flush a folder to disk, if the system can, so that a rename survives a crash."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def save(folder: Path, learner: Learner, recipe: Recipe, at: Position, world: World) -> None:
    """Write the state that the rest of the run depends on."""
    from torch.distributed.checkpoint.state_dict import get_state_dict

    world.agree(learner.module)
    weights, optimizer = get_state_dict(learner.module, learner.optimizer, options=_whole())
    content: dict[str, Any] = {"version": VERSION, "recipe": asdict(recipe), "at": asdict(at)}
    content |= {"weights": weights, "optimizer": optimizer}
    if learner.average is not None:
        content["average"] = _finished(learner)
    if world.is_first:
        write(folder / LAST, lambda file: torch.save(content, file))


def save_weights(path: Path, learner: Learner, world: World) -> None:
    """Write the trained network (averaged, if it is) for `archdsl.load(..., weights=...)`."""
    from safetensors.torch import save as packed

    weights = _finished(learner)
    if world.is_first:
        # safetensors only stores contiguous tensors.
        content = packed({key: value.contiguous() for key, value in weights.items()})
        write(path, lambda file: file.write(content))


def _finished(learner: Learner) -> dict[str, Tensor]:
    from torch.distributed.checkpoint.state_dict import get_model_state_dict

    with learner.finished() as module:
        found = get_model_state_dict(module, options=_whole())
        return {key: value.clone() for key, value in found.items() if isinstance(value, Tensor)}


def restore(folder: Path, learner: Learner, recipe: Recipe, world: World) -> Position | None:
    """Load the saved state; None if there is none. The number of processes may differ."""
    content = world.told(_read(folder / LAST) if world.is_first else None)
    if not isinstance(content, dict):
        return None
    _compare(content["recipe"], asdict(recipe))
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
    except (RuntimeError, KeyError, ValueError) as error:
        raise _foreign("it belongs to another network") from error
    return Position(**content["at"])


def _whole() -> Any:
    """Options to collect and distribute full weights, however they are sharded."""
    from torch.distributed.checkpoint.state_dict import StateDictOptions

    return StateDictOptions(full_state_dict=True, cpu_offload=True)


def _read(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        is_ours = content["version"] == VERSION and {"recipe", "at", "weights"} <= content.keys()
    except Exception as error:
        # `torch.load` raises many types of errors on broken files.
        raise _foreign("it is damaged") from error
    if not is_ours:
        raise _foreign("it was written by another version")
    return content


def _compare(before: dict[str, Any], now: dict[str, Any]) -> None:
    changed = [name for name in now if before.get(name) != now[name]]
    if changed:
        name = changed[0]
        found, wanted = before.get(name), now[name]
        raise _foreign(f"its run has {name} = {found}, this one has {wanted}")


def _foreign(why: str) -> TrainingError:
    help = "use the options that the run began with, or start in another folder (-o)"
    message = f"cannot resume from `{LAST}`: {why}"
    return TrainingError(error("E0967", message, whole_of(LAST), help=help))


def parameters(module: nn.Module) -> int:
    """The number of trainable numbers."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)

"""The content of `last.pt`, checked before anything of it is used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from archdsl.integrity import is_intact_archive
from archdsl.training.checkpoint import LAST, Position, foreign
from archdsl.training.identity import RunIdentity, differences, unpacked
from archdsl.training.learner import Learner

VERSION = 2
KEYS = {"version", "at", "identity", "weights", "optimizer"}


def read(path: Path) -> dict[str, Any] | None:
    """What a run has saved, if it has; raises `TrainingError` where the schema is another."""
    if not path.exists():
        return None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as fault:
        # `torch.load` raises many types of errors on broken files.
        raise foreign(f"`{LAST}` is damaged, or another program wrote it") from fault
    if not is_intact_archive(path):
        raise foreign(f"`{LAST}` is damaged: its checksums differ")
    if not isinstance(content, dict) or not isinstance(content.get("version"), int):
        raise foreign(f"`{LAST}` is not a checkpoint of a run")
    if content["version"] != VERSION:
        raise foreign(f"another version of archdsl wrote `{LAST}`")
    try:
        _check(content)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise foreign(f"`{LAST}` has another schema: {fault}") from fault
    return content


def compare(content: Mapping[str, Any], now: RunIdentity, learner: Learner, per_epoch: int) -> None:
    """Raise an error that names what differs between the saved run and this one."""
    found = differences(content["identity"], now)
    if found:
        raise foreign("; ".join(found))
    at, epochs = content["at"], content["identity"]["recipe"]["epochs"]
    if (at["epoch"], at["step"]) > (epochs, 0) or at["step"] > per_epoch:
        raise foreign(f"the position in `{LAST}` is beyond its end")
    wanted = learner.module.state_dict()
    for part in ("weights", *(["average"] if learner.average is not None else [])):
        if not _fits(content.get(part, {}), wanted):
            raise foreign(f"the weights in `{LAST}` are those of another network")
    states = content["optimizer"]["state"]
    sizes = {name: parameter.shape for name, parameter in learner.module.named_parameters()}
    for name, state in states.items():
        if name not in sizes or any(
            isinstance(value, Tensor) and value.shape not in ((), sizes[name])
            for value in state.values()
        ):
            raise foreign(f"the state of the optimizer in `{LAST}` does not fit `{name}`")


def _check(content: Mapping[str, Any]) -> None:
    missing = KEYS - content.keys()
    if missing:
        raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    _check_position(content["at"])
    identity = content["identity"]
    for name in ("network", "preset"):
        _must(isinstance(identity[name], str), name)
    for name in ("layers", "classes"):
        _must(all(isinstance(each, str) for each in identity[name]), name)
    _must(isinstance(identity["recipe"], dict), "recipe")
    _must(isinstance(identity["recipe"]["augmentation"], dict), "recipe")
    _must(isinstance(identity["images"], Tensor), "images")
    unpacked(identity["images"])
    for part in ("weights", "average"):
        tensors = content.get(part, {})
        _must(all(isinstance(value, Tensor) for value in tensors.values()), part)
    _must(isinstance(content["optimizer"]["param_groups"], list), "optimizer")
    _must(all(isinstance(s, dict) for s in content["optimizer"]["state"].values()), "optimizer")


def _check_position(at: Mapping[str, Any]) -> None:
    _must(at.keys() == {field.name for field in fields(Position)}, "at")
    for name, default in asdict(Position()).items():
        value = at[name]
        is_number = type(value) is int or (type(value) is float and type(default) is float)
        _must(is_number and not math.isnan(value), name)
        _must(value >= 0 or name == "best", name)


def _must(is_so: bool, name: str) -> None:
    if not is_so:
        raise ValueError(f"`{name}` is not what it should be")


def _fits(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> bool:
    return found.keys() == wanted.keys() and all(
        found[key].shape == value.shape and found[key].dtype == value.dtype
        for key, value in wanted.items()
    )

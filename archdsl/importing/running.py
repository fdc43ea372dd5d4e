"""Runs a model under observation: in training and in evaluation, on two samples and on three.

The run on two in training is what the text is made of. What runs on two and on three are told of
sizes differs in what changes with the batch (`samples.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

from archdsl.importing import carried, steadiness
from archdsl.importing.building import Settings
from archdsl.importing.copies import copied
from archdsl.importing.nested import tensors_in
from archdsl.importing.recording import Recorder
from archdsl.importing.samples import OTHER_BATCH, observed_lengths
from archdsl.importing.trace import Frame

IsLeaf = Callable[[nn.Module], bool]


def recorded(
    root: nn.Module,
    is_leaf: IsLeaf,
    inputs: Sequence[Any],
    settings: Settings = MappingProxyType({}),
    is_partial: bool = False,
) -> Frame:
    """The frame of a run of a model in training, with those of its modules in it.

    `settings` are what the constructors of its modules were given. Where it `is_partial`, a module
    that cannot be recorded is a leaf.

    Raises `Refusal`, and whatever the model's own `forward` raises.
    """
    found = _observed(root, is_leaf, inputs, settings, is_partial)
    # What it does in evaluation alone the proof sees, but not what that depends on.
    watched = copied(root).eval()
    later = _as_in_training(found, watched, is_leaf, inputs)
    if later is None:
        later = _observed(watched, is_leaf, inputs, settings, is_partial)
    for path, refusal in later.left_out.items():
        if not any(f"{path}.".startswith(f"{each}.") for each in found.left_out):
            raise refusal
    return found.root_frame


def _observed(
    root: nn.Module,
    is_leaf: IsLeaf,
    inputs: Sequence[Any],
    settings: Settings,
    is_partial: bool,
) -> Recorder:
    """The recorder of a run, which has refused nothing that the model caught."""
    recorder = Recorder(root, is_leaf, settings, is_partial)
    recorder.sizes.others = _sizes_of_others(root, is_leaf, inputs, is_partial)
    _run(recorder, [each.clone() for each in inputs])
    if recorder.refused is not None:
        raise recorder.refused
    return recorder


def _as_in_training(
    found: Recorder, root: nn.Module, is_leaf: IsLeaf, inputs: Sequence[Any]
) -> Recorder | None:
    """The recorder of a run that asks for the same sizes as one in training; None for another.

    Such a run needs none on other samples.
    """
    recorder = Recorder(root, is_leaf, MappingProxyType({}), found.is_partial)
    recorder.sizes.others = found.sizes.others
    try:
        _run(recorder, [each.clone() for each in inputs])
    except Exception:
        return None
    is_alike = recorder.refused is None and recorder.sizes.seen == found.sizes.seen
    return recorder if is_alike else None


def _sizes_of_others(
    root: nn.Module, is_leaf: IsLeaf, inputs: Sequence[Any], is_partial: bool
) -> Sequence[tuple[int, ...]] | None:
    """The sizes that a run on other samples is told; none where it fails.

    The run that counts refuses what this one would, and the proof has such a batch too.
    """
    more = [_of_other_samples(each) for each in inputs]
    # What a model remembers of this run is not to be in the other one.
    recorder = Recorder(copied(root), is_leaf, MappingProxyType({}), is_partial)
    try:
        _run(recorder, more)
    except Exception:
        return None
    return recorder.sizes.seen


def _of_other_samples(each: Any) -> Any:
    if not isinstance(each, Tensor):
        return each
    places = torch.arange(OTHER_BATCH, device=each.device) % each.shape[0]
    return each[places]


def _run(recorder: Recorder, inputs: Sequence[Any]) -> None:
    recorder.inputs = [(each, each._version) for each in tensors_in(inputs)]
    root, call = recorder.root, nn.Module.__call__

    def observed(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        return recorder.called(module, args, kwargs, call)

    with (
        carried.observed(root, recorder.whole),
        mock.patch.object(nn.Module, "__call__", observed),
        observed_lengths(carried.scopes_of(root)),
        steadiness.observed_autocast(recorder.refuse_autocast),
        recorder,
    ):
        root(*inputs)

"""The bytes that PyTorch saves for the backward pass, as seen by its hooks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def seen_by_hooks(module: nn.Module, *inputs: Tensor) -> tuple[Any, int]:
    """The result of a call, and the bytes it saves: each storage once, without weights and buffers.

    Storages are identified by their objects, because they have no address on the meta device.
    """
    state = [*module.parameters(), *module.buffers()]
    owned = {tensor.untyped_storage()._cdata for tensor in state}
    storages: dict[int, Any] = {}

    def pack(tensor: Tensor) -> Tensor:
        # Held until all are counted, so that no other storage takes its place.
        storages[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = module(*inputs)
    return result, sum(storage.nbytes() for key, storage in storages.items() if key not in owned)

"""The bytes that PyTorch saves for the backward pass, as seen by its hooks."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from archdsl.bench.memory import saved_bytes


def seen_by_hooks(module: nn.Module, *inputs: Tensor) -> tuple[Any, int]:
    """The result of a call, and the bytes it saves, without weights and buffers."""
    results: list[Any] = []
    found = saved_bytes(module, lambda: results.append(module(*inputs)))
    return results[0], found

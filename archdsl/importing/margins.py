"""Margins of minus infinity before a pooling: they are what the pooling itself pads with."""

from __future__ import annotations

import math

import torch
from torch import nn

from archdsl.importing.arranging import Held, held

POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)


def without_margin(module: nn.Module, tensor: Held, batch: int) -> tuple[nn.Module, Held]:
    """A pooling with the margin that a tensor was given for it, and the tensor without."""
    step = tensor.port.step
    is_pooled = isinstance(module, POOLS) and tensor.is_plain and step.op is not None
    if not is_pooled or step.op.name != "pad" or step.op.value != -math.inf:  # type: ignore[union-attr]
        return module, tensor
    axes = len(tensor.port.type.positions)
    amount = step.op.amount  # type: ignore[union-attr]
    amounts = amount if isinstance(amount, tuple) else (amount,) * (2 * axes)
    pairs = [*zip(amounts[::2], amounts[1::2], strict=True)]
    made = _padding(module, pairs)
    return (module, tensor) if made is None else (made, held(step.inputs[0], batch))


def _padding(module: nn.Module, pairs: list[tuple[int, int]]) -> nn.Module | None:
    """A pooling that pads by itself; None where none does."""
    padding = module.padding
    if any(padding) if isinstance(padding, tuple) else padding:
        return None
    is_even = all(before == behind for before, behind in pairs)
    if not is_even and any(before for before, _ in pairs):
        return None
    pads = tuple([before for before, _ in pairs])
    with torch.device("meta"):
        # A last window that is only partly filled reads what a margin behind would add.
        settings = (module.dilation, False, module.ceil_mode or not is_even)
        made: nn.Module = type(module)(module.kernel_size, module.stride, pads, *settings)
        return made

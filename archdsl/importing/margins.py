"""Margins of minus infinity before a pooling: they are what the pooling itself pads with."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from archdsl.importing.arranging import Held, held
from archdsl.importing.refusal import Refusal
from archdsl.importing.steps import Scope

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
    sizes = [size for size in tensor.port.type.positions if isinstance(size, int)]
    made = _padding(module, pairs, sizes)
    return (module, tensor) if made is None else (made, held(step.inputs[0], batch))


def _padding(
    module: nn.Module, pairs: list[tuple[int, int]], sizes: Sequence[int]
) -> nn.Module | None:
    """A pooling that pads by itself to the same windows; None where none does.

    Windows begin at the same places if the margins before are equal, and are as many if the sizes
    that they give are; what a window reads behind the last number is no number to either.
    """
    padding = module.padding
    if any(padding) if isinstance(padding, tuple) else padding:
        return None
    if len(sizes) != len(pairs):
        return None
    inner = [size - sum(pair) for size, pair in zip(sizes, pairs, strict=True)]
    wanted = _results(module, sizes)
    pads = tuple([before for before, _ in pairs])
    for ceil_mode in (False, True):
        settings = (module.dilation, module.return_indices, ceil_mode)
        made: nn.Module = type(module)(module.kernel_size, module.stride, pads, *settings)
        if wanted is not None and _results(made, inner) == wanted:
            return made
    return None


def _results(module: nn.Module, sizes: Sequence[int]) -> Sequence[int] | None:
    """How many windows a pooling has along each axis; None for what it refuses."""
    try:
        found = module(torch.empty(1, 1, *sizes, device="meta"))
    except RuntimeError:
        return None
    tensor: torch.Tensor = found[0] if isinstance(found, tuple) else found
    return tensor.shape[2:]


def require_finite(scope: Scope) -> None:
    """Refuse (E0987) a margin of infinite numbers that no pooling takes, as no text can say it."""
    for step in scope.steps:
        value = getattr(step.op, "value", 0.0)
        if isinstance(value, float) and not math.isfinite(value):
            message = f"`{scope.path or 'the model'}` pads with {value}, which no op does"
            raise Refusal("E0987", message, line=step.line)

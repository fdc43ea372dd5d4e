"""Layers that work on the features of every position alone, wherever the samples are.

Attention of PyTorch has its samples behind its positions, `[n, batch, d]`, or among them. A linear
layer does not mind, so it is applied to `[batch, n; d]`, and what it gives is put in that order.
Batch normalisation takes samples and positions for the same, and so is applied to `[d, n]`.
"""

from __future__ import annotations

from torch import nn

from archdsl.importing.arranging import Factor, Held

ON_FEATURES = (nn.Linear, nn.LayerNorm, nn.RMSNorm)


def samples_first(tensor: Held) -> Held | None:
    """A tensor as `[batch, n, d]`; None where it has no positions, or lacks samples."""
    samples, before = tensor.base[0], _before(tensor)
    positions = [factor for factor in before if factor not in samples]
    if len(positions) + len(samples) != len(before) or not positions:
        return None
    return Held(tensor.port, tensor.base, (samples, tuple(positions), tensor.sizes[-1]))


def in_order(found: Held, tensor: Held) -> Held:
    """A result `[batch, n, d]` with its sizes where those of the tensor that came in are."""
    samples, before = tensor.base[0], _before(tensor)
    positions = [factor for factor in before if factor not in samples]
    features = found.shape[-1]
    apart = found.reshaped((found.shape[0], *[each.size for each in positions], features))
    places = [0 if each in samples else 1 + positions.index(each) for each in before]
    order = [*places, len(positions) + 1] if samples else [0, *places, len(positions) + 1]
    return apart.permuted(order).reshaped((*tensor.shape[:-1], features))


def channels_first(module: nn.Module, tensor: Held) -> Held | None:
    """A tensor `[batch * n, d]` as `[batch, d, n]`, for batch normalisation; None for any other."""
    flat = tensor.unmixed()
    if not isinstance(module, nn.BatchNorm1d) or len(tensor.sizes) != 2 or len(flat.sizes) != 3:
        return None
    return flat.permuted([0, 2, 1])


def _before(tensor: Held) -> list[Factor]:
    """The factors of all sizes but the last."""
    return [factor for size in tensor.sizes[:-1] for factor in size]
